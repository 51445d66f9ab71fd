"""Which feeds are due, what their polls came to, and what polling was like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, update

from monitor.model import Feed, Notice, PollPlan
from monitor.storage.dialect import earliest, insert_into, where_among
from monitor.storage.dialect import values as many
from monitor.storage.entries import Woken, save_changed, save_new, save_seen
from monitor.storage.feeds import STATE, of_row, state_columns
from monitor.storage.schema import feeds, notices, polls

LEASE = timedelta(minutes=10)
"""How long a feed is hidden from others while it is polled; longer than the longest poll may last."""


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
_LEASE = update(feeds).values(leased_until=bindparam("until"))


def due_feeds(connection: Connection, now: datetime, limit: int, *, lease: timedelta = LEASE) -> list[Feed]:
    """Feeds to be polled, longest due first, and hidden from other callers until they are saved or ``lease`` ends."""
    found = [of_row(row) for row in connection.execute(_DUE, {"now": now, "limit": limit})]
    if found:
        _lease(connection, [feed.id for feed in found], now + lease)
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
    _lease(connection, [feed_id], None)


def _lease(connection: Connection, ids: Sequence[int], until: datetime | None) -> None:
    connection.execute(where_among(connection, _LEASE, feeds.c.id), {"ids": many(connection, ids), "until": until})


def save_poll(connection: Connection, feed_id: int, plan: PollPlan, record: PollRecord) -> Woken:
    """All of one poll: state, history, entries, their articles. Id and address of the articles with work to be done.

    An entry that the database refuses is put into quarantine and does not keep the others out.
    """
    wake = save_new(connection, feed_id, plan.new, record.at) if plan.new else []
    if plan.changed:
        wake += save_changed(connection, feed_id, plan.changed, record.at)
    if plan.seen:
        save_seen(connection, plan.seen, record.at)
    if plan.notices:
        _save_notices(connection, plan.notices, feed_id, record.at)
    state = state_columns(plan.state)
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
        **{name: bindparam(name) for name in STATE if name != "disabled"},
        # whoever was disabled by command while the poll was under way stays so; only a command enables again
        disabled=func.coalesce(bindparam("disabled"), feeds.c.disabled),
    )
)
_MOVE = _STATE.values(url=bindparam("present"))


def _save_notices(connection: Connection, said: Sequence[Notice], feed_id: int, now: datetime) -> None:
    connection.execute(
        insert(notices),
        [
            {"at": now, "kind": notice.kind, "text": notice.text, "feed_id": notice.feed_id or feed_id}
            for notice in said
        ],
    )


def history(connection: Connection, feed_id: int, *, limit: int = 50) -> list[PastPoll]:
    """The last polls of a feed, newest first."""
    statement = select(polls).where(polls.c.feed_id == feed_id).order_by(polls.c.at.desc()).limit(limit)
    return [_past(row) for row in connection.execute(statement)]


def poll_at(connection: Connection, feed_id: int, at: datetime) -> PastPoll | None:
    """The poll that was saved at this moment, where the history still has it."""
    row = connection.execute(select(polls).where(polls.c.feed_id == feed_id, polls.c.at == at).limit(1)).first()
    return None if row is None else _past(row)


def _past(row: Row[Any]) -> PastPoll:
    return PastPoll(
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


def forget_history(connection: Connection, before: datetime) -> int:
    """Drop the history of polls before ``before``; how many."""
    return connection.execute(delete(polls).where(polls.c.at < before)).rowcount
