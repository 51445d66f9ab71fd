"""An alert in the form of each channel. Rendered once, when the outbox row is written.

``render`` is for alerts, ``render_notice`` for what has no article: drills and words to the operator.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.feedback import Feedback
from monitor.core.messages import chat
from monitor.core.messages.card import (
    Card,
    Kind,
    Report,
    StoryInfo,
    article_card,
    correction_card,
    notice_card,
    words_of_topics,
)
from monitor.core.messages.digest import MOST_ITEMS, Item, digest_card, digest_data
from monitor.core.messages.mail import mail
from monitor.core.messages.webhook import article_data, encode, webhook
from monitor.model import Alert, Article, Message, Rule, Span

__all__ = [
    "MOST_ITEMS",
    "Channel",
    "Item",
    "Report",
    "StoryInfo",
    "encode",
    "render",
    "render_correction",
    "render_digest",
    "render_notice",
]

_CHATS = {"slack": chat.slack, "discord": chat.discord, "teams": chat.teams, "mattermost": chat.mattermost}

_OF_ARTICLES = frozenset({"article", "correction", "digest", "overflow"})
_OF_RULES = _OF_ARTICLES | {"spike", "silence"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where a message goes: ``kind`` as in the configuration; ``host`` is the domain of a mail's sender.

    ``feedback`` makes the links of mails and webhooks by which readers say what an alert was worth. ``recipients`` are
    the addresses of a mail channel; ``left`` those of them that want no more of the alert's rule.
    """

    name: str
    kind: str
    host: str = "localhost"
    feedback: Feedback | None = None
    recipients: tuple[str, ...] = ()
    left: frozenset[str] = frozenset()


def render(
    alert: Alert,
    article: Article,
    story: StoryInfo | None,
    channel: Channel,
    *,
    rule: Rule,
    spans: Sequence[Span] = (),
    topics: Collection[str] = (),
) -> Message:
    """The message of ``alert`` for ``channel``; ``spans`` are where ``rule`` matched. Its id is the alert's.

    Where the query has no words of its own, those that counted for its ``topics`` stand out. Reports of one story
    share a thread.
    """
    card = article_card(alert, article, story, rule, spans or words_of_topics(article, topics))
    thread = f"story-{alert.story_id}" if alert.story_id is not None else f"article-{article.id}"
    data = article_data(alert, article, story, rule, spans, card=card) if channel.kind in {"webhook", "command"} else {}
    return _message(card, channel, thread, data)


def render_digest(
    alert: Alert,
    items: Sequence[Item],
    channel: Channel,
    *,
    rule: Rule,
    lines: Sequence[str] = (),
    total: int | None = None,
) -> Message:
    """The message of an alert that tells of ``total`` articles: ``items``, best first, with ``lines`` above them."""
    thread = f"story-{alert.story_id}" if alert.story_id is not None else f"rule-{alert.rule}"
    return _message(
        digest_card(alert, items, rule, lines, total=len(items) if total is None else total),
        channel,
        thread,
        digest_data(alert, items),
    )


def render_correction(alert: Alert, before: Article, article: Article, channel: Channel, *, rule: Rule) -> Message:
    """The message that an article which was alerted has changed, in the thread of its story."""
    thread = f"story-{alert.story_id}" if alert.story_id is not None else f"article-{article.id}"
    card = correction_card(alert, before, article, rule)
    data = article_data(alert, article, None, rule, (), card=card)
    data["changes"] = [
        {"field": field, "words": [{"operation": word.operation, "text": word.text} for word in words]}
        for field, words in card.changes
    ]
    return _message(card, channel, thread, data)


def render_notice(
    notice_id: str,
    kind: Kind,
    title: str,
    lines: Iterable[str],
    channel: Channel,
    *,
    at: datetime,
    priority: str = "normal",
    more: tuple[str, ...] = (),
) -> Message:
    """A message without an article; ``more`` are commands that show more."""
    card = notice_card(notice_id, kind, title, lines, at=at, priority=priority, more=more)
    return _message(card, channel, None, {})


def _addressed(message: Message, card: Card, channel: Channel) -> Message:
    """To all but those who want no more of the rule, each with a way to say so."""
    remaining = tuple(address for address in channel.recipients if address not in channel.left)
    if channel.left:
        message = replace(message, recipients=remaining)
    if channel.feedback is None or card.kind not in _OF_RULES:
        return message
    links = {address: channel.feedback.unsubscribe(channel.name, card.rule, address) for address in remaining}
    return replace(message, unsubscribe=links)


def _message(card: Card, channel: Channel, thread: str | None, data: dict[str, object]) -> Message:
    if channel.feedback is not None and card.kind in _OF_ARTICLES:
        card = replace(card, verdicts=channel.feedback.links(card.id))
    if channel.kind == "email":
        return _addressed(mail(card, channel.name, thread, channel.host), card, channel)
    if channel.kind == "apprise":
        return mail(card, channel.name, thread, channel.host)
    if channel.kind in _CHATS:
        return _CHATS[channel.kind](card, channel.name, thread)
    return webhook(card, channel.name, thread, data)
