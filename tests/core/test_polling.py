"""One poll decided by tables, and feeds followed over weeks with a clock of our own."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.polling import (
    Pace,
    body_hash,
    body_unchanged,
    content_hash,
    document_keys,
    entry_keys,
    explain_schedule,
    outage_now,
    plan_poll,
    request_for,
)
from monitor.model import (
    Document,
    Feed,
    FeedRejected,
    FeedSpec,
    FeedState,
    Fetched,
    FetchFailed,
    KnownEntry,
    NotModified,
    ParsedEntry,
    ParsedFeed,
    PollPlan,
    Redirect,
)

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
URL = "https://news.example/feed"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PACE = Pace()


def entry(n: int | str, *, at: datetime | None = None, **changes: Any) -> ParsedEntry:
    values: dict[str, Any] = {
        "guid": f"tag:news.example,{n}",
        "url": f"https://news.example/articles/{n}",
        "title": f"The headline of article {n}",
        "summary": f"What article {n} says.",
        "published": at,
    }
    return ParsedEntry(**(values | changes))


def document(
    *,
    url: str = URL,
    final_url: str | None = None,
    body: bytes = b"x",
    redirects: tuple[Redirect, ...] = (),
    **headers: str,
) -> Document:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Document(
        url=url, final_url=final_url or url, status=200, headers=names, body=body, fetched_at=NOW, redirects=redirects
    )


def failed(status: int | None = None, **changes: Any) -> FetchFailed:
    values: dict[str, Any] = {
        "url": URL,
        "reason": "http_status" if status else "timeout",
        "detail": "no",
        "weight": "soft",
        "fetched_at": NOW,
        "status": status,
    }
    return FetchFailed(**(values | changes))


def feed_of(entries: Iterable[ParsedEntry], **changes: Any) -> ParsedFeed:
    return ParsedFeed(format="rss20", title="News", link="https://news.example/", entries=tuple(entries), **changes)


class World:
    """One feed with its store: what ``plan_poll`` says is applied as the database would."""

    def __init__(self, pace: Pace = PACE, **spec: Any) -> None:
        self.pace, self.now = pace, NOW
        self.feed = Feed(id=7, spec=FeedSpec(url=URL, name="News", **spec), origin="config", state=FeedState())
        self.store: dict[int, KnownEntry] = {}
        self.alerting: list[str] = []
        self.notices: list[str] = []
        self.ids = itertools.count(1)

    def poll(
        self,
        what: Sequence[ParsedEntry] | ParsedFeed | FeedRejected | Fetched | None,
        *,
        after: timedelta | None = None,
        jitter: float = 0.0,
        outage: bool = False,
        fetched: Fetched | None = None,
    ) -> PollPlan:
        if after is not None:
            self.now += after
        elif self.feed.state.next_poll_at:
            self.now = self.feed.state.next_poll_at
        parsed: ParsedFeed | FeedRejected | None = None
        if isinstance(what, Document | NotModified | FetchFailed):
            fetched = what
        elif isinstance(what, ParsedFeed | FeedRejected):
            parsed = what
        elif what is not None:
            parsed = feed_of(what)
        keys = {
            k
            for each in (document_keys(parsed.entries) if isinstance(parsed, ParsedFeed) else ())
            for k in (each.identity, each.guid, each.url, each.title)
            if k
        }
        known = [
            one
            for one in self.store.values()
            if keys & {one.keys.identity, one.keys.guid, one.keys.url, one.keys.title}
        ]
        plan = plan_poll(
            self.feed, fetched or document(), parsed, known, pace=self.pace, now=self.now, jitter=jitter, outage=outage
        )
        self._apply(plan)
        return plan

    def _apply(self, plan: PollPlan) -> None:
        for new in plan.new:
            assert all(new.keys.identity != one.keys.identity for one in self.store.values()), "stored twice"
            self.store[next(self.ids)] = KnownEntry(
                id=0, keys=new.keys, content_hash=new.content_hash, article_id=0, published=new.entry.published
            )
            if not new.backlog:
                self.alerting.append(new.entry.title)
        for changed in plan.changed:
            self.store[changed.known.id] = replace(changed.known, keys=changed.keys, content_hash=changed.content_hash)
        self.store = {number: replace(one, id=number) for number, one in self.store.items()}
        identities = [one.keys.identity for one in self.store.values()]
        assert len(identities) == len(set(identities))
        self.feed = replace(self.feed, state=plan.state)
        if plan.url:
            self.feed = replace(self.feed, spec=replace(self.feed.spec, url=plan.url))
        self.notices += [notice.kind for notice in plan.notices]


def started(entries: Sequence[ParsedEntry], **pace: Any) -> World:
    world = World(Pace(**pace))
    world.poll(entries)
    return world


# --- identity --------------------------------------------------------------------------------------


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


# --- when next -------------------------------------------------------------------------------------


def wait_after(**headers: str) -> timedelta:
    world = started([entry(n, at=NOW - n * 10 * MINUTE) for n in range(20)])
    plan = world.poll([entry(n, at=NOW - n * 10 * MINUTE) for n in range(20)], fetched=document(**headers))
    assert plan.state.next_poll_at is not None
    return plan.state.next_poll_at - world.now


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({}, 5 * MINUTE, 6 * MINUTE),
        ({"cache_control": "max-age=315360000"}, DAY, DAY),
        ({"cache_control": "public, max-age=1800"}, 30 * MINUTE, 30 * MINUTE),
        ({"cache_control": "max-age=1800", "age": "600"}, 20 * MINUTE, 20 * MINUTE),
        ({"cache_control": "no-cache, max-age=315360000"}, 5 * MINUTE, 6 * MINUTE),
        ({"cache_control": "max-age=" + "9" * 400}, 5 * MINUTE, DAY),
        ({"cache_control": "max-age=-5"}, 5 * MINUTE, 6 * MINUTE),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 5 * MINUTE, 6 * MINUTE),
        ({"expires": "0"}, 5 * MINUTE, 6 * MINUTE),
        ({"expires": format_datetime(NOW + 400 * DAY)}, DAY, DAY),
        ({"expires": "Fri, 99 Foo 99999 99:99:99 GMT"}, 5 * MINUTE, 6 * MINUTE),
    ],
)
def test_t33_what_servers_ask_for_is_clamped(headers: dict[str, str], least: timedelta, most: timedelta) -> None:
    assert least <= wait_after(**headers) <= most


@pytest.mark.parametrize("retry_after", [120.0, 10.0 * 365 * 86400, -5.0, 0.0, float("nan"), float("inf"), 1e300])
def test_t33_t34_retry_after(retry_after: float) -> None:
    world = started([entry(1)])
    plan = world.poll(failed(503, retry_after=retry_after))
    assert plan.state.next_poll_at is not None
    wait = plan.state.next_poll_at - world.now
    assert PACE.least <= wait <= DAY
    if 1e6 < retry_after < 1e12:
        assert wait == DAY


@pytest.mark.parametrize(
    ("wish", "wait"),
    [(timedelta(minutes=1), 5 * MINUTE), (HOUR, HOUR), (365 * DAY, PACE.most), (None, 5 * MINUTE)],
)
def test_ttl_only_makes_it_longer_up_to_most(wish: timedelta | None, wait: timedelta) -> None:
    entries = [entry(n, at=NOW - n * MINUTE) for n in range(20)]
    world = World()
    plan = world.poll(feed_of(entries, ttl=wish))
    assert plan.state.interval == wait
    plan = world.poll(document())
    assert plan.state.interval is not None
    assert plan.state.interval >= wait


def test_skipped_hours_and_days_are_left_alone() -> None:
    world = World()
    plan = world.poll(feed_of([entry(1, at=NOW)], skip_hours=frozenset({6, 7, 8})))
    assert plan.state.next_poll_at == NOW.replace(hour=9)
    assert "not to be polled" in plan.state.reason
    plan = World().poll(feed_of([entry(1, at=NOW)], skip_days=frozenset({1, 2})))
    assert plan.state.next_poll_at == datetime(2026, 11, 26, tzinfo=UTC)
    plan = World().poll(feed_of([entry(1, at=NOW)], skip_hours=frozenset(range(24)), skip_days=frozenset(range(7))))
    assert plan.state.next_poll_at is not None
    assert plan.state.next_poll_at < NOW + DAY


def follow(per_day: float, days: float, *, pace: Pace = PACE, seed: int = 1) -> tuple[int, list[timedelta], World]:
    """A feed with entries at random, followed: polls, delays of its entries, and the world at the end."""
    chance = random.Random(seed)
    arrivals, moment = [], NOW - 7 * DAY
    while per_day and moment < NOW + days * DAY:
        moment += timedelta(days=chance.expovariate(per_day))
        arrivals.append(moment)
    world, polls, seen = World(pace), 0, set()
    delays: list[timedelta] = []
    while world.now < NOW + days * DAY:
        due = world.feed.state.next_poll_at or NOW
        visible = [a for a in arrivals if a <= due][-30:]
        world.poll([entry(a.isoformat(), at=a) for a in visible], jitter=chance.random())
        delays += [due - a for a in visible if a not in seen and a > NOW]
        seen.update(visible)
        polls += 1
    return polls, delays, world


def test_polling_follows_the_feed() -> None:
    polls = {per_day: follow(per_day, 3)[0] for per_day in (1, 10, 40, 400)}
    assert list(polls.values()) == sorted(polls.values())
    assert polls[1] < 3 * 24
    assert polls[400] <= 3 * 24 * 12 + 1
    _, delays, world = follow(40, 3)
    assert sum(delays, timedelta()) / len(delays) < 20 * MINUTE
    assert world.feed.state.new_rate is not None
    assert 15 < world.feed.state.new_rate < 100


def test_a_feed_that_never_has_anything_ends_at_most() -> None:
    _, _, world = follow(0, 14)
    assert world.feed.state.interval == PACE.most


def test_a_feed_that_falls_silent_and_wakes_is_found_again() -> None:
    _, _, world = follow(100, 2)
    quick, start = world.feed.state.interval, world.now
    while world.now < start + 14 * DAY:
        world.poll(document())
    assert quick is not None
    assert world.feed.state.interval == PACE.most > quick
    start = world.now
    for n in range(60):
        world.poll([entry(f"w{n}-{i}", at=world.now) for i in range(8)])
    assert world.feed.state.interval is not None
    assert world.feed.state.interval < HOUR
    assert world.now - start < 10 * DAY


def test_the_feeds_own_limits_win() -> None:
    world = World(every_least=2 * HOUR, every_most=3 * HOUR)
    world.poll([entry(n, at=NOW - n * MINUTE) for n in range(20)])
    assert world.feed.state.interval == 2 * HOUR
    assert "of this feed" in "\n".join(explain_schedule(world.feed, PACE, NOW))


@given(
    st.lists(
        st.sampled_from(["new", "same", "304", "500", "429", "html", "empty"]) | st.just("same"),
        min_size=1,
        max_size=40,
    ),
    st.floats(0, 0.999),
)
def test_the_next_poll_is_always_between_least_and_a_day(story: list[str], jitter: float) -> None:
    world = World()
    for turn, what in enumerate(story):
        answer: Any = {
            "new": [entry(f"{turn}-{n}", at=world.now) for n in range(3)],
            "same": [entry(0, at=NOW)],
            "304": NotModified(url=URL, final_url=URL, headers={"cache-control": "max-age=99999999"}, fetched_at=NOW),
            "500": failed(500, weight="hard"),
            "429": failed(429, retry_after=1e6),
            "html": FeedRejected(reason="html", detail="x"),
            "empty": [],
        }[what]
        plan = world.poll(answer, jitter=jitter)
        assert plan.state.next_poll_at is not None
        assert PACE.least <= plan.state.next_poll_at - world.now <= DAY * (1 + PACE.jitter_share)
        assert plan.state.reason
        assert all("\n" not in line for line in explain_schedule(world.feed, PACE, world.now))


def test_explain() -> None:
    world = started([entry(n, at=NOW - n * HOUR) for n in range(20)])
    world.poll(failed(503, retry_after=7200.0))
    text = "\n".join(explain_schedule(world.feed, PACE, world.now))
    for words in (
        "next poll: 2026-11-24",
        "in 2 h",
        "Retry-After",
        "failures: weight 0.5",
        "rate_limited",
        "new entries: about",
    ):
        assert words in text
    assert explain_schedule(World().feed, PACE, NOW) == [
        "next poll: now",
        "because: it has not been polled yet",
        "limits: 5 min to 6 h (general)",
    ]


def test_a_document_that_is_cut_off_is_read_and_asked_for_as_a_whole_again() -> None:
    world = World()
    half = feed_of([entry(1, at=NOW)], cut_off=True)
    plan = world.poll(half, fetched=document(etag='"1"'))
    assert (plan.outcome, plan.state.problem, plan.state.failures) == ("new", "cut_off", 0)
    assert plan.state.etag is None  # a 304 would hide the other half
    again = world.poll(None, fetched=document(etag='"1"'))
    assert (again.outcome, again.state.problem, again.state.etag) == ("unchanged", "cut_off", None)
    assert world.poll([entry(1, at=NOW), entry(2, at=NOW)]).state.problem is None
