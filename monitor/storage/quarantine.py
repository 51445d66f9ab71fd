"""Inputs that did harm, and are not tried for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, literal, or_, select

from monitor.errors import NotKnown
from monitor.storage import dialect
from monitor.storage import schema as s


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """An input that killed or hung a worker, or that the database refused; ``kind`` says which sort of input."""

    kind: str
    hash: str
    url: str
    reason: str
    deaths: int
    at: datetime
    until: datetime | None


def put(connection: Connection, found: Quarantined) -> int:
    """Remember that an input did harm; how often it has by now."""
    key = (s.quarantine.c.kind == found.kind) & (s.quarantine.c.hash == found.hash)
    before = connection.scalar(select(s.quarantine.c.deaths).where(key)) or 0
    row = {
        "kind": found.kind,
        "hash": found.hash,
        "url": found.url,
        "reason": found.reason,
        "deaths": before + found.deaths,
        "at": found.at,
        "until": found.until,
    }
    connection.execute(dialect.upsert(connection, s.quarantine, "kind", "hash"), row)
    return before + found.deaths


def deaths(connection: Connection, kind: str, digest: str) -> int:
    """How many workers an input has cost so far."""
    q = s.quarantine.c
    return connection.scalar(select(q.deaths).where(q.kind == kind, q.hash == digest)) or 0


def held(connection: Connection, kind: str, digest: str, now: datetime) -> Quarantined | None:
    """The entry for an input that must not be tried now."""
    row = connection.execute(_QUARANTINED, {"kind": kind, "hash": digest, "now": now}).first()
    return None if row is None else Quarantined(**row._mapping)  # noqa: SLF001


_q = s.quarantine.c
_IN_FORCE = or_(_q.until.is_(None), _q.until > bindparam("now", type_=_q.until.type))
_QUARANTINED = select(s.quarantine).where(_q.kind == bindparam("kind"), _q.hash == bindparam("hash"), _IN_FORCE)

ANY_PAGE = select(literal(value=True)).where(_q.kind == "page", _IN_FORCE).limit(1).scalar_subquery()
"""Whether any page must not be tried ``:now``, or NULL: there hardly ever is one, and to look for one by its bytes they
have to be digested.
"""


def latest(connection: Connection, *, limit: int = 100) -> list[Quarantined]:
    """Newest first."""
    statement = select(s.quarantine).order_by(s.quarantine.c.at.desc()).limit(limit)
    return [Quarantined(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001


def release(connection: Connection, kind: str, digest: str) -> None:
    """Let an input be tried again."""
    q = s.quarantine.c
    if not connection.execute(delete(s.quarantine).where(q.kind == kind, q.hash == digest)).rowcount:
        raise NotKnown(f"there is no {kind} {digest} in quarantine")
