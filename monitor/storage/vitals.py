"""How the database and its daemon are: signs of life, work that waits, room on the disk, damage."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, text, update

from monitor.storage import dialect
from monitor.storage import schema as s


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The database in numbers. ``size`` is in bytes; times are of the oldest work that is overdue."""

    size: int
    feeds: int
    articles: int
    pending: int
    quarantined: int
    stories: int
    alerts: int
    waiting: int
    dead: int
    oldest_pending: datetime | None
    oldest_waiting: datetime | None
    oldest_due: datetime | None
    last_poll: datetime | None
    last_success: datetime | None


def status(connection: Connection) -> Status:
    a, d = s.articles.c, s.deliveries.c
    present = select(a.state, func.count()).where(a.pruned_at.is_(None)).group_by(a.state)
    states: dict[str, int] = {row[0]: row[1] for row in connection.execute(present)}
    outbox: dict[str, int] = {
        row[0]: row[1] for row in connection.execute(select(d.state, func.count()).group_by(d.state))
    }
    size = "SELECT pg_database_size(current_database())"
    if dialect.is_sqlite(connection):
        size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    return Status(
        size=connection.scalar(text(size)) or 0,
        feeds=_count(connection, s.feeds, s.feeds.c.removed_at.is_(None)),
        articles=sum(states.values()),
        pending=states.get("pending", 0),
        quarantined=states.get("quarantined", 0),
        stories=_count(connection, s.stories),
        alerts=_count(connection, s.alerts),
        waiting=outbox.get("pending", 0) + outbox.get("retry", 0),
        dead=outbox.get("dead", 0),
        oldest_pending=connection.scalar(select(func.min(a.seen)).where(a.state == "pending")),
        oldest_waiting=connection.scalar(select(func.min(d.created_at)).where(d.state.in_(("pending", "retry")))),
        oldest_due=connection.scalar(select(func.min(d.next_attempt_at)).where(d.state.in_(("pending", "retry")))),
        last_poll=connection.scalar(select(func.max(s.feeds.c.last_polled_at))),
        last_success=connection.scalar(select(func.max(s.feeds.c.last_success_at))),
    )


def counts_since(connection: Connection, since: datetime) -> dict[str, int]:
    """What came about since then; ``pending`` (articles), ``waiting`` and ``dead`` (messages) are of now."""
    a, m, d = s.articles.c, s.matches.c, s.deliveries.c
    return {
        "articles": _count(connection, s.articles, a.seen >= since),
        "duplicates": _count(connection, s.articles, a.seen >= since, a.duplicate_of.is_not(None)),
        "edited": _count(connection, s.articles, a.edited_at >= since),
        "alerts": _count(connection, s.alerts, s.alerts.c.created_at >= since),
        "held": _count(connection, s.matches, m.at >= since, m.hold.is_not(None)),
        "delivered": _count(connection, s.deliveries, d.sent_at >= since),
        "pending": _count(connection, s.articles, a.state == "pending"),
        "waiting": _count(connection, s.deliveries, d.state.not_in(("sent", "dead"))),
        "dead": _count(connection, s.deliveries, d.state == "dead"),
    }


def totals(connection: Connection) -> Mapping[str, int]:
    """Rows of each table, for ``db status``."""
    return {table.name: _count(connection, table) for table in s.metadata.sorted_tables}


def _count(connection: Connection, table: Any, *conditions: Any) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def integrity(connection: Connection) -> list[str]:
    """Everything that is wrong with the database as it is open; empty where all is well."""
    if dialect.is_sqlite(connection):
        found = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(20)") if row[0] != "ok"]
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(20)
        return found + [f"{row[0]} row {row[1]} refers to a missing row of {row[2]}" for row in broken]
    return []


def release_leases(connection: Connection) -> int:
    """Give back what a dead daemon had claimed. Only for the one daemon of a database, under its lock."""
    return sum(
        connection.execute(update(table).where(table.c.leased_until.is_not(None)).values(leased_until=None)).rowcount
        for table in (s.feeds, s.articles, s.deliveries)
    )


def heartbeat(connection: Connection, now: datetime) -> None:
    """Prove that writing works, and leave word that a daemon lives."""
    connection.execute(dialect.upsert(connection, s.meta, "name"), {"name": "heartbeat", "value": now.isoformat()})


def last_heartbeat(connection: Connection) -> datetime | None:
    """When a daemon last wrote; ``None``: never."""
    value = connection.scalar(select(s.meta.c.value).where(s.meta.c.name == "heartbeat"))
    return None if value is None else datetime.fromisoformat(value)


ROOM = 1_000_000
"""Characters: more than an article with its page usually writes."""


def take_room(connection: Connection) -> None:
    """Prove that there is room for work: where a heartbeat still fits, an article may not. `leave_room` gives it back.

    It must be committed in between: SQLite does not write what the same transaction deletes again.
    """
    filling = os.urandom(ROOM // 2).hex()  # not to be compressed away
    connection.execute(dialect.upsert(connection, s.meta, "name"), {"name": "room", "value": filling})


def leave_room(connection: Connection) -> None:
    connection.execute(delete(s.meta).where(s.meta.c.name == "room"))
