"""Silences of the operator."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from monitor.errors import NotKnown
from monitor.model import Silence
from monitor.storage import schema as s


def add_silence(
    connection: Connection,
    *,
    rule: str | None,
    query: str | None,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    who: str,
) -> Silence:
    row = {"rule": rule, "query": query, "starts_at": starts_at, "ends_at": ends_at, "reason": reason, "who": who}
    new = connection.execute(insert(s.silences).returning(s.silences.c.id), row).scalar_one()
    return Silence(id=new, **row)  # type: ignore[arg-type]


def silences(connection: Connection, now: datetime, *, ended: bool = False) -> list[Silence]:
    """Those in force or to come at ``now``, first to end first; with ``ended`` all."""
    return [_of_row(row) for row in connection.execute(_ALL if ended else _TO_COME, {} if ended else {"now": now})]


_ALL = select(s.silences).order_by(s.silences.c.ends_at, s.silences.c.id)
_TO_COME = _ALL.where(s.silences.c.ends_at > bindparam("now", type_=s.silences.c.ends_at.type))


def expire_silence(connection: Connection, silence_id: int, now: datetime) -> None:
    """End a silence now. NotKnown where there is none that lasts longer."""
    ended = update(s.silences).where(s.silences.c.id == silence_id, s.silences.c.ends_at > now).values(ends_at=now)
    if not connection.execute(ended).rowcount:
        raise NotKnown(f"there is no silence {silence_id} in force")


def ending_silences(connection: Connection, now: datetime, before: datetime) -> list[Silence]:
    """Silences in force that end by ``before`` and that nobody was warned of yet."""
    c = s.silences.c
    due = select(s.silences).where(c.starts_at <= now, c.ends_at > now, c.ends_at <= before, c.warned_at.is_(None))
    return [_of_row(row) for row in connection.execute(due.order_by(c.ends_at))]


def mark_warned(connection: Connection, ids: Collection[int], now: datetime) -> None:
    if ids:
        connection.execute(update(s.silences).where(s.silences.c.id.in_(ids)).values(warned_at=now))


def held_by(connection: Connection, silence: Silence) -> int:
    """How many matches a silence has held back."""
    m = s.matches.c
    own = and_(m.hold == "silenced", m.hold_refers_to == str(silence.id), m.at >= silence.starts_at)
    return connection.scalar(select(func.count()).select_from(s.matches).where(own)) or 0


def _of_row(row: Row[Any]) -> Silence:
    return Silence(
        id=row.id,
        rule=row.rule,
        query=row.query,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
        who=row.who,
    )
