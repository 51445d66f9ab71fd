"""The archive: articles for which a query holds.

The database pre-selects (`core.query.archive`), the query's own evaluator decides. Newest means last seen first: an
article's id grows with the time at which it was first seen, so a page is a walk down the index that ends when it is
full, and the next page begins where it ended.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, select, text

from monitor.core.indexing import terms
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
    Selection,
    Term,
    Within,
    preselect,
)
from monitor.core.query.document import Doc
from monitor.core.query.matching import evaluate
from monitor.core.query.tree import Query
from monitor.model import Article, Span
from monitor.storage import articles, dialect
from monitor.storage.columns import stamp
from monitor.storage.schema import articles as articles_table
from monitor.storage.schema import feeds

BATCH = 40
"""So many bodies are in memory at a time."""

MOST = 20_000
"""So many articles are evaluated for one page or count; then it says that there may be more."""

RANKED = 400
"""The most relevant are looked for among so many pre-selected articles, those with hits in the title and the newest."""

Dimension = Literal["day", "topic", "country", "feed", "lang", "site"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article for which the query holds, and where."""

    article: Article
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """Hits in the asked order. ``next`` is what to give as ``before`` for more, ``None`` at the end.

    ``examined`` articles were evaluated. ``next`` with fewer hits than asked for means that the search stopped at
    `MOST` and may find more.
    """

    hits: tuple[Hit, ...]
    next: int | None
    examined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many articles, and of each group how many; ``complete`` unless counting stopped at `MOST` evaluations."""

    total: int
    groups: dict[str, int] = field(default_factory=dict)
    complete: bool = True


def doc_of(article: Article) -> Doc:
    """The stored article as queries see it."""
    analysis = article.analysis
    return Doc.of(
        analysis.text,
        topics={topic.name: topic.score for topic in analysis.topics},
        countries=[country.code for country in analysis.countries],
        people=analysis.named,
        feed=article.feed,
        is_duplicate=article.duplicate_of is not None,
        is_edited=article.edited_at is not None,
        has_quote=bool(analysis.quotes),
        seen=article.seen,
    )


# --- asking ----------------------------------------------------------------------------------------


def newest(
    connection: Connection, query: Query, now: datetime, *, limit: int = 50, before: int | None = None
) -> ResultPage:
    """The articles for which ``query`` holds, last seen first, older than the article ``before``."""
    hits: list[Hit] = []
    examined, last = 0, before
    plan = _Plan.of(connection, preselect(query, now))
    for ids in plan.walk(before, BATCH):
        for article in _in_order(connection, ids):
            examined, last = examined + 1, article.id
            spans = evaluate(query, doc_of(article), now)
            if spans is not None:
                hits.append(Hit(article=article, spans=spans))
                if len(hits) == limit:
                    return ResultPage(hits=tuple(hits), next=last, examined=examined)
        if examined >= MOST:
            return ResultPage(hits=tuple(hits), next=last, examined=examined)
    return ResultPage(hits=tuple(hits), next=None, examined=examined)


def without_copies(connection: Connection, query: Query, now: datetime, hits: Sequence[Hit]) -> tuple[list[Hit], int]:
    """``hits`` without those copies for whose original ``query`` holds too; and how many were left out."""
    held = {hit.article.id for hit in hits}
    others = {hit.article.duplicate_of for hit in hits if hit.article.duplicate_of is not None} - held
    held |= {hit.article.id for hit in hits_among(connection, query, now, sorted(others))}
    kept = [hit for hit in hits if hit.article.duplicate_of not in held]
    return kept, len(hits) - len(kept)


def arrivals(connection: Connection, *, after: datetime, limit: int = 100_000) -> list[tuple[int, int, datetime]]:
    """Id, version and time of what was stored or edited after ``after``, in that order.

    Work that was begun earlier may be committed later: who follows the archive asks again for the last minute, and
    leaves out what it has shown.
    """
    c = articles_table.c
    recent = select(c.id, c.version, c.version_at).where(c.version_at > after, c.version > 0, c.pruned_at.is_(None))
    return [(row[0], row[1], row[2]) for row in connection.execute(recent.order_by(c.version_at, c.id).limit(limit))]


def hits_among(connection: Connection, query: Query, now: datetime, ids: list[int]) -> list[Hit]:
    """Those of the articles ``ids`` for which ``query`` holds, in the given order."""
    return [
        Hit(article=article, spans=spans)
        for start in range(0, len(ids), BATCH)
        for article in _in_order(connection, ids[start : start + BATCH])
        if (spans := evaluate(query, doc_of(article), now)) is not None
    ]


def stored_since(
    connection: Connection, query: Query, now: datetime, *, after: datetime, limit: int = 500
) -> list[Hit]:
    """The articles that were stored or edited after ``after`` and for which ``query`` holds, in that order."""
    ids = [article_id for article_id, _, _ in arrivals(connection, after=after, limit=limit)]
    return hits_among(connection, query, now, ids)


def relevant(connection: Connection, query: Query, now: datetime, *, limit: int = 50) -> ResultPage:
    """The best hits among `RANKED` pre-selected articles: those with a hit in the title, then the newest.

    An article scores, for each part of the query that it satisfies, 1 + ln(occurrences), three times that for the
    title, all divided by 1 + ln(1 + words / 500), so that length does not count for itself. Ties: newest first.
    """
    selection = preselect(query, now)
    plan = _Plan.of(connection, selection)
    ids: dict[int, None] = {}
    for part in (plan.of(connection, selection, title=True), plan):
        ids.update(dict.fromkeys(next(part.walk(None, RANKED), ())))
    hits: list[tuple[float, int, Hit]] = []
    wanted = list(ids)
    for start in range(0, len(wanted), BATCH):
        for article in _in_order(connection, wanted[start : start + BATCH]):
            doc = doc_of(article)
            spans = evaluate(query, doc, now)
            if spans is not None:
                hits.append((_score(spans, doc), article.id, Hit(article=article, spans=spans)))
    hits.sort(key=lambda each: (-each[0], -each[1]))
    return ResultPage(hits=tuple(hit for _, _, hit in hits[:limit]), next=None, examined=len(wanted))


def _score(spans: tuple[Span, ...], doc: Doc) -> float:
    found = Counter((span.node, span.field) for span in spans)
    points = sum((3.0 if name == "title" else 1.0) * (1 + math.log(times)) for (_, name), times in found.items())
    return points / (1 + math.log1p(len(doc.tokens["body"]) / 500))


def count(connection: Connection, query: Query, now: datetime, *, by: Dimension | None = None) -> Counts:
    """How many articles ``query`` holds for, by day seen, topic, country, feed, language or site.

    Where the index alone decides, no article is read.
    """
    plan = _Plan.of(connection, preselect(query, now))
    if plan.exact:
        return plan.count(by)
    total, examined = 0, 0
    groups: Counter[str] = Counter()
    for ids in plan.walk(None, BATCH):
        for article in _in_order(connection, ids):
            examined += 1
            if evaluate(query, doc_of(article), now) is not None:
                total += 1
                groups.update(_groups_of(article, by))
        if examined >= MOST:
            return Counts(total=total, groups=_sorted(groups, by), complete=False)
    return Counts(total=total, groups=_sorted(groups, by))


def _groups_of(article: Article, by: Dimension | None) -> list[str]:
    match by:
        case "day":
            return [article.seen.astimezone(UTC).date().isoformat()]
        case "topic":
            return [topic.name for topic in article.analysis.topics]
        case "country":
            return [country.code for country in article.analysis.countries]
        case "feed":
            return [article.feed]
        case "lang":
            return [article.analysis.text.lang or ""]
        case "site":
            return [article.analysis.text.site or ""]
        case None:
            return []


def _sorted(groups: Counter[str], by: Dimension | None) -> dict[str, int]:
    """Days in order, all else the most frequent first."""
    if by == "day":
        return dict(sorted(groups.items()))
    return dict(sorted(groups.items(), key=lambda each: (-each[1], each[0])))


def _in_order(connection: Connection, ids: list[int]) -> Iterator[Article]:
    found = articles.load(connection, ids)
    return (found[each] for each in ids if each in found)


# --- the pre-selection in SQL ----------------------------------------------------------------------

_STORED = "a.version > 0 AND a.pruned_at IS NULL"


@dataclass(slots=True)
class _Plan:
    """A pre-selection compiled; with ``words`` among ``values`` it walks the full-text index, else the articles."""

    connection: Connection
    where: str
    values: dict[str, Any]
    exact: bool

    @classmethod
    def of(cls, connection: Connection, selection: Selection, *, title: bool = False) -> _Plan:
        """With ``title`` the words that may stand there must."""
        condition = selection.condition
        parts = condition.parts if isinstance(condition, AllOf) else (condition,)
        worded = [part for part in parts if _is_text(part)]
        unwanted = [part.part for part in parts if isinstance(part, Negation) and _is_exact_text(part.part)]
        compiler = _Compiler(connection, title=title)
        compiler.driven = bool(worded)
        where = [_STORED]
        if worded:
            compiler.values["words"] = compiler.words(worded, unwanted)
        for part in parts:
            done = part in worded or (worded and isinstance(part, Negation) and part.part in unwanted)
            if not done and (clause := compiler.clause(part)) is not None:
                where.append(clause)
        return cls(connection, " AND ".join(where), compiler.values, selection.exact and compiler.exact)

    def walk(self, before: int | None, size: int) -> Iterator[list[int]]:
        """The ids that are pre-selected, newest first, in batches of ``size``.

        The index is asked for four times as many each time: to ask it again costs more than ids that nobody needs.
        """
        last, wanted = before if before is not None else 2**62, size
        while True:
            ids = dialect.newest_ids(self.connection, self.where, self.values, before=last, size=wanted)
            for start in range(0, len(ids), size):
                yield ids[start : start + size]
            if len(ids) < wanted:
                return
            last, wanted = ids[-1], min(4 * wanted, MOST)

    def count(self, by: Dimension | None) -> Counts:
        words = "words" in self.values
        if words:
            dialect.prefer_index(self.connection)
        source = dialect.selected(self.connection, self.where, words=words)
        total = self.connection.scalar(text(f"SELECT count(*) {source}"), self.values) or 0
        if by is None:
            return Counts(total=total)
        key, join = _KEYS[by]
        source = dialect.selected(self.connection, self.where, words=words, join=join)
        groups: Counter[str] = Counter()
        for found, times in self.connection.execute(text(f"SELECT {key}, count(*) {source} GROUP BY 1"), self.values):
            groups[_day(found) if by == "day" else found] += times
        return Counts(total=total, groups=_sorted(groups, by))


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


def _is_text(condition: Condition) -> bool:
    """Can the full-text index answer it alone?"""
    if isinstance(condition, AllOf | AnyOf):
        return all(map(_is_text, condition.parts))
    return isinstance(condition, Term | Prefix | Adjacent)


class _Compiler:
    """Conditions to SQL over ``articles a``. ``None`` stands for no condition.

    While ``driven`` by the full-text index, each other condition is asked of the article at hand; else the articles
    that have it are fetched by its own index.
    """

    def __init__(self, connection: Connection, *, title: bool = False) -> None:
        self.connection, self.title = connection, title
        self.values: dict[str, Any] = {}
        self.exact = True
        self.driven = self.negated = False

    def _value(self, value: Any) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def words(self, wanted: list[Condition], unwanted: list[Condition]) -> str:
        """The full-text expression for all of ``wanted`` and none of ``unwanted``."""
        words = dialect.match_all(self.connection, [self._match(part) for part in wanted])
        if unwanted and not self.title:
            none = dialect.match_any(self.connection, [self._match(part) for part in unwanted])
            words = dialect.match_without(self.connection, words, none)
        return words

    def _fields(self, fields: tuple[str, ...]) -> tuple[str, ...]:
        return ("title",) if self.title and "title" in fields else fields

    def _match(self, condition: Condition) -> str:
        match condition:
            case Term(word, fields):
                return dialect.match_term(self.connection, word, self._fields(fields))
            case Prefix(prefix, fields):
                return dialect.match_term(self.connection, prefix, self._fields(fields), prefix=True)
            case Adjacent(words, fields):
                self.exact = False  # the index knows no positions: it finds all articles with all of the terms
                each = [Term(term, fields) for term in dict.fromkeys(terms(words))]
                return dialect.match_all(self.connection, [self._match(part) for part in each])
            case AllOf(parts):
                return dialect.match_all(self.connection, [self._match(part) for part in parts])
            case AnyOf(parts):
                return dialect.match_any(self.connection, [self._match(part) for part in parts])
        raise AssertionError(condition)

    def clause(self, condition: Condition) -> str | None:
        if _is_text(condition):
            found = f"a.id IN ({dialect.matching(self.connection, self._value(self._match(condition)))})"
            partial = None if self.negated else dialect.partly_indexed(self.connection)
            return f"({found} OR {partial})" if partial else found
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

    def _negation(self, part: Condition) -> str | None:
        """What is under it must be exact; where it cannot be, there is no condition."""
        inner = _Compiler(self.connection)
        inner.values, inner.driven, inner.negated = self.values, self.driven, not self.negated
        clause = inner.clause(part)
        if clause is None or not inner.exact or (self.driven and _has_text(part)):
            self.exact = False
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
        self.exact = False
        return None

    def _listed(self, table: str, condition: str) -> str:
        if self.driven:
            return f"EXISTS (SELECT 1 FROM {table} WHERE article_id = a.id AND {condition})"  # noqa: S608 - own words
        return f"a.id IN (SELECT article_id FROM {table} WHERE {condition})"  # noqa: S608 - own words


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
