"""What people ask about an article beside its text: where it stands, who listed it, what copies it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, or_, select

from monitor.core.keywords import host_of
from monitor.core.urls import canonical_url
from monitor.storage.columns import address_key
from monitor.storage.schema import article_keywords, articles, entries, feeds, pages, quarantine

if TYPE_CHECKING:
    from monitor.model import Feed, ParsedEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """Where an article stands between the feed and the archive; ``problem`` is why it was put off or set aside."""

    id: int
    url: str
    canonical_url: str
    feed_id: int
    seen: datetime
    backlog: bool
    backlog_reason: str
    state: str
    cause: str
    attempts: int
    next_attempt_at: datetime | None
    problem: str | None
    version: int
    version_at: datetime | None
    pruned_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEntry:
    """How one feed listed an article; ``entry`` is what it said last, ``None`` once pruned."""

    feed_id: int
    feed: str
    feed_url: str
    first_seen: datetime
    last_seen: datetime
    published: datetime | None
    entry: ParsedEntry | None


def lifecycle(connection: Connection, wanted: int | str) -> Lifecycle | None:
    """Where an article stands, by id or address; also one that waits, or whose text was dropped."""
    c = articles.c
    same = c.id == wanted
    if isinstance(wanted, str):
        same = c.address.in_([address_key(wanted), address_key(canonical_url(wanted))])
    columns = [c[field.name] for field in fields(Lifecycle)]
    row = connection.execute(select(*columns).where(same).limit(1)).first()
    return None if row is None else Lifecycle(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def entries_of(connection: Connection, article_id: int) -> list[PastEntry]:
    """How feeds listed the article, first listing first."""
    from monitor.storage import entries as entry_rows

    statement = (
        select(entries, feeds.c.name, feeds.c.url)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .where(entries.c.article_id == article_id)
        .order_by(entries.c.first_seen, entries.c.id)
    )
    return [
        PastEntry(
            feed_id=row.feed_id,
            feed=row.name,
            feed_url=row.url,
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            published=row.published,
            entry=None if row.entry is None else entry_rows.of_json(row.entry),
        )
        for row in connection.execute(statement)
    ]


def ids_span(connection: Connection) -> tuple[int, int] | None:
    """The least and the greatest id; ``None`` where there are no articles."""
    first, last = connection.execute(select(func.min(articles.c.id), func.max(articles.c.id))).one()
    return None if first is None else (first, last)


def addresses_of_site(connection: Connection, url: str, *, limit: int = 2000) -> dict[str, int]:
    """The newest articles of the host of ``url``: their addresses, as listed and as the page gave it, and their ids."""
    k = article_keywords.c
    statement = (
        select(articles.c.id, articles.c.url, articles.c.page_url)
        .join(article_keywords, k.article_id == articles.c.id)
        .where(k.field == "site", k.key == host_of(url))
        .order_by(articles.c.id.desc())
        .limit(limit)
    )
    found: dict[str, int] = {}
    for row in connection.execute(statement):
        for address in (row.url, row.page_url):
            if address:
                found.setdefault(address, row.id)
    return found


def page_kept(connection: Connection, article_id: int) -> tuple[datetime, str] | None:
    """When the page that is kept was fetched, and what address answered; without reading its body."""
    row = connection.execute(
        select(pages.c.fetched_at, pages.c.final_url).where(pages.c.article_id == article_id)
    ).first()
    return None if row is None else (row.fetched_at, row.final_url)


def feeds_of_site(connection: Connection, url: str) -> list[Feed]:
    """The feeds, also removed ones, of the host of ``url`` or that brought articles of it; the likeliest first."""
    from monitor.storage import feeds as feed_rows

    host = host_of(url)
    k = article_keywords.c
    brought = (
        select(articles.c.feed_id)
        .join(article_keywords, k.article_id == articles.c.id)
        .where(k.field == "site", k.key == host)
        .distinct()
    )
    ids = set(connection.scalars(brought))
    found = [feed_rows.of_row(row) for row in connection.execute(select(feeds).order_by(feeds.c.id))]
    own = {feed.id for feed in found if host and host in {host_of(feed.spec.url), host_of(feed.state.link or "")}}
    own |= {feed.id for feed in found if feed.id not in own and _related(host, host_of(feed.spec.url))}
    return [feed for feed in found if feed.id in ids] + [feed for feed in found if feed.id in own - ids]


def _related(host: str, other: str) -> bool:
    return bool(host and other) and (host.endswith("." + other) or other.endswith("." + host))


def refused(connection: Connection, url: str) -> list[tuple[str, str, datetime]]:
    """Kind, reason and time of what stands in quarantine under this address."""
    q = quarantine.c
    statement = select(q.kind, q.reason, q.at).where(or_(q.url == url, q.url == canonical_url(url))).order_by(q.at)
    return [(row.kind, row.reason, row.at) for row in connection.execute(statement)]
