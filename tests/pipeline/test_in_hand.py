"""How much is under way at once: pages are not fetched far ahead of their readers, and slow hosts hold nobody up."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

from monitor import pipeline
from monitor.app import Places
from monitor.model import FeedSpec
from monitor.storage import feeds as feed_rows
from monitor.storage import pending as pending_rows
from monitor.storage.engine import Database
from monitor.wakeups import Task
from monitor.wakeups.memory import MemoryWakeups
from tests.storage.material import NOW, new_entry, poll


async def test_places_are_bounded():
    places, inside, most = Places(3), 0, 0

    async def visit():
        nonlocal inside, most
        async with places.place():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(visit() for _ in range(20)))
    assert most == 3


async def test_whoever_waits_long_lends_the_place_and_has_one_again_afterwards():
    places, slow, got = Places(1), asyncio.Event(), asyncio.Event()

    async def wait_for_a_slow_host():
        async with places.place():
            async with places.lent(after=0.01):
                await slow.wait()
            assert not places._free.locked() or got.is_set()

    waiting = asyncio.ensure_future(wait_for_a_slow_host())
    for _ in range(5):
        async with asyncio.timeout(5), places.place():
            got.set()
    slow.set()
    await waiting
    async with asyncio.timeout(5), places.place():
        assert places._free.locked(), "there is one place, as in the beginning"


async def test_a_place_that_is_not_waited_in_long_is_not_lent():
    places = Places(1)
    async with places.place():
        async with places.lent(after=60):
            assert places._free.locked()
        assert places._free.locked()
    assert not places._free.locked()


async def test_rows_are_found_while_a_slow_host_has_hundreds_of_them(tmp_path):
    with Database.open(tmp_path / "monitor.db") as database:
        app = SimpleNamespace(
            db=database,
            now=lambda: NOW,
            wakeups=MemoryWakeups(per_lane=1, at_once=4, crashed=lambda *_: None),
        )
        spec = FeedSpec(url="http://feeds.example/a.xml", name="A")
        feed_id = database.write_now(feed_rows.add_feed, spec, datetime(2020, 1, 1, tzinfo=UTC)).id
        woken = database.write_now(poll, feed_id, [new_entry(n) for n in range(pipeline.DUE_AT_ONCE + 9)])
        app.wakeups.wake(Task("ingest_article", article_id, "slow") for article_id in woken[:-1])
        database.write_now(pending_rows.lease_articles, woken[:-1], NOW + pending_rows.LEASE)
        assert await pipeline.wake_due(app) >= 1
        assert app.wakeups.waiting("ingest_article") == len(woken)
