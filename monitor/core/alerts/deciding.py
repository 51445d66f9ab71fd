"""Who is told of an article, and why not: every match of a rule ends as exactly one alert or one hold with its reason.

The decision is a table of questions in a fixed order; the first that holds the match names the reason. What concerns
the article alone is asked first, silences next, the clock last: so that what a silence, quiet hours or the cap are said
to have held back is what would really have been sent. What the clock holds back waits in a group, see `releasing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.core.alerts.changes import is_small, is_withdrawn
from monitor.core.alerts.holding import (
    closed_channels,
    end_of_quiet,
    longest_silence,
    open_channels,
    overflow_due,
    silenced_hold,
)
from monitor.core.alerts.news import RANK, said, what_is_new
from monitor.core.alerts.times import next_time, schedule
from monitor.core.alerts.values import QUEUED, Decision, Group, GroupKind, History, Told
from monitor.core.alerts.watching import LEARNING
from monitor.core.alerts.words import length, when
from monitor.model import (
    Alert,
    AlertKind,
    Article,
    Duplicate,
    Hold,
    HoldReason,
    Joins,
    News,
    Placement,
    Rule,
    RuleMatch,
    Silence,
    Starts,
)

_QUEUES: Mapping[GroupKind, HoldReason] = {
    "group": "waiting",
    "digest": "digest",
    "quiet": "quiet_hours",
    "overflow": "capped",
}


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
    left: Mapping[str, Mapping[str, str]] = {},
    tier: int = 2,
    before: Article | None = None,
) -> Decision:
    """What becomes of ``matches``, at most one for each rule.

    ``article`` carries the id of its story, also of one that ``placement`` says it starts. ``silences`` are those
    without a query, and those whose query holds for the article; rule and time are looked at here. ``channels`` maps
    each configured channel to the reason why it is switched off, or ``None``; ``left`` has for a rule the channels of
    which all readers have unsubscribed from it, with the reason. Articles published longer than
    ``alert_window`` before ``now`` never alert. ``tier`` is that of the article's feed. ``before`` is the article as it
    was stored before, where its text has changed.
    """
    alerts: list[Alert] = []
    holds: list[Hold] = []
    groups = dict(history.groups)
    changed: dict[str, Group] = {}
    told_now: dict[str, str] = {}
    for match in _inhibitors_first(matches, rules):
        rule = rules.get(match.rule)
        if rule is None:
            holds.append(Hold(rule=match.rule, reason="rule_disabled", detail="the rule no longer exists"))
            continue
        open_to_rule = {**channels, **left.get(rule.name, {})}
        case = _Case(article, placement, match, rule, history, open_to_rule, now, tier, before)
        hold = case.ruled_out(alert_window) or case.not_its_trigger()
        news: dict[News, str] = {}
        if hold is None and rule.trigger != "edited":
            hold, news = case.told_before()
        hold = hold or case.silenced(silences) or case.inhibited(told_now) or case.unreachable()
        if hold is None:
            group = case.group(groups)
            if group.due_at is not None:
                hold = case.queued(group, news)
            else:
                alerts.append(case.alert(new_id(), group, news))
            groups[group.key] = changed[group.key] = group
        if hold is not None:
            holds.append(hold)
        if hold is None or hold.reason in QUEUED:
            told_now[rule.name] = alerts[-1].id if hold is None else hold.refers_to or ""
    return Decision(tuple(alerts), tuple(holds), tuple(changed.values()))


def _inhibitors_first(matches: Sequence[RuleMatch], rules: Mapping[str, Rule]) -> list[RuleMatch]:
    """A rule comes after those that may inhibit it; in a circle of rules the first in order goes first."""
    left, ordered = list(matches), []
    while left:
        waiting = {match.rule for match in left}
        free = [m for m in left if m.rule not in rules or not waiting & {*rules[m.rule].inhibited_by} - {m.rule}]
        ordered += free or left[:1]
        left = [match for match in left if match not in ordered]
    return ordered


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
    tier: int
    before: Article | None

    # --- the article -------------------------------------------------------------------------------

    def ruled_out(self, alert_window: timedelta) -> Hold | None:
        if not self.rule.enabled:
            return self._hold("rule_disabled", "the rule is switched off")
        if self.rule.trigger == "edited":
            return None  # what was alerted is corrected however old it is
        if self.article.backlog:
            return self._hold("backlog", "already in the feed when it was first read, or old")
        published = self.article.analysis.text.published
        if published is not None and self.now - published > alert_window:
            return self._hold("too_old", f"published {when(published)}, longer than {length(alert_window)} ago")
        return None

    def not_its_trigger(self) -> Hold | None:
        if self.rule.trigger == "edited":
            return self._no_correction()
        if self.rule.trigger not in {"spike", "silence-of"}:
            return None
        if isinstance(self.placement, Duplicate):
            if self.rule.trigger == "spike":
                return self._copy(None)
        elif self.before is not None:
            return self._hold("counted", "a later version; its first was counted")
        if self.rule.trigger == "silence-of":
            return self._hold("counted", "counted; the rule tells when there is no report")
        learned = self.history.counting_since.get(self.rule.name, self.now) + LEARNING
        if self.now < learned:
            return self._hold("counted", f"counted; the rule learns what is usual until {when(learned)}")
        return self._hold("counted", "counted; the rule tells of more reports than usual")

    def _no_correction(self) -> Hold | None:
        if self.before is None:
            return self._hold("never_alerted", "the article is new; the rule tells of changes")
        if not self._recipients:
            return self._hold("never_alerted", "no alert told of this article, so there is nobody to correct it for")
        if is_small(self.before, self.article):
            return self._hold("small_change", "title and lead say the same in other words or signs, or as before")
        return None

    # --- what was told before ----------------------------------------------------------------------

    def told_before(self) -> tuple[Hold | None, dict[News, str]]:
        """A copy is held where the rule knew its original; else a rule for one feed misses what another had first."""
        own = sorted((t for t in self.history.told if t.rule == self.rule.name), key=lambda told: told.at, reverse=True)
        for told in own:
            if told.article_id == self.article.id:
                word = f"was alerted at {when(told.at)}" if told.alert_id else "waits to be sent already"
                return self._hold("article_already_alerted", f"this article {word}", _told_in(told)), {}
        of_story = [told for told in own if self.story is not None and told.story_id == self.story]
        if self.rule.trigger != "story":
            of_story = []
        sent = [told for told in of_story if told.alert_id and self.now - told.at < self.rule.window]
        waiting = [told for told in of_story if not told.alert_id]
        if isinstance(self.placement, Duplicate):
            of = self.placement.of
            original = next((told for told in own if told.article_id == of), None) or next(iter(sent + waiting), None)
            if original or self.rule.name in self.history.original_matched:
                return self._copy(original), {}
        if not sent:
            return None, {}
        return self._follow_up(sent, waiting)

    def _follow_up(self, sent: Sequence[Told], waiting: Sequence[Told]) -> tuple[Hold | None, dict[News, str]]:
        last, rule = sent[0], self.rule
        found = what_is_new(
            said(self.article.analysis, self.tier),
            [self.history.said[t.article_id] for t in (*sent, *waiting) if t.article_id in self.history.said],
            sites=self.history.sites,
            since=last.at,
            further_sources=rule.further_sources,
        )
        wanted = {kind: words for kind, words in found.items() if kind in rule.follow_up}
        if not wanted:
            what = f"nothing new since the alert of {when(last.at)}"
            if found:
                what += f" but what the rule does not follow up ({'; '.join(found.values())})"
            again = f"; any report alerts again from {when(last.at + rule.window)}"
            return self._hold("story_already_alerted", what + again, last.alert_id), {}
        level = self.history.acknowledged.get(rule.name)
        if level is not None and max(RANK[kind] for kind in wanted) <= _rank(level):
            what = f"the story was acknowledged, and this is nothing of a higher kind: {'; '.join(wanted.values())}"
            return self._hold("acknowledged", what, last.alert_id), {}
        return None, wanted

    def _copy(self, told: Told | None) -> Hold:
        assert isinstance(self.placement, Duplicate)
        of, similarity, why = self.placement.of, self.placement.similarity, self.placement.why
        detail = f"copy of article {of} (similarity {similarity:.2f}: {why})"
        return self._hold("duplicate", detail, _told_in(told) if told else str(of))

    # --- who stands against it ---------------------------------------------------------------------

    def silenced(self, silences: Sequence[Silence]) -> Hold | None:
        """The silence that lasts longest is named: when it ends, the rule speaks again."""
        silence = longest_silence(silences, self.rule.name, self.now)
        return None if silence is None else silenced_hold(self.rule.name, silence)

    def inhibited(self, told_now: Mapping[str, str]) -> Hold | None:
        for other in self.rule.inhibited_by:
            if other in told_now and other != self.rule.name:
                return self._hold("inhibited", f"rule {other} tells of it", told_now[other])
            for told in self.history.told:
                same = told.article_id == self.article.id or (self.story is not None and told.story_id == self.story)
                if told.rule == other and same and self.now - told.at < self.rule.window:
                    detail = f"rule {other} told of this story at {when(told.at)}"
                    return self._hold("inhibited", detail, _told_in(told))
        return None

    def unreachable(self) -> Hold | None:
        if self._open_channels:
            return None
        detail = "; ".join(self._closed_channels) or "the rule names no channel"
        known = any(name in self.channels for name in self._wanted_channels)
        return self._hold("channel_disabled" if known else "no_channel", detail)

    # --- the clock ---------------------------------------------------------------------------------

    def group(self, groups: Mapping[str, Group]) -> Group:
        """The group that tells of the match; without ``due_at`` it is sent now."""
        rule = self.rule
        if rule.trigger == "digest":
            return self._open(groups, "digest", next_time(schedule(rule.schedule), self.now))
        key = f"{rule.name}|{_group_value(rule, self.article, self.story)}"
        group = groups.get(key) or Group(key=key, rule=rule.name)
        if group.due_at is not None:
            return group
        last = group.last_sent_at
        first = last is None or self.now - last >= max(rule.window, rule.every)
        due = self.now + rule.wait if first or last is None else max(self.now, last + rule.every)
        if (end := end_of_quiet(rule, due)) is not None:
            return self._open(groups, "quiet", end)
        if due > self.now:
            return replace(group, due_at=due, opened_at=self.now)
        if self.history.last_hour.get(rule.name, 0) >= rule.per_hour:
            return self._open(groups, "overflow", overflow_due(rule, self.now))
        return replace(group, last_sent_at=self.now)

    def _open(self, groups: Mapping[str, Group], kind: GroupKind, due: datetime) -> Group:
        key = f"{self.rule.name}|{kind}"
        group = groups.get(key) or Group(key=key, rule=self.rule.name, kind=kind)
        return group if group.due_at is not None else replace(group, due_at=due, opened_at=self.now)

    def queued(self, group: Group, news: Mapping[News, str]) -> Hold:
        assert group.due_at is not None
        detail = {
            "group": "collected for one message",
            "digest": "for the digest",
            "quiet": f"quiet hours {self.rule.quiet}",
            "overflow": f"the rule's cap of {self.rule.per_hour} alerts an hour is reached; told in one message",
        }[group.kind]
        told = "; ".join(news.values()) or self._occasion
        return Hold(
            rule=self.rule.name,
            reason=_QUEUES[group.kind],
            detail=f"{detail} at {when(group.due_at)}",
            refers_to=group.key,
            news=told,
        )

    # --- the alert ---------------------------------------------------------------------------------

    def alert(self, alert_id: str, group: Group, news: Mapping[News, str]) -> Alert:
        corrects = self.rule.trigger == "edited"
        kind: AlertKind = "correction" if corrects else "article"
        of = f"{self.article.id}:{self.article.version}" if corrects else f"{self.article.id}"
        occasion = f"follow-up: {'; '.join(news.values())}" if news else self._occasion
        return Alert(
            id=alert_id,
            key=f"{kind}:{of}:{self.rule.name}",
            rule=self.rule.name,
            rule_version=self.match.rule_version,
            article_id=self.article.id,
            story_id=self.story,
            created_at=self.now,
            priority=self.rule.priority,
            channels=self._open_channels,
            kind=kind,
            reason="; ".join((occasion, *self._closed_channels)),
            group_key=group.key,
            news=tuple(news),
        )

    @property
    def story(self) -> int | None:
        return self.article.story_id if isinstance(self.placement, Starts) else self.placement.story_id

    @property
    def _occasion(self) -> str:
        if self.rule.trigger == "edited":
            withdrawn = self.before is not None and is_withdrawn(self.before, self.article)
            what = "withdrawn: its page is gone" if withdrawn else "changed by its publisher"
            return f"an article that was alerted is {what}"
        if isinstance(self.placement, Duplicate):
            return f"copy of article {self.placement.of}, which the rule did not match"
        if isinstance(self.placement, Joins):
            return "new report of a known story"
        return "first report of a new story"

    @property
    def _recipients(self) -> tuple[str, ...]:
        """The channels that were told of this article."""
        told = sorted((t for t in self.history.told if t.article_id == self.article.id), key=lambda told: told.at)
        return tuple(dict.fromkeys(channel for each in told if each.alert_id for channel in each.channels))

    @property
    def _wanted_channels(self) -> tuple[str, ...]:
        told = self._recipients if self.rule.trigger == "edited" else ()
        return tuple(dict.fromkeys((*told, *self.rule.channels)))

    @property
    def _open_channels(self) -> tuple[str, ...]:
        return open_channels(self._wanted_channels, self.channels)

    @property
    def _closed_channels(self) -> tuple[str, ...]:
        return closed_channels(self._wanted_channels, self.channels)

    def _hold(self, reason: HoldReason, detail: str, refers_to: str | None = None) -> Hold:
        return Hold(rule=self.rule.name, reason=reason, detail=detail, refers_to=refers_to)


def group_keys(rule: Rule, article: Article, story_id: int | None) -> tuple[str, ...]:
    """The groups in which the rule may put the article."""
    own = _group_value(rule, article, story_id)
    return tuple(f"{rule.name}|{value}" for value in (own, "digest", "quiet", "overflow"))


def _group_value(rule: Rule, article: Article, story_id: int | None) -> str:
    analysis = article.analysis
    match rule.group_by:
        case "rule":
            return "rule"
        case "country":
            return f"country:{analysis.countries[0].code if analysis.countries else ''}"
        case "topic":
            best = max(analysis.topics, key=lambda topic: topic.score, default=None)
            return f"topic:{best.name if best else ''}"
        case "feed":
            return f"feed:{article.feed}"
        case _:
            return f"article:{article.id}" if story_id is None else f"story:{story_id}"


def _told_in(told: Told) -> str:
    return told.alert_id or told.group_key


def _rank(level: str) -> int:
    return max((RANK[kind] for kind in RANK if kind in level.split()), default=0)
