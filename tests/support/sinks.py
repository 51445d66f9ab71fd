"""Sinks that alerts are really sent to: a mail server (aiosmtpd) and replies in turn for the raw HTTP server.

Both run on the test's own loop, on loopback, and answer as they are told.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.support.hostile import Behaviour, Talk

MAIL_HOST = "127.0.0.1"


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """A behaviour that answers each request by the next of these, and the last of them for ever."""
    left = list(behaviours)

    async def behave(talk: Talk) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(talk)

    return behave


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it came: who got it, the bytes, whether the line was encrypted, as whom the client logged in."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    encrypted: bool
    login: str | None

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.data, policy=default)  # type: ignore[return-value]


DataAnswer = Callable[[SMTP], Awaitable[str]]


@dataclass(slots=True)
class MailSink:
    """The running server. ``mails`` are those that were taken; the answers may be changed at any time.

    ``on_rcpt`` maps an address to the reply to its RCPT. ``on_data`` answers after the final dot. ``password`` is
    what AUTH wants. ``secrets_seen`` are the credentials that came, with whether the line was encrypted.
    """

    host: str
    port: int = 0
    on_mail: str = "250 OK"
    on_rcpt: dict[str, str] = field(default_factory=dict)
    on_data: str | DataAnswer = "250 2.0.0 taken as 4711"
    password: str = ""
    mails: list[Mail] = field(default_factory=list)
    unanswered: list[Mail] = field(default_factory=list)
    secrets_seen: list[tuple[str, bool]] = field(default_factory=list)
    connections: int = 0
    taken: Callable[[Mail], None] = lambda _: None

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        if self.on_mail.startswith("2"):
            envelope.mail_from = address
        return self.on_mail

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        reply = self.on_rcpt.get(address, "250 OK")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mail = Mail(
            envelope.mail_from or "",
            tuple(envelope.rcpt_tos),
            envelope.original_content or b"",
            session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None,
            session.auth_data,
        )
        if not isinstance(self.on_data, str):
            self.unanswered.append(mail)
            return await self.on_data(server)
        if self.on_data.startswith("2"):
            self.mails.append(mail)
            self.taken(mail)
        return self.on_data

    def _login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: Any) -> AuthResult:
        user, password = auth_data.login.decode(), auth_data.password.decode()
        self.secrets_seen.append((password, server.transport.get_extra_info("sslcontext") is not None))
        return AuthResult(success=password == self.password, handled=False, auth_data=user)


async def close_after_data(server: SMTP) -> str:
    server.transport.abort()
    return "250 OK"


async def silent_after_data(server: SMTP) -> str:
    await asyncio.sleep(3600)
    return "250 OK"


@asynccontextmanager
async def mail_sink(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[MailSink]:
    """Run a mail server for the time of a ``with``: plain, with STARTTLS on offer, or with TLS from the start."""
    sink = MailSink(MAIL_HOST)
    servers: list[SMTP] = []

    def accept() -> SMTP:
        sink.connections += 1
        server = SMTP(
            sink,
            tls_context=starttls,
            hostname="sink.example",
            authenticator=sink._login,
            auth_require_tls=False,
            timeout=30,
        )
        servers.append(server)
        return server

    listener = await asyncio.get_running_loop().create_server(accept, MAIL_HOST, 0, ssl=tls)
    sink.port = listener.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        listener.close()
        for server in servers:
            if server.transport is not None:
                server.transport.abort()
            if server._handler_coroutine is not None:
                server._handler_coroutine.cancel()
        await asyncio.gather(*(s._handler_coroutine for s in servers if s._handler_coroutine), return_exceptions=True)


@asynccontextmanager
async def raw_mail_server(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """A server that says whatever ``talk`` writes; yields its port."""
    tasks: set[asyncio.Task[None]] = set()

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except OSError:
            pass  # the other side left
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(run(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(accept, MAIL_HOST, 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
