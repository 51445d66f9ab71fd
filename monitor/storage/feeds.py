"""Feeds, their entries and the history of their polls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, union, update
from sqlalchemy.exc import StatementError

from monitor.core.keywords import keyword_key
from monitor.errors import MonitorError, NotKnown, UsageError
from monitor.model import (
    ChangedEntry,
    EntryKeys,
    Feed,
    FeedSpec,
    FeedState,
    KnownEntry,
    NewEntry,
    Notice,
    Origin,
    PollPlan,
)
from monitor.storage import values
from monitor.storage.columns import address_key
from monitor.storage.dialect import among, earliest, insert_absent, insert_into, where_among
from monitor.storage.dialect import values as many
from monitor.storage.faults import explain
from monitor.storage.schema import article_texts, articles, entries, feeds, notices, polls, quarantine

LEASE = timedelta(minutes=10)
"""How long a feed is hidden from others while it is polled; longer than the longest poll may last."""

SEEN_AGAIN = timedelta(days=1)
"""``last_seen`` of an entry is exact to this, so that an unchanged feed is not written anew at every poll."""

CHUNK = 1000


Woken = list[tuple[int, str]]
"""Articles that have work to be done: id and address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecord:
    """What came of a request, for the history: ``size`` is of the body in bytes, ``elapsed`` in seconds.

    ``entries`` is how many the document had; ``detail`` is one line about a failure.
    """

    at: datetime
    status: int | None = None
    elapsed: float = 0.0
    size: int = 0
    entries: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPoll:
    """One line of a feed's history."""

    at: datetime
    outcome: str
    status: int | None
    elapsed: float
    size: int
    entries: int
    new: int
    changed: int
    reason: str
    next_poll_at: datetime | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncedFeeds:
    """What the configuration changed: numbers of feeds."""

    added: int = 0
    changed: int = 0
    removed: int = 0


# --- which feeds there are -------------------------------------------------------------------------


def sync_config_feeds(connection: Connection, specs: Iterable[FeedSpec], now: datetime) -> SyncedFeeds:
    """Make the feeds of the configuration file those in the database; what polling knows of them is kept."""
    wanted = {spec.url: spec for spec in specs}
    by_listed: dict[str, Row[Any]] = {}
    by_present: dict[str, Row[Any]] = {}
    for stored in connection.execute(select(feeds)):
        by_listed[stored.listed_url] = stored
        by_present[stored.url] = stored
    added = changed = 0
    kept: set[int] = set()
    for url, spec in wanted.items():
        row = by_listed.get(url)
        if row is None and (moved := by_present.get(url)) is not None and moved.listed_url not in wanted:
            row = moved  # the operator has written down where the feed went
        if row is None:
            _insert_feed(connection, spec, "config", now)
            added += 1
            continue
        kept.add(row.id)
        changed += _update_spec(connection, row, spec, "config", now)
    gone = [
        row.id for row in by_listed.values() if row.origin == "config" and not row.removed_at and row.id not in kept
    ]
    for feed_id in gone:
        connection.execute(update(feeds).where(feeds.c.id == feed_id).values(removed_at=now))
    return SyncedFeeds(added=added, changed=changed, removed=len(gone))


def add_feed(connection: Connection, spec: FeedSpec, now: datetime, *, origin: Origin = "command") -> Feed:
    """A new feed, or one that had been removed; UsageError where it is there already."""
    row = connection.execute(select(feeds).where(or_(feeds.c.listed_url == spec.url, feeds.c.url == spec.url))).first()
    if row is None:
        feed_id = _insert_feed(connection, spec, origin, now)
    elif row.removed_at is None:
        raise UsageError(f"{spec.url} is already listed as “{row.name}” (from {row.origin})")
    else:
        feed_id = row.id
        _update_spec(connection, row, spec, origin, now)
    return _one(connection, feed_id)


def remove_feed(connection: Connection, url_or_name: str, now: datetime) -> Feed:
    """Poll the feed no more; its articles stay. NotKnown where there is none, UsageError where the file lists it."""
    feed = find_feed(connection, url_or_name)
    if feed.origin == "config":
        raise UsageError(f"“{feed.spec.name}” stands in the configuration file; remove it there")
    connection.execute(update(feeds).where(feeds.c.id == feed.id).values(removed_at=now, leased_until=None))
    return feed


def find_feed(connection: Connection, url_or_name: str) -> Feed:
    """By listed or present address, or by name. NotKnown where there is none."""
    same = or_(feeds.c.listed_url == url_or_name, feeds.c.url == url_or_name, feeds.c.name == url_or_name)
    row = connection.execute(select(feeds).where(same, feeds.c.removed_at.is_(None)).order_by(feeds.c.id)).first()
    if row is None:
        raise NotKnown(f"there is no feed “{url_or_name}”; monitor feeds list shows all")
    return values.feed(row)


def feed(connection: Connection, feed_id: int) -> Feed | None:
    row = connection.execute(_FEED, {"feed": feed_id}).first()
    return None if row is None else values.feed(row)


def list_feeds(connection: Connection, *, removed: bool = False) -> list[Feed]:
    """All feeds in the order of their names; with ``removed`` also those that are polled no more."""
    statement = select(feeds).order_by(feeds.c.name, feeds.c.id)
    if not removed:
        statement = statement.where(feeds.c.removed_at.is_(None))
    return [values.feed(row) for row in connection.execute(statement)]


def polled_since(connection: Connection, since: datetime) -> tuple[int, list[Feed]]:
    """How many feeds were asked since ``since``, and those of them that could not be read."""
    asked = feeds.c.last_polled_at >= since
    failing = select(feeds).where(asked, feeds.c.problem.is_not(None), feeds.c.failures > 0)
    rows = connection.execute(failing.order_by(feeds.c.name, feeds.c.id))
    total = connection.scalar(select(func.count()).select_from(feeds).where(asked, feeds.c.removed_at.is_(None)))
    return total or 0, [values.feed(row) for row in rows]


@dataclass(frozen=True, slots=True)
class FeedCount:
    """A feed in a line: how often it was asked, what it brought, what is wrong with it."""

    name: str
    format: str | None
    polls: int
    entries: int
    problem: str | None


def feed_counts(connection: Connection) -> list[FeedCount]:
    """All feeds in the order in which they were added."""
    c = feeds.c
    statement = select(c.name, c.format, c.polls, c.entries, c.problem).where(c.removed_at.is_(None)).order_by(c.id)
    return [FeedCount(*row) for row in connection.execute(statement)]


def set_disabled(connection: Connection, feed_id: int, reason: str | None, now: datetime) -> None:
    """Stop polling for ``reason``; ``None`` resumes at once."""
    resumed: dict[str, Any] = {} if reason else {"next_poll_at": now, "failures": 0.0}
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(disabled=reason, **resumed))


def poll_now(connection: Connection, feed_ids: Collection[int] | None, now: datetime) -> int:
    """Make feeds due, all for ``None``; how many."""
    statement = update(feeds).where(feeds.c.removed_at.is_(None), feeds.c.disabled.is_(None), feeds.c.enabled)
    if feed_ids is not None:
        statement = statement.where(feeds.c.id.in_(feed_ids))
    return connection.execute(statement.values(next_poll_at=now)).rowcount


_FEED = select(feeds).where(feeds.c.id == bindparam("feed"))


def _one(connection: Connection, feed_id: int) -> Feed:
    return values.feed(connection.execute(_FEED, {"feed": feed_id}).one())


def _insert_feed(connection: Connection, spec: FeedSpec, origin: Origin, now: datetime) -> int:
    row = values.spec_columns(spec) | {
        "listed_url": spec.url,
        "listed_key": address_key(spec.url),
        "origin": origin,
        "created_at": now,
        "next_poll_at": now,
    }
    new: int = connection.execute(insert(feeds).returning(feeds.c.id), row).scalar_one()
    return new


def _update_spec(connection: Connection, row: Row[Any], spec: FeedSpec, origin: Origin, now: datetime) -> bool:
    """Whether anything changed. A feed that has moved keeps its present address while its listed one is the same."""
    new: dict[str, Any] = values.spec_columns(spec) | {"origin": origin, "removed_at": None}
    if spec.url == row.listed_url:
        new["url"] = row.url
    else:
        new |= {"listed_url": spec.url, "listed_key": address_key(spec.url)}
    if all(row._mapping[name] == value for name, value in new.items()):  # noqa: SLF001
        return False
    if row.removed_at is not None or (spec.enabled and not row.enabled):
        new["next_poll_at"] = now
    connection.execute(update(feeds).where(feeds.c.id == row.id).values(**new))
    return True


# --- which are due ---------------------------------------------------------------------------------

_POLLED = (feeds.c.removed_at.is_(None), feeds.c.disabled.is_(None), feeds.c.enabled)
_DUE = (
    select(feeds)
    .where(
        feeds.c.next_poll_at <= bindparam("now", type_=feeds.c.next_poll_at.type),
        or_(feeds.c.leased_until.is_(None), feeds.c.leased_until <= bindparam("now", type_=feeds.c.next_poll_at.type)),
        *_POLLED,
    )
    .order_by(feeds.c.next_poll_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_LEASE = update(feeds).where(feeds.c.id == bindparam("feed")).values(leased_until=bindparam("until"))


def due_feeds(connection: Connection, now: datetime, limit: int, *, lease: timedelta = LEASE) -> list[Feed]:
    """Feeds to be polled, longest due first, and hidden from other callers until they are saved or ``lease`` ends."""
    found = [values.feed(row) for row in connection.execute(_DUE, {"now": now, "limit": limit})]
    if found:
        connection.execute(_LEASE, [{"feed": feed.id, "until": now + lease} for feed in found])
    return found


def next_due(connection: Connection) -> datetime | None:
    """When the next feed is due, leased ones when their lease ends."""
    return earliest(connection, feeds.c.next_poll_at, feeds.c.leased_until, *_POLLED)


def put_off(connection: Connection, feed_id: int, until: datetime, why: str) -> None:
    """Ask a feed not before ``until``, without a poll to tell of; ``why`` is its reason."""
    connection.execute(
        update(feeds).where(feeds.c.id == feed_id).values(next_poll_at=until, leased_until=None, reason=why)
    )


def release_feed(connection: Connection, feed_id: int) -> None:
    """Give a claimed feed back without having polled it."""
    connection.execute(_LEASE, {"feed": feed_id, "until": None})


# --- what is known of its entries ------------------------------------------------------------------

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
            found[row.id] = values.known_entry(row)
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


# --- what a poll comes to --------------------------------------------------------------------------


def save_poll(connection: Connection, feed_id: int, plan: PollPlan, record: PollRecord) -> Woken:
    """All of one poll: state, history, entries, their articles. Id and address of the articles with work to be done.

    An entry that the database refuses is put into quarantine and does not keep the others out.
    """
    wake = _save_new(connection, feed_id, plan.new, record.at) if plan.new else []
    if plan.changed:
        wake += _save_changed(connection, feed_id, plan.changed, record.at)
    if plan.seen:
        _save_seen(connection, plan.seen, record.at)
    if plan.notices:
        _save_notices(connection, plan.notices, feed_id, record.at)
    state = values.state_columns(plan.state)
    connection.execute(
        _MOVE if plan.url else _STATE,
        state | {"feed": feed_id, "added": len(plan.new)} | ({"present": plan.url} if plan.url else {}),
    )
    connection.execute(
        insert_into(polls),
        {
            "feed_id": feed_id,
            "at": record.at,
            "outcome": plan.outcome,
            "status": record.status,
            "elapsed": record.elapsed,
            "bytes": record.size,
            "entries": record.entries,
            "new": len(plan.new),
            "changed": sum(change.cause == "content" for change in plan.changed),
            "reason": plan.state.reason,
            "next_poll_at": plan.state.next_poll_at,
            "detail": record.detail,
        },
    )
    return list(dict.fromkeys(wake))


_STATE = (
    update(feeds)
    .where(feeds.c.id == bindparam("feed"))
    .values(
        leased_until=None,
        polls=feeds.c.polls + 1,
        entries=feeds.c.entries + bindparam("added"),
        **{name: bindparam(name) for name in values.STATE if name != "disabled"},
        # whoever was disabled by command while the poll was under way stays so; only a command enables again
        disabled=func.coalesce(bindparam("disabled"), feeds.c.disabled),
    )
)
_MOVE = _STATE.values(url=bindparam("present"))


def _save_new(connection: Connection, feed_id: int, new: Sequence[NewEntry], now: datetime) -> Woken:
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
    return _save_new(connection, feed_id, new[:middle], now) + _save_new(connection, feed_id, new[middle:], now)


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
        "entry": values.entry_json(new.entry),
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


def _save_changed(connection: Connection, feed_id: int, changed: Sequence[ChangedEntry], now: datetime) -> Woken:
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
                    "kept": values.entry_json(change.entry),
                    "now": now,
                }
                for change in edited
            ],
        )
        connection.execute(_EDITED, [{"article": change.known.article_id, "now": now} for change in edited])
    return [(change.known.article_id, change.entry.url or "") for change in edited]


_SEEN = update(entries).where(entries.c.last_seen < bindparam("stale")).values(last_seen=bindparam("now"))


def _save_seen(connection: Connection, seen: Sequence[int], now: datetime) -> None:
    statement = where_among(connection, _SEEN, entries.c.id)
    connection.execute(statement, {"ids": many(connection, seen), "stale": now - SEEN_AGAIN, "now": now})


def _save_notices(connection: Connection, said: Sequence[Notice], feed_id: int, now: datetime) -> None:
    connection.execute(
        insert(notices),
        [
            {"at": now, "kind": notice.kind, "text": notice.text, "feed_id": notice.feed_id or feed_id}
            for notice in said
        ],
    )


# --- what polling was like -------------------------------------------------------------------------


def history(connection: Connection, feed_id: int, *, limit: int = 50) -> list[PastPoll]:
    """The last polls of a feed, newest first."""
    statement = select(polls).where(polls.c.feed_id == feed_id).order_by(polls.c.at.desc()).limit(limit)
    return [
        PastPoll(
            at=row.at,
            outcome=row.outcome,
            status=row.status,
            elapsed=row.elapsed,
            size=row.bytes,
            entries=row.entries,
            new=row.new,
            changed=row.changed,
            reason=row.reason,
            next_poll_at=row.next_poll_at,
            detail=row.detail,
        )
        for row in connection.execute(statement)
    ]


def forget_history(connection: Connection, before: datetime) -> int:
    """Drop the history of polls before ``before``; how many."""
    return connection.execute(delete(polls).where(polls.c.at < before)).rowcount


def save_state(connection: Connection, feed_id: int, state: FeedState) -> None:
    """Put a state in place without a poll, as an import or a reset does."""
    current = values.state_columns(replace(state))
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**current))
