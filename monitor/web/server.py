"""uvicorn as a part of a program that has its own signals and logs."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn


class Server(uvicorn.Server):
    """Leaves signals to the program that it runs in. ``listening`` is called once it listens."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listening()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
