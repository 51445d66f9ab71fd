"""What operators ask in lists: numbers of each feed and rule, titles, and what pruning would drop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, NullPool, case, create_engine, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from monitor.errors import StorageError
from monitor.storage import schema as s
from monitor.storage import sqlite_file, upgrade
from monitor.storage.dialect import among
from monitor.storage.dialect import values as many
from monitor.storage.faults import explain


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """How many articles a rule held for, and how many alerts came of them."""

    matches: int = 0
    alerts: int = 0


def feed_entries(connection: Connection) -> dict[int, int]:
    """How many entries each feed has brought, by its id."""
    return {row[0]: row[1] for row in connection.execute(select(s.feeds.c.id, s.feeds.c.entries))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Feeds that are polled: those whose last poll was read, failed, or never came; when a failing one is next asked.

    ``articles`` is how many are stored.
    """

    feeds: int
    read: int
    failing: int
    unasked: int
    next_try: datetime | None
    articles: int


def standing(connection: Connection) -> Standing:
    """How polling stands."""
    c = s.feeds.c
    unasked = c.last_polled_at.is_(None)
    failing = c.last_polled_at.is_not(None) & (c.last_success_at.is_(None) | (c.last_success_at < c.last_polled_at))
    statement = select(
        func.count(),
        func.coalesce(func.sum(case((failing, 1), else_=0)), 0),
        func.coalesce(func.sum(case((unasked, 1), else_=0)), 0),
        func.min(case((failing, c.next_poll_at))),
    ).where(c.removed_at.is_(None), c.disabled.is_(None), c.enabled)
    number, failed, never, next_try = connection.execute(statement).one()
    stored = connection.scalar(select(func.count()).select_from(s.articles)) or 0
    return Standing(
        feeds=number, read=number - failed - never, failing=failed, unasked=never, next_try=next_try, articles=stored
    )


def rule_counts(connection: Connection, since: datetime) -> dict[str, RuleCounts]:
    """Matches and alerts since then of each rule that had any."""
    m, a = s.matches.c, s.alerts.c
    matched = select(m.rule, func.count(m.article_id.distinct())).where(m.at >= since).group_by(m.rule)
    alerted = select(a.rule, func.count()).where(a.created_at >= since, a.kind == "article").group_by(a.rule)
    matches = {row[0]: row[1] for row in connection.execute(matched)}
    alerts = {row[0]: row[1] for row in connection.execute(alerted)}
    return {name: RuleCounts(matches.get(name, 0), alerts.get(name, 0)) for name in {*matches, *alerts}}


def titles(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Title and address of articles; those that are not there are left out."""
    a = s.articles.c
    statement = select(a.id, a.title, a.url).where(among(connection, a.id, "ids"))
    return {row.id: (row.title, row.url) for row in connection.execute(statement, {"ids": many(connection, ids)})}


def prunable(
    connection: Connection,
    now: datetime,
    *,
    articles: timedelta | None = None,
    pages: timedelta | None = None,
    polls: timedelta | None = None,
    notices: timedelta | None = None,
    deliveries: timedelta | None = None,
) -> Mapping[str, int]:
    """How many of each `pruning.prune` would drop with the same ages. Pages that go with an article count as pages."""
    a, d = s.articles.c, s.deliveries.c
    steps: dict[str, tuple[Any, timedelta | None, Any, tuple[Any, ...]]] = {
        "articles": (s.articles, articles, a.seen, (a.pruned_at.is_(None), a.state != "pending")),
        "pages": (s.pages, pages, s.pages.c.fetched_at, ()),
        "polls": (s.polls, polls, s.polls.c.at, ()),
        "notices": (s.notices, notices, s.notices.c.at, ()),
        "deliveries": (s.deliveries, deliveries, d.created_at, (d.state.in_(("sent", "dead")),)),
    }
    counts = {}
    for name, (table, age, moment, conditions) in steps.items():
        counted = select(func.count()).select_from(table)
        counts[name] = 0
        if age is not None:
            counts[name] = connection.scalar(counted.where(moment < now - age, *conditions)) or 0
    return counts


def schema_of(address: str) -> str:
    """The migration that a database stands at, without upgrading it as opening does.

    :raises StorageError: there is none, or it is damaged or foreign.
    """
    if "://" in address and not address.startswith("sqlite:"):
        url = make_url(address).set(drivername="postgresql+psycopg")
        place = url.render_as_string(hide_password=True)
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    else:
        path = sqlite_file.path_of(address)
        place = str(path)
        sqlite_file.prepare(path, create=False, check=False)
        engine = create_engine(
            "sqlite+pysqlite://", creator=lambda: sqlite_file.connect(path, read_only=True), poolclass=NullPool
        )
    try:
        with engine.connect() as connection:
            found = upgrade.revision(connection)
    except DBAPIError as error:
        raise explain(error, place) from error
    finally:
        engine.dispose()
    if found is None:
        raise StorageError(f"{place}: there is no database here yet; monitor run or monitor once makes one")
    return found
