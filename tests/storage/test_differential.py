"""Documents and queries made by Hypothesis: the definitions, the evaluator, SQLite and PostgreSQL find the same.

A failing case is printed as a query and its documents.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from monitor.core.query import Doc, Query, QueryIndex
from monitor.model import Analysis, CountryMention, Duplicate, Person, Quote, Starts, TopicMatch
from monitor.storage import pending as pending_rows
from monitor.storage import search
from monitor.storage.engine import Database
from tests.core.query.made import NOW, documents, roots
from tests.core.query.reference import Naive, matches
from tests.storage.material import add_feed, ingest, new_entry, poll


class Done(Exception):
    """Ends a transaction of which nothing should stay."""


def store(connection: Connection, number: int, naive: Naive, feed_id: int) -> int:
    """The document as an article."""
    (article_id,) = poll(connection, feed_id, [new_entry(number)], at=naive.seen)
    found = Analysis(
        text=naive.text,
        topics=tuple(TopicMatch(name=name, score=score) for name, score in naive.topics.items()),
        countries=tuple(CountryMention(code, 1) for code in dict.fromkeys(naive.countries)),
        people=tuple(Person(name) for name in naive.people),
        quotes=(Quote("x", None, 0, 1),) if "has:quote" in naive.flags else (),
    )
    copy = Duplicate(of=article_id, story_id=None, similarity=1.0, why="")
    placement = copy if "is:duplicate" in naive.flags else Starts()
    if "is:edited" in naive.flags:
        before = replace(naive.text, title="before", body=f"{naive.text.body} gamma before")
        ingest(connection, article_id, replace(found, text=before), placement=placement)
        pending_rows.retry(connection, [article_id], NOW, cause="edited")
        placement = None
    ingest(connection, article_id, found, placement=placement)
    return article_id


def as_stored(number: int, naive: Naive) -> Naive:
    """With what an article always has: an address of its own, and a time at which it was seen."""
    address = f"{naive.text.url or 'https://elsewhere.example/x'}{number}"
    return Naive(
        replace(naive.text, url=address),
        topics=naive.topics,
        countries=naive.countries,
        people=naive.people,
        feed=naive.feed,
        flags=naive.flags,
        seen=naive.seen or NOW,
    )


def live(naive: Naive) -> Doc:
    return Doc.of(
        naive.text,
        topics=naive.topics,
        countries=naive.countries,
        people=naive.people,
        feed=naive.feed,
        is_duplicate="is:duplicate" in naive.flags,
        is_edited="is:edited" in naive.flags,
        has_quote="has:quote" in naive.flags,
        seen=naive.seen,
    )


def told(query: Query, found: Iterable[Naive]) -> str:
    """The failing case in words: the query, and the documents about which it is not agreed."""
    lines = [f"query: {query}"]
    for naive in found:
        known = {name: value for name, value in vars(naive).items() if name in KNOWN and value}
        texts = {name: held for name, held in naive.fields.items() if held}
        beside = {"url": naive.text.url, "lang": naive.text.lang, "tags": naive.text.tags}
        lines.append(f"document: {texts | beside | known} published {naive.text.published}")
    return "\n".join(lines)


KNOWN = ("topics", "countries", "people", "feed", "flags", "seen")


def compare(connection: Connection, found: list[Naive], queries: list[Query]) -> None:
    feed_ids = {name: add_feed(connection, name, f"https://{name[:4]}.example/") for name in ("World News", "Desk")}
    ids = {store(connection, number, naive, feed_ids[naive.feed]): naive for number, naive in enumerate(found)}
    index = QueryIndex(dict(enumerate(queries)))
    percolated = {article_id: index.match(live(naive), NOW) for article_id, naive in ids.items()}
    for number, query in enumerate(queries):
        wanted = [article_id for article_id, naive in sorted(ids.items(), reverse=True) if matches(query, naive, NOW)]
        marked = {article_id: spans[number] for article_id, spans in percolated.items() if number in spans}

        def same(who: str, answer: list[int], query: Query = query, wanted: list[int] = wanted) -> None:
            disputed = sorted(set(answer) ^ set(wanted)) or ids
            assert answer == wanted, f"{who}\n{told(query, [ids[each] for each in disputed])}"

        same("live", sorted(marked, reverse=True))
        page = search.newest(connection, query, NOW, limit=100)
        same("archive, newest first", [hit.article.id for hit in page.hits])
        for hit in page.hits:
            assert hit.spans == marked[hit.article.id], f"places\n{told(query, [ids[hit.article.id]])}"
        assert search.count(connection, query, NOW).total == len(wanted), f"count\n{told(query, ids.values())}"
        best = search.relevant(connection, query, NOW, limit=100)
        same("archive, most relevant", sorted((hit.article.id for hit in best.hits), reverse=True))
        among = search.hits_among(connection, query, NOW, sorted(ids))
        same("archive, among given ones", [hit.article.id for hit in among][::-1])
    raise Done


def check(address: str, examples: int) -> None:
    with Database.open(address) as database:

        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(st.lists(documents(), min_size=1, max_size=4), st.lists(roots, min_size=4, max_size=8))
        def same(made, trees) -> None:
            found = [as_stored(number, naive) for number, (_, _, naive) in enumerate(made)]
            with suppress(Done):
                database.write_now(compare, found, [Query(root) for root in trees])

        same()


on_both = pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])


@on_both
def test_made_documents_are_found_by_made_queries(request: pytest.FixtureRequest, dialect: str) -> None:
    check(request.getfixturevalue(f"{dialect}_address"), 40)


@pytest.mark.slow
@on_both
def test_many_made_documents_are_found_by_many_made_queries(request: pytest.FixtureRequest, dialect: str) -> None:
    check(request.getfixturevalue(f"{dialect}_address"), 1_000)
