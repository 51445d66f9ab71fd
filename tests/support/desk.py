"""A news desk under fire: feeds, a webhook receiver and a mail box that write a history, and the daemon between them.

What the sinks received goes to a file at once, so a test can be judged after it, from the file and the database alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.hostile import Hostile, Talk, hostile
from tests.support.newsroom import Newsroom, Service, newsroom
from tests.support.sinks import Mail, MailSink, mail_sink

PATIENCE = 180.0
"""Seconds after which a test that waits has failed: protection against hanging, no measure of speed."""


class History:
    """Lines ``{"sink", "id", "article"}`` in the order of their arrival."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def note(self, sink: str, message_id: str, article: str = "") -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"sink": sink, "id": message_id, "article": article}) + "\n")

    def read(self, sink: str) -> list[dict[str, str]]:
        lines = map(json.loads, self._path.read_text(encoding="utf-8").splitlines())
        return [line for line in lines if line["sink"] == sink]


@dataclass
class Hook:
    """A webhook receiver; ``status`` is what it answers, and ``behave`` comes before that."""

    server: Hostile
    history: History
    name: str = "hook"
    status: int = 204

    @property
    def url(self) -> str:
        return self.server.url(f"/{self.name}")

    async def take(self, talk: Talk) -> None:
        payload = json.loads(talk.request.body)
        if self.status < 300:
            article = payload["data"].get("article") or {}
            self.history.note(self.name, talk.request.headers["webhook-id"], article.get("url", ""))
        await talk.reply(self.status, b"")

    @property
    def ids(self) -> list[str]:
        return [line["id"] for line in self.history.read(self.name)]


@dataclass
class Desk:
    """``extra`` and ``rules`` are TOML; ``polling`` the least and most seconds between polls."""

    folder: Path
    room: Newsroom
    hook: Hook
    mail: MailSink
    history: History
    fetch_pages: bool = False
    rules: str = """
[[rules]]
name = "kraken"
query = "kraken"
channels = ["hook", "mail"]
trigger = "each"
per_hour = 1000
"""
    extra: str = ""
    storage: str = ""
    least: float = 1
    most: float = 2
    listen: str = ""
    allow: tuple[str, ...] = ()
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        self.service = Service(self.folder, "")

    def config(self) -> str:
        hosts = json.dumps([self.room.server.authority, self.hook.server.authority, *self.allow])
        pages = str(self.fetch_pages).lower()
        feeds = "".join(
            f'[[feeds]]\nname = "{name}"\nurl = "{self.room.url(feed)}"\nfetch_pages = {pages}\n'
            for name, feed in self.room.feeds.items()
        )
        return f"""
{self.storage}
[fetch]
allow = {hosts}
spacing = "0s"
per_host = 20
[polling]
least = "{self.least:g}s"
initial = "{self.least:g}s"
most = "{self.most:g}s"
[service]
listen = "{self.listen}"
[channels.hook]
type = "webhook"
url = "{self.hook.url}"
[channels.mail]
type = "email"
host = "127.0.0.1"
port = {self.mail.port}
encryption = "none"
sender = "monitor@example.org"
recipients = ["desk@example.org"]
{self.extra}
{self.rules}
{feeds}
"""

    async def start(self, **environment: str) -> None:
        self.service.config.write_text(self.config(), encoding="utf-8")
        await self.service.start(**environment)

    def log(self) -> str:
        return self.service.log.read_text(encoding="utf-8") if self.service.log.exists() else ""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the SQLite database answers; nothing while there is none."""
        if not self.service.database.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.service.database}?mode=ro", uri=True, timeout=20)) as database:
            try:
                return database.execute(query).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    def count(self, table: str, where: str = "1") -> int:
        return int((self.rows(f"SELECT count(*) FROM {table} WHERE {where}") or [(0,)])[0][0])


@asynccontextmanager
async def desk(folder: Path, **settings: Any) -> AsyncIterator[Desk]:
    """A desk with no feed yet and a daemon that is not started."""
    history = History(folder / "history.jsonl")
    async with newsroom() as room, hostile("127.0.0.3") as hooks, mail_sink() as mail:
        hook = Hook(hooks, history)
        hooks.on("/hook", hook.take)
        mail.taken = lambda taken: history.note("mail", message_id(taken))
        made = Desk(folder, room, hook, mail, history, **settings)
        try:
            yield made
        finally:
            process = made.service.process
            if process is not None and process.returncode is None:
                await made.service.kill()


def message_id(mail: Mail) -> str:
    """The part of a Message-ID that all sendings of one alert share."""
    return str(mail.message["Message-ID"]).strip("<> ").partition("@")[0]


@dataclass
class Verdict:
    """What the sinks' history says: alerts by article, and how many messages came more than once."""

    ids: dict[str, set[str]]
    repeats: int
    mailed: Counter[str]


def judge(history: History) -> Verdict:
    ids: dict[str, set[str]] = {}
    hooks = history.read("hook")
    for line in hooks:
        ids.setdefault(line["article"], set()).add(line["id"])
    mailed = Counter(line["id"] for line in history.read("mail"))
    repeats = len(hooks) - len({line["id"] for line in hooks}) + mailed.total() - len(mailed)
    return Verdict(ids, repeats, mailed)
