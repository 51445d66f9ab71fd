"""Every command of the operating side says how it is used, starts quickly enough to be asked often, and keeps quiet."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from monitor.cli import COMMANDS, cli
from tests.cli.operating.conftest import Desk

NOUNS = (
    "feeds", "rules", "alerts", "silence", "deliveries", "channels", "export", "backup", "restore", "prune", "db",
    "doctor", "metrics",
)  # fmt: skip
HEAVY = ("trafilatura", "feedparser", "httpx", "lxml", "apscheduler", "py3langid", "alembic", "uvicorn", "aiosmtplib")


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    context = click.Context(cli)
    for noun in NOUNS:
        command = cli.get_command(context, noun)
        found.append((noun,))
        if isinstance(command, click.Group):
            found += [(noun, verb) for verb in command.list_commands(context)]
    return found


def test_the_nouns_are_all_listed() -> None:
    assert set(NOUNS) <= set(COMMANDS)


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_help_shows_an_example(desk: Desk, path: tuple[str, ...]) -> None:
    answer = desk.ask(*path, "--help")
    assert answer.code == 0
    assert "Example" in answer.out
    assert f"monitor {' '.join(path)}" in answer.out or len(path) == 1


@pytest.mark.parametrize(
    "path",
    [
        ("feeds", "list"), ("feeds", "health"), ("feeds", "schedule"), ("rules", "list"), ("alerts", "list"),
        ("silence", "list"), ("deliveries", "list"), ("channels", "list"), ("db", "status"), ("metrics",),
        ("doctor", "--quick"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_lists_load_nothing_heavy(desk: Desk, path: tuple[str, ...]) -> None:
    program = (
        "import sys, monitor.cli; sys.argv = ['monitor', *sys.argv[1:]]\n"
        "try: monitor.cli.main()\nexcept SystemExit: pass\n"
        "print('LOADED', *(name for name in sys.modules if '.' not in name))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "-c", str(desk.config), *path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    loaded = done.stdout.rpartition("LOADED")[2].split()
    assert "sqlalchemy" in loaded, done.stderr
    assert not set(HEAVY) & set(loaded)


def test_a_verb_that_does_not_exist_is_answered_with_the_nearest(desk: Desk) -> None:
    answer = desk.ask("feeds", "helth")
    assert answer.code == 2
    assert "health" in answer.err
