"""What today's extractor, topics and rules find in the archive, put in the place of what was found before.

Each article is written only while its text is the one that was looked at: a daemon may have read it anew meanwhile.
Nothing here makes an alert.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from monitor.model import Analysis, Article, ParsedEntry, RuleMatch, TopicMatch
from monitor.storage import dialect, ingestion
from monitor.storage import entries as entry_rows
from monitor.storage import pending as pending_rows
from monitor.storage.dialect import among
from monitor.storage.dialect import values as many
from monitor.storage.schema import article_topics, articles, entries, feeds, matches, pages
from monitor.storage.spans import spans_json, terms_json

NEVER_ALERTED = "found by reprocess, which never alerts"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMatch:
    """A rule that held for an article before; with ``alert_id`` it was alerted."""

    rule: str
    rule_version: str
    alert_id: str | None


def count(connection: Connection, since: datetime | None, *, with_page: bool = False) -> int:
    """How many articles `article_rows.ids_after` walks through; ``with_page``: how many `page_ids_after`."""
    statement = select(func.count()).select_from(articles)
    statement = statement.where(articles.c.version > 0, articles.c.pruned_at.is_(None))
    if since is not None:
        statement = statement.where(articles.c.seen >= since)
    if with_page:
        statement = statement.where(articles.c.id.in_(select(pages.c.article_id)))
    return connection.scalar(statement) or 0


def page_ids_after(connection: Connection, after: int, limit: int, *, since: datetime | None = None) -> list[int]:
    """As `article_rows.ids_after`, for articles whose page is still kept."""
    statement = (
        select(articles.c.id)
        .join(pages, pages.c.article_id == articles.c.id)
        .where(articles.c.id > after, articles.c.version > 0, articles.c.pruned_at.is_(None))
    )
    if since is not None:
        statement = statement.where(articles.c.seen >= since)
    return list(connection.scalars(statement.order_by(articles.c.id).limit(limit)))


def entry_and_lang(connection: Connection, article_id: int) -> tuple[ParsedEntry | None, str | None]:
    """What a feed last said of the article, and the language that its first feed is configured to have."""
    newest = select(entries.c.entry).where(entries.c.article_id == article_id, entries.c.entry.is_not(None))
    kept = connection.scalar(newest.order_by(entries.c.last_seen.desc(), entries.c.id).limit(1))
    of = select(feeds.c.lang).join(articles, articles.c.feed_id == feeds.c.id).where(articles.c.id == article_id)
    return None if kept is None else entry_rows.of_json(kept), connection.scalar(of)


def matches_of(connection: Connection, ids: Collection[int]) -> dict[int, dict[str, KeptMatch]]:
    """For each article the rules that are stored as holding for its present text."""
    m = matches.c
    statement = (
        select(m.article_id, m.rule, m.rule_version, m.alert_id)
        .join(articles, (articles.c.id == m.article_id) & (articles.c.version == m.article_version))
        .where(among(connection, m.article_id, "ids"))
    )
    found: dict[int, dict[str, KeptMatch]] = {}
    for row in connection.execute(statement, {"ids": many(connection, ids)}):
        kept = KeptMatch(rule=row.rule, rule_version=row.rule_version, alert_id=row.alert_id)
        found.setdefault(row.article_id, {})[row.rule] = kept
    return found


def save_topics(connection: Connection, article: Article, topics: Sequence[TopicMatch]) -> bool:
    """Put these topics in the place of the stored ones; whether the text was still the same."""
    if not _unchanged(connection, article):
        return False
    connection.execute(delete(article_topics).where(article_topics.c.article_id == article.id))
    rows = [
        {"article_id": article.id, "topic": each.name, "score": each.score, "terms": terms_json(each.terms)}
        for each in topics
    ]
    if rows:
        connection.execute(insert(article_topics), rows)
    return True


def save_matches(
    connection: Connection, article: Article, now: datetime, *, gained: Sequence[RuleMatch], lost: Collection[str]
) -> bool:
    """Add matches, held for ever, and drop those of ``lost`` rules that were never alerted."""
    if not _unchanged(connection, article):
        return False
    m = matches.c
    of_article = (m.article_id == article.id) & (m.article_version == article.version)
    if lost:
        connection.execute(delete(matches).where(of_article, m.rule.in_(lost), m.alert_id.is_(None)))
    rows: list[dict[str, Any]] = [
        {
            "article_id": article.id,
            "rule": each.rule,
            "article_version": article.version,
            "rule_version": each.rule_version,
            "at": now,
            "spans": spans_json(each.spans),
            "alert_id": None,
            "hold": "backlog",
            "hold_detail": NEVER_ALERTED,
            "hold_refers_to": None,
        }
        for each in gained
    ]
    if rows:
        connection.execute(dialect.insert_absent(connection, matches, "article_id", "rule", "article_version"), rows)
    return True


def save_reading(
    connection: Connection, article: Article, analysis: Analysis, keys: Sequence[int], now: datetime
) -> bool:
    """A new reading of the article's page: another text is another version, but nobody has edited it."""
    if not _unchanged(connection, article):
        return False
    pending_rows.retry(connection, [article.id], now, cause="reprocess")
    ingestion.save_ingest(
        connection, article.id, now=now, analysis=analysis, placement=None, story_id=article.story_id, keys=keys
    )
    connection.execute(update(articles).where(articles.c.id == article.id).values(edited_at=article.edited_at))
    return True


def _unchanged(connection: Connection, article: Article) -> bool:
    same = (articles.c.id == article.id, articles.c.version == article.version, articles.c.state == article.state)
    return connection.scalar(select(articles.c.id).where(*same).with_for_update()) is not None
