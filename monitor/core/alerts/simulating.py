"""The decision played over past articles, as it would have gone: for back-tests of rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.core.alerts.deciding import decide
from monitor.core.alerts.news import Said, said
from monitor.core.alerts.releasing import Waiting, release
from monitor.core.alerts.values import QUEUED, Group, History, Told
from monitor.model import Alert, Article, Hold, Placement, Rule, RuleMatch

_HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Simulation:
    """One rule and its articles in order of arrival, beginning with an empty history, all channels open, no silences.

    After ``finish``, each article that was added stands exactly once in ``sent`` or in ``held``.
    """

    rule: Rule
    alert_window: timedelta = timedelta(days=2)
    alerts: list[Alert] = field(default_factory=list)
    sent: dict[int, str] = field(default_factory=dict)
    held: dict[int, Hold] = field(default_factory=dict)
    _told: dict[int, Told] = field(default_factory=dict)
    _groups: dict[str, Group] = field(default_factory=dict)
    _waiting: dict[str, list[Waiting]] = field(default_factory=dict)
    _said: dict[int, Said] = field(default_factory=dict)
    _sites: dict[int, dict[str, datetime]] = field(default_factory=dict)
    _matched: set[int] = field(default_factory=set)

    def add(self, article: Article, placement: Placement, now: datetime, *, tier: int = 2) -> None:
        """The rule matches ``article``, which came at ``now``, after all that was added before."""
        self.release_until(now)
        decision = decide(
            article,
            placement,
            [RuleMatch(rule=self.rule.name, rule_version=self.rule.version, spans=())],
            {self.rule.name: self.rule},
            history=self._history(article, now),
            silences=(),
            channels=dict.fromkeys(self.rule.channels),
            now=now,
            new_id=self._new_id,
            alert_window=self.alert_window,
            tier=tier,
        )
        self._matched.add(article.id)
        self._said[article.id] = said(article.analysis, tier)
        if article.story_id is not None and article.duplicate_of is None and (site := article.analysis.text.site):
            self._sites.setdefault(article.story_id, {}).setdefault(site, now)
        for group in decision.groups:
            self._groups[group.key] = group
        for alert in decision.alerts:
            self._tell(alert, [article.id], article.story_id, now)
        for hold in decision.holds:
            self.held[article.id] = hold
            if hold.reason in QUEUED:
                key = hold.refers_to or ""
                self._told[article.id] = Told(
                    rule=self.rule.name, article_id=article.id, story_id=article.story_id, at=now, alert_id=None,
                    group_key=key,
                )  # fmt: skip
                self._waiting.setdefault(key, []).append(
                    Waiting(
                        article_id=article.id, version=1, story_id=article.story_id, rule_version=self.rule.version,
                        at=now, news=hold.news, sites=len(self._sites.get(article.story_id or 0, ())) or 1, tier=tier,
                    )
                )  # fmt: skip

    def finish(self) -> None:
        """Send what still waits."""
        while due := [group.due_at for group in self._groups.values() if self._waiting.get(group.key) and group.due_at]:
            self.release_until(min(due))

    def release_until(self, now: datetime) -> None:
        """Send what is due by ``now``, each at its own time."""
        while due := self._next_due(now):
            at, group = due
            items = self._waiting.pop(group.key, [])
            released = release(
                group,
                self.rule,
                items,
                overflow=self._groups.get(f"{self.rule.name}|overflow"),
                last_hour=self._last_hour(at),
                channels=dict.fromkeys(self.rule.channels),
                now=at,
                new_id=self._new_id,
            )
            self._groups[group.key] = released.group
            if released.moved is not None:
                later, why = released.moved
                self._groups[later.key] = later
                self._waiting.setdefault(later.key, []).extend(released.told)
                for item in released.told:
                    self.held[item.article_id] = Hold(
                        rule=self.rule.name, reason="capped", detail=why, refers_to=later.key, news=item.news
                    )
            elif released.alert is not None:
                self._tell(released.alert, [item.article_id for item in released.told], None, at, released.told)
            for item, hold in released.held:
                self.held[item.article_id] = hold
                self._told.pop(item.article_id, None)

    def _next_due(self, now: datetime) -> tuple[datetime, Group] | None:
        due = [(group.due_at, key) for key, group in self._groups.items() if group.due_at and group.due_at <= now]
        return (min(due)[0], self._groups[min(due)[1]]) if due else None

    def _tell(
        self, alert: Alert, ids: Sequence[int], story_id: int | None, now: datetime, items: Sequence[Waiting] = ()
    ) -> None:
        stories = {item.article_id: item.story_id for item in items}
        self.alerts.append(alert)
        for article_id in ids:
            self.held.pop(article_id, None)
            self.sent[article_id] = alert.id
            self._told[article_id] = Told(
                rule=self.rule.name, article_id=article_id, story_id=stories.get(article_id, story_id), at=now,
                alert_id=alert.id, channels=alert.channels, news=alert.news,
            )  # fmt: skip

    def _history(self, article: Article, now: datetime) -> History:
        own = {article.id, article.duplicate_of}
        told = tuple(
            each
            for each in self._told.values()
            if each.article_id in own or (article.story_id is not None and each.story_id == article.story_id)
        )
        return History(
            told=told,
            last_hour={self.rule.name: self._last_hour(now)},
            original_matched=frozenset({self.rule.name} if article.duplicate_of in self._matched else ()),
            groups=self._groups,
            said={each.article_id: self._said[each.article_id] for each in told},
            sites=self._sites.get(article.story_id or 0, {}),
        )

    def _last_hour(self, now: datetime) -> int:
        recent = (alert for alert in reversed(self.alerts) if alert.created_at > now - _HOUR)
        return Counter(alert.kind in {"article", "digest"} for alert in recent)[True]

    def _new_id(self) -> str:
        return f"simulated-{len(self.alerts) + 1}"

    def outcomes(self) -> Iterator[tuple[int, str | None, Hold | None]]:
        """Each article, with its alert or with the hold."""
        for article_id in self._matched:
            yield article_id, self.sent.get(article_id), self.held.get(article_id)
