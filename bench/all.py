"""Every bench in one run, one after another, so that their ratios compare.

    .venv/bin/python bench/all.py [--quick] [--reader PYTHON]

Takes about twenty minutes on two idle cores; ``--quick`` about five, with fewer items and rounds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from measure import HERE

FULL = {
    "startup": [],
    "steps": [],
    "corridor": [],
    "polling": [],
    "rules": [],
    "alerting": [],
    "appearing": [],
    "duplicates": [],
    "archive": ["--postgresql"],
}
QUICK = {
    "startup": ["--rounds=3"],
    "steps": ["--articles=60", "--rounds=3"],
    "corridor": ["--feeds=20", "--rounds=1"],
    "polling": ["--feeds=200", "--rounds=1"],
    "rules": ["--rules", "100", "1000", "--rounds=3"],
    "alerting": ["--articles=60"],
    "appearing": ["--items=100", "--interval=4"],
    "duplicates": ["--items=20000"],
    "archive": ["--items=10000"],
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--reader", help="a Python that has the library reader, see polling.py")
    given = options.parse_args()
    for name, arguments in (QUICK if given.quick else FULL).items():
        more = [f"--reader={given.reader}"] if name == "polling" and given.reader else []
        print(f"--- {name} ---", flush=True)
        subprocess.run(
            [sys.executable, str(HERE / f"{name}.py"), *arguments, *more],
            check=True,
            env={**os.environ, "PYTHONPATH": str(HERE.parent)},
        )


if __name__ == "__main__":
    main()
