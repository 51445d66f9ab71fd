"""``analyze``, ``compare``, ``cluster``, ``parse-feed``: the pure core over JSON lines, without database or network."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

import click

from monitor.cli.common import Desk, desk_options
from monitor.cli.output import as_json


def records(lines: IO[str], answer: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """The objects of ``lines``; a line that is none is answered with its error, and the others go on."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as problem:
            answer(as_json({"id": None, "error": f"line {number} is not JSON: {problem}"}))
            continue
        if not isinstance(record, dict) or "id" not in record:
            answer(as_json({"id": None, "error": f"line {number} is no object with an id"}))
            continue
        yield record


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

    asyncio.run(analyse_all(desk, jobs, records(sys.stdin, say), say))


def _each(told: Iterable[dict[str, Any]]) -> None:
    for answer in told:
        say(as_json(answer))


@click.command()
def compare() -> None:
    """Pairs of documents in as JSON lines; duplicate, same story or different out.

    In: {"id", "a": {"title", "text", "published", "site", "url"}, "b": {…}}. Example:

    \b
      monitor compare < pairs.jsonl
    """
    from monitor.core.stories.clustering import compare_json

    _each(compare_json(record) for record in records(sys.stdin, say))


@click.command()
def cluster() -> None:
    """Documents in, in their order of arrival; what each is a copy of, and its story, out.

    In: {"id", "title", "text", "published", "site", "url"}. Example:

    \b
      monitor cluster < documents.jsonl
    """
    from monitor.core.stories.clustering import cluster_json

    _each(cluster_json(records(sys.stdin, say)))


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
    import gzip

    from monitor.core.feeds import parse_feed_json

    body = file.read()
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    say(as_json(parse_feed_json(body, url=url, content_type=content_type)))
