"""What the decision looks back on, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from monitor.core.alerts.news import Said
    from monitor.model import Alert, Hold, HoldReason, News

QUEUED: frozenset[HoldReason] = frozenset({"waiting", "digest", "quiet_hours", "capped"})
"""Holds that end by themselves: the match waits in a group, whose message will tell it."""

GroupKind = Literal["group", "digest", "quiet", "overflow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Matches of one rule that are told together.

    ``due_at`` is when what waits is sent, ``None`` where nothing waits. ``opened_at`` is when the first of it came.
    """

    key: str
    rule: str
    kind: GroupKind = "group"
    opened_at: datetime | None = None
    due_at: datetime | None = None
    last_sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article that a rule has told of in ``alert_id`` at ``at``, or, without one, that waits in ``group_key``."""

    rule: str
    article_id: int
    story_id: int | None
    at: datetime
    alert_id: str | None
    group_key: str = ""
    channels: tuple[str, ...] = ()
    news: tuple[News, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What went out or waits, for the rules that match now and those that may inhibit them.

    ``told``: of this story by these rules; of this article and of the one that it copies by any rule.
    ``last_hour``: how many alerts with articles each rule sent in the hour before now.
    ``original_matched``: the rules that matched the article that this one copies, sent or held.
    ``groups``: by key, those that `group_keys` names. ``said``: what the told articles of the story say.
    ``sites``: those with a report of their own in the story, and when its first was seen.
    ``acknowledged``: by rule, the kind of news that this story was acknowledged at ("": its first report).
    ``counting_since``: by rule for spikes, when it counted its first report.
    """

    told: tuple[Told, ...] = ()
    last_hour: Mapping[str, int] = field(default_factory=dict)
    original_matched: frozenset[str] = frozenset()
    groups: Mapping[str, Group] = field(default_factory=dict)
    said: Mapping[int, Said] = field(default_factory=dict)
    sites: Mapping[str, datetime] = field(default_factory=dict)
    acknowledged: Mapping[str, str] = field(default_factory=dict)
    counting_since: Mapping[str, datetime] = field(default_factory=dict)


class Decision(NamedTuple):
    """``alerts`` and ``holds`` are together as many as the matches; ``groups`` are to be written as they are here."""

    alerts: tuple[Alert, ...]
    holds: tuple[Hold, ...]
    groups: tuple[Group, ...] = ()
