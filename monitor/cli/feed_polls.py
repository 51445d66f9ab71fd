"""``feeds poll --now``: named feeds asked in this process, with all that follows from what they bring."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from monitor.cli.common import Desk, now
from monitor.cli.nouns import progress
from monitor.cli.output import Row
from monitor.core.urls import redact_url

if TYPE_CHECKING:
    from monitor.model import Feed


def poll_here(desk: Desk, wanted: list[Feed]) -> list[Row]:
    """Poll, ingest, alert and deliver; a row for each feed.

    :raises DatabaseInUse: a daemon works on the database.
    """
    from monitor import pipeline
    from monitor.app import build_app
    from monitor.daemon.single import Pass, note_crash
    from monitor.errors import DatabaseInUse, StorageUnavailable
    from monitor.storage import polling as poll_rows
    from monitor.storage import vitals
    from monitor.telemetry import start_logging
    from monitor.wakeups import Task

    start_logging(verbose=desk.verbose, quiet=not desk.verbose)
    try:
        desk.db.hold_daemon_lock()
    except DatabaseInUse as problem:
        raise DatabaseInUse(f"{problem}; it polls them within seconds without --now") from None
    desk.db.write_now(vitals.release_leases)
    state, started = Pass(), now()

    async def work() -> None:
        app = build_app(desk.settings, desk.db, crashed=lambda task, problem: note_crash(state, task, problem))
        engine = asyncio.create_task(app.wakeups.run(pipeline.handlers(app)))
        try:
            app.wakeups.wake(Task("poll_feed", feed.id, pipeline.host_of(feed.spec.url)) for feed in wanted)
            with progress("polling", len(wanted)) as told:
                idle = asyncio.ensure_future(app.wakeups.idle())
                while not idle.done():
                    await asyncio.wait({idle}, timeout=0.1)
                    told(len(wanted) - app.wakeups.waiting("poll_feed"))
        finally:
            await app.wakeups.stop(5)
            await engine
            await app.aclose()

    asyncio.run(work())
    for _, crash in state.crashes:
        if isinstance(crash, StorageUnavailable):
            raise crash
    told = []
    for feed in wanted:
        last = next(iter(desk.db.read_now(poll_rows.history, feed.id, limit=1)), None)
        row: Row = {"name": feed.spec.name, "url": redact_url(feed.spec.url), "outcome": "crashed", "detail": "see -v"}
        if last is not None and last.at >= started:
            row |= {
                "outcome": last.outcome, "status": last.status, "entries": last.entries, "new": last.new,
                "changed": last.changed, "detail": last.detail, "next_poll_at": last.next_poll_at,
                "reason": last.reason, "elapsed": round(last.elapsed, 3),
            }  # fmt: skip
        told.append(row)
    return told
