"""The real command line over a real database of a small desk: feeds in trouble, alerts, dead letters, hostile names."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.core.retry import after_attempt
from monitor.core.rulebook import rule_version
from monitor.model import (
    Alert,
    Delivered,
    FeedSpec,
    FeedState,
    Hold,
    Rejected,
    RetryLater,
    Rule,
    RuleMatch,
    Span,
)
from monitor.storage import feeds, notices, outbox
from monitor.storage import rules as rule_rows
from monitor.storage.engine import Database
from tests.storage.material import analysis, delivery, ingest, new_entry, poll

HOSTILE = "Evil \x1b[31mred\u202e =1+1"
FORMULA = "=HYPERLINK(1)"

CONFIG = """
operators = ["mail"]
[storage]
url = "monitor.db"
keep_articles = "90d"
[fetch]
contact = "desk@news.example"
[groups.agencies]
least = "7m"
[queries]
border = "border OR frontier"
[channels.mail]
type = "email"
host = "127.0.0.1"
port = 25
encryption = "none"
sender = "monitor@news.example"
recipients = ["desk@news.example"]
[channels.hook]
type = "webhook"
url = "https://hooks.example/T0/SECRETPATH"
[[rules]]
name = "borders"
query = "border"
channels = ["mail", "hook"]
"""


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]


class Desk:
    """A folder with a configuration, and the command line over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.config.write_text(CONFIG, encoding="utf-8")
        self.path = folder / "monitor.db"

    def more(self, text: str) -> None:
        self.config.write_text(self.config.read_text("utf-8") + text, encoding="utf-8")

    def ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """``monitor`` with these arguments, in this process."""
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        before = sys.argv, sys.stdin
        sys.argv, sys.stdin = ["monitor", "-c", str(self.config), *arguments], io.TextIOWrapper(io.BytesIO(stdin))
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            sys.argv, sys.stdin = before
        for stream in (out, err):
            stream.flush()
        return Answer(code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())  # type: ignore[attr-defined]

    def database(self) -> Database:
        return Database.open(self.path)

    def write(self, work: Callable, *arguments: object, **named: object) -> object:
        with self.database() as database:
            return database.write_now(work, *arguments, **named)

    def read(self, work: Callable, *arguments: object, **named: object) -> object:
        with self.database() as database:
            return database.read_now(work, *arguments, **named)


def rule(name: str = "borders", query: str = "border", origin: str = "config") -> Rule:
    made = Rule(name=name, query=query, channels=("mail", "hook"), origin=origin, version="")
    return Rule(name=name, query=query, channels=("mail", "hook"), origin=origin, version=rule_version(made))


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def empty(tmp_path: Path, sqlite_address: str) -> Desk:
    """A desk whose database has no rows."""
    return Desk(Path(sqlite_address).parent)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """The folder of a desk that was filled once; tests copy it."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copy(sqlite_template, folder / "monitor.db")
    (folder / "monitor.db").chmod(0o600)
    fill(Desk(folder))
    return folder


@pytest.fixture
def desk(tmp_path: Path, filled: Path) -> Desk:
    """Three feeds, three articles, an alert with two deliveries (one dead), and a match that was held."""
    copied = Desk(tmp_path)
    for name in ("config.toml", "monitor.db"):
        shutil.copy(filled / name, tmp_path / name)
    copied.path.chmod(0o600)
    return copied


def fill(desk: Desk) -> None:
    moment = now()
    with desk.database() as database:
        read = FeedSpec(url="https://harbour.example/feed.xml", name="Harbour", group="agencies")
        database.write_now(feeds.sync_config_feeds, [read], moment)
        desk.more('[[feeds]]\nurl = "https://harbour.example/feed.xml"\nname = "Harbour"\ngroup = "agencies"\n')
        down = database.write_now(feeds.add_feed, FeedSpec(url="https://down.example/rss", name=HOSTILE), moment)
        database.write_now(feeds.add_feed, FeedSpec(url="https://new.example/rss", name="New"), moment)
        database.write_now(
            feeds.save_state, down.id,
            FeedState(
                next_poll_at=moment + timedelta(hours=2), last_polled_at=moment, failures=3.0, problem="unreachable",
                first_polled_at=moment - timedelta(days=2), last_success_at=moment - timedelta(days=1),
                problem_detail="DNS: no such name \x1b[2J", reason="failures weigh 3",
            ),
        )  # fmt: skip
        well = FeedState(
            next_poll_at=moment + timedelta(minutes=20), last_polled_at=moment, last_success_at=moment,
            first_polled_at=moment, interval=timedelta(minutes=20), reason="every 20 minutes", format="rss20",
        )  # fmt: skip
        entries = [new_entry(n) for n in range(3)]
        ids = database.write_now(poll, 1, entries, at=moment, state=well)
        database.write_now(rule_rows.sync_config_rules, [rule()], moment)
        match = RuleMatch(rule="borders", rule_version=rule().version, spans=(Span("title", 0, 6, "border"),))
        told = Alert(
            id="01alert", key="k", rule="borders", rule_version=rule().version, article_id=ids[0], story_id=1,
            created_at=moment, priority="high", channels=("mail", "hook"), reason="first report of a new story",
        )  # fmt: skip
        sent = [delivery("01alert"), delivery("01alert", "hook", "webhook at hooks.example")]
        title = f"Border {HOSTILE}"
        found = analysis(title=title, url="https://news.example/a/0", published=moment)
        database.write_now(ingest, ids[0], found, moment, matches=[match], alerts=[told], deliveries=sent)
        held = Hold(rule="borders", reason="story_already_alerted", detail="its story was alerted", refers_to="01alert")
        found = analysis(title="Frontier and border", url="https://news.example/a/1", published=moment)
        database.write_now(ingest, ids[1], found, moment, matches=[match], holds=[held])
        found = analysis(title=FORMULA, body="Nothing else.", url="https://news.example/a/2", published=moment)
        database.write_now(ingest, ids[2], found, moment)
        for number, outcomes in (
            (1, [RetryLater(reason="451 later", status=451), Delivered(receipt="250 ok")]),
            (2, [Rejected(reason="HTTP 404 \x1b[31m", status=404)]),
        ):
            for outcome in outcomes:
                row = database.read_now(outbox.delivery, number)[0]
                after = after_attempt(row.attempts + 1, outcome, now=moment, jitter=0.5)
                database.write_now(outbox.save_attempt, row, outcome, after, at=moment, elapsed=0.25)
        database.write_now(notices.note, "feed_gone", "a feed is gone", moment)
