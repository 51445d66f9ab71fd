"""A small archive in several languages, stored as the daemon stores it, and the real command line on it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection

from monitor.app import rule_of, topic_sources
from monitor.cli import cli
from monitor.config import load_settings
from monitor.core.analysis import understand
from monitor.core.articles import doc_of
from monitor.core.retry import AfterAttempt
from monitor.core.rulebook import RuleBook
from monitor.core.stories import story_keys
from monitor.errors import MonitorError
from monitor.model import (
    Alert,
    Analysis,
    Delivered,
    Duplicate,
    FeedSpec,
    FeedState,
    Hold,
    Joins,
    Placement,
    RetryLater,
    Starts,
    Text,
)
from monitor.sandboxed import load_topics, vocabulary
from monitor.storage import alerts, articles, feeds, ingestion, outbox, polling, stories
from monitor.storage import pending as pending_rows
from monitor.storage import rules as rule_rows
from monitor.storage.engine import Database
from tests.storage.material import delivery, new_entry, plan

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)

CONFIG = """
[storage]
url = "monitor.db"
[queries]
central-asia = "country:(UZ OR KZ OR KG)"
[topics]
pack = false
[topics.deportation]
label = "Deportation and removals"
threshold = 0.4
strong = ["deport*"]
against = ["deport* NEAR/6 stalin"]
should_match = ["Forty deported to Tashkent"]
[topics.deportation.ru]
strong = ["депортир*"]
[topics.trade]
label = "Trade"
terms = ["tariff*", "arancel*"]
[channels.mail]
type = "email"
host = "127.0.0.1"
sender = "monitor@desk.example"
recipients = ["desk@desk.example"]
[[rules]]
name = "removals"
query = "topic:deportation @central-asia"
channels = ["mail"]
[[rules]]
name = "quakes"
query = "earthquake*"
channels = ["mail"]
enabled = false
"""

ESC = "\x1b"
HOSTILE = f"{ESC}[31mRed{ESC}[0m {ESC}]8;;http://evil.example{ESC}\\click{ESC}]8;;{ESC}\\ \u202eesrever\u2066 [bold]x[/bold] \x9b2J\x07"
FORMULA = '=HYPERLINK("http://evil.example";"zebra")'

BODY = (
    "A charter flight from Warsaw brought forty people to Tashkent on Monday. "
    "“We take our citizens home with dignity,” said Anvar Karimov, deputy interior minister of Uzbekistan. "
    "Poland had deported eleven of them after their sentences; the others had lost asylum cases.\n"
    "Rights groups asked for access to the removal flight. Lawyers were told of it only after it had taken off."
)
PAGE = "<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, Any]:
        (row,) = self.rows
        return row


class Cli:
    """The command line in this process, on one folder with configuration and database."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.config = folder, folder / "config.toml"

    def __call__(self, *args: str, given: str | None = None) -> Ran:
        result = CliRunner().invoke(cli, ["-c", str(self.config), *args], standalone_mode=False, input=given)
        error = result.exception
        if isinstance(error, MonitorError):
            return Ran(error.exit_code, result.stdout, result.stderr + str(error))
        if hasattr(error, "format_message"):
            return Ran(2, result.stdout, error.format_message())
        if error is not None:
            raise error
        return Ran(result.return_value if isinstance(result.return_value, int) else 0, result.stdout, result.stderr)

    def database(self) -> Database:
        return Database.open(self.folder / "monitor.db")


class Archive:
    """Fills a database through the same functions as the pipeline."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        settings = load_settings(folder / "config.toml")
        self.connection = connection
        self.pack = load_topics(topic_sources(settings))
        rules = [rule_of(rule) for rule in settings.rules]
        rule_rows.sync_config_rules(connection, rules, NOW - 90 * HOUR)
        self.book = RuleBook(rules, settings.queries, vocabulary())
        self.feeds: dict[str, int] = {}
        self.number = 0

    def feed(self, name: str, host: str, **state: Any) -> None:
        spec = FeedSpec(url=f"https://{host}/feed.xml", name=name)
        self.feeds[name] = feeds.add_feed(self.connection, spec, NOW - 90 * HOUR).id
        if state:
            feeds.save_state(self.connection, self.feeds[name], FeedState(**state))

    def listed(self, feed: str, url: str, title: str, body: str, ago: int, *, backlog: bool = False) -> int:
        self.number += 1
        entry = new_entry(self.number, url=url, title=title, content=body, backlog=backlog)
        at = NOW - ago * HOUR
        state = FeedState(
            last_polled_at=at, last_success_at=at, next_poll_at=at + HOUR, interval=HOUR, reason="every hour"
        )
        record = polling.PollRecord(at=at, status=200, size=900, entries=1)
        woken = polling.save_poll(self.connection, self.feeds[feed], plan([entry], state=state, outcome="new"), record)
        return woken[0][0]

    def analysed(self, url: str, title: str, body: str, ago: int, *, lang: str = "en", summary: str = "") -> Analysis:
        host = url.split("/")[2]
        text = Text(
            title=title, body=body, summary=summary, authors=("Ann Writer",), url=url, site=host, lang=lang,
            published=NOW - ago * HOUR - HOUR, tags=("World",),
        )  # fmt: skip
        return understand(text, self.pack)

    def ingest(
        self, article_id: int, found: Analysis, ago: int, placement: Placement | None = None, **more: Any
    ) -> ingestion.Saved:
        at = NOW - ago * HOUR + timedelta(seconds=20)
        placement = placement or Starts()
        story = stories.story_for(self.connection, placement, found.text, NOW - ago * HOUR)
        keys = story_keys(
            found.text, countries=[c.code for c in found.countries], people=[p.name for p in found.people]
        )
        return ingestion.save_ingest(
            self.connection, article_id, now=at, analysis=found, placement=placement, story_id=story, keys=keys, **more
        )

    def add(self, feed: str, url: str, title: str, body: str, ago: int, **more: Any) -> int:
        lang, placement = more.pop("lang", "en"), more.pop("placement", None)
        article_id = self.listed(feed, url, title, body, ago, backlog=more.pop("backlog", False))
        found = self.analysed(url, title, body, ago, lang=lang)
        page = PAGE.format(title=title, body="".join(f"<p>{each}</p>" for each in body.splitlines()))
        kept = articles.Page(
            fetched_at=NOW - ago * HOUR + timedelta(seconds=10), final_url=url, content_type="text/html; charset=utf-8",
            packed=articles.pack(page.encode()),
        )  # fmt: skip
        self.ingest(article_id, found, ago, placement, page=kept, **more)
        return article_id

    def matched(self, article_id: int, *, alert: str | None = None, hold: Hold | None = None) -> None:
        """The rules that hold for it, with an alert or a hold."""
        article = articles.load(self.connection, [article_id])[article_id]
        at = article.seen + timedelta(seconds=20)
        matches = self.book.match(doc_of(article), at)
        assert matches
        made = [] if alert is None else [Alert(
            id=alert, key=f"story:{article_id}", rule="removals", rule_version=matches[0].rule_version,
            article_id=article_id, story_id=article.story_id, created_at=at, priority="high", channels=("mail",),
            reason="first report of a story",
        )]  # fmt: skip
        held = [] if hold is None else [hold]
        out = [] if alert is None else [delivery(alert)]
        alerts.save(
            self.connection, article_id, article.version, at, matches=matches, alerts=made, holds=held, deliveries=out
        )
        if alert:
            (sent,) = outbox.list_deliveries(self.connection, alert_id=alert)
            later = at + timedelta(minutes=1)
            after = AfterAttempt(state="retry", next_attempt_at=later, error="greylisted", recipients=(), disable=False)
            busy = RetryLater(reason="greylisted, try later", status=451)
            outbox.save_attempt(self.connection, sent, busy, after, at=at + timedelta(seconds=5), elapsed=0.3)
            again = replace(sent, attempts=1)
            done = AfterAttempt(state="sent", next_attempt_at=None, error=None, recipients=(), disable=False)
            outbox.save_attempt(self.connection, again, Delivered(receipt="250 kept"), done, at=later, elapsed=0.2)


def fill(connection: Connection, folder: Path) -> None:
    made = Archive(connection, folder)
    made.feed("Harbour Wire", "harbour.example")
    made.feed("Steppe Herald", "steppe.example")
    made.feed("Diario", "diario.example")
    made.feed(
        "Broken", "broken.example", failures=3.0, problem="not a feed", problem_detail="a web page, not a feed",
        last_polled_at=NOW - HOUR, last_success_at=NOW - 50 * HOUR, next_poll_at=NOW + HOUR,
    )  # fmt: skip
    made.feed("Fresh", "fresh.example")
    title = "Forty deported from Poland land in Tashkent"
    first = made.add("Harbour Wire", "https://harbour.example/a/1", title, BODY, 40)  # 1
    made.matched(first, alert="01alert")
    copy = Duplicate(of=first, story_id=1, similarity=0.97, why="97% in common, another headline")
    second = made.add(
        "Steppe Herald", "https://steppe.example/b/2", "Removal flight reaches Uzbekistan", BODY, 38, placement=copy
    )  # 2
    made.matched(
        second, hold=Hold(rule="removals", reason="duplicate", detail="a copy of article 1", refers_to="01alert")
    )
    made.add(
        "Steppe Herald", "https://steppe.example/b/3", "Из Польши в Ташкент депортировали сорок человек",
        "В понедельник из Варшавы прибыл самолёт. «Мы встретили всех», — заявил представитель МВД Узбекистана.",
        30, lang="ru", placement=Joins(story_id=1, similarity=0.6, why="same event"),
    )  # 3  # fmt: skip
    made.add(
        "Steppe Herald", "https://steppe.example/b/4", "Polshadan 40 kishi deportatsiya qilindi",
        "Dushanba kuni Oʻzbekistonga charter reysi keldi.", 29, lang="uz", backlog=True,
    )  # 4  # fmt: skip
    made.add("Diario", "https://diario.example/c/5", "México sube aranceles al acero",
             "El arancel alcanza el 25 %. Los aranceles suben.", 20, lang="es")  # 5  # fmt: skip
    made.add("Diario", "https://diario.example/c/6", HOSTILE, f"A zebra {HOSTILE} crossed. Zebra news.", 10)  # 6
    made.add("Diario", "https://diario.example/c/7", FORMULA, "Another zebra here.", 9)  # 7
    edited = made.add("Harbour Wire", "https://harbour.example/a/8", "Consulate suspends visas",
                      "The consulate has suspended student visas.", 8)  # 8  # fmt: skip
    pending_rows.retry(connection, [edited], NOW - 7 * HOUR, cause="edited")
    again = made.analysed("https://harbour.example/a/8", "Consulate delays visas",
                          "The consulate has delayed student visas.", 8)  # fmt: skip
    ingestion.save_ingest(connection, edited, now=NOW - 7 * HOUR, analysis=again, placement=None, story_id=None)
    waiting = made.listed(
        "Harbour Wire", "https://harbour.example/a/9", "Still unread", "Only the feed's words.", 1
    )  # 9
    pending_rows.postpone(connection, waiting, NOW + HOUR, "timeout: no answer within 30 s")


@pytest.fixture(scope="session")
def archive_template(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    folder = tmp_path_factory.mktemp("reading")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    shutil.copy(sqlite_template, folder / "monitor.db")
    with Database.open(folder / "monitor.db") as database:
        database.write_now(fill, folder)
    return folder


@pytest.fixture
def run(archive_template: Path, tmp_path: Path) -> Cli:
    """The command line on a copy of the archive."""
    folder = tmp_path / "desk"
    shutil.copytree(archive_template, folder)
    return Cli(folder)
