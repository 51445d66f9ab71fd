"""A web of feeds on loopback whose entries the test writes, and the real daemon as a subprocess to watch it."""

import asyncio
import itertools
import json
import os
import random
import signal
import sys
import time
import zlib
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

from tests.support.hostile import Hostile, Talk, hostile

WORDS = tuple(
    """
    harbour market council bridge winter river engine paper window garden letter signal corner silver mountain
    cotton kitchen railway pepper lantern meadow copper ladder velvet orchard pencil thunder basket island marble
""".split()
)


def prose(seed: int, sentences: int = 9) -> list[str]:
    """Paragraphs that no other seed shares: enough for a body, of everyday words."""
    chance = random.Random(seed)
    said = [
        " ".join([f"{chance.choice(WORDS).capitalize()}{chance.randrange(10**6)}", *chance.choices(WORDS, k=14)]) + "."
        for _ in range(sentences)
    ]
    return [" ".join(said[n : n + 3]) for n in range(0, sentences, 3)]


@dataclass
class Entry:
    """One entry; ``word`` stands in its text, for rules to find."""

    number: int
    title: str
    paragraphs: list[str]
    published: datetime


@dataclass
class Feed:
    """A feed of RSS 2.0 under ``/NAME.xml`` with its pages under ``/NAME/NUMBER``."""

    name: str
    entries: list[Entry] = field(default_factory=list)
    shown: int = 200


class Newsroom:
    """Feeds by name on one host; ``asked`` counts requests by path."""

    def __init__(self, server: Hostile) -> None:
        self.server = server
        self.feeds: dict[str, Feed] = {}
        self.asked: Counter[str] = Counter()
        self._numbers = itertools.count(1)

    def feed(self, name: str) -> Feed:
        made = self.feeds[name] = Feed(name)
        self.server.on(f"/{name}.xml", self._answer_feed(made))
        return made

    def url(self, feed: Feed) -> str:
        return self.server.url(f"/{feed.name}.xml")

    def publish(self, feed: Feed, word: str = "", *, age: timedelta = timedelta(0)) -> Entry:
        """A new entry of ``feed``, with ``word`` in its first sentence."""
        number = next(self._numbers)
        paragraphs = prose(number)
        if word:
            paragraphs[0] = f"The {word} was seen again. {paragraphs[0]}"
        title = " ".join(paragraphs[-1].split()[:7])
        entry = Entry(number, title, paragraphs, datetime.now(UTC) - age)
        feed.entries.insert(0, entry)
        self.server.on(f"/{feed.name}/{number}", self._answer_page(feed, entry))
        return entry

    def page_url(self, feed: Feed, entry: Entry) -> str:
        return self.server.url(f"/{feed.name}/{entry.number}")

    def _answer_feed(self, feed: Feed):
        async def behave(talk: Talk) -> None:
            self.asked[f"/{feed.name}.xml"] += 1
            items = "".join(
                f"<item><title>{escape(e.title)}</title><link>{self.page_url(feed, e)}</link>"
                f"<guid isPermaLink='false'>{feed.name}-{e.number}</guid><pubDate>{format_datetime(e.published)}</pubDate>"
                f"<description>{escape(e.paragraphs[0])}</description></item>"
                for e in feed.entries[: feed.shown]
            )
            body = (
                f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{feed.name}</title>'
                f"<link>{self.server.url('/')}</link><description>x</description>{items}</channel></rss>"
            )
            etag = f'"{zlib.crc32(body.encode())}"'
            if talk.request.headers.get("if-none-match") == etag:
                await talk.reply(304, b"", {"ETag": etag})
            else:
                await talk.reply(200, body.encode(), {"Content-Type": "application/rss+xml", "ETag": etag})

        return behave

    def _answer_page(self, feed: Feed, entry: Entry):
        async def behave(talk: Talk) -> None:
            self.asked[f"/{feed.name}/{entry.number}"] += 1
            said = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in entry.paragraphs)
            body = (
                f"<!doctype html><html lang=en><head><title>{escape(entry.title)}</title></head>"
                f"<body><article><h1>{escape(entry.title)}</h1>{said}</article></body></html>"
            )
            await talk.reply(200, body.encode(), {"Content-Type": "text/html; charset=utf-8"})

        return behave


@asynccontextmanager
async def newsroom():
    async with hostile() as server:
        room = Newsroom(server)

        async def no_robots(talk: Talk) -> None:
            await talk.reply(404, b"")

        server.on("/robots.txt", no_robots)
        yield room


class Service:
    """``monitor run`` as a subprocess on a configuration in ``folder``."""

    def __init__(self, folder: Path, config: str) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.config.write_text(config, encoding="utf-8")
        self.log = folder / "daemon.log"
        self.process: asyncio.subprocess.Process | None = None

    @property
    def database(self) -> Path:
        return self.folder / "monitor.db"

    async def start(self, **environment: str) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "monitor", "-c", str(self.config), "run",
                stdout=log, stderr=log, env={**os.environ, **environment},
            )  # fmt: skip

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 60)

    def reload(self, config: str | None = None) -> None:
        if config is not None:
            self.config.write_text(config, encoding="utf-8")
        self.process.send_signal(signal.SIGHUP)

    async def started(self, within: float = 30) -> None:
        await until(
            lambda: self.log.exists() and "daemon_started" in self.log.read_text(), within, "start of the daemon"
        )

    async def ask(self, *arguments: str) -> tuple[int, list[dict]]:
        """A command over the same configuration: exit code and its JSON lines."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "monitor", "-c", str(self.config), *arguments,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode, [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]


async def until(holds, within: float, what: str) -> None:
    """Wait until ``holds()``; a test that waits longer than ``within`` seconds has failed."""
    end = time.monotonic() + within
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {within:g} s")
        await asyncio.sleep(0.05)
