"""``demo``: in a minute a newcomer sees items, topics, a copy, a story, an alert."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.output import bars, safe

if TYPE_CHECKING:
    from monitor.daemon.single import Pass
    from monitor.demo.stage import Played
    from monitor.storage.engine import Database

    Progress = Callable[[Database, Pass], None]


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("monitor-demo"), show_default=True,
    help="Where the configuration and the database are left.",
)  # fmt: skip
def demo(folder: Path) -> None:
    """Watch a little news web that this command itself serves on loopback: no network, no set-up.

    Seven sites in five languages, polled twice; a mail box and a webhook receiver of its own. It leaves a database
    behind for you to ask; a second demo in the same folder begins it anew, and says so.

    \b
    Example:
      monitor demo
    """
    from monitor.demo.stage import play
    from monitor.telemetry import start_logging

    start_logging(quiet=True)
    with _display() as (told, progress):
        played = asyncio.run(play(folder, told=told, progress=progress))
    _tell(played)


@contextmanager
def _display() -> Iterator[tuple[Callable[[str], None], Progress]]:
    """A live table on a terminal; elsewhere a line for each act."""
    if not sys.stdout.isatty():
        yield (lambda act: click.echo(f"· {act}")), (lambda _database, _state: None)
        return
    from rich.console import Console
    from rich.live import Live

    console = Console()
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        act = [""]

        def told(text: str) -> None:
            act[0] = text
            console.print(f"[bold]·[/] {text}")

        yield told, lambda database, state: live.update(_table(database, state, act[0]))


def _table(database: Database, state: Pass, act: str) -> Any:
    from rich import box
    from rich.table import Table

    from monitor.storage import feeds as feed_rows

    table = Table(box=box.SIMPLE, title=act, title_style="dim", title_justify="left")
    for name in ("feed", "format", "entries", "state"):
        table.add_column(name, justify="right" if name == "entries" else "left")
    for row in database.read_now(feed_rows.feed_counts):
        problem = safe(row.problem or "") if row.problem else "waiting" if row.polls == 0 else "[green]read[/]"
        table.add_row(
            safe(row.name), row.format or "", str(row.entries), f"[yellow]{problem}[/]" if row.problem else problem
        )
    done = state.done
    table.caption = f"{done['poll_feed']} polls · {done['ingest_article']} articles · {done['deliver']} deliveries"
    return table


def _tell(played: Played) -> None:
    from monitor.demo.report import Report, report

    found: Report = report(played)
    _head("Articles by topic")
    for line in bars(found.topics, width=30):
        click.echo("  " + line)
    _head("A text on three sites is one text")
    for line in found.copies:
        click.echo("  " + safe(line))
    _head("One event in several languages is one story")
    for line in found.story:
        click.echo("  " + safe(line))
    _head("An article that was changed keeps both versions")
    for line in found.edits:
        click.echo("  " + safe(line))
    _head("A feed that broke says so")
    for line in found.failing:
        click.echo("  " + safe(line))
    _head("The mail, as it arrived")
    for line in found.mail:
        click.echo("  │ " + safe(line))
    _head("The webhook, as it arrived (its signature verified)")
    for line in found.hook:
        click.echo("  │ " + safe(line))
    _head("Try next")
    for line in found.commands:
        click.echo("  " + line)


def _head(text: str) -> None:
    click.echo()
    click.secho(text, bold=sys.stdout.isatty() or None)
