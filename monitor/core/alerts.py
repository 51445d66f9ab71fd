"""Who is told of an article, and why not: every match of a rule ends as exactly one alert or one hold with its reason.

The decision is a table of questions in a fixed order; the first that holds the match names the reason. What concerns
the article alone is asked first, silences next, the hourly cap last, so that what a silence or a cap is said to have
held back is what would really have been sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from monitor.model import (
    Alert,
    Article,
    Duplicate,
    Hold,
    HoldReason,
    Joins,
    Placement,
    Rule,
    RuleMatch,
    Silence,
    Starts,
)

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAlert:
    """An alert that was sent before, as far as the decision needs it."""

    id: str
    rule: str
    article_id: int
    story_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What went out before, for the rules that match now. Overflow alerts, drills and notices are not in it.

    ``alerts``: those on this story, this article, or the article that it copies.
    ``last_hour``: how many alerts each rule sent in the hour before now.
    ``overflowed``: by rule, the overflow alert of the hour before now, where there was one.
    ``original_matched``: the rules that matched the article that this one copies, sent or held.
    """

    alerts: tuple[PastAlert, ...] = ()
    last_hour: Mapping[str, int] = field(default_factory=dict)
    overflowed: Mapping[str, str] = field(default_factory=dict)
    original_matched: frozenset[str] = frozenset()


class Decision(NamedTuple):
    """``holds`` and the alerts of kind ``article`` are together as many as the matches; overflow alerts are extra."""

    alerts: tuple[Alert, ...]
    holds: tuple[Hold, ...]


def decide(
    article: Article,
    placement: Placement,
    matches: Sequence[RuleMatch],
    rules: Mapping[str, Rule],
    *,
    history: History,
    silences: Sequence[Silence],
    channels: Mapping[str, str | None],
    now: datetime,
    new_id: Callable[[], str],
    alert_window: timedelta = timedelta(days=2),
) -> Decision:
    """What becomes of ``matches``, at most one for each rule.

    ``article`` carries the id of its story, also of one that ``placement`` says it starts. ``silences`` are those
    without a query, and those whose query holds for the article; rule and time are looked at here. ``channels`` maps
    each configured channel to the reason why it is switched off, or ``None``. Articles published longer than
    ``alert_window`` before ``now`` never alert.
    """
    alerts: list[Alert] = []
    holds: list[Hold] = []
    for match in matches:
        rule = rules.get(match.rule)
        if rule is None:
            holds.append(Hold(rule=match.rule, reason="rule_disabled", detail="the rule no longer exists"))
            continue
        case = _Case(article, placement, match, rule, history, channels, now)
        hold = case.ruled_out(alert_window) or case.told_before() or case.silenced(silences) or case.unreachable()
        if hold is not None:
            holds.append(hold)
        elif history.last_hour.get(rule.name, 0) < rule.per_hour:
            alerts.append(case.alert(new_id()))
        else:
            overflow = history.overflowed.get(rule.name)
            if overflow is None:
                alerts.append(case.overflow(new_id()))
                overflow = alerts[-1].id
            holds.append(case.capped(overflow))
    return Decision(tuple(alerts), tuple(holds))


@dataclass(frozen=True, slots=True)
class _Case:
    """One match, and the questions that are put to it. A question answers with the hold, or ``None``."""

    article: Article
    placement: Placement
    match: RuleMatch
    rule: Rule
    history: History
    channels: Mapping[str, str | None]
    now: datetime

    def ruled_out(self, alert_window: timedelta) -> Hold | None:
        if not self.rule.enabled:
            return self._hold("rule_disabled", "the rule is switched off")
        if self.article.backlog:
            return self._hold("backlog", "already in the feed when it was first read, or old")
        published = self.article.analysis.text.published
        if published is not None and self.now - published > alert_window:
            return self._hold("too_old", f"published {_when(published)}, longer than {_span(alert_window)} ago")
        return None

    def told_before(self) -> Hold | None:
        """A copy is held where the rule knew its original; else a rule for one feed misses what another had first."""
        past = sorted((a for a in self.history.alerts if a.rule == self.rule.name), key=lambda a: a.created_at)[::-1]
        for alert in past:
            if alert.article_id == self.article.id:
                detail = f"this article was alerted at {_when(alert.created_at)}"
                return self._hold("article_already_alerted", detail, alert.id)
        told_of_story = self._first(past, lambda a: self.story is not None and a.story_id == self.story)
        if told_of_story and (
            self.rule.once_per == "article" or self.now - told_of_story.created_at >= self.rule.window
        ):
            told_of_story = None
        if isinstance(self.placement, Duplicate):
            of, similarity, why = self.placement.of, self.placement.similarity, self.placement.why
            told = self._first(past, lambda a: a.article_id == of) or told_of_story
            if told or self.rule.name in self.history.original_matched:
                detail = f"copy of article {of} (similarity {similarity:.2f}: {why})"
                return self._hold("duplicate", detail, told.id if told else str(of))
        if told_of_story:
            detail = (
                f"its story was alerted at {_when(told_of_story.created_at)}; again after {_span(self.rule.window)}"
            )
            return self._hold("story_already_alerted", detail, told_of_story.id)
        return None

    def silenced(self, silences: Sequence[Silence]) -> Hold | None:
        """The silence that lasts longest is named: when it ends, the rule speaks again."""
        active = [s for s in silences if s.rule in {None, self.rule.name} and s.starts_at <= self.now < s.ends_at]
        if not active:
            return None
        silence = max(active, key=lambda s: (s.ends_at, s.id))
        detail = f"silenced by {silence.who} until {_when(silence.ends_at)}: {silence.reason}"
        return self._hold("silenced", detail, str(silence.id))

    def unreachable(self) -> Hold | None:
        if self._open_channels:
            return None
        detail = "; ".join(self._closed_channels) or "the rule names no channel"
        known = any(name in self.channels for name in self.rule.channels)
        return self._hold("channel_disabled" if known else "no_channel", detail)

    def capped(self, overflow: str) -> Hold:
        return self._hold("capped", f"the rule's cap of {self.rule.per_hour} alerts an hour is reached", overflow)

    def alert(self, alert_id: str) -> Alert:
        if self.rule.once_per == "story" and self.story is not None:
            window = (self.now - _EPOCH) // (self.rule.window or timedelta.resolution)
            key = f"story:{self.story}:{window}:{self.rule.name}"
        else:
            key = f"article:{self.article.id}:{self.rule.name}"
        return Alert(
            id=alert_id,
            key=key,
            rule=self.rule.name,
            rule_version=self.match.rule_version,
            article_id=self.article.id,
            story_id=self.story,
            created_at=self.now,
            priority=self.rule.priority,
            channels=self._open_channels,
            reason="; ".join((self._occasion, *self._closed_channels)),
        )

    def overflow(self, alert_id: str) -> Alert:
        """Says once an hour that the cap holds matches back."""
        return Alert(
            id=alert_id,
            key=f"overflow:{(self.now - _EPOCH) // timedelta(hours=1)}:{self.rule.name}",
            rule=self.rule.name,
            rule_version=self.match.rule_version,
            article_id=self.article.id,
            story_id=self.story,
            created_at=self.now,
            priority=self.rule.priority,
            channels=self._open_channels,
            kind="overflow",
            reason=f"rule {self.rule.name} sent {self.rule.per_hour} alerts within an hour, which is its cap",
        )

    @property
    def story(self) -> int | None:
        return self.article.story_id if isinstance(self.placement, Starts) else self.placement.story_id

    @property
    def _occasion(self) -> str:
        if isinstance(self.placement, Duplicate):
            return f"copy of article {self.placement.of}, which the rule did not match"
        if isinstance(self.placement, Joins):
            return "new report of a known story"
        return "first report of a new story"

    @property
    def _open_channels(self) -> tuple[str, ...]:
        return tuple(name for name in dict.fromkeys(self.rule.channels) if self.channels.get(name, "unknown") is None)

    @property
    def _closed_channels(self) -> tuple[str, ...]:
        return tuple(
            f"channel {name} is off: {self.channels[name]}" if name in self.channels else f"channel {name} is not known"
            for name in dict.fromkeys(self.rule.channels)
            if name not in self._open_channels
        )

    def _hold(self, reason: HoldReason, detail: str, refers_to: str | None = None) -> Hold:
        return Hold(rule=self.rule.name, reason=reason, detail=detail, refers_to=refers_to)

    @staticmethod
    def _first(past: Sequence[PastAlert], holds: Callable[[PastAlert], bool]) -> PastAlert | None:
        return next(filter(holds, past), None)


def _when(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"


def _span(length: timedelta) -> str:
    minutes = length / timedelta(minutes=1)
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min"


def alert_id(now: datetime, noise: int) -> str:
    """A ULID in small letters: sorts by time, unique by 80 bits of ``noise``, and has no ``.`` (Standard Webhooks)."""
    number = ((now - _EPOCH) // timedelta(milliseconds=1) << 80) | (noise & (1 << 80) - 1)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
