"""Articles with work: what is due, put off, set aside or to be done again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, or_, select, update

from monitor.core.indexing import index_text
from monitor.core.urls import site_of
from monitor.model import Article, Feed, ParsedEntry
from monitor.storage import dialect, indexing, quarantine, site_blocks
from monitor.storage import entries as entry_rows
from monitor.storage import feeds as feed_rows
from monitor.storage.articles import ARTICLE, of_rows, present_text
from monitor.storage.dialect import among
from monitor.storage.dialect import values as many
from monitor.storage.schema import articles, entries, feeds

LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingArticle:
    """An article with work. ``entry`` is the newest that brought it; ``cause`` is new, edited, retry or reprocess.

    ``due_at`` tells work that came meanwhile from this. ``furniture`` are the recurring lines of ``site``, where its
    page is looked for; ``harmful``: some page, perhaps this one, is in quarantine.
    """

    article: Article
    entry: ParsedEntry | None
    feed: Feed
    cause: str
    attempts: int
    due_at: datetime
    site: str = ""
    furniture: frozenset[int] = frozenset()
    harmful: bool = False


_NOW = bindparam("now", type_=articles.c.next_attempt_at.type)
_PENDING = articles.c.state == "pending"
_DUE = (
    select(articles.c.id, articles.c.url)
    .where(
        _PENDING,
        articles.c.next_attempt_at <= _NOW,
        or_(articles.c.leased_until.is_(None), articles.c.leased_until <= _NOW),
    )
    .order_by(articles.c.next_attempt_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def due_articles(
    connection: Connection, now: datetime, limit: int, *, lease: timedelta = LEASE
) -> list[tuple[int, str]]:
    """Id and address of articles with work, longest due first, hidden from others until saved or ``lease`` ends."""
    found = [(row.id, row.url) for row in connection.execute(_DUE, {"now": now, "limit": limit})]
    if found:
        lease_articles(connection, [article_id for article_id, _ in found], now + lease)
    return found


def lease_articles(connection: Connection, ids: Collection[int], until: datetime | None) -> None:
    """Hide articles until ``until``, as after `polling.save_poll` woke them; ``None`` gives them back."""
    statement = update(articles).where(among(connection, articles.c.id, "ids")).values(leased_until=bindparam("until"))
    connection.execute(statement, {"ids": many(connection, ids), "until": until})


def next_due(connection: Connection) -> datetime | None:
    """When the next article is due, a leased one when its lease ends."""
    return dialect.earliest(connection, articles.c.next_attempt_at, articles.c.leased_until, _PENDING)


def pending_article(connection: Connection, article_id: int, now: datetime) -> PendingArticle | None:
    """What the pipeline needs to work on an article; ``None`` where there is nothing (more) to be done at ``now``.

    A wake-up may come when the work is done, or put off: two wake-ups for one row are nothing special.
    """
    row = connection.execute(_WORK, {"article": article_id, "now": now}).first()
    if row is None:
        return None
    feed = connection.execute(_FEED, {"feed": row.feed_id}).one()
    site = site_of(row.url)
    return PendingArticle(
        article=of_rows(connection, [row])[article_id],
        entry=None if row.entry is None else entry_rows.of_json(row.entry),
        feed=feed_rows.of_row(feed),
        cause=row.cause,
        attempts=row.attempts,
        due_at=row.next_attempt_at,
        site=site,
        furniture=site_blocks.recurring(connection, site, now),
        harmful=bool(row.harmful),
    )


_NEWEST_ENTRY = (
    select(entries.c.entry)
    .where(entries.c.article_id == articles.c.id, entries.c.entry.is_not(None))
    .order_by(entries.c.last_seen.desc(), entries.c.id)
    .limit(1)
    .scalar_subquery()
)
_WORK = ARTICLE.add_columns(_NEWEST_ENTRY.label("entry"), quarantine.ANY_PAGE.label("harmful")).where(
    articles.c.id == bindparam("article"), _PENDING, articles.c.next_attempt_at <= _NOW
)
_FEED = select(feeds).where(feeds.c.id == bindparam("feed"))


def postpone(connection: Connection, article_id: int, until: datetime, problem: str) -> None:
    """Try again at ``until``; ``problem`` says why, in a line."""
    connection.execute(
        update(articles)
        .where(articles.c.id == article_id)
        .values(next_attempt_at=until, attempts=articles.c.attempts + 1, leased_until=None, problem=problem)
    )


def set_aside(connection: Connection, article_id: int, problem: str) -> None:
    """No more attempts: the feed's own text stays, and is findable. `retry` brings it back."""
    row = present_text(connection, article_id)
    if row is None:
        return
    if row.version == 0:
        indexing.index(connection, article_id, index_text(row.title, row.summary, row.body, row.authors))
    connection.execute(
        update(articles)
        .where(articles.c.id == article_id)
        .values(
            state="quarantined",
            next_attempt_at=None,
            leased_until=None,
            problem=problem,
            version=max(row.version, 1),
            version_cause=row.version_cause or "new",
            version_at=row.version_at or row.seen,
        )
    )


def retry(connection: Connection, ids: Collection[int], now: datetime, *, cause: str = "retry") -> int:
    """Make articles due again, as ``reprocess`` or an operator asks; how many."""
    statement = (
        update(articles)
        .where(among(connection, articles.c.id, "ids"), articles.c.pruned_at.is_(None))
        .values(state="pending", cause=cause, next_attempt_at=now, attempts=0, leased_until=None)
    )
    return connection.execute(statement, {"ids": many(connection, ids)}).rowcount
