"""Rules, and what they hold for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

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
