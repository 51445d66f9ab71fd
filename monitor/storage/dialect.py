"""All that SQLite and PostgreSQL want said differently."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Table,
    Text,
    TextClause,
    Update,
    bindparam,
    case,
    func,
    insert,
    select,
    text,
    true,
)
from sqlalchemy.types import TypeEngine

from monitor.storage import schema
from monitor.storage.columns import Words, signed
from monitor.storage.sqlite_file import APPLICATION_ID

S = TypeVar("S")


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


def earliest(
    connection: Connection, due: ColumnElement[Any], lease: ColumnElement[Any], *conditions: ColumnElement[bool]
) -> datetime | None:
    """The earliest moment at which a row may be taken: when it is ``due``, and not before its ``lease`` has ended."""
    later = case((lease > due, lease), else_=due)
    free = select(func.min(due)).where(lease.is_(None), *conditions)
    leased = select(func.min(later)).where(lease.is_not(None), *conditions)
    times = [moment for query in (free, leased) if (moment := connection.scalar(query)) is not None]
    return min(times, default=None)


@cache
def insert_into(table: Table) -> Insert:
    """A plain INSERT, made once."""
    return insert(table)


# --- statements that give nothing back -------------------------------------------------------------


def put(connection: Connection, statement: Insert | Update | TextClause, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute a constant ``statement`` for each of ``rows``, which name the same parameters; it gives nothing back.

    SQLAlchemy takes longer over a small statement than the database does. Here it makes one ready once, and how each
    parameter is passed; the driver is given the values.
    """
    if rows:
        words, parameters = _ready(connection.dialect, statement, tuple(rows[0]))
        given: list[Any] = [tuple(take(row) for _, take in parameters) for row in rows]
        if not connection.dialect.positional:
            given = [dict(zip((name for name, _ in parameters), each, strict=True)) for each in given]
        connection.exec_driver_sql(words, given if len(given) > 1 else given[0])


@cache
def _ready(
    dialect: Dialect, statement: Insert | Update | TextClause, given: tuple[str, ...]
) -> tuple[str, list[tuple[str, Callable[[Mapping[str, Any]], Any]]]]:
    """The words for the driver, and of each parameter its name and what takes its value from a row."""
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(given))
    names = compiled.positiontup if dialect.positional else list(compiled.binds)
    return str(compiled), [(name, _taker(dialect, compiled.binds[name], fixed=name not in given)) for name in names]


def _taker(dialect: Dialect, parameter: BindParameter[Any], *, fixed: bool) -> Callable[[Mapping[str, Any]], Any]:
    process = parameter.type.dialect_impl(dialect).bind_processor(dialect)
    if fixed:
        value = parameter.value if process is None else process(parameter.value)
        return lambda _: value
    take = itemgetter(parameter.key)
    return take if process is None else lambda row: process(take(row))


# --- insert or … -----------------------------------------------------------------------------------


def insert_absent(connection: Connection, table: Table, *keys: str) -> Insert:
    """INSERT that leaves a row alone that is there under the same ``keys``."""
    return _insert_absent(connection.dialect.name, table, keys)


def upsert(connection: Connection, table: Table, *keys: str) -> Insert:
    """INSERT that takes the new values of all other columns where a row is there under the same ``keys``."""
    return _upsert(connection.dialect.name, table, keys)


def insert_keys(connection: Connection, table: Table) -> Insert:
    """INSERT of an ``:article`` under each of ``:keys`` (`values`) where it is not: one row of parameters for all."""
    return _insert_keys(connection.dialect.name, table)


@cache
def _insert_absent(dialect: str, table: Table, keys: tuple[str, ...]) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=list(keys))  # type: ignore[no-any-return]


@cache
def _upsert(dialect: str, table: Table, keys: tuple[str, ...]) -> Insert:
    statement = _insert(dialect, table)
    others = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=others)  # type: ignore[no-any-return]


@cache
def _insert_keys(dialect: str, table: Table) -> Insert:
    article = bindparam("article", type_=BigInteger)
    keys = bindparam("keys", type_=_list_type(dialect, BigInteger))
    if dialect == "sqlite":
        key = func.json_each(keys).table_valued("value", name="each_key").c.value
    else:
        key = func.unnest(keys).column_valued("each_key")
    rows = select(key, article).where(true())  # or SQLite reads the ON of ON CONFLICT as that of a join
    statement = _insert(dialect, table).from_select(["key", "article_id"], rows)
    return statement.on_conflict_do_nothing(index_elements=["key", "article_id"])  # type: ignore[no-any-return]


def _insert(dialect: str, table: Table) -> Any:
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_into
    else:
        from sqlalchemy.dialects.postgresql import insert as insert_into  # type: ignore[assignment]
    return insert_into(table)


# --- IN with one parameter, so that the statement is the same for any number -----------------------


def among(connection: Connection, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """``column`` is one of the values given as `values` for the parameter ``name``."""
    return _among(connection.dialect.name, column, name)


def where_among(connection: Connection, statement: S, column: ColumnElement[Any], name: str = "ids") -> S:
    """``statement`` with `among`, made once: for statements that are constants."""
    found: S = _where_among(connection.dialect.name, statement, column, name)
    return found


@cache
def _where_among(dialect: str, statement: Any, column: ColumnElement[Any], name: str) -> Any:
    return statement.where(_among(dialect, column, name))


@cache
def _among(dialect: str, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    item = Text if isinstance(column.type, (Words, Text)) else BigInteger
    given = bindparam(name, type_=_list_type(dialect, item))
    if dialect == "sqlite":
        each = func.json_each(given).table_valued("value", name=f"each_{name}")
        return column.in_(select(each.c.value))
    return column == func.any(given)


def _list_type(dialect: str, item: type[BigInteger | Text]) -> TypeEngine[Any]:
    """The type of a parameter that `values` gives."""
    if dialect == "sqlite":
        return Text()
    from sqlalchemy.dialects.postgresql import ARRAY

    return ARRAY(item)


def values(connection: Connection, given: Collection[Any]) -> Any:
    """The parameter for `among`: numbers or words."""
    return json.dumps(list(given)) if is_sqlite(connection) else list(given)


# --- the newest rows of each key -------------------------------------------------------------------

_NEWEST_SQLITE = """
SELECT wanted.value AS key, found.article_id FROM json_each(:keys) AS wanted JOIN {table} AS found
ON found.key = wanted.value AND found.article_id >= coalesce(
  (SELECT article_id FROM {table} WHERE key = wanted.value ORDER BY article_id DESC LIMIT 1 OFFSET :most), 0)
"""
_NEWEST_POSTGRESQL = """
SELECT wanted.value AS key, found.article_id FROM unnest(CAST(:keys AS BIGINT[])) AS wanted(value)
CROSS JOIN LATERAL
  (SELECT article_id FROM {table} WHERE key = wanted.value ORDER BY article_id DESC LIMIT :most + 1) AS found
"""


def newest_by_key(
    connection: Connection, table: str, keys: Collection[int], *, most: int, but: int
) -> dict[int, list[int]]:
    """For each of ``keys`` the newest articles that have it in ``table``, at most ``most`` and never ``but``."""
    found: dict[int, list[int]] = {}
    if keys:
        wanted = values(connection, [signed(key) for key in dict.fromkeys(keys)])
        newest = _newest(connection.dialect.name, table)
        for key, article_id in connection.execute(newest, {"keys": wanted, "most": most}).all():
            if article_id != but:
                found.setdefault(key, []).append(article_id)
    return {key: sorted(ids)[-most:] for key, ids in found.items()}


@cache
def _newest(dialect: str, table: str) -> TextClause:
    return text((_NEWEST_SQLITE if dialect == "sqlite" else _NEWEST_POSTGRESQL).format(table=table))
