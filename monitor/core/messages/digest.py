"""Cards that tell of many articles: by topic, then by story, the best first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.core.messages.card import Card, Piece, Report, Section, StoryInfo, count, link, report_time
from monitor.core.text import one_line
from monitor.model import Alert, Article, Rule

MOST_ITEMS = 60
MOST_IN_CHAT = 10

_TOLD_IN_TITLE = frozenset({"spike", "silence"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article of a digest. ``news`` is what it has to tell beyond what was told."""

    article: Article
    news: str = ""
    story: StoryInfo | None = None


def digest_card(alert: Alert, items: Sequence[Item], rule: Rule, lines: Sequence[str], *, total: int) -> Card:
    """The card of ``items``, the best of ``total``, best first; ``lines`` stand above them."""
    shown = items[:MOST_ITEMS]
    sections = tuple(_sections(shown))
    name = one_line(rule.name, 80)
    left = total - len(shown)
    note = (f"{left} more: monitor alerts show {alert.id}",) if left else ()
    return Card(
        id=alert.id,
        kind=alert.kind,
        at=alert.created_at,
        priority=alert.priority,
        rule=name,
        title=(Piece(_title(alert, items, name, total)),),
        occasion="" if alert.kind in _TOLD_IN_TITLE else one_line(alert.reason, 300),
        passages=tuple((Piece(one_line(line, 1000)),) for line in (*lines, *note)),
        sections=sections,
        reports=tuple(report for section in sections for report in section.reports)[:MOST_IN_CHAT],
        why=tuple((label, value) for label, value in (("Rule", name), ("Note", one_line(rule.note, 300))) if value),
        more=(f"monitor alerts show {alert.id}",),
        shortened=("reports",) if left else (),
    )


def digest_data(alert: Alert, items: Sequence[Item]) -> dict[str, Any]:
    """What a program is told: every item, the best first."""
    return {
        "items": [
            {
                "id": item.article.id,
                "url": link(item.article.url),
                "title": one_line(item.article.analysis.text.title, 300),
                "site": one_line(item.article.analysis.text.site, 200) if item.article.analysis.text.site else None,
                "feed": one_line(item.article.feed, 200),
                "published": report_time(item.article.analysis.text.published),
                "story": item.article.story_id,
                "topics": [topic.name for topic in item.article.analysis.topics[:8]],
                "countries": [country.code for country in item.article.analysis.countries[:8]],
                "news": one_line(item.news, 300),
            }
            for item in items
        ],
        "occasion": one_line(alert.reason, 300),
    }


def _title(alert: Alert, items: Sequence[Item], rule: str, total: int) -> str:
    stories = {item.article.story_id or -item.article.id for item in items}
    reports = count(total, "report", "reports")
    if alert.kind in _TOLD_IN_TITLE:
        return f"{rule}: {one_line(alert.reason, 200)}"
    if not items:
        return f"{rule}: nothing"
    if len(stories) == 1 and alert.kind == "digest":
        first = one_line(items[0].article.analysis.text.title, 200)
        return first if total == 1 else f"{first} ({reports})"
    if total > len(items):
        return f"{rule}: {reports}"
    return f"{rule}: {reports} in {count(len(stories), 'story', 'stories')}"


def _sections(items: Sequence[Item]) -> Iterator[Section]:
    """Topics in the order of their best report; in each the stories likewise, and the reports of one together."""
    topics: dict[str, dict[int, list[Item]]] = {}
    of_story: dict[int, str] = {}
    for item in items:
        story = item.article.story_id or -item.article.id
        topic = of_story.setdefault(story, _topic(item.article))
        topics.setdefault(topic, {}).setdefault(story, []).append(item)
    for topic, stories in topics.items():
        reports = tuple(
            _report(item, further=place > 0) for story in stories.values() for place, item in enumerate(story)
        )
        yield Section(heading=topic, reports=reports)


def _topic(article: Article) -> str:
    best = max(article.analysis.topics, key=lambda topic: topic.score, default=None)
    return one_line(best.name.replace("-", " "), 60).capitalize() if best else "Other"


def _report(item: Item, *, further: bool) -> Report:
    text = item.article.analysis.text
    return Report(
        title=one_line(text.title, 200) or "(no title)",
        url=link(item.article.url) or "",
        site=one_line(text.site or item.article.feed, 80),
        published=text.published,
        copy=item.article.duplicate_of is not None,
        further=further,
        news=one_line(item.news, 200),
    )
