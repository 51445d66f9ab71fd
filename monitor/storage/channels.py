"""Channels: which are switched off or asked for a pause, and what waits for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, insert, select, update

from monitor.storage import dialect
from monitor.storage import schema as s


@dataclass(frozen=True, slots=True)
class ChannelCounts:
    """Messages that wait for a channel or were given up, and when it last took one."""

    waiting: int = 0
    dead: int = 0
    last_sent: datetime | None = None


def hold_until(connection: Connection, name: str, until: datetime, now: datetime) -> None:
    """The channel's endpoint asked for a pause."""
    c = s.channels.c
    if not connection.execute(update(s.channels).where(c.name == name).values(held_until=until)).rowcount:
        connection.execute(insert(s.channels), {"name": name, "disabled": None, "at": now, "held_until": until})


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


def channel_counts(connection: Connection) -> dict[str, ChannelCounts]:
    """Numbers of each channel that the outbox has ever had a message for."""
    d = s.deliveries.c
    statement = select(
        d.channel,
        func.coalesce(func.sum(case((d.state.in_(("pending", "retry")), 1), else_=0)), 0),
        func.coalesce(func.sum(case((d.state == "dead", 1), else_=0)), 0),
        func.max(d.sent_at),
    ).group_by(d.channel)
    return {row[0]: ChannelCounts(int(row[1]), int(row[2]), row[3]) for row in connection.execute(statement)}
