"""Asking the full-text index; see `indexing`.

On PostgreSQL it is first looked up which numbers stand for the words, also for all words that begin alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, TextClause, text

from monitor.core.indexing import FIELDS, terms
from monitor.core.query.archive import Adjacent, AllOf, AnyOf, Condition, Prefix, Term
from monitor.core.query.tree import SEARCHED
from monitor.storage.dialect import is_sqlite
from monitor.storage.indexing import NUMBERS, under

_BEGINNING = text("SELECT id FROM index_terms WHERE term >= :first AND term < :last")


class Words:
    """Conditions of words as the index understands them. ``exact`` is false once it was told less than was meant.

    ``title``: words that may stand in the title must.
    """

    def __init__(self, connection: Connection, values: dict[str, Any], *, title: bool = False) -> None:
        self.connection, self.values, self.title = connection, values, title
        self.exact = True

    def value(self, value: Any) -> str:
        """A parameter of the statement."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def matching(self, wanted: list[Condition], unwanted: list[Condition]) -> str:
        """SQL that holds of the index's row of an article that has all of ``wanted`` and none of ``unwanted``."""
        unwanted = [] if self.title else unwanted
        if is_sqlite(self.connection):
            words = _joined(map(self._match, wanted), " AND ")
            if unwanted:
                words = f"({words} NOT {_joined(map(self._match, unwanted), ' OR ')})"
            return f"article_index MATCH {self.value(words)}"
        numbers = self._look_up([*wanted, *unwanted])
        parts = [self._has(part, numbers) for part in wanted]
        parts += [f"NOT {self._has(part, numbers)}" for part in unwanted]
        return _joined(parts, " AND ")

    def tells(self, condition: Condition) -> bool:
        """Does the index find exactly the articles of which the condition holds?"""
        if is_sqlite(self.connection):
            return True
        asked = Words(self.connection, {})
        list(asked._entries_of(condition))
        return asked.exact

    def _fields(self, fields: tuple[str, ...]) -> tuple[str, ...]:
        return ("title",) if self.title and "title" in fields else fields

    def _adjacent(self, condition: Adjacent) -> AllOf:
        self.exact = False  # the index knows no positions: it finds all articles with all of the terms
        return AllOf(tuple(Term(term, condition.fields) for term in dict.fromkeys(terms(condition.words))))

    def _match(self, condition: Condition) -> str:
        match condition:
            case Term(word, fields):
                return self._in_columns(f'"{word}"', fields)
            case Prefix(prefix, fields):
                return self._in_columns(f'"{prefix}" *', fields)
            case Adjacent():
                return self._match(self._adjacent(condition))
            case AllOf(parts):
                return _joined(map(self._match, parts), " AND ")
            case AnyOf(parts):
                return _joined(map(self._match, parts), " OR ")
        raise AssertionError(condition)

    def _in_columns(self, term: str, fields: tuple[str, ...]) -> str:
        fields = self._fields(fields)
        return term if len(fields) == len(FIELDS) else f"({{{' '.join(fields)}}} : {term})"

    # --- PostgreSQL

    def _look_up(self, conditions: Iterable[Condition]) -> Mapping[str, list[int]]:
        """The numbers of all terms, and under ``begin*`` of all that begin so."""
        wanted = {entry for condition in conditions for entry in self._entries_of(condition)}
        found: dict[str, list[int]] = {}
        plain = [entry for entry in wanted if not entry.endswith("*")]
        for term, number in self.connection.execute(NUMBERS, {"terms": plain}):
            found[term] = [number]
        for entry in wanted.difference(plain):
            bounds = {"first": entry[:-1], "last": entry[:-1] + "\U0010ffff"}
            found[entry] = list(self.connection.scalars(_BEGINNING, bounds))
        return found

    def _entries_of(self, condition: Condition) -> Iterator[str]:
        match condition:
            case Term(word, fields):
                yield from self._named(word, fields)
            case Prefix(prefix, fields):
                yield from self._named(f"{prefix}*", fields)
            case Adjacent():
                yield from self._entries_of(self._adjacent(condition))
            case AllOf(parts) | AnyOf(parts):
                for part in parts:
                    yield from self._entries_of(part)

    def _named(self, word: str, fields: tuple[str, ...]) -> list[str]:
        fields = self._fields(fields)
        if set(SEARCHED) <= set(fields):
            fields = tuple(name for name in fields if name not in SEARCHED)
            return [word, *(under(name, word) for name in fields)]
        if "body" in fields:
            self.exact = False  # the body has no terms of its own
            return [word, *(under(name, word) for name in fields if name == "author")]
        return [under(name, word) for name in fields]

    def _has(self, condition: Condition, numbers: Mapping[str, list[int]]) -> str:
        match condition:
            case Term() | Prefix():
                return self._any([condition], numbers)
            case Adjacent():
                return self._has(self._adjacent(condition), numbers)
            case AllOf(parts):
                return _joined([self._has(part, numbers) for part in parts], " AND ")
            case AnyOf(parts):
                single = [part for part in parts if isinstance(part, Term | Prefix)]
                others = [self._has(part, numbers) for part in parts if part not in single]
                return _joined([*([self._any(single, numbers)] if single else []), *others], " OR ")
        raise AssertionError(condition)

    def _any(self, conditions: list[Term | Prefix], numbers: Mapping[str, list[int]]) -> str:
        entries = {entry for condition in conditions for entry in self._entries_of(condition)}
        found = sorted({number for entry in entries for number in numbers.get(entry, ())})
        return f"i.terms && CAST({self.value(found)} AS INTEGER[])" if found else "false"


def _joined(parts: Iterable[str], sign: str) -> str:
    each = list(parts)
    return each[0] if len(each) == 1 else f"({sign.join(each)})"


# --- asking ----------------------------------------------------------------------------------------

WINDOW = 1_000
"""PostgreSQL looks for a page among so many of the newest rows first, then among as many more as it probably takes: a
frequent word fills it from few. Where it hopes to stop early, its planner walks far for a rare word."""

COMPARED = 3_000
"""In a window of so many rows each is compared with one term, in one of half as many with two: the index of terms
would be asked for all places of a frequent word."""

WIDER = 16

ANY_TIME = {"floor": 0, "before": 2**62}
"""The window that leaves nothing out."""


def having(connection: Connection, matching: str) -> str:
    """A subquery for the ids of the articles of whose row in the index ``matching`` holds."""
    if is_sqlite(connection):
        return f"SELECT rowid FROM article_index WHERE {matching}"  # noqa: S608 - own words
    return f"SELECT i.article_id FROM article_index i WHERE {matching}"  # noqa: S608 - own words


def numbers(given: Mapping[str, Any]) -> int:
    """With how many numbers of terms each row is compared that PostgreSQL looks at; 0 on SQLite."""
    return sum(len(value) for value in given.values() if isinstance(value, list))


def inside(connection: Connection, key: str) -> str:
    """AND that ``key`` lies in the window of the statement: PostgreSQL does not conclude so from what equals it."""
    return "" if is_sqlite(connection) else f" AND {key} >= :floor AND {key} < :before"


def prefer_index(connection: Connection) -> None:
    """For this transaction: PostgreSQL reckons a scan of the words cheap, because it does not count what lies apart.

    A plan for any value does not know how frequent the words are, and compiling one takes longer than these take.
    """
    if not is_sqlite(connection):
        connection.execute(_INDEX)


def _settings(**values: str) -> TextClause:
    return text("SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in values.items()))


_RIGHT_COSTS = {"enable_seqscan": "off", "jit": "off", "plan_cache_mode": "force_custom_plan"}
_INDEX = _settings(**_RIGHT_COSTS)

# Of a window so few rows are taken that it is best to join them one by one, and to wait for no other process.
_FEW = {"enable_hashjoin": "off", "enable_mergejoin": "off", "max_parallel_workers_per_gather": "0"}
_ROW_BY_ROW = {"enable_bitmapscan": "off", "enable_indexscan": "on"}
_OF_A_WINDOW = _settings(**_RIGHT_COSTS, **_FEW, **_ROW_BY_ROW)

# To compare a row's terms with those of a prefix takes a hundred times as long as PostgreSQL reckons: it shall read no
# rows but those that the index of terms has found. What reads articles in between finds them by their ids.
_BY_TERMS = _settings(enable_bitmapscan="on", enable_indexscan="off")
_AGAIN_ROW_BY_ROW = _settings(**_ROW_BY_ROW)


def selected(connection: Connection, where: str, *, matching: str | None, join: str = "") -> str:
    """FROM and WHERE for ``articles a``; with ``matching`` those of whose row in the index it holds.

    What is in the index is stored: with an empty ``where`` its articles are not looked up, and there is no ``a``.
    """
    if matching is None:
        return f"FROM articles a {join} WHERE {where}"
    index = "article_index" if is_sqlite(connection) else "article_index i"
    if not where:
        return f"FROM {index} WHERE {matching}"
    joined = "CROSS JOIN" if is_sqlite(connection) else "JOIN"
    key = _key(connection, matching)
    return f"FROM {index} {joined} articles a ON a.id = {key} {join} WHERE {_all_of(matching, where)}"


def _key(connection: Connection, matching: str | None) -> str:
    if matching is None:
        return "a.id"
    return "article_index.rowid" if is_sqlite(connection) else "i.article_id"


def _all_of(*conditions: str) -> str:
    return " AND ".join(condition for condition in conditions if condition)


def newest_first(
    connection: Connection,
    where: str,
    given: Mapping[str, Any],
    *,
    matching: str | None,
    before: int,
    wanted: Callable[[], int],
) -> Iterator[list[int]]:
    """The ids of the selected articles older than ``before``, newest first; each time about as many as are ``wanted``.

    To ask the index again costs more than some ids that nobody needs.
    """
    if is_sqlite(connection) or matching is None:
        yield from _pages(connection, where, given, matching=matching, before=before, wanted=wanted)
    else:
        yield from _windows(connection, where, given, matching=matching, before=before, wanted=wanted)


def _pages(
    connection: Connection,
    where: str,
    given: Mapping[str, Any],
    *,
    matching: str | None,
    before: int,
    wanted: Callable[[], int],
) -> Iterator[list[int]]:
    key = _key(connection, matching)
    if matching is None:
        where = _all_of(where, f"{key} < :before")
    else:
        matching = _all_of(matching, f"{key} < :before")
    source = selected(connection, where, matching=matching)
    page = text(f"SELECT {key} {source} ORDER BY {key} DESC LIMIT :size")
    while True:
        size = wanted()
        ids = list(connection.scalars(page, {**given, "before": before, "size": size}))
        yield ids
        if len(ids) < size:
            return
        before = ids[-1]


def _windows(
    connection: Connection,
    where: str,
    given: Mapping[str, Any],
    *,
    matching: str,
    before: int,
    wanted: Callable[[], int],
) -> Iterator[list[int]]:
    newest = connection.scalar(
        text("SELECT max(article_id) FROM article_index WHERE article_id < :before"), {"before": before}
    )
    compared_with = numbers(given)
    matching = matching + inside(connection, "i.article_id")
    where = where + inside(connection, "a.id") if where else ""
    window = f"SELECT i.article_id {selected(connection, where, matching=matching)} ORDER BY i.article_id DESC"
    rows, places = text(f"{window} LIMIT :size"), text(window)
    connection.execute(_OF_A_WINDOW)
    above, width = (newest or 0) + 1, WINDOW
    while above > 0:
        size, floor = wanted(), max(0, above - width)
        bounds = {"before": above, "floor": floor}
        if width * compared_with <= COMPARED:
            ids = list(connection.scalars(rows, {**given, **bounds, "size": size}))
            floor = ids[-1] if len(ids) == size else floor
        else:
            connection.execute(_BY_TERMS)
            ids = list(connection.scalars(places, {**given, **bounds}))
            connection.execute(_AGAIN_ROW_BY_ROW)
        yield ids
        share = max(1, len(ids)) / (above - floor)
        width = min(WIDER * width, max(WINDOW, round(1.25 * wanted() / share)))
        above = floor
