"""All that SQLite and PostgreSQL want said differently."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Insert,
    Table,
    Text,
    TextClause,
    bindparam,
    case,
    func,
    insert,
    select,
    text,
)

from monitor.core.indexing import FIELDS, IndexText
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
    if dialect == "sqlite":
        each = func.json_each(bindparam(name, type_=Text)).table_valued("value", name=f"each_{name}")
        return column.in_(select(each.c.value))
    from sqlalchemy.dialects.postgresql import ARRAY

    item = Text if isinstance(column.type, (Words, Text)) else BigInteger
    return column == func.any(bindparam(name, type_=ARRAY(item)))


def values(connection: Connection, given: Collection[Any]) -> Any:
    """The parameter for `among`: numbers or words."""
    return json.dumps(list(given)) if is_sqlite(connection) else list(given)


# --- full text -------------------------------------------------------------------------------------

_WEIGHTS = {"title": "A", "summary": "B", "body": "D"}
_AUTHOR = "@"
"""Put before the words of authors on PostgreSQL: so a word without a field needs no weights, which the index lacks."""

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
        mark = f"{place}{_WEIGHTS.get(field, '')}"
        for word in terms.split():
            places.setdefault(_AUTHOR + word if field == "author" else word, []).append(mark)
    parts: list[str] = []
    left = _TSVECTOR_BYTES
    for word, marks in places.items():
        left -= len(word.encode()) + 2 + 2 * len(marks)
        if left < 0:
            return " ".join(parts), True
        parts.append(f"'{word}':{','.join(marks)}")
    return " ".join(parts), False


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


# --- asking the full-text index --------------------------------------------------------------------

WINDOW = 500
"""PostgreSQL walks so many of the newest rows before it asks the index for all that match: a frequent word fills a page
from them, a rare one is sorted quickly. Left to itself it walks the whole table for a rare word."""


def match_term(connection: Connection, word: str, fields: Sequence[str], *, prefix: bool = False) -> str:
    """The index's expression for a word, or for all words that begin so, in one of ``fields``."""
    if is_sqlite(connection):
        term = f'"{word}"{" *" if prefix else ""}'
        return term if len(fields) == len(FIELDS) else f"({{{' '.join(fields)}}} : {term})"
    weights = "".join(_WEIGHTS[field] for field in fields if field in _WEIGHTS)
    star = "*" if prefix else ""
    marks = star + (weights if len(weights) < len(_WEIGHTS) else "")
    each = [f"'{word}':{marks}" if marks else f"'{word}'"] if weights else []
    if "author" in fields:
        each.append(f"'{_AUTHOR}{word}'" + (f":{star}" if star else ""))
    return match_any(connection, each)


def match_all(connection: Connection, parts: Sequence[str]) -> str:
    return _joined(parts, " AND " if is_sqlite(connection) else " & ")


def match_any(connection: Connection, parts: Sequence[str]) -> str:
    return _joined(parts, " OR " if is_sqlite(connection) else " | ")


def match_without(connection: Connection, wanted: str, unwanted: str) -> str:
    return f"({wanted} {'NOT' if is_sqlite(connection) else '& !'} {unwanted})"


def _joined(parts: Sequence[str], sign: str) -> str:
    return parts[0] if len(parts) == 1 else f"({sign.join(parts)})"


def matching(connection: Connection, value: str) -> str:
    """A subquery for the ids of the articles that match the expression ``value``."""
    if is_sqlite(connection):
        return f"SELECT rowid FROM article_index WHERE article_index MATCH {value}"  # noqa: S608 - own words
    return f"SELECT article_id FROM article_index WHERE words @@ CAST({value} AS tsquery)"  # noqa: S608 - own words


def partly_indexed(connection: Connection) -> str | None:
    """A condition for the articles of which some words are not in the index; ``None`` where there are none."""
    if is_sqlite(connection):
        return None
    return "EXISTS (SELECT 1 FROM article_index WHERE article_id = a.id AND partial)"


def prefer_index(connection: Connection) -> None:
    """For this transaction: PostgreSQL reckons a scan of the words cheap, because it does not count what lies apart."""
    if not is_sqlite(connection):
        connection.execute(text("SET LOCAL enable_seqscan = off"))


def selected(connection: Connection, where: str, *, words: bool, join: str = "") -> str:
    """FROM and WHERE for ``articles a``; with ``words`` those that match the parameter ``words``."""
    if not words:
        return f"FROM articles a {join} WHERE {where}"
    if is_sqlite(connection):
        return (
            f"FROM article_index CROSS JOIN articles a ON a.id = article_index.rowid {join} "
            f"WHERE article_index MATCH :words AND {where}"
        )
    return (
        f"FROM article_index i JOIN articles a ON a.id = i.article_id {join} "
        f"WHERE (i.words @@ CAST(:words AS tsquery) OR i.partial) AND {where}"
    )


def newest_ids(connection: Connection, where: str, given: Mapping[str, Any], *, before: int, size: int) -> list[int]:
    """The ids of the newest selected articles older than ``before``; ``words`` among ``given`` asks the index."""
    words = "words" in given
    parameters = {**given, "before": before, "size": size}
    if is_sqlite(connection) or not words:
        key = "article_index.rowid" if words else "a.id"
        source = selected(connection, f"{key} < :before AND {where}", words=words)
        return list(connection.scalars(text(f"SELECT a.id {source} ORDER BY {key} DESC LIMIT :size"), parameters))
    newest = connection.scalar(text("SELECT max(article_id) FROM article_index WHERE article_id < :before"), parameters)
    parameters["floor"] = (newest or 0) - WINDOW
    source = selected(connection, f"i.article_id < :before AND i.article_id > :floor AND {where}", words=True)
    found = list(connection.scalars(text(f"SELECT a.id {source} ORDER BY a.id DESC LIMIT :size"), parameters))
    if len(found) < size and parameters["floor"] > 0:
        prefer_index(connection)
        rest = text(
            "WITH found AS MATERIALIZED (SELECT article_id FROM article_index WHERE words @@ CAST(:words AS tsquery) "  # noqa: S608
            "UNION SELECT article_id FROM article_index WHERE partial) "
            f"SELECT a.id FROM found JOIN articles a ON a.id = found.article_id WHERE a.id <= :floor AND {where} "
            "ORDER BY a.id DESC LIMIT :size"
        )
        found += connection.scalars(rest, parameters | {"size": size - len(found)})
    return found
