"""Rules, matches, alerts, silences, and the outbox of deliveries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from monitor.core.alerts import QUEUED, Group
from monitor.core.retry import AfterAttempt
from monitor.errors import NotKnown, UsageError
from monitor.model import (
    Alert,
    Delivered,
    Delivery,
    DeliveryState,
    Hold,
    Message,
    Outcome,
    Rule,
    RuleMatch,
    Silence,
    Span,
)
from monitor.storage import dialect, groups, values
from monitor.storage import schema as s
from monitor.storage.dialect import among
from monitor.storage.dialect import values as many

LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A message to be put into the outbox. ``not_before`` delays its first attempt."""

    alert_id: str
    channel: str
    endpoint: str
    message: Message
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Alerts, and deliveries with their channels, that were not there before."""

    alerts: tuple[str, ...] = ()
    deliveries: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule held for an article; either an alert went out, or ``hold`` says why not."""

    article_id: int
    article_version: int
    rule: str
    rule_version: str
    at: datetime
    spans: tuple[Span, ...]
    alert_id: str | None
    hold: str | None
    detail: str | None
    refers_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One line of the ledger."""

    at: datetime
    outcome: str
    status: int | None
    detail: str
    elapsed: float


# --- rules and saved queries -----------------------------------------------------------------------


def sync_config_rules(connection: Connection, rules: Iterable[Rule], now: datetime) -> None:
    """Make the rules of the configuration file those in the database; a rule of a command of the same name yields."""
    wanted = {rule.name: rule for rule in rules}
    for name, version in connection.execute(
        select(s.rules.c.name, s.rules.c.version).where(s.rules.c.origin == "config")
    ):
        if name not in wanted:
            connection.execute(s.rules.delete().where(s.rules.c.name == name))
        elif wanted[name].version == version and wanted[name] == rule(connection, name):
            del wanted[name]
    for each in wanted.values():
        _put_rule(connection, each, now)


def add_rule(connection: Connection, new: Rule, now: datetime) -> None:
    """A rule by command; it replaces one of a command, never one of the file (UsageError)."""
    _not_from_file(connection, new.name)
    _put_rule(connection, new, now)


def remove_rule(connection: Connection, name: str) -> None:
    if rule(connection, name) is None:
        raise NotKnown(f"there is no rule “{name}”; monitor rules list shows all")
    _not_from_file(connection, name)
    connection.execute(s.rules.delete().where(s.rules.c.name == name))


def rule(connection: Connection, name: str) -> Rule | None:
    kept = connection.scalar(select(s.rules.c.definition).where(s.rules.c.name == name))
    return None if kept is None else values.rule(kept)


def rule_since(connection: Connection, name: str) -> datetime | None:
    """When a rule became what it is."""
    at: datetime | None = connection.scalar(select(s.rules.c.updated_at).where(s.rules.c.name == name))
    return at


def rules_stamp(connection: Connection) -> tuple[Any, ...]:
    """Differs once a rule or a saved query was added, changed or removed."""
    of_rules = select(func.count(), func.max(s.rules.c.updated_at)).select_from(s.rules)
    of_queries = select(func.count(), func.max(s.saved_queries.c.created_at)).select_from(s.saved_queries)
    return (*connection.execute(of_rules).one(), *connection.execute(of_queries).one())


def list_rules(connection: Connection) -> list[Rule]:
    return [values.rule(kept) for kept in connection.scalars(select(s.rules.c.definition).order_by(s.rules.c.name))]


def _not_from_file(connection: Connection, name: str) -> None:
    if connection.scalar(select(s.rules.c.origin).where(s.rules.c.name == name)) == "config":
        raise UsageError(f"rule “{name}” stands in the configuration file; change it there")


def _put_rule(connection: Connection, new: Rule, now: datetime) -> None:
    row = {
        "name": new.name,
        "origin": new.origin,
        "version": new.version,
        "enabled": new.enabled,
        "definition": values.rule_json(new),
        "updated_at": now,
    }
    connection.execute(dialect.upsert(connection, s.rules, "name"), row)


def save_query(connection: Connection, name: str, query: str, now: datetime) -> None:
    row = {"name": name, "query": query, "created_at": now}
    connection.execute(dialect.upsert(connection, s.saved_queries, "name"), row)


def saved_queries(connection: Connection) -> dict[str, str]:
    found = connection.execute(select(s.saved_queries.c.name, s.saved_queries.c.query).order_by(s.saved_queries.c.name))
    return {row.name: row.query for row in found}


def forget_query(connection: Connection, name: str) -> None:
    if not connection.execute(s.saved_queries.delete().where(s.saved_queries.c.name == name)).rowcount:
        raise NotKnown(f"there is no saved query “{name}”")


# --- matches, alerts and their deliveries ----------------------------------------------------------


def save(
    connection: Connection,
    article_id: int,
    article_version: int,
    now: datetime,
    *,
    matches: Sequence[RuleMatch],
    alerts: Sequence[Alert],
    holds: Sequence[Hold],
    deliveries: Sequence[NewDelivery],
    changed: Sequence[Group] = (),
    story_id: int | None = None,
) -> Stored:
    """Store a decision: its alerts, what waits, and the groups that it ``changed``.

    An alert whose ``key`` is taken is not stored, nor are its deliveries. A match that was stored before for the same
    version of the article stays as it is, unless it is sent or waits now.
    """
    if not matches and not alerts:
        return Stored()
    taken = _save_alerts(connection, alerts)
    new = tuple(each.id for each in alerts if each.key not in taken)
    sent = {each.rule: each for each in alerts}
    held = {each.rule: each for each in holds}
    rows: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    for match in matches:
        alert, hold = sent.get(match.rule), held.get(match.rule)
        if alert is not None and alert.key in taken:
            detail = "this article was alerted before"
            hold = Hold(rule=match.rule, reason="article_already_alerted", detail=detail, refers_to=taken[alert.key])
            alert = None
        (rows if alert or (hold and hold.reason in QUEUED) else kept).append(
            {
                "article_id": article_id,
                "rule": match.rule,
                "article_version": article_version,
                "rule_version": match.rule_version,
                "at": now,
                "spans": values.spans_json(match.spans),
                "alert_id": alert.id if alert else None,
                "hold": hold.reason if hold else None,
                "hold_detail": hold.detail if hold else None,
                "hold_refers_to": hold.refers_to if hold else None,
            }
        )
    key = ("article_id", "rule", "article_version")
    if rows:
        connection.execute(dialect.upsert(connection, s.matches, *key), rows)
    if kept:
        connection.execute(dialect.insert_absent(connection, s.matches, *key), kept)
    if matches:
        groups.put_items(
            connection,
            article_id,
            article_version,
            now,
            story_id=story_id,
            alerts=[each for each in alerts if each.id in new],
            queued=[each for each in holds if each.reason in QUEUED],
        )
        groups.put_groups(connection, changed)
    return Stored(
        alerts=new, deliveries=enqueue(connection, [each for each in deliveries if each.alert_id in new], now)
    )


def _save_alerts(connection: Connection, alerts: Sequence[Alert]) -> dict[str, str]:
    """The keys that are taken, each with the alert that has it; the other alerts are stored."""
    if not alerts:
        return {}
    a = s.alerts.c
    held = select(a.key, a.id).where(among(connection, a.key, "keys"))
    taken = {row.key: row.id for row in connection.execute(held, {"keys": many(connection, [x.key for x in alerts])})}
    new = [values.alert_columns(each) for each in alerts if each.key not in taken]
    if new:
        connection.execute(dialect.insert_into(s.alerts), new)
    return taken


def enqueue(connection: Connection, deliveries: Sequence[NewDelivery], now: datetime) -> tuple[tuple[int, str], ...]:
    """Put messages of new alerts into the outbox, each once for its alert and endpoint; id and channel of each."""
    if not deliveries:
        return ()
    rows = [
        {
            "alert_id": each.alert_id,
            "channel": each.channel,
            "endpoint": each.endpoint,
            "message": values.message_json(each.message),
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


def save_alert(connection: Connection, alert: Alert, deliveries: Sequence[NewDelivery], now: datetime) -> Stored:
    """An alert whose matches are stored already, or that has none: a digest, a notice to the operator, a drill."""
    return save(connection, 0, 0, now, matches=(), alerts=(alert,), holds=(), deliveries=deliveries)


def alert(connection: Connection, alert_id: str) -> Alert | None:
    row = connection.execute(select(s.alerts).where(s.alerts.c.id == alert_id)).first()
    return None if row is None else values.alert(row)


def list_alerts(
    connection: Connection,
    *,
    rule: str | None = None,
    article_id: int | None = None,
    story_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[Alert]:
    """Newest first; ``before`` is the id of the page's last (ids sort by time)."""
    statement = select(s.alerts)
    for column, wanted in (
        (s.alerts.c.rule, rule),
        (s.alerts.c.article_id, article_id),
        (s.alerts.c.story_id, story_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if since is not None:
        statement = statement.where(s.alerts.c.created_at >= since)
    if until is not None:
        statement = statement.where(s.alerts.c.created_at < until)
    if before is not None:
        last = select(s.alerts.c.created_at).where(s.alerts.c.id == before).scalar_subquery()
        same = and_(s.alerts.c.created_at == last, s.alerts.c.id < before)
        statement = statement.where(or_(s.alerts.c.created_at < last, same))
    statement = statement.order_by(s.alerts.c.created_at.desc(), s.alerts.c.id.desc()).limit(limit)
    return [values.alert(row) for row in connection.execute(statement)]


def matches(
    connection: Connection,
    *,
    article_id: int | None = None,
    rule: str | None = None,
    since: datetime | None = None,
    held: bool | None = None,
    limit: int = 500,
) -> list[Match]:
    """Newest first; ``held`` asks for those with or without a hold."""
    statement = select(s.matches).order_by(s.matches.c.at.desc(), s.matches.c.article_id.desc()).limit(limit)
    if article_id is not None:
        statement = statement.where(s.matches.c.article_id == article_id)
    if rule is not None:
        statement = statement.where(s.matches.c.rule == rule)
    if since is not None:
        statement = statement.where(s.matches.c.at >= since)
    if held is not None:
        statement = statement.where(s.matches.c.hold.is_not(None) if held else s.matches.c.hold.is_(None))
    return [
        Match(
            article_id=row.article_id,
            article_version=row.article_version,
            rule=row.rule,
            rule_version=row.rule_version,
            at=row.at,
            spans=values.spans(row.spans),
            alert_id=row.alert_id,
            hold=row.hold,
            detail=row.hold_detail,
            refers_to=row.hold_refers_to,
        )
        for row in connection.execute(statement)
    ]


# --- the outbox ------------------------------------------------------------------------------------

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
_LEASE = update(s.deliveries).where(s.deliveries.c.id == bindparam("delivery")).values(leased_until=bindparam("until"))


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
            found += [values.delivery(row) for row in rows]
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
    connection: Connection, delivery: Delivery, outcome: Outcome, after: AfterAttempt, *, at: datetime, elapsed: float
) -> None:
    """An attempt that was made: a line in the ledger, and what comes next on the row; a channel may be switched off."""
    detail = outcome.receipt if isinstance(outcome, Delivered) else outcome.reason
    connection.execute(
        insert(s.attempts),
        {
            "delivery_id": delivery.id,
            "at": at,
            "outcome": type(outcome).__name__.lower(),
            "status": getattr(outcome, "status", None),
            "detail": detail,
            "elapsed": elapsed,
        },
    )
    row: dict[str, Any] = {
        "state": after.state,
        "attempts": delivery.attempts + 1,
        "next_attempt_at": after.next_attempt_at,
        "leased_until": None,
        "last_error": after.error,
    }
    if after.recipients:
        row["recipients"] = after.recipients
    if isinstance(outcome, Delivered):
        row |= {"sent_at": at, "receipt": outcome.receipt}
    connection.execute(update(s.deliveries).where(s.deliveries.c.id == delivery.id).values(**row))
    if after.hold_until is not None:
        _hold_channel(connection, delivery.channel, after.hold_until, at)
    if after.disable:
        set_channel(connection, delivery.channel, after.error or "refused", at)


def waiting_delivery(connection: Connection, delivery_id: int, now: datetime) -> Delivery | None:
    """A message that is to be sent at ``now``; ``None`` where it has been sent, given up or put off."""
    d = s.deliveries.c
    ready = (_WAITING, d.next_attempt_at <= _NOW, d.channel.not_in(_OFF), d.channel.not_in(_PAUSED))
    row = connection.execute(select(s.deliveries).where(d.id == delivery_id, *ready), {"now": now}).first()
    return None if row is None else values.delivery(row)


def delivery(connection: Connection, delivery_id: int) -> tuple[Delivery, list[Attempt]] | None:
    """One row of the outbox with its ledger, oldest attempt first."""
    row = connection.execute(select(s.deliveries).where(s.deliveries.c.id == delivery_id)).first()
    if row is None:
        return None
    ledger = select(s.attempts).where(s.attempts.c.delivery_id == delivery_id).order_by(s.attempts.c.id)
    return values.delivery(row), [
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
    return [values.delivery(row) for row in connection.execute(statement)]


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
    c = s.channels.c
    if not connection.execute(update(s.channels).where(c.name == name).values(held_until=until)).rowcount:
        connection.execute(insert(s.channels), {"name": name, "disabled": None, "at": now, "held_until": until})
    claimed = update(s.deliveries).where(_WAITING, s.deliveries.c.channel == name)
    connection.execute(claimed.values(leased_until=None))


def set_channel(connection: Connection, name: str, disabled: str | None, now: datetime) -> None:
    """Switch a channel off for a reason, or on with ``None``."""
    row = {"name": name, "disabled": disabled, "at": now}
    connection.execute(dialect.upsert(connection, s.channels, "name"), row)


def disabled_channels(connection: Connection) -> Mapping[str, str]:
    """The channels that are switched off, and why."""
    found = connection.execute(
        select(s.channels.c.name, s.channels.c.disabled).where(s.channels.c.disabled.is_not(None))
    )
    return {row.name: row.disabled for row in found}


# --- silences --------------------------------------------------------------------------------------


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
    statement = select(s.silences).order_by(s.silences.c.ends_at, s.silences.c.id)
    if not ended:
        statement = statement.where(s.silences.c.ends_at > now)
    return [values.silence(row) for row in connection.execute(statement)]


def expire_silence(connection: Connection, silence_id: int, now: datetime) -> None:
    """End a silence now. NotKnown where there is none that lasts longer."""
    ended = update(s.silences).where(s.silences.c.id == silence_id, s.silences.c.ends_at > now).values(ends_at=now)
    if not connection.execute(ended).rowcount:
        raise NotKnown(f"there is no silence {silence_id} in force")


def ending_silences(connection: Connection, now: datetime, before: datetime) -> list[Silence]:
    """Silences in force that end by ``before`` and that nobody was warned of yet."""
    c = s.silences.c
    due = select(s.silences).where(c.starts_at <= now, c.ends_at > now, c.ends_at <= before, c.warned_at.is_(None))
    return [values.silence(row) for row in connection.execute(due.order_by(c.ends_at))]


def mark_warned(connection: Connection, ids: Collection[int], now: datetime) -> None:
    if ids:
        connection.execute(update(s.silences).where(s.silences.c.id.in_(ids)).values(warned_at=now))


def held_by(connection: Connection, silence: Silence) -> int:
    """How many matches a silence has held back."""
    m = s.matches.c
    own = and_(m.hold == "silenced", m.hold_refers_to == str(silence.id), m.at >= silence.starts_at)
    return connection.scalar(select(func.count()).select_from(s.matches).where(own)) or 0
