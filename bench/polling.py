"""One poll of many feeds: processor seconds of the whole tree of processes, start-up included.

    .venv/bin/python bench/polling.py [--feeds 500] [--items 20] [--rounds 3] [--reader PYTHON] [--all-new-whole]

Each feed is a host of its own (its own address of 127/8), without pages. In turn all entries are new, nothing is new
(304; then the same body without a validator), one entry of each feed is new:

* monitor  ``monitor once --all``: the real command. It also ingests what it polls: every new entry is analysed, placed,
           matched, indexed and stored, which the others do not do. `corridor` measures that; here the command stands
           where nothing is new, and with ``--all-new-whole`` in all turns (ten thousand entries take minutes).
* polls    the polls of that command alone, `pipeline.poll_feed` over the same feeds, as a program of its own
* bare     `bare.py`: httpx, feedparser, SQLite
* reader   the library `reader`, where ``--reader`` names a Python that has it:
           ``python -m venv /tmp/reader && /tmp/reader/bin/pip install reader``
* newsboat the program, where it is installed (``apt-get install newsboat``)
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import measure
from measure import HERE, Cost
from server import address

PORT = 8933
UNCHANGED = ("nothing new, 304", "nothing new, same body")
TURNS = ("all new", *UNCHANGED, "one new each")


def config(feeds: int) -> str:
    text = 'storage.url = "monitor.db"\n[fetch]\nallow = ["127.0.0.0/8"]\nspacing = "0s"\n'
    text += "[groups.default]\nfetch_pages = false\n"
    for site in range(feeds):
        text += f'[[feeds]]\nname = "site {site}"\nurl = "{feed(site)}"\n'
    return text


def feed(site: int) -> str:
    return f"http://{address(site)}:{PORT}/feed.xml"


def polls_alone(path: Path) -> None:
    """What ``monitor once --all`` does, but for the ingestion of what the polls bring."""
    from datetime import UTC, datetime

    from monitor import pipeline
    from monitor.app import build_app, open_database, sync
    from monitor.config import load_settings
    from monitor.storage import feeds as feed_rows
    from monitor.storage import polling as poll_rows

    settings = load_settings(path)
    with open_database(settings) as db:
        sync(db, settings, datetime.now(UTC))

        async def work() -> None:
            app = build_app(settings, db, crashed=lambda task, problem: sys.exit(f"{task}: {problem}"))
            await db.write(feed_rows.poll_now, None, app.now())
            due = await db.write(poll_rows.due_feeds, app.now(), 10_000)
            app.leased = {each.id: each for each in due}
            turns = asyncio.Semaphore(settings.fetch.concurrency)

            async def one(row: int) -> None:
                async with turns:
                    await pipeline.poll_feed(app, row)

            await asyncio.gather(*(one(each.id) for each in due))
            await app.aclose()

        asyncio.run(work())


READER = """
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
for url in open(sys.argv[2]).read().split():
    reader.add_feed(url, exist_ok=True)
reader.update_feeds(workers=10, scheduled=False)
"""


def commands(folder: Path, feeds: int, reader: str | None) -> dict[str, Callable[[], Cost]]:
    """By name, what runs one poll over a database of its own in ``folder``."""
    (folder / "list").write_text("\n".join(map(feed, range(feeds))))
    newsboat = shutil.which("newsboat") or ""
    ways: dict[str, Callable[[], Cost]] = {}
    here = measure.installed(folder / "compiled")
    for name, command in {
        "monitor": [sys.executable, "-m", "monitor", "-c", "config.toml", "once", "--all"],
        "polls": [sys.executable, "-c", "import polling; polling.polls_alone(polling.Path('config.toml'))"],
        "bare": [sys.executable, str(HERE / "bare.py"), "poll", str(folder / "list"), "bare.db"],
        "reader": [reader or "", "-c", READER, "reader.db", str(folder / "list")],
        "newsboat": [newsboat, "-u", str(folder / "list"), "-c", "cache.db", "-C", "settings", "-x", "reload"],
    }.items():
        own = folder / name
        own.mkdir()
        (own / "config.toml").write_text(config(feeds))
        (own / "settings").write_text("reload-threads 10\n")
        env = here if command[0] == sys.executable else {}
        if command[0]:
            ways[name] = partial(measure.run, command, cwd=own, env=env)
    return ways


def as_if_ingested(polled: Path, target: Path) -> None:
    """The database of the polls, without the work that they left."""
    shutil.copy(polled, target)
    with sqlite3.connect(target) as db:
        db.execute("UPDATE articles SET state = 'done', next_attempt_at = NULL, version = 1")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--feeds", type=int, default=500)
    options.add_argument("--items", type=int, default=20)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--reader", help="a Python that has the library reader")
    options.add_argument("--all-new-whole", action="store_true")
    given = options.parse_args()
    print(f"polling: {given.feeds} feeds of {given.items} entries; {measure.conditions()}")
    taken: dict[tuple[str, str], list[Cost]] = {}
    with measure.server(feeds=given.feeds, items=given.items, rounds=1, port=PORT) as control:
        for _ in range(given.rounds):
            measure.tell(control, "round/0")
            with tempfile.TemporaryDirectory() as name:
                ways = commands(Path(name), given.feeds, given.reader)
                for turn in TURNS:
                    if turn == UNCHANGED[0] and not given.all_new_whole:
                        as_if_ingested(Path(name) / "polls" / "monitor.db", Path(name) / "monitor" / "monitor.db")
                    measure.tell(control, "etag/off" if turn == "nothing new, same body" else "etag/on")
                    measure.tell(control, "round/1" if turn == "one new each" else "round/0")
                    for way, poll in ways.items():
                        if way == "monitor" and turn not in UNCHANGED and not given.all_new_whole:
                            continue
                        taken.setdefault((turn, way), []).append(poll())
    found = list(dict.fromkeys(way for _, way in taken))
    print(f"{'CPU seconds (wall)':24}" + "".join(f"{way:>16}" for way in found) + "   to bare")
    for turn in TURNS:
        costs = {way: measure.median(taken[turn, way]) for way in found if (turn, way) in taken}
        told = {way: f"{cost.cpu:.2f} ({cost.wall:.1f})" for way, cost in costs.items()}
        ratio = " ".join(
            f"{way} {costs[way].cpu / costs['bare'].cpu:.2f}" for way in ("monitor", "polls") if way in costs
        )
        print(f"{turn:24}" + "".join(f"{told.get(way, '-'):>16}" for way in found) + f"   {ratio}")


if __name__ == "__main__":
    main()
