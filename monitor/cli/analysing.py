"""The work of ``monitor analyze``: documents through the sandbox, answers in order, no document stops the others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor import sandboxed
from monitor.cli.output import as_json, safe
from monitor.cli.stateless import Record, Unreadable, unpacked
from monitor.core.dates import parse_date
from monitor.core.urls import site_of
from monitor.errors import MonitorError
from monitor.model import Analysis, ParsedEntry, Text

if TYPE_CHECKING:
    from monitor.cli.common import Desk
    from monitor.sandbox import Sandbox

AHEAD = 4
"""So many documents a worker are under way, so that none waits for the writing of answers."""

FIELDS = {"title": "title", "body": "text", "summary": "text"}


async def analyse_all(
    desk: Desk, jobs: int, records: Iterable[Record | Unreadable], say: Callable[[str], None]
) -> None:
    """Answer every record, in order, and as soon as all before it are answered."""
    from monitor.app import topic_sources
    from monitor.config import parse_settings
    from monitor.errors import ConfigError
    from monitor.sandbox import Sandbox

    try:
        settings = desk.settings
    except ConfigError as problem:
        if "no configuration" not in str(problem):
            raise
        settings = parse_settings("", Path("config.toml"))
    topics = topic_sources(settings)
    sandbox = Sandbox(
        jobs,
        memory_mb=settings.sandbox.memory // 1_000_000,
        deadline=settings.sandbox.deadline.total_seconds(),
        preload=sandboxed.PRELOAD,
        prepare=(sandboxed.prepare, (topics,)),
    )
    under_way: asyncio.Queue[asyncio.Task[dict[str, Any]] | OSError | None] = asyncio.Queue(jobs * AHEAD)
    loop = asyncio.get_running_loop()

    async def begin(record: Record | Unreadable) -> None:
        await under_way.put(asyncio.create_task(answer(sandbox, topics, record)))

    def take_in() -> None:
        end = None
        with suppress(CancelledError):  # the reader of the answers has had enough
            try:
                for record in records:
                    asyncio.run_coroutine_threadsafe(begin(record), loop).result()
            except OSError as problem:
                end = problem
            asyncio.run_coroutine_threadsafe(under_way.put(end), loop).result()

    # In a thread, for a line that is not there yet must not keep back the answers to those before it.
    threading.Thread(target=take_in, daemon=True).start()
    try:
        while isinstance(task := await under_way.get(), asyncio.Task):
            say(as_json(await task))
        if task:
            raise task
    finally:
        await sandbox.close()


async def answer(sandbox: Sandbox, topics: sandboxed.TopicSources, record: Record | Unreadable) -> dict[str, Any]:
    """One record's answer; a failure is told in ``error``, with the other fields empty."""
    if isinstance(record, Unreadable):
        return as_answer(record.id, Analysis(text=Text(title="", body="")), record.why)
    try:
        material = material_of(record)
        analysis: Analysis = await sandbox.run(sandboxed.analyse_any, material, topics)
    except (MonitorError, OSError, ValueError, TypeError) as problem:
        return as_answer(record["id"], Analysis(text=Text(title=record.get("title") or "", body="")), str(problem))
    fault = analysis.body_detail or analysis.body_status if analysis.body_status == "poison" else None
    if record.get("published") and moment(record["published"]) is None:  # no error of the document, which is read
        told = f"{record['id']}: published is no time: {record['published']!r}; the text was read without it"
        click.echo(safe(told), err=True)
    return as_answer(record["id"], analysis, fault)


def material_of(record: dict[str, Any]) -> sandboxed.Loose:
    """What a record gives to analyse.

    :raises ValueError: it has none or several of path, html and text.
    """
    given = [name for name in ("path", "html", "text") if record.get(name) is not None]
    if len(given) != 1:
        raise ValueError("needs exactly one of path, html and text")
    title, url, lang = record.get("title"), record.get("url") or "", record.get("lang")
    published = moment(record.get("published"))
    if given == ["text"]:
        return sandboxed.Loose(text=str(record["text"]), title=title, url=url, lang=lang, published=published)
    body = str(record["html"]).encode() if given == ["html"] else read(Path(str(record["path"])))
    entry = ParsedEntry(guid=None, url=url or None, title=title or "", published=published, lang=lang)
    content_type = "text/html; charset=utf-8" if given == ["html"] else None
    return sandboxed.Loose(page=body, content_type=content_type, entry=entry, url=url, lang=lang, published=published)


def read(path: Path) -> bytes:
    """The bytes of a file, unpacked where its name ends in .gz.

    :raises OSError: it cannot be read, or not unpacked.
    """
    return unpacked(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def moment(value: Any) -> datetime | None:
    """A time as aware UTC; one that cannot be read is as good as none, for the text is analysed all the same."""
    if value is None:
        return None
    try:
        when = datetime.fromisoformat(str(value))
    except ValueError:
        return parse_date(str(value))
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def as_answer(record_id: Any, analysis: Analysis, error: str | None) -> dict[str, Any]:
    """The object of the interface."""
    text = analysis.text
    return {
        "id": record_id,
        "title": text.title,
        "text": text.body,
        "published": text.published,
        "authors": list(text.authors),
        "site": text.site or (site_of(text.url) if text.url else None),
        "lang": text.lang,
        "topics": [
            {
                "name": topic.name,
                "score": topic.score,
                "terms": [
                    {"term": term.term, "field": FIELDS[term.field], "start": term.start, "end": term.end}
                    for term in topic.terms
                    if term.field in {"title", "body"}
                ],
            }
            for topic in analysis.topics
        ],
        "countries": [{"code": each.code, "mentions": each.mentions} for each in analysis.countries],
        "people": [{"name": each.name, "role": each.role, "org": each.org} for each in analysis.people],
        "quotes": [
            {"text": each.text, "speaker": each.speaker, "person": each.person, "start": each.start, "end": each.end}
            for each in analysis.quotes
        ],
        "facts": [
            {"kind": each.kind, "value": each.value, "text": each.text, "start": each.start, "end": each.end}
            for each in analysis.facts
        ],
        "body_status": analysis.body_status,
        "error": error,
    }
