"""What is kept of articles beside what they say now: earlier texts, pages."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table

from monitor.storage.columns import Moment, RowId, Words
from monitor.storage.schema.base import metadata

article_versions = Table(
    "article_versions",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("cause", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("summary", Words, nullable=False),
    Column("body", Words, nullable=False),
)
"""Texts that were replaced; the present one stands in ``articles``."""

pages = Table(
    "pages",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("fetched_at", Moment, nullable=False, index=True),
    Column("final_url", Words, nullable=False),
    Column("content_type", Words),
    Column("body", LargeBinary, nullable=False),
)
"""The page as fetched, compressed by brotli, for a while."""
