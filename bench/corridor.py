"""The whole corridor against its two dearest parts alone.

    .venv/bin/python bench/corridor.py [--feeds 60] [--items 10] [--rules 100] [--rounds 3] [--pages FOLDER]

Corridor: ``monitor once --all`` over the feeds of `world` with their pages, SQLite and ``--rules`` rules: polls,
robots.txt, pages, extraction, analysis, store, search index, copies, stories, matching, decisions. Baseline: `bare.py`
downloads the same pages and calls trafilatura with its metadata, in two processes: with its own settings, as a person
writes it (``trafilatura``), with ``fast``, and with ``fast`` but without metadata. All in one run on the same cores,
alternately; processor time of all processes.

``--pages``: real pages instead of those of `world`, every ``.html`` and ``.html.gz`` in a folder, once each; as many
feeds as they fill.

What both pay once (imports, the model of languages, compiling topics) is measured with the pages of one site, and taken
off in the column ``past the first``: a daemon pays it once.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from pathlib import Path

import measure
import world
from measure import HERE, Cost
from server import address

PORT = 8932
BASELINES = {
    "trafilatura": [],
    "trafilatura fast": ["--fast"],
    "fast, no metadata": ["--fast", "--bare"],
}
"""Options of `bare.py`."""


def config(feeds: int, rules: int, *, port: int) -> str:
    made = world.World()
    text = 'storage.url = "monitor.db"\n[fetch]\nallow = ["127.0.0.0/8"]\nspacing = "0s"\nper_host = 4\n'
    for site in range(feeds):
        text += f'[[feeds]]\nname = "site {site}"\nurl = "http://{address(site)}:{port}/feed.xml"\n'
    for number in range(rules):
        text += f"[[rules]]\nname = \"rule-{number}\"\nquery = '{made.rule(number)}'\n"
    return text


def corridor(folder: Path, feeds: int, rules: int) -> Cost:
    """One pass of the real command over a new database."""
    folder.mkdir()
    (folder / "config.toml").write_text(config(feeds, rules, port=PORT))
    return measure.run(
        [sys.executable, "-m", "monitor", "-c", str(folder / "config.toml"), "once", "--all"],
        env={"PYTHONPATH": str(HERE.parent)},
    )


def stored(folder: Path) -> tuple[int, int]:
    with sqlite3.connect(folder / "monitor.db") as db:
        done = db.execute("SELECT count(*) FROM articles WHERE body_status = 'page' AND version > 0").fetchone()[0]
        return done, db.execute("SELECT count(*) FROM matches").fetchone()[0]


def pages(feeds: int, items: int) -> list[str]:
    made = world.World()
    return [
        f"http://{address(site)}:{PORT}{made.report(site * 1000 + number).path}"
        for number in range(items)
        for site in range(feeds)
    ]


def bare(listed: Path, options: list[str]) -> Cost:
    return measure.run([sys.executable, str(HERE / "bare.py"), "extract", str(listed), *options])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--feeds", type=int, default=60)
    options.add_argument("--items", type=int, default=10)
    options.add_argument("--rules", type=int, default=100)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--pages", type=Path)
    given = options.parse_args()
    if given.pages:
        given.feeds = len(measure.pages_in(given.pages)) // given.items
    count, first = given.feeds * given.items, given.items
    with (
        tempfile.TemporaryDirectory() as name,
        measure.server(feeds=given.feeds, items=given.items, pages=True, wearing=given.pages, port=PORT),
    ):
        folder = Path(name)
        listed, little = folder / "pages", folder / "little"
        listed.write_text("\n".join(pages(given.feeds, given.items)))
        little.write_text("\n".join(pages(1, given.items)))
        print(f"corridor: {count} pages of {given.feeds} sites, {given.rules} rules; {measure.conditions()}")
        costs: dict[str, list[tuple[Cost, Cost]]] = {}
        for turn in range(given.rounds):
            whole, start = folder / f"whole{turn}", folder / f"start{turn}"
            measured = {
                "monitor": (corridor(whole, given.feeds, given.rules), corridor(start, 1, given.rules)),
                **{kind: (bare(listed, options), bare(little, options)) for kind, options in BASELINES.items()},
            }
            for kind, pair in measured.items():
                costs.setdefault(kind, []).append(pair)
        done, matches = stored(folder / "whole0")
        print(f"stored with the page's text: {done} of {count}; rules matched {matches} times")
        print(f"{'':20} {'CPU s':>7} {'wall s':>7} {'items/s':>8} {'CPU ms an item':>15} {'past the first':>15}")
        past: dict[str, float] = {}
        wall: dict[str, float] = {}
        for kind, each in costs.items():
            cost, start_up = measure.median([one for one, _ in each]), measure.median([other for _, other in each])
            past[kind] = (cost.cpu - start_up.cpu) / (count - first) * 1000
            wall[kind] = cost.wall
            print(
                f"{kind:20} {cost.cpu:7.2f} {cost.wall:7.2f} {count / cost.wall:8.1f} {cost.cpu / count * 1000:15.2f}"
                f" {past[kind]:15.2f}"
            )
        for kind in list(past)[1:]:
            ratio, speed = past["monitor"] / past[kind], wall[kind] / wall["monitor"]
            print(f"monitor / {kind}: {ratio:.2f} of the CPU an item past the first, {speed:.2f} of the items a second")


if __name__ == "__main__":
    main()
