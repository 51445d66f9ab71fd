"""SIGTERM under load, twice, SIGHUP with what cannot be read, and a restart while messages wait."""

import asyncio
import signal
import sqlite3
from contextlib import closing

from tests.support.desk import PATIENCE, desk, judge
from tests.support.newsroom import until


async def laden(stage, entries):
    """A started daemon that has ``entries`` new articles whose pages never come."""
    feed = stage.room.feed("desk")
    feed.shown = entries
    await stage.start()
    await until(lambda: stage.count("feeds", "polls > 0") == 1, PATIENCE, "first poll")

    async def never(talk):
        await talk.silence()

    answers = {}
    for _ in range(entries):
        entry = stage.room.publish(feed, "kraken")
        path = f"/{feed.name}/{entry.number}"
        answers[path] = stage.room.server.behaviours[path]
        stage.room.server.on(path, never)
    await until(lambda: stage.count("articles") == entries, PATIENCE, "entries")
    return answers


async def test_t47_sigterm_under_load_ends_soon_and_loses_nothing(tmp_path):
    async with desk(tmp_path, fetch_pages=True) as stage:
        answers = await laden(stage, 60)
        stage.service.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(stage.service.process.wait(), 30) == 0
        assert "Traceback" not in stage.log()
        assert stage.count("entries") == stage.count("articles") == 60, "no half feed"
        stage.room.server.behaviours.update(answers)
        await stage.start()
        await until(lambda: len(judge(stage.history).mailed) == 60, PATIENCE, "all alerts after the restart")
        assert await stage.service.stop() == 0
        verdict = judge(stage.history)
        assert verdict.repeats == 0
        assert stage.rows("PRAGMA integrity_check") == [("ok",)]


async def test_t47_sigterm_twice_ends_at_once(tmp_path):
    async with desk(tmp_path) as stage:
        feed = stage.room.feed("desk")
        await stage.start()
        await until(lambda: stage.count("feeds", "polls > 0") == 1, PATIENCE, "first poll")
        stuck = asyncio.Event()

        async def never(talk):
            stuck.set()
            await talk.silence()

        stage.hook.server.on("/hook", never)
        stage.room.publish(feed, "kraken")
        await asyncio.wait_for(stuck.wait(), PATIENCE)
        stage.service.process.send_signal(signal.SIGTERM)
        await until(lambda: "daemon_stopping" in stage.log(), PATIENCE, "first SIGTERM")
        assert stage.service.process.returncode is None, "a message on its way is waited for"
        stage.service.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(stage.service.process.wait(), 15) == 1
        stage.hook.server.on("/hook", stage.hook.take)
        await stage.start()
        await until(lambda: len(judge(stage.history).ids) == 1, PATIENCE, "the message that was cut off")
        assert await stage.service.stop() == 0


async def test_t47_a_configuration_that_cannot_be_read_changes_nothing(tmp_path):
    async with desk(tmp_path) as stage:
        feed = stage.room.feed("desk")
        await stage.start()
        await until(lambda: stage.count("feeds", "polls > 0") == 1, PATIENCE, "first poll")
        config = stage.service.config
        for number, spoil in enumerate((config.unlink, config.mkdir), start=1):
            spoil()
            stage.service.process.send_signal(signal.SIGHUP)
            await until(lambda seen=number: stage.log().count("config_refused") == seen, PATIENCE, "refusal")
        assert "config_reloaded" not in stage.log()
        config.rmdir()
        config.write_bytes(b"\xff\xfe not text")
        stage.service.process.send_signal(signal.SIGHUP)
        await until(lambda: stage.log().count("config_refused") == 3, PATIENCE, "refusal")
        stage.room.publish(feed, "kraken")
        await until(lambda: len(judge(stage.history).mailed) == 1, PATIENCE, "alert by the old configuration")
        stage.service.reload(stage.config())
        await until(lambda: "config_reloaded" in stage.log(), PATIENCE, "reload")
        assert await stage.service.stop() == 0


async def test_t49_messages_that_wait_survive_restart_and_reload_and_come_once(tmp_path):
    async with desk(tmp_path) as stage:
        feed = stage.room.feed("desk")
        await stage.start()
        await until(lambda: stage.count("feeds", "polls > 0") == 1, PATIENCE, "first poll")
        stage.hook.status = 503
        for _ in range(5):
            stage.room.publish(feed, "kraken")
        await until(lambda: stage.count("deliveries", "state = 'retry'") == 5, PATIENCE, "failed attempts")
        await until(lambda: len(judge(stage.history).mailed) == 5, PATIENCE, "mails")
        stage.service.reload(stage.config())
        await until(lambda: "config_reloaded" in stage.log(), PATIENCE, "reload")
        assert await stage.service.stop() == 0
        with closing(sqlite3.connect(stage.service.database)) as database:  # instead of waiting for five minutes
            database.execute("UPDATE deliveries SET next_attempt_at = created_at WHERE state = 'retry'")
            database.commit()
        stage.hook.status = 204
        await stage.start()
        await until(lambda: len(judge(stage.history).ids) == 5, PATIENCE, "the waiting messages")
        await asyncio.sleep(1)
        assert await stage.service.stop() == 0
        verdict = judge(stage.history)
        assert verdict.repeats == 0
        assert set(verdict.mailed) == {next(iter(ids)) for ids in verdict.ids.values()}
