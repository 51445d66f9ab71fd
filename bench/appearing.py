"""From an item appearing in a feed to the receipt of its webhook: the daemon as it runs, against the poll interval.

    .venv/bin/python bench/appearing.py [--items 150] [--feeds 30] [--interval 5] [--pages]

Items appear one after another, each in a feed of its own turn, at moments that have nothing to do with the polls. Every
feed is polled each ``--interval`` seconds, so an item waits half of that by chance; what is more is the program's.
``--pages`` has each item's page fetched and read as well; without it the feed's own text is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from measure import conditions

WORDS = [f"word{number}" for number in range(5000)]


class Web:
    """Feeds that grow, their pages, and the receiver of the webhooks."""

    def __init__(self, feeds: int) -> None:
        self.host = ""
        self.items: list[list[int]] = [[] for _ in range(feeds)]
        self.asked = [0] * feeds
        self.appeared: dict[int, float] = {}
        self.polled: dict[int, float] = {}
        self.received: dict[int, float] = {}
        self.changed = asyncio.Condition()

    def appear(self, number: int) -> None:
        self.items[number % len(self.items)].append(number)
        self.appeared[number] = time.monotonic()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                method, path = head.split(b" ", 2)[:2]
                if method == b"POST":
                    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
                    await self.note(await reader.readexactly(length))
                    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                    continue
                body, kind = self.page(path.decode())
                async with self.changed:
                    self.changed.notify_all()
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
                writer.write(body)
        writer.close()

    async def note(self, body: bytes) -> None:
        number = int(json.loads(body)["data"]["article"]["url"].rpartition("/")[2])
        self.received.setdefault(number, time.monotonic())
        async with self.changed:
            self.changed.notify_all()

    async def until(self, holds: Callable[[], bool], within: float) -> None:
        async with asyncio.timeout(within), self.changed:
            await self.changed.wait_for(holds)

    def page(self, path: str) -> tuple[bytes, str]:
        if path.startswith("/feed"):
            feed = int(path.removeprefix("/feed"))
            self.asked[feed] += 1
            for number in self.items[feed]:
                self.polled.setdefault(number, time.monotonic())
            entries = "".join(
                f"<item><guid>{number}</guid><link>http://{self.host}/item/{number}</link><title>Item {number}</title>"
                f"<description>{text(number)}</description></item>"
                for number in reversed(self.items[feed])
            )
            return f"<rss version='2.0'><channel><title>f</title>{entries}</channel></rss>".encode(), "text/xml"
        if path.startswith("/item/"):
            number = int(path.removeprefix("/item/"))
            page = f"<html><title>Item {number}</title><article><p>{text(number)}</p></article></html>"
            return page.encode(), "text/html"
        return b"", "text/plain"


def text(number: int) -> str:
    chance = random.Random(number)
    return f"The kraken of {number} was seen. " + " ".join(chance.choices(WORDS, k=150)) + "."


def config(host: str, feeds: int, interval: float, *, pages: bool) -> str:
    told = f"""
[storage]
url = "bench.db"
[fetch]
allow = ["{host}"]
spacing = "0s"
per_host = 20
[polling]
least = "{interval:g}s"
initial = "{interval:g}s"
most = "{interval:g}s"
[service]
listen = ""
[channels.hook]
type = "webhook"
url = "http://{host}/hook"
[[rules]]
name = "kraken"
query = "kraken"
trigger = "each"
per_hour = 1000
channels = ["hook"]
"""
    for feed in range(feeds):
        told += f'[[feeds]]\nname = "f{feed}"\nurl = "http://{host}/feed{feed}"\nfetch_pages = {str(pages).lower()}\n'
    return told


async def measured(given: argparse.Namespace, folder: Path) -> Web:
    """All items that appeared, with the times at which they were polled and received."""
    web = Web(given.feeds)
    server = await asyncio.start_server(web.answer, "127.0.0.1", 0)
    web.host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    (folder / "config.toml").write_text(config(web.host, given.feeds, given.interval, pages=given.pages))
    with (folder / "log").open("wb") as log:
        daemon = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "monitor", "-c", str(folder / "config.toml"), "run", stdout=log, stderr=log
        )
    try:
        await web.until(lambda: min(web.asked) >= 2, 60 + 2 * given.interval)
        for number in range(given.items, given.items + given.feeds):  # workers start with the first articles
            web.appear(number)
        await web.until(lambda: len(web.received) == given.feeds, 60 + 4 * given.interval)
        chance = random.Random(1)
        for number in range(given.items):
            web.appear(number)
            await asyncio.sleep(chance.expovariate(given.feeds / given.interval / 4))
        try:
            await web.until(lambda: len(web.received) == given.feeds + given.items, 60 + 4 * given.interval)
        except TimeoutError:
            missing = given.feeds + given.items - len(web.received)
            sys.exit(f"{missing} items did not arrive\n{(folder / 'log').read_text()[-2000:]}")
    finally:
        daemon.terminate()
        await daemon.wait()
        server.close()
    return web


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--items", type=int, default=150)
    options.add_argument("--feeds", type=int, default=30)
    options.add_argument("--interval", type=float, default=5.0, help="seconds")
    options.add_argument("--pages", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        web = asyncio.run(measured(given, Path(folder)))
    print(conditions())
    print(f"{given.items} items in {given.feeds} feeds, polled every {given.interval:g} s")
    print(f"{'seconds':28} {'median':>8} {'95th percentile':>16} {'longest':>8}")
    for name, first, last in (
        ("appears to polled", web.appeared, web.polled),
        ("polled to received", web.polled, web.received),
        ("appears to received", web.appeared, web.received),
    ):
        spent = sorted(last[number] - first[number] for number in range(given.items))
        parts = statistics.quantiles(spent, n=20)
        print(f"{name:28} {parts[9]:8.2f} {parts[18]:16.2f} {spent[-1]:8.2f}")
    print(f"the last against the interval {parts[9] / given.interval:7.2f} {parts[18] / given.interval:16.2f}")


if __name__ == "__main__":
    main()
