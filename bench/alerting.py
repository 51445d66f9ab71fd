"""Deciding and delivering: articles matched and alerts enqueued in a second, messages delivered in a second.

    .venv/bin/python bench/alerting.py [--articles 150] [--rules 1000] [--share 0.01] [--messages 1000]

The transaction of an article as the daemon runs it (place, match, decide, render, store) over SQLite, with rules of
which ``--share`` hold for each article, against articles for which none holds: alternately in one run. Then the outbox
is delivered to a webhook receiver in the same process, so that both share one core.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor import pipeline
from monitor.app import App, build_app, sync
from monitor.config import parse_settings
from monitor.core.duplicates.profiles import profile
from monitor.core.indexing import index_text
from monitor.model import Analysis, EntryKeys, FeedState, NewEntry, ParsedEntry, PollPlan, Text
from monitor.sandboxed import Reading
from monitor.steps.placing import place_and_match
from monitor.storage import pending as pending_rows
from monitor.storage import polling
from monitor.storage.engine import Database

NOW = datetime.now(UTC)


def config(rules: int, url: str) -> str:
    text = f"""
[storage]
url = "bench.db"
[fetch]
allow = ["127.0.0.1"]
[service]
listen = ""
[channels.hook]
type = "webhook"
url = "{url}"
[[feeds]]
name = "bench"
url = "http://127.0.0.1/feed"
"""
    for number in range(rules):
        query = f"word{number} OR (other{number} NEAR/5 third{number})"
        text += f'[[rules]]\nname = "r{number}"\nquery = "{query}"\ntrigger = "each"\nper_hour = 1000\n'
        text += 'channels = ["hook"]\n'
    return text


def reading(number: int, words: list[str]) -> Reading:
    chosen = random.Random(number)
    body = " ".join(chosen.choices(words, k=400)) + "."
    url = f"http://e.example/{number}"
    text = Text(title=f"Report {number}", body=body, site="bench.example", lang="en", published=NOW, url=url)
    words_of = index_text(text.title, "", body, ())
    return Reading(analysis=Analysis(text=text), keys=(), names=profile(text.title, body), words=words_of)


def stored(database: Database, count: int, start: int) -> list[int]:
    """Articles with work to be done."""
    new = tuple(
        NewEntry(
            keys=EntryKeys(identity=f"i{number}", guid=None, url=None, title=None),
            entry=ParsedEntry(guid=None, url=f"http://e.example/{number}", title=f"Report {number}"),
            content_hash=str(number), canonical_url=f"http://e.example/{number}", published=NOW, backlog=False,
        )
        for number in range(start, start + count)
    )  # fmt: skip
    plan = PollPlan(outcome="new", state=FeedState(), new=new)
    record = polling.PollRecord(at=NOW, status=200, elapsed=0.0, size=0, entries=count, detail="")
    return [article for article, _ in database.write_now(polling.save_poll, 1, plan, record)]


def decided(app: App, ids: list[int], readings: list[Reading]) -> list[float]:
    """Seconds of CPU of each article's transaction."""
    spent = []
    for article, read in zip(ids, readings, strict=True):
        pending = app.db.read_now(pending_rows.pending_article, article, NOW + timedelta(hours=1))
        assert pending is not None
        began = time.process_time()
        app.db.write_now(place_and_match, app, pending, read, None)
        spent.append(time.process_time() - began)
    return spent


async def delivered(app: App, most: int) -> tuple[int, float]:
    engine = asyncio.create_task(app.wakeups.run(pipeline.handlers(app)))
    began, before = time.perf_counter(), SINK[0]
    while SINK[0] - before < most and await pipeline.wake_due(app):
        await app.wakeups.idle()
    spent = time.perf_counter() - began
    await app.wakeups.stop(5)
    await engine
    return SINK[0] - before, spent


SINK = [0]


async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, asyncio.CancelledError):
        while head := (await reader.readuntil(b"\r\n\r\n")).lower():
            await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
            SINK[0] += 1
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    writer.close()


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, default=150)
    options.add_argument("--rules", type=int, default=1000)
    options.add_argument("--share", type=float, default=0.01)
    options.add_argument("--messages", type=int, default=1000)
    given = options.parse_args()
    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        settings = parse_settings(config(given.rules, f"http://127.0.0.1:{port}/"), Path(folder) / "config.toml")
        with Database.open(Path(folder) / "bench.db") as database:
            sync(database, settings, NOW)
            app = build_app(settings, database, crashed=print)
            per_article = max(1, round(given.rules * given.share))
            plain = [f"plain{number}" for number in range(5000)]
            times: dict[str, list[float]] = {"no rule holds": [], f"{per_article} rules hold": []}
            number, half = 0, max(10, given.articles // 10)
            for _ in range(10):
                for name, spent in times.items():
                    chosen = random.Random(number)
                    hits = [f"word{n}" for n in chosen.sample(range(given.rules), per_article)]
                    words = plain if name.startswith("no") else [*plain, *hits * 40]
                    made = [reading(number + n, words) for n in range(half)]
                    ids = stored(database, half, number)
                    number += half
                    spent.extend(decided(app, ids, made))
            for name, spent in times.items():
                middle = statistics.median(spent)
                print(f"{name:18} {middle * 1000:6.2f} ms of CPU an article, {1 / middle:6.0f} articles a second")
            slow, fast = (statistics.median(spent) for spent in reversed(times.values()))
            alerts = database.read_now(lambda c: c.exec_driver_sql("SELECT count(*) FROM deliveries").scalar()) or 0
            each = alerts / len(times[f"{per_article} rules hold"])
            print(
                f"{alerts} alerts enqueued, {each:.1f} an article: {each / slow:.0f} a second; ratio {slow / fast:.2f}"
            )
            busy = time.process_time()
            count, spent_on = await delivered(app, min(given.messages, alerts))
            busy = (time.process_time() - busy) / count
            print(f"{count} messages delivered in {spent_on:.2f} s: {count / spent_on:.0f} a second", end="; ")
            print(f"{busy * 1000:.2f} ms of CPU each with their receiver: {1 / busy:.0f} a second of one core")
            await app.aclose()
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
