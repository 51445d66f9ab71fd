"""Keeping the database: backup and restore, what is dropped when, what the operator should know."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, text, update

from monitor.core.indexing import index_text
from monitor.errors import DatabaseDamaged, DatabaseNewer, NotKnown, StorageError, StorageUnavailable
from monitor.storage import dialect, indexing, site_blocks, sqlite_file, stories, upgrade
from monitor.storage import schema as s
from monitor.storage.engine import Database
from monitor.storage.faults import explain

SLICE = 500
"""So many articles are pruned in one transaction, so that work does not wait for long."""


KEYS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The database in numbers. ``size`` is in bytes; times are of the oldest work that is overdue."""

    size: int
    feeds: int
    articles: int
    pending: int
    quarantined: int
    stories: int
    alerts: int
    waiting: int
    dead: int
    oldest_pending: datetime | None
    oldest_waiting: datetime | None
    oldest_due: datetime | None
    last_poll: datetime | None
    last_success: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """An input that killed or hung a worker, or that the database refused; ``kind`` says which sort of input."""

    kind: str
    hash: str
    url: str
    reason: str
    deaths: int
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastNotice:
    """Something that the operator was or should have been told."""

    id: int
    at: datetime
    kind: str
    text: str
    feed_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How many of each were dropped."""

    articles: int = 0
    pages: int = 0
    polls: int = 0
    notices: int = 0
    entries: int = 0
    keys: int = 0
    deliveries: int = 0


# --- backup and restore ----------------------------------------------------------------------------


def backup(database: Database, target: Path) -> int:
    """Copy a live SQLite database to ``target``, a new file; its size in bytes.

    One consistent view, taken by SQLite itself, checked, and put in its place only when it is whole.
    """
    if database.path is None:
        raise StorageError("PostgreSQL is backed up with its own tools: pg_dump, or a base backup with WAL archiving")
    if target.exists():
        raise StorageError(f"{target} exists already; a backup never overwrites")
    part = part_of(target)
    try:
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        source = sqlite_file.connect(database.path, read_only=True)
        try:
            source.execute("PRAGMA query_only=OFF")  # VACUUM INTO counts as writing, though only to the new file
            source.execute("VACUUM INTO ?", (str(part),))
        finally:
            source.close()
        _whole(part)
        _sync(part)
        os.link(part, target)
        _sync(target.parent)
    except OSError as error:
        raise StorageUnavailable(f"{target}: the backup cannot be written: {error.strerror}") from error
    except sqlite3.Error as error:
        raise explain(error, str(database.path)) from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def part_of(target: Path) -> Path:
    """Where a backup grows until it is whole."""
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def restore(source: Path, path: Path) -> Path | None:
    """Put the backup ``source`` in the place of the database at ``path``, after it was checked.

    What is there is kept beside it; where. Refused while a daemon works on it.
    """
    if not source.is_file():
        raise NotKnown(f"there is no backup {source}")
    _whole(source)
    lock = sqlite_file.FileLock(path)
    try:
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            _copy(source, part)
            _whole(part)
            kept = _set_aside(path)
            part.rename(path)
            _sync(path.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise StorageUnavailable(f"{path}: the backup cannot be put in place: {error.strerror}") from error
    finally:
        lock.close()
    return kept


_ENDINGS = ("-wal", "-shm", "")


def _set_aside(path: Path) -> Path | None:
    """Rename the database that is there, with what belongs to it, so that nothing of it is mixed with the new one.

    A journal that was left without its database counts too: SQLite would apply it to whatever takes the name.
    """
    number, there = 1, path.exists()
    while any(Path(f"{path}.before-restore-{number}{ending}").exists() for ending in _ENDINGS):
        number += 1
    kept = Path(f"{path}.before-restore-{number}")
    for ending in _ENDINGS:
        if (part := Path(f"{path}{ending}")).exists():
            part.rename(f"{kept}{ending}")
    return kept if there else None


def _copy(source: Path, target: Path) -> None:
    with (
        source.open("rb") as given,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new,
    ):
        while block := given.read(1 << 20):
            new.write(block)
        new.flush()
        os.fsync(new.fileno())


def _whole(path: Path) -> None:
    """Refuse a file that is not a whole database of ours."""
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
        try:
            if connection.execute("PRAGMA application_id").fetchone()[0] != sqlite_file.APPLICATION_ID:
                raise StorageError(f"{path} is not a database of monitor")
            _no_strange_schema(connection, path)
            found = connection.execute("PRAGMA integrity_check(3)").fetchall()
            foreign = connection.execute("PRAGMA foreign_key_check").fetchall()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise DatabaseDamaged(f"{path}: the backup is damaged: {error}") from error
    if found != [("ok",)] or foreign:
        raise DatabaseDamaged(f"{path}: the backup is damaged: {found or foreign}")


def _no_strange_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse what would act by itself once the file is opened for writing, and the schema of another version.

    Only what a file without anything of ours is made to hold counts: the tables of the schema, their indexes, and the
    full-text index with its own tables.
    """
    listed = connection.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall()
    if acting := next((row for row in listed if row[0] in {"trigger", "view"}), None):
        raise StorageError(f"{path} holds a {acting[0]} that monitor never makes ({acting[1][:60]!r})")
    if {"meta", "alembic_version"} - {row[1] for row in listed}:
        raise StorageError(f"{path} is not a database of monitor")
    program = connection.execute("SELECT value FROM meta WHERE name = 'program'").fetchone()
    if program != ("monitor",):
        raise StorageError(f"{path} is not a database of monitor")
    version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if version is None or version[0] not in upgrade.known_revisions():
        raise DatabaseNewer(f"{path} was written by a newer monitor; install that version first")
    known = {table.name for table in s.metadata.sorted_tables} | {"alembic_version"}
    for kind, name, table in listed:
        if table not in known and not table.startswith(("article_index", "sqlite_")):
            raise StorageError(f"{path} holds a {kind} that monitor never makes ({name[:60]!r})")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def integrity(connection: Connection) -> list[str]:
    """Everything that is wrong with the database as it is open; empty where all is well."""
    if dialect.is_sqlite(connection):
        found = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(20)") if row[0] != "ok"]
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(20)
        return found + [f"{row[0]} row {row[1]} refers to a missing row of {row[2]}" for row in broken]
    return []


# --- what is dropped when --------------------------------------------------------------------------


def prune(
    database: Database,
    now: datetime,
    *,
    articles: timedelta | None = None,
    pages: timedelta | None = None,
    polls: timedelta | None = None,
    notices: timedelta | None = None,
    tombstones: timedelta | None = None,
    keys: timedelta | None = None,
    deliveries: timedelta | None = None,
) -> Pruned:
    """Drop what is older than its age (``None``: nothing of it), in short transactions.

    Of an article the text and findings go; its address and entries stay, so that it is not taken for new while its
    feed still shows it. Alerts stay, and of ``deliveries`` those that still wait. ``tombstones`` is how long after an
    entry was last seen that memory goes too. ``keys`` are those by which copies and reports of one event are found:
    older articles are compared no more; with them go lines of sites that have not come again.
    """
    counts = {"articles": 0, "pages": 0, "polls": 0, "notices": 0, "entries": 0, "deliveries": 0}
    steps: dict[str, tuple[Any, timedelta | None]] = {
        "pages": (_prune_pages, pages),
        "articles": (_prune_articles, articles),
        "entries": (_prune_tombstones, tombstones),
        "polls": (_prune_polls, polls),
        "notices": (_prune_notices, notices),
        "deliveries": (_prune_deliveries, deliveries),
    }
    for name, (step, age) in steps.items():
        while age is not None and (dropped := database.write_now(step, now - age)):
            counts[name] += dropped
    if keys is None:
        return Pruned(**counts)
    database.write_now(site_blocks.prune, now)
    return Pruned(**counts, keys=_prune_keys(database, now - keys))


def _prune_keys(database: Database, before: datetime) -> int:
    """Walk through the keys in their order, because there is no index by article."""
    oldest = select(func.max(s.articles.c.id)).where(s.articles.c.seen < before)
    last = database.read_now(lambda connection: connection.scalar(oldest))
    if last is None:
        return 0
    dropped = 0
    for table in (s.bands, s.story_keys):
        start: int | None = 2**63  # the least of the signed numbers
        while start is not None:
            found, start = database.write_now(_prune_key_range, table, start, last)
            dropped += found
    return dropped


def _prune_key_range(connection: Connection, table: Any, start: int, last: int) -> tuple[int, int | None]:
    """Drop keys of articles up to ``last`` from a part of ``table``; how many, and where the next part begins."""
    key = table.c.key
    end = connection.scalar(select(key).where(key >= start).order_by(key).offset(KEYS).limit(1))
    if end == start:
        end = connection.scalar(select(key).where(key > start).order_by(key).limit(1))
    part = delete(table).where(key >= start, table.c.article_id <= last)
    return connection.execute(part if end is None else part.where(key < end)).rowcount, end


def _prune_articles(connection: Connection, before: datetime) -> int:
    a = s.articles.c
    found = connection.execute(
        select(a.id, a.title, a.authors, a.version, a.story_id, s.article_texts.c.summary, s.article_texts.c.body)
        .join(s.article_texts, s.article_texts.c.article_id == a.id)
        .where(a.seen < before, a.pruned_at.is_(None), a.state != "pending")
        .order_by(a.seen)
        .limit(SLICE)
    ).all()
    ids = [row.id for row in found]
    for row in found:
        if row.version:
            indexing.unindex(connection, row.id, index_text(row.title, row.summary, row.body, row.authors))
    for table in (*_OF_ARTICLE, s.article_texts, s.article_versions, s.pages, s.matches):
        connection.execute(delete(table).where(table.c.article_id.in_(ids)))
    connection.execute(update(s.entries).where(s.entries.c.article_id.in_(ids)).values(entry=None))
    connection.execute(update(s.articles).where(a.duplicate_of.in_(ids)).values(duplicate_of=None))
    connection.execute(
        update(s.articles)
        .where(a.id.in_(ids))
        .values(pruned_at=before, title="", authors=[], tags=[], image=None, story_id=None, duplicate_of=None)
    )
    for story_id in {row.story_id for row in found} - {None}:
        stories.recount(connection, story_id)
    return len(ids)


_OF_ARTICLE = (
    s.article_topics,
    s.article_countries,
    s.article_people,
    s.article_keywords,
    s.quotes,
    s.facts,
    s.fingerprints,
)


def _prune_tombstones(connection: Connection, before: datetime) -> int:
    """Articles that were pruned and that no feed has shown since ``before``; their entries go with them."""
    shown = select(s.entries.c.id).where(s.entries.c.article_id == s.articles.c.id, s.entries.c.last_seen >= before)
    ids = list(
        connection.scalars(
            select(s.articles.c.id).where(s.articles.c.pruned_at.is_not(None), ~shown.exists()).limit(SLICE)
        )
    )
    connection.execute(delete(s.entries).where(s.entries.c.article_id.in_(ids)))
    connection.execute(delete(s.articles).where(s.articles.c.id.in_(ids)))
    return len(ids)


def _prune_pages(connection: Connection, before: datetime) -> int:
    return _prune_slice(connection, s.pages, s.pages.c.article_id, s.pages.c.fetched_at < before)


def _prune_polls(connection: Connection, before: datetime) -> int:
    return _prune_slice(connection, s.polls, s.polls.c.id, s.polls.c.at < before)


def _prune_notices(connection: Connection, before: datetime) -> int:
    return _prune_slice(connection, s.notices, s.notices.c.id, s.notices.c.at < before)


def _prune_deliveries(connection: Connection, before: datetime) -> int:
    """What was sent or given up; its lines in the ledger go with it."""
    d = s.deliveries.c
    return _prune_slice(connection, s.deliveries, d.id, (d.created_at < before) & d.state.in_(("sent", "dead")))


def _prune_slice(connection: Connection, table: Any, key: Any, condition: Any) -> int:
    ids = list(connection.scalars(select(key).where(condition).limit(SLICE)))
    connection.execute(delete(table).where(key.in_(ids)))
    return len(ids)


# --- after a crash ---------------------------------------------------------------------------------


def release_leases(connection: Connection) -> int:
    """Give back what a dead daemon had claimed. Only for the one daemon of a database, under its lock."""
    return sum(
        connection.execute(update(table).where(table.c.leased_until.is_not(None)).values(leased_until=None)).rowcount
        for table in (s.feeds, s.articles, s.deliveries)
    )


# --- what the operator should know -----------------------------------------------------------------


def status(connection: Connection) -> Status:
    a, d = s.articles.c, s.deliveries.c
    present = select(a.state, func.count()).where(a.pruned_at.is_(None)).group_by(a.state)
    states: dict[str, int] = {row[0]: row[1] for row in connection.execute(present)}
    outbox: dict[str, int] = {
        row[0]: row[1] for row in connection.execute(select(d.state, func.count()).group_by(d.state))
    }
    size = "SELECT pg_database_size(current_database())"
    if dialect.is_sqlite(connection):
        size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    return Status(
        size=connection.scalar(text(size)) or 0,
        feeds=_count(connection, s.feeds, s.feeds.c.removed_at.is_(None)),
        articles=sum(states.values()),
        pending=states.get("pending", 0),
        quarantined=states.get("quarantined", 0),
        stories=_count(connection, s.stories),
        alerts=_count(connection, s.alerts),
        waiting=outbox.get("pending", 0) + outbox.get("retry", 0),
        dead=outbox.get("dead", 0),
        oldest_pending=connection.scalar(select(func.min(a.seen)).where(a.state == "pending")),
        oldest_waiting=connection.scalar(select(func.min(d.created_at)).where(d.state.in_(("pending", "retry")))),
        oldest_due=connection.scalar(select(func.min(d.next_attempt_at)).where(d.state.in_(("pending", "retry")))),
        last_poll=connection.scalar(select(func.max(s.feeds.c.last_polled_at))),
        last_success=connection.scalar(select(func.max(s.feeds.c.last_success_at))),
    )


def counts_since(connection: Connection, since: datetime) -> dict[str, int]:
    """What came about since then; ``pending`` (articles), ``waiting`` and ``dead`` (messages) are of now."""
    a, m, d = s.articles.c, s.matches.c, s.deliveries.c
    return {
        "articles": _count(connection, s.articles, a.seen >= since),
        "duplicates": _count(connection, s.articles, a.seen >= since, a.duplicate_of.is_not(None)),
        "edited": _count(connection, s.articles, a.edited_at >= since),
        "alerts": _count(connection, s.alerts, s.alerts.c.created_at >= since),
        "held": _count(connection, s.matches, m.at >= since, m.hold.is_not(None)),
        "delivered": _count(connection, s.deliveries, d.sent_at >= since),
        "pending": _count(connection, s.articles, a.state == "pending"),
        "waiting": _count(connection, s.deliveries, d.state.not_in(("sent", "dead"))),
        "dead": _count(connection, s.deliveries, d.state == "dead"),
    }


def _count(connection: Connection, table: Any, *conditions: Any) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def note(connection: Connection, kind: str, said: str, now: datetime, *, feed_id: int | None = None) -> None:
    """Keep a notice for the operator."""
    connection.execute(insert(s.notices), {"at": now, "kind": kind, "text": said, "feed_id": feed_id})


def heartbeat(connection: Connection, now: datetime) -> None:
    """Prove that writing works, and leave word that a daemon lives."""
    connection.execute(dialect.upsert(connection, s.meta, "name"), {"name": "heartbeat", "value": now.isoformat()})


ROOM = 1_000_000
"""Characters: more than an article with its page usually writes."""


def take_room(connection: Connection) -> None:
    """Prove that there is room for work: where a heartbeat still fits, an article may not. `leave_room` gives it back.

    It must be committed in between: SQLite does not write what the same transaction deletes again.
    """
    filling = os.urandom(ROOM // 2).hex()  # not to be compressed away
    connection.execute(dialect.upsert(connection, s.meta, "name"), {"name": "room", "value": filling})


def leave_room(connection: Connection) -> None:
    connection.execute(delete(s.meta).where(s.meta.c.name == "room"))


def last_heartbeat(connection: Connection) -> datetime | None:
    """When a daemon last wrote; ``None``: never."""
    value = connection.scalar(select(s.meta.c.value).where(s.meta.c.name == "heartbeat"))
    return None if value is None else datetime.fromisoformat(value)


def untold_notices(connection: Connection) -> list[PastNotice]:
    """Notices that the operators were not sent yet, oldest first."""
    told = int(connection.scalar(select(s.meta.c.value).where(s.meta.c.name == "notices_told")) or 0)
    statement = select(s.notices).where(s.notices.c.id > told).order_by(s.notices.c.id)
    return [PastNotice(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001


def mark_told(connection: Connection, notice_id: int) -> None:
    """The operators are sent the notices up to this one, by the outbox of the same transaction."""
    connection.execute(dialect.upsert(connection, s.meta, "name"), {"name": "notices_told", "value": str(notice_id)})


def notices(connection: Connection, *, since: datetime | None = None, limit: int = 100) -> list[PastNotice]:
    """Newest first."""
    statement = select(s.notices).order_by(s.notices.c.at.desc(), s.notices.c.id.desc()).limit(limit)
    if since is not None:
        statement = statement.where(s.notices.c.at >= since)
    return [PastNotice(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001


def quarantine(connection: Connection, found: Quarantined) -> int:
    """Remember that an input did harm; how often it has by now."""
    key = (s.quarantine.c.kind == found.kind) & (s.quarantine.c.hash == found.hash)
    before = connection.scalar(select(s.quarantine.c.deaths).where(key)) or 0
    row = {
        "kind": found.kind,
        "hash": found.hash,
        "url": found.url,
        "reason": found.reason,
        "deaths": before + found.deaths,
        "at": found.at,
        "until": found.until,
    }
    connection.execute(dialect.upsert(connection, s.quarantine, "kind", "hash"), row)
    return before + found.deaths


def deaths(connection: Connection, kind: str, digest: str) -> int:
    """How many workers an input has cost so far."""
    q = s.quarantine.c
    return connection.scalar(select(q.deaths).where(q.kind == kind, q.hash == digest)) or 0


def quarantined(connection: Connection, kind: str, digest: str, now: datetime) -> Quarantined | None:
    """The entry for an input that must not be tried now."""
    row = connection.execute(_QUARANTINED, {"kind": kind, "hash": digest, "now": now}).first()
    return None if row is None else Quarantined(**row._mapping)  # noqa: SLF001


_QUARANTINED = select(s.quarantine).where(
    s.quarantine.c.kind == bindparam("kind"),
    s.quarantine.c.hash == bindparam("hash"),
    or_(s.quarantine.c.until.is_(None), s.quarantine.c.until > bindparam("now", type_=s.quarantine.c.until.type)),
)


def list_quarantine(connection: Connection, *, limit: int = 100) -> list[Quarantined]:
    """Newest first."""
    statement = select(s.quarantine).order_by(s.quarantine.c.at.desc()).limit(limit)
    return [Quarantined(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001


def release_quarantine(connection: Connection, kind: str, digest: str) -> None:
    """Let an input be tried again."""
    q = s.quarantine.c
    if not connection.execute(delete(s.quarantine).where(q.kind == kind, q.hash == digest)).rowcount:
        raise NotKnown(f"there is no {kind} {digest} in quarantine")


def totals(connection: Connection) -> Mapping[str, int]:
    """Rows of each table, for ``db status``."""
    return {table.name: _count(connection, table) for table in s.metadata.sorted_tables}
