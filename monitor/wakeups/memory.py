"""Tasks in the memory of one process: fair between lanes, bounded in each lane and in all."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from monitor.wakeups import Handlers, Task, TaskKind


@dataclass(slots=True)
class _Kind:
    """The tasks of one kind: ids that wait or run, lanes with waiting tasks, and the lanes whose turn comes."""

    known: set[int] = field(default_factory=set)
    running: set[int] = field(default_factory=set)
    again: dict[int, Task] = field(default_factory=dict)
    lanes: dict[str, deque[Task]] = field(default_factory=dict)
    turns: dict[str, None] = field(default_factory=dict)
    busy: Counter[str] = field(default_factory=Counter)


class MemoryWakeups:
    """Lanes take turns, so one host with ten thousand waiting pages delays nobody else.

    :param per_lane: tasks of one kind and lane that run at once.
    :param at_once: tasks of one kind that run at once.
    :param crashed: told of a task that ended with an exception.
    """

    def __init__(self, *, per_lane: int, at_once: int, crashed: Callable[[Task, Exception], None]) -> None:
        self._per_lane, self._at_once, self._crashed = per_lane, at_once, crashed
        self._kinds: dict[TaskKind, _Kind] = {}
        self._carriers: dict[asyncio.Task[None], TaskKind] = {}
        self._handlers: Handlers = {}
        self._stopped = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()

    def wake(self, tasks: Iterable[Task]) -> None:
        if self._stopped.is_set():
            return
        for task in tasks:
            kind = self._kinds.setdefault(task.kind, _Kind())
            if task.id in kind.running:
                kind.again[task.id] = task
            elif task.id not in kind.known:
                kind.known.add(task.id)
                self._queue(kind, task)
                self._quiet.clear()
        self._start()

    def waiting(self, kind: TaskKind, lane: str | None = None) -> int:
        if kind not in self._kinds:
            return 0
        found = self._kinds[kind]
        return len(found.known) if lane is None else len(found.lanes.get(lane, ())) + found.busy.get(lane, 0)

    async def run(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self._stopped.clear()
        self._start()
        await self._stopped.wait()

    async def idle(self) -> None:
        await self._quiet.wait()

    async def stop(self, within: float, sooner: Mapping[TaskKind, float] = {}) -> int:
        self._stopped.set()
        begun, cut = time.monotonic(), 0
        given = {carrier: min(within, sooner.get(kind, within)) for carrier, kind in self._carriers.items()}
        for seconds in sorted(set(given.values())):
            ending = {carrier for carrier, its in given.items() if its == seconds}
            _, late = await asyncio.wait(ending, timeout=max(0.0, begun + seconds - time.monotonic()))
            for carrier in late:
                carrier.cancel()
            if late:
                await asyncio.wait(late)
            cut += len(late)
        self._kinds.clear()
        self._quiet.set()
        return cut

    @staticmethod
    def _queue(kind: _Kind, task: Task) -> None:
        kind.lanes.setdefault(task.lane, deque()).append(task)
        kind.turns[task.lane] = None

    def _start(self) -> None:
        """Start what may run. A lane that is full gets its next turn when one of its tasks ends."""
        if not self._handlers or self._stopped.is_set():
            return
        for kind in self._kinds.values():
            while kind.turns and len(kind.running) < self._at_once:
                lane = next(iter(kind.turns))
                del kind.turns[lane]
                if kind.busy[lane] >= self._per_lane:
                    continue
                task = kind.lanes[lane].popleft()
                if kind.lanes[lane]:
                    kind.turns[lane] = None
                else:
                    del kind.lanes[lane]
                kind.busy[lane] += 1
                kind.running.add(task.id)
                carrier = asyncio.create_task(self._carry(kind, task), name=f"{task.kind}:{task.id}")
                self._carriers[carrier] = task.kind
                carrier.add_done_callback(self._carriers.pop)

    async def _carry(self, kind: _Kind, task: Task) -> None:
        try:
            await self._handlers[task.kind](task)
        except Exception as problem:  # noqa: BLE001 - a bug in one task must not stop the others
            self._crashed(task, problem)
        finally:
            self._ended(kind, task)

    def _ended(self, kind: _Kind, task: Task) -> None:
        kind.running.discard(task.id)
        kind.busy[task.lane] -= 1
        if not kind.busy[task.lane]:
            del kind.busy[task.lane]
        if task.lane in kind.lanes:
            kind.turns[task.lane] = None
        if again := kind.again.pop(task.id, None):
            self._queue(kind, again)
        else:
            kind.known.discard(task.id)
        self._start()
        if not any(other.known for other in self._kinds.values()):
            self._quiet.set()
