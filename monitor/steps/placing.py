"""The one transaction of an article: where it belongs, whom it concerns, what is sent and what is held."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.core import messages
from monitor.core.alerts import alert_id, decide
from monitor.core.messages import Report, StoryInfo
from monitor.core.rulebook import doc_of
from monitor.core.stories import COPIES_WITHIN, WINDOW, place
from monitor.core.urls import site_of
from monitor.model import (
    Alert,
    Analysis,
    Article,
    Candidate,
    Duplicate,
    Hold,
    Joins,
    Placement,
    RuleMatch,
    Starts,
)
from monitor.sandboxed import Reading
from monitor.steps.telling import tell_decision
from monitor.storage import alerts as alert_rows
from monitor.storage import articles as article_rows
from monitor.storage import dialect
from monitor.storage import stories as story_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.app import App


def new_id(now: datetime) -> str:
    """A unique alert id that sorts by time."""
    return alert_id(now, int.from_bytes(os.urandom(10)))


def place_and_match(
    connection: Connection,
    app: App,
    pending: article_rows.PendingArticle,
    reading: Reading,
    page: article_rows.Page | None,
) -> article_rows.Saved:
    """In one transaction: where the article belongs, whom it concerns, what is sent and what is held.

    Two workers with two reports of one event must not both start a story, so this passes one at a time.
    """
    dialect.serialise(connection, "place")
    now = app.now()
    analysis = reading.analysis
    article = replace(pending.article, analysis=analysis)
    new_placement: Placement | None = None
    story_id = article.story_id
    if article.version == 0:
        new_placement = place(as_candidate(article), candidates(connection, article, reading.keys, now), now=now)
        story_id = story_rows.story_for(connection, new_placement, analysis.text.title, article.seen)
    placement = new_placement or placement_of(article)
    article = replace(article, story_id=story_id)
    doc = doc_of(article, placement=placement, edited=is_edit(pending.article, analysis))
    matches = app.book.match(doc, now)
    alerts: tuple[Alert, ...] = ()
    holds: tuple[Hold, ...] = ()
    deliveries: list[alert_rows.NewDelivery] = []
    if matches:
        disabled = alert_rows.disabled_channels(connection)
        alerts, holds = decide(
            article,
            placement,
            matches,
            app.book.rules,
            history=alert_rows.history(
                connection,
                [match.rule for match in matches],
                article_id=article.id,
                story_id=story_id,
                duplicate_of=placement.of if isinstance(placement, Duplicate) else None,
                now=now,
            ),
            silences=app.book.silenced_by(alert_rows.silences(connection, now), doc, now),
            channels={
                name: disabled.get(name) or (None if name in app.notifiers else "disabled in the configuration")
                for name in app.channels
            },
            now=now,
            new_id=lambda: new_id(now),
            alert_window=app.pace.alert_window,
        )
        story = story_info(connection, article, story_id)
        deliveries = [delivery for alert in alerts for delivery in outbox(app, alert, article, story, matches)]
    saved = article_rows.save_ingest(
        connection,
        article.id,
        now=now,
        analysis=analysis,
        placement=new_placement,
        story_id=story_id,
        matches=matches,
        alerts=alerts,
        holds=holds,
        deliveries=deliveries,
        page=page,
        keys=reading.keys,
        words=reading.words,
    )
    tell_decision(article, alerts, holds)
    return saved


def is_edit(article: Article, analysis: Analysis) -> bool:
    """Whether the text was analysed before and reads otherwise now, or had changed already."""
    old, new = article.analysis.text, analysis.text
    differs = (old.title, old.summary, old.body) != (new.title, new.summary, new.body)
    return article.edited_at is not None or (article.version > 0 and differs)


def as_candidate(article: Article) -> Candidate:
    """The article as placing sees it."""
    analysis = article.analysis
    return Candidate(
        article_id=article.id,
        title=analysis.text.title,
        text=analysis.text.body,
        site=analysis.text.site,
        url=article.url,
        published=analysis.text.published,
        seen=article.seen,
        fingerprint=analysis.fingerprint,
        story_id=article.story_id,
        countries=tuple(mention.code for mention in analysis.countries),
        lang=analysis.text.lang,
        people=tuple(person.name for person in analysis.people),
    )


def candidates(connection: Connection, article: Article, keys: tuple[int, ...], now: datetime) -> tuple[Candidate, ...]:
    """Stored articles that may be the same text or the same story, by indexed look-ups alone."""
    found: dict[int, Candidate] = {}
    if article.analysis.fingerprint is not None:
        alike = article_rows.duplicate_candidates(
            connection, article.analysis.fingerprint, but=article.id, since=now - COPIES_WITHIN
        )
        found.update((each.article_id, each) for each in alike)
    related = article_rows.story_candidates(connection, keys, but=article.id, since=now - WINDOW)
    found.update((each.article_id, each) for each in related)
    return tuple(found.values())


def placement_of(article: Article) -> Placement:
    """The place that an article has already."""
    if article.duplicate_of is not None:
        return Duplicate(
            of=article.duplicate_of,
            story_id=article.story_id,
            similarity=article.similarity or 1.0,
            why=article.duplicate_reason,
        )
    if article.story_id is not None:
        return Joins(story_id=article.story_id, similarity=1.0, why="placed before")
    return Starts()


def story_info(connection: Connection, article: Article, story_id: int | None) -> StoryInfo | None:
    """The article's story with its other reports, for the message."""
    if story_id is None or (story := story_rows.story(connection, story_id)) is None:
        return None
    others = [other for other in story_rows.story_articles(connection, story_id) if other != article.id]
    reports = tuple(
        Report(
            title=other.analysis.text.title,
            url=other.url,
            site=other.analysis.text.site or site_of(other.url),
            published=other.analysis.text.published,
            copy=other.duplicate_of is not None,
        )
        for other in article_rows.load(connection, others[:10]).values()
    )
    return StoryInfo(story=story, reports=reports)


def outbox(
    app: App, alert: Alert, article: Article, story: StoryInfo | None, matches: Iterable[RuleMatch]
) -> Iterable[alert_rows.NewDelivery]:
    """One row for each channel of the alert, its message rendered as it will be sent."""
    spans = next((match.spans for match in matches if match.rule == alert.rule), ())
    for name in alert.channels:
        notifier, channel = app.notifiers.get(name), app.channels.get(name)
        if notifier is not None and channel is not None:
            message = messages.render(alert, article, story, channel, rule=app.book.rules[alert.rule], spans=spans)
            yield alert_rows.NewDelivery(alert_id=alert.id, channel=name, endpoint=notifier.endpoint, message=message)
