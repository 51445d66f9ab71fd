"""What the polls of feeds were like, and the entries that they listed."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, Table, UniqueConstraint

from monitor.storage.columns import Json, Moment, RowId, Words
from monitor.storage.schema.base import metadata

polls = Table(
    "polls",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("feed_id", RowId, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("status", Integer),
    Column("elapsed", Float, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    Column("next_poll_at", Moment),
    Column("detail", Words, nullable=False),
    Index(None, "feed_id", "at"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("feed_id", RowId, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("identity", Words, nullable=False),
    Column("guid_key", Words),
    Column("url_key", Words),
    Column("title_key", Words),
    Column("content_hash", Words, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("published", Moment),
    Column("entry", Json),
    UniqueConstraint("feed_id", "identity"),
    Index(None, "feed_id", "guid_key"),
    Index(None, "feed_id", "url_key"),
    Index(None, "feed_id", "title_key"),
)
"""``entry`` is the whole ``ParsedEntry``; ``NULL`` once pruned: what is left only remembers that it was here."""
