"""A mail server and a webhook receiver on this machine that keep what they are sent."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import secrets
from base64 import b64encode
from email.message import EmailMessage
from typing import Any

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.web.server import Server


class MailSink:
    """A real SMTP server; ``mails`` are the messages that it took, in order."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="mail.demo", loop=loop), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's
        """Keep a message."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 kept"


class HookSink:
    """A webhook receiver that verifies signatures; ``received`` are the payloads, in order."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.refused = 0
        self.secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
        self.url = ""
        self._server: Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        config = uvicorn.Config(
            Starlette(routes=[Route("/hook", self._take, methods=["POST"])]),
            host="127.0.0.1", port=0, log_level="error", lifespan="off",
        )  # fmt: skip
        self._server = Server(config)
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
            await asyncio.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}/hook"

    async def stop(self) -> None:
        if self._server and self._serving:
            self._server.should_exit = True
            await self._serving

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        try:
            Webhook(self.secret).verify(body, dict(request.headers))
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not from us
            self.refused += 1
            return Response(status_code=401)
        self.received.append(json.loads(body))
        return Response(status_code=204)
