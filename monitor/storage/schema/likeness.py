"""By what copies and reports of one event are found, and the stories that they make."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table

from monitor.storage.columns import Moment, RowId, Unsigned, Words
from monitor.storage.schema.base import metadata

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("article_id", RowId, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("signature", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content_hash", Words, nullable=False),
)

bands = Table(
    "bands",
    metadata,
    Column("key", Unsigned, primary_key=True, autoincrement=False),
    Column("article_id", RowId, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""By which copies are found. No index by article: keys of an older text do no harm, since a find is verified, and
`pruning.prune` drops all keys of an age at which nothing is compared any more.
"""

story_keys = Table(
    "story_keys",
    metadata,
    Column("key", Unsigned, primary_key=True, autoincrement=False),
    Column("article_id", RowId, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""By which reports of one event are found; kept as ``bands`` are."""

site_blocks = Table(
    "site_blocks",
    metadata,
    Column("site", Words, primary_key=True),
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("articles", Integer, nullable=False),
    Column("seen", Moment, nullable=False),
    sqlite_with_rowid=False,
)
"""In how many articles of a site a line stood: see `core.pages.furniture`."""

stories = Table(
    "stories",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("title", Words, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False, index=True),
    Column("articles", Integer, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("sites", Integer, nullable=False),
)
