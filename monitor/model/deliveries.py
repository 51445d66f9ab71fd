"""Messages, their deliveries, and what comes of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one channel sends for one alert; rendered once, stored in the outbox, sent as it is at every attempt.

    ``recipients`` are those that still need it after a partial failure; empty means all of the channel's.
    ``unsubscribe`` is where each recipient says that such messages are not wanted any more.
    """

    id: str
    channel: str
    subject: str
    text: str
    html: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    thread: str | None = None
    recipients: tuple[str, ...] = ()
    unsubscribe: Mapping[str, str] = field(default_factory=dict)


DeliveryState = Literal["pending", "leased", "sent", "retry", "dead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row of the outbox: one message to one endpoint."""

    id: int
    alert_id: str
    channel: str
    endpoint: str
    message: Message
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    last_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The endpoint took the message; ``receipt`` is what it said, bounded and without secrets.

    ``refused`` are the recipients that it will never take the message for; the operator is to be told.
    """

    receipt: str = ""
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLater:
    """Not now: try again; ``retry_after`` in seconds where the endpoint asked for it.

    ``recipients`` are those that still need the message, where the others have it or never will.
    """

    reason: str
    retry_after: float | None = None
    status: int | None = None
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Never: the endpoint refuses this message; ``disable`` where it refuses all (410)."""

    reason: str
    status: int | None = None
    disable: bool = False


Outcome = Delivered | RetryLater | Rejected
