"""An article that a rule matched, and its alert: what messages are made of in tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.core.messages import Channel, Report, StoryInfo, render
from monitor.model import (
    Alert,
    Analysis,
    Article,
    CountryMention,
    Message,
    Quote,
    Rule,
    Span,
    Story,
    Text,
    TopicMatch,
)

NOW = datetime(2026, 11, 24, 6, 12, tzinfo=UTC)
TITLE = "Three republics agree to hand over migrants as border post closes"
BODY = """Tashkent. Border guards of the three republics agreed on Monday to hand over migrants, officials said.

"We were told that we had one hour to pack," said one of the men, who had worked on a building site for six years.

Trade in the valley has slowed. The governor, Aziza Karimova, called the closure "a decision that nobody on this \
side was asked about" and said that the deportation of seasonal workers would be felt at the harvest."""

RULE = Rule(
    name="border-deportations",
    query="(deport* OR migrants) AND border NOT football",
    channels=("desk",),
    origin="config",
    version="v1",
    note="For the Central Asia desk.",
)
ALERT = Alert(
    id="01kx3v9q6w8v3r5n2m7p4t1c0d",
    key="story:991:1:border-deportations",
    rule=RULE.name,
    rule_version="v1",
    article_id=48213,
    story_id=991,
    created_at=NOW,
    priority="normal",
    channels=("desk",),
    reason="first report of a new story",
)
STORY = StoryInfo(
    story=Story(
        id=991,
        title=TITLE,
        first_at=NOW - timedelta(hours=1),
        last_at=NOW,
        articles=3,
        copies=1,
        sites=2,
    ),
    reports=(
        Report(
            title="Пограничный переход закрыт", url="https://steppe-wire.example/a/1", site="Steppe Wire", published=NOW
        ),
        Report(title="Post closes", url="https://mirror.example/x", site="Mirror", published=None, copy=True),
    ),
)


def spans(article: Article, words: Iterable[str] = ("deport\\w*", "migrants", "border")) -> tuple[Span, ...]:
    text = article.analysis.text
    return tuple(
        Span(field, found.start(), found.end(), word)
        for field, value in (("title", text.title), ("summary", text.summary), ("body", text.body))
        for word in words
        for found in re.finditer(word, value, re.I)
    )


def make_article(**text: Any) -> Article:
    """The article with some fields of its text changed."""
    words = Text(title=TITLE, body=BODY, site="Valley Courier", authors=("R. Nazarov",), lang="en", published=NOW)
    told, decided = BODY.index("We were told"), BODY.index("a decision")
    return Article(
        id=48213,
        url="https://valley-courier.example/2026/11/24/hand-over?a=1&b=2",
        canonical_url="https://valley-courier.example/2026/11/24/hand-over?a=1&b=2",
        feed_id=1,
        feed="Valley Courier",
        seen=NOW,
        backlog=False,
        story_id=991,
        analysis=Analysis(
            text=replace(words, **text),
            topics=(TopicMatch(name="deportation", score=0.91), TopicMatch(name="border-security", score=0.77)),
            countries=(CountryMention("UZ", 5), CountryMention("KG", 3)),
            quotes=(
                Quote("We were told that we had one hour to pack", None, told, told + 41),
                Quote("a decision that nobody on this side was asked about", "Aziza Karimova", decided, decided + 51),
            ),
        ),
    )


def make_message(kind: str, article: Article | None = None, **changes: Any) -> Message:
    article = article or make_article()
    alert, rule = replace(ALERT, **changes.get("alert", {})), replace(RULE, **changes.get("rule", {}))
    story = changes.get("story", STORY)
    channel = Channel(name="desk", kind=kind, host="example.org")
    return render(alert, article, story, channel, rule=rule, spans=spans(article))
