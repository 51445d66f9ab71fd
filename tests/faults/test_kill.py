"""SIGKILL at any moment: every entry is stored exactly once, every alert arrives, and repeats carry the same id."""

import asyncio
import random

import pytest

from tests.support.desk import PATIENCE, Desk, desk, judge
from tests.support.newsroom import until

FEEDS = 10
BACKLOG = 20
IN_FLIGHT = 2 * 20
"""Messages that may be on their way at once: two channels, as many each as ``per_host`` allows."""


async def publish(stage: Desk, entries: int, alerts: int, *, share: int) -> set[str]:
    """Publish ``entries``, of which ``alerts`` have the word, ``share`` by ``share`` as they are stored.

    The addresses that must alert.
    """
    chosen = set(random.Random(44).sample(range(entries), alerts))
    feeds = list(stage.room.feeds.values())
    expected = set()
    for number in range(entries):
        feed = feeds[number % len(feeds)]
        entry = stage.room.publish(feed, "kraken" if number in chosen else "")
        if number in chosen:
            expected.add(stage.room.page_url(feed, entry))
        reached = number + BACKLOG - share
        await until(lambda least=reached: stage.count("articles") > least, 10 * PATIENCE, "what was published before")
    return expected


def check(stage: Desk, entries: int, expected: set[str], kills: int) -> None:
    """From the database and the history file alone."""
    assert stage.rows("PRAGMA integrity_check") == [("ok",)]
    assert stage.count("entries") == stage.count("articles") == entries
    assert stage.rows("SELECT identity FROM entries GROUP BY feed_id, identity HAVING count(*) > 1") == []
    assert stage.count("articles", "state != 'done'") == 0
    assert stage.count("deliveries", "state != 'sent'") == 0
    verdict = judge(stage.history)
    assert set(verdict.ids) == expected
    assert all(len(ids) == 1 for ids in verdict.ids.values()), "an article was alerted under two ids"
    assert set(verdict.mailed) == {next(iter(ids)) for ids in verdict.ids.values()}
    assert verdict.repeats <= kills * IN_FLIGHT
    assert stage.log().count("alert_planned") <= stage.count("alerts"), "what was not committed is not told"
    assert "Traceback" not in stage.log()
    assert "task_crashed" not in stage.log()


def settled(stage: Desk, entries: int) -> bool:
    return (
        stage.count("articles", "state = 'done'") == entries
        and stage.count("deliveries", "state != 'sent'") == 0
        and stage.count("deliveries") > 0
    )


@pytest.mark.parametrize(
    ("kills", "entries", "alerts", "pages"),
    [(5, 300, 60, False), pytest.param(30, 2000, 500, True, marks=pytest.mark.slow)],
)
async def test_t44_killed_at_random_during_ingest(tmp_path, kills, entries, alerts, pages):
    chance = random.Random(kills)
    async with desk(tmp_path, fetch_pages=pages) as stage:
        for number in range(FEEDS):
            feed = stage.room.feed(f"desk{number}")
            feed.shown = entries
            for _ in range(BACKLOG // FEEDS):  # a feed of which every entry is new at once would be held
                stage.room.publish(feed)
        await stage.start()
        await until(lambda: stage.count("articles", "state = 'done'") == BACKLOG, PATIENCE, "backlog")
        await stage.service.kill()
        publishing = asyncio.ensure_future(publish(stage, entries, alerts, share=entries // kills))
        for _ in range(kills):
            kind = chance.choice(["starting", "started", "working", "working"])
            if kind != "starting":
                starts = 1 + stage.log().count("daemon_started")
                stored = stage.count("articles") + stage.count("deliveries", "state = 'sent'")
                await stage.start()
                await until(lambda seen=starts: stage.log().count("daemon_started") == seen, PATIENCE, "a start")
                if kind == "working" and not publishing.done():
                    await until(
                        lambda seen=stored: (
                            stage.count("articles") + stage.count("deliveries", "state = 'sent'") > seen
                        ),
                        PATIENCE,
                        "work",
                    )
            else:
                await stage.start()
            await asyncio.sleep(chance.uniform(0.1, 1.5))
            await stage.service.kill()
        await stage.start()
        expected = await publishing
        await until(
            lambda: settled(stage, entries + BACKLOG),
            PATIENCE + entries / 5,
            "all entries stored and all alerts delivered",
        )
        assert await stage.service.stop() == 0
        check(stage, entries + BACKLOG, expected, kills)


PLACES = ("fetched", "before_commit", "after_commit", "leased", "sent_before_mark", "marked")


def passage(place: str, turn: int) -> int:
    """The passage to be killed at. A start commits a few times before it has read anything, so commits go further."""
    return 1 + 3 * turn if place.endswith("_commit") else 1 + turn % 3


@pytest.mark.parametrize(
    "places", [PLACES, *(pytest.param([place] * 10, marks=pytest.mark.slow, id=place) for place in PLACES)]
)
async def test_t45_killed_at_each_failpoint(tmp_path, places):
    """``sent_before_mark`` is where a message must come twice; nowhere may one be missing."""
    entries = 12 * len(places)
    async with desk(tmp_path) as stage:
        feed = stage.room.feed("desk")
        feed.shown = BACKLOG + entries
        for _ in range(BACKLOG):  # a feed of which every entry is new at once would be held
            stage.room.publish(feed)
        await stage.start()
        await until(lambda: stage.count("articles", "state = 'done'") == BACKLOG, PATIENCE, "first poll")
        assert await stage.service.stop() == 0
        expected = set()
        for turn, place in enumerate(places):
            for number in range(12):
                entry = stage.room.publish(feed, "kraken" if number % 3 == 0 else "")
                if number % 3 == 0:
                    expected.add(stage.room.page_url(feed, entry))
            await stage.start(MONITOR_FAIL=f"{place}:{passage(place, turn)}:kill")
            assert await asyncio.wait_for(stage.service.process.wait(), PATIENCE) == -9
        await stage.start()
        await until(
            lambda: settled(stage, BACKLOG + entries) and len(judge(stage.history).ids) == len(expected),
            PATIENCE,
            "the rest",
        )
        assert await stage.service.stop() == 0
        check(stage, BACKLOG + entries, expected, len(places))
        assert judge(stage.history).repeats >= places.count("sent_before_mark")
        assert stage.count("attempts", "outcome = 'begun'") >= places.count("sent_before_mark"), "the ledger says so"


async def test_t45_killed_in_a_migration_leaves_no_database_that_is_half_made(tmp_path):
    async with desk(tmp_path) as stage:
        stage.room.feed("desk")
        await stage.start(MONITOR_FAIL="migrate_step:1:kill")
        assert await asyncio.wait_for(stage.service.process.wait(), PATIENCE) == -9
        await stage.start()
        await until(lambda: stage.count("feeds", "polls > 0") == 1, PATIENCE, "first poll")
        assert await stage.service.stop() == 0
        assert stage.rows("PRAGMA integrity_check") == [("ok",)]
