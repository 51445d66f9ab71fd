"""What the reading commands ask: whereabouts, quotations, statistics, revisions; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from monitor.core.query.syntax import parse
from monitor.model import CountryMention, Duplicate, Quote, TopicMatch
from monitor.storage import alerts, articles, feeds, ingestion, lookup, polling, revision, sayings, search, statistics
from monitor.storage.engine import Database
from tests.storage.material import HOUR, NOW, add_feed, alert, analysis, delivery, ingest, match, new_entry, poll

DAY = timedelta(days=1)


@pytest.fixture
def archive(database: Database) -> Database:
    """Three articles of two days: the second copies the first, the third waits."""

    def fill(connection: Connection) -> None:
        feed = add_feed(connection)
        ids = [
            *poll(connection, feed, [new_entry(1)], at=NOW),
            *poll(connection, feed, [new_entry(2)], at=NOW + DAY),
            *poll(connection, feed, [new_entry(3)], at=NOW + DAY + HOUR),
        ]
        said = (Quote("We shall meet at the border", "the minister", 0, 27, "Bo Both"), Quote("No", "he", 30, 32))
        first = analysis(
            url="https://news.example/a/1", page_url="https://news.example/real/1", quotes=said,
            topics=(TopicMatch(name="diplomacy", score=0.7),), countries=(CountryMention("UZ", 1),),
        )  # fmt: skip
        ingest(connection, ids[0], first)
        story_id = articles.load(connection, ids[:1])[ids[0]].story_id
        copy = Duplicate(of=ids[0], story_id=story_id, similarity=1.0, why="the same text")
        again = replace(first, text=replace(first.text, url="https://news.example/a/2"), page_url=None)
        ingest(connection, ids[1], again, at=NOW + DAY, placement=copy)

    database.write_now(fill)
    return database


def test_where_an_article_stands(archive: Database) -> None:
    state = archive.read_now(lookup.lifecycle, "https://news.example/a/1?utm_source=x")
    assert state is not None
    assert (state.id, state.state, state.version, state.seen) == (1, "done", 1, NOW)
    waiting = archive.read_now(lookup.lifecycle, 3)
    assert waiting is not None
    assert (waiting.state, waiting.version) == ("pending", 0)
    assert archive.read_now(lookup.lifecycle, 99) is None
    assert archive.read_now(lookup.ids_span) == (1, 3)


def test_who_listed_it_and_what_copies_it(archive: Database) -> None:
    (listing,) = archive.read_now(lookup.entries_of, 1)
    assert (listing.feed, listing.first_seen) == ("World", NOW)
    assert listing.entry is not None
    assert listing.entry.title == "Report 1"
    found = archive.read_now(polling.poll_at, listing.feed_id, listing.first_seen)
    assert found is not None
    assert found.status == 200
    assert archive.read_now(articles.copies_of, [1, 2]) == {1: [2]}
    assert archive.read_now(lookup.page_kept, 1) is None


def test_addresses_and_feeds_of_a_site(archive: Database) -> None:
    known = archive.read_now(lookup.addresses_of_site, "https://news.example/anything")
    assert known["https://news.example/real/1"] == 1, "the address that the page gave itself"
    assert [feed.spec.name for feed in archive.read_now(lookup.feeds_of_site, "https://www.news.example/x")] == [
        "World"
    ]
    assert archive.read_now(lookup.feeds_of_site, "https://other.example/x") == []
    assert archive.read_now(lookup.refused, "https://news.example/a/1") == []


def test_quotations(archive: Database) -> None:
    def keys(**asked) -> list[tuple[int, int]]:
        found = archive.read_now(sayings.find, NOW + 2 * DAY, **asked)
        return [(each.article.id, each.position) for each in found.found]

    assert keys() == [(1, 0), (1, 1)]
    assert keys(copies=True) == [(2, 0), (2, 1), (1, 0), (1, 1)]
    assert keys(speaker="both", copies=True) == [(2, 0), (1, 0)]
    assert keys(speaker="both", copies=True, before=(2, 0)) == [(1, 0)]
    assert keys(copies=True, before=(2, 0)) == [(2, 1), (1, 0), (1, 1)]
    assert keys(speaker="_oth") == []
    assert keys(about=parse("border topic:diplomacy")) == [(1, 0)]
    assert keys(about=parse("country:UZ NOT border")) == [(1, 1)]
    assert keys(since=NOW + HOUR, copies=True) == [(2, 0), (2, 1)]
    page = archive.read_now(sayings.find, NOW + 2 * DAY, copies=True, limit=2)
    assert page.next == (2, 1)


def test_counts_by_day(archive: Database) -> None:
    days = archive.read_now(statistics.by_day, NOW - DAY, NOW + 5 * DAY)
    assert days["articles"] == {NOW.date(): 1, (NOW + DAY).date(): 2}
    assert days["copies"] == {(NOW + DAY).date(): 1}
    assert days["alerts"] == {}
    assert archive.read_now(statistics.by_group, "topic", NOW, NOW + DAY) == {"diplomacy": {NOW.date(): 1}}
    assert list(archive.read_now(statistics.by_group, "feed", NOW, NOW + 5 * DAY)) == ["World"]
    assert archive.read_now(statistics.by_group, "lang", NOW, NOW + DAY) == {"en": {NOW.date(): 1}}
    whole = archive.read_now(statistics.totals)
    assert (whole["articles"], whole["copies"], whole["quotes"], whole["first"]) == (3, 1, 4, NOW)


def test_copies_are_left_out_only_with_their_original(archive: Database) -> None:
    query = parse("border")
    hits = archive.read_now(search.newest, query, NOW).hits
    kept, left_out = archive.read_now(search.without_copies, query, NOW, hits)
    assert ([hit.article.id for hit in kept], left_out) == ([1], 1)
    only_copy = parse('border url:"https://news.example/a/2"')
    hits = archive.read_now(search.newest, only_copy, NOW).hits
    kept, left_out = archive.read_now(search.without_copies, only_copy, NOW, hits)
    assert ([hit.article.id for hit in kept], left_out) == ([2], 0)


def test_arrivals_are_of_what_was_stored_since(archive: Database) -> None:
    assert [row[:2] for row in archive.read_now(search.arrivals, after=NOW)] == [(2, 1)]
    hits = archive.read_now(search.hits_among, parse("border"), NOW, [2, 1, 3])
    assert [hit.article.id for hit in hits][:2] == [2, 1]
    assert archive.read_now(search.count, parse("border"), NOW, by="site").groups == {"news.example": 2}


def test_topics_are_replaced_unless_the_article_was_read_anew(archive: Database) -> None:
    article = archive.read_now(articles.load, [1])[1]
    assert archive.write_now(revision.save_topics, article, [TopicMatch(name="trade", score=0.5)])
    assert [topic.name for topic in archive.read_now(articles.load, [1])[1].analysis.topics] == ["trade"]
    assert not archive.write_now(revision.save_topics, replace(article, version=7), [])
    assert archive.write_now(revision.save_topics, article, [])
    assert archive.read_now(articles.load, [1])[1].analysis.topics == ()


def test_matches_are_added_held_and_dropped_unless_alerted(archive: Database) -> None:
    article = archive.read_now(articles.load, [1])[1]
    assert archive.write_now(revision.save_matches, article, NOW, gained=[match("borders"), match("talks")], lost=[])
    held = archive.read_now(alerts.matches, article_id=1)
    assert {each.detail for each in held} == {revision.NEVER_ALERTED}

    def alerted(connection: Connection) -> None:
        alerts.save(
            connection, 1, 1, NOW, matches=[match("borders")], alerts=[alert(1)], holds=[], deliveries=[delivery()]
        )

    archive.write_now(alerted)
    kept = archive.read_now(revision.matches_of, [1, 2])[1]
    assert {name: each.alert_id for name, each in kept.items()} == {"borders": "01a", "talks": None}
    archive.write_now(revision.save_matches, article, NOW, gained=[], lost=["borders", "talks"])
    assert list(archive.read_now(revision.matches_of, [1])[1]) == ["borders"]


def test_a_new_reading_is_a_version_and_no_edit(archive: Database) -> None:
    def page(connection: Connection) -> None:
        kept = articles.Page(fetched_at=NOW, final_url="https://news.example/a/1", content_type=None, packed=b"x")
        ingestion._save_page(connection, 1, kept)

    archive.write_now(page)
    assert archive.read_now(revision.count, None) == 2
    assert archive.read_now(revision.count, None, with_page=True) == 1
    assert archive.read_now(revision.page_ids_after, 0, 10) == [1]
    assert archive.read_now(revision.page_ids_after, 0, 10, since=NOW + HOUR) == []
    entry, lang = archive.read_now(revision.entry_and_lang, 1)
    assert entry is not None
    assert (entry.title, lang) == ("Report 1", None)
    article = archive.read_now(articles.load, [1])[1]
    read = analysis(body="Wholly other words about a zebra.", url="https://news.example/a/1")
    assert archive.write_now(revision.save_reading, article, read, [5], NOW + DAY)
    now = archive.read_now(articles.load, [1])[1]
    assert (now.version, now.edited_at, now.story_id, now.state) == (2, None, article.story_id, "done")
    assert [version.cause for version in archive.read_now(articles.versions, 1)] == ["new", "reprocess"]
    assert [hit.article.id for hit in archive.read_now(search.newest, parse("zebra"), NOW).hits] == [1]
    assert not archive.write_now(revision.save_reading, article, read, [5], NOW + DAY), "it was read anew meanwhile"
    assert archive.read_now(feeds.list_feeds)[0].spec.name == "World"
