"""From whatever schema a database has to the one that this version needs, in one transaction.

The caller's transaction is the lock: BEGIN IMMEDIATE on SQLite, an advisory lock on PostgreSQL. A process killed in
the middle leaves what was there before.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, select, text

from monitor.errors import DatabaseForeign, DatabaseNewer, StorageError
from monitor.failpoints import failpoint
from monitor.storage import dialect, schema

MIGRATIONS = Path(__file__).with_name("migrations")


def revision(connection: Connection) -> str | None:
    """The migration that the database stands at; ``None`` where it holds nothing yet."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def is_at_head(connection: Connection, *, place: str) -> bool:
    """Whether there is nothing to do: a look that writes nothing. Raises DatabaseForeign where it is not ours."""
    if revision(connection) != schema.HEAD:
        return False
    _ours(connection, place)
    return True


def to_head(connection: Connection, *, create: bool, place: str, existed: bool) -> None:
    """Bring the schema to `schema.HEAD`. Alembic is only loaded where there is something to do."""
    if is_at_head(connection, place=place):  # another process was faster
        return
    found = revision(connection)
    if found is None:
        if not create or existed:
            raise StorageError(f"{place}: there is no database here yet; monitor run or monitor once makes one")
        if inspect(connection).get_table_names():
            raise DatabaseForeign(f"{place} holds tables of another program; they were left as they are")
    elif found not in known_revisions():
        raise DatabaseNewer(
            f"{place} was written by a newer monitor (schema {found}, this one knows up to {schema.HEAD}); "
            "install that version, or restore a backup of before with: monitor restore BACKUP"
        )
    _migrate(connection)
    dialect.claim(connection)


def known_revisions() -> set[str]:
    return {file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def _ours(connection: Connection, place: str) -> None:
    if connection.scalar(select(schema.meta.c.value).where(schema.meta.c.name == "program")) != "monitor":
        raise DatabaseForeign(f"{place} was not made by monitor; it was left as it is")


def _migrate(connection: Connection) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    steps = EnvironmentContext(
        config,
        scripts,
        fn=lambda current, _context: scripts._upgrade_revs("head", current),  # noqa: SLF001
    )
    with steps:
        steps.configure(
            connection=connection,
            target_metadata=schema.metadata,
            transactional_ddl=True,
            on_version_apply=lambda **_: failpoint("migrate_step"),
        )
        with steps.begin_transaction():
            steps.run_migrations()
