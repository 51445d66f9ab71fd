"""``rules test``: a rule over the archive, decided as the daemon would have, beginning with an empty history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from monitor.cli.common import Desk
from monitor.cli.nouns import progress
from monitor.cli.output import Row

if TYPE_CHECKING:
    from monitor.core.query import Query
    from monitor.model import Article, Rule
    from monitor.storage.search import Hit

PAGE = 200


@dataclass(frozen=True, slots=True)
class Case:
    """A match and what would have become of it; ``detail`` is the alert's occasion or the reason of the hold."""

    article: Article
    alerted: bool
    reason: str
    detail: str


@dataclass(slots=True)
class Backtest:
    """What a rule matched, oldest first, and what would have followed. ``complete`` unless the search stopped early."""

    since: datetime
    matched: list[Case] = field(default_factory=list)
    examined: int = 0
    complete: bool = True
    messages: int = 0
    against: Backtest | None = None
    """What the rule in force matched, where the two are compared."""

    @property
    def gained(self) -> list[Case]:
        """What the rule in force does not match."""
        return _beyond(self.matched, self.against)

    @property
    def lost(self) -> list[Case]:
        """What only the rule in force matches."""
        return _beyond(self.against.matched, self) if self.against else []

    @property
    def alerted(self) -> list[Case]:
        return [case for case in self.matched if case.alerted]

    @property
    def held(self) -> Counter[str]:
        return Counter(case.reason for case in self.matched if not case.alerted)

    @property
    def stories(self) -> set[int]:
        return {case.article.story_id or -case.article.id for case in self.matched}

    @property
    def days(self) -> Counter[str]:
        return Counter(case.article.seen.astimezone(UTC).date().isoformat() for case in self.matched)

    def row(self, limit: int) -> Row:
        """The whole result as one object."""
        return {
            "since": self.since,
            "matches": len(self.matched),
            "stories": len(self.stories),
            "examined": self.examined,
            "complete": self.complete,
            "days": dict(sorted(self.days.items())),
            "simulated": {
                "alerts": len(self.alerted),
                "messages": self.messages,
                "held": dict(self.held),
                "assumes": "order of arrival, today's rule, no alert before, no silences, all channels open",
            },
            "samples": list(self.listed())[::-1][:limit],
        } | ({} if self.against is None else {
            "against": {
                "matches": len(self.against.matched),
                "alerts": len(self.against.alerted),
                "gained": [case.article.id for case in self.gained],
                "lost": [case.article.id for case in self.lost],
            }
        })  # fmt: skip

    def listed(self) -> Iterator[Row]:
        """A row for each match, oldest first."""
        for case in self.matched:
            article = case.article
            yield {
                "id": article.id, "seen": article.seen, "decision": "alert" if case.alerted else case.reason,
                "title": article.analysis.text.title, "feed": article.feed, "story": article.story_id,
                "detail": case.detail, "url": article.url,
            }  # fmt: skip


def _beyond(cases: list[Case], other: Backtest | None) -> list[Case]:
    known = {case.article.id for case in other.matched} if other else set()
    return [case for case in cases if other and case.article.id not in known]


def run(desk: Desk, rule: Rule, query: Query, *, since: datetime, until: datetime | None, moment: datetime) -> Backtest:
    """Search the archive, then decide every match in the order in which the articles came."""
    from monitor.cli.asking import within
    from monitor.storage import search

    found = Backtest(since=since)
    hits: list[Hit] = []
    before: int | None = None
    with progress("searching") as told:
        while True:
            page = desk.db.read_now(
                search.newest, within(query, moment, since, until), moment, limit=PAGE, before=before
            )
            hits += page.hits
            found.examined += page.examined
            told(found.examined)
            if page.next is None:
                break
            if len(page.hits) < PAGE:
                found.complete = False
                break
            before = page.next
    decide_all(found, rule, hits[::-1], desk.settings.polling.alert_window)
    return found


def decide_all(found: Backtest, rule: Rule, hits: list[Hit], alert_window: timedelta) -> None:
    """Run the decision of the core over ``hits``, oldest first, each with the history that the earlier ones left."""
    from monitor.core.alerts import Simulation
    from monitor.steps.placing import placement_of

    played = Simulation(rule, alert_window)
    for hit in hits:
        played.add(hit.article, placement_of(hit.article), hit.article.seen)
    played.finish()
    found.messages = len(played.alerts)
    reasons = {alert.id: alert.reason for alert in played.alerts}
    for hit in hits:
        alert, hold = played.sent.get(hit.article.id), played.held.get(hit.article.id)
        detail = hold.detail if hold else reasons[alert] if alert else ""
        found.matched.append(Case(hit.article, hold is None, hold.reason if hold else "", detail))
