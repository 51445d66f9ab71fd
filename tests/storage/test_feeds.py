from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest

from monitor.errors import NotKnown, UsageError
from monitor.model import ChangedEntry, EntryKeys, FeedSpec, FeedState, Notice, ParsedEntry, RedirectEvidence
from monitor.storage import articles, entries, feeds, notices, polling, pruning, quarantine, vitals
from monitor.storage import pending as pending_rows
from monitor.storage.engine import Database
from tests.storage.material import HOUR, NOW, add_feed, due, new_entry, plan, poll


def spec(name: str, **more) -> FeedSpec:
    return FeedSpec(url=more.pop("url", f"https://{name}.example/feed"), name=name, **more)


def test_every_word_of_the_operator_comes_back(database: Database) -> None:
    given = spec(
        "full",
        group="agencies",
        tags=("a", "b"),
        lang="uz",
        country="UZ",
        tier=1,
        every_least=timedelta(minutes=5),
        every_most=timedelta(days=1, microseconds=1),
        fetch_pages=False,
    )
    added = database.write_now(feeds.add_feed, given, NOW)
    assert added.spec == given
    assert added.origin == "command"
    assert database.read_now(feeds.feed, added.id) == added


def test_every_column_of_a_feeds_state_comes_back(database: Database) -> None:
    state = FeedState(
        etag='W/"x"',
        last_modified="Sun, 01 Mar 2026 00:00:00 GMT",
        validators_url="https://news.example/feed",
        body_hash="abc",
        next_poll_at=NOW + HOUR,
        last_polled_at=NOW,
        last_success_at=NOW - HOUR,
        last_full_at=NOW - 2 * HOUR,
        last_new_at=NOW - 3 * HOUR,
        first_polled_at=NOW - 4 * HOUR,
        failures=1.25,
        interval=timedelta(minutes=17, microseconds=3),
        new_rate=3.5,
        reason="three new a day",
        problem="moved",
        problem_detail="to elsewhere",
        redirect=RedirectEvidence(target="https://new.example/", count=2, first_seen=NOW),
        title="The World",
        link="https://news.example/",
        format="rss20",
        unstable=True,
        disabled="gone",
    )
    unset = [each.name for each in fields(FeedState) if getattr(state, each.name) == each.default]
    assert unset == []
    feed_id = database.write_now(add_feed)
    database.write_now(poll, feed_id, state=state)
    found = database.read_now(feeds.feed, feed_id)
    assert found is not None
    assert found.state == state


def test_configured_feeds_are_synchronised_and_keep_their_state(database: Database) -> None:
    first = database.write_now(feeds.sync_config_feeds, [spec("a"), spec("b")], NOW)
    assert (first.added, first.changed, first.removed) == (2, 0, 0)
    a = database.read_now(feeds.find_feed, "a")
    database.write_now(poll, a.id, state=FeedState(next_poll_at=NOW + HOUR, etag="E"))
    second = database.write_now(feeds.sync_config_feeds, [spec("a", tier=1), spec("c")], NOW)
    assert (second.added, second.changed, second.removed) == (1, 1, 1)
    a = database.read_now(feeds.find_feed, "a")
    assert (a.spec.tier, a.state.etag, a.origin) == (1, "E", "config")
    assert [feed.spec.name for feed in database.read_now(feeds.list_feeds)] == ["a", "c"]
    third = database.write_now(feeds.sync_config_feeds, [spec("a", tier=1), spec("c")], NOW)
    assert (third.added, third.changed, third.removed) == (0, 0, 0)


def test_a_removed_configured_feed_comes_back_with_what_was_known(database: Database) -> None:
    database.write_now(feeds.sync_config_feeds, [spec("a")], NOW)
    a = database.read_now(feeds.find_feed, "a")
    database.write_now(poll, a.id, [new_entry(1)])
    database.write_now(feeds.sync_config_feeds, [], NOW)
    assert database.write_now(polling.due_feeds, NOW + 2 * HOUR, 10) == []
    database.write_now(feeds.sync_config_feeds, [spec("a")], NOW + 2 * HOUR)
    assert [feed.id for feed in database.write_now(polling.due_feeds, NOW + 2 * HOUR, 10)] == [a.id]
    assert len(database.read_now(entries.known_entries, a.id, [new_entry(1).keys])) == 1


def test_a_feed_that_moved_stays_the_same_feed(database: Database) -> None:
    database.write_now(feeds.sync_config_feeds, [spec("a")], NOW)
    a = database.read_now(feeds.find_feed, "a")
    database.write_now(poll, a.id, url="https://moved.example/feed")
    moved = database.read_now(feeds.find_feed, "a")
    assert (moved.spec.url, moved.listed_url) == ("https://moved.example/feed", "https://a.example/feed")
    database.write_now(feeds.sync_config_feeds, [spec("a")], NOW)
    assert database.read_now(feeds.find_feed, "a").spec.url == "https://moved.example/feed"
    database.write_now(feeds.sync_config_feeds, [spec("a", url="https://moved.example/feed")], NOW)
    after = database.read_now(feeds.list_feeds)
    assert [(feed.id, feed.listed_url) for feed in after] == [(a.id, "https://moved.example/feed")]


def test_feeds_of_the_file_are_read_only_to_commands(database: Database) -> None:
    database.write_now(feeds.sync_config_feeds, [spec("a")], NOW)
    with pytest.raises(UsageError, match="configuration file"):
        database.write_now(feeds.remove_feed, "a", NOW)
    with pytest.raises(UsageError, match="already listed"):
        database.write_now(feeds.add_feed, spec("a"), NOW)
    with pytest.raises(NotKnown):
        database.write_now(feeds.remove_feed, "b", NOW)
    database.write_now(feeds.add_feed, spec("b"), NOW)
    database.write_now(feeds.remove_feed, "b", NOW)
    assert [feed.spec.name for feed in database.read_now(feeds.list_feeds)] == ["a"]


def test_due_feeds_are_leased_and_come_back_when_the_lease_ends(database: Database) -> None:
    first, second = (database.write_now(add_feed, name, f"https://{name}.example/") for name in ("a", "b"))
    database.write_now(poll, first, next_poll_at=NOW + 2 * HOUR)
    assert [feed.id for feed in database.write_now(polling.due_feeds, NOW, 10)] == [second]
    assert database.write_now(polling.due_feeds, NOW, 10) == []
    assert database.read_now(polling.next_due) == NOW + polling.LEASE
    assert [feed.id for feed in database.write_now(polling.due_feeds, NOW + polling.LEASE, 10)] == [second]
    database.write_now(polling.release_feed, second)
    assert database.read_now(polling.next_due) == NOW
    assert [feed.id for feed in database.write_now(polling.due_feeds, NOW + 3 * HOUR, 1)] == [second]
    database.write_now(poll, second, next_poll_at=NOW + 9 * HOUR)
    assert database.read_now(polling.next_due) == NOW + 2 * HOUR
    database.write_now(polling.due_feeds, NOW + 3 * HOUR, 1)
    database.write_now(vitals.release_leases)
    assert [feed.id for feed in database.write_now(polling.due_feeds, NOW + 3 * HOUR, 9)] == [first]


def test_disabled_feeds_are_not_polled_until_they_are_resumed(database: Database) -> None:
    feed_id = database.write_now(add_feed)
    database.write_now(feeds.set_disabled, feed_id, "410 Gone", NOW)
    assert database.write_now(polling.due_feeds, NOW + HOUR, 10) == []
    assert database.read_now(polling.next_due) is None
    database.write_now(feeds.set_disabled, feed_id, None, NOW)
    assert len(database.write_now(polling.due_feeds, NOW, 10)) == 1


def test_a_poll_stores_entries_with_their_articles_once(database: Database) -> None:
    feed_id = database.write_now(add_feed)
    wake = database.write_now(poll, feed_id, [new_entry(n) for n in range(20)])
    assert len(wake) == len(set(wake)) == 20
    assert database.write_now(poll, feed_id, [new_entry(n) for n in range(20)]) == []
    counts = database.read_now(vitals.totals)
    assert (counts["entries"], counts["articles"], counts["polls"]) == (20, 20, 2)
    pending = database.read_now(pending_rows.pending_article, wake[3], NOW)
    assert pending is not None
    assert pending.entry == new_entry(3).entry
    assert pending.cause == "new"
    assert pending.article.analysis.text.body == "Text of report 3."
    assert pending.article.state == "pending"
    assert pending.feed.id == feed_id


def test_two_feeds_bring_one_address_once(database: Database) -> None:
    one, two = (database.write_now(add_feed, name, f"https://{name}.example/") for name in ("a", "b"))
    (first,) = database.write_now(poll, one, [new_entry(1)])
    assert database.write_now(poll, two, [new_entry(1)]) == []
    (known,) = database.read_now(entries.known_entries, two, [new_entry(1).keys])
    assert known.article_id == first


def test_two_entries_of_one_document_with_one_address_share_the_article(database: Database) -> None:
    feed_id = database.write_now(add_feed)
    same = [new_entry(1, url="https://news.example/live"), new_entry(2, url="https://news.example/live")]
    (only,) = database.write_now(poll, feed_id, same)
    known = database.read_now(entries.known_entries, feed_id, [each.keys for each in same])
    assert {each.article_id for each in known} == {only}
    assert database.read_now(articles.article, only).analysis.text.title == "Report 1"


def test_entries_are_known_by_any_of_their_keys(database: Database) -> None:
    feed_id = database.write_now(add_feed)
    other = database.write_now(add_feed, "other", "https://other.example/")
    database.write_now(poll, feed_id, [new_entry(n) for n in range(50)])
    nothing = EntryKeys(identity="x", guid=None, url=None, title=None)
    by_title = EntryKeys(identity="x", guid="y", url="z", title="title-7")
    by_url = EntryKeys(identity="x", guid="y", url="url-9", title=None)
    found = database.read_now(entries.known_entries, feed_id, [nothing, by_title, by_url, new_entry(9).keys])
    assert sorted(each.keys.identity for each in found) == ["guid-7", "guid-9"]
    assert database.read_now(entries.known_entries, other, [by_title]) == []
    assert database.read_now(entries.known_entries, feed_id, []) == []


def test_known_entries_are_looked_up_by_index(sqlite_address: str) -> None:
    with Database.open(sqlite_address) as database:
        feed_id = database.write_now(add_feed)
        database.write_now(poll, feed_id, [new_entry(n) for n in range(5)])

        def plan_of(connection):
            statement = entries._known_statement(connection, ("identity", "guid_key", "url_key", "title_key"))
            sql = str(statement.compile(dialect=connection.dialect))
            return [row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, (feed_id, "[]") * 4)]

        steps = database.read_now(plan_of)
    assert not [step for step in steps if step.startswith("SCAN entries")]
    assert len([step for step in steps if "SEARCH entries USING" in step]) == 5


def test_a_changed_entry_makes_its_article_work_again(database: Database) -> None:
    feed_id = database.write_now(add_feed)
    (article_id,) = database.write_now(poll, feed_id, [new_entry(1)])
    database.write_now(pending_rows.due_articles, NOW, 10)
    (known,) = database.read_now(entries.known_entries, feed_id, [new_entry(1).keys])
    edited = ParsedEntry(
        guid="guid-1", url="https://news.example/a/1", title="Report 1, corrected", content="New text."
    )
    change = ChangedEntry(known=known, keys=known.keys, entry=edited, content_hash="other", cause="content")
    later = NOW + HOUR
    assert database.write_now(poll, feed_id, at=later, changed=(change,)) == [article_id]
    pending = database.read_now(pending_rows.pending_article, article_id, later)
    assert (pending.cause, pending.entry) == ("edited", edited)
    assert database.write_now(due, later) == [article_id]
    assert database.read_now(entries.known_entries, feed_id, [known.keys])[0].content_hash == "other"
    assert database.read_now(polling.history, feed_id)[0].changed == 1


def test_a_remapped_entry_takes_its_new_keys_and_makes_no_work(database: Database) -> None:
    feed_id = database.write_now(add_feed)
    database.write_now(poll, feed_id, [new_entry(1), new_entry(2)])
    (known,) = database.read_now(entries.known_entries, feed_id, [new_entry(1).keys])
    keys = EntryKeys(identity="guid-new", guid="guid-new", url="url-1", title="title-1")
    change = ChangedEntry(
        known=known, keys=keys, entry=new_entry(1).entry, content_hash=known.content_hash, cause="remap"
    )
    assert database.write_now(poll, feed_id, changed=(change,)) == []
    (found,) = database.read_now(entries.known_entries, feed_id, [keys])
    assert (found.id, found.keys) == (known.id, keys)
    taken = EntryKeys(identity="guid-2", guid="guid-2", url="url-1", title="title-1")
    clash = ChangedEntry(known=found, keys=taken, entry=new_entry(1).entry, content_hash="h", cause="remap")
    database.write_now(poll, feed_id, changed=(clash,))
    assert {each.id for each in database.read_now(entries.known_entries, feed_id, [keys])} == {known.id}


def test_seen_entries_and_notices_and_history(database: Database) -> None:
    feed_id = database.write_now(add_feed)
    database.write_now(poll, feed_id, [new_entry(1)])
    (known,) = database.read_now(entries.known_entries, feed_id, [new_entry(1).keys])
    later = NOW + timedelta(days=2)
    said = (Notice(kind="feed_moved", text="It moved."),)
    database.write_now(poll, feed_id, at=later, seen=(known.id,), notices=said)
    (notice,) = database.read_now(notices.latest)
    assert (notice.kind, notice.text, notice.feed_id, notice.at) == ("feed_moved", "It moved.", feed_id, later)
    latest, first = database.read_now(polling.history, feed_id)
    assert (latest.at, first.at, first.new, first.status, first.size) == (later, NOW, 1, 200, 1000)
    assert first.reason == "every hour"
    assert pruning.prune(database, NOW + timedelta(days=3), polls=timedelta(days=2)).polls == 1


@pytest.mark.parametrize(
    "poison",
    ["NUL \0 here", "lone \ud800 surrogate", "emoji \U0001f600 and \ufffe", "\u0301" * 1000, "x" * 2_000_000],
    ids=["nul", "surrogate", "astral", "marks", "2MB"],
)
def test_t37_no_text_is_poison(database: Database, poison: str) -> None:
    """One poisoned row within a batch of 100: the others are stored, and the batch is not tried for ever."""
    feed_id = database.write_now(add_feed)
    batch = [new_entry(n) for n in range(100)]
    batch[50] = new_entry(50, title=poison, content=poison, authors=(poison,), tags=(poison,))
    wake = database.write_now(poll, feed_id, batch)
    assert len(wake) == 100
    text = database.read_now(articles.article, wake[50]).analysis.text
    expected = poison.replace("\0", "").replace("\ud800", "")
    assert (text.title, text.body, text.authors) == (expected, expected, (expected,))


def test_t37_an_entry_that_the_database_refuses_is_set_aside_alone(database: Database) -> None:
    feed_id = database.write_now(add_feed)
    batch = [new_entry(n) for n in range(100)]
    refused = new_entry(50)
    batch[50] = type(refused)(
        keys=refused.keys,
        entry=ParsedEntry(guid="g", url="u", title="t", point=(object(), 1.0)),  # type: ignore[arg-type]
        content_hash="bad",
        canonical_url="https://news.example/bad",
        published=refused.published,
        backlog=False,
    )
    database.write_now(poll, feed_id, batch)
    counts = database.read_now(vitals.totals)
    assert (counts["entries"], counts["articles"]) == (99, 99)
    (aside,) = database.read_now(quarantine.latest)
    assert (aside.kind, aside.hash, aside.url) == ("entry", "bad", "https://news.example/bad")
    assert plan().outcome == "ok"
