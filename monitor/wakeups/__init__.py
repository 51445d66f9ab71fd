"""What carries tasks. A task is only a wake-up for a row: lost ones are found again by the sweep over due rows.

``Wakeups`` is the whole contract of an engine. On one machine the tasks live in memory (``memory``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

TaskKind = Literal["poll_feed", "ingest_article", "deliver"]


@dataclass(frozen=True, slots=True)
class Task:
    """Look at row ``id``. Tasks of one ``lane`` (a host, an endpoint) compete for the same few places."""

    kind: TaskKind
    id: int
    lane: str = ""


Handlers = Mapping[TaskKind, Callable[[Task], Awaitable[None]]]


class Wakeups(Protocol):
    """An engine. A task that waits already is not doubled; one that runs already runs once more after."""

    def wake(self, tasks: Iterable[Task]) -> None:
        """Take tasks; returns at once."""

    async def run(self, handlers: Handlers) -> None:
        """Carry tasks to their handlers until ``stop``. A handler's exception ends that task alone."""

    async def idle(self) -> None:
        """Return when no task waits or runs."""

    async def stop(self, within: float, sooner: Mapping[TaskKind, float] = {}) -> int:
        """Take no more; give running handlers ``within`` seconds, then cancel them. How many were cancelled.

        ``sooner``: kinds of which the handlers get less time.
        """

    def waiting(self, kind: TaskKind, lane: str | None = None) -> int:
        """How many tasks of this kind, or of one lane of it, wait or run."""


__all__ = ["Handlers", "Task", "TaskKind", "Wakeups"]
