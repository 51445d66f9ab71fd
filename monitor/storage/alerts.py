"""Matches and alerts: what was told, and what was held and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, or_, select

from monitor.core.alerts import QUEUED
from monitor.errors import NotKnown, UsageError
from monitor.model import (
    Alert,
    Hold,
)
from monitor.storage import dialect
from monitor.storage import schema as s
from monitor.storage.dialect import among
from monitor.storage.dialect import values as many
from monitor.storage.spans import spans, spans_json

if TYPE_CHECKING:
    from monitor.core.alerts import Group
    from monitor.model import (
        RuleMatch,
        Span,
    )
    from monitor.storage import outbox


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


def save(
    connection: Connection,
    article_id: int,
    article_version: int,
    now: datetime,
    *,
    matches: Sequence[RuleMatch],
    alerts: Sequence[Alert],
    holds: Sequence[Hold],
    deliveries: Sequence[outbox.NewDelivery],
    changed: Sequence[Group] = (),
    story_id: int | None = None,
) -> Stored:
    """Store a decision: its alerts, what waits, and the groups that it ``changed``.

    An alert whose ``key`` is taken is not stored, nor are its deliveries. A match that was stored before for the same
    version of the article stays as it is, unless it is sent or waits now.
    """
    from monitor.storage import counting, groups, outbox  # who only reads does without them

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
                "spans": spans_json(match.spans),
                "alert_id": alert.id if alert else None,
                "hold": hold.reason if hold else None,
                "hold_detail": hold.detail if hold else None,
                "hold_refers_to": hold.refers_to if hold else None,
            }
        )
    key = ("article_id", "rule", "article_version")
    dialect.put(connection, dialect.upsert(connection, s.matches, *key), rows)
    dialect.put(connection, dialect.insert_absent(connection, s.matches, *key), kept)
    if article_version == 1:
        counting.count(connection, [(each.rule, article_id, now) for each in holds if each.reason == "counted"])
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
        alerts=new, deliveries=outbox.enqueue(connection, [each for each in deliveries if each.alert_id in new], now)
    )


def _save_alerts(connection: Connection, alerts: Sequence[Alert]) -> dict[str, str]:
    """The keys that are taken, each with the alert that has it; the other alerts are stored."""
    if not alerts:
        return {}
    a = s.alerts.c
    held = select(a.key, a.id).where(among(connection, a.key, "keys"))
    taken = {row.key: row.id for row in connection.execute(held, {"keys": many(connection, [x.key for x in alerts])})}
    new = [_columns(each) for each in alerts if each.key not in taken]
    if new:
        connection.execute(dialect.insert_into(s.alerts), new)
    return taken


def save_alert(connection: Connection, alert: Alert, deliveries: Sequence[outbox.NewDelivery], now: datetime) -> Stored:
    """An alert whose matches are stored already, or that has none: a digest, a notice to the operator, a drill."""
    return save(connection, 0, 0, now, matches=(), alerts=(alert,), holds=(), deliveries=deliveries)


def full_id(connection: Connection, begun: str) -> str:
    """The id of the one alert whose id begins so.

    :raises NotKnown: there is none. UsageError: there are several.
    """
    a = s.alerts.c.id
    written = begun.strip().lower()
    found: list[str] = list(
        connection.scalars(select(a).where(a.startswith(written, autoescape=True)).order_by(a).limit(3))
    )
    if not written or not found:
        raise NotKnown(f"there is no alert {begun!r}; monitor alerts list shows the last ones")
    if len(found) > 1 and written not in found:
        raise UsageError(f"several alerts begin with {begun!r}: {', '.join(found[:2])}, …; write more of it")
    return found[0]


def alert(connection: Connection, alert_id: str) -> Alert | None:
    row = connection.execute(select(s.alerts).where(s.alerts.c.id == alert_id)).first()
    return None if row is None else _of_row(row)


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
    return [_of_row(row) for row in connection.execute(statement)]


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
            spans=spans(row.spans),
            alert_id=row.alert_id,
            hold=row.hold,
            detail=row.hold_detail,
            refers_to=row.hold_refers_to,
        )
        for row in connection.execute(statement)
    ]


def _of_row(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        key=row.key,
        rule=row.rule,
        rule_version=row.rule_version,
        article_id=row.article_id,
        story_id=row.story_id,
        created_at=row.created_at,
        priority=row.priority,
        channels=tuple(row.channels),
        kind=row.kind,
        reason=row.reason,
        group_key=row.group_key,
        news=tuple(row.news),
    )


def _columns(alert: Alert) -> dict[str, Any]:
    return {field.name: getattr(alert, field.name) for field in fields(Alert)} | {
        "channels": list(alert.channels),
        "news": list(alert.news),
    }
