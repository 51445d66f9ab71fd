"""What rules for spikes and silences count: independent reports, from the archive what came before the rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select, update

from monitor.storage import dialect
from monitor.storage import schema as s

if TYPE_CHECKING:
    from monitor.model import Rule

_c, _r = s.counted.c, s.rules.c


def not_counting(connection: Connection) -> dict[str, str]:
    """Rules that tell of numbers and have not looked through the archive yet: name and version."""
    new = select(_r.name, _r.version, _r.definition).where(_r.enabled, _r.counting_since.is_(None)).order_by(_r.name)
    return {
        row.name: row.version
        for row in connection.execute(new)
        if row.definition.get("trigger") in {"spike", "silence-of"}
    }


def archive_begins(connection: Connection) -> datetime | None:
    """When the first article came that was not in its feed already; since then reports can be counted."""
    a = s.articles.c
    live = select(a.seen).where(a.backlog.is_(False), a.pruned_at.is_(None)).order_by(a.seen).limit(1)
    first: datetime | None = connection.scalar(live)
    return first


def start(connection: Connection, rule: Rule, since: datetime, reports: Iterable[tuple[int, datetime]]) -> bool:
    """Write what ``rule`` would have counted ``since`` then: articles, and when each came. False: it has changed."""
    as_it_was = update(s.rules).where(_r.name == rule.name, _r.version == rule.version, _r.counting_since.is_(None))
    if not connection.execute(as_it_was.values(counting_since=since)).rowcount:
        return False
    count(connection, [(rule.name, article_id, at) for article_id, at in reports])
    return True


def count(connection: Connection, reports: Iterable[tuple[str, int, datetime]]) -> None:
    """Rules count reports: rule, article, when it came. A report counts once."""
    rows = [{"rule": name, "article_id": article_id, "at": at} for name, article_id, at in reports]
    if rows:
        connection.execute(dialect.insert_absent(connection, s.counted, "rule", "article_id"), rows)


def counting_since(connection: Connection, rules: Collection[str]) -> dict[str, datetime]:
    """How far back each rule has counted; those are missing that have not looked through the archive yet."""
    if not rules:
        return {}
    begun = select(_r.name, _r.counting_since).where(_r.name.in_(rules), _r.counting_since.is_not(None))
    return {row.name: row.counting_since for row in connection.execute(begun)}


def counted(connection: Connection, rule: str, spans: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """How many reports a rule counted after each span's start and up to its end."""
    own = select(func.count()).select_from(s.counted).where(_c.rule == rule)
    return [connection.scalar(own.where(_c.at > start, _c.at <= end)) or 0 for start, end in spans]


def last(connection: Connection, rule: str) -> datetime | None:
    """When a rule counted its last report."""
    at: datetime | None = connection.scalar(select(func.max(_c.at)).where(_c.rule == rule))
    return at


def newest(connection: Connection, rule: str, since: datetime, limit: int) -> list[int]:
    """The newest articles that a rule counted after ``since``."""
    found = select(_c.article_id).where(_c.rule == rule, _c.at > since).order_by(_c.at.desc()).limit(limit)
    return list(connection.scalars(found))
