"""How long a command takes that asks a small archive: whole processes, the least of several, taking turns.

    .venv/bin/python bench/startup.py [--rounds 15] [--table] [COMMAND ...]

Over the database that ``monitor demo`` leaves. First stand what the commands cannot do without: the interpreter, and
it with the two libraries that all of them use. Output goes into a pipe, so it is JSON lines; ``--table`` asks for what
a person sees on a terminal.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import measure

COMMANDS = (
    "--version",
    "--help",
    "search earthquake",
    "search country:UZ --since 7d",
    "search topic:deportation",
    "search --count earthquake",
    "show 1",
    "explain 1 --query earthquake",
    "trace http://127.0.0.11/news/none",
    "stories",
    "stories 1",
    "quotes",
    "stats",
    "feeds list",
    "feeds health",
    "feeds schedule",
    "topics list",
    "rules list",
    "alerts list",
    "silence list",
    "deliveries list",
    "channels list",
    "export -",
    "db status",
    "doctor",
    "metrics",
)
DRAWN = ("search", "show", "explain", "stories", "quotes", "stats", "feeds", "topics", "rules", "alerts", "silence")
LIBRARIES = "import sqlite3, click, sqlalchemy"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--table", action="store_true")
    options.add_argument("commands", nargs="*", metavar="COMMAND")
    given = options.parse_args()
    print(f"startup: {measure.conditions()}")
    with tempfile.TemporaryDirectory() as name:
        folder, here = Path(name) / "demo", measure.installed(Path(name) / "compiled")
        monitor = [sys.executable, "-m", "monitor"]
        measure.run([*monitor, "demo", "--folder", str(folder)], env=here)
        ways = {"python -c pass": [sys.executable, "-c", "pass"]}
        ways[f"python -c '{LIBRARIES}'"] = [sys.executable, "-c", LIBRARIES]
        for command in given.commands or COMMANDS:
            words = command.split()
            drawn = ["--format", "table"] if given.table and words[0] in DRAWN else []
            ways[f"monitor {command}"] = [*monitor, *words, *drawn]
        costs: dict[str, list[measure.Cost]] = {way: [] for way in ways}
        for _ in range(given.rounds):
            for way, command in ways.items():
                costs[way].append(measure.run(command, cwd=folder, env=here, allowed=(0, 1, 3)))
    print(f"{'least of ' + str(given.rounds):48} {'CPU s':>7} {'wall s':>7}")
    for way, each in costs.items():
        cost = measure.least(each)
        print(f"{way:48} {cost.cpu:7.3f} {cost.wall:7.3f}")


if __name__ == "__main__":
    main()
