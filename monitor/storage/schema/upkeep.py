"""The database's own facts, and what the operator should know."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table

from monitor.storage.columns import Moment, RowId, Words
from monitor.storage.schema.base import metadata

meta = Table(
    "meta",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", Words, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("kind", Words, primary_key=True),
    Column("hash", Words, primary_key=True),
    Column("url", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("deaths", Integer, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("until", Moment),
)

notices = Table(
    "notices",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("kind", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("feed_id", RowId),
)
