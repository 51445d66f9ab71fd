"""How long a command takes that does next to nothing: whole processes, median of several.

    .venv/bin/python bench/startup.py [--rounds 9]

Over a small database of its own. The bare interpreter stands first: it is in all the others.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import measure
from measure import HERE

COMMANDS = ("--version", "--help", "feeds list", "search border", "rules list", "stats")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=9)
    given = options.parse_args()
    print(f"startup: {measure.conditions()}")
    with tempfile.TemporaryDirectory() as name:
        folder, here = Path(name), {"PYTHONPATH": str(HERE.parent)}
        (folder / "config.toml").write_text('storage.url = "monitor.db"\n')
        monitor = [sys.executable, "-m", "monitor"]
        measure.run([*monitor, "once"], cwd=folder, env=here)
        ways = {"python -c pass": [sys.executable, "-c", "pass"]}
        ways |= {f"monitor {command}": [*monitor, *command.split()] for command in COMMANDS}
        costs: dict[str, list[measure.Cost]] = {way: [] for way in ways}
        for _ in range(given.rounds):
            for way, command in ways.items():
                costs[way].append(measure.run(command, cwd=folder, env=here, allowed=(0, 1)))
        print(f"{'':24} {'CPU s':>7} {'wall s':>7}")
        for way, each in costs.items():
            cost = measure.median(each)
            print(f"{way:24} {cost.cpu:7.3f} {cost.wall:7.3f}")


if __name__ == "__main__":
    main()
