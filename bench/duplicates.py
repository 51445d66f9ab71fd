"""Copies and stories: what a fingerprint costs, and how the index of fingerprints grows.

    .venv/bin/python bench/duplicates.py [--items 100000] [--seed 1]

Texts are generated with a seed. Two parts, both in one run, so that only their ratios compare with another run:

* steps   processor time of each step for one article of 5 kB, as a multiple of tokenising it
* index   ``--items`` fingerprints put into SQLite one after another, as the daemon does, each looked up first: nine in
          ten are new, one is a copy of an earlier one with three tenths replaced; one key in twenty is a site's
          furniture or a common phrase, which thousands have. The minima are drawn as MinHash would draw them, because a
          million texts take an hour to write. Medians over the last tenth, bytes of the whole file by item.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from pathlib import Path

from monitor.core.duplicates.fingerprints import fingerprint
from monitor.core.duplicates.verdict import compare
from monitor.core.stories import LIMIT_COPIES, PER_KEY, place, rank, story_keys
from monitor.core.text import tokenise
from monitor.model import Candidate, Text

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SOUNDS = [a + b for a in (*"bdfgklmnprstvz", "ch", "sh", "st", "tr") for b in (*"aeiou", "ai", "en", "or", "is")]
BANDS, HOT, KEEP = 14, 2_000, 0.54


class World:
    """Words by rank, and reports written with them."""

    def __init__(self, seed: int, size: int = 40_000) -> None:
        self.random = random.Random(seed)
        self.words = ["".join(self.random.choices(SOUNDS, k=self.random.randint(1, 4))) for _ in range(size)]
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(size)))

    def sentence(self) -> str:
        words = self.random.choices(self.words, cum_weights=self.weights, k=self.random.randint(8, 28))
        return " ".join(words).capitalize() + "."

    def article(self, number: int, length: int = 5_000) -> Candidate:
        sentences: list[str] = []
        while sum(map(len, sentences)) < length:
            sentences.append(self.sentence())
        title, body = self.sentence()[:70], "\n\n".join(sentences)
        seen = NOW + timedelta(minutes=number)
        print_ = fingerprint(Text(title=title, body=body))
        return Candidate(
            article_id=number, title=title, text=body, site=None, url="", published=seen, seen=seen,
            fingerprint=print_, story_id=number,
        )  # fmt: skip


def milliseconds(step: Callable[[Candidate], object], articles: list[Candidate]) -> float:
    taken = []
    for article in articles:
        started = time.process_time_ns()
        step(article)
        taken.append((time.process_time_ns() - started) / 1e6)
    return statistics.median(taken)


def steps(seed: int) -> None:
    world = World(seed)
    articles = [world.article(number) for number in range(400)]
    ahead = {a.article_id: articles[max(0, a.article_id - 50) : a.article_id] for a in articles}
    texts = {a.article_id: Text(title=a.title, body=a.text) for a in articles}
    before = {b.article_id: a for a, b in pairwise(articles)}

    def alone(article: Candidate) -> object:
        return compare(article, before[article.article_id])

    def among_fifty(article: Candidate) -> object:
        return place(article, ahead[article.article_id], now=NOW + timedelta(days=1))

    ways: dict[str, Callable[[Candidate], object]] = {
        "tokenise": lambda a: tokenise(a.text),
        "fingerprint": lambda a: fingerprint(texts[a.article_id]),
        "story_keys": lambda a: story_keys(texts[a.article_id]),
        "place among 50": among_fifty,
        "compare two": alone,
    }
    base = milliseconds(ways["tokenise"], articles[100:])  # once for the memo of words, then for the measure
    base = milliseconds(ways["tokenise"], articles[100:])
    for name, step in ways.items():
        cost = milliseconds(step, articles[100:])
        print(f"{name:16} {cost:7.3f} ms  {cost / base:5.1f} x tokenising")


def arrivals(count: int, seed: int) -> Iterator[tuple[tuple[int, ...], int | None]]:
    """The bands of each item, and the recent item of which it is a copy."""
    rnd = random.Random(seed)
    made: list[tuple[int, ...]] = []
    for number in range(count):
        copied = rnd.randrange(max(0, number - 20_000), number) if number and rnd.random() < 0.1 else None
        drawn = [
            rnd.randrange(HOT) * 65_537 + band if rnd.random() < 0.05 else rnd.randrange(-(2**31), 2**31)
            for band in range(BANDS)
        ]
        if copied is not None:
            drawn = [old if rnd.random() < KEEP else new for old, new in zip(made[copied], drawn, strict=True)]
        made.append(tuple(drawn))
        if number > 20_000:
            made[number - 20_001] = ()
        yield made[-1], copied


def index(count: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.db"
        db = sqlite3.connect(path, isolation_level=None)
        db.executescript("""
            PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
            CREATE TABLE bands (key INTEGER, article_id INTEGER, PRIMARY KEY (key, article_id)) WITHOUT ROWID;
            CREATE TABLE fingerprints (article_id INTEGER PRIMARY KEY, signature BLOB NOT NULL, size INTEGER NOT NULL);
        """)
        newest = f"SELECT article_id FROM bands WHERE key = ? ORDER BY article_id DESC LIMIT {PER_KEY}"
        found = copies = 0
        looks, puts, sizes = [], [], []
        signature = random.Random(seed).randbytes(64)
        started = time.monotonic()
        db.execute("BEGIN")
        for number, (bands, copied) in enumerate(arrivals(count, seed)):
            begun = time.perf_counter_ns()
            hits = {key: [row[0] for row in db.execute(newest, (key,))] for key in bands}
            candidates = rank(hits, LIMIT_COPIES)
            looked = time.perf_counter_ns()
            db.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(key, number) for key in bands])
            db.execute("INSERT INTO fingerprints VALUES (?, ?, ?)", (number, signature, 700))
            written = time.perf_counter_ns()
            if number % 500 == 499:
                db.execute("COMMIT")
                db.execute("BEGIN")
            if copied is not None:
                copies += 1
                found += copied in candidates
            if number >= count * 9 // 10:
                looks.append((looked - begun) / 1e6)
                puts.append((written - looked) / 1e6)
                sizes.append(len(candidates))
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        seconds = time.monotonic() - started
        db.close()
        look, put = statistics.median(looks), statistics.median(puts)
        print(f"{count:,} fingerprints in {seconds:.0f} s, {path.stat().st_size / count:.0f} bytes an item")
        print(f"look-up     {look:.3f} ms, 99 in 100 within {statistics.quantiles(looks, n=100)[-1]:.3f} ms")
        print(f"insert      {put:.3f} ms; a look-up costs {look / put:.1f} inserts")
        print(f"candidates  {statistics.mean(sizes):.1f} an item; {found / copies:.4f} of {copies:,} copies among them")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    steps(given.seed)
    index(given.items, given.seed)


if __name__ == "__main__":
    main()
