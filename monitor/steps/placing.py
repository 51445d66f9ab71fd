"""The one transaction of an article: where it belongs, whom it concerns, what is sent and what is held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.stories import COPIES_WITHIN, WINDOW, place
from monitor.model import (
    Analysis,
    Article,
    Candidate,
    Duplicate,
    Joins,
    Placement,
    Starts,
)
from monitor.sandboxed import Reading
from monitor.steps.alerting import Judged, judge
from monitor.storage import articles as article_rows
from monitor.storage import candidates as candidate_rows
from monitor.storage import dialect, ingestion
from monitor.storage import pending as pending_rows
from monitor.storage import stories as story_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.app import App


@dataclass(frozen=True, slots=True)
class Placed:
    """An article as it is stored, and what the rules made of it: told once it is committed."""

    article: Article
    saved: ingestion.Saved
    judged: Judged


def place_and_match(
    connection: Connection,
    app: App,
    pending: pending_rows.PendingArticle,
    reading: Reading,
    page: article_rows.Page | None,
) -> Placed:
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
        found = candidate_rows.find(
            connection,
            analysis.fingerprint,
            reading.keys,
            but=article.id,
            copies_since=now - COPIES_WITHIN,
            reports_since=now - WINDOW,
            lang=analysis.text.lang,
        )
        new_placement = place(as_candidate(article), found, now=now, named=reading.names)
        story_id = story_rows.story_for(connection, new_placement, analysis.text, article.seen)
    placement = new_placement or placement_of(article)
    edited = is_edit(pending.article, analysis)
    before = pending.article if edited and pending.cause == "edited" else None
    version = article.version + (article.version == 0 or edited)
    article = replace(article, story_id=story_id, version=version)
    judged = judge(
        connection,
        app,
        article,
        placement,
        before=before,
        tier=pending.feed.spec.tier,
        index=reading.words,
    )
    saved = ingestion.save_ingest(
        connection,
        article.id,
        now=now,
        analysis=analysis,
        placement=new_placement,
        story_id=story_id,
        matches=judged.matches,
        alerts=judged.alerts,
        holds=judged.holds,
        deliveries=judged.deliveries,
        groups=judged.groups,
        page=page,
        keys=reading.keys,
        words=reading.words,
        due_at=pending.due_at,
    )
    return Placed(article, saved, judged)


def is_edit(article: Article, analysis: Analysis) -> bool:
    """Whether the text was analysed before and reads otherwise now."""
    old, new = article.analysis.text, analysis.text
    return article.version > 0 and (old.title, old.summary, old.body) != (new.title, new.summary, new.body)


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
