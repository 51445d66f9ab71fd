"""Articles as they are stored: with all that was found in them, their earlier texts, their pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, select

from monitor.core.urls import canonical_url
from monitor.model import Analysis, Article, CountryMention, Fact, Person, Quote, Text, TopicMatch
from monitor.storage import dialect
from monitor.storage.columns import address_key
from monitor.storage.dialect import values as many
from monitor.storage.schema import (
    article_countries,
    article_people,
    article_texts,
    article_topics,
    articles,
    facts,
    feeds,
    quotes,
)
from monitor.storage.spans import terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as fetched; ``packed`` is its body, see `pack`."""

    fetched_at: datetime
    final_url: str
    content_type: str | None
    packed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A text that an article had from ``at`` on; ``cause`` says what brought it."""

    version: int
    at: datetime
    cause: str
    title: str
    summary: str
    body: str


def pack(body: bytes) -> bytes:
    """Compress a page. Brotli at its quickest takes a third of the time of zlib's 1, and less room."""
    import brotli

    packed: bytes = brotli.compress(body, quality=0)
    return packed


def unpack(packed: bytes) -> bytes:
    import brotli

    body: bytes = brotli.decompress(packed)
    return body


ARTICLE = (
    select(articles, article_texts.c.summary, article_texts.c.body, feeds.c.name.label("feed_name"))
    .join(article_texts, article_texts.c.article_id == articles.c.id)
    .join(feeds, feeds.c.id == articles.c.feed_id)
    .where(articles.c.pruned_at.is_(None))
)
"""What `of_rows` reads."""


def load(connection: Connection, ids: Sequence[int]) -> dict[int, Article]:
    """Articles with all that was found in them (but fingerprints), by id; those that are not there are left out."""
    if not ids:
        return {}
    return of_rows(connection, among_ids(connection, ARTICLE, articles.c.id, ids))


def copies_of(connection: Connection, ids: Collection[int]) -> dict[int, list[int]]:
    """For each of ``ids`` the articles that copy it, if any, first seen first."""
    statement = select(articles.c.duplicate_of, articles.c.id).where(
        dialect.among(connection, articles.c.duplicate_of, "ids")
    )
    found: dict[int, list[int]] = {}
    for original, copy in connection.execute(statement.order_by(articles.c.id), {"ids": many(connection, ids)}):
        found.setdefault(original, []).append(copy)
    return found


def of_rows(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, Article]:
    """The articles that rows of `ARTICLE` are, by id, with all that was found in them (but fingerprints)."""
    analysed = [row.id for row in rows if row.version]
    topics = grouped(connection, _TOPICS_OF, analysed)
    countries = grouped(connection, _COUNTRIES_OF, analysed)
    people = grouped(connection, _PEOPLE_OF, analysed)
    said = grouped(connection, _QUOTES_OF, analysed)
    stated = grouped(connection, _FACTS_OF, analysed)
    return {
        row.id: _article(
            row,
            topics=topics.get(row.id, ()),
            countries=countries.get(row.id, ()),
            people=people.get(row.id, ()),
            said=said.get(row.id, ()),
            stated=stated.get(row.id, ()),
        )
        for row in rows
    }


def ids_after(connection: Connection, after: int, limit: int, *, since: datetime | None = None) -> list[int]:
    """Ids of analysed articles above ``after`` in rising order, seen since ``since``: to walk through the archive."""
    statement = select(articles.c.id).where(
        articles.c.id > after, articles.c.version > 0, articles.c.pruned_at.is_(None)
    )
    if since is not None:
        statement = statement.where(articles.c.seen >= since)
    return list(connection.scalars(statement.order_by(articles.c.id).limit(limit)))


def article(connection: Connection, wanted: int | str) -> Article | None:
    """By id, or by address as seen or canonical."""
    if isinstance(wanted, int):
        return load(connection, [wanted]).get(wanted)
    addresses = [address_key(wanted), address_key(canonical_url(wanted))]
    found = connection.scalar(select(articles.c.id).where(articles.c.address.in_(addresses)).limit(1))
    return None if found is None else load(connection, [found]).get(found)


def versions(connection: Connection, article_id: int) -> list[Version]:
    """Every text that the article had, oldest first; the last is the present one."""
    from monitor.storage.schema import article_versions  # made with the tables of what is kept beside articles

    statement = select(article_versions).where(article_versions.c.article_id == article_id)
    rows: list[Any] = list(connection.execute(statement.order_by(article_versions.c.version)))
    found = [
        Version(version=row.version, at=row.at, cause=row.cause, title=row.title, summary=row.summary, body=row.body)
        for row in rows
    ]
    now = present_text(connection, article_id)
    if now is not None:
        found.append(
            Version(
                version=now.version,
                at=now.version_at or now.seen,
                cause=now.version_cause or now.cause,
                title=now.title,
                summary=now.summary,
                body=now.body,
            )
        )
    return found


def page(connection: Connection, article_id: int) -> Page | None:
    """The page as fetched, where it is still kept."""
    from monitor.storage.schema import pages

    row = connection.execute(select(pages).where(pages.c.article_id == article_id)).first()
    if row is None:
        return None
    return Page(fetched_at=row.fetched_at, final_url=row.final_url, content_type=row.content_type, packed=row.body)


def problem(connection: Connection, article_id: int) -> str | None:
    """Why an article was postponed or set aside."""
    return connection.scalar(select(articles.c.problem).where(articles.c.id == article_id))


def among_ids(connection: Connection, statement: Any, column: Any, ids: Sequence[int]) -> Sequence[Row[Any]]:
    statement = dialect.where_among(connection, statement, column)
    return connection.execute(statement, {"ids": many(connection, ids)}).all()


def grouped(connection: Connection, statement: Any, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """The rows of what was found in articles, by article."""
    grouped: dict[int, list[Row[Any]]] = {}
    if not ids:
        return grouped
    for row in among_ids(connection, statement, statement.selected_columns["article_id"], ids):
        grouped.setdefault(row.article_id, []).append(row)
    return grouped


def _ordered(table: Table, order: Any) -> Any:
    return select(table).order_by(table.c.article_id, order)


_TOPICS_OF = _ordered(article_topics, article_topics.c.score.desc())
_COUNTRIES_OF = _ordered(article_countries, article_countries.c.mentions.desc())
_PEOPLE_OF = _ordered(article_people, article_people.c.position)
_QUOTES_OF = _ordered(quotes, quotes.c.position)
_FACTS_OF = _ordered(facts, facts.c.position)


def _article(
    row: Row[Any],
    *,
    topics: Sequence[Row[Any]],
    countries: Sequence[Row[Any]],
    people: Sequence[Row[Any]],
    said: Sequence[Row[Any]],
    stated: Sequence[Row[Any]],
) -> Article:
    text = Text(
        title=row.title,
        body=row.body,
        summary=row.summary,
        authors=tuple(row.authors),
        url=row.url,
        site=row.site,
        lang=row.lang,
        tags=tuple(row.tags),
        published=row.published,
    )
    analysis = Analysis(
        text=text,
        body_status=row.body_status,
        body_detail=row.body_detail,
        updated=row.updated,
        image=row.image,
        page_url=row.page_url,
        topics=tuple(TopicMatch(name=t.topic, score=t.score, terms=terms(t.terms)) for t in topics),
        countries=tuple(CountryMention(c.country, c.mentions) for c in countries),
        people=tuple(Person(p.name, p.role, p.org) for p in people),
        quotes=tuple(Quote(q.text, q.speaker, q.start, q.end, q.person) for q in said),
        facts=tuple(Fact(kind=f.kind, value=f.value, text=f.text, start=f.start, end=f.end) for f in stated),
    )
    return Article(
        id=row.id,
        url=row.url,
        canonical_url=row.canonical_url,
        feed_id=row.feed_id,
        feed=row.feed_name,
        seen=row.seen,
        backlog=row.backlog,
        analysis=analysis,
        state=row.state,
        duplicate_of=row.duplicate_of,
        similarity=row.similarity,
        duplicate_reason=row.duplicate_reason,
        story_id=row.story_id,
        version=row.version,
        edited_at=row.edited_at,
    )


_TEXTS = (
    select(
        articles.c.url,
        articles.c.title,
        articles.c.authors,
        articles.c.version,
        articles.c.version_at,
        articles.c.version_cause,
        articles.c.edited_at,
        articles.c.cause,
        articles.c.next_attempt_at,
        articles.c.seen,
        articles.c.story_id,
        article_texts.c.summary,
        article_texts.c.body,
    )
    .join(article_texts, article_texts.c.article_id == articles.c.id)
    .where(articles.c.id == bindparam("article"))
)


def present_text(connection: Connection, article_id: int) -> Any:
    """The row with the stored text, or ``None``."""
    return connection.execute(_TEXTS, {"article": article_id}).first()
