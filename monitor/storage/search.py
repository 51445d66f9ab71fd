"""The archive: articles for which a query holds.

The database pre-selects (`selection`), the query's own evaluator decides. Newest means last seen first: an article's id
grows with the time at which it was first seen, so a page is a walk down the index that ends when it is full, and the
next page begins where it ended.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from monitor.core.articles import doc_of
from monitor.core.query.document import Doc
from monitor.core.query.glance import Look, Sights, glance
from monitor.core.query.matching import evaluate
from monitor.core.query.tree import And, Query, is_textual
from monitor.model import Article, Span, Text
from monitor.storage import articles, dialect
from monitor.storage.schema import article_texts
from monitor.storage.schema import articles as articles_table
from monitor.storage.selection import Dimension, Preselection

__all__ = [
    "Counts", "Dimension", "Hit", "ResultPage",
    "arrivals", "count", "hits_among", "newest", "relevant", "without_copies",
]  # fmt: skip

BATCH = 40
"""So many bodies are in memory at a time."""

MOST = 20_000
"""So many articles are evaluated for one page or count; then it says that there may be more."""

FEWEST = 160
"""So many articles are looked up at least where each must be evaluated: most often a hit takes more than one."""

RANKED = 400
"""The most relevant are looked for among so many pre-selected articles, those with hits in the title and the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article for which the query holds, and where."""

    article: Article
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """Hits in the asked order. ``next`` is what to give as ``before`` for more, ``None`` at the end.

    ``examined`` articles were looked at. ``next`` with fewer hits than asked for means that the search stopped at
    `MOST` and may find more. ``selected`` articles the database pre-selects in all, where more than were looked at.
    """

    hits: tuple[Hit, ...]
    next: int | None
    examined: int
    selected: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many articles, and of each group how many; ``complete`` unless counting stopped at `MOST` evaluations."""

    total: int
    groups: dict[str, int] = field(default_factory=dict)
    complete: bool = True


# --- asking ----------------------------------------------------------------------------------------


def newest(
    connection: Connection, query: Query, now: datetime, *, limit: int = 50, before: int | None = None
) -> ResultPage:
    """The articles for which ``query`` holds, last seen first, older than the article ``before``."""
    held: list[_Held] = []
    examined, last = 0, before
    plan = Preselection.of(connection, query, now)
    judge = _Judge.of(query, plan.left, now)

    def wanted() -> int:
        missing = limit - len(held)
        reckoned = missing * examined // max(1, len(held))
        return missing if plan.exact else min(max(FEWEST, reckoned), MOST)

    for ids in plan.walk(before, min(BATCH, limit) if plan.exact else BATCH, wanted):
        for article_id, verdict in judge.over(connection, ids):
            examined, last = examined + 1, article_id
            if verdict is not None:
                held.append(verdict)
                if len(held) == limit:
                    break
        if len(held) == limit or examined >= MOST:
            break
    else:
        last = None
    return ResultPage(hits=tuple(_whole(connection, held)), next=last, examined=examined)


def without_copies(connection: Connection, query: Query, now: datetime, hits: Sequence[Hit]) -> tuple[list[Hit], int]:
    """``hits`` without those copies for whose original ``query`` holds too; and how many were left out."""
    held = {hit.article.id for hit in hits}
    others = {hit.article.duplicate_of for hit in hits if hit.article.duplicate_of is not None} - held
    held |= {hit.article.id for hit in hits_among(connection, query, now, sorted(others))}
    kept = [hit for hit in hits if hit.article.duplicate_of not in held]
    return kept, len(hits) - len(kept)


def arrivals(connection: Connection, *, after: datetime) -> list[tuple[int, int, datetime]]:
    """Id, version and time of what was stored or edited after ``after``, in that order.

    Work that was begun earlier may be committed later: who follows the archive asks again for the last minute, and
    leaves out what it has shown.
    """
    c = articles_table.c
    recent = select(c.id, c.version, c.version_at).where(c.version_at > after, c.version > 0, c.pruned_at.is_(None))
    return [(row[0], row[1], row[2]) for row in connection.execute(recent.order_by(c.version_at, c.id))]


def hits_among(connection: Connection, query: Query, now: datetime, ids: list[int]) -> list[Hit]:
    """Those of the articles ``ids`` for which ``query`` holds, in the given order."""
    judge = _Judge.of(query, query if is_textual(query.root) else None, now)
    hits: list[Hit] = []
    for start in range(0, len(ids), BATCH):
        verdicts = judge.over(connection, ids[start : start + BATCH])
        hits += _whole(connection, [verdict for _, verdict in verdicts if verdict is not None])
    return hits


def relevant(connection: Connection, query: Query, now: datetime, *, limit: int = 50) -> ResultPage:
    """The best hits among `RANKED` pre-selected articles: those with a hit in the title, then the newest.

    An article scores, for each part of the query that it satisfies, 1 + ln(occurrences), three times that for the
    title, all divided by 1 + ln(1 + words / 500), so that length does not count for itself. Ties: newest first.
    Where there are more to rank, ``selected`` says how many.
    """
    plan = Preselection.of(connection, query, now)
    judge = _Judge.of(query, plan.left, now)
    ids: dict[int, None] = {}
    recent: list[int] = []
    for part in (Preselection.of(connection, query, now, title=True), plan):
        recent = next(part.walk(None, RANKED, lambda: RANKED), [])
        ids.update(dict.fromkeys(recent))
    selected = plan.count(None)[0] if len(recent) == RANKED else 0
    held: list[_Held] = []
    wanted = list(ids)
    for start in range(0, len(wanted), BATCH):
        verdicts = judge.over(connection, wanted[start : start + BATCH])
        held += [verdict for _, verdict in verdicts if verdict is not None]
    held.sort(key=lambda each: (-each.score, -each.article_id))
    hits = tuple(_whole(connection, held[:limit]))
    more = selected if selected > len(wanted) else None
    return ResultPage(hits=hits, next=None, examined=len(wanted), selected=more)


def count(connection: Connection, query: Query, now: datetime, *, by: Dimension | None = None) -> Counts:
    """How many articles ``query`` holds for, by day seen, topic, country, feed, language or site.

    Where the index alone decides, no article is read.
    """
    plan = Preselection.of(connection, query, now)
    if plan.exact:
        total, groups = plan.count(by)
        return Counts(total=total, groups=_sorted(groups, by))
    judge = _Judge.of(query, plan.left, now)
    total, examined = 0, 0
    groups = Counter[str]()
    for ids in plan.walk(None, BATCH, lambda: MOST):
        held = [verdict for _, verdict in judge.over(connection, ids) if verdict is not None]
        total, examined = total + len(held), examined + len(ids)
        if by is not None:
            groups.update(group for hit in _whole(connection, held) for group in _groups_of(hit.article, by))
        if examined >= MOST:
            return Counts(total=total, groups=_sorted(groups, by), complete=False)
    return Counts(total=total, groups=_sorted(groups, by))


def _groups_of(article: Article, by: Dimension) -> list[str]:
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


def _sorted(groups: Counter[str], by: Dimension | None) -> dict[str, int]:
    """Days in order, all else the most frequent first."""
    if by == "day":
        return dict(sorted(groups.items()))
    return dict(sorted(groups.items(), key=lambda each: (-each[1], each[0])))


# --- deciding --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Held:
    """An article of which the query holds; read whole only where that was needed to decide."""

    article_id: int
    spans: tuple[Span, ...]
    words: int
    article: Article | None = None

    @property
    def score(self) -> float:
        found = Counter((span.node, span.field) for span in self.spans)
        points = sum((3.0 if name == "title" else 1.0) * (1 + math.log(times)) for (_, name), times in found.items())
        return points / (1 + math.log1p(self.words / 500))


@dataclass(frozen=True, slots=True)
class _Judge:
    """Does the query hold of articles? By their texts alone where ``left`` of it is to decide, else by the whole."""

    query: Query
    left: Query | None
    now: datetime
    look: Look | None

    @classmethod
    def of(cls, query: Query, left: Query | None, now: datetime) -> _Judge:
        return cls(query, left, now, glance((left or query).root))

    def over(self, connection: Connection, ids: list[int]) -> Iterator[tuple[int, _Held | None]]:
        """Every article that is there with what holds of it, in the given order."""
        if self.left is not None and self.left.root == And(()):
            yield from ((article_id, _Held(article_id, (), 0)) for article_id in ids)
        elif self.left is not None:
            for row in _texts(connection, ids):
                yield row.id, self._by_text(row, self.left) if self._may_hold(row) else None
        else:
            hopeful = {row.id for row in _texts(connection, ids) if self._may_hold(row)} if self.look else ids
            found = articles.load(connection, [article_id for article_id in ids if article_id in hopeful])
            for article_id in ids:
                article = found.get(article_id)
                yield article_id, None if article is None else self._by_all(article)

    def _may_hold(self, row: Any) -> bool:
        if self.look is None:
            return True
        texts = {"title": row.title, "summary": row.summary, "body": row.body, "author": "\n".join(row.authors)}
        return self.look(Sights(texts))

    def _by_text(self, row: Any, left: Query) -> _Held | None:
        text = Text(title=row.title, summary=row.summary, body=row.body, authors=tuple(row.authors))
        doc = Doc(text, topics={}, keywords=(), flags=(), seen=None)
        spans = evaluate(left, doc, self.now)
        return None if spans is None else _Held(row.id, spans, len(doc.tokens["body"]))

    def _by_all(self, article: Article) -> _Held | None:
        doc = doc_of(article)
        spans = evaluate(self.query, doc, self.now)
        return None if spans is None else _Held(article.id, spans, len(doc.tokens["body"]), article)


def _whole(connection: Connection, held: Sequence[_Held]) -> list[Hit]:
    found = articles.load(connection, [each.article_id for each in held if each.article is None])
    whole = ((each.article or found.get(each.article_id), each.spans) for each in held)
    return [Hit(article=article, spans=spans) for article, spans in whole if article is not None]


_TEXTS = (
    select(
        articles_table.c.id,
        articles_table.c.title,
        articles_table.c.authors,
        article_texts.c.summary,
        article_texts.c.body,
    )
    .join(article_texts, article_texts.c.article_id == articles_table.c.id)
    .where(articles_table.c.pruned_at.is_(None))
)


def _texts(connection: Connection, ids: list[int]) -> list[Any]:
    statement = dialect.where_among(connection, _TEXTS, articles_table.c.id)
    found = {row.id: row for row in connection.execute(statement, {"ids": dialect.values(connection, ids)})}
    return [found[article_id] for article_id in ids if article_id in found]
