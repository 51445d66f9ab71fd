"""The feeds that are followed."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, Table, text

from monitor.storage.columns import Json, Length, Moment, RowId, Words
from monitor.storage.schema.base import metadata

feeds = Table(
    "feeds",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("listed_key", LargeBinary(16), nullable=False, unique=True),
    Column("listed_url", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("origin", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("removed_at", Moment),
    Column("leased_until", Moment),
    # what the operator says
    Column("name", Words, nullable=False),
    Column("group", Words, nullable=False),
    Column("tags", Json, nullable=False),
    Column("lang", Words),
    Column("country", Words),
    Column("tier", Integer, nullable=False),
    Column("every_least", Length),
    Column("every_most", Length),
    Column("fetch_pages", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    # what polling knows (model.FeedState; its own title and link are the feed's)
    Column("etag", Words),
    Column("last_modified", Words),
    Column("validators_url", Words),
    Column("body_hash", Words),
    Column("next_poll_at", Moment),
    Column("last_polled_at", Moment),
    Column("last_success_at", Moment),
    Column("last_full_at", Moment),
    Column("last_new_at", Moment),
    Column("first_polled_at", Moment),
    Column("failures", Float, nullable=False, server_default="0"),
    Column("interval", Length),
    Column("new_rate", Float),
    Column("reason", Words, nullable=False, server_default=""),
    Column("problem", Words),
    Column("problem_detail", Words, nullable=False, server_default=""),
    Column("disabled", Words),
    Column("redirect", Json),
    Column("title", Words),
    Column("link", Words),
    Column("format", Words),
    Column("unstable", Boolean, nullable=False, server_default=text("false")),
    # counters
    Column("polls", Integer, nullable=False, server_default="0"),
    Column("entries", Integer, nullable=False, server_default="0"),
    Index(None, "next_poll_at"),
)
