"""How fast an endpoint is sent to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

DEFAULT_RATES = {"slack": 1.0, "discord": 0.5, "teams": 4.0, "mattermost": 4.0, "email": 2.0}
"""Messages a second: what the services say that they take, and what a mail server bears from one sender."""


@dataclass(slots=True)
class Pacer:
    """Turns at even distances: ``rate`` a second, or without bound where it is 0."""

    rate: float
    clock: Callable[[], float] = time.monotonic
    _next: float = 0.0

    async def turn(self) -> bool:
        """Wait until it is this caller's turn; whether there was a wait."""
        if self.rate <= 0:
            return False
        now = self.clock()
        mine = max(now, self._next)
        self._next = mine + 1 / self.rate
        if mine > now:
            await asyncio.sleep(mine - now)
        return mine > now

    def quota(self, seconds: float, most: int) -> int:
        """How many turns there are in a time, at least two and at most ``most``."""
        return most if self.rate <= 0 else max(2, min(most, int(self.rate * seconds)))
