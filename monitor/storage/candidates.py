"""Stored articles that a new one may copy, or report the same event as."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from monitor.model import Candidate, Fingerprint
from monitor.storage import dialect
from monitor.storage.articles import among_ids, grouped
from monitor.storage.dialect import values as many
from monitor.storage.schema import article_countries, article_people, article_texts, articles, fingerprints
from monitor.storage.schema import stories as stories_table


def find(
    connection: Connection,
    fingerprint: Fingerprint | None,
    keys: Sequence[int] = (),
    *,
    but: int,
    copies_since: datetime,
    reports_since: datetime,
    lang: str | None = None,
) -> tuple[Candidate, ...]:
    """Stored articles that may be the same text or tell of the same event, by indexed look-ups alone.

    First those seen since ``copies_since`` that share bands with ``fingerprint`` (equal texts share all of them), and
    those seen since ``reports_since`` that share ``keys``, each most telling first. Then, of any age, the articles that
    these copy, so that chains need not be walked, and the first report of each of their stories. ``but`` is the article
    itself, ``lang`` its language: countries and people are read of reports in others alone, which are compared by them.
    """
    from monitor.core.stories.placing import LIMIT_COPIES, LIMIT_REPORTS, PER_KEY, rank

    bands_of = fingerprint.bands if fingerprint is not None else ()
    alike = rank(dialect.newest_by_key(connection, "bands", bands_of, most=PER_KEY, but=but), LIMIT_COPIES)
    near = rank(dialect.newest_by_key(connection, "story_keys", keys, most=PER_KEY, but=but), LIMIT_REPORTS)
    since = dict.fromkeys(near, reports_since) | dict.fromkeys(alike, copies_since)
    rows = _candidate_rows(connection, (*alike, *near))
    found = {each: rows[each] for each in (*alike, *near) if each in rows and rows[each].seen >= since[each]}
    related = {row.duplicate_of for row in found.values() if row.duplicate_of is not None}
    if told := {row.story_id for row in found.values() if row.story_id is not None}:
        first = dialect.where_among(connection, _FIRST_REPORTS, stories_table.c.id)
        related |= set(connection.scalars(first, {"ids": many(connection, told)}).all())
    found |= _candidate_rows(connection, sorted(related - {None, but} - found.keys()))
    abroad = [each for each, row in found.items() if row.lang != lang]
    countries = grouped(connection, _CODES_OF, abroad)
    people = grouped(connection, _NAMES_OF, abroad)
    return tuple(_candidate(row, countries.get(each, ()), people.get(each, ())) for each, row in found.items())


_FIRST_REPORTS = select(
    select(articles.c.id)
    .where(articles.c.story_id == stories_table.c.id, articles.c.duplicate_of.is_(None))
    .order_by(articles.c.seen, articles.c.id)
    .limit(1)
    .scalar_subquery()
)
"""Of stories, in each the first article that is no copy."""

_CANDIDATE = (
    select(
        articles.c.id,
        articles.c.title,
        article_texts.c.body,
        articles.c.site,
        articles.c.url,
        articles.c.published,
        articles.c.seen,
        articles.c.story_id,
        articles.c.duplicate_of,
        articles.c.lang,
        fingerprints.c.signature,
        fingerprints.c.size,
        fingerprints.c.content_hash,
    )
    .join(article_texts, article_texts.c.article_id == articles.c.id)
    .outerjoin(fingerprints, fingerprints.c.article_id == articles.c.id)
    .where(articles.c.pruned_at.is_(None))
)


def _candidate_rows(connection: Connection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    return {row.id: row for row in among_ids(connection, _CANDIDATE, articles.c.id, ids)} if ids else {}


def _candidate(row: Row[Any], countries: Sequence[Row[Any]], people: Sequence[Row[Any]]) -> Candidate:
    mark = None
    if row.signature is not None:
        mark = Fingerprint(bands=(), signature=row.signature, size=row.size, content_hash=row.content_hash)
    return Candidate(
        article_id=row.id,
        title=row.title,
        text=row.body,
        site=row.site,
        url=row.url,
        published=row.published,
        seen=row.seen,
        fingerprint=mark,
        story_id=row.story_id,
        duplicate_of=row.duplicate_of,
        countries=tuple(each.country for each in countries),
        lang=row.lang,
        people=tuple(each.name for each in people),
    )


_CODES_OF = select(article_countries.c.article_id, article_countries.c.country).order_by(
    article_countries.c.article_id, article_countries.c.mentions.desc()
)
_NAMES_OF = select(article_people.c.article_id, article_people.c.name).order_by(
    article_people.c.article_id, article_people.c.position
)
