from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from monitor.errors import (
    DatabaseDamaged,
    DatabaseForeign,
    DatabaseInUse,
    DatabaseNewer,
    MonitorError,
    StorageError,
)
from monitor.storage import backup, feeds, notices, schema, sqlite_file, vitals
from monitor.storage.engine import Database
from tests.storage.material import NOW, add_feed, new_entry, poll


@pytest.fixture
def filled(sqlite_address: str) -> Path:
    """A database with some entries, closed."""
    with Database.open(sqlite_address) as database:
        feed_id = database.write_now(add_feed)
        database.write_now(poll, feed_id, [new_entry(n, content="word " * 2000) for n in range(100)])
    return Path(sqlite_address)


def refused(path: Path, expected: type[MonitorError], *, check: bool = True) -> str:
    """Opening is refused, and what lies there is as it was."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(expected) as caught:
        Database.open(path, check=check)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 78
    return str(caught.value)


def test_a_new_database_is_private_and_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    Database.open(path).close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert sqlite_file.lock_path(path).stat().st_mode & 0o777 == 0o600
    with Database.open(f"sqlite:///{path}", create=False) as database:
        assert database.path == path


def test_a_database_is_opened_and_read_while_another_process_writes(filled: Path) -> None:
    with closing(sqlite3.connect(filled, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with Database.open(filled, create=False) as database:
            assert len(database.read_now(feeds.list_feeds)) == 1


def test_no_database_where_none_is_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database here yet"):
        Database.open(tmp_path / "none.db", create=False)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StorageError, match="does not exist"):
        Database.open(tmp_path / "folder" / "none.db")


def test_t40_header_overwritten(filled: Path) -> None:
    with filled.open("r+b") as file:
        file.write(b"\0" * 100)
    assert "monitor restore" in refused(filled, DatabaseDamaged)


def test_t40_middle_overwritten(filled: Path) -> None:
    size = filled.stat().st_size
    with filled.open("r+b") as file:
        for place in range(8192, size - 4096, 4096 * 3):
            file.seek(place)
            file.write(os.urandom(4096))
    assert "monitor restore" in refused(filled, DatabaseDamaged)


def test_t40_truncated(filled: Path) -> None:
    os.truncate(filled, filled.stat().st_size // 2)
    assert "monitor restore" in refused(filled, DatabaseDamaged)


def test_t40_random_file(tmp_path: Path) -> None:
    path = tmp_path / "random.db"
    path.write_bytes(os.urandom(20_000))
    path.chmod(0o600)
    refused(path, DatabaseDamaged)


@pytest.mark.parametrize("loss", ["empty", "missing", "no tables"])
def test_t40_suddenly_gone(filled: Path, loss: str) -> None:
    if loss == "missing":
        filled.unlink()
    else:
        filled.write_bytes(b"")
    if loss == "no tables":
        other = sqlite3.connect(filled)
        other.execute("PRAGMA user_version=1")
        other.commit()
        other.close()
    assert "monitor restore" in refused(filled, DatabaseForeign)
    sqlite_file.lock_path(filled).unlink()
    Database.open(filled).close()


def test_t40_database_of_another_program(tmp_path: Path) -> None:
    for number, statement in enumerate(("PRAGMA application_id=77", "CREATE TABLE other (x)")):
        path = tmp_path / f"other{number}.db"
        other = sqlite3.connect(path)
        other.execute(statement)
        other.commit()
        other.close()
        path.chmod(0o600)
        refused(path, DatabaseForeign)


def test_t40_newer_schema(filled: Path) -> None:
    other = sqlite3.connect(filled)
    other.execute("UPDATE alembic_version SET version_num = '9999'")
    other.commit()
    other.close()
    refused(filled, DatabaseNewer)


def test_t40_newer_and_foreign_on_postgresql(postgresql_address: str) -> None:
    engine = create_engine(postgresql_address.replace("postgresql:", "postgresql+psycopg:"))

    def execute(statement: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(statement))

    try:
        execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(DatabaseNewer):
            Database.open(postgresql_address)
        execute(f"UPDATE alembic_version SET version_num = '{schema.HEAD}'")
        execute("UPDATE meta SET value = 'other'")
        with pytest.raises(DatabaseForeign):
            Database.open(postgresql_address)
    finally:
        execute(f"UPDATE alembic_version SET version_num = '{schema.HEAD}'")
        execute("UPDATE meta SET value = 'monitor'")
        engine.dispose()


def test_t41_damaged_wal_and_shm_lose_at_most_the_tail(filled: Path) -> None:
    code = f"""
        import os
        from monitor.storage.engine import Database
        from tests.storage.test_gate import note
        database = Database.open({str(filled)!r})
        for n in range(20):
            database.write_now(note, n)
        os._exit(0)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)
    wal, shm = (filled.with_name(filled.name + ending) for ending in ("-wal", "-shm"))
    shm.write_bytes(os.urandom(32768))
    with wal.open("r+b") as file:
        file.seek(wal.stat().st_size - 5000)
        file.write(os.urandom(5000))
    with Database.open(filled, check=True) as database:
        counts = database.read_now(vitals.totals)
        assert counts["entries"] == 100
        assert 0 < counts["notices"] <= 20
        assert database.read_now(vitals.integrity) == []


def test_permissions_and_kinds_of_files(filled: Path, tmp_path: Path) -> None:
    filled.chmod(0o666)
    assert "chmod 600" in refused(filled, StorageError)
    filled.chmod(0o600)
    refused(tmp_path, StorageError)
    link = tmp_path / "link.db"
    link.symlink_to(filled)
    with Database.open(link) as database:
        assert database.path == filled


def test_one_daemon_on_a_database(database: Database, database_address: str) -> None:
    database.hold_daemon_lock()
    with Database.open(database_address) as other:
        with pytest.raises(DatabaseInUse):
            other.hold_daemon_lock()
        assert other.write_now(add_feed) == 1  # a command may write meanwhile
        database.close()
        other.hold_daemon_lock()


def test_the_daemon_lock_ends_with_the_process(filled: Path) -> None:
    code = f"""
        import time
        from monitor.storage.engine import Database
        database = Database.open({str(filled)!r})
        database.hold_daemon_lock()
        print("held", flush=True)
        time.sleep(60)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"held\n"
    with Database.open(filled) as database:
        with pytest.raises(DatabaseInUse, match=f"process {child.pid}"):
            database.hold_daemon_lock()
        child.kill()
        child.wait()
        database.hold_daemon_lock()


def test_t46_killed_at_each_step_of_the_first_migration(tmp_path: Path) -> None:
    """Whatever statement it dies at, opening again makes a whole database."""
    code = """
        import os, sys
        from sqlalchemy import event
        from sqlalchemy.engine import Engine
        left = int(sys.argv[2])
        @event.listens_for(Engine, "after_cursor_execute")
        def count(*_):
            global left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), 9)
        from monitor.storage.engine import Database
        Database.open(sys.argv[1]).close()
    """
    whole = _schema_of(tmp_path / "whole.db")
    for step in (1, 2, 5, 20, 60, 90, 120):
        path = tmp_path / f"{step}.db"
        died = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(path), str(step)], check=False)
        assert died.returncode in {0, -signal.SIGKILL}
        assert _schema_of(path) == whole


def _schema_of(path: Path) -> set[str]:
    with Database.open(path, check=True) as database:
        return set(database.read_now(lambda c: c.exec_driver_sql("SELECT sql FROM sqlite_master").scalars().all()))


def test_the_migrations_make_what_the_metadata_says(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def differences(connection) -> list[object]:
        apart = (
            "article_index",
            "index_terms",
            "ix_article_index",
            "ix_articles_due",
            "ix_articles_duplicate_of",
            "ix_deliveries_channel_due",
            "ix_deliveries_due",
            "ix_site_blocks_recurring",
        )
        options = {"include_object": lambda _thing, name, *_: not str(name).startswith(apart)}
        return compare_metadata(MigrationContext.configure(connection, opts=options), schema.metadata)

    assert database.write_now(differences) == []


def test_head_is_the_newest_migration() -> None:
    from monitor.storage import upgrade

    assert max(upgrade.known_revisions()) == schema.HEAD


def test_alembic_is_not_loaded_for_a_current_schema(filled: Path) -> None:
    code = f"""
        import sys
        from monitor.storage.engine import Database
        Database.open({str(filled)!r}).close()
        heavy = {{"alembic", "psycopg"}} & set(sys.modules)
        heavy |= {{name for name in sys.modules if name.startswith("sqlalchemy.dialects.postgresql")}}
        print(sorted(heavy))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_t42_backups_while_writing_are_whole_and_restorable(filled: Path, tmp_path: Path) -> None:
    with Database.open(filled) as database:
        feed_id = database.write_now(add_feed, "second", "https://second.example/")
        committed = 0
        for round_ in range(5):
            entries = [new_entry(1000 + round_ * 20 + n, host="https://second.example") for n in range(20)]
            database.write_now(poll, feed_id, entries)
            committed += 20
            copy = tmp_path / f"backup{round_}.db"
            waiting = [
                database._submit(lambda c, n=n, r=round_: notices.note(c, "n", f"{r} {n}", NOW)) for n in range(200)
            ]
            assert backup.backup(database, copy) > 0
            for each in waiting:
                each.result(30)
            assert copy.stat().st_mode & 0o777 == 0o600
            place = tmp_path / f"restored{round_}.db"
            assert backup.restore(copy, place) is None
            with Database.open(place, check=True) as restored:
                assert restored.read_now(vitals.totals)["entries"] == 100 + committed
                assert restored.read_now(vitals.integrity) == []
        with pytest.raises(StorageError, match="never overwrites"):
            backup.backup(database, copy)
        assert [path for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_restore_checks_first_and_keeps_what_was_there(filled: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with Database.open(filled) as database:
        backup.backup(database, copy)
        database.hold_daemon_lock()
        with pytest.raises(DatabaseInUse):
            backup.restore(copy, filled)
        database.write_now(add_feed, "after", "https://after.example/")
    kept = backup.restore(copy, filled)
    assert kept is not None
    with Database.open(filled, check=True) as database:
        assert database.read_now(vitals.totals)["feeds"] == 1
    with Database.open(kept) as database:
        assert database.read_now(vitals.totals)["feeds"] == 2
    damaged = tmp_path / "damaged.db"
    shutil.copy(copy, damaged)
    with damaged.open("r+b") as file:
        file.seek(12288)
        file.write(os.urandom(60_000))
    before = filled.read_bytes()
    with pytest.raises(DatabaseDamaged):
        backup.restore(damaged, filled)
    assert filled.read_bytes() == before


@pytest.mark.parametrize("address", ["mysql://h/m", "http://h/m", "sqlite://m.db"])
def test_another_kind_of_database_is_refused_by_its_name(address: str) -> None:
    with pytest.raises(StorageError, match="is no database of monitor"):
        Database.open(address)


def test_lines_that_recur_are_found_by_their_index(filled: Path) -> None:
    from monitor.storage import site_blocks

    def plan(connection) -> list[str]:
        statement = str(site_blocks._RECURRING.compile(connection))
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("a.org", 0, 9, 0))]

    with Database.open(filled) as database:
        assert database.read_now(plan) == [
            "SEARCH site_blocks USING INDEX ix_site_blocks_recurring (site=? AND seen>?)"
        ]
