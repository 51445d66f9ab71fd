"""What every notifier keeps, whatever it speaks: an answer for every failure, in time, and no secret anywhere.

A new notifier gets a rig here and inherits the suite.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from monitor import telemetry
from monitor.model import Delivered, Outcome, Rejected, RetryLater
from monitor.net.fetch import Net
from monitor.notifiers import NOTIFIERS, Notifier, build
from tests.support.alerts import NOW, make_message
from tests.support.hostile import Behaviour, Hostile, Talk, answers, hostile, sends
from tests.support.sinks import mail_sink, raw_mail_server, silent_after_data

HTTP_KINDS = ("webhook", "slack", "discord", "teams", "mattermost")
SECONDS = timedelta(seconds=1)
TOKEN = "T0KEN-s3cret-9f8e7d"
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwVGVzdGluZw=="
PASSWORD = "corr3ct-horse/battery=staple"
SECRETS = (TOKEN, WHSEC, WHSEC.removeprefix("whsec_"), PASSWORD)
CASES = ("takes", "later", "refuses", "silent", "drips", "floods", "breaks", "absent")


async def drip(talk: Talk) -> None:
    await talk.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789" * 50, 0.1)


async def flood(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 503 X\r\nContent-Length: 1000000000\r\n\r\n")
    for _ in range(100_000):
        await talk.send(TOKEN.encode() * 500)


async def silent(talk: Talk) -> None:
    await talk.silence()


async def breaks(talk: Talk) -> None:
    talk.reset()


HTTP_CASES: dict[str, Behaviour] = {
    "takes": answers(200, b"ok"),
    "later": answers(503, TOKEN.encode(), {"Retry-After": "7", "X-Echo": TOKEN}),
    "refuses": answers(410, TOKEN.encode()),
    "silent": silent,
    "drips": drip,
    "floods": flood,
    "breaks": breaks,
    "absent": answers(404),
}


async def mail_flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(100_000):
        writer.write(b"220-" + PASSWORD.encode() * 30 + b"\r\n")
        await writer.drain()


async def mail_drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(100):
        writer.write(b"2")
        await writer.drain()
        await asyncio.sleep(0.1)


async def mail_breaks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def mail_channel(port: int) -> Notifier:
    table = {
        "host": "127.0.0.1",
        "port": port,
        "sender": "m@example.org",
        "recipients": ("a@example.org",),
        "deadline": SECONDS,
    }
    return build("desk", "email", table, {}, Net.__new__(Net))


@asynccontextmanager
async def mail_rig(case: str) -> AsyncIterator[Notifier]:
    raw = {"floods": mail_flood, "drips": mail_drip, "breaks": mail_breaks}
    if case in raw:
        async with raw_mail_server(raw[case]) as port:
            yield mail_channel(port)
        return
    async with mail_sink() as sink:
        if case == "later":
            sink.on_data = "451 later"
        elif case == "refuses":
            sink.on_data = "554 never"
        elif case == "silent":
            sink.on_data = silent_after_data
        if case != "absent":
            yield mail_channel(sink.port)
    if case == "absent":
        yield mail_channel(sink.port)


PROGRAMS = {
    "takes": "import sys; sys.stdin.read()",
    "later": f"import sys; sys.exit('{PASSWORD} is wrong')",
    "refuses": "import sys; sys.exit(65)",
    "silent": "import time; time.sleep(60)",
    "drips": "import sys, time\nfor _ in range(600): sys.stderr.write('x'); sys.stderr.flush(); time.sleep(0.1)",
    "floods": "import sys\nwhile True: sys.stderr.write('x' * 100000)",
    "breaks": "import os; os.kill(os.getpid(), 9)",
}


@asynccontextmanager
async def command_rig(case: str) -> AsyncIterator[Notifier]:
    argv = (sys.executable, "-c", PROGRAMS[case]) if case in PROGRAMS else ("/nonexistent/program",)
    table = {
        "argv": argv,
        "deadline": timedelta(seconds=5) if case in {"takes", "later", "refuses", "breaks"} else SECONDS,
    }
    yield build("desk", "command", table, {}, Net.__new__(Net))


@asynccontextmanager
async def apprise_rig(case: str) -> AsyncIterator[Notifier]:
    """A generic JSON hook; the library opens connections by itself, so the server is asked by the loopback address."""
    async with hostile() as server:
        server.on(f"/services/{TOKEN}", answers(503) if case == "refuses" else HTTP_CASES[case])
        host = "127.0.0.3:1" if case == "absent" else server.authority
        seconds = SECONDS if case in {"silent", "drips", "floods"} else 10 * SECONDS
        yield build(
            "desk", "apprise", {"deadline": seconds}, {"url": f"json://{host}/services/{TOKEN}"}, Net.__new__(Net)
        )


@dataclass(frozen=True)
class HttpRig:
    kind: str
    world: Hostile
    net: Net

    @asynccontextmanager
    async def __call__(self, case: str) -> AsyncIterator[Notifier]:
        url = self.world.on(f"/services/{TOKEN}", HTTP_CASES[case])
        if case == "absent":
            url = url.replace(self.world.authority, "127.0.0.3:1")
        yield http_channel(self.kind, url, self.net)


def http_channel(kind: str, url: str, net: Net) -> Notifier:
    secrets = {"url": url} | ({"secret": WHSEC} if kind == "webhook" else {})
    return build("desk", kind, {"type": kind, "deadline": SECONDS}, secrets, net)


@pytest.fixture(params=sorted(NOTIFIERS))
def kind(request) -> str:
    return request.param


@pytest.fixture
def rig(kind, world, net):
    telemetry.protect(PASSWORD)
    rigs = {"email": mail_rig, "command": command_rig, "apprise": apprise_rig}
    return rigs.get(kind) or HttpRig(kind, world, net)


EXPECTED = {
    "takes": Delivered,
    "later": RetryLater,
    "refuses": Rejected,
    "silent": RetryLater,
    "drips": RetryLater,
    "floods": RetryLater,
    "breaks": RetryLater,
    "absent": RetryLater,
}


@pytest.mark.parametrize("case", CASES)
async def test_t50_t51_t52_t62_every_failure_is_a_value_in_time_and_shows_no_secret(kind, rig, case, caplog):
    caplog.set_level(logging.DEBUG)
    async with rig(case) as notifier, asyncio.timeout(15):
        outcome: Outcome = await notifier.send(make_message(kind), now=NOW)
        await notifier.aclose()
    expected = RetryLater if (kind, case) == ("apprise", "refuses") else EXPECTED[case]  # it does not say why not
    assert isinstance(outcome, expected), outcome
    text = outcome.receipt if isinstance(outcome, Delivered) else outcome.reason
    assert len(text) <= 300
    assert text.isprintable()
    shown = [
        repr(outcome),
        repr(notifier),
        notifier.endpoint,
        notifier.name,
        notifier.kind,
        *(r.getMessage() for r in caplog.records if r.name.startswith("monitor")),
    ]
    assert not [secret for secret in SECRETS for said in shown if secret in said]


async def test_t54_apprise_follows_no_redirect(world, net):
    url = world.on("/hook", answers(302, b"", {"Location": world.url("/elsewhere")}))
    notifier = build("desk", "apprise", {}, {"url": url.replace("http:", "json:")}, net)
    assert await notifier.send(make_message("apprise"), now=NOW) == RetryLater(reason="the service did not take it")
    assert world.requests("/hook")
    assert world.requests("/elsewhere") == []


async def test_it_says_who_it_is(kind, rig):
    async with rig("takes") as notifier:
        assert (notifier.kind, notifier.name) == (kind, "desk")
        assert notifier.endpoint


async def test_one_notifier_sends_many_at_once(kind, rig):
    async with rig("takes") as notifier, asyncio.timeout(60):
        outcomes = await asyncio.gather(*(notifier.send(make_message(kind), now=NOW) for _ in range(5)))
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)


async def test_a_cancelled_send_is_cancelled(kind, rig):
    async with rig("silent") as notifier, asyncio.timeout(15):
        sending = asyncio.create_task(notifier.send(make_message(kind), now=NOW))
        await asyncio.sleep(0.1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


STATUSES = [
    *((status, Delivered) for status in (200, 201, 202, 204, 206, 299)),
    *((status, RetryLater) for status in (300, 301, 302, 303, 304, 307, 308)),
    *((status, RetryLater) for status in (401, 403, 404, 405, 408, 409, 421, 422, 425, 429, 451)),
    *((status, RetryLater) for status in (500, 501, 502, 503, 504, 507, 520, 599)),
    (410, Rejected),
    (413, Rejected),
]


@pytest.mark.parametrize("http_kind", HTTP_KINDS)
@pytest.mark.parametrize(("status", "expected"), STATUSES)
async def test_t51_t54_every_status(http_kind, status, expected, world, net):
    url = world.on("/hook", answers(status, b"", {"Location": world.url("/elsewhere"), "Retry-After": "7"}))
    outcome = await http_channel(http_kind, url, net).send(make_message(http_kind), now=NOW)
    assert isinstance(outcome, expected)
    assert world.requests("/elsewhere") == []
    if status in {429, 503}:
        assert outcome == RetryLater(reason=f"HTTP {status}", status=status, retry_after=7.0)
    if status == 410:
        assert outcome.disable
    elif isinstance(outcome, Rejected):
        assert not outcome.disable


@pytest.mark.parametrize("http_kind", HTTP_KINDS)
async def test_t52_a_success_counts_whatever_becomes_of_its_body(http_kind, world, net):
    async def taken_then_reset(talk: Talk) -> None:
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nabc")
        await asyncio.sleep(0.1)
        talk.reset()

    url = world.on("/hook", taken_then_reset)
    assert isinstance(await http_channel(http_kind, url, net).send(make_message(http_kind), now=NOW), Delivered)


@pytest.mark.parametrize("http_kind", HTTP_KINDS)
@pytest.mark.parametrize("junk", [b"\x00\xff" * 100, b"HTTP/1.1 abc\r\n\r\n", b"SSH-2.0-x\r\n", b""])
async def test_junk_for_a_reply_is_tried_again(http_kind, junk, world, net):
    url = world.on("/hook", sends(junk))
    assert isinstance(await http_channel(http_kind, url, net).send(make_message(http_kind), now=NOW), RetryLater)


@pytest.mark.parametrize("http_kind", HTTP_KINDS)
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "http://169.254.169.254/latest/meta-data", "http://localhost:1/"]
)
async def test_t60_an_address_inside_is_refused_at_dispatch(http_kind, url, net):
    outcome = await http_channel(http_kind, url, net).send(make_message(http_kind), now=NOW)
    assert outcome == RetryLater(reason="the address leads into a network that is not allowed")
