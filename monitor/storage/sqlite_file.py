"""The file of an SQLite database: found, checked before it is touched, opened, locked.

Beside ``monitor.db`` stands ``monitor.db.lock``. It is made when the database is, so it is also the witness that there
was one: where the file is missing or empty then, it was lost, and a new one would hide that. A running daemon holds an
flock on it. The database itself is never opened except by SQLite: closing any other descriptor on it would drop
SQLite's own locks.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
from pathlib import Path
from urllib.parse import quote

from monitor.errors import DatabaseForeign, DatabaseInUse, StorageError
from monitor.storage.faults import RESTORE, damaged, explain

APPLICATION_ID = 0x6D6F6E69
BUSY_SECONDS = 30.0
WAL_BYTES = 64 * 2**20
CACHE_KIB = 32 * 1024
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs"}


def path_of(address: str) -> Path:
    """The path that a command line or configuration names; symbolic links are followed once, here."""
    return Path(os.path.realpath(Path(address.removeprefix("sqlite:///")).expanduser()))


def lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def existed(path: Path) -> bool:
    return lock_path(path).exists()


def mark(path: Path) -> None:
    """Leave the witness that a database was made here."""
    os.close(os.open(lock_path(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with the settings that all have; transactions are begun by whoever uses it.

    No memory map: an I/O error on a mapped page kills the process instead of raising.
    """
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    if read_only:
        connection.execute("PRAGMA query_only=ON")
    else:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
    return connection


def prepare(path: Path, *, create: bool, check: bool) -> None:
    """Make sure that ``path`` is a database of ours, or an empty new file; refuse it unchanged where it is not."""
    try:
        status = path.stat()
    except FileNotFoundError:
        status = None
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error
    if status is not None and not stat.S_ISREG(status.st_mode):
        raise StorageError(f"{path} is not a file")
    if (status is None or status.st_size == 0) and existed(path):
        state = "is missing" if status is None else "is empty"
        raise DatabaseForeign(
            f"{path} {state}, although a database was here. {RESTORE}. To begin anew, remove {lock_path(path)} too"
        )
    if status is None:
        if not create and not (path.parent.is_dir() or path.parent.parent.is_dir()):  # one folder is made
            raise StorageError(f"{path.parent} does not exist; make it first, or name another place for the database")
        if not create:
            raise StorageError(f"{path}: there is no database here yet; monitor run or monitor once makes one")
        _make(path)
        return
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise StorageError(f"{path} can be written by others; set it right with: chmod 600 {path}")
    if not os.access(path, os.R_OK | os.W_OK):
        raise StorageError(f"{path}: this user may not read and write it")
    if status.st_size:
        _check(path, thoroughly=check)


def _make(path: Path) -> None:
    if not path.parent.is_dir():
        raise StorageError(f"{path.parent} does not exist; make it first, or name another place for the database")
    kind = _file_system(path.parent)
    if kind in NETWORK_FILE_SYSTEMS:
        raise StorageError(f"{path} would lie on a network file system ({kind}), where SQLite's locks do not hold")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StorageError(f"{path} cannot be made: {error.strerror}") from error


def _check(path: Path, *, thoroughly: bool) -> None:
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    except sqlite3.Error as error:
        raise explain(error, str(path)) from error
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application != APPLICATION_ID and (application or tables):
            raise DatabaseForeign(f"{path} is an SQLite database of another program; it was left as it is")
        if not tables and existed(path):
            raise DatabaseForeign(f"{path} holds no tables, although a database was here. {RESTORE}")
        if thoroughly:
            found = connection.execute("PRAGMA quick_check(3)").fetchall()
            if found != [("ok",)]:
                raise damaged(str(path), "; ".join(str(row[0]) for row in found))
    except sqlite3.Error as error:
        raise explain(error, str(path)) from error
    finally:
        connection.close()


def _file_system(folder: Path) -> str:
    """The type of the file system that holds ``folder``, or ``""``: the longest mount point that leads to it."""
    best, kind = "", ""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        point = left.split(" ")[4].encode().decode("unicode_escape")
        if len(point) >= len(best) and folder.is_relative_to(point):
            best, kind = point, right.split(" ")[0]
    return kind


class FileLock:
    """An exclusive lock beside the database; it ends with the process that holds it, however that ends."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(lock_path(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._descriptor)
            raise DatabaseInUse(f"{path}: another monitor daemon works on it (process {holder})") from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        os.close(self._descriptor)


def lock_holder(path: Path) -> str | None:
    """The process that works on the database; ``None``: none does. It only looks, by a shared lock for a moment."""
    try:
        descriptor = os.open(lock_path(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
    finally:
        os.close(descriptor)
    return None
