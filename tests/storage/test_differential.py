"""Documents and queries made by Hypothesis: the definitions, the evaluator, SQLite and PostgreSQL find the same.

A failing case is printed as a query and its documents.
"""

from __future__ import annotations

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


def compare(connection: Connection, found: list[Naive], queries: list[Query]) -> None:
    feed_ids = {name: add_feed(connection, name, f"https://{name[:4]}.example/") for name in ("World News", "Desk")}
    ids = {store(connection, number, naive, feed_ids[naive.feed]): naive for number, naive in enumerate(found)}
    index = QueryIndex(dict(enumerate(queries)))
    percolated = {article_id: index.match(live(naive), NOW) for article_id, naive in ids.items()}
    for number, query in enumerate(queries):
        wanted = [article_id for article_id, naive in sorted(ids.items(), reverse=True) if matches(query, naive, NOW)]
        page = search.newest(connection, query, NOW, limit=100)
        assert [hit.article.id for hit in page.hits] == wanted, str(query)
        assert {hit.article.id: hit.spans for hit in page.hits} == {
            article_id: spans[number] for article_id, spans in percolated.items() if number in spans
        }, str(query)
        assert search.count(connection, query, NOW).total == len(wanted), str(query)
        best = search.relevant(connection, query, NOW, limit=100)
        assert sorted((hit.article.id for hit in best.hits), reverse=True) == wanted, str(query)
        assert [hit.article.id for hit in search.hits_among(connection, query, NOW, sorted(ids))] == wanted[::-1]
    raise Done


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_made_documents_are_found_by_made_queries(request: pytest.FixtureRequest, dialect: str) -> None:
    with Database.open(request.getfixturevalue(f"{dialect}_address")) as database:

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(st.lists(documents(), min_size=1, max_size=4), st.lists(roots, min_size=4, max_size=8))
        def same(made, trees) -> None:
            found = [as_stored(number, naive) for number, (_, _, naive) in enumerate(made)]
            with suppress(Done):
                database.write_now(compare, found, [Query(root) for root in trees])

        same()
