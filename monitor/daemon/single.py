"""``monitor once``: one pass over all that is due, until everything that it started is delivered."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor import pipeline, telemetry
from monitor.errors import StorageUnavailable
from monitor.storage import feeds as feed_rows

if TYPE_CHECKING:
    from monitor.app import App
    from monitor.wakeups import Task


@dataclass(slots=True)
class Pass:
    """What a pass is doing: tasks that wait or run, tasks done, and the crashes it had, by kind of task."""

    waiting: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    crashes: list[tuple[Task, Exception]] = field(default_factory=list)


async def once(
    app: App, state: Pass, *, every_feed: bool = False, progress: Callable[[Pass], None] = lambda _: None
) -> Pass:
    """Poll what is due (``every_feed``: all feeds), ingest and deliver what comes of it, then return ``state``.

    What is put off, such as a page whose server is down, waits for the next pass.

    :raises StorageUnavailable: the database could not write, so nothing more makes sense.
    """
    if every_feed:
        await app.db.write(feed_rows.poll_now, None, app.now())
    counted = {kind: _counting(handle, kind, state) for kind, handle in pipeline.handlers(app).items()}
    engine = asyncio.create_task(app.wakeups.run(counted))  # type: ignore[arg-type]
    try:
        while await pipeline.wake_due(app):
            idle = asyncio.ensure_future(app.wakeups.idle())
            while not idle.done():
                await asyncio.wait({idle}, timeout=0.1)
                for kind in counted:
                    state.waiting[kind] = app.wakeups.waiting(kind)
                progress(state)
        for _, problem in state.crashes:
            if isinstance(problem, StorageUnavailable):
                raise problem
    finally:
        await app.wakeups.stop(5)
        await engine
    return state


def _counting(handle: Callable[[Task], object], kind: str, state: Pass) -> Callable[[Task], object]:
    async def counted(task: Task) -> None:
        await handle(task)  # type: ignore[misc]
        state.done[kind] += 1

    return counted


def note_crash(state: Pass, task: Task, problem: Exception) -> None:
    """Keep a crash for the summary, and log it."""
    state.crashes.append((task, problem))
    telemetry.event("task_crashed", logging.ERROR, task=f"{task.kind}:{task.id}", exc=problem)
