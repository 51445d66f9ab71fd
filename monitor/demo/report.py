"""What a demo came to, gathered from its database and sinks as lines of text."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

from sqlalchemy import Connection

from monitor.app import open_database
from monitor.core.duplicates.origins import origins
from monitor.core.messages.card import story_line
from monitor.demo.stage import Played
from monitor.model import Article
from monitor.storage import articles as article_rows
from monitor.storage import feeds as feed_rows
from monitor.storage import stories as story_rows


@dataclass(frozen=True, slots=True)
class Report:
    """The parts of the summary."""

    topics: list[tuple[str, int]]
    copies: list[str]
    story: list[str]
    edits: list[str]
    failing: list[str]
    mail: list[str]
    hook: list[str]
    commands: list[str]


def report(played: Played) -> Report:
    """Read it out of the database that the demo left."""
    database = open_database(played.settings, create=False)
    try:
        return database.read_now(_read, played)
    finally:
        database.close()


def _read(connection: Connection, played: Played) -> Report:
    articles = list(article_rows.load(connection, article_rows.ids_after(connection, 0, 1000)).values())
    topics: dict[str, int] = {}
    for article in articles:
        for topic in article.analysis.topics:
            topics[topic.name] = topics.get(topic.name, 0) + 1
    largest = max(
        (story for story in story_rows.list_stories(connection, limit=100)),
        key=lambda story: story.articles,
        default=None,
    )
    members = story_rows.story_articles(connection, largest.id) if largest else []
    story = [f"story {largest.id}: {story_line(largest)}"] if largest else []
    story += [_line(article) for article in article_rows.load(connection, members).values()]
    return Report(
        topics=sorted(topics.items(), key=lambda item: (-item[1], item[0]))[:12],
        copies=_copies(articles),
        story=story,
        edits=[line for article in articles if article.edited_at for line in _versions(connection, article)],
        failing=[
            f"{feed.spec.name}: {feed.state.problem_detail}; asked again at {feed.state.next_poll_at:%H:%M:%S} UTC"
            for feed in feed_rows.list_feeds(connection)
            if feed.state.problem and feed.state.next_poll_at
        ],
        mail=_mail(played.mails),
        hook=_hook(played.hooks),
        commands=_commands(played, largest.id if largest else 1),
    )


def _copies(articles: list[Article]) -> list[str]:
    """Each text that several sites have: where it comes from, and who has it."""
    by_id = {article.id: article for article in articles}
    lines: list[str] = []
    for first, origin in origins(articles).items():
        copies = [article for article in articles if first in {article.id, article.duplicate_of}]
        source = by_id[origin.article_id]
        lines.append(f"{_line(source)}\n    origin: {origin.agency or source.feed}, {origin.why}")
        lines += [
            _line(copy) + (f"\n    {copy.duplicate_reason}" if copy.duplicate_reason else "")
            for copy in copies
            if copy is not source
        ]
    return lines


def _line(article: Article) -> str:
    text = article.analysis.text
    return f"{article.id:>4} [{text.lang}] {text.title} ({article.feed})"


def _versions(connection: Connection, article: Article) -> list[str]:
    versions = article_rows.versions(connection, article.id)
    return [f"{article.id:>4} version {version.version}: {version.title}" for version in versions]


def _mail(mails: list[Any]) -> list[str]:
    if not mails:
        return ["(none came)"]
    mail = mails[0]
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    heads = [f"{name}: {mail[name]}" for name in ("From", "To", "Subject", "Message-ID", "List-Id") if mail[name]]
    return [*heads, "", *text.strip().splitlines()]


def _hook(received: list[dict[str, Any]]) -> list[str]:
    if not received:
        return ["(none came)"]
    lines = json.dumps(received[0], ensure_ascii=False, indent=2).splitlines()
    return [*lines[:40], f"… {len(lines) - 40} lines more"] if len(lines) > 40 else lines


def _commands(played: Played, story: int) -> list[str]:
    config = played.folder / "config.toml"
    program = program_name()
    return [
        f"{program} -c {config} search 'deport* country:UZ'",
        f"{program} -c {config} stories {story}",
        f"{program} -c {config} feeds health",
    ]


def program_name() -> str:
    """How this program is called from where the reader is: by its name if that is found, else by its path."""
    if which("monitor"):
        return "monitor"
    path = Path(sys.argv[0]).absolute()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
