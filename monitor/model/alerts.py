"""Alerts, what holds them back, and silences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from monitor.model.rules import News

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
