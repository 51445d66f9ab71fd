"""Articles with their texts, and what was found in them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, Table

from monitor.storage.columns import Json, Moment, RowId, Words
from monitor.storage.schema.base import metadata

articles = Table(
    "articles",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("address", LargeBinary(16), nullable=False, unique=True),
    Column("canonical_url", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("feed_id", RowId, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("seen", Moment, nullable=False, index=True),
    Column("backlog", Boolean, nullable=False),
    Column("backlog_reason", Words, nullable=False, server_default=""),
    # the work that is due
    Column("state", Words, nullable=False),
    Column("cause", Words, nullable=False),
    Column("next_attempt_at", Moment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("leased_until", Moment),
    Column("problem", Words),
    # what the text says
    Column("title", Words, nullable=False),
    Column("authors", Json, nullable=False),
    Column("site", Words),
    Column("lang", Words),
    Column("image", Words),
    Column("tags", Json, nullable=False),
    Column("published", Moment),
    Column("updated", Moment),
    Column("body_status", Words, nullable=False),
    Column("body_detail", Words, nullable=False, server_default=""),
    Column("page_url", Words),
    # its place
    Column("duplicate_of", RowId, ForeignKey("articles.id", ondelete="SET NULL")),
    Column("similarity", Float),
    Column("duplicate_reason", Words, nullable=False, server_default=""),
    Column("story_id", RowId, ForeignKey("stories.id", ondelete="SET NULL")),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("version_at", Moment, index=True),
    Column("version_cause", Words, nullable=False, server_default=""),
    Column("edited_at", Moment),
    Column("pruned_at", Moment),
    Index(None, "published"),
    Index(None, "story_id", "seen"),
)
"""``version`` counts analysed texts: 0 while only the feed's own text is there.

An article that was pruned keeps its row without text, so that its address is not taken for a new one.
"""

article_texts = Table(
    "article_texts",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("summary", Words, nullable=False),
    Column("body", Words, nullable=False),
)
"""Apart from ``articles``, so that lists and counts do not read through the bodies."""

article_topics = Table(
    "article_topics",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", Words, primary_key=True),
    Column("score", Float, nullable=False),
    Column("terms", Json, nullable=False),
    Index(None, "topic", "article_id"),
    sqlite_with_rowid=False,
)

article_countries = Table(
    "article_countries",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("country", Words, primary_key=True),
    Column("mentions", Integer, nullable=False),
    Index(None, "country", "article_id"),
    sqlite_with_rowid=False,
)

article_people = Table(
    "article_people",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Words, nullable=False),
    Column("role", Words),
    Column("org", Words),
    sqlite_with_rowid=False,
)

article_keywords = Table(
    "article_keywords",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Index(None, "field", "key", "article_id"),
    sqlite_with_rowid=False,
)
"""Tags, persons and sites with the domains above them, as queries compare them."""

quotes = Table(
    "quotes",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("text", Words, nullable=False),
    Column("speaker", Words),
    Column("person", Words),
    Column("speaker_key", Words),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Index(None, "speaker_key", "article_id"),
    sqlite_with_rowid=False,
)

facts = Table(
    "facts",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("value", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    sqlite_with_rowid=False,
)
