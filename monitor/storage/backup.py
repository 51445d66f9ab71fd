"""A copy of a live SQLite database, and its way back."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from monitor.errors import DatabaseDamaged, DatabaseNewer, NotKnown, StorageError, StorageUnavailable
from monitor.storage import schema as s
from monitor.storage import sqlite_file, upgrade
from monitor.storage.engine import Database
from monitor.storage.faults import explain


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
