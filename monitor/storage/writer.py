"""The one thread that writes to SQLite, with group commit.

What waits is done in one transaction and committed by one sync to disk; only then are the callers told. The first
job of a transaction needs no savepoint: if it fails, the transaction is rolled back and nothing else was in it. Later
ones stand in a savepoint each, so that a failing job takes only itself back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import DBAPIError

from monitor.errors import StorageUnavailable
from monitor.failpoints import failpoint

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")

BATCH_JOBS = 64
BATCH_SECONDS = 0.05


@dataclass(slots=True)
class _Job:
    work: Callable[[Connection], Any]
    future: Future[Any] = field(default_factory=Future)


class Writer:
    """Runs jobs ``work(connection)`` one after another. ``explain`` turns a driver's error into ours.

    Its connection and its thread begin with the first job: most commands only read.
    """

    def __init__(self, connect: Callable[[], Connection], explain: Callable[[BaseException], BaseException]) -> None:
        self._connect = connect
        self._explain = explain
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._gate = threading.Lock()
        self._thread: threading.Thread | None = None

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        job = _Job(work)
        with self._gate:
            if self._closed:
                raise StorageUnavailable("the database is closed")
            if self._thread is None:
                self._begin()
            self._queue.put(job)
        return job.future

    def close(self) -> None:
        """Finish what waits, then end the thread."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()
            self._connection.close()

    def _begin(self) -> None:
        try:
            self._connection = self._connect()
        except DBAPIError as error:
            raise self._explain(error) from error
        self._thread = threading.Thread(target=self._run, name="monitor-writer", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            if not self._transaction(job):
                break

    def _transaction(self, first: _Job) -> bool:
        """One transaction; ``False`` where the queue has ended."""
        done: list[tuple[_Job, Any]] = []
        job: _Job | None = first
        until = time.monotonic() + BATCH_SECONDS
        try:
            with self._connection.begin():
                while job is not None:
                    if job.future.set_running_or_notify_cancel() and not self._work(job, done):
                        break
                    if len(done) >= BATCH_JOBS or time.monotonic() > until:
                        break
                    try:
                        job = self._queue.get_nowait()
                    except Empty:
                        break
                failpoint("before_commit")
            failpoint("after_commit")
        except BaseException as error:  # noqa: BLE001 - whatever it is, the callers wait for an answer
            self._leave_transaction()
            explained = self._explain(error)
            for future in {each.future for each, _ in done} | ({job.future} if job else set()):
                if not future.done():
                    future.set_exception(explained)
            return job is not None
        for each, result in done:
            each.future.set_result(result)
        return job is not None

    def _leave_transaction(self) -> None:
        """A COMMIT that fails may leave SQLite within the transaction that SQLAlchemy takes for ended."""
        with suppress(Exception):
            raw: Any = self._connection.connection.dbapi_connection
            if raw.in_transaction:
                raw.rollback()

    def _work(self, job: _Job, done: list[tuple[_Job, Any]]) -> bool:
        """Do one job of the open transaction; ``False`` where the transaction is gone with it."""
        alone = not done
        try:
            if not alone:
                self._connection.exec_driver_sql("SAVEPOINT job")  # `begin_nested` costs as much as a small job
            result = job.work(self._connection)
        except BaseException as error:  # noqa: BLE001 - a job's failure belongs to its caller
            job.future.set_exception(self._explain(error))
            if alone:
                self._connection.get_transaction().rollback()  # type: ignore[union-attr]
                return False
            try:
                self._connection.exec_driver_sql("ROLLBACK TO job")
                self._connection.exec_driver_sql("RELEASE job")
            except DBAPIError:
                raise error from None  # SQLite has rolled everything back already: disk full, I/O error
            return True
        if not alone:
            self._connection.exec_driver_sql("RELEASE job")
        done.append((job, result))
        return True
