"""The gate to the database: SQLite in one file, or PostgreSQL.

Writing on SQLite is the business of one thread (`writer`); reading has its own connections, which never block it and
are never blocked. On PostgreSQL both use a pool. Work is a plain function over a connection; it runs in one
transaction, and what is returned has been committed.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool, QueuePool

from monitor.errors import DatabaseInUse, StorageError, StorageUnavailable
from monitor.failpoints import failpoint
from monitor.storage import sqlite_file, upgrade
from monitor.storage.faults import explain, may_be_repeated
from monitor.storage.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")

READERS = 4
POOL = 8
REPEATS = 5
_DAEMON_LOCK = 0x6D6F6E6974  # "monit": PostgreSQL's advisory locks are numbers


class Database:
    """An open database. ``dialect`` is ``sqlite`` or ``postgresql``; ``path`` is ``None`` on PostgreSQL."""

    def __init__(self, *, dialect: str, path: Path | None, write: Engine, read: Engine, workers: int) -> None:
        self.dialect = dialect
        self.path = path
        self._write, self._read = write, read
        self._readers = ThreadPoolExecutor(workers, thread_name_prefix="monitor-reader")
        self._writer = Writer(write.connect, self._explain) if path else None
        self._lock: sqlite_file.FileLock | Connection | None = None
        self._process = os.getpid()

    @classmethod
    def open(cls, target: str | os.PathLike[str], *, create: bool = True, check: bool = False) -> Self:
        """Open ``target``, a path, ``sqlite:///path`` or ``postgresql://…``, upgrading its schema where it is older.

        ``create`` makes a database where there has never been one. ``check`` reads all of an SQLite file for damage.
        Raises StorageError (damaged, foreign, newer, not there) or StorageUnavailable; the file is then untouched.
        """
        address = os.fspath(target)
        if address.startswith(("postgresql:", "postgresql+psycopg:", "postgres:")):
            return cls._open_postgresql(address, create=create)
        if "://" in address and not address.startswith("sqlite:///"):
            raise StorageError(f"{address.split('://')[0]}:// is no database of monitor; use a path or postgresql://…")
        return cls._open_sqlite(sqlite_file.path_of(address), create=create, check=check)

    @classmethod
    def _open_sqlite(cls, path: Path, *, create: bool, check: bool) -> Self:
        sqlite_file.prepare(path, create=create, check=check)
        write = create_engine(
            f"sqlite+pysqlite:///{path}",
            creator=lambda: sqlite_file.connect(path),
            poolclass=NullPool,
            query_cache_size=1000,
            hide_parameters=True,
        )
        event.listen(write, "begin", lambda conn: conn.exec_driver_sql("BEGIN IMMEDIATE"))
        read = create_engine(
            f"sqlite+pysqlite:///{path}",
            creator=lambda: sqlite_file.connect(path, read_only=True),
            poolclass=QueuePool,
            pool_size=READERS + 2,
            max_overflow=-1,
            query_cache_size=1000,
            hide_parameters=True,
        )
        event.listen(read, "begin", lambda conn: conn.exec_driver_sql("BEGIN"))
        try:
            with read.begin() as connection:
                ready = upgrade.is_at_head(connection, place=str(path))
            if not ready:
                with write.begin() as connection:
                    upgrade.to_head(connection, create=create, place=str(path), existed=sqlite_file.existed(path))
            sqlite_file.mark(path)
        except DBAPIError as error:
            raise explain(error, str(path)) from error
        return cls(dialect="sqlite", path=path, write=write, read=read, workers=READERS)

    @classmethod
    def _open_postgresql(cls, address: str, *, create: bool) -> Self:
        if find_spec("psycopg") is None:
            raise StorageError("PostgreSQL needs the package psycopg: pip install 'monitor-news[postgresql]'")
        url = make_url(address).set(drivername="postgresql+psycopg")
        place = url.render_as_string(hide_password=True)
        engine = create_engine(
            url, pool_size=POOL, max_overflow=READERS, pool_pre_ping=True, query_cache_size=1000, hide_parameters=True
        )
        try:
            with engine.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _DAEMON_LOCK + 1})
                upgrade.to_head(connection, create=create, place=place, existed=False)
        except DBAPIError as error:
            engine.dispose()
            raise explain(error, place) from error
        read = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return cls(dialect="postgresql", path=None, write=engine, read=read, workers=POOL)

    def close(self) -> None:
        """Finish the writes that wait, give the locks back, close every connection."""
        if self._writer is not None:
            self._writer.close()
        self._readers.shutdown()
        if isinstance(self._lock, Connection):
            with suppress(DBAPIError):  # a lost connection has lost its lock too
                self._lock.execute(text("SELECT pg_advisory_unlock_all()"))  # closing alone frees it somewhat later
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        self._read.dispose()
        self._write.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the gate ----------------------------------------------------------------------------------

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``work(connection, …)`` in one transaction, on the disk when this returns. No network inside it."""
        return await asyncio.wrap_future(self._submit(lambda connection: work(connection, *args, **kwargs)))

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``work(connection, …)`` on one unchanging view of the database."""
        self._same_process()
        return await asyncio.wrap_future(
            self._readers.submit(self._read_in, lambda connection: work(connection, *args, **kwargs))
        )

    def write_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for code without an event loop."""
        return self._submit(lambda connection: work(connection, *args, **kwargs)).result()

    def read_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`read` for code without an event loop, in the caller's thread."""
        self._same_process()
        return self._read_in(lambda connection: work(connection, *args, **kwargs))

    def _submit(self, work: Callable[[Connection], T]) -> Future[T]:
        self._same_process()
        if self._writer is not None:
            return self._writer.submit(work)
        return self._readers.submit(self._write_in, work)

    def _write_in(self, work: Callable[[Connection], T]) -> T:
        for attempt in range(1, REPEATS + 1):
            try:
                with self._write.begin() as connection:
                    result = work(connection)
                    failpoint("before_commit")
                failpoint("after_commit")
                return result  # noqa: TRY300 - an `else` would stand apart from the commit that it follows
            except DBAPIError as error:
                if attempt == REPEATS or not may_be_repeated(error):
                    raise self._explain(error) from error
                time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - parts those that met
        raise AssertionError

    def _read_in(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._read.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            raise self._explain(error) from error

    def _explain(self, error: BaseException) -> BaseException:
        return explain(error, str(self.path or self._write.url.render_as_string(hide_password=True)))

    def _same_process(self) -> None:
        if os.getpid() != self._process:
            raise StorageError("a database that was opened before a fork is not usable after it: open it again")

    # --- one daemon --------------------------------------------------------------------------------

    def hold_daemon_lock(self) -> None:
        """Until `close`, no other daemon works on this database. Raises DatabaseInUse where one does."""
        if self.path is not None:
            self._lock = sqlite_file.FileLock(self.path)
            return
        try:
            connection = self._write.connect().execution_options(isolation_level="AUTOCOMMIT")
            held = connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _DAEMON_LOCK})
        except OperationalError as error:
            raise StorageUnavailable(str(error.orig)) from error
        if not held:
            connection.close()
            raise DatabaseInUse("another monitor daemon works on this PostgreSQL database")
        connection.detach()
        self._lock = connection

    def keep_daemon_lock(self) -> None:
        """Take the lock anew where PostgreSQL dropped it with its connection. Raises as `hold_daemon_lock` does."""
        if self.path is not None:
            return
        if isinstance(self._lock, Connection):
            try:
                self._lock.execute(text("SELECT 1"))
            except DBAPIError:
                self._lock.close()
                self._lock = None
        if self._lock is None:
            self.hold_daemon_lock()
