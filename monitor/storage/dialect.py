"""All that SQLite and PostgreSQL want said differently."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Insert,
    Table,
    Text,
    bindparam,
    func,
    select,
    text,
)

from monitor.storage import schema
from monitor.storage.columns import Words
from monitor.storage.indexing import FIELDS, IndexText
from monitor.storage.sqlite_file import APPLICATION_ID


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def claim(connection: Connection) -> None:
    """Sign the database as ours."""
    connection.execute(upsert(connection, schema.meta, "name"), {"name": "program", "value": "monitor"})
    if is_sqlite(connection):
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")


def serialise(connection: Connection, what: str) -> None:
    """Until the end of the transaction nobody else passes here with the same ``what``. SQLite has one writer anyway."""
    if not is_sqlite(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": f"monitor {what}"})


# --- insert or … -----------------------------------------------------------------------------------


def insert_absent(connection: Connection, table: Table, *keys: str) -> Insert:
    """INSERT that leaves a row alone that is there under the same ``keys``."""
    return _insert_absent(connection.dialect.name, table, keys)


def upsert(connection: Connection, table: Table, *keys: str) -> Insert:
    """INSERT that takes the new values of all other columns where a row is there under the same ``keys``."""
    return _upsert(connection.dialect.name, table, keys)


@cache
def _insert_absent(dialect: str, table: Table, keys: tuple[str, ...]) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=list(keys))  # type: ignore[no-any-return]


@cache
def _upsert(dialect: str, table: Table, keys: tuple[str, ...]) -> Insert:
    statement = _insert(dialect, table)
    others = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=others)  # type: ignore[no-any-return]


def _insert(dialect: str, table: Table) -> Any:
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_into  # noqa: PLC0415 - only the dialect in use
    else:
        from sqlalchemy.dialects.postgresql import insert as insert_into  # type: ignore[assignment]  # noqa: PLC0415
    return insert_into(table)


# --- IN with one parameter, so that the statement is the same for any number -----------------------


def among(connection: Connection, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """``column`` is one of the values given as `values` for the parameter ``name``."""
    if is_sqlite(connection):
        each = func.json_each(bindparam(name, type_=Text)).table_valued("value", name=f"each_{name}")
        return column.in_(select(each.c.value))
    from sqlalchemy.dialects.postgresql import ARRAY  # noqa: PLC0415

    item = Text if isinstance(column.type, (Words, Text)) else BigInteger
    return column == func.any(bindparam(name, type_=ARRAY(item)))


def values(connection: Connection, given: Collection[Any]) -> Any:
    """The parameter for `among`: numbers or words."""
    return json.dumps(list(given)) if is_sqlite(connection) else list(given)


# --- full text -------------------------------------------------------------------------------------

_WEIGHTS = dict(zip(FIELDS, "ABDC", strict=True))
_TSVECTOR_BYTES = 700_000
"""A tsvector ends at 1 MiB of words and places; what does not fit is found by ``partial`` instead."""

_FTS_INSERT = text(
    "INSERT INTO article_index (rowid, title, summary, body, author) VALUES (:id, :title, :summary, :body, :author)"
)
_FTS_DELETE = text(
    "INSERT INTO article_index (article_index, rowid, title, summary, body, author) "
    "VALUES ('delete', :id, :title, :summary, :body, :author)"
)
_TS_INSERT = text(
    "INSERT INTO article_index (article_id, words, partial) VALUES (:id, CAST(:words AS tsvector), :partial) "
    "ON CONFLICT (article_id) DO UPDATE SET words = excluded.words, partial = excluded.partial"
)
_TS_DELETE = text("DELETE FROM article_index WHERE article_id = :id")


def index(connection: Connection, article_id: int, words: IndexText) -> None:
    """Make an article findable that is not in the index."""
    if is_sqlite(connection):
        connection.execute(_FTS_INSERT, {"id": article_id, **words.fields()})
    else:
        vector, partial = _tsvector(words)
        connection.execute(_TS_INSERT, {"id": article_id, "words": vector, "partial": partial})


def unindex(connection: Connection, article_id: int, words: IndexText) -> None:
    """Take an article out of the index; ``words`` are those that it was indexed with (SQLite keeps no copy)."""
    if is_sqlite(connection):
        connection.execute(_FTS_DELETE, {"id": article_id, **words.fields()})
    else:
        connection.execute(_TS_DELETE, {"id": article_id})


def _tsvector(words: IndexText) -> tuple[str, bool]:
    """The literal of a tsvector: every word once, with a place of its own and a weight for each field that has it."""
    places: dict[str, list[str]] = {}
    for place, (field, terms) in enumerate(words.fields().items(), start=1):
        mark = f"{place}{_WEIGHTS[field]}"
        for word in terms.split():
            places.setdefault(word, []).append(mark)
    parts: list[str] = []
    left = _TSVECTOR_BYTES
    for word, marks in places.items():
        left -= len(word.encode()) + 2 + 2 * len(marks)
        if left < 0:
            return " ".join(parts), True
        parts.append(f"'{word}':{','.join(marks)}")
    return " ".join(parts), False
