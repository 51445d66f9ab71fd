"""When a feed is asked next, followed over weeks with a clock of our own."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.polling import (
    Pace,
    explain_schedule,
)
from monitor.model import (
    FeedRejected,
    NotModified,
)
from tests.support.polls import DAY, HOUR, MINUTE, NOW, PACE, URL, World, document, entry, failed, feed_of, started


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
