"""The documents say what is: commands, keys, events, rooms; their links lead somewhere; their commands run."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from monitor.core.metrics import COUNTERS, GAUGES, MOMENTS
from monitor.telemetry import EVENTS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "monitor" / "ARCHITECTURE.md"]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def blocks(text: str, kind: str) -> list[str]:
    return [body for language, body in BLOCK.findall(text) if language == kind]


@pytest.fixture(scope="module")
def reference():
    """docs/reference.py as a module."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_command_and_option_is_in_the_reference(reference):
    text = read("docs/commands.md")
    sections = dict(re.findall(r"^### monitor ([^\n]+)\n(.*?)(?=^### |\Z)", text, re.M | re.S))
    commands = dict(reference.commands())
    assert sections.keys() == commands.keys(), "run: make docs"
    missing = [
        f"{name} {option}"
        for name, command in commands.items()
        for each in reference.options(command)
        if each.name not in reference.COMMON
        for option in each.opts
        if option not in sections[name]
    ]
    assert missing == [], "run: make docs"


def test_every_key_of_the_configuration_is_documented_with_its_default(reference):
    text = read("docs/configuration.md")
    assert reference.write_tables(text) == text, "run: make docs"
    tables = {found[2]: found[3] for found in reference.TABLE.finditer(text)}
    unsaid = [
        f"{table}.{row[1]}"
        for table, rows in tables.items()
        for row in reference.ROW.finditer(rows)
        if not row[3].strip()
    ]
    assert unsaid == [], "say in docs/configuration.md what it means"
    known = vars(reference.settings).values()
    models = {kind.__name__ for kind in known if isinstance(kind, type) and issubclass(kind, reference.settings.Table)}
    assert tables.keys() == models - {"Table", "Secret"}


def test_every_event_and_metric_is_in_the_operations_manual():
    text = read("docs/operations.md")
    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", text.split("## Logs")[1], re.M)) == EVENTS
    metrics = {"monitor_database_bytes", *(f"monitor_{name}" for name in (*GAUGES, *COUNTERS))}
    metrics |= {f"monitor_{name}_timestamp_seconds" for name in MOMENTS}
    assert set(re.findall(r"^\| `(monitor_\w+)` \|", text, re.M)) == metrics


def rooms(kind: str) -> set[str]:
    [plan] = blocks(read("monitor/ARCHITECTURE.md"), kind)
    return {line.split()[0] for line in plan.splitlines() if not line.startswith(" ")}


def standing(folder: Path) -> set[str]:
    """Modules and packages directly in ``folder``."""
    files = {path.name for path in folder.glob("*.py")} - {"__init__.py", "__main__.py"}
    return files | {f"{path.name}/" for path in folder.iterdir() if any(path.rglob("*.py"))}


def test_every_room_is_in_the_plan_and_every_room_of_the_plan_is_there():
    assert rooms("rooms") == standing(ROOT / "monitor")
    assert rooms("core") == standing(ROOT / "monitor" / "core")


def test_the_layers_of_the_plan_are_those_that_are_enforced():
    [drawn] = blocks(read("monitor/ARCHITECTURE.md"), "layers")
    [contract] = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    assert drawn.splitlines() == [layer.replace("monitor.", "") for layer in contract["layers"]]


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    prose = BLOCK.sub("", path.read_text(encoding="utf-8"))
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        place, _, anchor = target.partition("#")
        if "://" in place:
            continue
        document = path.parent / place if place else path
        if not document.exists():
            dead.append(target)
        elif anchor and document.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.M)
            dead += [target] if anchor not in map(slug, headings) else []
    assert dead == []


def test_the_program_in_the_manual_of_python_blocks_is_python():
    for path in DOCUMENTS:
        for body in blocks(path.read_text(encoding="utf-8"), "python"):
            ast.parse(body)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_of_configuration_are_understood(path):
    for body in blocks(path.read_text(encoding="utf-8"), "toml"):
        tomllib.loads(body)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of somebody who has just played the demo."""
    folder = tmp_path_factory.mktemp("demo")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "MONITOR_CONFIG": str(folder / "monitor-demo" / "config.toml"),
        "PWD": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    labels = [
        {
            "title": "Treasury adds two banks to its sanctions list",
            "text": "Assets are frozen.",
            "topics": ["sanctions"],
        },
        {"title": "Harvest festival opens", "text": "Music and apples until Sunday.", "topics": []},
        {"id": 1, "topic": "sanctions", "label": False},
    ]
    (folder / "labels.jsonl").write_text("".join(json.dumps(each) + "\n" for each in labels))
    subprocess.run([sys.executable, "-m", "monitor", "demo"], cwd=folder, env=environment, check=True, timeout=120)
    return environment


SHOWN = [
    pytest.param(line.removeprefix("$ "), id=f"{path.name}: {line[2:60]}")
    for path in DOCUMENTS
    for body in blocks(path.read_text(encoding="utf-8"), "console")
    for line in body.splitlines()
    if line.startswith("$ ")
]


@pytest.mark.parametrize("line", SHOWN)
def test_a_command_that_is_shown_runs(line, demo):
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=demo["PWD"], env=demo, capture_output=True, text=True, timeout=60, check=False
    )
    expected = {0, 1} if line.startswith(("monitor doctor", "monitor search", "monitor alerts")) else {0}
    assert done.returncode in expected, done.stderr
    assert "Traceback" not in done.stderr


def test_the_picture_is_there_and_shows_the_demo():
    picture = read("docs/demo.svg").replace("&#160;", " ")
    assert "monitor demo" in picture
    assert "One event in several languages is one story" in picture
    assert "docs/demo.svg" in read("README.md")
