"""Manners: how many requests run at one host, how far apart they start, and how many run at all."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_LANES_BEFORE_SWEEP = 1024


class _Lane:
    __slots__ = ("free", "next_start", "users")

    def __init__(self, per_host: int) -> None:
        self.free = asyncio.Semaphore(per_host)
        self.next_start = 0.0
        self.users = 0


class Gate:
    """Gives turns in the order in which they are asked for. ``spacing`` is in seconds between starts at one host."""

    def __init__(self, *, per_host: int, spacing: float, overall: int) -> None:
        self._per_host, self._spacing = per_host, spacing
        self._overall = asyncio.Semaphore(overall)
        self._lanes: dict[str, _Lane] = {}
        self._sweep_at = _LANES_BEFORE_SWEEP

    @asynccontextmanager
    async def turn(self, host: str, spacing: float = 0.0, *, same_visit: bool = False) -> AsyncIterator[None]:
        """Hold a turn at ``host``; ``spacing`` widens the general one for this start.

        A redirect within the host belongs to the ``same_visit`` and need not keep its distance.

        A turn is asked for at the host first and in the whole second, so those who wait for a slow host take
        no place from others.
        """
        lane = self._lanes.get(host)
        if lane is None:
            lane = self._lanes[host] = _Lane(self._per_host)
            self._sweep()
        lane.users += 1
        try:
            async with lane.free:
                clock = asyncio.get_running_loop().time
                while not same_visit and (wait := lane.next_start - clock()) > 0:  # noqa: ASYNC110  two may wait
                    await asyncio.sleep(wait)
                lane.next_start = clock() + max(self._spacing, spacing)
                async with self._overall:
                    yield
        finally:
            lane.users -= 1

    def _sweep(self) -> None:
        """Forget hosts that nobody waits for, when many have gathered."""
        if len(self._lanes) < self._sweep_at:
            return
        now = asyncio.get_running_loop().time()
        self._lanes = {host: lane for host, lane in self._lanes.items() if lane.users or lane.next_start > now}
        self._sweep_at = max(_LANES_BEFORE_SWEEP, 2 * len(self._lanes))
