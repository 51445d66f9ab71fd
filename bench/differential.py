"""Do live matching, SQLite and PostgreSQL find the same in an archive of real feeds and pages?

    .venv/bin/python bench/differential.py FOLDER [--most 2000]

FOLDER holds feeds and pages as they were served, and JSON lines with ``title`` and ``text``, each plain or gzipped. All
are read and analysed by the product and stored in a new database of each kind. The list of queries is that of
``archive.py`` with the archive's own words, and the words of every script joined by every operator of places.
A query on which they differ is printed with the documents on which they do; then the exit code is 1.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import sys
import tempfile
import zlib
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))  # for the values that tests store

from archive import Words, databases, queries
from sqlalchemy import Connection

from monitor.core.material import Material
from monitor.core.query import Doc, Query, QueryIndex, parse
from monitor.core.text import is_spaceless, tokenise
from monitor.errors import QueryError
from monitor.model import Analysis, FeedRejected, ParsedFeed
from monitor.sandboxed import Loose, TopicSources, analyse, analyse_any, parse_feed, vocabulary
from monitor.storage import search
from monitor.storage.engine import Database
from tests.storage.material import NOW, add_feed, ingest, new_entry, poll

TOPICS = TopicSources()
PAGE = 500
SHOWN = 3


# --- reading an archive ----------------------------------------------------------------------------


def documents(folder: Path) -> Iterator[Analysis]:
    """What the product reads from the files below ``folder``, one document of each folder in turn."""
    by_folder: dict[Path, list[Path]] = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            by_folder.setdefault(file.parent, []).append(file)
    turns = deque(itertools.chain.from_iterable(map(read, files)) for files in by_folder.values())
    while turns:
        if (found := next(turns[0], None)) is None:
            turns.popleft()
        else:
            yield found
            turns.rotate(-1)


def read(file: Path) -> Iterator[Analysis]:
    body = file.read_bytes()
    if body.startswith(b"\x1f\x8b"):
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error) as error:
            print(f"not read: {file}: {error}", file=sys.stderr)
            return
    address = f"https://archive.example/{file.parent.name}/{file.name}"
    kind = Path(file.name.removesuffix(".gz")).suffix
    if kind == ".jsonl":
        lines = [json.loads(line) for line in body.decode().splitlines()]
        said = [line for line in lines if isinstance(line.get("text"), str) and isinstance(line.get("title"), str)]
        for number, line in enumerate(said):
            loose = Loose(text=line["text"], title=line["title"], url=f"{address}/{number}", published=NOW)
            yield analyse_any(loose, TOPICS)
    elif kind in {".html", ".htm"}:
        yield analyse_any(Loose(page=body, url=address), TOPICS)
    elif kind in {".xml", ".rss", ".atom", ".rdf", ".json"}:
        try:
            feed = parse_feed(body, address, None)
        except (ValueError, RecursionError) as error:
            print(f"not read: {file}: {error}", file=sys.stderr)
            return
        if isinstance(feed, ParsedFeed):
            for entry in feed.entries:
                yield analyse(Material(entry=entry, url=entry.url or address, published=entry.published), TOPICS)
        else:
            assert isinstance(feed, FeedRejected)


# --- asking it -------------------------------------------------------------------------------------


def words_of(found: list[Analysis], chance: random.Random) -> tuple[Words, list[str]]:
    """Words for the bench's queries, and the words of all scripts."""
    spread: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for each in found:
        said = tokenise(each.text.body).words
        spread.update({word for word in said if len(word) > 4 or is_spaceless(word)})
        pairs.update(set(itertools.pairwise(said)))
    order = [word for word, _ in spread.most_common() if word.isascii() and word.isalpha()]
    often, mid = order[: len(order) // 50], order[len(order) // 50 : len(order) // 5]
    rare = order[len(order) // 5 :]
    names = [word for each in found for name in each.text.authors for word in tokenise(name).words]
    side_by_side = [" ".join(pair) for pair, times in pairs.items() if times > 1]
    words = Words(
        often=chance.sample(often, 20),
        mid=chance.sample(mid, 20),
        rare=chance.sample(rare, 20),
        pairs=chance.sample(side_by_side, 6),
        verb=chance.choice(often),
        name=chance.choice(names),
    )
    others = [word for word, _ in spread.items() if not word.isascii()]
    return words, chance.sample(others, min(len(others), 150)) + chance.sample(order, 50)


def all_queries(found: list[Analysis]) -> list[Query]:
    chance = random.Random(11)
    words, scripts = words_of(found, chance)
    sources = queries(words)
    sources += [
        "lang:en",
        "has:quote country:US",
        "topic:trade>=0.6",
        "published:>=2020-01-01 country:RU",
        "is:duplicate",
    ]
    bodies = [tokens for each in found if len(tokens := tokenise(each.text.body).words) > 20]
    for word in scripts:
        body = (
            next(words for words in bodies if word in words) if any(word in words for words in bodies) else [word, word]
        )
        at = body.index(word)
        other = body[max(0, at - chance.randrange(1, 9))]
        row = " ".join(body[at : at + chance.randrange(2, 4)])
        sources += [word, f'"{row}"', f"{other} NEAR/{chance.randrange(1, 12)} {word}", f"{other} SENTENCE {word}"]
        sources += [
            f"{word} ONEAR/4 {other}",
            f'"{other} {word}"~{chance.randrange(1, 6)}',
            f"title:{word} OR body:{other}",
        ]
        sources += [f"ATLEAST/2({word})", f"={word} NOT {other}", f"{word[:3]}* {other}"]
    readable = {}
    for source in dict.fromkeys(sources):
        try:
            readable[source] = parse(source, vocabulary=vocabulary())
        except QueryError:
            continue  # a wildcard after too few letters, an operator's name
    return list(readable.values())


def fill(connection: Connection, found: list[Analysis]) -> dict[int, int]:
    """Store the documents; from an article's id to its number."""
    feed_id = add_feed(connection, "Archive", "https://archive.example/feed")
    ids: dict[int, int] = {}
    for number, each in enumerate(found):
        seen = NOW - timedelta(minutes=len(found) - number)
        (article_id,) = poll(connection, feed_id, [new_entry(number)], at=seen)
        ingest(connection, article_id, each, at=seen)
        ids[article_id] = number
    return ids


def live(found: list[Analysis], asked: list[Query]) -> list[set[int]]:
    """For each query the documents that the index of all queries finds it in, one by one as they come."""
    index = QueryIndex(dict(enumerate(asked)))
    held: list[set[int]] = [set() for _ in asked]
    for number, each in enumerate(found):
        doc = Doc.of(
            each.text,
            topics={topic.name: topic.score for topic in each.topics},
            countries=[country.code for country in each.countries],
            people=each.named,
            feed="Archive",
            has_quote=bool(each.quotes),
            seen=NOW - timedelta(minutes=len(found) - number),
        )
        for query in index.match(doc, NOW):
            held[query].add(number)
    return held


def stored(db: Database, found: list[Analysis], asked: list[Query]) -> list[set[int]]:
    """For each query the documents that the archive finds, page by page."""
    ids: dict[int, int] = db.write_now(fill, found)
    held = []
    for query in asked:
        here: list[int] = []
        before = None
        while True:
            page = db.read_now(search.newest, query, NOW, limit=PAGE, before=before)
            here += [ids[hit.article.id] for hit in page.hits]
            before = page.next
            if before is None:
                break
        counted = db.read_now(search.count, query, NOW)
        if len(here) != len(set(here)) or (counted.complete and counted.total != len(here)):
            print(f"pages of {query} hold {len(here)} articles, the count is {counted.total}")
        held.append(set(here))
    return held


def differ(kind: str, asked: list[Query], wanted: list[set[int]], held: list[set[int]], found: list[Analysis]) -> int:
    """Print every query on which they differ, with the documents; how many there are."""
    faults = 0
    for query, live_set, archived in zip(asked, wanted, held, strict=True):
        if live_set == archived:
            continue
        faults += 1
        print(f"\nquery: {query}\n  live finds {len(live_set)}, {kind} {len(archived)}")
        for number in sorted(live_set ^ archived)[:SHOWN]:
            text = found[number].text
            print(f"  only {'live' if number in live_set else kind}: {text.url}")
            print(json.dumps({"title": text.title, "summary": text.summary, "body": text.body}, ensure_ascii=False))
    return faults


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--most", type=int, default=2000, help="read so many documents (default 2000)")
    given = options.parse_args()
    every = documents(given.folder)
    # the address is the archive's: two feeds may bring one article
    found = [
        replace(each, text=replace(each.text, url=f"https://archive.example/{number}"))
        for number, each in enumerate(itertools.islice(every, given.most))
    ]
    more = next(every, None) is not None
    languages = Counter(each.text.lang or "?" for each in found)
    print(f"{len(found)} documents{', more were left out' if more else ''}; languages: {dict(languages.most_common())}")
    asked = all_queries(found)
    wanted = live(found, asked)
    print(f"{len(asked)} queries, {sum(map(bool, wanted))} of them find something live, {sum(map(len, wanted))} hits")
    faults = 0
    with tempfile.TemporaryDirectory(prefix="diff-") as folder:
        for kind, url in databases(Path(folder), postgresql=True):
            with Database.open(url) as db:
                wrong = differ(kind, asked, wanted, stored(db, found, asked), found)
            print(f"{kind}: {wrong} queries differ")
            faults += wrong
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
