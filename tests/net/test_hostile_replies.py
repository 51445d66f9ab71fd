"""What servers do to a reader: T9 to T11, T13, T15 to T17."""

from __future__ import annotations

import asyncio
import gzip
import logging
import random
import ssl
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Document, FetchFailed, Redirect, Request
from monitor.net.fetch import Net
from tests.net.conftest import MakeNet, failure
from tests.support.hostile import Hostile, Talk, answers, redirects, sends

MEGABYTE = 1024 * 1024


async def test_t11_an_endless_body_is_stopped_at_the_cap(net: Net, world: Hostile) -> None:
    sent = 0

    async def endless(talk: Talk) -> None:
        nonlocal sent
        await talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await talk.send(b"8000\r\n" + bytes(0x8000) + b"\r\n")
            sent += 0x8000

    url = world.on("/endless", endless)
    for kind, cap in (("page", 2 * MEGABYTE), ("feed", 10 * MEGABYTE)):
        sent = 0
        failed = await failure(net, url, kind)
        assert (failed.reason, failed.weight) == ("too_large", "hard")
        assert sent < cap + 8 * MEGABYTE  # what the sockets hold is not read
    assert net.open_connections == 0


async def test_t11_an_honest_length_is_refused_before_reading(net: Net, world: Hostile) -> None:
    async def honest(talk: Talk) -> None:
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")
        await talk.silence()

    failed = await failure(net, world.on("/honest", honest))
    assert failed.reason == "too_large"
    assert failed.elapsed < 5


async def test_t11_more_than_the_length_says_is_not_read(net: Net, world: Hostile) -> None:
    async def liar(talk: Talk) -> None:
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + b"0123456789" + bytes(5 * MEGABYTE))
        talk.close()

    url = world.on("/liar", liar)
    for _ in range(2):  # what follows the body is no reply to the next request
        document = await net.fetch(Request(url=url, kind="feed"))
        assert isinstance(document, Document)
        assert document.body == b"0123456789"


@pytest.mark.parametrize("size", [6_000_000, 9_900_000])
async def test_t12_large_honest_feeds_are_taken(net: Net, world: Hostile, size: int) -> None:
    body = random.Random(size).randbytes(size // 10) * 10
    for headers, raw in (({}, body), ({"Content-Encoding": "gzip"}, gzip.compress(body, 1, mtime=0))):
        url = world.on("/large", answers(200, raw, headers))
        for kind in ("feed", "discovery"):
            document = await net.fetch(Request(url=url, kind=kind))
            assert isinstance(document, Document)
            assert document.body == body


async def drips_body(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    await talk.drip(bytes(100_000), 0.02)


async def drips_headers(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        await talk.send(b"X-%d: y\r\n" % number)
        await asyncio.sleep(0.02)


async def endless_103(talk: Talk) -> None:
    while True:
        await talk.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        await asyncio.sleep(0.005)


async def silent(talk: Talk) -> None:
    await talk.silence()


async def drips_redirects(talk: Talk) -> None:
    await asyncio.sleep(0.3)
    await talk.reply(302, b"", {"Location": talk.request.path + "x"})


@pytest.mark.parametrize("behaviour", [drips_body, drips_headers, endless_103, silent, drips_redirects])
async def test_t13_the_total_deadline_ends_what_drips(make_net: MakeNet, world: Hostile, behaviour: Any) -> None:
    net = make_net(deadline=1.0, redirects=100)
    for path in ("/slow", *("/slow" + "x" * length for length in range(1, 10))):
        world.on(path, behaviour)
    world.on("/good", answers(200, b"x"))
    failed, *good = await asyncio.gather(
        net.fetch(Request(url=world.url("/slow"), kind="feed")),
        *(net.fetch(Request(url=world.url("/good"), kind="feed")) for _ in range(10)),
    )
    assert isinstance(failed, FetchFailed)
    assert (failed.reason, failed.weight) == ("timeout", "soft")
    assert 0.9 < failed.elapsed < 10
    assert all(isinstance(document, Document) for document in good)
    await asyncio.sleep(0.05)
    assert net.open_connections <= 1


async def test_t13_tls_hello_then_silence(make_net: MakeNet) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        await asyncio.sleep(3600)

    server = await asyncio.start_server(mute, "127.0.0.2", 0)
    port = server.sockets[0].getsockname()[1]
    net = make_net(allow=("127.0.0.2",), deadline=0.5)
    assert (await failure(net, f"https://127.0.0.2:{port}/")).reason == "timeout"
    server.close()


async def test_t15_header_floods_are_bounded(net: Net, world: Hostile) -> None:
    many = "".join(f"X-{number}: {number}\r\n" for number in range(5000))
    cookies = "".join(f"Set-Cookie: c{number}=1\r\n" for number in range(1000))
    start, end = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n", b"\r\nx"
    world.on("/many", sends(start + many.encode() + end))
    world.on("/cookies", sends(start + cookies.encode() + end))
    world.on("/long", sends(start + b"X-Long: " + b"a" * MEGABYTE + b"\r\n" + end))
    world.on("/etag", sends(start + b"ETag: " + b"a" * 50_000 + b"\r\n" + end))
    world.on("/nul", sends(start + b"ETag: a\0b\r\n" + end))
    world.on("/name", sends(start + b"X\rY: 1\r\n" + end))

    fetched = {path: await net.fetch(Request(url=world.url(path), kind="feed")) for path in sorted(world.behaviours)}
    for path, reply in fetched.items():
        if isinstance(reply, Document):
            assert len(reply.headers) <= 64
            assert sum(map(len, reply.headers.values())) < 300_000
            assert not any("\0" in value or "\r" in value for value in reply.headers.values()), path
    assert isinstance(fetched["/cookies"], Document)
    assert isinstance(fetched["/long"], FetchFailed)
    assert "etag" not in fetched["/etag"].headers
    await net.fetch(Request(url=world.url("/cookies"), kind="feed"))
    assert not any("cookie" in request.headers for request in world.seen)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_t16_redirects_without_end(net: Net, world: Hostile, status: int) -> None:
    async def grows(talk: Talk) -> None:
        await talk.reply(status, b"", {"Location": talk.request.path + "&again=1"})

    for path, behaviour in (("/loop", redirects("/loop", status)), ("/grows", grows)):
        world.seen.clear()
        failed = await failure(net, world.on(path, behaviour) + "?q=1")
        assert (failed.reason, failed.weight) == ("too_many_redirects", "hard")
        assert len(failed.redirects) == 5
        assert len(world.seen) == 6


async def test_t16_five_redirects_are_followed(net: Net, world: Hostile) -> None:
    for number in range(5):
        world.on(f"/{number}", redirects(f"../{number + 1}#part", 301))
    world.on("/5", answers(200, b"x"))
    document = await net.fetch(Request(url=world.url("/0"), kind="feed"))
    assert isinstance(document, Document)
    assert document.redirects == tuple(Redirect(301, world.url(f"/{number}")) for number in range(1, 6))
    assert document.final_url == world.url("/5")
    assert document.url == world.url("/0")


async def resets(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n12345")
    await asyncio.sleep(0.05)
    talk.reset()


async def resets_at_once(talk: Talk) -> None:
    talk.reset()


@pytest.mark.parametrize(
    "behaviour",
    [
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>"),
        sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n"),
        sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n"),
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n<rss>x"),
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n<rss>"),
        sends(b"<rss></rss>\r\n\r\n"),
        sends(b"SSH-2.0-OpenSSH_9\r\n"),
        sends(b""),
        sends(b"\x16\x03\x01\x02\x00\x01\x00" + bytes(500)),
        sends(b"HTTP/1.1 abc OK\r\n\r\n"),
        sends(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        resets,
        resets_at_once,
        answers(204),
        answers(205),
        answers(206, b"<rss>", {"Content-Range": "bytes 0-4/100"}),
        answers(200, b""),
        answers(304),
        answers(300, b"x"),
        answers(301, b"x"),
        answers(305, b"x"),
        answers(400, b"x"),
        answers(999, b"x"),
    ],
)
async def test_t17_broken_replies_are_failures(net: Net, world: Hostile, behaviour: Any) -> None:
    failed = await failure(net, world.on("/feed", behaviour))
    assert failed.reason in ("bad_response", "cut_off", "http_status")
    assert failed.weight == "hard"


async def test_t17_short_bodies_are_failures_also_when_coded(net: Net, world: Hostile) -> None:
    raw = gzip.compress(random.Random(1).randbytes(5000))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
    world.on("/length", sends(head + b"Content-Length: %d\r\n\r\n" % len(raw) + raw[:3000]))
    world.on("/close", sends(head + b"Connection: close\r\n\r\n" + raw[:3000]))
    world.on("/chunk", sends(head + b"Transfer-Encoding: chunked\r\n\r\n64\r\n" + raw[:100] + b"\r\n"))
    length, close, chunk = [await failure(net, world.url(path)) for path in ("/length", "/close", "/chunk")]
    assert {length.reason, close.reason, chunk.reason} == {"cut_off"}
    assert length.detail == f"the reply breaks off after 3,000 of {len(raw):,} bytes"
    assert close.detail == "the compressed body ends in the middle"
    assert chunk.detail == "the reply breaks off before its last part"


async def test_a_refused_connection_is_a_failure(make_net: MakeNet) -> None:
    net = make_net(allow=("127.0.0.2",))
    failed = await failure(net, "http://127.0.0.2:1/")
    assert (failed.reason, failed.weight) == ("connect", "hard")


async def test_a_certificate_that_nobody_signed(make_net: MakeNet, certificate: tuple[Path, ssl.SSLContext]) -> None:
    from tests.support.hostile import hostile

    authority, context = certificate
    async with hostile(tls=context) as world:
        url = world.on("/", answers(200, b"secure"))
        net = make_net(allow=("127.0.0.2",))
        assert (await failure(net, url)).reason == "tls"
        trusting = make_net(allow=("127.0.0.2",), ca_file=authority)
        for _ in range(2):
            document = await trusting.fetch(Request(url=url, kind="feed"))
            assert isinstance(document, Document)
            assert document.body == b"secure"
        assert world.connections - 1 <= 2
        world.on("/down", redirects(url.replace("https:", "http:")))
        failed = await failure(trusting, world.url("/down"))
        assert failed.reason == "bad_url"
        plain = make_net(allow=("127.0.0.2",))
        assert (await failure(plain, url.replace("https:", "http:"))).reason == "bad_response"


async def test_cancellation_passes_and_leaves_nothing_open(net: Net, world: Hostile) -> None:
    for path, behaviour in (("/silent", silent), ("/drip", drips_body)):
        task = asyncio.create_task(net.fetch(Request(url=world.on(path, behaviour), kind="feed")))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert net.open_connections == 0


async def test_t62_no_secret_of_an_address_is_logged_or_told(
    net: Net, world: Hostile, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.on("/s3cret-path", answers(500))
    url = f"http://us3r:passw0rd@{world.authority}/s3cret-path?token=t0ken"
    failed = await failure(net, url)
    refused = await failure(net, url.replace(world.authority, "127.0.0.1:9"))
    broken = await failure(net, url.replace(world.authority, "h:99999"))
    told = f"{failed.detail} {refused.detail} {broken.detail} {caplog.text}"
    for secret in ("us3r", "passw0rd", "s3cret", "t0ken", "dXMzcj"):
        assert secret not in told


@given(st.binary(max_size=300))
def test_any_bytes_for_a_reply_are_a_value(junk: bytes) -> None:
    async def once() -> None:
        from monitor.net.settings import NetSettings
        from tests.support.hostile import hostile

        async with hostile() as world:
            url = world.on("/", sends(b"HTTP/1.1 " + junk))
            async with Net(NetSettings(user_agent="t", allow=(world.authority,), spacing=0, deadline=5)) as net:
                assert isinstance(await net.fetch(Request(url=url, kind="feed")), Document | FetchFailed)

    asyncio.run(once())
