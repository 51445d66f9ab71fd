"""What a driver's error means: try again later, or a person must look."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from monitor.errors import DatabaseDamaged, MonitorError, StorageUnavailable

RESTORE = "Restore a backup with: monitor restore BACKUP"

_SQLITE_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SQLITE_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY: "it is locked by another process",
    sqlite3.SQLITE_LOCKED: "it is locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk reports an input/output error",
    sqlite3.SQLITE_READONLY: "it may not be written to",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_PERM: "access is denied",
    sqlite3.SQLITE_NOMEM: "memory is short",
    sqlite3.SQLITE_PROTOCOL: "its locks cannot be had",
    sqlite3.SQLITE_INTERRUPT: "the work was interrupted",
}
# Classes of SQLSTATE: connection, resources, limits, intervention, system error; 25006 is read-only.
_POSTGRESQL_UNAVAILABLE = ("08", "25006", "53", "54P", "55P03", "57", "58")
_POSTGRESQL_DAMAGED = ("XX001", "XX002")
_POSTGRESQL_REPEAT = ("40001", "40P01")


def explain(error: BaseException, place: str) -> BaseException:
    """The error to raise in place of ``error``; ``error`` itself where it is a bug and not the database's state."""
    if isinstance(error, MonitorError):
        return error
    if isinstance(error, PoolTimeout):
        return StorageUnavailable(f"{place}: no connection became free in time")
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = (getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF
        if code in _SQLITE_DAMAGED:
            return damaged(place, str(cause))
        if code in _SQLITE_UNAVAILABLE:
            return StorageUnavailable(f"{place}: {_SQLITE_UNAVAILABLE[code]} ({cause}); nothing was written")
        return error
    if isinstance(error, DBAPIError):
        state = getattr(cause, "sqlstate", None) or ""
        if state in _POSTGRESQL_DAMAGED:
            return damaged(place, str(cause))
        if error.connection_invalidated or state.startswith(_POSTGRESQL_UNAVAILABLE) or state in _POSTGRESQL_REPEAT:
            return StorageUnavailable(f"{place}: {str(cause).splitlines()[0]}; nothing was acknowledged")
        if not state and type(cause).__name__ == "OperationalError":
            return StorageUnavailable(f"{place}: {str(cause).splitlines()[0] if str(cause) else 'no answer'}")
    return error


def damaged(place: str, detail: str) -> DatabaseDamaged:
    return DatabaseDamaged(f"{place}: the database is damaged ({detail}). It was left as it is. {RESTORE}")


def may_be_repeated(error: DBAPIError) -> bool:
    """Did PostgreSQL undo the transaction only because of another one?"""
    return getattr(error.orig, "sqlstate", None) in _POSTGRESQL_REPEAT
