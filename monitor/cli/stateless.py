"""``analyze``, ``compare``, ``cluster``, ``parse-feed``: the pure core over JSON lines, without database or network."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import click

from monitor.cli.common import Desk, desk_options
from monitor.cli.output import as_json

STDIN = 0
TEXTS = ("title", "text", "html", "path", "url", "site", "lang")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that cannot be worked on: its id where it has one, and what is wrong with it."""

    id: Any
    why: str


Record = dict[str, Any]


def records(inner: tuple[str, ...] = ()) -> Iterator[Record | Unreadable]:
    """The objects of standard input, a line each; a line that is none keeps its place, and the others go on.

    :param inner: the keys of the documents in an object that is none itself.
    """
    if sys.stdin is None:  # closed, and its number may be another file's by now
        return
    # A reader of our own: the interpreter could not end while a thread waits in its own.
    with open(STDIN, "rb", closefd=False) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield record_of(line, number, inner)


def record_of(line: bytes, number: int, inner: tuple[str, ...]) -> Record | Unreadable:
    """One line, in UTF-8."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as problem:
        return Unreadable(None, f"line {number} is not JSON: {problem}")
    if not isinstance(record, dict) or "id" not in record:
        return Unreadable(None, f"line {number} is no object with an id")
    for key in inner:
        if not isinstance(record.get(key), dict):
            return Unreadable(record["id"], f"{key} is no document")
    for document in [record[key] for key in inner] or [record]:
        for key in TEXTS:
            if not isinstance(document.get(key), str | None):
                return Unreadable(record["id"], f"{key} is no text")
    return record


def say(line: str) -> None:
    """One line out, at once: whoever reads a pipe waits for it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@click.command()
@desk_options
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Worker processes.")
def analyze(desk: Desk, jobs: int) -> None:
    """Documents in as JSON lines, what they say out, in the same order.

    In: {"id", "url", one of "path" | "html" | "text", "title", "published", "lang"}. Example:

    \b
      echo '{"id": "1", "text": "Moscow deported two diplomats."}' | monitor analyze
    """
    import asyncio

    from monitor.cli.analysing import analyse_all

    asyncio.run(analyse_all(desk, jobs, records(), say))


@click.command()
def compare() -> None:
    """Pairs of documents in as JSON lines; duplicate, same story or different out.

    In: {"id", "a": {"title", "text", "published", "site", "url"}, "b": {…}}. Example:

    \b
      monitor compare < pairs.jsonl
    """
    from monitor.core.stories.clustering import compare_json

    for record in records(("a", "b")):
        if isinstance(record, Unreadable):
            fault = {"verdict": None, "similarity": None, "why": record.why, "error": record.why}
            say(as_json({"id": record.id, **fault}))
        else:
            say(as_json(compare_json(record)))


@click.command()
def cluster() -> None:
    """Documents in, in their order of arrival; what each is a copy of, and its story, out.

    In: {"id", "title", "text", "published", "site", "url"}. Example:

    \b
      monitor cluster < documents.jsonl
    """
    from monitor.core.stories.clustering import cluster_json

    def readable() -> Iterator[Record]:
        for record in records():
            if isinstance(record, Unreadable):
                say(as_json({"id": record.id, "duplicate_of": None, "story": None, "error": record.why}))
            else:
                yield record

    for answer in cluster_json(readable()):
        say(as_json(answer))


@click.command()
@click.option("--url", default="", help="Where the feed came from; relative links start there.")
@click.option("--content-type", help="As the server said.")
@click.argument("file", type=click.File("rb"))
def parse_feed(url: str, content_type: str | None, file: IO[bytes]) -> None:
    """One feed document as one JSON object. FILE may be - for standard input, and gzipped.

    \b
    Example:
      monitor parse-feed --url https://example.org/feed.xml feed.xml
    """
    from monitor.core.feeds import parse_feed_json

    body = file.read()
    try:
        read = parse_feed_json(unpacked(body) if body[:2] == b"\x1f\x8b" else body, url=url, content_type=content_type)
    except OSError as problem:
        read = {"title": None, "link": None, "entries": [], "error": str(problem)}
    say(as_json(read))


def unpacked(packed: bytes) -> bytes:
    """What was packed by gzip.

    :raises OSError: it was not, or only a part of it is there.
    """
    import gzip
    import zlib

    try:
        return gzip.decompress(packed)
    except (EOFError, zlib.error) as problem:
        raise OSError(f"gzip: {problem}") from None
