"""Rules, what they matched, and what was told or held back."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table

from monitor.storage.columns import Json, Moment, RowId, Words
from monitor.storage.schema.base import metadata

rules = Table(
    "rules",
    metadata,
    Column("name", Words, primary_key=True),
    Column("origin", Words, nullable=False),
    Column("version", Words, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("definition", Json, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("counting_since", Moment),
)
"""``counting_since`` is of rules that tell of numbers: so far back `counted` knows what the rule, as it is now, counts;
``None`` until the daemon has looked through the archive.
"""

saved_queries = Table(
    "saved_queries",
    metadata,
    Column("name", Words, primary_key=True),
    Column("query", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Words, primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("rule", Words, nullable=False),
    Column("rule_version", Words, nullable=False),
    Column("article_id", RowId, nullable=False, index=True),
    Column("story_id", RowId),
    Column("created_at", Moment, nullable=False, index=True),
    Column("priority", Words, nullable=False),
    Column("channels", Json, nullable=False),
    Column("kind", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("group_key", Words, nullable=False, server_default=""),
    Column("news", Json, nullable=False, server_default="[]"),
    Index(None, "rule", "story_id", "created_at"),
    Index(None, "rule", "created_at"),
)

alert_groups = Table(
    "alert_groups",
    metadata,
    Column("key", Words, primary_key=True),
    Column("rule", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("opened_at", Moment),
    Column("due_at", Moment, index=True),
    Column("last_sent_at", Moment),
)
"""Matches of a rule that are told together; ``due_at`` while some wait."""

alert_items = Table(
    "alert_items",
    metadata,
    Column("rule", Words, primary_key=True),
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("article_version", Integer, primary_key=True),
    Column("story_id", RowId),
    Column("at", Moment, nullable=False),
    Column("group_key", Words, nullable=False),
    Column("alert_id", Words),
    Column("news", Words, nullable=False),
    Index(None, "article_id"),
    Index(None, "rule", "story_id"),
    Index(None, "group_key", "alert_id"),
    Index(None, "alert_id"),
)
"""What an alert tells of, or, without ``alert_id``, what waits in the group."""

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("rule", Words, primary_key=True),
    Column("story_id", RowId, primary_key=True, autoincrement=False),
    Column("news", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", Words, nullable=False),
)
"""Somebody has a story in hand: only news of a higher kind than ``news`` is told of it by the rule."""

labels = Table(
    "labels",
    metadata,
    Column("rule", Words, primary_key=True),
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("relevant", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", Words, nullable=False),
)
"""What people say of the articles that alerts told."""

matches = Table(
    "matches",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("rule", Words, primary_key=True),
    Column("article_version", Integer, primary_key=True),
    Column("rule_version", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("spans", Json, nullable=False),
    Column("alert_id", Words),
    Column("hold", Words),
    Column("hold_detail", Words),
    Column("hold_refers_to", Words),
    Index(None, "rule", "at"),
)

counted = Table(
    "counted",
    metadata,
    Column("rule", Words, primary_key=True),
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("at", Moment, nullable=False),
    Index(None, "rule", "at"),
)
"""Reports that rules for spikes and silences count, from the time before the rule out of the archive."""

silences = Table(
    "silences",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("rule", Words),
    Column("query", Words),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False, index=True),
    Column("reason", Words, nullable=False),
    Column("who", Words, nullable=False),
    Column("warned_at", Moment),
)
"""``warned_at`` is when the operators were told that it ends."""
