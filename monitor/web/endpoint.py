"""``/health``, ``/metrics``, ``/feedback`` and ``/unsubscribe`` of the running daemon."""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from monitor.core.metrics import exposition
from monitor.errors import ConfigError
from monitor.storage import vitals
from monitor.telemetry import METRICS, event

if TYPE_CHECKING:
    from monitor.daemon.service import Daemon


def endpoint(listen: str) -> Callable[[Daemon], Awaitable[None]]:
    """A service for the daemon at ``listen`` (``host:port``).

    :raises ConfigError: it is no address, or one that others can reach: there is no sign-in here.
    """
    host, _, port = listen.rpartition(":")
    try:
        loopback = ipaddress.ip_address(host.strip("[]")).is_loopback
        number = int(port)
    except ValueError:
        raise ConfigError(f'service.listen: {listen!r} is no address; write for example "127.0.0.1:8480"') from None
    if not loopback:
        raise ConfigError(
            f"service.listen: {listen!r} can be reached by others; use 127.0.0.1 and a proxy that asks who"
        )

    async def serve(daemon: Daemon) -> None:
        import uvicorn
        from starlette.applications import Starlette
        from starlette.requests import Request
        from starlette.responses import JSONResponse, PlainTextResponse, Response
        from starlette.routing import Route

        from monitor.web import feedback, unsubscribe
        from monitor.web.server import Server

        async def health(_: Request) -> Response:
            found = await daemon.health()
            return JSONResponse({"well": found.well, "reasons": list(found.reasons)}, 200 if found.well else 503)

        async def metrics(_: Request) -> Response:
            status = await daemon.app.db.read(vitals.status)
            return PlainTextResponse(
                exposition(status.size, asdict(status), METRICS), media_type="text/plain; version=0.0.4"
            )

        async def word_on_alert(request: Request) -> Response:
            return await feedback.answer(daemon, request)

        async def no_more(request: Request) -> Response:
            return await unsubscribe.answer(daemon, request)

        app = Starlette(
            routes=[
                Route("/health", health),
                Route("/metrics", metrics),
                Route("/feedback/{alert}/{verdict}", word_on_alert, methods=["GET", "POST"]),
                Route("/unsubscribe", no_more, methods=["GET", "POST"]),
            ]
        )
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            listening = socket.create_server((host.strip("[]"), number), family=family)
        except OSError as problem:
            event("endpoint_failed", logging.WARNING, listen=listen, why=problem.strerror or str(problem))
            return
        config = uvicorn.Config(app, log_level="warning", lifespan="off")
        with listening:
            await Server(config, daemon.serving.set).serve([listening])

    return serve
