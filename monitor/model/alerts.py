"""Rules, alerts, deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from monitor.model.feeds import Origin
    from monitor.model.texts import Span

Trigger = Literal["each", "story", "digest", "edited", "spike", "silence-of"]
"""What a rule tells of: each article; a story and what is new in it; a digest by the clock; changes of articles that
were alerted; more reports than usual; no report at all."""

News = Literal["sources", "country", "quote", "number", "tier"]
"""What is new in a further report of a story, the lower kind first."""

GroupBy = Literal["story", "rule", "country", "topic", "feed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Whom to tell of what. ``query`` is one expression of the query language; ``version`` a hash of the definition.

    ``follow_up`` are the kinds of news for which a story that was told is told again; ``further_sources`` how many new
    independent sites make one of them. After ``window`` without a word about it a story counts as new.
    ``wait`` collects before the first message of a group, ``every`` is the least time between two messages of one.
    ``quiet`` and ``schedule`` are read by `core.alerts.times`. ``silent_for`` belongs to ``silence-of``; ``within``,
    ``at_least`` and ``chance`` to ``spike``. Empty and zero mean: not.
    """

    name: str
    query: str
    channels: tuple[str, ...]
    origin: Origin
    version: str
    priority: Literal["low", "normal", "high"] = "normal"
    trigger: Trigger = "story"
    follow_up: tuple[News, ...] = ("sources", "country", "number", "tier")
    further_sources: int = 5
    window: timedelta = timedelta(hours=24)
    wait: timedelta = timedelta(0)
    every: timedelta = timedelta(0)
    group_by: GroupBy = "story"
    quiet: str = ""
    schedule: str = ""
    send_empty: bool = False
    silent_for: timedelta = timedelta(0)
    within: timedelta = timedelta(hours=2)
    at_least: int = 5
    chance: float = 0.001
    inhibited_by: tuple[str, ...] = ()
    per_hour: int = 20
    note: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatch:
    """A rule's query holds for an article: where."""

    rule: str
    rule_version: str
    spans: tuple[Span, ...]


HoldReason = Literal[
    "backlog",
    "duplicate",
    "story_already_alerted",
    "article_already_alerted",
    "acknowledged",
    "inhibited",
    "silenced",
    "waiting",
    "digest",
    "quiet_hours",
    "capped",
    "counted",
    "never_alerted",
    "small_change",
    "rule_disabled",
    "channel_disabled",
    "no_channel",
    "too_old",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A match that sends nothing now, and why; ``refers_to`` is the alert, article, silence or group it is held for.

    ``news`` is what a report that waits in a group has to tell.
    """

    rule: str
    reason: HoldReason
    detail: str
    refers_to: str | None = None
    news: str = ""


AlertKind = Literal["article", "digest", "overflow", "correction", "spike", "silence", "drill", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert to be sent. ``id`` is stable and unique; ``key`` is unique for what it tells: the last guard.

    ``article_id`` is the first of the articles that it tells of. ``news`` are the kinds of news of a follow-up.
    """

    id: str
    key: str
    rule: str
    rule_version: str
    article_id: int
    story_id: int | None
    created_at: datetime
    priority: str
    channels: tuple[str, ...]
    kind: AlertKind = "article"
    reason: str = ""
    group_key: str = ""
    news: tuple[News, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """While it lasts, matches of its rule (or, with ``query``, of its query) are held."""

    id: int
    rule: str | None
    query: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    who: str


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
