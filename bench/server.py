"""The web of `world` on loopback, one address a site, in a process of its own.

    python bench/server.py --feeds 500 --items 20 [--pages [--wearing FOLDER]]

Prints its port once it listens. ``--wearing``: the pages are those of a folder instead, one after another.
``/_round/N`` makes every feed show N items more (and drop as many); ``/_etag/on`` and ``/_etag/off`` turn validators on
and off. Everything is made before it is asked for, so that serving costs little.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import signal
from pathlib import Path

import measure
import world


def address(site: int) -> str:
    """One address of 127/8 a site."""
    return f"127.{10 + site // 62_500}.{site // 250 % 250}.{site % 250 + 1}"


class Web:
    """The sites, and what they show now."""

    def __init__(self, feeds: int, items: int, *, pages: bool, rounds: int, port: int, wearing: Path | None) -> None:
        self.etag = True
        self.round = 0
        made = world.World()
        given = iter(measure.pages_in(wearing) if wearing else ())
        self.feeds: dict[tuple[int, int], tuple[bytes, bytes]] = {}
        self.pages: dict[tuple[int, bytes], bytes] = {}
        for site in range(feeds):
            base = f"http://{address(site)}:{port}"
            reports = [made.report(site * 1000 + number) for number in range(items + rounds)]
            for step in range(rounds + 1):
                body = world.feed(reports[step : step + items][::-1], site=site, base=base)
                self.feeds[site, step] = body, f'"{hashlib.md5(body).hexdigest()}"'.encode()
            for report in reports if pages else ():
                page = next(given) if wearing else world.page(report, site=site, base=base)
                self.pages[site, report.path.encode()] = page

    def answer(self, site: int, path: bytes, head: bytes) -> bytes:
        if path == b"/feed.xml":
            body, tag = self.feeds[site, self.round]
            if not self.etag:
                return _reply(b"200 OK", b"application/rss+xml", body)
            if b"if-none-match: " + tag in head:
                return b"HTTP/1.1 304 Not Modified\r\netag: " + tag + b"\r\n\r\n"
            return _reply(b"200 OK", b"application/rss+xml", body, b"etag: " + tag + b"\r\n")
        if path.startswith(b"/_"):
            name, _, value = path[2:].partition(b"/")
            if name == b"round":
                self.round = int(value)
            else:
                self.etag = value == b"on"
            return _reply(b"200 OK", b"text/plain", b"done")
        if (page := self.pages.get((site, path))) is not None:
            return _reply(b"200 OK", b"text/html; charset=utf-8", page)
        return _reply(b"404 Not Found", b"text/plain", b"no such page")


def _reply(status: bytes, kind: bytes, body: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\ncontent-type: %s\r\ncontent-length: %d\r\n%s\r\n%s" % (status, kind, len(body), more, body)


class Connection(asyncio.Protocol):
    """Requests one after another; none has a body."""

    def __init__(self, web: Web, site: int) -> None:
        self.web, self.site, self.data = web, site, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.data += data
        while b"\r\n\r\n" in self.data:
            head, _, self.data = self.data.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1]
            self.transport.write(self.web.answer(self.site, path, head.lower()))  # type: ignore[attr-defined]


async def serve(web: Web, feeds: int, port: int) -> None:
    loop = asyncio.get_running_loop()
    for site in range(feeds):
        await loop.create_server(lambda site=site: Connection(web, site), address(site), port, backlog=512)  # type: ignore[misc]
    print(port, flush=True)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    while not stop.is_set() and os.getppid() != 1:  # noqa: ASYNC110 - the end of a parent is no event
        await asyncio.sleep(0.5)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--feeds", type=int, default=500)
    options.add_argument("--items", type=int, default=20)
    options.add_argument("--rounds", type=int, default=0)
    options.add_argument("--pages", action="store_true")
    options.add_argument("--wearing", type=Path)
    options.add_argument("--port", type=int, default=8931)
    given = options.parse_args()
    web = Web(given.feeds, given.items, pages=given.pages, rounds=given.rounds, port=given.port, wearing=given.wearing)
    asyncio.run(serve(web, given.feeds, given.port))


if __name__ == "__main__":
    main()
