"""What is asked of a feed, and what its answers come to, decided by tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitor.core.polling import (
    body_hash,
    body_unchanged,
    outage_now,
    request_for,
)
from monitor.model import (
    Document,
    FeedRejected,
    FetchFailed,
    NotModified,
    Redirect,
)
from tests.support.polls import DAY, HOUR, MINUTE, NOW, PACE, URL, World, document, entry, failed, feed_of, started

# --- the request -----------------------------------------------------------------------------------


def test_validators_are_sent_to_their_own_address_for_a_day() -> None:
    world = started([entry(1)])
    world.poll([entry(1)], fetched=document(etag='"1"', last_modified="Tue, 24 Nov 2026 05:00:00 GMT"))
    request = request_for(world.feed, now=world.now + HOUR, pace=PACE)
    assert (request.url, request.etag, request.last_modified) == (URL, '"1"', "Tue, 24 Nov 2026 05:00:00 GMT")
    assert request_for(world.feed, now=world.now + DAY, pace=PACE).etag is None
    moved = replace(world.feed, spec=replace(world.feed.spec, url="https://other.example/"))
    assert request_for(moved, now=world.now + HOUR, pace=PACE).etag is None


@pytest.mark.parametrize("what", [FeedRejected(reason="html", detail="a web page"), failed(500)])
def test_validators_of_an_error_are_not_kept(what: Any) -> None:
    world = started([entry(1)])
    world.poll([entry(1)], fetched=document(etag='"1"'))
    fetched = what if isinstance(what, FetchFailed) else document(etag='"error"')
    world.poll(what, fetched=fetched)
    assert world.feed.state.etag == '"1"'


def test_validators_behind_a_redirect_or_in_disorder_are_not_kept() -> None:
    world = started([entry(1)])
    world.poll(
        [entry(1)],
        fetched=document(
            final_url="https://other.example/", redirects=(Redirect(302, "https://other.example/"),), etag='"1"'
        ),
    )
    assert world.feed.state.etag is None
    world.poll([entry(1)], fetched=document(etag="x" * 5_000, last_modified="a\x00b"))
    assert (world.feed.state.etag, world.feed.state.last_modified) == (None, None)


def test_an_identical_body_needs_no_parser() -> None:
    body = b"<rss><lastBuildDate>Tue, 24 Nov 2026 05:00:00 GMT</lastBuildDate><item/></rss>"
    world = World()
    assert not body_unchanged(world.feed, document(body=body))
    world.poll([entry(1)], fetched=document(body=body))
    assert body_unchanged(world.feed, document(body=body.replace(b"05:00", b"06:00")))
    assert not body_unchanged(world.feed, document(body=body.replace(b"<item/>", b"")))
    assert body_hash(body) == world.feed.state.body_hash
    plan = world.poll(document(body=body, etag='"2"'))
    assert (plan.outcome, plan.state.etag, plan.state.last_full_at) == ("unchanged", '"2"', world.now)


# --- redirects, gone, failures ---------------------------------------------------------------------

NEW_URL = "https://new.example/feed"


def redirected(*statuses: int, target: str = NEW_URL) -> Document:
    return document(final_url=target, redirects=tuple(Redirect(status, target) for status in statuses))


def test_t31_a_redirect_is_believed_after_a_week_of_it() -> None:
    world = started([entry(1, at=NOW)])
    polls = 0
    while world.feed.spec.url == URL:
        assert polls < 100
        world.poll([entry(1, at=NOW)], fetched=redirected(301), after=DAY)
        polls += 1
    assert polls == 10
    assert world.feed.spec.url == NEW_URL
    assert world.notices == ["feed_moved"]
    assert world.feed.state.redirect is None


def test_t31_ten_redirects_in_an_hour_are_not_enough_nor_are_strangers() -> None:
    world = started([entry(1, at=NOW)])
    for _ in range(30):
        world.poll([entry(1, at=NOW)], fetched=redirected(301), after=5 * MINUTE)
    assert world.feed.spec.url == URL
    assert world.feed.state.problem == "moved"
    for n in range(10):
        world.poll([entry(f"other {n}", at=NOW + n * DAY)], fetched=redirected(301), after=DAY)
    assert world.feed.spec.url == URL


@pytest.mark.parametrize(
    "break_", [redirected(302), redirected(301, 302), document(), redirected(301, target="https://captive.example/")]
)
def test_t31_any_other_answer_begins_anew(break_: Document) -> None:
    world = started([entry(1, at=NOW)])
    for n in range(40):
        world.poll([entry(1, at=NOW)], fetched=break_ if n % 9 == 8 else redirected(308), after=DAY)
    assert world.feed.spec.url == URL


def test_t31_a_redirect_to_a_web_page_counts_for_nothing() -> None:
    world = started([entry(1, at=NOW)])
    for _ in range(20):
        world.poll(FeedRejected(reason="html", detail="a web page"), fetched=redirected(301), after=DAY)
    assert world.feed.state.redirect is None
    assert world.feed.spec.url == URL


def test_t31_gone_disables_with_a_notice() -> None:
    world = started([entry(1)])
    plan = world.poll(failed(410, weight="hard"))
    assert (plan.outcome, plan.state.next_poll_at) == ("gone", None)
    assert plan.state.disabled is not None
    assert world.notices == ["feed_gone"]
    assert world.poll([entry(1)], after=DAY).state.disabled is None


@pytest.mark.parametrize(
    ("what", "outcome", "problem"),
    [
        (FeedRejected(reason="html", detail="d"), "rejected", "not_a_feed"),
        (FeedRejected(reason="login_page", detail="d"), "rejected", "not_a_feed"),
        (FeedRejected(reason="not_a_feed", detail="d"), "rejected", "not_a_feed"),
        (FeedRejected(reason="hostile_xml", detail="d"), "rejected", "not_a_feed"),
        (FeedRejected(reason="empty", detail="d"), "rejected", "empty"),
        (FeedRejected(reason="poison", detail="d"), "rejected", "poison"),
        (failed(404), "failed", "unreachable"),
        (failed(403), "failed", "refused"),
        (failed(429), "failed", "rate_limited"),
        (failed(503, retry_after=120.0), "failed", "rate_limited"),
        (failed(reason="robots"), "failed", "refused"),
        (failed(), "failed", "unreachable"),
        (failed(reason="too_large"), "failed", "too_large"),
        (failed(reason="cut_off"), "failed", "cut_off"),
        (FeedRejected(reason="too_large", detail="d"), "rejected", "too_large"),
    ],
)
def test_t32_errors_are_errors(what: Any, outcome: str, problem: str) -> None:
    world = started([entry(1)])
    success = world.feed.state.last_success_at
    plan = world.poll(what)
    assert (plan.outcome, plan.state.problem) == (outcome, problem)
    assert plan.state.failures > 0
    assert plan.state.last_success_at == success
    assert plan.new == plan.changed == plan.seen == ()
    assert world.poll([entry(1, at=NOW)]).state.problem is None


def test_t32_one_notice_when_no_valid_document_came_for_long_and_one_when_it_does() -> None:
    world = started([entry(1, at=NOW)])
    for _ in range(30):
        world.poll(FeedRejected(reason="html", detail="a web page"))
    assert world.notices == ["feed_silent"]
    world.poll([entry(1, at=NOW)])
    assert world.notices == ["feed_silent", "feed_recovered"]


def test_a_valid_feed_without_entries_is_well_unless_it_had_some() -> None:
    world = World()
    plan = world.poll([])
    assert (plan.outcome, plan.state.problem, plan.state.failures) == ("empty", None, 0)
    world.poll([entry(1, at=world.now)])
    assert world.poll([]).state.problem == "empty"


def test_a_304_without_a_condition_is_stale() -> None:
    world = started([entry(1, at=NOW)])
    again = NotModified(url=URL, final_url=URL, headers={}, fetched_at=NOW)
    assert world.poll(again, after=HOUR).state.problem is None
    plan = world.poll(again, after=DAY + HOUR)
    assert plan.state.problem == "stale_304"
    assert world.poll([entry(1, at=NOW)]).state.problem is None


def test_undated_feeds_say_so() -> None:
    assert World().poll([entry(1)]).state.problem == "undated"


@pytest.mark.parametrize("weight", ["hard", "soft", "temporary"])
def test_backoff_grows_and_never_gives_up(weight: str) -> None:
    world = started([entry(1)])
    waits = []
    for _ in range(60):
        plan = world.poll(failed(weight=weight))
        assert plan.state.next_poll_at is not None
        assert plan.state.disabled is None
        waits.append(plan.state.next_poll_at - world.now)
    assert waits == sorted(waits)
    assert waits[0] <= 20 * MINUTE
    assert waits[-1] == DAY
    assert world.poll([entry(1)]).state.failures == 0


def test_in_an_outage_nothing_counts() -> None:
    world = started([entry(1)])
    before = world.feed.state
    for what in (failed(), failed(reason="dns"), FeedRejected(reason="login_page", detail="captive portal")):
        plan = world.poll(what, outage=True)
        assert (plan.outcome, plan.state.failures, plan.state.problem) == ("outage", 0, before.problem)
        assert plan.state.next_poll_at == world.now + PACE.least
    assert world.poll(failed(500), outage=True).state.failures > 0


@pytest.mark.parametrize(
    ("recent", "outage"),
    [
        ([], False),
        ([(f"h{n}", True) for n in range(4)], False),
        ([(f"h{n}", True) for n in range(10)], True),
        ([(f"h{n}", n < 7) for n in range(10)], False),
        ([("one", True)] * 100, False),
        ([(f"h{n}", True) for n in range(10)] + [(f"h{n}", False) for n in range(10)], False),
    ],
)
def test_outage(recent: list[tuple[str, bool]], outage: bool) -> None:
    assert outage_now(recent) is outage


def test_a_document_that_is_cut_off_is_read_and_asked_for_as_a_whole_again() -> None:
    world = World()
    half = feed_of([entry(1, at=NOW)], cut_off=True)
    plan = world.poll(half, fetched=document(etag='"1"'))
    assert (plan.outcome, plan.state.problem, plan.state.failures) == ("new", "cut_off", 0)
    assert plan.state.etag is None  # a 304 would hide the other half
    again = world.poll(None, fetched=document(etag='"1"'))
    assert (again.outcome, again.state.problem, again.state.etag) == ("unchanged", "cut_off", None)
    assert world.poll([entry(1, at=NOW), entry(2, at=NOW)]).state.problem is None


def test_what_an_entry_lacks_at_which_a_document_is_cut_off_is_no_change_of_it() -> None:
    world = started([entry(1, at=NOW), entry(2, at=NOW)])
    half = replace(entry(2), summary="The first wor", content="")
    plan = world.poll(feed_of([entry(1, at=NOW, summary="It reads otherwise now."), half], cut_off=True))
    assert [change.entry.summary for change in plan.changed] == ["It reads otherwise now."]
    assert [change.entry.summary for change in world.poll([half]).changed] == ["The first wor"]
