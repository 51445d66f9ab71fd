"""What the database can say of a query: the pre-selection of `core.query.archive` in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, select, text

from monitor.core.keywords import keyword_key
from monitor.core.query.archive import (
    Adjacent,
    AllOf,
    AnyOf,
    Condition,
    Flagged,
    Has,
    HasTopic,
    Negation,
    Prefix,
    Term,
    Within,
    preselect,
)
from monitor.core.query.tree import And, Node, Query, conjuncts, has_words, is_textual
from monitor.storage import fulltext
from monitor.storage.columns import stamp
from monitor.storage.schema import feeds

Dimension = Literal["day", "topic", "country", "feed", "lang", "site"]

_STORED = "a.version > 0 AND a.pruned_at IS NULL"


@dataclass(frozen=True, slots=True)
class Preselection:
    """A query as SQL: ``matching`` of the full-text index, ``where`` of ``articles a``; empty where nothing is asked.

    ``exact``: what it selects is what the query holds of. ``left`` is what is left to decide by the words of the text
    alone, and to mark there; ``None``: the whole query, by all that is known of the article.
    """

    connection: Connection
    where: str
    values: dict[str, Any]
    matching: str | None
    exact: bool
    left: Query | None

    @classmethod
    def of(cls, connection: Connection, query: Query, now: datetime, *, title: bool = False) -> Preselection:
        """With ``title`` the words that may stand in the title must."""
        selection = preselect(query, now)
        condition = selection.condition
        parts = condition.parts if isinstance(condition, AllOf) else (condition,)
        worded = [part for part in parts if _is_text(part)]
        denied = [part for part in parts if worded and isinstance(part, Negation) and _is_exact_text(part.part)]
        words = fulltext.Words(connection, {}, title=title)
        unwanted = [part.part for part in denied if words.tells(part.part)]
        matching = words.matching(worded, unwanted) if worded else None
        where, exact, decided = ([] if worded else [_STORED]), words.exact and len(unwanted) == len(denied), True
        for part in parts:
            if part in worded or part in denied:
                continue
            compiler = _Compiler(connection, words.values, driven=bool(worded))
            if (clause := compiler.clause(part)) is not None:
                where.append(clause)
            exact = exact and compiler.exact
            decided = decided and compiler.exact
        of_text, beside = _apart(query.root)
        # words beside a keyword, joined by OR, are marked where they stand, though the database decides
        decided = decided and all(preselect(Query(node), now).exact and not has_words(node) for node in beside)
        left = Query(And(tuple(of_text))) if decided else None
        return cls(connection, " AND ".join(where), words.values, matching, selection.exact and exact, left)

    def walk(self, before: int | None, size: int, wanted: Callable[[], int]) -> Iterator[list[int]]:
        """The ids that are selected, newest first, at most ``size`` at a time; ``wanted`` says how many are."""
        waiting: list[int] = []

        def still_wanted() -> int:
            return max(1, wanted() - len(waiting))

        for ids in fulltext.newest_first(
            self.connection,
            self.where,
            self.values,
            matching=self.matching,
            before=before if before is not None else fulltext.ANY_TIME["before"],
            wanted=still_wanted,
        ):
            waiting += ids
            if len(waiting) >= min(size, wanted()):
                yield from _cut(waiting, size)
                waiting.clear()
        yield from _cut(waiting, size)

    def count(self, by: Dimension | None) -> tuple[int, Counter[str]]:
        """How many are selected, and of each group how many."""
        if self.matching is not None:
            fulltext.prefer_index(self.connection)
        source = fulltext.selected(self.connection, self.where, matching=self.matching)
        given = {**self.values, **fulltext.ANY_TIME}
        total = self.connection.scalar(text(f"SELECT count(*) {source}"), given) or 0
        groups: Counter[str] = Counter()
        if by is not None:
            key, join = _KEYS[by]
            where = self.where or _STORED  # so that the article is joined
            source = fulltext.selected(self.connection, where, matching=self.matching, join=join)
            each = self.connection.execute(text(f"SELECT {key}, count(*) {source} GROUP BY 1"), given)
            for found, times in each:
                groups[_day(found) if by == "day" else found] += times
        return total, groups


def _cut(ids: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


_KEYS: dict[Dimension, tuple[str, str]] = {
    "day": ("a.seen / 86400000000", ""),
    "topic": ("g.topic", "JOIN article_topics g ON g.article_id = a.id"),
    "country": ("g.country", "JOIN article_countries g ON g.article_id = a.id"),
    "feed": ("g.name", "JOIN feeds g ON g.id = a.feed_id"),
    "lang": ("coalesce(a.lang, '')", ""),
    "site": ("coalesce(a.site, '')", ""),
}


def _day(number: int) -> str:
    return datetime.fromtimestamp(number * 86400, UTC).date().isoformat()


def _apart(root: Node) -> tuple[list[Node], list[Node]]:
    """The parts that must all hold: those that speak of the words of the text, and the others."""
    parts = list(conjuncts(root))
    return [part for part in parts if is_textual(part)], [part for part in parts if not is_textual(part)]


def _is_text(condition: Condition) -> bool:
    """Can the full-text index answer it alone?"""
    if isinstance(condition, AllOf | AnyOf):
        return all(map(_is_text, condition.parts))
    return isinstance(condition, Term | Prefix | Adjacent)


def _is_exact_text(condition: Condition) -> bool:
    if isinstance(condition, AllOf | AnyOf):
        return all(map(_is_exact_text, condition.parts))
    return isinstance(condition, Term | Prefix)


def _has_text(condition: Condition) -> bool:
    if isinstance(condition, AllOf | AnyOf):
        return any(map(_has_text, condition.parts))
    if isinstance(condition, Negation):
        return _has_text(condition.part)
    return isinstance(condition, Term | Prefix | Adjacent)


class _Compiler:
    """Conditions to SQL over ``articles a``. ``None`` stands for no condition.

    While ``driven`` by the full-text index, each other condition is asked of the article at hand; else the articles
    that have it are fetched by its own index.
    """

    def __init__(self, connection: Connection, values: dict[str, Any], *, driven: bool) -> None:
        self.connection, self.values, self.driven = connection, values, driven
        self.words = fulltext.Words(connection, values)
        self._told_all = True

    @property
    def exact(self) -> bool:
        return self._told_all and self.words.exact

    def clause(self, condition: Condition) -> str | None:
        if _is_text(condition):
            return self._worded(condition)
        match condition:
            case AllOf(parts):
                clauses = [clause for part in parts if (clause := self.clause(part)) is not None]
                return f"({' AND '.join(clauses)})" if clauses else None
            case AnyOf(parts):
                each = [self.clause(part) for part in parts]
                return None if None in each else f"({' OR '.join(clause for clause in each if clause)})"
            case Negation(part):
                return self._negation(part)
            case Has(name, wanted):
                return self._has(name, wanted)
            case HasTopic(name, at_least):
                least = "" if at_least is None else f" AND score >= {self._value(at_least)}"
                return self._listed("article_topics", f"topic = {self._value(name)}{least}")
            case Within(name, first, until):
                bounds = [f"a.{name} >= {self._value(stamp(first))}"] if first is not None else []
                bounds += [f"a.{name} < {self._value(stamp(until))}"] if until is not None else []
                return " AND ".join(bounds) or f"a.{name} IS NOT NULL"
            case Flagged("is:duplicate"):
                return "a.duplicate_of IS NOT NULL"
            case Flagged("is:edited"):
                return "a.edited_at IS NOT NULL"
            case Flagged("has:quote"):
                return self._listed("quotes", "true")
        return None

    def _value(self, value: Any) -> str:
        return self.words.value(value)

    def _worded(self, condition: Condition) -> str:
        before = fulltext.numbers(self.values)
        matching = self.words.matching([condition], [])
        few = 0 < fulltext.numbers(self.values) - before <= fulltext.COMPARED // fulltext.WINDOW
        if self.driven and few:
            return matching  # of the row of the index at hand
        return f"a.id IN ({fulltext.having(self.connection, matching)})"

    def _negation(self, part: Condition) -> str | None:
        """What is under it must be exact; where it cannot be, there is no condition."""
        inner = _Compiler(self.connection, self.values, driven=self.driven)
        clause = inner.clause(part)
        if clause is None or not inner.exact or (self.driven and _has_text(part)):
            self._told_all = False
            return None
        return f"(({clause}) IS NOT TRUE)"

    def _has(self, name: str, wanted: tuple[str, ...]) -> str | None:
        match name:
            case "feed":
                named = self.connection.execute(select(feeds.c.id, feeds.c.name)).all()
                ids = [row.id for row in named if keyword_key("feed", row.name) in wanted]
                return f"a.feed_id IN ({', '.join(map(self._value, ids))})" if ids else "false"
            case "lang":
                return f"a.lang IN ({', '.join(map(self._value, wanted))})"
            case "country":
                return self._listed("article_countries", f"country IN ({', '.join(map(self._value, wanted))})")
            case "topic":
                return self._listed("article_topics", f"topic IN ({', '.join(map(self._value, wanted))})")
            case "tag" | "person" | "site":
                keys = ", ".join(map(self._value, wanted))
                return self._listed("article_keywords", f"field = {self._value(name)} AND key IN ({keys})")
            case "url" if all(each.isascii() for each in wanted):
                return f"lower(a.url) IN ({', '.join(map(self._value, wanted))})"
        self._told_all = False
        return None

    def _listed(self, table: str, condition: str) -> str:
        if self.driven:
            window = fulltext.inside(self.connection, "article_id")
            return f"EXISTS (SELECT 1 FROM {table} WHERE article_id = a.id AND {condition}{window})"  # noqa: S608 - own words
        return f"a.id IN (SELECT article_id FROM {table} WHERE {condition})"  # noqa: S608 - own words
