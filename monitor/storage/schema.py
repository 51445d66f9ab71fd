"""The tables, as SQLAlchemy Core metadata: what the newest migration leaves behind.

Times are microseconds since 1970 in UTC. A work row says itself when it is due (``next_poll_at``,
``next_attempt_at``); ``leased_until`` hides it while somebody works on it, and the lease ends by itself.

The full-text index and the partial indexes (of what is due, of copies, of lines that recur) stand in the migrations
alone: to name them here loads both dialects at every start.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from monitor.storage.columns import Json, Length, Moment, RowId, Unsigned, Words

HEAD = "0004"
"""The newest migration. Compared before Alembic, which takes over a second to import, is touched."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", Words, nullable=False),
)

# --- feeds and entries -----------------------------------------------------------------------------

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

# --- articles --------------------------------------------------------------------------------------

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

# --- copies and stories ----------------------------------------------------------------------------

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
`admin.prune` drops all keys of an age at which nothing is compared any more.
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

# --- rules, alerts, deliveries ---------------------------------------------------------------------

rules = Table(
    "rules",
    metadata,
    Column("name", Words, primary_key=True),
    Column("origin", Words, nullable=False),
    Column("version", Words, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("definition", Json, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

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

channels = Table(
    "channels",
    metadata,
    Column("name", Words, primary_key=True),
    Column("disabled", Words),
    Column("at", Moment, nullable=False),
    Column("held_until", Moment),
)
"""What happened to a channel, whose settings stand in the configuration file; ``held_until`` as it asked itself."""

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

# --- the daemon's own ------------------------------------------------------------------------------

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
