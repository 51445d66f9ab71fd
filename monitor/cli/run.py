"""``run`` and ``once``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.common import Desk, desk_options

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.daemon.single import Pass

KINDS = {"poll_feed": "feeds", "ingest_article": "articles", "deliver": "deliveries"}


@click.command()
@desk_options
def run(desk: Desk) -> None:
    """Run the daemon: poll, ingest, alert, deliver, until SIGTERM. SIGHUP reads the configuration anew.

    \b
    Example:
      monitor -c config.toml run
    """
    from monitor.cli.faults import checked
    from monitor.config import read_file
    from monitor.daemon.service import Daemon
    from monitor.telemetry import start_logging
    from monitor.web.endpoint import endpoint

    path = desk.reading.path
    from_file = path.is_file()

    def load() -> Settings:
        """The configuration as it is now; refused where it is gone or anything of it is faulty."""
        return checked(read_file(path) if from_file else desk.reading)

    start_logging(verbose=desk.verbose)
    settings = load()
    database = desk.open_database(create=True, check=True)
    services = [endpoint(settings.service.listen)] if settings.service.listen else []

    async def work() -> None:
        await Daemon(settings, database, load, services).run()

    asyncio.run(work())


@click.command()
@click.option("--all", "every_feed", is_flag=True, help="All feeds, due or not.")
@desk_options
def once(desk: Desk, *, every_feed: bool) -> None:
    """Poll what is due, ingest, alert, deliver; then say what came of it, and exit.

    \b
    Example:
      monitor once --all
    """
    from monitor.app import build_app, sync
    from monitor.cli.faults import checked
    from monitor.daemon.single import Pass, note_crash
    from monitor.daemon.single import once as one_pass
    from monitor.storage import vitals
    from monitor.telemetry import start_logging

    start_logging(verbose=desk.verbose, quiet=not desk.verbose)
    settings = checked(desk.reading)
    database = desk.open_database(create=True)
    database.hold_daemon_lock()
    database.write_now(vitals.release_leases)
    sync(database, settings, datetime.now(UTC))
    started = datetime.now(UTC)

    async def work() -> Pass:
        state = Pass()
        app = build_app(settings, database, crashed=lambda task, problem: note_crash(state, task, problem))
        with progress_display() as show:
            try:
                return await one_pass(app, state, every_feed=every_feed, progress=show)
            finally:
                await app.aclose()

    from monitor.cli.summary import print_summary

    print_summary(database, asyncio.run(work()), started)


class progress_display:  # noqa: N801 - used like a function
    """A progress bar a kind of task on a terminal; nothing elsewhere. Gives what is to be told of progress."""

    def __enter__(self) -> Callable[[Pass], None]:
        if not sys.stderr.isatty():
            self._bars = None
            return lambda _: None
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._bars = Progress(
            TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self._bars.start()
        rows = {kind: self._bars.add_task(name, total=0) for kind, name in KINDS.items()}
        bars = self._bars

        def show(state: Pass) -> None:
            for kind, row in rows.items():
                bars.update(row, total=state.done[kind] + state.waiting[kind], completed=state.done[kind])

        return show

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()
