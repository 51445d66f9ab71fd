"""Which feeds there are: those of the configuration file and those of commands."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from monitor.errors import NotKnown, UsageError
from monitor.model import Feed, FeedSpec, FeedState, RedirectEvidence
from monitor.storage.columns import address_key, moment, stamp
from monitor.storage.schema import feeds

if TYPE_CHECKING:
    from monitor.model import Origin

STATE = tuple(field.name for field in fields(FeedState))
SPEC = tuple(field.name for field in fields(FeedSpec))


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncedFeeds:
    """What the configuration changed: numbers of feeds."""

    added: int = 0
    changed: int = 0
    removed: int = 0


def sync_config_feeds(connection: Connection, specs: Iterable[FeedSpec], now: datetime) -> SyncedFeeds:
    """Make the feeds of the configuration file those in the database; what polling knows of them is kept."""
    wanted = {spec.url: spec for spec in specs}
    by_listed: dict[str, Row[Any]] = {}
    by_present: dict[str, Row[Any]] = {}
    for stored in connection.execute(_LISTED):
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


_LISTED = select(*(feeds.c[name] for name in ("id", "listed_url", "origin", "removed_at", *SPEC)))


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
    return of_row(row)


def feed(connection: Connection, feed_id: int) -> Feed | None:
    row = connection.execute(_FEED, {"feed": feed_id}).first()
    return None if row is None else of_row(row)


def list_feeds(connection: Connection, *, removed: bool = False) -> list[Feed]:
    """All feeds in the order of their names; with ``removed`` also those that are polled no more."""
    statement = select(feeds).order_by(feeds.c.name, feeds.c.id)
    if not removed:
        statement = statement.where(feeds.c.removed_at.is_(None))
    return [of_row(row) for row in connection.execute(statement)]


def polled_since(connection: Connection, since: datetime) -> tuple[int, list[Feed]]:
    """How many feeds were asked since ``since``, and those of them that could not be read."""
    asked = feeds.c.last_polled_at >= since
    failing = select(feeds).where(asked, feeds.c.problem.is_not(None), feeds.c.failures > 0)
    rows = connection.execute(failing.order_by(feeds.c.name, feeds.c.id))
    total = connection.scalar(select(func.count()).select_from(feeds).where(asked, feeds.c.removed_at.is_(None)))
    return total or 0, [of_row(row) for row in rows]


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
    return of_row(connection.execute(_FEED, {"feed": feed_id}).one())


def _insert_feed(connection: Connection, spec: FeedSpec, origin: Origin, now: datetime) -> int:
    row = _spec_columns(spec) | {
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
    new: dict[str, Any] = _spec_columns(spec) | {"origin": origin, "removed_at": None}
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


def save_state(connection: Connection, feed_id: int, state: FeedState) -> None:
    """Put a state in place without a poll, as an import or a reset does."""
    current = state_columns(state)
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**current))


def of_row(row: Row[Any]) -> Feed:
    """The feed that a row of ``feeds`` is."""
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    state = {name: values[name] for name in STATE}
    state["redirect"] = _redirect(state["redirect"])
    spec = {name: values[name] for name in SPEC}
    spec["tags"] = tuple(spec["tags"])
    return Feed(
        id=row.id, spec=FeedSpec(**spec), origin=row.origin, state=FeedState(**state), listed_url=row.listed_url
    )


def state_columns(state: FeedState) -> dict[str, Any]:
    columns = {name: getattr(state, name) for name in STATE}
    if state.redirect is not None:
        seen = state.redirect
        columns["redirect"] = [seen.target, seen.count, stamp(seen.first_seen)]
    return columns


def _redirect(kept: list[Any] | None) -> RedirectEvidence | None:
    if kept is None:
        return None
    first = moment(kept[2])
    assert first is not None
    return RedirectEvidence(target=kept[0], count=kept[1], first_seen=first)


def _spec_columns(spec: FeedSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in SPEC} | {"tags": list(spec.tags)}
