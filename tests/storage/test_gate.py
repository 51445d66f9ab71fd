from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from monitor.errors import StorageError, StorageUnavailable
from monitor.storage import notices, schema, sqlite_file, vitals
from monitor.storage.engine import Database
from tests.storage.material import NOW


def note(connection: Connection, number: int) -> int:
    notices.note(connection, "n", str(number), NOW)
    return number


def fail(connection: Connection, number: int) -> None:
    notices.note(connection, "n", str(number), NOW)
    raise LookupError(number)


def noted(connection: Connection) -> list[int]:
    return [int(said) for said in connection.scalars(select(schema.notices.c.text).order_by(schema.notices.c.id))]


async def test_what_is_returned_has_been_committed(database: Database) -> None:
    assert await database.write(note, 1) == 1
    assert await database.read(noted) == [1]


async def test_reading_sees_nothing_of_what_is_committed_meanwhile(database: Database) -> None:
    def twice(connection: Connection) -> tuple[list[int], list[int]]:
        before = noted(connection)
        database.write_now(note, 2)
        return before, noted(connection)

    await database.write(note, 1)
    assert await database.read(twice) == ([1], [1])
    assert await database.read(noted) == [1, 2]


async def test_a_failing_job_takes_back_only_itself(database: Database) -> None:
    jobs = [database.write(fail if number % 3 == 0 else note, number) for number in range(30)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(result) for result in results] == [LookupError if n % 3 == 0 else int for n in range(30)]
    assert sorted(await database.read(noted)) == [n for n in range(30) if n % 3]


async def test_a_failing_statement_takes_back_only_its_job(database: Database) -> None:
    def broken(connection: Connection) -> None:
        notices.note(connection, "n", "0", NOW)
        connection.execute(text("SELECT * FROM no_such_table"))

    results = await asyncio.gather(
        database.write(note, 1), database.write(broken), database.write(note, 2), return_exceptions=True
    )
    assert results[0] == 1
    assert isinstance(results[1], Exception)
    assert results[2] == 2
    assert sorted(await database.read(noted)) == [1, 2]


def held_up(database: Database) -> threading.Event:
    """Make the writer wait until the event is set, so that what is asked meanwhile shares a transaction."""
    go = threading.Event()
    started = threading.Event()

    def wait(connection: Connection) -> None:
        started.set()
        go.wait(20)

    def hold() -> None:
        with suppress(StorageUnavailable):
            database.write_now(wait)

    threading.Thread(target=hold).start()
    assert started.wait(20)
    return go


async def test_waiting_jobs_share_one_commit(sqlite_address: str) -> None:
    with Database.open(sqlite_address) as database:
        go = held_up(database)
        jobs = [asyncio.ensure_future(database.write(note, n)) for n in range(20)]
        failing = asyncio.ensure_future(database.write(fail, 99))
        await asyncio.sleep(0)
        commits = []
        connection = database._writer._connection.connection.driver_connection
        connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
        go.set()
        assert await asyncio.gather(*jobs) == list(range(20))
        with pytest.raises(LookupError):
            await failing
        assert len(commits) == 1
        assert await database.read(noted) == list(range(20))


async def test_a_job_whose_caller_gave_up_waiting_is_not_begun(sqlite_address: str) -> None:
    with Database.open(sqlite_address) as database:
        go = held_up(database)
        job = asyncio.ensure_future(database.write(note, 1))
        await asyncio.sleep(0)
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        go.set()
        await database.write(note, 2)
        assert await database.read(noted) == [2]


def test_closing_finishes_what_waits(sqlite_address: str) -> None:
    database = Database.open(sqlite_address)
    go = held_up(database)
    futures = [database._submit(lambda connection, n=n: note(connection, n)) for n in range(5)]
    go.set()
    database.close()
    assert [future.result(1) for future in futures] == list(range(5))
    with pytest.raises(StorageUnavailable, match="closed"):
        database.write_now(note, 9)


async def test_disk_full_is_said_and_nothing_is_acknowledged(sqlite_address: str) -> None:
    """T39: no page more is to be had; then there is space again."""

    def fill(connection: Connection) -> None:
        for _ in range(100):
            notices.note(connection, "full", "x" * 10_000, NOW)

    def most_pages(connection: Connection, pages: int) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    with Database.open(sqlite_address) as database:
        await database.write(most_pages, 1)  # SQLite takes the present size for a lesser number
        go = held_up(database)
        jobs = [
            asyncio.ensure_future(database.write(job, *args)) for job, args in ((note, (1,)), (fill, ()), (note, (2,)))
        ]
        await asyncio.sleep(0)
        go.set()
        results = await asyncio.gather(*jobs, return_exceptions=True)
        assert isinstance(results[1], StorageUnavailable)
        assert "disk is full" in str(results[1])
        assert "xxxx" not in str(results[1])
        assert not [
            each for each in results if isinstance(each, Exception) and not isinstance(each, StorageUnavailable)
        ]
        acknowledged = [result for result in results if isinstance(result, int)]
        assert await database.read(noted_numbers) == acknowledged
        await database.write(most_pages, 2**30)
        await database.write(fill)
        assert await database.write(note, 3) == 3
        assert await database.read(vitals.integrity) == []


def noted_numbers(connection: Connection) -> list[int]:
    return [int(said) for said in connection.scalars(select(schema.notices.c.text).where(schema.notices.c.kind == "n"))]


async def test_t38_readers_writer_checkpoint_and_a_foreign_lock_do_not_disturb_each_other(sqlite_address: str) -> None:
    """In small: an open cursor, another process's write lock, readers and checkpoints while the writer works."""
    with Database.open(sqlite_address) as database:
        await database.write(note, -1)
        cursor = sqlite_file.connect(database.path, read_only=True)
        held = cursor.execute("SELECT * FROM notices")
        held.fetchone()
        code = f"""
            import sqlite3, time
            connection = sqlite3.connect({sqlite_address!r}, isolation_level=None)
            connection.execute("BEGIN IMMEDIATE")
            print("locked", flush=True)
            time.sleep(1.5)
            connection.execute("ROLLBACK")
        """
        other = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)  # noqa: ASYNC220
        assert other.stdout.readline() == b"locked\n"

        async def read_on() -> int:
            seen = 0
            for _ in range(40):
                now = len(await database.read(noted))
                assert now >= seen
                seen = now
                await asyncio.sleep(0.01)
            return seen

        async def write_on() -> None:
            for number in range(300):
                await database.write(note, number)
                if number % 50 == 0:
                    await database.read(lambda c: c.exec_driver_sql("PRAGMA query_only").scalar())

        await asyncio.gather(write_on(), *(read_on() for _ in range(8)))
        assert other.wait(20) == 0
        assert len(held.fetchall()) == 0
        cursor.close()
        assert len(await database.read(noted)) == 301


async def test_readers_may_not_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)read.?only|readonly"):
        await database.read(note, 1)


async def test_one_view_within_one_read(database: Database) -> None:
    seen: list[int] = []
    between, go_on = threading.Event(), threading.Event()

    def twice(connection: Connection) -> None:
        if database.dialect == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        seen.append(len(noted(connection)))
        between.set()
        go_on.wait(20)
        seen.append(len(noted(connection)))

    reading = asyncio.ensure_future(database.read(twice))
    await asyncio.to_thread(between.wait, 20)
    await database.write(note, 1)
    go_on.set()
    await reading
    assert seen == [0, 0]


def test_t46_no_connection_crosses_a_fork(sqlite_address: str) -> None:
    with Database.open(sqlite_address) as database:
        child = os.fork()
        if child == 0:
            try:
                database.read_now(noted)
            except StorageError:
                os._exit(42)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42


def test_acknowledged_writes_survive_kill_9(sqlite_address: str) -> None:
    """T44 in small: whatever the child said was written is there, and the file is whole."""
    code = f"""
        import asyncio
        from monitor.storage.engine import Database
        from tests.storage.test_gate import note
        async def main():
            database = Database.open({sqlite_address!r})
            async def one(n):
                await database.write(note, n)
                print(n, flush=True)
            for start in range(0, 100000, 7):
                await asyncio.gather(*(one(n) for n in range(start, start + 7)))
        asyncio.run(main())
    """
    for _ in range(4):
        child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)
        told = [int(child.stdout.readline()) for _ in range(30)]
        child.kill()
        told += [int(line) for line in child.stdout.read().split(b"\n")[:-1]]
        child.wait()
        with Database.open(sqlite_address, check=True) as database:
            kept = database.read_now(noted)
            assert set(told) <= set(kept)
            assert len(kept) == len(set(kept))
            database.write_now(lambda connection: connection.execute(schema.notices.delete()))


def test_the_writers_settings_hold(sqlite_address: str) -> None:
    with Database.open(sqlite_address) as database:

        def settings(connection: Connection) -> dict[str, object]:
            names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout", "application_id")
            return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

        assert database.write_now(settings) == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "trusted_schema": 0,
            "busy_timeout": 30_000,
            "application_id": sqlite_file.APPLICATION_ID,
        }


def test_a_lock_that_lasts_too_long_is_unavailable(sqlite_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.1)
    with Database.open(sqlite_address) as database:
        other = sqlite3.connect(sqlite_address, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="locked by another process"):
            database.write_now(note, 1)
        other.execute("ROLLBACK")
        other.close()
        assert database.write_now(note, 2) == 2


def test_t48_a_lost_postgresql_connection_is_unavailable_then_comes_back(postgresql_address: str) -> None:
    with Database.open(postgresql_address) as database:
        database.write_now(note, 1)

        def cut(connection: Connection) -> None:
            with database._write.connect() as other:
                own = connection.scalar(text("SELECT pg_backend_pid()"))
                other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
                time.sleep(0.1)
            note(connection, 2)

        with pytest.raises(StorageUnavailable):
            database.write_now(cut)
        assert database.write_now(note, 3) == 3
        assert database.read_now(noted) == [1, 3]


async def test_t48_a_deadlock_is_repeated(postgresql_address: str) -> None:
    meeting = threading.Barrier(2, timeout=10)
    with Database.open(postgresql_address) as database:
        database.write_now(lambda c: [note(c, n) for n in (1, 2)])
        waited: list[int] = []

        def cross(connection: Connection, first: int, second: int) -> None:
            lock = text("UPDATE notices SET text = text WHERE text = :n")
            connection.execute(lock, {"n": str(first)})
            if first not in waited:
                waited.append(first)
                meeting.wait()
            connection.execute(lock, {"n": str(second)})

        await asyncio.gather(database.write(cross, 1, 2), database.write(cross, 2, 1))
        assert sorted(waited) == [1, 2]


def test_where_a_heartbeat_still_fits_there_may_be_no_room_for_work(tmp_path: Path) -> None:
    with Database.open(tmp_path / "monitor.db") as db:
        pages = db.read_now(lambda connection: connection.exec_driver_sql("PRAGMA page_count").scalar_one())
        db.write_now(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}").all())
        db.write_now(vitals.heartbeat, NOW)
        with pytest.raises(StorageUnavailable):
            db.write_now(vitals.take_room)
        db.write_now(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1000000").all())
        db.write_now(vitals.take_room)
        db.write_now(vitals.leave_room)
        left = db.read_now(lambda connection: connection.exec_driver_sql("SELECT name FROM meta").scalars().all())
    assert "heartbeat" in left
    assert "room" not in left
