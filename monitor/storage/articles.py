"""Articles: what is due, what is stored, what is like it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import brotli
from sqlalchemy import (
    Connection,
    Row,
    Table,
    bindparam,
    delete,
    or_,
    select,
    update,
)

from monitor.core.indexing import IndexText, index_text
from monitor.core.keywords import host_of, keyword_key
from monitor.core.urls import canonical_url
from monitor.errors import NotKnown
from monitor.model import (
    Alert,
    Analysis,
    Article,
    Candidate,
    CountryMention,
    Duplicate,
    Fact,
    Feed,
    Fingerprint,
    Hold,
    Joins,
    ParsedEntry,
    Person,
    Placement,
    Quote,
    RuleMatch,
    Text,
    TopicMatch,
)
from monitor.storage import dialect, indexing, site_blocks, stories
from monitor.storage import entries as entry_rows
from monitor.storage import feeds as feed_rows
from monitor.storage.columns import address_key
from monitor.storage.dialect import among
from monitor.storage.dialect import values as many
from monitor.storage.schema import (
    article_countries,
    article_keywords,
    article_people,
    article_texts,
    article_topics,
    article_versions,
    articles,
    bands,
    entries,
    facts,
    feeds,
    fingerprints,
    pages,
    quotes,
    story_keys,
)
from monitor.storage.schema import stories as stories_table
from monitor.storage.spans import terms, terms_json

if TYPE_CHECKING:
    from monitor.core.alerts import Group
    from monitor.storage import outbox

LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingArticle:
    """An article with work. ``entry`` is the newest that brought it; ``cause`` is new, edited, retry or reprocess.

    ``due_at`` tells work that came meanwhile from this.
    """

    article: Article
    entry: ParsedEntry | None
    feed: Feed
    cause: str
    attempts: int
    due_at: datetime


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What `save_ingest` came to: the article's version, and what was really new: alerts, deliveries (id, channel)."""

    version: int
    edited: bool
    alerts: tuple[str, ...]
    deliveries: tuple[tuple[int, str], ...]


def pack(body: bytes) -> bytes:
    """Compress a page. Brotli at its quickest takes a third of the time of zlib's 1, and less room."""
    packed: bytes = brotli.compress(body, quality=0)
    return packed


def unpack(packed: bytes) -> bytes:
    body: bytes = brotli.decompress(packed)
    return body


# --- what is due -----------------------------------------------------------------------------------

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
    kept = connection.scalar(_NEWEST_ENTRY, {"article": article_id})
    feed = connection.execute(_FEED, {"feed": row.feed_id}).one()
    return PendingArticle(
        article=load(connection, [article_id])[article_id],
        entry=None if kept is None else entry_rows.of_json(kept),
        feed=feed_rows.of_row(feed),
        cause=row.cause,
        attempts=row.attempts,
        due_at=row.next_attempt_at,
    )


_WORK = select(articles.c.cause, articles.c.attempts, articles.c.feed_id, articles.c.next_attempt_at).where(
    articles.c.id == bindparam("article"), _PENDING, articles.c.next_attempt_at <= _NOW
)
_NEWEST_ENTRY = (
    select(entries.c.entry)
    .where(entries.c.article_id == bindparam("article"), entries.c.entry.is_not(None))
    .order_by(entries.c.last_seen.desc(), entries.c.id)
    .limit(1)
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
    row = _texts(connection, article_id)
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


# --- what is like it -------------------------------------------------------------------------------


def candidates(
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
    countries = _grouped(connection, _CODES_OF, abroad)
    people = _grouped(connection, _NAMES_OF, abroad)
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
    return {row.id: row for row in _among_ids(connection, _CANDIDATE, articles.c.id, ids)} if ids else {}


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


# --- saving what was made of it --------------------------------------------------------------------


def save_ingest(
    connection: Connection,
    article_id: int,
    *,
    now: datetime,
    analysis: Analysis,
    placement: Placement | None,
    story_id: int | None,
    matches: Sequence[RuleMatch] = (),
    alerts: Sequence[Alert] = (),
    holds: Sequence[Hold] = (),
    deliveries: Sequence[outbox.NewDelivery] = (),
    groups: Sequence[Group] = (),
    page: Page | None = None,
    keys: Sequence[int] = (),
    words: IndexText | None = None,
    due_at: datetime | None = None,
) -> Saved:
    """All that is known of an article now, in the caller's transaction; its work is done with it.

    Unless more came while it was read: an entry that changed after ``due_at`` (of the `PendingArticle`) is still to do.

    ``placement`` is ``None`` where the article keeps its place, as an edited one does; ``story_id`` is from
    `stories.story_for`. ``keys`` are those of `core.stories.story_keys`. ``words`` (`indexing.index_text` of the
    analysis) spares the transaction the reckoning. A text that differs from the stored one makes a new version.
    """
    text = analysis.text
    old = _texts(connection, article_id)
    if old is None:
        raise NotKnown(f"there is no article {article_id}")
    again = old.version > 0
    edited = again and (old.title, old.summary, old.body) != (text.title, text.summary, text.body)
    if edited:
        connection.execute(
            dialect.insert_absent(connection, article_versions, "article_id", "version"),
            {
                "article_id": article_id,
                "version": old.version,
                "at": old.version_at or old.seen,
                "cause": old.version_cause or "new",
                "title": old.title,
                "summary": old.summary,
                "body": old.body,
            },
        )
    version = old.version + 1 if edited or not again else old.version
    row: dict[str, Any] = (
        _article_columns(analysis) | {"url": text.url or old.url} | {"article": article_id, "new_version": version}
    )
    if edited or not again:
        row |= {"at": now, "why": old.cause, "edited": now if edited else None}
    else:
        row |= {"at": old.version_at, "why": old.version_cause, "edited": old.edited_at}
    connection.execute(_ANALYSED if placement is None else _PLACED, row | _placement_columns(placement, story_id))
    connection.execute(_TEXT, {"article": article_id, "new_summary": text.summary, "new_body": text.body})
    if due_at is not None and old.next_attempt_at is not None and old.next_attempt_at > due_at:
        connection.execute(_MORE, {"article": article_id, "due": old.next_attempt_at})
    if words is None:
        words = index_text(text.title, text.summary, text.body, text.authors)
    if again:
        _forget_findings(connection, article_id)
        indexing.unindex(connection, article_id, index_text(old.title, old.summary, old.body, old.authors))
    indexing.index(connection, article_id, words)
    _save_findings(connection, article_id, analysis, keys)
    if text.site and not again and not isinstance(placement, Duplicate):
        site_blocks.count(connection, text.site, analysis.blocks, now)
    if page is not None:
        _save_page(connection, article_id, page)
    from monitor.storage import alerts as alerts_of  # who only reads articles does without all that alerts need

    stored = alerts_of.save(
        connection,
        article_id,
        version,
        now,
        matches=matches,
        alerts=alerts,
        holds=holds,
        deliveries=deliveries,
        changed=groups,
        story_id=story_id,
    )
    if story_id is not None and isinstance(placement, Joins | Duplicate):
        stories.recount(connection, story_id)
    if placement is not None and old.story_id not in {None, story_id}:
        stories.recount(connection, old.story_id)
    return Saved(version=version, edited=edited, alerts=stored.alerts, deliveries=stored.deliveries)


_ANALYSED_NAMES = (
    "url",
    "title",
    "authors",
    "site",
    "lang",
    "image",
    "tags",
    "published",
    "updated",
    "body_status",
    "body_detail",
    "page_url",
)
_ANALYSED = (
    update(articles)
    .where(articles.c.id == bindparam("article"))
    .values(
        state="done",
        next_attempt_at=None,
        leased_until=None,
        problem=None,
        version=bindparam("new_version"),
        version_at=bindparam("at"),
        version_cause=bindparam("why"),
        edited_at=bindparam("edited"),
        **{name: bindparam(name) for name in _ANALYSED_NAMES},
    )
)
_MORE = (
    update(articles)
    .where(articles.c.id == bindparam("article"))
    .values(state="pending", next_attempt_at=bindparam("due", type_=articles.c.next_attempt_at.type))
)
_TEXT = (
    update(article_texts)
    .where(article_texts.c.article_id == bindparam("article"))
    .values(summary=bindparam("new_summary"), body=bindparam("new_body"))
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


def _texts(connection: Connection, article_id: int) -> Any:
    """The row with the stored text, or ``None``."""
    return connection.execute(_TEXTS, {"article": article_id}).first()


def _article_columns(analysis: Analysis) -> dict[str, Any]:
    text = analysis.text
    return {
        "title": text.title,
        "authors": text.authors,
        "site": text.site,
        "lang": keyword_key("lang", text.lang) if text.lang else None,
        "image": analysis.image,
        "tags": text.tags,
        "published": text.published,
        "updated": analysis.updated,
        "body_status": analysis.body_status,
        "body_detail": analysis.body_detail,
        "page_url": analysis.page_url,
    }


_PLACED = _ANALYSED.values(
    duplicate_of=bindparam("of"),
    similarity=bindparam("alike"),
    duplicate_reason=bindparam("reason"),
    story_id=bindparam("story"),
)


def _placement_columns(placement: Placement | None, story_id: int | None) -> dict[str, Any]:
    if placement is None:
        return {}
    copy = placement if isinstance(placement, Duplicate) else None
    return {
        "of": copy.of if copy else None,
        "alike": copy.similarity if copy else None,
        "reason": copy.why if copy else "",
        "story": story_id,
    }


_FINDINGS = (
    article_topics,
    article_countries,
    article_people,
    article_keywords,
    quotes,
    facts,
    fingerprints,
)


def _forget_findings(connection: Connection, article_id: int) -> None:
    for table in _FINDINGS:
        connection.execute(delete(table).where(table.c.article_id == article_id))


def _save_findings(connection: Connection, article_id: int, analysis: Analysis, keys: Sequence[int]) -> None:
    own: dict[str, Any] = {"article_id": article_id}
    if analysis.topics:
        connection.execute(
            dialect.insert_into(article_topics),
            [
                own | {"topic": topic.name, "score": topic.score, "terms": terms_json(topic.terms)}
                for topic in analysis.topics
            ],
        )
    if analysis.countries:
        connection.execute(
            dialect.insert_into(article_countries),
            [own | {"country": each.code, "mentions": each.mentions} for each in analysis.countries],
        )
    if analysis.people:
        connection.execute(
            dialect.insert_into(article_people),
            [
                own | {"position": position, "name": person.name, "role": person.role, "org": person.org}
                for position, person in enumerate(analysis.people)
            ],
        )
    keywords = [("tag", keyword_key("tag", tag)) for tag in analysis.text.tags]
    keywords += [("person", keyword_key("person", name)) for name in analysis.named]
    keywords += [("site", host) for host in _sites(analysis.text)]
    if keywords:
        connection.execute(
            dialect.insert_into(article_keywords),
            [own | {"field": field, "key": key} for field, key in dict.fromkeys(keywords)],
        )
    if analysis.quotes:
        connection.execute(
            dialect.insert_into(quotes),
            [
                own
                | {
                    "position": position,
                    "text": quote.text,
                    "speaker": quote.speaker,
                    "person": quote.person,
                    "speaker_key": keyword_key("person", quote.person or quote.speaker or ""),
                    "start": quote.start,
                    "end": quote.end,
                }
                for position, quote in enumerate(analysis.quotes)
            ],
        )
    if analysis.facts:
        connection.execute(
            dialect.insert_into(facts),
            [
                own
                | {
                    "position": position,
                    "kind": fact.kind,
                    "value": fact.value,
                    "text": fact.text,
                    "start": fact.start,
                    "end": fact.end,
                }
                for position, fact in enumerate(analysis.facts)
            ],
        )
    if (mark := analysis.fingerprint) is not None:
        connection.execute(
            dialect.insert_into(fingerprints),
            own | {"signature": mark.signature, "size": mark.size, "content_hash": mark.content_hash},
        )
        if mark.bands:
            _save_keys(connection, bands, article_id, mark.bands)
    if keys:
        _save_keys(connection, story_keys, article_id, keys)


def _save_keys(connection: Connection, table: Table, article_id: int, keys: Sequence[int]) -> None:
    statement = dialect.insert_absent(connection, table, "key", "article_id")
    connection.execute(statement, [{"key": key, "article_id": article_id} for key in dict.fromkeys(keys)])


def _sites(text: Text) -> list[str]:
    """The hosts that ``site:`` finds the text by, with the domains above them."""
    hosts = [host for host in (host_of(text.url), host_of(text.site or "")) if host]
    return [host.split(".", depth)[-1] for host in hosts for depth in range(max(1, host.count(".")))]


def _save_page(connection: Connection, article_id: int, page: Page) -> None:
    row = {
        "article_id": article_id,
        "fetched_at": page.fetched_at,
        "final_url": page.final_url,
        "content_type": page.content_type,
        "body": page.packed,
    }
    connection.execute(dialect.upsert(connection, pages, "article_id"), row)


# --- reading ---------------------------------------------------------------------------------------

_ARTICLE = (
    select(articles, article_texts.c.summary, article_texts.c.body, feeds.c.name.label("feed_name"))
    .join(article_texts, article_texts.c.article_id == articles.c.id)
    .join(feeds, feeds.c.id == articles.c.feed_id)
    .where(articles.c.pruned_at.is_(None))
)


def load(connection: Connection, ids: Sequence[int]) -> dict[int, Article]:
    """Articles with all that was found in them (but fingerprints), by id; those that are not there are left out."""
    if not ids:
        return {}
    rows = _among_ids(connection, _ARTICLE, articles.c.id, ids)
    analysed = [row.id for row in rows if row.version]
    topics = _grouped(connection, _TOPICS_OF, analysed)
    countries = _grouped(connection, _COUNTRIES_OF, analysed)
    people = _grouped(connection, _PEOPLE_OF, analysed)
    said = _grouped(connection, _QUOTES_OF, analysed)
    stated = _grouped(connection, _FACTS_OF, analysed)
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
    statement = select(article_versions).where(article_versions.c.article_id == article_id)
    rows: list[Any] = list(connection.execute(statement.order_by(article_versions.c.version)))
    found = [
        Version(version=row.version, at=row.at, cause=row.cause, title=row.title, summary=row.summary, body=row.body)
        for row in rows
    ]
    now = _texts(connection, article_id)
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
    row = connection.execute(select(pages).where(pages.c.article_id == article_id)).first()
    if row is None:
        return None
    return Page(fetched_at=row.fetched_at, final_url=row.final_url, content_type=row.content_type, packed=row.body)


def problem(connection: Connection, article_id: int) -> str | None:
    """Why an article was postponed or set aside."""
    return connection.scalar(select(articles.c.problem).where(articles.c.id == article_id))


def _among_ids(connection: Connection, statement: Any, column: Any, ids: Sequence[int]) -> Sequence[Row[Any]]:
    statement = dialect.where_among(connection, statement, column)
    return connection.execute(statement, {"ids": many(connection, ids)}).all()


def _grouped(connection: Connection, statement: Any, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """The rows of what was found in articles, by article."""
    grouped: dict[int, list[Row[Any]]] = {}
    if not ids:
        return grouped
    for row in _among_ids(connection, statement, statement.selected_columns["article_id"], ids):
        grouped.setdefault(row.article_id, []).append(row)
    return grouped


def _ordered(table: Table, order: Any) -> Any:
    return select(table).order_by(table.c.article_id, order)


_TOPICS_OF = _ordered(article_topics, article_topics.c.score.desc())
_COUNTRIES_OF = _ordered(article_countries, article_countries.c.mentions.desc())
_PEOPLE_OF = _ordered(article_people, article_people.c.position)
_CODES_OF = _COUNTRIES_OF.with_only_columns(article_countries.c.article_id, article_countries.c.country)
_NAMES_OF = _PEOPLE_OF.with_only_columns(article_people.c.article_id, article_people.c.name)
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
