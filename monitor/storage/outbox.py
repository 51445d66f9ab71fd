"""The outbox: one row for each message and endpoint, and its ledger of attempts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from monitor.model import (
    Delivered,
    Delivery,
    Message,
)
from monitor.storage import dialect
from monitor.storage import schema as s
from monitor.storage.channels import hold_until, set_channel
from monitor.storage.dialect import among
from monitor.storage.dialect import values as many

if TYPE_CHECKING:
    from monitor.core.retry import AfterAttempt
    from monitor.model import (
        DeliveryState,
        Outcome,
    )

LEASE = timedelta(minutes=5)
BEGUN = "no answer is written down: it is on its way, or the program ended meanwhile and it may have arrived"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A message to be put into the outbox. ``not_before`` delays its first attempt."""

    alert_id: str
    channel: str
    endpoint: str
    message: Message
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One line of the ledger."""

    at: datetime
    outcome: str
    status: int | None
    detail: str
    elapsed: float


def enqueue(connection: Connection, deliveries: Sequence[NewDelivery], now: datetime) -> tuple[tuple[int, str], ...]:
    """Put messages of new alerts into the outbox, each once for its alert and endpoint; id and channel of each."""
    if not deliveries:
        return ()
    rows = [
        {
            "alert_id": each.alert_id,
            "channel": each.channel,
            "endpoint": each.endpoint,
            "message": _as_json(each.message),
            "recipients": each.message.recipients,
            "state": "pending",
            "created_at": now,
            "next_attempt_at": each.not_before or now,
        }
        for each in deliveries
    ]
    connection.execute(dialect.insert_absent(connection, s.deliveries, "alert_id", "channel", "endpoint"), rows)
    d = s.deliveries.c
    stored = select(d.id, d.channel).where(among(connection, d.alert_id, "alerts")).order_by(d.id)
    ids = many(connection, sorted({each.alert_id for each in deliveries}))
    return tuple((row.id, row.channel) for row in connection.execute(stored, {"alerts": ids}))


_WAITING = s.deliveries.c.state.in_(("pending", "retry"))
_NOW = bindparam("now", type_=s.deliveries.c.next_attempt_at.type)
_OFF = select(s.channels.c.name).where(s.channels.c.disabled.is_not(None))
_PAUSED = select(s.channels.c.name).where(s.channels.c.held_until > _NOW)
_CHANNELS = (
    select(s.deliveries.c.channel)
    .where(
        _WAITING,
        s.deliveries.c.next_attempt_at <= _NOW,
        s.deliveries.c.channel.not_in(_OFF),
        s.deliveries.c.channel.not_in(_PAUSED),
    )
    .distinct()
)
_DUE = (
    select(s.deliveries)
    .where(
        _WAITING,
        s.deliveries.c.channel == bindparam("channel"),
        s.deliveries.c.next_attempt_at <= _NOW,
        or_(s.deliveries.c.leased_until.is_(None), s.deliveries.c.leased_until <= _NOW),
    )
    .order_by(s.deliveries.c.next_attempt_at, s.deliveries.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_ONE = s.deliveries.c.id == bindparam("delivery")
_LEASE = update(s.deliveries).where(_ONE).values(leased_until=bindparam("until"))
_READY = select(s.deliveries).where(
    _ONE,
    _WAITING,
    s.deliveries.c.next_attempt_at <= _NOW,
    s.deliveries.c.channel.not_in(_OFF),
    s.deliveries.c.channel.not_in(_PAUSED),
)
_ATTEMPTED = update(s.deliveries).where(_ONE)
_LINE = insert(s.attempts).returning(s.attempts.c.id)
_ANSWERED = update(s.attempts).where(s.attempts.c.id == bindparam("begun"))


def due_deliveries(
    connection: Connection,
    now: datetime,
    limit: int,
    *,
    lease: timedelta = LEASE,
    room: Callable[[str], int] | None = None,
) -> list[Delivery]:
    """Messages to be sent, of each channel the longest due first, hidden from others until saved or ``lease`` ends.

    ``room`` says how many a channel may be given now, so that a slow one does not keep those of others from being
    found. Those of a channel that is switched off, or that asked for a pause, wait for its end.
    """
    found: list[Delivery] = []
    for channel in sorted(connection.scalars(_CHANNELS, {"now": now})):
        most = limit if room is None else min(limit, room(channel))
        if most > 0:
            rows = connection.execute(_DUE, {"now": now, "limit": most, "channel": channel})
            found += [_of_row(row) for row in rows]
    if found:
        connection.execute(_LEASE, [{"delivery": each.id, "until": now + lease} for each in found])
    return found


def put_off(connection: Connection, delivery_id: int, until: datetime, why: str) -> None:
    """Send a message not before ``until``, without an attempt to tell of."""
    connection.execute(
        update(s.deliveries)
        .where(s.deliveries.c.id == delivery_id)
        .values(next_attempt_at=until, leased_until=None, last_error=why)
    )


def release_delivery(connection: Connection, delivery_id: int) -> None:
    """Give a claimed delivery back without an attempt."""
    connection.execute(_LEASE, {"delivery": delivery_id, "until": None})


def next_due(connection: Connection) -> datetime | None:
    """When the next delivery is due, a leased one when its lease ends."""
    due = s.deliveries.c
    return dialect.earliest(connection, due.next_attempt_at, due.leased_until, _WAITING, due.channel.not_in(_OFF))


def save_attempt(
    connection: Connection,
    delivery: Delivery,
    outcome: Outcome,
    after: AfterAttempt,
    *,
    at: datetime,
    elapsed: float,
    begun: int | None = None,
) -> None:
    """An attempt that was made: a line in the ledger, and what comes next on the row; a channel may be switched off.

    ``begun`` is the line that `begin_attempt` wrote; without one there is a new line.
    """
    line = {
        "delivery_id": delivery.id,
        "at": at,
        "outcome": type(outcome).__name__.lower(),
        "status": getattr(outcome, "status", None),
        "detail": outcome.receipt if isinstance(outcome, Delivered) else outcome.reason,
        "elapsed": elapsed,
    }
    if begun is None:
        connection.execute(_LINE, line)
    else:
        connection.execute(_ANSWERED, line | {"begun": begun})
    row = {
        "delivery": delivery.id,
        "state": after.state,
        "attempts": delivery.attempts + 1,
        "next_attempt_at": after.next_attempt_at,
        "leased_until": None,
        "last_error": after.error,
        "recipients": after.recipients or delivery.message.recipients,
        "sent_at": at if isinstance(outcome, Delivered) else None,
        "receipt": outcome.receipt if isinstance(outcome, Delivered) else None,
    }
    connection.execute(_ATTEMPTED, row)
    if after.hold_until is not None:
        _hold_channel(connection, delivery.channel, after.hold_until, at)
    if after.disable:
        set_channel(connection, delivery.channel, after.error or "refused", at)


def begin_attempt(connection: Connection, delivery_id: int, now: datetime) -> tuple[Delivery, int] | None:
    """A message that is to be sent at ``now``, and the new line of its ledger, which stays as it is where the program
    ends before the answer is written down; ``None`` where there is nothing to send any more.
    """
    found = waiting_delivery(connection, delivery_id, now)
    if found is None:
        return None
    line = {"delivery_id": delivery_id, "at": now, "outcome": "begun", "detail": BEGUN, "elapsed": 0.0, "status": None}
    return found, connection.execute(_LINE, line).scalar_one()


def waiting_delivery(connection: Connection, delivery_id: int, now: datetime) -> Delivery | None:
    """A message that is to be sent at ``now``; ``None`` where it has been sent, given up or put off."""
    row = connection.execute(_READY, {"now": now, "delivery": delivery_id}).first()
    return None if row is None else _of_row(row)


def delivery(connection: Connection, delivery_id: int) -> tuple[Delivery, list[Attempt]] | None:
    """One row of the outbox with its ledger, oldest attempt first."""
    row = connection.execute(select(s.deliveries).where(s.deliveries.c.id == delivery_id)).first()
    if row is None:
        return None
    ledger = select(s.attempts).where(s.attempts.c.delivery_id == delivery_id).order_by(s.attempts.c.id)
    return _of_row(row), [
        Attempt(at=each.at, outcome=each.outcome, status=each.status, detail=each.detail, elapsed=each.elapsed)
        for each in connection.execute(ledger)
    ]


def list_deliveries(
    connection: Connection,
    *,
    state: DeliveryState | None = None,
    channel: str | None = None,
    alert_id: str | None = None,
    since: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """Newest first; ``before`` is the id of the page's last."""
    statement = select(s.deliveries).order_by(s.deliveries.c.id.desc()).limit(limit)
    for column, wanted in (
        (s.deliveries.c.state, state),
        (s.deliveries.c.channel, channel),
        (s.deliveries.c.alert_id, alert_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if since is not None:
        statement = statement.where(s.deliveries.c.created_at >= since)
    if before is not None:
        statement = statement.where(s.deliveries.c.id < before)
    return [_of_row(row) for row in connection.execute(statement)]


def retry_deliveries(connection: Connection, now: datetime, *, ids: Collection[int] | None = None) -> int:
    """Take dead letters, all or those of ``ids``, to a new series of attempts; how many."""
    statement = update(s.deliveries).where(s.deliveries.c.state == "dead")
    if ids is not None:
        statement = statement.where(s.deliveries.c.id.in_(ids))
    return connection.execute(
        statement.values(state="retry", attempts=0, next_attempt_at=now, leased_until=None)
    ).rowcount


def _hold_channel(connection: Connection, name: str, until: datetime, now: datetime) -> None:
    """The endpoint asked for a pause: all its messages wait, also those that were claimed already."""
    hold_until(connection, name, until, now)
    claimed = update(s.deliveries).where(_WAITING, s.deliveries.c.channel == name)
    connection.execute(claimed.values(leased_until=None))


def _of_row(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        alert_id=row.alert_id,
        channel=row.channel,
        endpoint=row.endpoint,
        message=Message(**row.message | {"recipients": tuple(row.recipients)}),
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        last_error=row.last_error,
    )


def _as_json(message: Message) -> dict[str, Any]:
    kept = {field.name: getattr(message, field.name) for field in fields(Message)}
    return kept | {name: dict(kept[name]) for name in ("payload", "headers", "unsubscribe")}
