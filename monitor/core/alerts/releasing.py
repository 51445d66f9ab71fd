"""What becomes of a group that is due: one message that lists what waits, best first, or a reason for each item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.alerts.holding import (
    closed_channels,
    longest_silence,
    open_channels,
    overflow_due,
    silenced_hold,
)
from monitor.core.alerts.times import next_time, schedule
from monitor.core.alerts.values import Group
from monitor.core.alerts.words import count, when
from monitor.model import Alert, AlertKind, Hold, Rule, Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A match that waits.

    ``sites`` is how many sites report its story, ``tier`` its feed's, ``score`` its best topic's. ``silences``
    are those whose query holds for the article, or that have none.
    """

    article_id: int
    version: int
    story_id: int | None
    rule_version: str
    at: datetime
    news: str = ""
    sites: int = 1
    tier: int = 2
    score: float = 0.0
    silences: tuple[Silence, ...] = ()

    @property
    def worth(self) -> tuple[float, ...]:
        """The greater the better: more sites, a better source, nearer to the topic, newer."""
        return (self.sites, -self.tier, self.score, self.at.timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """``told`` are the items of ``alert``, best first; ``held`` those that will not be sent, with the reason.

    ``moved`` is the group that takes ``told`` over where the cap is reached, with the reason. ``group`` is the released
    one as it is now.
    """

    group: Group
    alert: Alert | None = None
    told: tuple[Waiting, ...] = ()
    held: tuple[tuple[Waiting, Hold], ...] = ()
    moved: tuple[Group, str] | None = None


def release(
    group: Group,
    rule: Rule | None,
    items: Sequence[Waiting],
    *,
    overflow: Group | None,
    last_hour: int,
    channels: Mapping[str, str | None],
    now: datetime,
    new_id: Callable[[], str],
) -> Release:
    """What becomes of ``items``, all that wait in ``group``: each is told, held, or moved to ``overflow``."""
    empty = replace(group, due_at=None, opened_at=None)
    if rule is None or not rule.enabled:
        return _all_held(empty, items, Hold(rule=group.rule, reason="rule_disabled", detail="the rule is gone or off"))
    silenced = {id(item): longest_silence(item.silences, rule.name, now) for item in items}
    held = tuple((i, silenced_hold(rule.name, silence)) for i in items if (silence := silenced[id(i)]) is not None)
    told = tuple(sorted((item for item in items if silenced[id(item)] is None), key=_worth, reverse=True))
    if group.kind == "digest" and rule.send_empty:
        empty = replace(empty, due_at=next_time(schedule(rule.schedule), now), opened_at=now)
    if not told and not (group.kind == "digest" and rule.send_empty):
        return Release(group=empty, held=held)
    reachable = open_channels(rule.channels, channels)
    if not reachable:
        known = any(name in channels for name in rule.channels)
        detail = "; ".join(closed_channels(rule.channels, channels)) or "the rule names no channel"
        off = Hold(rule=rule.name, reason="channel_disabled" if known else "no_channel", detail=detail)
        return replace(_all_held(empty, told, off), held=(*held, *((item, off) for item in told)))
    if group.kind == "group" and last_hour >= rule.per_hour:
        later = overflow or Group(key=f"{rule.name}|overflow", rule=rule.name, kind="overflow")
        if later.due_at is None:
            later = replace(later, due_at=overflow_due(rule, now), opened_at=now)
        detail = f"the rule's cap of {rule.per_hour} alerts an hour is reached; told in one message"
        return Release(group=empty, held=held, moved=(later, f"{detail} at {when(later.due_at or now)}"), told=told)
    kind: AlertKind = "overflow" if group.kind == "overflow" else "digest"
    if group.kind == "group" and len(told) == 1:
        kind = "article"
    first = told[0] if told else None
    alert = Alert(
        id=new_id(),
        key=f"{group.key}:{(group.opened_at or now).isoformat()}",
        rule=rule.name,
        rule_version=first.rule_version if first else rule.version,
        article_id=first.article_id if first else 0,
        story_id=_one_story(told),
        created_at=now,
        priority=rule.priority,
        channels=reachable,
        kind=kind,
        reason="; ".join((_occasion(group, rule, told), *closed_channels(rule.channels, channels))),
        group_key=group.key,
    )
    return Release(group=replace(empty, last_sent_at=now), alert=alert, told=told, held=held)


def empty_digest(rule: Rule, now: datetime) -> Group:
    """The group of a digest that is sent even when nothing waits."""
    due = next_time(schedule(rule.schedule), now)
    return Group(key=f"{rule.name}|digest", rule=rule.name, kind="digest", due_at=due, opened_at=now)


def _all_held(group: Group, items: Sequence[Waiting], hold: Hold) -> Release:
    return Release(group=group, held=tuple((item, hold) for item in items))


def _worth(item: Waiting) -> tuple[float, ...]:
    return item.worth


def _one_story(items: Sequence[Waiting]) -> int | None:
    stories = {item.story_id for item in items}
    return stories.pop() if len(stories) == 1 else None


def _occasion(group: Group, rule: Rule, told: Sequence[Waiting]) -> str:
    reports = count(len(told), "report", "reports")
    match group.kind:
        case "digest":
            return f"digest: {reports} since {when(group.opened_at)}" if told and group.opened_at else "digest: nothing"
        case "quiet":
            return f"{reports} held in the quiet hours {rule.quiet}"
        case "overflow":
            return f"{reports} beyond the rule's cap of {rule.per_hour} alerts an hour"
        case _:
            if len(told) == 1:
                return told[0].news or "collected"
            return f"{reports} since {when(group.opened_at)}" if group.opened_at else reports
