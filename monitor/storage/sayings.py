"""Quotations in the archive: who said what about what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, literal, or_, select

from monitor.core.keywords import keyword_key
from monitor.core.query.document import Doc
from monitor.core.query.matching import evaluate
from monitor.core.query.tree import Age, And, Flag, Not, Query, Sentence, walk
from monitor.storage import search
from monitor.storage.schema import quotes

if TYPE_CHECKING:
    from monitor.core.query.tree import Node
    from monitor.model import Article, Quote

BATCH = 200
MOST = 20_000
"""So many quotations are looked at for one answer; then it says that there may be more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A quotation and the article that it stands in; ``position`` is its number there."""

    article: Article
    position: int
    quote: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Sayings:
    """Quotations, last seen first; ``next`` is what to give as ``before`` for more, ``None`` at the end."""

    found: tuple[Saying, ...]
    next: tuple[int, int] | None
    complete: bool = True


def find(
    connection: Connection,
    now: datetime,
    *,
    speaker: str | None = None,
    about: Query | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    copies: bool = False,
    before: tuple[int, int] | None = None,
    limit: int = 50,
) -> Sayings:
    """Quotations whose speaker's name has the words ``speaker`` in a row, and for whose own words ``about`` holds.

    Words of ``about`` are looked for in the quotation alone; its keyword fields speak of the article. ``before`` is
    article and position of a page's last. A text that is a copy says nothing again: only with ``copies``.
    """
    query = _articles(about, now, since, until, copies=copies)
    if speaker is None:
        source = _of_articles(connection, query, now, before)
    else:
        source = _of_speaker(connection, keyword_key("person", speaker), query, now, before)
    found: list[Saying] = []
    for looked, saying in enumerate(source, 1):
        last = (saying.article.id, saying.position)
        if about is None or evaluate(about, _doc(saying), now) is not None:
            found.append(saying)
        if len(found) == limit or looked == MOST:
            return Sayings(found=tuple(found), next=last, complete=len(found) == limit)
    return Sayings(found=tuple(found), next=None)


def _articles(
    about: Query | None, now: datetime, since: datetime | None, until: datetime | None, *, copies: bool
) -> Query:
    """The articles to look into. What holds for words of a text holds for the text, unless something must not be there
    or sentences are counted, which begin anew in a quotation.
    """
    parts: list[Node] = [Flag("has:quote")]
    if about is not None and not any(isinstance(node, Not | Sentence) for node in walk(about.root)):
        parts.append(about.root)
    if since is not None:
        parts.append(Age("seen", now - since))
    if until is not None:
        parts.append(Not(Age("seen", now - until)))
    if not copies:
        parts.append(Not(Flag("is:duplicate")))
    return Query(And(tuple(parts)) if len(parts) > 1 else parts[0])


def _of_articles(
    connection: Connection, query: Query, now: datetime, before: tuple[int, int] | None
) -> Iterator[Saying]:
    last = before[0] + 1 if before else None
    while True:
        page = search.newest(connection, query, now, limit=BATCH, before=last)
        for hit in page.hits:
            for position, quote in enumerate(hit.article.analysis.quotes):
                if before is None or (-hit.article.id, position) > (-before[0], before[1]):
                    yield Saying(article=hit.article, position=position, quote=quote)
        last = page.next
        if last is None:
            return


def _of_speaker(
    connection: Connection, key: str, query: Query, now: datetime, before: tuple[int, int] | None
) -> Iterator[Saying]:
    q = quotes.c
    words = key.replace("\\", "").replace("%", "").replace("_", "\\_")
    statement = (
        select(q.article_id, q.position)
        .where((literal(" ") + q.speaker_key + literal(" ")).like(f"% {words} %", escape="\\"))
        .order_by(q.article_id.desc(), q.position)
        .limit(BATCH)
    )
    while True:
        page = statement
        if before is not None:
            page = page.where(or_(q.article_id < before[0], (q.article_id == before[0]) & (q.position > before[1])))
        rows = [(row.article_id, row.position) for row in connection.execute(page)]
        ids = sorted({article_id for article_id, _ in rows})
        held = {hit.article.id: hit.article for hit in search.hits_among(connection, query, now, ids)}
        for article_id, position in rows:
            article = held.get(article_id)
            if article is not None and position < len(article.analysis.quotes):
                yield Saying(article=article, position=position, quote=article.analysis.quotes[position])
        if len(rows) < BATCH:
            return
        before = rows[-1]


def _doc(saying: Saying) -> Doc:
    """The quotation as queries see it: its own words, and the keywords of its article."""
    article, analysis = saying.article, saying.article.analysis
    own = replace(analysis.text, title="", summary="", body=saying.quote.text, authors=())
    return Doc.of(
        own,
        topics={topic.name: topic.score for topic in analysis.topics},
        countries=[country.code for country in analysis.countries],
        people=analysis.named,
        feed=article.feed,
        is_duplicate=article.duplicate_of is not None,
        is_edited=article.edited_at is not None,
        has_quote=True,
        seen=article.seen,
    )
