"""Readers who want no more mails of a rule."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from monitor.storage import dialect
from monitor.storage import schema as s

_u = s.unsubscribed.c


class Unsubscribed(NamedTuple):
    """``recipient`` of ``channel`` gets nothing of ``rule`` since ``at``."""

    channel: str
    rule: str
    recipient: str
    at: datetime


def unsubscribe(connection: Connection, channel: str, rule: str, recipient: str, now: datetime) -> bool:
    """Send ``recipient`` nothing more of ``rule``; whether that is new."""
    row = {"channel": channel, "rule": rule, "recipient": recipient, "at": now}
    new = dialect.insert_absent(connection, s.unsubscribed, "channel", "rule", "recipient")
    return connection.execute(new, row).rowcount == 1


def subscribe(connection: Connection, channel: str, recipient: str, rule: str | None = None) -> int:
    """Send a reader mails of ``rule``, or of all rules, again; of how many."""
    again = delete(s.unsubscribed).where(_u.channel == channel, _u.recipient == recipient)
    return connection.execute(again if rule is None else again.where(_u.rule == rule)).rowcount


def unsubscribed(connection: Connection, rules: Collection[str] | None = None) -> list[Unsubscribed]:
    """Who has unsubscribed, of all rules or of these, in order of channel, rule and recipient."""
    if rules is None:
        rows = connection.execute(_ALL).all()
    else:
        of_rules = dialect.where_among(connection, _ALL, _u.rule, "rules")
        rows = connection.execute(of_rules, {"rules": dialect.values(connection, rules)}).all()
    return [Unsubscribed(row.channel, row.rule, row.recipient, row.at) for row in rows]


_ALL = select(s.unsubscribed).order_by(_u.channel, _u.rule, _u.recipient)
