"""The tables, as SQLAlchemy Core metadata: what the newest migration leaves behind.

Times are microseconds since 1970 in UTC. A work row says itself when it is due (``next_poll_at``,
``next_attempt_at``); ``leased_until`` hides it while somebody works on it, and the lease ends by itself.

The full-text index and the partial indexes (of what is due, of copies, of lines that recur) stand in the migrations
alone: to name them here loads both dialects at every start. For the same reason a file of tables is loaded with the
first of its tables that is asked for, and all of them with ``metadata``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from monitor.loading import late_names

if TYPE_CHECKING:
    from monitor.storage.schema.alerting import *  # noqa: F403
    from monitor.storage.schema.base import metadata as metadata
    from monitor.storage.schema.followed import *  # noqa: F403
    from monitor.storage.schema.kept import *  # noqa: F403
    from monitor.storage.schema.likeness import *  # noqa: F403
    from monitor.storage.schema.polled import *  # noqa: F403
    from monitor.storage.schema.sending import *  # noqa: F403
    from monitor.storage.schema.texts import *  # noqa: F403
    from monitor.storage.schema.upkeep import *  # noqa: F403

HEAD = "0007"
"""The newest migration. Compared before Alembic, which takes over a second to import, is touched."""

_TABLES = {
    "followed": "feeds",
    "polled": "polls entries",
    "texts": "articles article_texts article_topics article_countries article_people article_keywords quotes facts",
    "kept": "article_versions pages",
    "likeness": "fingerprints bands story_keys site_blocks stories",
    "alerting": "rules saved_queries alerts alert_groups alert_items acknowledgements labels matches counted silences",
    "sending": "deliveries attempts unsubscribed channels",
    "upkeep": "meta quarantine notices",
}

if not TYPE_CHECKING:
    _table = late_names(__name__, _TABLES)

    def __getattr__(name: str) -> Any:
        if name != "metadata":
            return _table(name)
        for module in _TABLES:
            import_module(f"{__name__}.{module}")
        from monitor.storage.schema.base import metadata

        return metadata
