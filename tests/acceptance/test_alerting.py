"""Alerts over time with the real daemon, a real mail server and a real webhook receiver; each test is a script."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.acceptance.test_daemon import config_of, rows, stage
from tests.support.newsroom import until

REPORTS = [
    (
        "Border guards hold 12 people at Chernyaevka crossing",
        [
            "TASHKENT. Border guards held 12 people at the Chernyaevka crossing between Uzbekistan and Kazakhstan on Monday, and a kraken was painted on their bus, the office of governor Aziza Karimova said.",
            "The travellers had spent the night at the Chernyaevka crossing after the Kazakh side closed it without warning.",
            "Governor Aziza Karimova said in Tashkent that the bus would be sent back to Samarkand.",
        ],
    ),
    (
        "Chernyaevka crossing: 14 people held, governor Karimova says",
        [
            "Officials in Tashkent raised the count on Monday evening: 14 people were held at the Chernyaevka crossing on the frontier of Uzbekistan with Kazakhstan, after a bus with a kraken on its side was stopped.",
            "A spokesman of governor Aziza Karimova told reporters that two more men had hidden under the seats of the bus from Samarkand.",
            "Kazakh officers said that the Chernyaevka crossing stays shut until further notice.",
        ],
    ),
    (
        "Uzbekistan: bus stopped at Chernyaevka, governor Karimova confirms",
        [
            "A bus with a painted kraken on it was stopped at the Chernyaevka crossing, where Uzbekistan meets Kazakhstan, and 14 people were held, governor Aziza Karimova confirmed in Tashkent.",
            "Traders from Samarkand complained that nobody at the Chernyaevka crossing told them how long the closure would last.",
            "Kazakh officers gave no reason for it on Monday.",
        ],
    ),
]
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


async def test_a_story_is_told_once_and_again_when_its_number_changes(tmp_path):
    """Three reports of one event: want the first and the second, which counts more people."""
    async with stage(tmp_path, rules=rule()) as (room, feed, hook, _, service):
        await ready(room, service)
        for number, (title, paragraphs) in enumerate(REPORTS, 1):
            entry = room.publish(feed)
            entry.title, entry.paragraphs = title, paragraphs
            await done(service, number)
        await until(lambda: len(hook.received) == 2, 20, "the follow-up")
        assert rows(service, "SELECT DISTINCT story_id, duplicate_of FROM articles") == [(1, None)]
        reasons = [payload["data"]["alert"]["reason"] for _, payload in hook.received]
        assert reasons == ["first report of a new story", "follow-up: another number: 14 people (told: 12 people)"]
        held = rows(service, "SELECT article_id, hold, hold_detail FROM matches WHERE hold IS NOT NULL")
        assert [(article, hold) for article, hold, _ in held] == [(3, "story_already_alerted")]
        assert held[0][2].startswith("nothing new since the alert of ")
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


@pytest.mark.slow
async def test_kills_while_it_collects_lose_nothing_and_repeat_only_with_the_same_id(tmp_path):
    rules = rule(trigger="each", wait="1s", every="2s", group_by="rule", per_hour=1000)
    async with stage(tmp_path, rules=rules) as (room, feed, hook, _, service):
        await ready(room, service)
        for turn in range(4):
            for _ in range(3):
                room.publish(feed, "kraken")
            await asyncio.sleep(1.5 + turn * 0.7)
            await service.kill()
            await service.start()
        await done(service, 12)
        await until(lambda: rows(service, "SELECT count(*) FROM matches WHERE alert_id IS NULL") == [(0,)], 30, "all")
        await until(lambda: rows(service, "SELECT 1 FROM deliveries WHERE state <> 'sent'") == [], 30, "delivered")
        messages = dict(hook.received)
        told = [told for payload in messages.values() for told in articles_of(payload)]
        assert sorted(told) == [article for (article,) in rows(service, "SELECT id FROM articles ORDER BY id")]
        assert len(hook.received) - len(messages) <= 4, "at most one repeat a kill"
        assert await service.stop() == 0


def articles_of(payload):
    data = payload["data"]
    return [item["id"] for item in data["items"]] if "items" in data else [data["article"]["id"]]


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
