"""The walls of the house: who may import whom, and that every room stands in the plan."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_module_imports_only_from_layers_below():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_room_stands_in_the_plan():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    planned = {name.strip() for layer in contracts[0]["layers"] for name in layer.split("|")}
    rooms = {
        f"monitor.{path.stem}"
        for path in (ROOT / "monitor").iterdir()
        if path.stem not in {"data", "__init__", "__main__", "__pycache__"} and (path.suffix == ".py" or path.is_dir())
    }
    assert rooms == planned


def test_the_core_has_no_clock_no_chance_and_no_doors():
    forbidden = (
        "import random",
        "import time\n",
        "datetime.now(",
        "import socket",
        " open(",
        "import os\n",
    )
    told = [
        f"{path.relative_to(ROOT)}: {word.strip()}"
        for path in (ROOT / "monitor" / "core").rglob("*.py")
        for word in forbidden
        if word in path.read_text(encoding="utf-8")
    ]
    assert told == []
