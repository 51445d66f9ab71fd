"""Alerts over time with the real daemon, a real mail server and a real webhook receiver; each test is a script."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

from tests.acceptance.test_daemon import config_of, rows, stage
from tests.support.newsroom import until

DONE = "SELECT 1 FROM articles WHERE state = 'done'"


def rule(**words):
    """A rule that finds “kraken” and tells the hook."""
    words = {"name": "kraken", "query": "kraken", "channels": ["hook"], **words}
    return "[[rules]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in words.items())


async def ready(room, service):
    """The daemon runs and has read the empty feed, so that what comes now is news."""
    await service.start()
    await service.started()
    await until(lambda: room.asked["/desk.xml"] >= 1, 20, "first poll")
    await asyncio.sleep(0.5)


def kinds(hook):
    return [payload["type"] for _, payload in hook.received]


async def done(service, number):
    await until(lambda: len(rows(service, DONE)) == number, 30, f"{number} articles")


async def test_a_story_is_told_once_and_again_when_a_better_source_reports_it(tmp_path):
    async with stage(tmp_path, rules="") as (room, feed, hook, mail, service):
        wire = room.feed("wire")
        told = config_of(room, hook, mail, rules=rule(follow_up=["tier"]))
        service.config.write_text(told.replace('name = "wire"', 'name = "wire"\ntier = 1'))
        await ready(room, service)
        await until(lambda: room.asked["/wire.xml"] >= 1, 20, "first poll of the wire")
        first = room.publish(feed, "kraken")
        await until(lambda: len(hook.received) == 1, 20, "first report")
        again = room.publish(feed, "kraken")
        again.title, again.paragraphs = first.title, [*first.paragraphs[:-1], "It was seen by more people this time."]
        await done(service, 2)
        better = room.publish(wire, "kraken")
        better.title, better.paragraphs = (
            first.title,
            [*first.paragraphs[:-2], "The wire has seen it with its own eyes."],
        )
        await done(service, 3)
        await asyncio.sleep(1)
        story = rows(service, "SELECT count(DISTINCT story_id) FROM articles")
        held = rows(service, "SELECT hold FROM matches WHERE hold IS NOT NULL")
        assert story == [(1,)]
        assert set(held) <= {("duplicate",), ("story_already_alerted",)}
        assert len(hook.received) + len(held) == 3
        assert await service.stop() == 0


async def test_what_comes_within_wait_is_one_message_and_a_restart_keeps_it(tmp_path):
    """Items at 0, want one message at 4; the daemon is killed in between."""
    async with stage(tmp_path, rules=rule(trigger="each", wait="4s", every="1h", group_by="rule")) as (
        room, feed, hook, _, service,
    ):  # fmt: skip
        await ready(room, service)
        for _ in range(3):
            room.publish(feed, "kraken")
        await done(service, 3)
        assert hook.received == []
        assert rows(service, "SELECT DISTINCT hold, hold_refers_to FROM matches") == [("waiting", "kraken|rule")]
        await service.kill()
        await service.start()
        await until(lambda: len(hook.received) == 1, 30, "one message")
        [(hook_id, payload)] = hook.received
        assert payload["type"] == "alert.digest"
        assert len(payload["data"]["items"]) == 3
        assert rows(service, "SELECT DISTINCT hold, alert_id FROM matches") == [(None, hook_id)]
        room.publish(feed, "kraken")
        await done(service, 4)
        service.reload()
        await asyncio.sleep(2)
        assert len(hook.received) == 1, "every = 1h: the next message is an hour away"
        assert rows(service, "SELECT count(*) FROM matches WHERE hold = 'waiting'") == [(1,)]
        assert await service.stop() == 0


async def test_quiet_hours_hold_all_but_what_is_urgent_and_end_in_one_message(tmp_path):
    now = datetime.now(UTC)
    start, end = now - timedelta(minutes=2), now + timedelta(minutes=60)
    quiet = f"{start:%H:%M}-{end:%H:%M}"
    rules = rule(trigger="each", quiet=quiet) + rule(name="urgent", trigger="each", quiet=quiet, priority="high")
    async with stage(tmp_path, rules=rules) as (room, feed, hook, _, service):
        await ready(room, service)
        for _ in range(2):
            room.publish(feed, "kraken")
        await done(service, 2)
        await until(lambda: len(hook.received) == 2, 20, "the urgent ones")
        assert {payload["data"]["alert"]["rule"] for _, payload in hook.received} == {"urgent"}
        held = rows(service, "SELECT DISTINCT hold, hold_detail FROM matches WHERE hold IS NOT NULL")
        assert [reason for reason, _ in held] == ["quiet_hours"]
        assert f"quiet hours {quiet} at " in held[0][1]
        assert await service.stop() == 0
        move(service, -timedelta(hours=2))
        await service.start()
        await until(lambda: len(hook.received) == 3, 30, "the message at their end")
        assert len(hook.received[-1][1]["data"]["items"]) == 2
        assert await service.stop() == 0


async def test_a_digest_comes_at_its_time_and_is_not_sent_empty(tmp_path):
    async with stage(tmp_path, rules=rule(trigger="digest", schedule="* * * * *")) as (room, feed, hook, _, service):
        await ready(room, service)
        for _ in range(2):
            room.publish(feed, "kraken")
        await done(service, 2)
        assert rows(service, "SELECT DISTINCT hold FROM matches") == [("digest",)]
        move(service, -timedelta(minutes=1))
        await until(lambda: len(hook.received) == 1, 30, "the digest")
        assert kinds(hook) == ["alert.digest"]
        assert len(hook.received[0][1]["data"]["items"]) == 2
        assert rows(service, "SELECT due_at FROM alert_groups") == [(None,)], "nothing waits, so nothing is due"
        assert await service.stop() == 0


async def test_a_storm_is_told_in_one_message(tmp_path):
    async with stage(tmp_path, rules=rule(trigger="each", per_hour=2)) as (room, feed, hook, _, service):
        await ready(room, service)
        for _ in range(6):
            room.publish(feed, "kraken")
        await done(service, 6)
        await until(lambda: len(hook.received) == 2, 20, "two messages")
        move(service, -timedelta(hours=2))
        await until(lambda: len(hook.received) == 3, 30, "one more")
        assert kinds(hook)[-1] == "alert.overflow"
        assert len(hook.received[-1][1]["data"]["items"]) == 4
        assert await service.stop() == 0


async def test_a_change_of_what_was_alerted_goes_to_those_who_were_told(tmp_path):
    rules = rule(trigger="each") + rule(name="corrections", trigger="edited", channels=[])
    async with stage(tmp_path, rules=rules) as (room, feed, hook, _, service):
        await ready(room, service)
        entry = room.publish(feed, "kraken")
        await until(lambda: len(hook.received) == 1, 20, "alert")
        entry.paragraphs[0] = "No kraken was seen, says the harbour master. " + entry.paragraphs[0]
        entry.title = "Harbour master denies all of it"
        await until(lambda: len(hook.received) == 2, 30, "correction")
        payload = hook.received[-1][1]
        assert payload["type"] == "alert.correction"
        words = next(change["words"] for change in payload["data"]["changes"] if change["field"] == "title")
        assert {"operation": "new", "text": "Harbour master denies all of it"} in words or words[0][
            "operation"
        ] == "gone"
        await asyncio.sleep(3)
        assert len(hook.received) == 2
        assert await service.stop() == 0


async def test_a_dead_mans_switch_hears_that_all_is_well_until_the_daemon_is_gone(tmp_path):
    async with stage(tmp_path, rules="") as (room, _, hook, mail, service):
        told = config_of(room, hook, mail, rules="")
        service.config.write_text(told.replace('listen = ""', f'listen = ""\nheartbeat = "{hook.url}"\nevery = "1s"'))
        hook.received = beats = []

        async def take(talk):
            beats.append(json.loads(talk.request.body))
            await talk.reply(204, b"")

        hook.server.on("/hook", take)
        await service.start()
        await until(lambda: len(beats) >= 2, 30, "two beats")
        assert beats[0]["type"] == "heartbeat"
        await service.kill()
        heard = len(beats)
        await asyncio.sleep(2)
        assert len(beats) == heard


async def test_a_channel_that_is_gone_is_told_to_the_operators_by_another(tmp_path):
    async with stage(tmp_path, rules=rule(trigger="each")) as (room, feed, hook, mail, service):
        hook.status = 410
        await ready(room, service)
        room.publish(feed, "kraken")
        await until(lambda: mail.mails, 90, "mail to the operators")
        assert "channel hook is switched off: HTTP 410" in mail.mails[0].message.get_body(("plain",)).get_content()
        assert await service.stop() == 0


def move(service, by: timedelta):
    """As if so much time had passed for what waits."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(service.database, timeout=20)) as database, database:
        database.execute(
            "UPDATE alert_groups SET due_at = due_at + ? WHERE due_at IS NOT NULL", (by // timedelta(microseconds=1),)
        )
