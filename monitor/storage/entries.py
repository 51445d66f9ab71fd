"""The entries of feeds: which are known, and what those of a poll come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, select, union, update
from sqlalchemy.exc import StatementError

from monitor.core.keywords import keyword_key
from monitor.errors import MonitorError
from monitor.model import ParsedEntry
from monitor.storage.columns import address_key, moment, stamp
from monitor.storage.dialect import among, insert_absent, where_among
from monitor.storage.dialect import values as many
from monitor.storage.faults import explain
from monitor.storage.schema import article_texts, articles, entries, quarantine

if TYPE_CHECKING:
    from monitor.model import ChangedEntry, EntryKeys, KnownEntry, NewEntry

SEEN_AGAIN = timedelta(days=1)
"""``last_seen`` of an entry is exact to this, so that an unchanged feed is not written anew at every poll."""

CHUNK = 1000

Woken = list[tuple[int, str]]
"""Articles that have work to be done: id and address."""

_BY_KEY = {"identity": "identity", "guid_key": "guid", "url_key": "url", "title_key": "title"}
_KNOWN = (
    entries.c.id,
    entries.c.identity,
    entries.c.guid_key,
    entries.c.url_key,
    entries.c.title_key,
    entries.c.content_hash,
    entries.c.article_id,
    entries.c.published,
)


def known_entries(connection: Connection, feed_id: int, keys: Sequence[EntryKeys]) -> list[KnownEntry]:
    """The stored entries of the feed that share any key with ``keys``; looked up by index, never by a scan."""
    found: dict[int, KnownEntry] = {}
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        given = {
            column: wanted
            for column, name in _BY_KEY.items()
            if (wanted := list({key for each in part if (key := getattr(each, name)) is not None}))
        }
        parameters = {"feed": feed_id} | {column: many(connection, wanted) for column, wanted in given.items()}
        for row in connection.execute(_known_statement(connection, tuple(given)), parameters):
            found[row.id] = _known(row)
    return list(found.values())


def _known_statement(connection: Connection, by: tuple[str, ...]) -> Any:
    cached = _known_statements.get((connection.dialect.name, by))
    if cached is None:
        ids = union(
            *(
                select(entries.c.id).where(
                    entries.c.feed_id == bindparam("feed"), among(connection, entries.c[column], column)
                )
                for column in by
            )
        ).subquery()
        cached = select(*_KNOWN).where(entries.c.id.in_(select(ids.c.id)))
        _known_statements[connection.dialect.name, by] = cached
    return cached


_known_statements: dict[tuple[str, tuple[str, ...]], Any] = {}


def save_new(connection: Connection, feed_id: int, new: Sequence[NewEntry], now: datetime) -> Woken:
    try:
        with connection.begin_nested():
            return _insert_entries(connection, feed_id, new, now)
    except (StatementError, UnicodeError, ValueError, OverflowError) as error:
        if isinstance(explain(error, ""), MonitorError):
            raise  # the database's state, not the entry's
        if len(new) == 1:
            _quarantine(connection, new[0], error, now)
            return []
    middle = len(new) // 2
    return save_new(connection, feed_id, new[:middle], now) + save_new(connection, feed_id, new[middle:], now)


def _quarantine(connection: Connection, entry: NewEntry, error: Exception, now: datetime) -> None:
    cause = getattr(error, "orig", error)
    row = {
        "kind": "entry",
        "hash": entry.content_hash[:200],
        "url": entry.canonical_url[:2000],
        "reason": f"the database refuses it: {str(cause)[:300]}",
        "deaths": 1,
        "at": now,
        "until": None,
    }
    connection.execute(insert_absent(connection, quarantine, "kind", "hash"), row)


def _insert_entries(connection: Connection, feed_id: int, new: Sequence[NewEntry], now: datetime) -> Woken:
    addresses = [address_key(each.canonical_url) for each in new]
    first = dict(zip(reversed(addresses), reversed(new), strict=True))  # of entries with one address the first
    ids = _article_ids(connection, list(first))
    fresh = [address for address in dict.fromkeys(addresses) if address not in ids]
    if fresh:
        rows = [_article_row(feed_id, address, first[address], now) for address in fresh]
        connection.execute(insert_absent(connection, articles, "address"), rows)
        ids |= _article_ids(connection, fresh)
        texts = [
            {"article_id": ids[address], "summary": first[address].entry.summary, "body": first[address].entry.text}
            for address in fresh
        ]
        connection.execute(insert_absent(connection, article_texts, "article_id"), texts)
    rows = [_entry_row(feed_id, ids[address], each, now) for address, each in zip(addresses, new, strict=True)]
    connection.execute(insert_absent(connection, entries, "feed_id", "identity"), rows)
    return [(ids[address], first[address].entry.url or "") for address in fresh]


def _article_row(feed_id: int, address: bytes, new: NewEntry, now: datetime) -> dict[str, Any]:
    return {
        "address": address,
        "canonical_url": new.canonical_url,
        "url": new.entry.url or new.canonical_url,
        "feed_id": feed_id,
        "seen": now,
        "backlog": new.backlog,
        "backlog_reason": new.backlog_reason,
        "state": "pending",
        "cause": "new",
        "next_attempt_at": now,
        "title": new.entry.title,
        "authors": new.entry.authors,
        "lang": keyword_key("lang", new.entry.lang) if new.entry.lang else None,
        "image": new.entry.image,
        "tags": new.entry.tags,
        "published": new.published,
        "updated": new.entry.updated,
        "body_status": "feed",
    }


def _entry_row(feed_id: int, article_id: int, new: NewEntry, now: datetime) -> dict[str, Any]:
    return {
        "feed_id": feed_id,
        "article_id": article_id,
        "identity": new.keys.identity,
        "guid_key": new.keys.guid,
        "url_key": new.keys.url,
        "title_key": new.keys.title,
        "content_hash": new.content_hash,
        "first_seen": now,
        "last_seen": now,
        "published": new.published,
        "entry": _as_json(new.entry),
    }


def _article_ids(connection: Connection, addresses: list[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for start in range(0, len(addresses), CHUNK):
        part = addresses[start : start + CHUNK]
        statement = select(articles.c.address, articles.c.id).where(articles.c.address.in_(part))
        found.update((bytes(row.address), row.id) for row in connection.execute(statement))
    return found


_CHANGE = (
    update(entries)
    .where(entries.c.id == bindparam("entry_id"))
    .values(content_hash=bindparam("hash"), entry=bindparam("kept"), last_seen=bindparam("now"))
)
_OTHER = entries.alias("other")
_REMAP = (
    update(entries)
    .where(
        entries.c.id == bindparam("entry_id"),
        ~select(_OTHER.c.id)
        .where(
            _OTHER.c.feed_id == bindparam("feed"),
            _OTHER.c.identity == bindparam("new_identity"),
            _OTHER.c.id != bindparam("entry_id"),
        )
        .exists(),
    )
    .values(
        identity=bindparam("new_identity"),
        guid_key=bindparam("guid"),
        url_key=bindparam("url"),
        title_key=bindparam("title"),
    )
)
_EDITED = (
    update(articles)
    .where(articles.c.id == bindparam("article"), articles.c.pruned_at.is_(None))
    .values(state="pending", cause="edited", next_attempt_at=bindparam("now"), attempts=0, leased_until=None)
)


def save_changed(connection: Connection, feed_id: int, changed: Sequence[ChangedEntry], now: datetime) -> Woken:
    """Keys follow the entry; a changed text makes its article work again, which keeps the old text as a version."""
    moved = [change for change in changed if change.keys != change.known.keys]
    if moved:
        connection.execute(
            _REMAP,
            [
                {
                    "entry_id": change.known.id,
                    "feed": feed_id,
                    "new_identity": change.keys.identity,
                    "guid": change.keys.guid,
                    "url": change.keys.url,
                    "title": change.keys.title,
                }
                for change in moved
            ],
        )
    edited = [change for change in changed if change.cause == "content"]
    if edited:
        connection.execute(
            _CHANGE,
            [
                {
                    "entry_id": change.known.id,
                    "hash": change.content_hash,
                    "kept": _as_json(change.entry),
                    "now": now,
                }
                for change in edited
            ],
        )
        connection.execute(_EDITED, [{"article": change.known.article_id, "now": now} for change in edited])
    return [(change.known.article_id, change.entry.url or "") for change in edited]


_SEEN = update(entries).where(entries.c.last_seen < bindparam("stale")).values(last_seen=bindparam("now"))


def save_seen(connection: Connection, seen: Sequence[int], now: datetime) -> None:
    statement = where_among(connection, _SEEN, entries.c.id)
    connection.execute(statement, {"ids": many(connection, seen), "stale": now - SEEN_AGAIN, "now": now})


_MOMENTS = ("published", "updated")
_TUPLES = ("authors", "tags", "enclosures", "truncated", "point")
_ENTRY = tuple((field.name, field.default) for field in fields(ParsedEntry))


def _as_json(entry: ParsedEntry) -> dict[str, Any]:
    kept = {name: value for name, default in _ENTRY if (value := getattr(entry, name)) != default}
    for name in _MOMENTS:
        if name in kept:
            kept[name] = stamp(kept[name])
    return kept


def of_json(kept: dict[str, Any]) -> ParsedEntry:
    values: dict[str, Any] = {"guid": None, "url": None, "title": "", **kept}
    for name in _MOMENTS:
        if name in values:
            values[name] = moment(values[name])
    for name in _TUPLES:
        if name in values:
            values[name] = tuple(values[name])
    return ParsedEntry(**values)


def _known(row: Row[Any]) -> KnownEntry:
    from monitor.model import EntryKeys, KnownEntry  # what is told of an article needs no values of polls

    return KnownEntry(
        id=row.id,
        keys=EntryKeys(identity=row.identity, guid=row.guid_key, url=row.url_key, title=row.title_key),
        content_hash=row.content_hash,
        article_id=row.article_id,
        published=row.published,
    )
