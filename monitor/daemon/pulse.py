"""A dead man's switch: an address elsewhere hears regularly that all is well, and raises the alarm when it does not."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.config import read_secret
from monitor.config.settings import Secret
from monitor.core.urls import redact_url
from monitor.model import FetchFailed
from monitor.telemetry import event, protect

if TYPE_CHECKING:
    from monitor.app import App

DEADLINE = 20.0


@dataclass(slots=True)
class Pulse:
    """``beat`` is called often, and sends as often as the configuration says."""

    _sent: float | None = None
    _failing: bool = False

    def due(self, app: App) -> bool:
        """Whether it is time for the next word."""
        service = app.settings.service
        if service.heartbeat is None:
            return False
        return self._sent is None or time.monotonic() - self._sent >= service.every.total_seconds()

    async def beat(self, app: App) -> None:
        """Say that all is well. A failure is logged when it begins and when it ends: the other side knows it anyway."""
        service = app.settings.service
        assert service.heartbeat is not None
        self._sent = time.monotonic()
        url = service.heartbeat
        if isinstance(url, Secret):
            url = read_secret(url, app.settings)
        protect(url)
        body = json.dumps({"type": "heartbeat", "timestamp": f"{app.now():%Y-%m-%dT%H:%M:%SZ}"}).encode()
        answer = await app.net.post(url, body, {"content-type": "application/json"}, DEADLINE)
        failing = isinstance(answer, FetchFailed)
        if failing != self._failing:
            said = f"fails: {answer.detail}" if isinstance(answer, FetchFailed) else "is heard again"
            level = logging.WARNING if failing else logging.INFO
            event("notice", level, kind="heartbeat", text=f"the heartbeat to {redact_url(url)} {said}")
        self._failing = failing
