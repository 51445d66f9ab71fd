"""What the operator was or should have been told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from monitor.storage import dialect
from monitor.storage import schema as s


@dataclass(frozen=True, slots=True, kw_only=True)
class PastNotice:
    """Something that the operator was or should have been told."""

    id: int
    at: datetime
    kind: str
    text: str
    feed_id: int | None


def note(connection: Connection, kind: str, said: str, now: datetime, *, feed_id: int | None = None) -> None:
    """Keep a notice for the operator."""
    connection.execute(insert(s.notices), {"at": now, "kind": kind, "text": said, "feed_id": feed_id})


def untold(connection: Connection) -> list[PastNotice]:
    """Notices that the operators were not sent yet, oldest first."""
    told = int(connection.scalar(select(s.meta.c.value).where(s.meta.c.name == "notices_told")) or 0)
    statement = select(s.notices).where(s.notices.c.id > told).order_by(s.notices.c.id)
    return [PastNotice(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001


def mark_told(connection: Connection, notice_id: int) -> None:
    """The operators are sent the notices up to this one, by the outbox of the same transaction."""
    connection.execute(dialect.upsert(connection, s.meta, "name"), {"name": "notices_told", "value": str(notice_id)})


def latest(connection: Connection, *, since: datetime | None = None, limit: int = 100) -> list[PastNotice]:
    """Newest first."""
    statement = select(s.notices).order_by(s.notices.c.at.desc(), s.notices.c.id.desc()).limit(limit)
    if since is not None:
        statement = statement.where(s.notices.c.at >= since)
    return [PastNotice(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001
