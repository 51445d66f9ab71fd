"""The JSON of an alert for webhooks and the command channel: ``docs/webhook-schema.json`` is its contract."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.core.messages.card import Card, Marked, StoryInfo, link, plain, report_time
from monitor.core.text import one_line
from monitor.model import Alert, Article, Message, Rule, Span

VERSION = 1
PAYLOAD_LIMIT = 20_000
"""Bytes of JSON; what Standard Webhooks calls usual, and what many receivers take at most."""


def webhook(card: Card, channel: str, thread: str | None, data: Mapping[str, Any]) -> Message:
    """``data`` is the article's part, empty for a message without an article."""
    payload = {
        "type": f"alert.{card.kind}",
        "timestamp": report_time(card.at),
        "data": {
            "version": VERSION,
            "alert": {"id": card.id, "rule": card.rule, "priority": card.priority},
            "message": {"title": card.heading, "lines": [] if "passages" in data else list(_lines(card))},
            "more": list(card.more),
            "truncated": [],
            **({"feedback": dict(card.verdicts)} if card.verdicts else {}),
            **data,
        },
    }
    return Message(
        id=card.id, channel=channel, subject=card.heading, text=card.heading, payload=fit(payload), thread=thread
    )


def _lines(card: Card) -> Iterator[str]:
    """What stands in the message, for people."""
    yield from map(plain, card.passages)
    for section in card.sections:
        yield section.heading
        for report in section.reports:
            yield f"{'  ' if report.further else ''}- {report.title} ({report.site}) {report.url}".rstrip()


def encode(payload: Mapping[str, Any]) -> bytes:
    """The exact bytes that are signed and sent; the same payload gives the same bytes."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def article_data(
    alert: Alert, article: Article, story: StoryInfo | None, rule: Rule, spans: Sequence[Span], *, card: Card
) -> dict[str, Any]:
    """What the analysis knows. Offsets count code points of the stored text; ``passages`` are ready to be shown."""
    analysis = article.analysis
    text = analysis.text
    return {
        "alert": {
            "id": alert.id,
            "rule": one_line(alert.rule, 200),
            "rule_version": one_line(alert.rule_version, 200),
            "priority": alert.priority,
            "query": one_line(rule.query, 1500),
            "note": one_line(rule.note, 300),
            "reason": one_line(alert.reason, 300),
        },
        "article": {
            "id": article.id,
            "url": link(article.url),
            "title": card.heading,
            "site": one_line(text.site, 200) if text.site else None,
            "feed": one_line(article.feed, 200),
            "authors": [one_line(author, 100) for author in text.authors[:10]],
            "lang": card.lang,
            "published": report_time(text.published),
            "seen": report_time(article.seen),
            "version": article.version,
            "duplicate_of": article.duplicate_of,
        },
        "passages": [_marked(passage) for passage in card.passages],
        "matches": [{"field": span.field, "start": span.start, "end": span.end} for span in spans],
        "topics": [{"name": topic.name, "score": round(topic.score, 4)} for topic in analysis.topics],
        "countries": [{"code": country.code, "mentions": country.mentions} for country in analysis.countries],
        "quotes": [
            {"text": one_line(quote.text, 500), "speaker": one_line(quote.speaker, 100) if quote.speaker else None}
            for quote in analysis.quotes
        ],
        "story": _story(story) if story else None,
    }


def _story(story: StoryInfo) -> dict[str, Any]:
    return {
        "id": story.story.id,
        "title": one_line(story.story.title, 300),
        "articles": story.story.articles,
        "copies": story.story.copies,
        "sites": story.story.sites,
        "first_at": report_time(story.story.first_at),
        "last_at": report_time(story.story.last_at),
        "reports": [
            {
                "title": one_line(report.title, 200),
                "url": link(report.url),
                "site": one_line(report.site, 100),
                "published": report_time(report.published),
                "copy": report.copy,
            }
            for report in story.reports
        ],
    }


def _marked(marked: Marked) -> dict[str, Any]:
    marks, at = [], 0
    for piece in marked:
        if piece.hit:
            marks.append([at, at + len(piece.text)])
        at += len(piece.text)
    return {"text": plain(marked), "marks": marks}


def fit(payload: dict[str, Any], limit: int = PAYLOAD_LIMIT) -> dict[str, Any]:
    """``payload`` in at most ``limit`` bytes: its longest list is halved until it fits, and named in ``truncated``.

    What is no list is bounded where it is made and fits by itself.
    """
    data = payload["data"]
    places = [(data, name, name) for name in ("matches", "topics", "countries", "quotes", "passages")]
    places += [(data, "items", "items")]
    places += [(data.get("story") or {}, "reports", "story.reports"), (data["message"], "lines", "message.lines")]
    while len(encode(payload)) > limit:
        holder, key, name = max(places, key=lambda place: len(encode({"": place[0].get(place[1], [])})))
        if not holder.get(key):
            break
        most = limit // 16  # no item takes less than 16 bytes
        holder[key] = holder[key][: min(len(holder[key]) // 2, most)]
        data["truncated"] = sorted({*data["truncated"], name})
    return payload
