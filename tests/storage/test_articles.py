from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from monitor.core.pages import furniture
from monitor.core.stories import COPIES_WITHIN
from monitor.errors import NotKnown
from monitor.model import (
    Candidate,
    Duplicate,
    Fingerprint,
    Joins,
    Text,
)
from monitor.storage import (
    articles,
    candidates,
    entries,
    feeds,
    pruning,
    quarantine,
    site_blocks,
    stories,
    vitals,
)
from monitor.storage import pending as pending_rows
from monitor.storage.engine import Database
from tests.storage.material import (
    HOUR,
    NOW,
    add_feed,
    analysis,
    due,
    fingerprint,
    full_analysis,
    ingest,
    new_entry,
    poll,
)


def copies_of(database: Database, mark: Fingerprint, *, but: int, since: datetime) -> tuple[Candidate, ...]:
    return database.read_now(candidates.find, mark, but=but, copies_since=since, reports_since=since)


def reports_of(database: Database, keys: tuple[int, ...], *, but: int, since: datetime) -> tuple[Candidate, ...]:
    return database.read_now(candidates.find, None, keys, but=but, copies_since=since, reports_since=since)


def test_all_that_was_found_comes_back(database: Database, ids: list[int]) -> None:
    found = full_analysis()
    page = articles.Page(fetched_at=NOW, final_url="u", content_type="text/html", packed=articles.pack(b"<p>" * 99))
    saved = database.write_now(ingest, ids[0], found, page=page, keys=(1, 2))
    assert (saved.version, saved.edited) == (1, False)
    kept = database.read_now(articles.article, ids[0])
    assert kept.analysis == found
    assert (kept.state, kept.version, kept.feed, kept.seen) == ("done", 1, "World", NOW)
    assert database.read_now(articles.article, "https://news.example/a/0") == kept
    assert articles.unpack(database.read_now(articles.page, ids[0]).packed) == b"<p>" * 99
    assert database.read_now(pending_rows.pending_article, ids[0], NOW) is None
    assert database.read_now(articles.article, 999) is None
    assert database.read_now(articles.article, "https://unknown.example/") is None


def test_due_articles_are_leased(database: Database, ids: list[int]) -> None:
    assert database.write_now(due, NOW, 2) == ids[:2]
    assert database.write_now(due, NOW, 9) == ids[2:]
    assert database.write_now(due, NOW, 9) == []
    assert database.read_now(pending_rows.next_due) == NOW + pending_rows.LEASE
    assert sorted(database.write_now(due, NOW + pending_rows.LEASE, 9)) == ids
    database.write_now(vitals.release_leases)
    assert database.read_now(pending_rows.next_due) == NOW
    database.write_now(pending_rows.postpone, ids[0], NOW + HOUR, "503")
    assert database.write_now(due, NOW, 9) == ids[1:]
    assert database.write_now(due, NOW + HOUR, 1, lease=HOUR)
    assert database.read_now(articles.problem, ids[0]) == "503"
    database.write_now(pending_rows.lease_articles, ids, None)
    assert database.read_now(pending_rows.pending_article, ids[0], NOW) is None
    assert database.read_now(pending_rows.pending_article, ids[0], NOW + HOUR).attempts == 1


def test_an_edited_text_is_a_new_version(database: Database, ids: list[int]) -> None:
    one = ids[0]
    database.write_now(ingest, one, analysis(title="First", body="first body"))
    database.write_now(pending_rows.retry, [one], NOW + HOUR, cause="edited")
    saved = database.write_now(ingest, one, analysis(title="Second", body="second body"), at=NOW + HOUR, placement=None)
    assert (saved.version, saved.edited) == (2, True)
    kept = database.read_now(articles.article, one)
    assert (kept.analysis.text.title, kept.edited_at, kept.version) == ("Second", NOW + HOUR, 2)
    assert kept.story_id is not None
    first, second = database.read_now(articles.versions, one)
    assert (first.title, first.body, first.at, first.cause, first.version) == ("First", "first body", NOW, "new", 1)
    assert (second.title, second.at, second.cause, second.version) == ("Second", NOW + HOUR, "edited", 2)


def test_what_changes_while_it_is_read_is_read_again(database: Database, ids: list[int]) -> None:
    pending = database.read_now(pending_rows.pending_article, ids[0], NOW)
    assert pending is not None
    database.write_now(pending_rows.retry, ids[:1], NOW + HOUR)  # as a poll does that finds the entry changed
    database.write_now(lambda c: ingest(c, ids[0], at=NOW + HOUR, due_at=pending.due_at))
    again = database.read_now(pending_rows.pending_article, ids[0], NOW + HOUR)
    assert again is not None
    database.write_now(lambda c: ingest(c, ids[0], at=NOW + HOUR, due_at=again.due_at, placement=None))
    assert database.read_now(pending_rows.pending_article, ids[0], NOW + 2 * HOUR) is None


def test_the_same_text_again_is_no_new_version(database: Database, ids: list[int]) -> None:
    found = full_analysis()
    database.write_now(ingest, ids[0], found)
    database.write_now(pending_rows.retry, [ids[0]], NOW, cause="reprocess")
    saved = database.write_now(ingest, ids[0], replace(found, topics=()), at=NOW + HOUR, placement=None)
    assert (saved.version, saved.edited) == (1, False)
    kept = database.read_now(articles.article, ids[0])
    assert kept.analysis == replace(found, topics=())
    assert kept.edited_at is None
    assert len(database.read_now(articles.versions, ids[0])) == 1


def test_set_aside_and_taken_up_again(database: Database, ids: list[int]) -> None:
    database.write_now(pending_rows.set_aside, ids[0], "killed two workers")
    kept = database.read_now(articles.article, ids[0])
    assert (kept.state, kept.analysis.text.title) == ("quarantined", "Report 0")
    assert ids[0] not in database.write_now(due, NOW + 9 * HOUR, 9)
    assert database.write_now(pending_rows.retry, [ids[0]], NOW) == 1
    assert ids[0] in database.write_now(due, NOW + 99 * HOUR, 9)
    database.write_now(ingest, ids[0])
    assert database.read_now(articles.article, ids[0]).state == "done"


def test_saving_an_unknown_article_is_an_error(database: Database) -> None:
    with pytest.raises(NotKnown):
        database.write_now(ingest, 77, placement=None)


# --- candidates ------------------------------------------------------------------------------------


def test_copies_are_found_by_shared_bands(database: Database, ids: list[int]) -> None:
    marks = [fingerprint(1, 2, 3, text="a"), fingerprint(2**64 - 1, -7, text="b"), fingerprint(9, text="a")]
    for article_id, mark in zip(ids, marks, strict=False):
        database.write_now(ingest, article_id, replace(full_analysis(), fingerprint=mark))

    def found(mark: Fingerprint, since=NOW - HOUR) -> list[int]:
        return [each.article_id for each in copies_of(database, mark, but=ids[4], since=since)]

    assert found(fingerprint(3, 2, text="x")) == [ids[0]]
    assert found(fingerprint(2**64 - 1, text="x")) == [ids[1]]
    assert found(fingerprint(-7, text="x")) == [ids[1]]
    assert found(fingerprint(9, text="a")) == [ids[2]]
    assert found(fingerprint(10, text="x")) == []
    assert found(fingerprint(3, 2, text="x"), since=NOW + HOUR) == []
    (candidate,) = copies_of(database, marks[1], but=ids[4], since=NOW)
    assert candidate.fingerprint == replace(marks[1], bands=())
    assert (candidate.title, candidate.site, candidate.countries) == ("Border talks", "news.example", ("UZ", "KZ"))
    assert candidate.people == ("Bo Both", "Cy Side")


def test_a_copy_brings_the_article_that_it_copies(database: Database, ids: list[int]) -> None:
    database.write_now(ingest, ids[0], replace(analysis(), fingerprint=fingerprint(1, text="a")))
    story = database.read_now(articles.article, ids[0]).story_id
    copy = Duplicate(of=ids[0], story_id=story, similarity=0.93, why="the same shingles")
    database.write_now(ingest, ids[1], replace(analysis(), fingerprint=fingerprint(2, text="b")), placement=copy)
    kept = database.read_now(articles.article, ids[1])
    assert (kept.duplicate_of, kept.similarity, kept.duplicate_reason) == (ids[0], 0.93, "the same shingles")
    found = copies_of(database, fingerprint(2, text="c"), but=0, since=NOW)
    assert [each.article_id for each in found] == [ids[1], ids[0]]
    assert found[0].duplicate_of == ids[0]


def test_a_report_brings_the_first_of_its_story(database: Database, ids: list[int]) -> None:
    """Without it a story could drift away from what it began with."""
    early = NOW - timedelta(days=9)
    database.write_now(ingest, ids[0], replace(analysis(), fingerprint=fingerprint(1, text="a")), keys=(1,), at=early)
    story = database.read_now(articles.article, ids[0]).story_id
    assert story is not None
    copy = Duplicate(of=ids[0], story_id=story, similarity=0.9, why="copy")
    database.write_now(ingest, ids[1], analysis(), placement=copy)
    joins = Joins(story_id=story, similarity=0.5, why="same event")
    late = replace(analysis(), fingerprint=fingerprint(7, text="c"))
    database.write_now(ingest, ids[2], late, placement=joins, keys=(2,))
    found = reports_of(database, (2,), but=ids[4], since=NOW - HOUR)
    assert [each.article_id for each in found] == [ids[2], ids[0]]
    alike = copies_of(database, fingerprint(7, text="d"), but=ids[4], since=NOW)
    assert [each.article_id for each in alike] == [ids[2], ids[0]]
    assert reports_of(database, (2,), but=ids[0], since=NOW - HOUR) == found[:1]


def test_a_key_that_thousands_share_costs_a_bounded_look(database: Database) -> None:
    feed_id = database.write_now(add_feed)
    many = database.write_now(poll, feed_id, [new_entry(n) for n in range(200)])
    for article_id in many[:150]:
        mark = fingerprint(5, article_id, text=str(article_id))
        database.write_now(ingest, article_id, replace(analysis(), fingerprint=mark), keys=(6,))
    found = copies_of(database, fingerprint(5, many[3]), but=0, since=NOW)
    assert many[3] in [each.article_id for each in found]
    assert len(found) < 40
    reports = reports_of(database, (6,), but=0, since=NOW)
    assert {each.article_id for each in reports} <= set(many[110:150])


def test_a_story_counts_its_reports_copies_and_sites(database: Database, ids: list[int]) -> None:
    database.write_now(ingest, ids[0], analysis(site="a.example"), keys=(1, 2))
    story = database.read_now(articles.article, ids[0]).story_id
    assert story is not None
    joins = Joins(story_id=story, similarity=0.5, why="same event")
    database.write_now(ingest, ids[1], analysis(site="b.example"), placement=joins, keys=(2,))
    copy = Duplicate(of=ids[0], story_id=story, similarity=1.0, why="same")
    database.write_now(ingest, ids[2], analysis(site="b.example"), placement=copy)
    kept = database.read_now(stories.story, story)
    assert (kept.articles, kept.copies, kept.sites, kept.title) == (3, 1, 2, "Border talks")
    assert database.read_now(stories.story_articles, story) == ids[:3]
    (candidate, other) = reports_of(database, (1, 2), but=ids[4], since=NOW)
    assert (candidate.article_id, other.article_id, candidate.story_id) == (ids[0], ids[1], story)
    split = database.write_now(stories.split, [ids[1]], NOW)
    assert [each.articles for each in database.read_now(stories.list_stories)] == [1, 2]
    assert database.read_now(stories.story, split).sites == 1
    page = database.read_now(stories.list_stories, limit=1)
    rest = database.read_now(stories.list_stories, before=(page[0].last_at, page[0].id))
    assert [each.id for each in (*page, *rest)] == [split, story]


# --- upkeep ----------------------------------------------------------------------------------------


def test_pruned_articles_leave_a_tombstone_until_no_feed_shows_them(database: Database, ids: list[int]) -> None:
    page = articles.Page(fetched_at=NOW, final_url="u", content_type=None, packed=articles.pack(b"x"))
    for article_id in ids[:3]:
        found = replace(full_analysis(), fingerprint=fingerprint(1, text="a"))
        database.write_now(ingest, article_id, found, page=page, keys=(1,))
    later = NOW + timedelta(days=100)
    pruned = pruning.prune(database, later, articles=timedelta(days=90), pages=timedelta(days=7))
    assert (pruned.articles, pruned.pages) == (3, 3)
    assert database.read_now(articles.article, ids[0]) is None
    feed_id = database.read_now(feeds.find_feed, "World").id
    assert database.write_now(poll, feed_id, [new_entry(0)], at=later) == []
    assert len(database.read_now(entries.known_entries, feed_id, [new_entry(0).keys])) == 1
    assert copies_of(database, fingerprint(1, text="a"), but=0, since=NOW) == ()
    assert pruning.prune(database, later, keys=timedelta(days=30)).keys == 6
    assert pruning.prune(database, later, tombstones=timedelta(days=99)).entries == 3
    assert database.read_now(vitals.totals)["articles"] == 2
    assert database.read_now(vitals.integrity) == []
    assert database.read_now(vitals.status).pending == 2


def test_copies_of_thirty_days_are_found_after_older_keys_are_dropped(database: Database) -> None:
    feed_id = database.write_now(add_feed)
    days = [40, 31, 29, 1]
    ids = [
        database.write_now(poll, feed_id, [new_entry(days_ago)], at=NOW - timedelta(days=days_ago))[0]
        for days_ago in days
    ]
    for article_id in ids:
        mark = fingerprint(5, -article_id, text=str(article_id))
        database.write_now(ingest, article_id, replace(analysis(), fingerprint=mark), keys=(6,))
    assert pruning.prune(database, NOW, keys=COPIES_WITHIN).keys == 6
    for article_id, known in zip(ids, (False, False, True, True), strict=True):
        mark = fingerprint(-article_id, text="x")
        found = copies_of(database, mark, but=0, since=NOW - COPIES_WITHIN)
        assert [each.article_id for each in found] == ([article_id] if known else [])
    assert pruning.prune(database, NOW, keys=COPIES_WITHIN).keys == 0


def test_lines_that_recur_on_a_site_are_known(database: Database, ids: list[int]) -> None:
    """Not from copies, and not for ever."""
    least, day = furniture.RECURS, timedelta(days=1)
    for article_id in ids[: least - 1]:
        database.write_now(ingest, article_id, analysis(blocks=(1, -(2**63), 10 + article_id)))
    known = partial(database.read_now, site_blocks.recurring, "news.example")
    assert known(NOW) == frozenset()
    copy = Duplicate(of=ids[0], story_id=None, similarity=1.0, why="same")
    database.write_now(ingest, ids[least - 1], analysis(blocks=(1,)), placement=copy)
    database.write_now(ingest, ids[0], analysis(blocks=(1,)), placement=None)
    assert known(NOW) == frozenset()
    database.write_now(site_blocks.count, "news.example", [1], NOW + day)
    database.write_now(site_blocks.count, "other.example", [-(2**63)], NOW + day)
    assert known(NOW + day) == {1}
    assert known(NOW + 40 * day) == frozenset()
    assert database.write_now(site_blocks.prune, NOW + 3.5 * day) == least - 1
    pruning.prune(database, NOW + 20 * day, keys=COPIES_WITHIN)
    assert known(NOW + 20 * day) == {1}
    database.write_now(site_blocks.count, "news.example", [1], NOW + 40 * day)
    assert known(NOW + 40 * day) == frozenset()
    assert database.write_now(site_blocks.prune, NOW + 80 * day) == 2


def test_quarantine_counts_deaths_and_ends(database: Database) -> None:
    harm = quarantine.Quarantined(
        kind="page", hash="h", url="https://x.example/", reason="hung", deaths=1, at=NOW, until=NOW + HOUR
    )
    assert database.write_now(quarantine.put, harm) == 1
    assert database.write_now(quarantine.put, harm) == 2
    assert database.read_now(quarantine.held, "page", "h", NOW).deaths == 2
    assert database.read_now(quarantine.held, "page", "h", NOW + HOUR) is None
    assert len(database.read_now(quarantine.latest)) == 1
    database.write_now(quarantine.release, "page", "h")
    with pytest.raises(NotKnown):
        database.write_now(quarantine.release, "page", "h")


def test_poison_in_every_text_of_an_analysis_is_stored_alike(database: Database, ids: list[int]) -> None:
    bad = "a\0b\ud800c"
    found = analysis(title=bad, body=bad, tags=(bad,), authors=(bad,))
    database.write_now(ingest, ids[0], found)
    text = database.read_now(articles.article, ids[0]).analysis.text
    assert isinstance(text, Text)
    assert (text.title, text.body, text.tags, text.authors) == ("abc", "abc", ("abc",), ("abc",))
