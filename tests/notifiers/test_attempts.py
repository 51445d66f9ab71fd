"""Notifiers and the schedule together, by a clock of the test: what the outbox does with each row."""

import itertools
from datetime import timedelta

from monitor.core.retry import WAITS, after_attempt
from monitor.notifiers import build
from tests.support.alerts import NOW, make_message
from tests.support.hostile import answers
from tests.support.sinks import in_turn, mail_sink

SECRET = "whsec_" + "A" * 40


async def deliver(notifier, message):
    """Attempts until the row is at rest: each with its time and state."""
    now, attempts = NOW, []
    while not attempts or attempts[-1][1] == "retry":
        outcome = await notifier.send(message, now=now)
        after = after_attempt(len(attempts) + 1, outcome, now=now, jitter=0.0)
        attempts.append((now, after.state, after))
        now = after.next_attempt_at or now
    return attempts


def hook(name, url, net):
    return build(name, "webhook", {}, {"url": url, "secret": SECRET}, net)


async def test_t50_the_good_endpoint_gets_one_copy_and_the_failing_one_gets_it_later_with_the_same_id(world, net):
    message = make_message("webhook")
    good = hook("good", world.on("/good", answers(200)), net)
    bad = hook("bad", world.on("/bad", in_turn(answers(500), answers(503), answers(200))), net)
    assert [state for _, state, _ in await deliver(good, message)] == ["sent"]
    attempts = await deliver(bad, message)
    assert [state for _, state, _ in attempts] == ["retry", "retry", "sent"]
    assert attempts[-1][0] - NOW == timedelta(minutes=5, seconds=5)
    assert len(world.requests("/good")) == 1
    ids = {seen.headers["webhook-id"] for seen in world.seen}
    assert ids == {message.id}


async def test_t54_an_endpoint_that_refuses_for_three_days_ends_in_a_dead_letter(world, net):
    attempts = await deliver(hook("x", world.on("/x", answers(401)), net), make_message("webhook"))
    assert [state for _, state, _ in attempts] == ["retry"] * 9 + ["dead"]
    assert attempts[-1][0] - NOW == sum(WAITS, timedelta(0)) == timedelta(hours=75, minutes=35, seconds=5)
    assert attempts[-1][2].error == "given up after 10 attempts; the last one: HTTP 401"


async def test_t54_a_redirect_is_never_followed_and_410_disables(world, net):
    answered = [answers(status, b"", {"Location": world.url("/elsewhere")}) for status in (301, 302, 307, 308)]
    attempts = await deliver(hook("x", world.on("/x", in_turn(*answered, answers(410))), net), make_message("webhook"))
    assert [state for _, state, _ in attempts] == ["retry"] * 4 + ["dead"]
    assert attempts[-1][2].disable
    assert world.requests("/elsewhere") == []


async def test_t51_what_the_endpoint_asks_for_is_kept(world, net):
    asks = [answers(429, b"", {"Retry-After": wait}) for wait in ("120", "315360000", "-5", "soon")]
    attempts = await deliver(hook("x", world.on("/x", in_turn(*asks, answers(200))), net), make_message("webhook"))
    times = [at - NOW for at, _, _ in attempts]
    waits = [after - before for before, after in itertools.pairwise(times)]
    assert waits == [timedelta(seconds=120), timedelta(hours=24), timedelta(minutes=30), timedelta(hours=2)]


async def test_t51_t59_a_hundred_alerts_into_a_throttled_sink_all_arrive_once(world, net):
    taken = []

    async def every_third(talk):
        if len(world.requests("/x")) % 3:
            await talk.reply(429, b"", {"Retry-After": "1"})
        else:
            taken.append(talk.request.headers["webhook-id"])
            await talk.reply(200)

    notifier = hook("x", world.on("/x", every_third), net)
    sent = [f"alert{number}" for number in range(100)]
    for alert in sent:
        attempts = await deliver(notifier, make_message("webhook", alert={"id": alert}))
        assert attempts[-1][1] == "sent"
    assert taken == sent


async def test_t56_the_schedule_carries_those_who_still_need_a_mail():
    async with mail_sink() as sink:
        sink.on_rcpt = {"b@example.org": "451 greylisted"}
        table = {"host": sink.host, "port": sink.port, "sender": "m@example.org"}
        notifier = build("desk", "email", table | {"recipients": ("a@example.org", "b@example.org")}, {}, None)
        outcome = await notifier.send(make_message("email"), now=NOW)
        assert after_attempt(1, outcome, now=NOW, jitter=0.0).recipients == ("b@example.org",)
