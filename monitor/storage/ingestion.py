"""What was made of an article, saved in one transaction with all that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, bindparam, delete, update

from monitor.core.indexing import IndexText, index_text
from monitor.core.keywords import host_of, keyword_key
from monitor.errors import NotKnown
from monitor.model import Alert, Analysis, Duplicate, Hold, Joins, Placement, RuleMatch, Text
from monitor.storage import dialect, indexing, site_blocks, stories
from monitor.storage.articles import Page, present_text
from monitor.storage.columns import signed
from monitor.storage.schema import (
    article_countries,
    article_keywords,
    article_people,
    article_texts,
    article_topics,
    article_versions,
    articles,
    bands,
    facts,
    fingerprints,
    pages,
    quotes,
    story_keys,
)
from monitor.storage.spans import terms_json

if TYPE_CHECKING:
    from monitor.core.alerts import Group
    from monitor.storage import outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What `save_ingest` came to: the article's version, and what was really new: alerts, deliveries (id, channel)."""

    version: int
    edited: bool
    alerts: tuple[str, ...]
    deliveries: tuple[tuple[int, str], ...]


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
    old = present_text(connection, article_id)
    if old is None:
        raise NotKnown(f"there is no article {article_id}")
    again = old.version > 0
    edited = again and (old.title, old.summary, old.body) != (text.title, text.summary, text.body)
    if edited:
        before = {
            "article_id": article_id,
            "version": old.version,
            "at": old.version_at or old.seen,
            "cause": old.version_cause or "new",
            "title": old.title,
            "summary": old.summary,
            "body": old.body,
        }
        connection.execute(dialect.insert_absent(connection, article_versions, "article_id", "version"), before)
    version = old.version + 1 if edited or not again else old.version
    row: dict[str, Any] = (
        _article_columns(analysis) | {"url": text.url or old.url} | {"article": article_id, "new_version": version}
    )
    if edited or not again:
        row |= {"at": now, "why": old.cause, "edited": now if edited else None}
    else:
        row |= {"at": old.version_at, "why": old.version_cause, "edited": old.edited_at}
    row |= _placement_columns(placement, story_id)
    dialect.put(connection, _ANALYSED if placement is None else _PLACED, [row])
    dialect.put(connection, _TEXT, [{"article": article_id, "new_summary": text.summary, "new_body": text.body}])
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
    def put(table: Table, rows: Iterable[dict[str, Any]]) -> None:
        dialect.put(connection, dialect.insert_into(table), [{"article_id": article_id, **row} for row in rows])

    put(article_topics, [{"topic": t.name, "score": t.score, "terms": terms_json(t.terms)} for t in analysis.topics])
    put(article_countries, [{"country": each.code, "mentions": each.mentions} for each in analysis.countries])
    put(
        article_people,
        [
            {"position": position, "name": person.name, "role": person.role, "org": person.org}
            for position, person in enumerate(analysis.people)
        ],
    )
    keywords = [("tag", keyword_key("tag", tag)) for tag in analysis.text.tags]
    keywords += [("person", keyword_key("person", name)) for name in analysis.named]
    keywords += [("site", host) for host in _sites(analysis.text)]
    put(article_keywords, [{"field": field, "key": key} for field, key in dict.fromkeys(keywords)])
    put(
        quotes,
        [
            {
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
    put(
        facts,
        [
            {
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
        put(fingerprints, [{"signature": mark.signature, "size": mark.size, "content_hash": mark.content_hash}])
        _save_keys(connection, bands, article_id, mark.bands)
    _save_keys(connection, story_keys, article_id, keys)


def _save_keys(connection: Connection, table: Table, article_id: int, keys: Sequence[int]) -> None:
    if keys:
        given = dialect.values(connection, [signed(key) for key in dict.fromkeys(keys)])
        dialect.put(connection, dialect.insert_keys(connection, table), [{"article": article_id, "keys": given}])


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
    dialect.put(connection, dialect.upsert(connection, pages, "article_id"), [row])
