"""What the operating commands share: coloured cells, times in words, progress."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.output import safe
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from collections.abc import Callable


class TryLaterError(MonitorError):
    """The outside world does not answer at present: exit 75."""

    exit_code = 75


def cell(form: str, text: str, style: str) -> Any:
    """``text`` in colour where it is shown in a table, as it is everywhere else."""
    if form != "table" or not style:
        return text
    from rich.text import Text

    return Text(safe(text), style=style)


def span(length: timedelta) -> str:
    """A length in two units at most: ``3 d 4 h``."""
    left = abs(round(length.total_seconds()))
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def ago(moment: datetime | None, now: datetime) -> str:
    """``3 min ago``, ``in 2 h``, ``never``."""
    if moment is None:
        return "never"
    return f"in {span(moment - now)}" if moment > now else f"{span(now - moment)} ago"


def size(count: int) -> str:
    """Bytes as a person reads them, in powers of ten."""
    for unit, least in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= least:
            return f"{count / least:.1f} {unit}"
    return f"{count} bytes"


def numbered(count: int, noun: str, plural: str = "") -> str:
    """``1 feed``, ``2 feeds``, ``0 stories``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def tell_limit(found: int, limit: int) -> None:
    """Say that there is more, in a pipe too, where ``limit`` and one were asked for and all of them ``found``."""
    if found > limit:
        click.secho(f"the newest {limit:,}; there are more: --limit shows them", dim=True, err=True)


def heading(text: str) -> None:
    """A line above a part of the answer."""
    click.echo()
    click.secho(text, bold=True)


def fields(pairs: list[tuple[str, str]]) -> None:
    """Names and values, one a line, aligned; empty values are left out."""
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        if value:
            click.echo(f"{click.style(f'{name:>{width}}', dim=True)}  {safe(value)}")


@contextmanager
def progress(what: str, total: int | None = None, unit: str = "") -> Iterator[Callable[[int], None]]:
    """A bar on a terminal's standard error, nothing elsewhere; gives what is told how far the work is."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    count = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), count, TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bars:
        row = bars.add_task(what, total=total)
        yield lambda done: bars.update(row, completed=done)
