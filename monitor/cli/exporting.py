"""The archive as rows, and rows as JSON lines, CSV or Parquet."""

from __future__ import annotations

import csv
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from monitor.cli.nouns import progress
from monitor.cli.output import Row, as_json, csv_cell, plain
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.core.query import Query
    from monitor.model import Article
    from monitor.storage.engine import Database

BATCH = 200
COLUMNS = (
    "id", "seen", "published", "title", "url", "feed", "site", "lang", "authors", "topics", "countries", "people",
    "story", "duplicate_of", "similarity", "version", "edited_at", "backlog", "body_status", "tags", "summary", "text",
)  # fmt: skip
"""Of CSV and Parquet; JSON has everything."""


class Walk:
    """The articles in the order in which they came, each batch of one moment of the database.

    With a query, those for which it holds are found first, by the index as far as it goes.
    """

    def __init__(
        self, db: Database, query: Query | None, moment: datetime, *, since: datetime | None, until: datetime | None
    ) -> None:
        self.db, self.query, self.moment, self.since, self.until = db, query, moment, since, until

    def __iter__(self) -> Iterator[Article]:
        from monitor.storage import articles

        batches, total = self._all(), self._total()
        if self.query is not None:
            found = self._found(self.query)
            batches = (found[start : start + BATCH] for start in range(0, len(found), BATCH))
            total = len(found)
        done = 0
        with progress("exporting", total) as told:
            for ids in batches:
                loaded = self.db.read_now(articles.load, ids)
                for article in (loaded[each] for each in ids if each in loaded):
                    if self.until is None or article.seen < self.until:
                        yield article
                told(done := done + len(ids))

    def _total(self) -> int:
        from monitor.cli.asking import everything, within
        from monitor.storage import search

        asked = within(everything(), self.moment, self.since, None)
        return self.db.read_now(search.count, asked, self.moment).total

    def _all(self) -> Iterator[list[int]]:
        from monitor.storage import articles

        after = 0
        while ids := self.db.read_now(articles.ids_after, after, BATCH, since=self.since):
            yield ids
            after = ids[-1]

    def _found(self, query: Query) -> list[int]:
        from monitor.cli.asking import within
        from monitor.storage import search

        asked, found = within(query, self.moment, self.since, self.until), list[int]()
        before: int | None = None
        with progress("searching") as told:
            while True:
                page = self.db.read_now(search.newest, asked, self.moment, limit=BATCH, before=before)
                found += [hit.article.id for hit in page.hits]
                told(len(found))
                before = page.next
                if before is None:
                    return found[::-1]


def row_of(article: Article) -> Row:
    """All that is stored of an article, flat where it can be."""
    found, text = article.analysis, article.analysis.text
    return {
        "id": article.id,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "feed": article.feed,
        "site": text.site,
        "seen": article.seen,
        "published": text.published,
        "updated": found.updated,
        "lang": text.lang,
        "authors": text.authors,
        "title": text.title,
        "summary": text.summary,
        "text": text.body,
        "body_status": found.body_status,
        "image": found.image,
        "tags": text.tags,
        "topics": [{"name": topic.name, "score": round(topic.score, 4)} for topic in found.topics],
        "countries": [{"code": each.code, "mentions": each.mentions} for each in found.countries],
        "people": [{"name": each.name, "role": each.role, "org": each.org} for each in found.people],
        "quotes": [
            {"text": each.text, "speaker": each.speaker, "person": each.person, "start": each.start, "end": each.end}
            for each in found.quotes
        ],
        "facts": [
            {"kind": each.kind, "value": each.value, "text": each.text, "start": each.start, "end": each.end}
            for each in found.facts
        ],
        "duplicate_of": article.duplicate_of,
        "similarity": article.similarity,
        "story": article.story_id,
        "version": article.version,
        "edited_at": article.edited_at,
        "backlog": article.backlog,
    }


def flat(article: Article) -> Row:
    """As ``row_of``, with lists of names in place of lists of objects."""
    row = row_of(article)
    row["topics"] = [topic["name"] for topic in row["topics"]]
    row["countries"] = [country["code"] for country in row["countries"]]
    row["people"] = [person["name"] for person in row["people"]]
    return {name: row[name] for name in COLUMNS}


def write(walk: Walk, file: str, shape: str, *, raw: bool) -> int:
    """Write what ``walk`` gives; how many. A file appears under its name only when it is whole.

    :raises UsageError: it cannot be written, or Parquet is not installed.
    """
    if shape == "parquet":
        if file == "-":
            raise UsageError("Parquet is written to a file, not to standard output")
        return _parquet(walk, Path(file))
    with _opened(file) as out:
        if shape == "csv":
            return _csv(walk, out, raw=raw)
        count = 0
        for article in walk:
            out.write(as_json(row_of(article)) + "\n")
            count += 1
        return count


def _csv(walk: Walk, out: IO[str], *, raw: bool) -> int:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for article in walk:
        row = flat(article)
        if raw:
            writer.writerow([_joined(plain(row[name])) for name in COLUMNS])
        else:
            writer.writerow([csv_cell(_joined(row[name])) for name in COLUMNS])
        count += 1
    return count


def _joined(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _parquet(walk: Walk, path: Path) -> int:
    try:
        pa: Any = importlib.import_module("pyarrow")
        pq: Any = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise UsageError("Parquet needs pyarrow; install it with: pip install 'monitor-news[parquet]'") from None
    kinds: dict[str, Any] = dict.fromkeys(COLUMNS, pa.string())
    kinds |= dict.fromkeys(("id", "story", "duplicate_of", "version"), pa.int64())
    kinds |= dict.fromkeys(("seen", "published", "edited_at"), pa.timestamp("us", tz="UTC"))
    kinds |= dict.fromkeys(("authors", "topics", "countries", "people", "tags"), pa.list_(pa.string()))
    kinds |= {"similarity": pa.float64(), "backlog": pa.bool_()}
    schema = pa.schema([(name, kinds[name]) for name in COLUMNS])
    count = 0
    with _in_place(path) as part, pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for rows in _batches(walk):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            count += len(rows)
    return count


def _batches(walk: Walk, most: int = 1000) -> Iterator[list[Row]]:
    rows: list[Row] = []
    for article in walk:
        rows.append(flat(article))
        if len(rows) == most:
            yield rows
            rows = []
    if rows:
        yield rows


@contextmanager
def _opened(file: str) -> Iterator[IO[str]]:
    if file == "-":
        yield sys.stdout
        sys.stdout.flush()
        return
    with _in_place(Path(file)) as part, part.open("w", encoding="utf-8", newline="") as out:
        yield out


@contextmanager
def _in_place(path: Path) -> Iterator[Path]:
    """A file beside ``path`` that takes its name in the end; nothing is left where writing fails."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield part
        os.link(part, path)
    except FileExistsError:
        raise UsageError(f"{path} exists already; choose another name") from None
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
