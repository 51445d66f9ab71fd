"""Lines that recur in the articles of a site, counted so that they can be told from its texts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, literal_column, or_, select, text

from monitor.core.pages.furniture import RECURS, WITHIN
from monitor.storage import dialect
from monitor.storage.columns import stamp
from monitor.storage.schema import site_blocks

ONCE = timedelta(days=3)
"""A line that stood in one article alone is forgotten so soon: nearly all lines are of that kind."""

MOST = 500
"""So many lines of a site are known; the latest seen, where there are more."""

_b = site_blocks.c
_COUNT = text(
    "INSERT INTO site_blocks (site, hash, articles, seen) VALUES (:site, :hash, 1, :now) "
    "ON CONFLICT (site, hash) DO UPDATE SET seen = excluded.seen, "
    "articles = CASE WHEN site_blocks.seen < :old THEN 1 ELSE site_blocks.articles + 1 END"
)
# The number stands in the statement, so that the partial index of migration 0004 serves it.
_RECURRING = (
    select(_b.hash)
    .where(_b.site == bindparam("site"), _b.articles >= literal_column(str(RECURS)), _b.seen >= bindparam("since"))
    .order_by(_b.seen.desc())
    .limit(MOST)
)


def count(connection: Connection, site: str, blocks: Collection[int], now: datetime) -> None:
    """One more article of ``site`` has these lines."""
    if blocks:
        times = {"site": site, "now": stamp(now), "old": stamp(now - WITHIN)}
        dialect.put(connection, _COUNT, [times | {"hash": block} for block in blocks])


def recurring(connection: Connection, site: str, now: datetime) -> frozenset[int]:
    """The lines that are the furniture of ``site``."""
    return frozenset(connection.scalars(_RECURRING, {"site": site, "since": now - WITHIN}))


def prune(connection: Connection, now: datetime) -> int:
    """Forget what has not come again; how many lines."""
    old = or_(_b.seen < now - WITHIN, (_b.articles == 1) & (_b.seen < now - ONCE))
    return connection.execute(delete(site_blocks).where(old)).rowcount
