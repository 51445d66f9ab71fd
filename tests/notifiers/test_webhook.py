"""Webhooks: signatures as an independent reader checks them, and what is on the line."""

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from monitor.core.messages import encode
from monitor.errors import ConfigError
from monitor.model import Delivered, Message, RetryLater
from monitor.net.fetch import Net
from monitor.notifiers import build
from monitor.telemetry import redact
from tests.support.alerts import make_article, make_message
from tests.support.hostile import answers
from tests.support.sinks import in_turn

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD_SECRET = base64.b64encode(bytes(range(64, 128))).decode()
NO_NET = Net.__new__(Net)


def channel(url, net, **secrets):
    return build("hook", "webhook", {"type": "webhook"}, {"url": url, **secrets}, net)


async def test_t58_the_receiver_verifies_what_it_got(world, net):
    message = make_message(
        "webhook", make_article(title="Граница закрыта — 国境 🚧", body='He said "no".\nThen\tleft.')
    )
    outcome = await channel(world.on("/hook", answers(204)), net, secret=SECRET).send(message, now=datetime.now(UTC))
    assert outcome == Delivered(receipt="HTTP 204")
    (seen,) = world.requests("/hook")
    payload = Webhook(SECRET).verify(seen.body, dict(seen.headers))
    assert payload == json.loads(json.dumps(message.payload))
    assert seen.headers["content-type"] == "application/json"
    assert "." not in seen.headers["webhook-id"] + seen.headers["webhook-timestamp"]
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(seen.body + b" ", dict(seen.headers))


async def test_t58_the_vector_of_the_specification(world, net):
    """Standard Webhooks 1.0, "Signature scheme"."""
    message = Message(
        id="msg_p5jXN8AQM9LWM0D4loKWxJek", channel="hook", subject="", text="", payload={"test": 2432232314}
    )
    now = datetime.fromtimestamp(1614265330, UTC)
    await channel(world.on("/hook", answers()), net, secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").send(
        message, now=now
    )
    (seen,) = world.requests("/hook")
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + seen.body
    assert (
        seen.headers["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    )
    # the specification's own body has a space after the colon
    spaced = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign(message.id, now, '{"test": 2432232314}')
    assert spaced == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_t58_two_secrets_sign_while_receivers_change_over(world, net):
    hook = channel(world.on("/hook", answers()), net, secret=SECRET, previous_secret=OLD_SECRET)
    await hook.send(make_message("webhook"), now=datetime.now(UTC))
    (seen,) = world.requests("/hook")
    assert len(seen.headers["webhook-signature"].split(" ")) == 2
    for secret in (SECRET, OLD_SECRET):
        Webhook(secret).verify(seen.body, dict(seen.headers))


async def test_t51_t58_ten_attempts_keep_the_id_and_date_anew(world, net):
    hook = channel(world.on("/hook", in_turn(*[answers(503)] * 9, answers(200))), net, secret=SECRET)
    message, begun = make_message("webhook"), datetime.now(UTC)
    outcomes = [await hook.send(message, now=begun + timedelta(seconds=n)) for n in range(10)]
    assert [type(outcome) for outcome in outcomes] == [RetryLater] * 9 + [Delivered]
    seen = world.requests("/hook")
    assert len({request.headers["webhook-id"] for request in seen}) == 1
    assert len({request.headers["webhook-timestamp"] for request in seen}) == 10
    assert len({request.headers["webhook-signature"] for request in seen}) == 10
    assert len({request.body for request in seen}) == 1


async def test_t58_a_replay_is_refused_by_the_receiver(world, net):
    hook = channel(world.on("/hook", answers()), net, secret=SECRET)
    await hook.send(make_message("webhook"), now=datetime.now(UTC) - timedelta(minutes=6))
    (seen,) = world.requests("/hook")
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(SECRET).verify(seen.body, dict(seen.headers))


async def test_without_a_secret_there_is_no_signature(world, net):
    await channel(world.on("/hook", answers()), net).send(make_message("webhook"), now=datetime.now(UTC))
    (seen,) = world.requests("/hook")
    assert "webhook-signature" not in seen.headers
    assert re.fullmatch(r"\d+", seen.headers["webhook-timestamp"])


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "short", "whsec_" + "A" * 20, base64.b64encode(bytes(65)).decode(), "!" * 40]
)
def test_a_weak_or_broken_secret_is_refused_and_not_shown(secret):
    with pytest.raises(ConfigError) as refused:
        channel("https://hooks.example/x", NO_NET, secret=secret)
    assert not secret or secret not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "ftp://hooks.example/x", "file:///etc/passwd", "hooks.example", "javascript:alert(1)"]
)
def test_an_address_of_another_scheme_is_refused(url):
    with pytest.raises(ConfigError):
        channel(url, NO_NET, secret=SECRET)


def test_equal_payloads_are_equal_bytes():
    assert encode(make_message("webhook").payload) == encode(make_message("webhook").payload)


def test_a_path_that_is_a_word_is_not_struck_out_of_the_log_and_a_token_is(net):
    channel("https://news.example/hook", net)
    channel("https://news.example/T0ken/B42", net)
    told = redact("channels=hook,mail from T0ken/B42 by https://news.example/hook")
    assert told == "channels=hook,mail from *** by ***"
