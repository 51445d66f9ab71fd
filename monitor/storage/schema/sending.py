"""The outbox, its ledger, and the channels."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, Table, UniqueConstraint

from monitor.storage.columns import Json, Moment, RowId, Words
from monitor.storage.schema.base import metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("alert_id", Words, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("channel", Words, nullable=False),
    Column("endpoint", Words, nullable=False),
    Column("message", Json, nullable=False),
    Column("recipients", Json, nullable=False),
    Column("state", Words, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    Column("next_attempt_at", Moment),
    Column("leased_until", Moment),
    Column("last_error", Words),
    Column("sent_at", Moment),
    Column("receipt", Words),
    UniqueConstraint("alert_id", "channel", "endpoint"),
    Index(None, "state", "created_at"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("delivery_id", RowId, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("status", Integer),
    Column("detail", Words, nullable=False),
    Column("elapsed", Float, nullable=False),
)

unsubscribed = Table(
    "unsubscribed",
    metadata,
    Column("channel", Words, primary_key=True),
    Column("rule", Words, primary_key=True),
    Column("recipient", Words, primary_key=True),
    Column("at", Moment, nullable=False),
)
"""Readers of a mail channel who want no more of a rule."""

channels = Table(
    "channels",
    metadata,
    Column("name", Words, primary_key=True),
    Column("disabled", Words),
    Column("at", Moment, nullable=False),
    Column("held_until", Moment),
)
"""What happened to a channel, whose settings stand in the configuration file; ``held_until`` as it asked itself."""
