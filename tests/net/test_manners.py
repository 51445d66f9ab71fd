"""How the door behaves towards honest and slow hosts: T14, conditional requests, Retry-After, the gate, robots.txt."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Document, FetchFailed, NotModified, Request
from monitor.net.fetch import Net
from monitor.net.gate import Gate
from monitor.net.headers import bounded_headers, one_line, retry_after
from monitor.net.settings import NetSettings
from tests.net.conftest import MakeNet
from tests.support.hostile import Hostile, Talk, answers, hostile, redirects

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


async def test_t14_slow_hosts_do_not_hold_up_the_others(make_net: MakeNet) -> None:
    """200 feeds that never end and 200 that answer, at 40 hosts each."""

    async def slow(talk: Talk) -> None:
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        await talk.drip(bytes(1000), 0.5)

    deadline = 1.5
    net = make_net(allow=("127.0.0.0/8",), deadline=deadline, per_host=2, overall=100)
    async with hostile("0.0.0.0") as world:
        world.on("/slow", slow)
        world.on("/good", answers(200, b"<rss>"))

        async def fetch(host: str, path: str) -> Any:
            return await net.fetch(Request(url=f"http://{host}:{world.port}{path}", kind="feed"))

        slow_ones = [asyncio.create_task(fetch(f"127.1.0.{number % 40 + 1}", "/slow")) for number in range(200)]
        good_ones = [asyncio.create_task(fetch(f"127.2.0.{number % 40 + 1}", "/good")) for number in range(200)]
        assert all(isinstance(fetched, Document) for fetched in await asyncio.gather(*good_ones))
        # Five slow feeds a host, two at a time, are three rounds. The good ones needed none of them.
        assert sum(not task.done() for task in slow_ones) >= 40
        failed = await asyncio.gather(*slow_ones)
        assert {item.reason for item in failed} == {"timeout"}
        assert all(item.elapsed < 2 * deadline for item in failed)  # waiting for a turn is not counted


async def test_t14_no_more_connections_than_allowed_a_host(make_net: MakeNet, world: Hostile) -> None:
    running = most = 0

    async def counted(talk: Talk) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        await talk.reply(200, b"x")

    net = make_net(per_host=3)
    urls = [world.on(f"/{number}", counted) for number in range(30)]
    await asyncio.gather(*(net.fetch(Request(url=url, kind="feed")) for url in urls))
    assert most == 3
    assert world.connections == 3  # kept alive


async def test_many_large_replies_at_once_are_all_read(make_net: MakeNet, world: Hostile) -> None:
    net = make_net(per_host=40)
    url = world.on("/large", answers(200, bytes(2_000_000)))
    fetched = await asyncio.gather(*(net.fetch(Request(url=url, kind="feed")) for _ in range(40)))
    assert all(isinstance(item, Document) and len(item.body) == 2_000_000 for item in fetched)
    assert not net._large.locked()


async def test_t34_conditional_requests(net: Net, world: Hostile) -> None:
    async def conditional(talk: Talk) -> None:
        if talk.request.headers.get("if-none-match") == '"é1"'.encode().decode("latin-1"):
            await talk.reply(304, b"", {"ETag": '"2"', "Cache-Control": "max-age=600"})
        else:
            await talk.reply(200, b"x", {"ETag": '"1"'})

    url = world.on("/feed", conditional)
    unchanged = await net.fetch(Request(url=url, kind="feed", etag='"é1"'))
    assert isinstance(unchanged, NotModified)
    assert unchanged.headers["etag"] == '"2"'
    assert unchanged.final_url == url
    document = await net.fetch(Request(url=url, kind="feed", etag='"0"', last_modified="junk"))
    assert isinstance(document, Document)
    assert document.status == 200
    assert document.headers["etag"] == '"1"'
    assert world.connections == 1
    assert world.seen[0].headers["user-agent"] == "monitor/1 (+https://example.org/bot)"
    assert world.seen[0].headers["host"] == world.authority


@pytest.mark.parametrize(
    ("status", "value", "seconds"),
    [
        (429, "120", 120.0),
        (503, "120", 120.0),
        (503, "junk", None),
        (429, None, None),
        (500, "120", None),
        (404, "5", None),
    ],
)
async def test_t34_retry_after(net: Net, world: Hostile, status: int, value: str | None, seconds: float | None) -> None:
    headers = {} if value is None else {"Retry-After": value}
    failed = await net.fetch(Request(url=world.on("/feed", answers(status, b"x", headers)), kind="feed"))
    assert isinstance(failed, FetchFailed)
    assert (failed.reason, failed.status, failed.weight) == ("http_status", status, "soft")
    assert failed.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "weight"), [(401, "hard"), (403, "hard"), (404, "soft"), (410, "hard"), (502, "soft")]
)
async def test_weights_of_statuses(net: Net, world: Hostile, status: int, weight: str) -> None:
    failed = await net.fetch(Request(url=world.on("/feed", answers(status, b"x")), kind="feed"))
    assert isinstance(failed, FetchFailed)
    assert (failed.status, failed.weight) == (status, weight)


def test_t33_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after("120", NOW) == 120
    assert retry_after(" 0 ", NOW) == 0
    assert retry_after(format_datetime(NOW + timedelta(hours=1), usegmt=True), NOW) == 3600
    assert retry_after(format_datetime(NOW - timedelta(hours=1), usegmt=True), NOW) == 0
    assert retry_after("Tue, 24 Nov 2026 12:00:30 -0000", NOW) == 30
    assert retry_after("315360000", NOW) == 315360000
    for junk in (None, "", "-5", "1.5", "soon", "٣", "Tue, 99 Nov 2026 12:00:30 GMT", "9" * 100, "\0", "Tue"):
        assert retry_after(junk, NOW) is None


@given(st.text(max_size=80))
def test_retry_after_takes_any_text(text: str) -> None:
    seconds = retry_after(text, NOW)
    assert seconds is None or seconds >= 0


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=6000)), max_size=100))
def test_headers_are_bounded(items: list[tuple[str, str]]) -> None:
    kept = bounded_headers(items)
    assert len(kept) <= 64
    assert all(len(value) <= 4096 and "\0" not in value and "\n" not in value for value in kept.values())


@given(st.text())
def test_details_are_one_short_line(text: str) -> None:
    line = one_line(text)
    assert len(line) <= 200
    assert line.isprintable()


# --- the gate ----------------------------------------------------------------------------------------


async def test_starts_at_one_host_keep_their_distance() -> None:
    gate = Gate(per_host=5, spacing=0.05, overall=10)
    starts: dict[str, list[float]] = {"a": [], "b": []}

    async def visit(host: str) -> None:
        async with gate.turn(host):
            starts[host].append(time.monotonic())

    await asyncio.gather(*(visit(host) for host in "aaaabb"))
    gaps = [later - earlier for earlier, later in zip(starts["a"], starts["a"][1:], strict=False)]
    assert min(gaps) > 0.045
    assert starts["b"][0] < starts["a"][1]


async def test_turns_come_in_order_and_survive_cancelled_waiters() -> None:
    gate = Gate(per_host=1, spacing=0, overall=10)
    order: list[int] = []

    async def visit(number: int) -> None:
        async with gate.turn("h"):
            order.append(number)
            await asyncio.sleep(0.001)

    tasks = [asyncio.create_task(visit(number)) for number in range(20)]
    await asyncio.sleep(0)
    for task in tasks[1::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == list(range(0, 20, 2))
    await asyncio.wait_for(visit(99), 5)


async def test_the_gate_forgets_hosts() -> None:
    gate = Gate(per_host=1, spacing=0, overall=10)
    for number in range(5000):
        async with gate.turn(f"host{number}"):
            pass
    assert len(gate._lanes) <= 2048


async def test_waiting_for_a_turn_is_not_part_of_the_deadline(make_net: MakeNet, world: Hostile) -> None:
    net = make_net(deadline=1.0, spacing=0.3, per_host=1)
    url = world.on("/", answers(200, b"x"))
    fetched = await asyncio.gather(*(net.fetch(Request(url=url, kind="feed")) for _ in range(5)))
    assert all(isinstance(document, Document) for document in fetched)


async def test_a_redirect_within_the_host_is_one_visit(make_net: MakeNet, world: Hostile) -> None:
    net = make_net(spacing=60.0, per_host=1)
    world.on("/a", redirects("/b"))
    world.on("/b", answers(200, b"x"))
    async with asyncio.timeout(10):
        assert isinstance(await net.fetch(Request(url=world.url("/a"), kind="feed")), Document)


# --- webhooks ----------------------------------------------------------------------------------------


async def test_a_message_is_posted_as_it_is(net: Net, world: Hostile) -> None:
    url = world.on("/hook", answers(202, b"taken"))
    document = await net.post(url, b'{"a": 1}', {"Content-Type": "application/json", "webhook-id": "m1"})
    assert isinstance(document, Document)
    assert (document.status, document.body) == (202, b"taken")
    (request,) = world.seen
    assert (request.method, request.body, request.headers["webhook-id"]) == ("POST", b'{"a": 1}', "m1")
    assert request.headers["content-type"] == "application/json"
    by_fetch = await net.fetch(Request(url=url, kind="webhook", method="POST", body=b"x"))
    assert isinstance(by_fetch, Document)
    assert world.seen[-1].body == b"x"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_t54_redirects_of_webhooks_are_failures(net: Net, world: Hostile, status: int) -> None:
    world.on("/other", answers(200))
    failed = await net.post(world.on("/hook", redirects("/other", status)), b"x", {})
    assert isinstance(failed, FetchFailed)
    assert (failed.reason, failed.status) == ("http_status", status)
    assert len(world.seen) == 1


@pytest.mark.parametrize(("status", "wait"), [(400, None), (410, None), (429, 7.0), (500, None), (503, 7.0)])
async def test_t51_statuses_of_webhooks(net: Net, world: Hostile, status: int, wait: float | None) -> None:
    failed = await net.post(world.on("/hook", answers(status, b"secret", {"Retry-After": "7"})), b"x", {})
    assert isinstance(failed, FetchFailed)
    assert (failed.status, failed.retry_after) == (status, wait)
    assert "secret" not in failed.detail


async def test_t52_only_the_status_of_the_reply_counts(net: Net, world: Hostile) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"

    async def endless(talk: Talk) -> None:
        await talk.send(head)
        while True:
            await talk.send(bytes(65536))

    async def drips(talk: Talk) -> None:
        await talk.send(head)
        await talk.drip(bytes(1000), 0.1)

    async def resets(talk: Talk) -> None:
        await talk.send(head + b"half")
        await asyncio.sleep(0.05)
        talk.reset()

    for path, behaviour in (("/endless", endless), ("/drips", drips), ("/resets", resets)):
        taken = await net.post(world.on(path, behaviour), b"x", {}, deadline=1.5)
        assert isinstance(taken, Document), path
        assert len(taken.body) <= 65536

    async def silent(talk: Talk) -> None:
        await talk.silence()

    failed = await net.post(world.on("/silent", silent), b"x", {}, deadline=0.3)
    assert isinstance(failed, FetchFailed)
    assert failed.reason == "timeout"
    assert len(world.requests("/silent")) == 1  # never asked twice: the first may have been taken


async def test_a_kept_connection_that_the_server_closed_is_replaced(net: Net, world: Hostile) -> None:
    async def once(talk: Talk) -> None:
        await talk.reply(200, b"x")
        if len(world.requests("/once")) % 2 == 0:
            talk.close()

    async def hangs_up(talk: Talk) -> None:
        talk.close()
        if len(world.requests("/hangs-up")) > 1:
            await talk.reply(200, b"x")

    url = world.on("/once", once)
    for _ in range(6):
        assert isinstance(await net.fetch(Request(url=url, kind="feed")), Document)
        await asyncio.sleep(0.01)
    assert isinstance(await net.fetch(Request(url=url, kind="feed")), Document)
    # Closed at the very moment in which it is used: asked once more on a new connection.
    assert isinstance(await net.fetch(Request(url=world.on("/hangs-up", hangs_up), kind="feed")), Document)


@pytest.mark.parametrize("proxy", ["https://127.0.0.2:1", "socks5://127.0.0.2:1", "127.0.0.2:1", "http://"])
def test_proxies_that_cannot_be_used(proxy: str) -> None:
    with pytest.raises(ValueError, match="proxy"):
        Net(NetSettings(user_agent="t", proxy=proxy))


async def test_the_offered_codings_are_ours_alone(net: Net, world: Hostile) -> None:
    url = world.on("/", answers(200, b"x"))
    await net.fetch(Request(url=url, kind="feed", headers={"Accept-Encoding": "zstd", "Accept": "text/x"}))
    assert world.seen[0].headers["accept-encoding"] == "gzip, br"
    assert world.seen[0].headers["accept"] == "text/x"
