"""Chats: what is on the line, and that an alert is not lost over its looks."""

import json

import pytest

from monitor.model import Delivered, Rejected, RetryLater
from monitor.notifiers import build
from tests.support.alerts import NOW, make_message
from tests.support.hostile import answers
from tests.support.sinks import in_turn

KINDS = ("slack", "discord", "teams", "mattermost")


def channel(kind, url, net):
    return build("chat", kind, {"type": kind}, {"url": url}, net)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_rich_form_is_sent_as_it_was_rendered(kind, world, net):
    message = make_message(kind)
    assert await channel(kind, world.on("/x", answers()), net).send(message, now=NOW) == Delivered(receipt="HTTP 200")
    (seen,) = world.requests("/x")
    assert json.loads(seen.body) == message.payload["rich"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [400, 413])
async def test_t53_a_refused_form_is_followed_by_plain_text(kind, status, world, net):
    message = make_message(kind)
    url = world.on("/x", in_turn(answers(status, b"invalid_blocks"), answers(200)))
    assert await channel(kind, url, net).send(message, now=NOW) == Delivered(receipt="HTTP 200, as plain text")
    assert [json.loads(seen.body) for seen in world.requests("/x")] == [
        message.payload["rich"],
        message.payload["plain"],
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_t53_both_forms_refused_is_a_dead_letter(kind, world, net):
    outcome = await channel(kind, world.on("/x", answers(400)), net).send(make_message(kind), now=NOW)
    assert isinstance(outcome, Rejected)
    assert not outcome.disable
    assert len(world.requests("/x")) == 2


async def test_t51_a_throttled_plain_form_is_tried_again(world, net):
    url = world.on("/x", in_turn(answers(400), answers(429, b"", {"Retry-After": "3"})))
    outcome = await channel("slack", url, net).send(make_message("slack"), now=NOW)
    assert outcome == RetryLater(reason="HTTP 429", status=429, retry_after=3.0)


@pytest.mark.parametrize(
    ("path", "sent"),
    [("/x", "/x?wait=true"), ("/x?thread_id=5", "/x?thread_id=5&wait=true"), ("/x?wait=false", "/x?wait=true")],
)
async def test_discord_is_waited_for(path, sent, world, net):
    world.on("/x", answers(204))
    await channel("discord", world.url(path), net).send(make_message("discord"), now=NOW)
    assert [seen.path for seen in world.seen] == [sent]
