"""Writes docs/commands.md from the command line itself, and the tables of docs/configuration.md from the settings:
make docs

A table stands below ``<!-- settings: Class -->``. Keys and defaults come from the class; the third column is written by
hand and kept.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from pydantic.fields import FieldInfo

from monitor.cli import COMMANDS, cli
from monitor.config import settings
from monitor.config.units import parse_size, show_duration

DOCS = Path(__file__).parent
TABLE = re.compile(r"(<!-- settings: (\w+) -->\n)((?:\|.*\n)*)")
ROW = re.compile(r"\| `(\w+)` \|(.*?)\|(.*)\|\n")
EXAMPLE = re.compile(r"^Examples?:$", re.M)
EXIT_CODES = """
Exit codes: 0 done; 1 nothing was found, or something is faulty where the command looks for faults; 2 wrong use; 3 what
was named is not known (an article, a feed, a rule); 75 not now, try again (the database is busy or cannot write); 78
the configuration or the database is refused.
"""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups before their members."""
    context = click.Context(cli, info_name="monitor")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if command is None:
            continue
        yield name, command
        if isinstance(command, click.Group):
            for member in sorted(command.commands):
                yield f"{name} {member}", command.commands[member]


def options(command: click.Command) -> list[click.Option]:
    """The options that a command shows."""
    return [each for each in command.params if isinstance(each, click.Option) and not each.hidden]


def cell(text: str) -> str:
    """``text`` within a table of Markdown."""
    return text.replace("|", "\\|")


COMMON = {"config", "db", "verbose"}


def command_lines(name: str, command: click.Command) -> Iterator[str]:
    """What the reference says of one command."""
    context = click.Context(command)
    arguments = [each.make_metavar(context) for each in command.params if isinstance(each, click.Argument)]
    yield f"### monitor {name}\n"
    if arguments:
        yield f"`monitor {' '.join([name, *arguments])}`\n"
    text = inspect.cleandoc(re.sub(r"[\x08\f]", "", command.help or ""))
    told, example = EXAMPLE.split(text, 1) if EXAMPLE.search(text) else (text, "")
    yield told.strip() + "\n"
    shown = [each for each in options(command) if each.name not in COMMON]
    if shown:
        yield "| option | |\n|---|---|"
    for each in shown:
        names = ", ".join((*each.opts, *each.secondary_opts))
        kind = " " + "|".join(map(str, each.type.choices)) if isinstance(each.type, click.Choice) else ""
        yield f"| `{cell(names + kind)}` | {cell(each.help or '')} |"
    if shown:
        yield ""
    if example:
        yield f"```sh\n{inspect.cleandoc(example).strip()}\n```\n"


def write_commands() -> str:
    """The whole of docs/commands.md."""
    lines = [
        "# Commands\n",
        "Made from the program itself by `make docs`. On a terminal there are tables and colours; in a pipe JSON",
        "lines, or what `--format` asks for. Every command takes `-c FILE` (the configuration), `--db URL` (another",
        "database) and `-v` (tell more).",
        EXIT_CODES,
        "| command | |\n|---|---|",
        *(f"| [{name}](#monitor-{name}) | {told} |" for name, (_, told) in COMMANDS.items()),
        "",
    ]
    for name, command in commands():
        lines += command_lines(name, command)
    return "\n".join(lines).rstrip() + "\n"


def default_of(field: FieldInfo) -> str:
    """The default as it would stand in the file."""
    if field.is_required():
        return "needed"
    value: Any = field.get_default(call_default_factory=True)
    if value is None:
        return "none"
    if isinstance(value, timedelta):
        return f'`"{show_duration(value)}"`'
    if any(getattr(each, "func", None) is parse_size for each in field.metadata):
        return f'`"{value // 1_000_000}MB"`'
    return f"`{json.dumps(list(value) if isinstance(value, tuple) else value)}`"


def has_section(field: FieldInfo) -> bool:
    """Is it a table that may be left out, which has a section of its own?"""
    kind = field.annotation
    return isinstance(kind, type) and issubclass(kind, settings.Table) and not field.is_required()


def rows(model: type[settings.Table]) -> dict[str, str]:
    """Key and default of each field of a table that a person writes as one."""
    return {
        name: default_of(field)
        for name, field in model.model_fields.items()
        if name not in {"path", "own"} and not has_section(field)
    }


def write_tables(text: str) -> str:
    """``text`` with its tables brought up to date."""

    def table(found: re.Match[str]) -> str:
        meanings = {row[1]: row[3].strip() for row in ROW.finditer(found[3])}
        lines = [
            f"| `{key}` | {default} | {meanings.get(key, '')} |\n"
            for key, default in rows(getattr(settings, found[2])).items()
        ]
        return f"{found[1]}| key | default | |\n|---|---|---|\n{''.join(lines)}"

    return TABLE.sub(table, text)


if __name__ == "__main__":
    (DOCS / "commands.md").write_text(write_commands(), encoding="utf-8")
    configuration = DOCS / "configuration.md"
    configuration.write_text(write_tables(configuration.read_text(encoding="utf-8")), encoding="utf-8")
