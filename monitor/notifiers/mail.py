"""Mail over SMTP. Nothing crosses a line in the clear unless the operator says so or the line is local."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.errors import MessageError
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from ipaddress import ip_address
from typing import Any, Literal

import aiosmtplib

from monitor.core.mailboxes import mail_address
from monitor.errors import ConfigError
from monitor.model import Delivered, Message, Outcome, Rejected, RetryLater
from monitor.notifiers.base import Poster, said


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSettings:
    """``encryption`` ``starttls`` is required of every server but one on this machine that does not offer it.

    ``ca_file`` names the certificates that are trusted, in place of the system's. ``deadline`` is for one whole send.
    """

    host: str
    sender: str
    recipients: tuple[str, ...]
    port: int = 587
    encryption: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    deadline: timedelta = timedelta(seconds=60)


@dataclass(slots=True)
class _Transaction:
    """Who was answered how. ``left`` still wait for an answer, ``taken`` for that to the message itself."""

    left: list[str]
    taken: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    later: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def unfinished(self, reason: str, status: int | None = None) -> RetryLater:
        """The line broke, or the server wants no more now: all but the sent and the refused get the message again."""
        again = (*self.left, *self.taken, *self.later)
        return RetryLater(reason=said("; ".join([reason, *self._answers()])), status=status, recipients=again)

    def refused_whole(self, reason: str, status: int) -> Outcome:
        words = said("; ".join([reason, *self._answers()]))
        if self.sent:
            return Delivered(receipt=words, refused=(*self.taken, *self.left, *self.refused))
        return Rejected(reason=words, status=status)

    def finished(self, receipt: str) -> Outcome:
        if self.later:
            reason = "; ".join([f"{len(self.sent)} took it", *self._answers()])
            return RetryLater(reason=said(reason), recipients=tuple(self.later))
        if self.sent:
            text = "; ".join([receipt, *self._answers()])
            return Delivered(receipt=said(text), refused=tuple(self.refused))
        return Rejected(reason=said("; ".join(self._answers())))

    def _answers(self) -> list[str]:
        return [f"{address}: {answer}" for address, answer in (self.later | self.refused).items()]


IDLE_SECONDS = 10.0
"""A connection is kept for so long for the next message; servers wait five minutes and more (RFC 5321, 4.5.3.2)."""
MOST_IDLE = 2


class EmailNotifier:
    """Messages that follow each other share a connection. A repeat carries the same Message-ID, so that readers and
    servers know it again.
    """

    kind = "email"

    def __init__(self, name: str, settings: EmailSettings) -> None:
        self.name = name
        self._settings = settings
        self.endpoint = f"mail to {len(settings.recipients)} by {settings.host}:{settings.port}"
        self._sender = _address(name, settings.sender)
        self._recipients = tuple(_address(name, recipient) for recipient in settings.recipients)
        if not self._recipients:
            raise ConfigError(f"channels.{name}: there is no recipient")
        if settings.username is not None and settings.encryption == "none":
            raise ConfigError(f"channels.{name}: a password is never sent in the clear; encryption must not be none")
        self._tls = _tls(name, settings)
        self._idle: dict[aiosmtplib.SMTP, asyncio.TimerHandle] = {}

    async def send(self, message: Message, *, now: datetime) -> Outcome:  # noqa: ARG002 - the Date is the alert's
        transaction = _Transaction(left=list(message.recipients or self._recipients))
        seconds = self._settings.deadline.total_seconds()
        client = None
        try:
            async with asyncio.timeout(seconds):
                client = await self._reused()
                if client is None:
                    client = self._client(seconds)
                    if refusal := await self._open(client):
                        return transaction.unfinished(refusal)
                outcome = await self._converse(client, transaction, message)
            self._keep(client)
            client = None
            return outcome  # noqa: TRY300 - all that fails answers below
        except TimeoutError:
            return transaction.unfinished(f"the server did not finish within {seconds:g} s")
        except aiosmtplib.SMTPResponseException as error:
            words = f"{error.code} {error.message}"
            if 500 <= error.code < 600:
                return transaction.refused_whole(words, error.code)
            return transaction.unfinished(words, error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            return transaction.unfinished(_trouble(error))
        finally:
            if client is not None:
                client.close()

    def _client(self, seconds: float) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._settings.host,
            port=self._settings.port,
            use_tls=self._settings.encryption == "tls",
            start_tls=False,
            timeout=seconds,
            tls_context=self._tls,
            local_hostname=self._sender.rpartition("@")[2],
        )

    async def _open(self, client: aiosmtplib.SMTP) -> str | None:
        """Connect, encrypt, log in; why nothing may be sent there, or ``None``."""
        settings = self._settings
        await client.connect()
        await client.ehlo()
        if settings.encryption == "starttls":
            if client.supports_extension("starttls"):
                await client.starttls()
                await client.ehlo()
            elif settings.username is not None or not _is_loopback(settings.host):
                return "the server does not offer STARTTLS; nothing was sent"
        if settings.username is not None:
            await client.login(settings.username, settings.password or "")
        return None

    async def _reused(self) -> aiosmtplib.SMTP | None:
        """A connection that is still good, as the server itself says."""
        while self._idle:
            client, timer = self._idle.popitem()
            timer.cancel()
            try:
                await client.rset(timeout=5)
            except (aiosmtplib.SMTPException, OSError):
                client.close()
            except BaseException:
                client.close()
                raise
            else:
                return client
        return None

    def _keep(self, client: aiosmtplib.SMTP) -> None:
        if len(self._idle) >= MOST_IDLE or not client.is_connected:
            client.close()
            return
        self._idle[client] = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._drop, client)

    def _drop(self, client: aiosmtplib.SMTP) -> None:
        self._idle.pop(client, None)
        client.close()

    async def _converse(self, client: aiosmtplib.SMTP, transaction: _Transaction, message: Message) -> Outcome:
        """One mail for all, or, where each has a link of their own, one for each over the same connection."""
        receipt = ""
        while transaction.left:
            together = 1 if message.unsubscribe else len(transaction.left)
            await client.mail(self._sender)
            for recipient in transaction.left[:together]:
                try:
                    await client.rcpt(recipient)
                    transaction.taken.append(recipient)
                except aiosmtplib.SMTPRecipientRefused as error:
                    answers = transaction.refused if 500 <= error.code < 600 else transaction.later
                    answers[recipient] = f"{error.code} {error.message}"
                transaction.left.remove(recipient)
            if transaction.taken:
                link = message.unsubscribe.get(transaction.taken[0])
                response = await client.data(as_bytes(message, self._settings, link))
                receipt = f"{response.code} {response.message}"
                transaction.sent += transaction.taken
                transaction.taken.clear()
            elif transaction.left:
                await client.rset()
        return transaction.finished(receipt)

    async def aclose(self) -> None:
        """Say goodbye where a connection is kept."""
        while self._idle:
            client, timer = self._idle.popitem()
            timer.cancel()
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=2)
            client.close()


_LONGEST_WORD = 60
"""A longer one would not stand beside the name of the header in a line; encoded it may be cut."""


class _Policy(EmailPolicy):
    """As the package's own for SMTP, which in folding subjects loses some blanks and adds others."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name != "Subject":
            return super().fold_binary(name, value)
        plain = str(value).isascii() and max(map(len, str(value).split()), default=0) <= _LONGEST_WORD
        words = Header(str(value), None if plain else "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {words}{self.linesep}".encode("ascii")


_POLICY = _Policy(linesep=SMTP.linesep)


def as_bytes(message: Message, settings: EmailSettings, unsubscribe: str | None = None) -> bytes:
    """The mail on the line: text and HTML, 7-bit, short lines, the headers that were rendered with the message.

    ``unsubscribe`` is the reader's own link; mail programs post to it by one click, only over HTTPS (RFC 8058). A
    header that the mail package will not have is left out rather than the mail; the rendering makes none.
    """
    mail = EmailMessage(policy=_POLICY)
    headers = {"From": settings.sender, "To": ", ".join(settings.recipients), "Subject": message.subject}
    if unsubscribe is not None:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        if unsubscribe.startswith("https://"):
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    for name, value in (headers | dict(message.headers)).items():
        with suppress(ValueError, MessageError):
            mail[name] = value
    mail.set_content(message.text, cte="quoted-printable")
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        mail.set_boundary("=_monitor")  # the same bytes each time; quoted-printable text cannot hold "=_"
    return mail.as_bytes()


def _address(channel: str, mailbox: str) -> str:
    """The address of ``Name <address>``; what SMTP or the headers could not carry is refused at the start."""
    address = mail_address(mailbox)
    if address is None:
        raise ConfigError(f"channels.{channel}: {mailbox!r} is not a mail address")
    return address


def _tls(channel: str, settings: EmailSettings) -> ssl.SSLContext | None:
    """Made once: to read the system's certificates takes longer than to send a mail."""
    if settings.encryption == "none":
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise ConfigError(f"channels.{channel}: ca_file {settings.ca_file} cannot be read: {error.strerror}") from error


def _trouble(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the server's certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "no TLS connection"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, aiosmtplib.SMTPServerDisconnected):
        return "the server closed the connection"
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    return f"no connection: {error.__class__.__name__}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def make(name: str, settings: Mapping[str, Any], poster: Poster) -> EmailNotifier:  # noqa: ARG001 - SMTP is not HTTP
    return EmailNotifier(name, EmailSettings(**settings))
