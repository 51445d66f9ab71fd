"""What is dropped when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from monitor.core.indexing import index_text
from monitor.storage import indexing, site_blocks, stories
from monitor.storage import schema as s
from monitor.storage.engine import Database

SLICE = 500
"""So many articles are pruned in one transaction, so that work does not wait for long."""


KEYS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How many of each were dropped."""

    articles: int = 0
    pages: int = 0
    polls: int = 0
    notices: int = 0
    entries: int = 0
    keys: int = 0
    deliveries: int = 0


def prune(
    database: Database,
    now: datetime,
    *,
    articles: timedelta | None = None,
    pages: timedelta | None = None,
    polls: timedelta | None = None,
    notices: timedelta | None = None,
    tombstones: timedelta | None = None,
    keys: timedelta | None = None,
    deliveries: timedelta | None = None,
) -> Pruned:
    """Drop what is older than its age (``None``: nothing of it), in short transactions.

    Of an article the text and findings go; its address and entries stay, so that it is not taken for new while its
    feed still shows it. Alerts stay, and of ``deliveries`` those that still wait. ``tombstones`` is how long after an
    entry was last seen that memory goes too. ``keys`` are those by which copies and reports of one event are found:
    older articles are compared no more; with them go lines of sites that have not come again.
    """
    counts = {"articles": 0, "pages": 0, "polls": 0, "notices": 0, "entries": 0, "deliveries": 0}
    steps: dict[str, tuple[Any, timedelta | None]] = {
        "pages": (_prune_pages, pages),
        "articles": (_prune_articles, articles),
        "entries": (_prune_tombstones, tombstones),
        "polls": (_prune_polls, polls),
        "notices": (_prune_notices, notices),
        "deliveries": (_prune_deliveries, deliveries),
    }
    for name, (step, age) in steps.items():
        while age is not None and (dropped := database.write_now(step, now - age)):
            counts[name] += dropped
    if keys is None:
        return Pruned(**counts)
    database.write_now(site_blocks.prune, now)
    return Pruned(**counts, keys=_prune_keys(database, now - keys))


def _prune_keys(database: Database, before: datetime) -> int:
    """Walk through the keys in their order, because there is no index by article."""
    oldest = select(func.max(s.articles.c.id)).where(s.articles.c.seen < before)
    last = database.read_now(lambda connection: connection.scalar(oldest))
    if last is None:
        return 0
    dropped = 0
    for table in (s.bands, s.story_keys):
        start: int | None = 2**63  # the least of the signed numbers
        while start is not None:
            found, start = database.write_now(_prune_key_range, table, start, last)
            dropped += found
    return dropped


def _prune_key_range(connection: Connection, table: Any, start: int, last: int) -> tuple[int, int | None]:
    """Drop keys of articles up to ``last`` from a part of ``table``; how many, and where the next part begins."""
    key = table.c.key
    end = connection.scalar(select(key).where(key >= start).order_by(key).offset(KEYS).limit(1))
    if end == start:
        end = connection.scalar(select(key).where(key > start).order_by(key).limit(1))
    part = delete(table).where(key >= start, table.c.article_id <= last)
    return connection.execute(part if end is None else part.where(key < end)).rowcount, end


def _prune_articles(connection: Connection, before: datetime) -> int:
    a = s.articles.c
    found = connection.execute(
        select(a.id, a.title, a.authors, a.version, a.story_id, s.article_texts.c.summary, s.article_texts.c.body)
        .join(s.article_texts, s.article_texts.c.article_id == a.id)
        .where(a.seen < before, a.pruned_at.is_(None), a.state != "pending")
        .order_by(a.seen)
        .limit(SLICE)
    ).all()
    ids = [row.id for row in found]
    for row in found:
        if row.version:
            indexing.unindex(connection, row.id, index_text(row.title, row.summary, row.body, row.authors))
    for table in (*_OF_ARTICLE, s.article_texts, s.article_versions, s.pages, s.matches):
        connection.execute(delete(table).where(table.c.article_id.in_(ids)))
    connection.execute(update(s.entries).where(s.entries.c.article_id.in_(ids)).values(entry=None))
    connection.execute(update(s.articles).where(a.duplicate_of.in_(ids)).values(duplicate_of=None))
    connection.execute(
        update(s.articles)
        .where(a.id.in_(ids))
        .values(pruned_at=before, title="", authors=[], tags=[], image=None, story_id=None, duplicate_of=None)
    )
    for story_id in {row.story_id for row in found} - {None}:
        stories.recount(connection, story_id)
    return len(ids)


_OF_ARTICLE = (
    s.article_topics,
    s.article_countries,
    s.article_people,
    s.article_keywords,
    s.quotes,
    s.facts,
    s.fingerprints,
)


def _prune_tombstones(connection: Connection, before: datetime) -> int:
    """Articles that were pruned and that no feed has shown since ``before``; their entries go with them."""
    shown = select(s.entries.c.id).where(s.entries.c.article_id == s.articles.c.id, s.entries.c.last_seen >= before)
    ids = list(
        connection.scalars(
            select(s.articles.c.id).where(s.articles.c.pruned_at.is_not(None), ~shown.exists()).limit(SLICE)
        )
    )
    connection.execute(delete(s.entries).where(s.entries.c.article_id.in_(ids)))
    connection.execute(delete(s.articles).where(s.articles.c.id.in_(ids)))
    return len(ids)


def _prune_pages(connection: Connection, before: datetime) -> int:
    return _prune_slice(connection, s.pages, s.pages.c.article_id, s.pages.c.fetched_at < before)


def _prune_polls(connection: Connection, before: datetime) -> int:
    return _prune_slice(connection, s.polls, s.polls.c.id, s.polls.c.at < before)


def _prune_notices(connection: Connection, before: datetime) -> int:
    return _prune_slice(connection, s.notices, s.notices.c.id, s.notices.c.at < before)


def _prune_deliveries(connection: Connection, before: datetime) -> int:
    """What was sent or given up; its lines in the ledger go with it."""
    d = s.deliveries.c
    return _prune_slice(connection, s.deliveries, d.id, (d.created_at < before) & d.state.in_(("sent", "dead")))


def _prune_slice(connection: Connection, table: Any, key: Any, condition: Any) -> int:
    ids = list(connection.scalars(select(key).where(condition).limit(SLICE)))
    connection.execute(delete(table).where(key.in_(ids)))
    return len(ids)
