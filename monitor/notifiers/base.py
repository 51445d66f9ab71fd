"""What every notifier is, and what it may say of itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from monitor.core.text import one_line
from monitor.core.urls import is_http
from monitor.errors import ConfigError
from monitor.model import Document, FetchFailed, Message, Outcome
from monitor.telemetry import redact

SAID_LIMIT = 300


class Poster(Protocol):
    """The network door, as far as notifiers need it: redirects are not followed, the reply is bounded.

    A reply with a success status is a ``Document``; everything else a ``FetchFailed``, with its status if it had one.
    ``deadline`` is in seconds for the whole exchange.
    """

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], deadline: float
    ) -> Document | FetchFailed: ...


class Notifier(Protocol):
    """One channel. ``endpoint`` names it in the ledger and in logs, without secrets.

    ``send`` answers every failure of the outside world as a value, within its own deadline. The same message may be
    sent again after any of them; it carries the same id each time.
    """

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def endpoint(self) -> str: ...

    async def send(self, message: Message, *, now: datetime) -> Outcome: ...

    async def aclose(self) -> None: ...


def said(text: str) -> str:
    """What an endpoint said, fit for the ledger: one bounded line without control characters and known secrets."""
    return one_line(redact(text), SAID_LIMIT)


def checked_url(channel: str, url: str) -> str:
    if not is_http(url):
        raise ConfigError(f"channels.{channel}: its url must be an http or https address")
    return url


def host_label(kind: str, url: str) -> str:
    """The rest of an address is often the secret itself."""
    return f"{kind} at {urlsplit(url).hostname}"
