"""Which entries of a document are new, known, changed or backlog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.polling import (
    Pace,
    content_hash,
    document_keys,
    entry_keys,
)
from monitor.model import (
    ParsedEntry,
)
from tests.support.polls import DAY, HOUR, MINUTE, NOW, PACE, World, entry, started


def hundred() -> list[ParsedEntry]:
    return [entry(n, at=NOW - n * HOUR) for n in range(100)]


@pytest.mark.parametrize(
    ("change", "notice"),
    [
        (lambda e: replace(e, guid=f"new-{e.guid}"), True),
        (lambda e: replace(e, guid=None), True),
        (lambda e: replace(e, guid=f"new-{e.guid}", url=f"{e.url}?utm_source=rss&fbclid=1"), True),
        (lambda e: replace(e, guid=f"x{e.guid}", url=e.url.replace("articles", "a")), True),
        (lambda e: replace(e, url=f"{e.url}?utm_source=rss"), False),
        (lambda e: replace(e, url=e.url.replace("https", "http")), False),
        (lambda e: replace(e, url=e.url.replace("news.", "www.news.")), False),
        (lambda e: replace(e, guid=e.url), True),
        (lambda e: e, False),
    ],
)
def test_t27_changed_identities_are_recognised(change: Callable[[ParsedEntry], ParsedEntry], notice: bool) -> None:
    world = started(hundred())
    for _ in range(3):
        plan = world.poll([change(e) for e in hundred()])
        assert plan.new == ()
    assert len(world.store) == 100
    assert world.notices.count("identity_remap") == notice


def test_t27_guids_that_are_addresses_move_to_https_unnoticed() -> None:
    secure = [replace(e, guid=e.url) for e in hundred()]
    world = started([replace(e, guid=e.guid.replace("https", "http")) for e in secure if e.guid])
    assert world.poll(secure).new == ()
    assert world.notices == []


def test_t27_old_entries_at_once_are_held_with_one_notice() -> None:
    world = started([entry(n, at=NOW - n * HOUR) for n in range(20)])
    strangers = [entry(f"other-{n}", at=NOW - DAY * 1.5) for n in range(30)]
    plan = world.poll(
        [entry(n, at=NOW - n * HOUR) for n in range(10)] + strangers + [entry("fresh", at=NOW + 10 * MINUTE)]
    )
    assert len(plan.new) == 31
    assert world.alerting == ["The headline of article fresh"]
    assert world.notices == ["old_entries_held"]


def test_t28_entries_that_are_never_the_same() -> None:
    world = World()
    for round_ in range(10):
        world.poll([entry(f"{round_}-{n}", at=world.now) for n in range(1_000)])
    assert world.feed.state.unstable
    assert world.alerting == []
    assert len(world.store) <= 2_000 + 8 * PACE.unstable_keep
    assert "unstable" in world.notices
    assert world.feed.state.next_poll_at is not None
    assert world.feed.state.next_poll_at - world.now >= HOUR
    last = [entry(f"9-{n}", at=world.now) for n in range(1_000)]
    world.poll(last)
    assert not world.feed.state.unstable or world.feed.state.problem == "unstable"


def test_a_busy_feed_that_turned_over_is_news() -> None:
    world = started([entry(n, at=NOW - n * MINUTE) for n in range(50)])
    world.poll([entry(f"b{n}", at=world.now + n * MINUTE) for n in range(50)], after=HOUR)
    assert len(world.alerting) == 50
    assert world.notices == []


def test_after_days_of_our_absence_fresh_entries_alert_and_old_ones_do_not() -> None:
    world = started(hundred())
    back = NOW + 10 * DAY
    world.poll([entry(f"n{n}", at=back - n * HOUR) for n in range(150)], after=10 * DAY)
    assert len(world.alerting) == 49
    assert len(world.store) == 250


@pytest.mark.parametrize(
    "entries",
    [
        [entry(n, guid="same") for n in range(5)],
        [entry(n, guid=None) for n in range(5)],
        [entry(n, guid=None, url="https://news.example/") for n in range(5)],
        [entry(n, url="https://news.example/") for n in range(5)],
        [entry(n, guid=None, url=None) for n in range(5)],
        [entry(n, title="Correction") for n in range(5)],
        [entry(n, guid="same", url="https://news.example/") for n in range(5)],
    ],
)
def test_t29_each_distinct_entry_once(entries: list[ParsedEntry]) -> None:
    world = World()
    for turn in range(5):
        plan = world.poll([*entries, *entries])
        assert len(plan.new) == (5 if turn == 0 else 0)
        assert plan.changed == ()
    for some in (entries[:1], entries[2:4], entries[::-1]):
        assert world.poll(some).new == ()
    assert len(world.store) == 5


def test_a_guid_that_comes_back_with_another_article_hides_nothing() -> None:
    world = started([entry("a", guid="1", at=NOW - HOUR)])
    for turn in range(3):
        plan = world.poll([entry("b", guid="1", at=NOW)])
        assert len(plan.new) == (turn == 0)
    assert len(world.store) == 2


def test_t30_the_first_document_is_backlog() -> None:
    world = World()
    plan = world.poll([entry(n, at=NOW - n * MINUTE) for n in range(500)])
    assert len(plan.new) == 500
    assert all(new.backlog and new.backlog_reason for new in plan.new)


def test_t30_a_first_window_may_let_young_entries_alert() -> None:
    world = World(Pace(first_window=HOUR))
    world.poll([entry("young", at=NOW - MINUTE), entry("old", at=NOW - 2 * HOUR), entry("undated")])
    assert world.alerting == ["The headline of article young"]


def test_t30_entries_that_come_back_or_come_late() -> None:
    world = started([entry(n, at=NOW - n * HOUR) for n in range(5)])
    world.poll([entry(n, at=NOW - n * HOUR) for n in range(3)])
    plan = world.poll([entry(n, at=NOW - n * HOUR) for n in range(5)] + [entry("tail", at=NOW - 30 * DAY)])
    assert [new.backlog_reason for new in plan.new] == ["dated 2026-10-25, more than 2 d ago"]
    assert world.alerting == []


def test_a_first_document_longer_than_one_poll_is_stored_whole_and_counted() -> None:
    world = World(Pace(max_new=40))
    entries = [entry(n) for n in range(100)]
    while len(world.store) < 100:
        plan = world.poll(entries)
        assert len(plan.new) <= 40
        if len(world.store) < 100:
            assert plan.state.etag is None
            assert plan.state.body_hash is None
            assert plan.state.next_poll_at == world.now + PACE.least
    assert world.alerting == []
    assert world.notices == ["many_entries", "many_entries"]


def test_changes_of_content_are_changes() -> None:
    world = started([entry(n) for n in range(3)])
    plan = world.poll(
        [entry(0), entry(1, title="Corrected headline"), entry(2, summary="  What article 2   says. ", tags=("x",))]
    )
    assert plan.outcome == "changed"
    assert [(c.cause, c.entry.title) for c in plan.changed] == [("content", "Corrected headline")]
    assert set(plan.seen) == {1, 2, 3}
    assert world.poll([entry(1, title="Corrected headline")]).changed == ()


@pytest.mark.parametrize(
    ("given", "stored", "backlog"),
    [
        (None, NOW + HOUR, False),
        (datetime(1, 1, 1, tzinfo=UTC), NOW + HOUR, False),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW + HOUR, False),
        (NOW + 90 * MINUTE, NOW + 90 * MINUTE, False),
        (NOW + DAY, NOW + HOUR, False),
        (datetime(9999, 12, 31, tzinfo=UTC), NOW + HOUR, False),
        (NOW - DAY, NOW - DAY, False),
        (NOW - 3 * DAY, NOW - 3 * DAY, True),
    ],
)
def test_t35_dates(given: datetime | None, stored: datetime, backlog: bool) -> None:
    world = started([entry(1, at=NOW)])
    (new,) = world.poll([entry(1, at=NOW), entry(2, at=given)], after=HOUR).new
    assert (new.published, new.backlog) == (stored, backlog)
    assert new.entry.published == given


def test_entries_without_an_address_have_one_of_their_own() -> None:
    world = World()
    plan = world.poll([entry(1, url=None), entry(2, url=None), entry(3, url="https://News.example/3?utm_source=x#top")])
    addresses = [new.canonical_url for new in plan.new]
    assert len(set(addresses)) == 3
    assert addresses[0].startswith("urn:")
    assert addresses[2] == "https://news.example/3"


NAMES = st.sampled_from(["a", "b", "c"])
ENTRIES = st.builds(
    ParsedEntry,
    guid=st.none() | NAMES,
    url=st.none() | NAMES.map(lambda n: f"https://x.example/{n}"),
    title=st.just("") | NAMES.map(lambda n: f"a long headline {n}"),
    summary=NAMES,
    published=st.none() | st.sampled_from([NOW, NOW - HOUR]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(ENTRIES, max_size=6), min_size=1, max_size=5))
def test_whatever_feeds_do_identities_stay_unique_and_polls_settle(documents: list[list[ParsedEntry]]) -> None:
    world = World()
    for entries in documents:
        world.poll(entries)
        triples = {(k.identity, k.guid, k.url, k.title) for k in document_keys(entries)}
        assert len(triples) == len({k.identity for k in document_keys(entries)})
        before = len(world.store)
        assert world.poll(entries).new == ()
        assert len(world.store) == before


@given(ENTRIES)
def test_keys_are_short_and_stable(one: ParsedEntry) -> None:
    keys = entry_keys(one)
    assert keys == entry_keys(one)
    assert keys.identity in (keys.guid, keys.url, keys.title) or keys.identity.startswith("x")
    assert all(len(key) == 25 for key in (keys.identity, keys.guid, keys.url, keys.title) if key)
    assert len(content_hash(one)) == 32
