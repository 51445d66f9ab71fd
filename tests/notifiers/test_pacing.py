"""How fast endpoints are sent to, and what one that asks for a pause does to its own messages and to others'."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor.config.units import parse_rate
from monitor.core.retry import after_attempt
from monitor.model import Message, RetryLater
from monitor.notifiers import Pacer
from monitor.notifiers.mail import EmailNotifier, EmailSettings
from monitor.storage import outbox
from monitor.storage.engine import Database
from tests.storage.material import add_feed, alert, ingest, match, new_entry, poll
from tests.storage.material import delivery as new_delivery
from tests.support.sinks import mail_sink

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("written", "rate"), [("1/s", 1.0), ("30/min", 0.5), ("36 / h", 0.01), ("2.5/s", 2.5)])
def test_rates_as_people_write_them(written, rate):
    assert parse_rate(written) == rate


@pytest.mark.parametrize("written", ["", "1", "0/s", "-1/s", "1/day", "fast"])
def test_what_is_no_rate_is_refused(written):
    with pytest.raises(ValueError, match="is no rate"):
        parse_rate(written)


async def test_turns_come_at_even_distances_and_the_first_at_once():
    pacer = Pacer(200.0)
    begin = time.monotonic()
    assert await pacer.turn() is False
    for _ in range(20):
        await pacer.turn()
    assert time.monotonic() - begin >= 20 / 200 - 0.01
    assert await Pacer(0.0).turn() is False


def test_a_channel_is_given_what_it_can_send():
    assert Pacer(0.5).quota(90, 500) == 45
    assert Pacer(0.001).quota(90, 500) == 2
    assert Pacer(0.0).quota(90, 500) == Pacer(1000.0).quota(90, 500) == 500


async def test_mails_that_follow_each_other_share_a_connection():
    async with mail_sink() as sink:
        settings = EmailSettings(
            host="127.0.0.1", port=sink.port, encryption="none", sender="m@example.org", recipients=("a@example.org",)
        )
        notifier = EmailNotifier("mail", settings)
        for number in range(5):
            await notifier.send(Message(id=f"a{number}", channel="mail", subject="s", text="t"), now=NOW)
        assert (len(sink.mails), sink.connections) == (5, 1)
        await notifier.aclose()


async def test_a_kept_connection_that_the_server_has_closed_costs_nothing():
    async with mail_sink() as sink:
        settings = EmailSettings(
            host="127.0.0.1", port=sink.port, encryption="none", sender="m@example.org", recipients=("a@example.org",)
        )
        notifier = EmailNotifier("mail", settings)
        await notifier.send(Message(id="a1", channel="mail", subject="s", text="t"), now=NOW)
        for client in notifier._idle:
            client.transport.abort()
        await notifier.send(Message(id="a2", channel="mail", subject="s", text="t"), now=NOW)
        assert (len(sink.mails), sink.connections) == (2, 2)
        await notifier.aclose()


@pytest.fixture
def backlog(tmp_path):
    """A backlog of 2,000 messages of a slow channel, and after it two of a quick one."""
    with Database.open(tmp_path / "monitor.db") as database:
        feed = database.write_now(add_feed)
        [article] = database.write_now(poll, feed, [new_entry(0)], at=NOW)
        slow = [new_delivery(channel="slow", endpoint=str(number)) for number in range(2000)]
        quick = [new_delivery(channel="quick", endpoint=str(number)) for number in range(2)]
        database.write_now(
            ingest, article, at=NOW, matches=[match()], alerts=[alert(article)], deliveries=[*slow, *quick]
        )
        yield database


def test_t59_a_backlog_is_claimed_bit_by_bit_and_keeps_no_other_channel_waiting(backlog):
    room = {"slow": 45, "quick": 500}
    first = backlog.write_now(outbox.due_deliveries, NOW, 500, room=room.__getitem__)
    assert [sum(each.channel == name for each in first) for name in ("slow", "quick")] == [45, 2]
    room["slow"] = 0
    assert backlog.write_now(outbox.due_deliveries, NOW, 500, room=room.__getitem__) == []


def test_t51_a_pause_that_an_endpoint_asks_for_holds_all_its_messages_and_nobody_elses(backlog):
    first, second, *_ = backlog.write_now(outbox.due_deliveries, NOW, 10, room={"slow": 10, "quick": 0}.__getitem__)
    busy = RetryLater(reason="HTTP 429", status=429, retry_after=600.0)
    after = after_attempt(1, busy, now=NOW, jitter=0)
    assert after.hold_until == NOW + 10 * MINUTE
    backlog.write_now(outbox.save_attempt, first, busy, after, at=NOW, elapsed=0.1)
    assert backlog.read_now(outbox.waiting_delivery, second.id, NOW) is None, "also what was claimed already"
    assert {each.channel for each in backlog.write_now(outbox.due_deliveries, NOW + 9 * MINUTE, 500)} == {"quick"}
    later = backlog.write_now(outbox.due_deliveries, NOW + 10 * MINUTE, 500)
    assert {each.channel for each in later} == {"slow"}
    assert second.id in {each.id for each in later}


def test_a_failure_without_a_wish_holds_nobody_else(backlog):
    failed = RetryLater(reason="HTTP 500", status=500)
    assert after_attempt(1, failed, now=NOW, jitter=0).hold_until is None
