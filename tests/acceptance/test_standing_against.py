"""What stands against an alert, and rules that tell of numbers, with the real daemon; each test is a script."""

import sqlite3
from contextlib import closing
from datetime import timedelta

from tests.acceptance.test_alerting import DONE, REPORTS, done, kinds, ready, rule
from tests.acceptance.test_daemon import rows, stage
from tests.support.newsroom import until

HOLDS = "SELECT rule, hold, hold_detail FROM matches WHERE hold IS NOT NULL ORDER BY article_id, rule"

COUNTED = "SELECT rule FROM counted"


def report(room, feed, number):
    entry = room.publish(feed)
    entry.title, entry.paragraphs = REPORTS[number]
    return entry


async def test_a_story_in_hand_is_told_again_only_by_news_of_a_higher_kind(tmp_path):
    """Alert, acknowledge by command, then another number, which is a kind above the first report; then no more."""
    async with stage(tmp_path, rules=rule()) as (room, feed, hook, _, service):
        await ready(room, service)
        report(room, feed, 0)
        await until(lambda: len(hook.received) == 1, 20, "the first report")
        assert (await service.ask("alerts", "ack", hook.received[0][0][:22], "--who", "ana"))[0] == 0
        report(room, feed, 1)
        await until(lambda: len(hook.received) == 2, 20, "a number is news of a higher kind")
        assert (await service.ask("alerts", "ack", hook.received[1][0], "--who", "ana"))[0] == 0
        title, paragraphs = REPORTS[2]
        entry = room.publish(feed)
        entry.title, entry.paragraphs = title, [paragraphs[0].replace("14 people", "17 people"), *paragraphs[1:]]
        await done(service, 3)
        [(_, hold, detail)] = rows(service, HOLDS)
        assert hold == "acknowledged"
        assert "17 people" in detail
        assert len(hook.received) == 2
        assert await service.stop() == 0


async def test_a_rule_is_silent_where_another_tells_of_the_story(tmp_path):
    rules = rule(name="wide", trigger="each", inhibited_by=["narrow"]) + rule(
        name="narrow", trigger="each", query="kraken AND Chernyaevka"
    )
    async with stage(tmp_path, rules=rules) as (room, feed, hook, _, service):
        await ready(room, service)
        report(room, feed, 0)
        await until(lambda: len(hook.received) == 1, 20, "the narrow rule")
        room.publish(feed, "kraken")
        await until(lambda: len(hook.received) == 2, 20, "the wide rule, of another story")
        told = [payload["data"]["alert"]["rule"] for _, payload in hook.received]
        assert told == ["narrow", "wide"]
        assert rows(service, HOLDS) == [("wide", "inhibited", "rule narrow tells of it")]
        assert await service.stop() == 0


async def test_a_silence_holds_what_it_names_until_it_ends(tmp_path):
    async with stage(tmp_path, rules=rule(trigger="each")) as (room, feed, hook, _, service):
        await ready(room, service)
        silence = ("silence", "add", "--query", "Chernyaevka", "--for", "2h", "--reason", "known", "--who", "ana")
        assert (await service.ask(*silence))[0] == 0
        report(room, feed, 0)
        await done(service, 1)
        room.publish(feed, "kraken")
        await until(lambda: len(hook.received) == 1, 20, "what it does not name")
        [(_, hold, detail)] = rows(service, HOLDS)
        assert hold == "silenced"
        assert "known" in detail
        assert (await service.ask("silence", "expire", "1"))[0] == 0
        room.publish(feed, "kraken Chernyaevka")
        await until(lambda: len(hook.received) == 2, 20, "what comes after its end")
        assert await service.stop() == 0


async def test_more_reports_than_usual_are_told_once(tmp_path):
    """Three weeks with a report now and then, which a rule that is new finds in the archive; then five at once."""
    rules = rule(name="surge", trigger="spike", at_least=5)
    async with stage(tmp_path, rules=rules) as (room, feed, hook, _, service):
        await ready(room, service)
        room.publish(feed, "kraken")
        await done(service, 1)
        assert rows(service, HOLDS)[0][1] == "counted"
        assert "learns" in rows(service, HOLDS)[0][2]
        assert await service.stop() == 0
        with closing(sqlite3.connect(service.database)) as database, database:
            span = timedelta(days=20) // timedelta(microseconds=1)
            database.execute("UPDATE articles SET seen = seen - ?, published = published - ?", (span, span))
        config = service.config.read_text()
        service.config.write_text(config.replace("at_least = 5", 'at_least = 5\nnote = "new"'))
        await service.start()
        await until(lambda: len(rows(service, COUNTED)) == 1, 20, "the look through the archive")
        for _ in range(5):
            room.publish(feed, "kraken")
        await until(lambda: len(hook.received) == 1, 60, "the spike")
        payload = hook.received[0][1]
        assert payload["type"] == "alert.spike"
        assert (
            payload["data"]["alert"]["reason"].startswith("5 independent reports within 2 h")
            if ("reason" in payload["data"]["alert"])
            else payload["data"]["occasion"].startswith("5 independent reports within 2 h")
        )
        assert len(payload["data"]["items"]) == 5
        room.publish(feed, "kraken")
        await done(service, 7)
        assert kinds(hook) == ["alert.spike"]
        assert await service.stop() == 0


async def test_nothing_for_too_long_is_told_once(tmp_path):
    rules = rule(name="quiet-wire", trigger="silence-of", silent_for="6h")
    async with stage(tmp_path, rules=rules) as (room, feed, hook, _, service):
        await ready(room, service)
        room.publish(feed, "kraken")
        await done(service, 1)
        assert await service.stop() == 0
        assert hook.received == []
        with closing(sqlite3.connect(service.database)) as database, database:
            span = timedelta(hours=7) // timedelta(microseconds=1)
            database.execute("UPDATE counted SET at = at - ?", (span,))
            database.execute("UPDATE rules SET updated_at = updated_at - ?", (span,))
        await service.start()
        await until(lambda: len(hook.received) == 1, 60, "that nothing came")
        assert kinds(hook) == ["alert.silence"]
        await service.stop()
        await service.start()
        await until(lambda: service.log.read_text().count("daemon_started") == 3, 30, "a restart")
        assert len(rows(service, DONE)) == 1
        assert len(hook.received) == 1
        assert await service.stop() == 0
