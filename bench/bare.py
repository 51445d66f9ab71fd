"""What anybody would write in an hour: the baselines of `corridor` and `polling`.

python bench/bare.py extract LIST [--fast] [--bare]   download and trafilatura, two processes
python bench/bare.py poll LIST DATABASE          httpx, feedparser, SQLite
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import io
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path


def read_pages(addresses: list[str], *, fast: bool, metadata: bool) -> int:
    """Download and extract one page after another over kept connections; how many gave text.

    ``fast`` leaves out trafilatura's other extractors, which it asks by default where its own finds little.
    """
    import httpx
    import trafilatura

    found = 0
    with httpx.Client(timeout=30, trust_env=False) as client:
        for address in addresses:
            page = client.get(address)
            if page.status_code == 200:
                found += bool(trafilatura.bare_extraction(page.content, url=address, fast=fast, with_metadata=metadata))
    return found


def extract(addresses: list[str], *, fast: bool, metadata: bool) -> int:
    with ProcessPoolExecutor(2) as pool:
        halves = [pool.submit(read_pages, addresses[start::2], fast=fast, metadata=metadata) for start in (0, 1)]
        return sum(half.result() for half in halves)


async def poll(addresses: list[str], database: str) -> int:
    """Ask every feed once, with validators and a hash of the body; how many entries were new."""
    import feedparser
    import httpx

    db = sqlite3.connect(database)
    db.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE IF NOT EXISTS feeds (url TEXT PRIMARY KEY, etag TEXT, hash TEXT);"
        "CREATE TABLE IF NOT EXISTS entries (feed TEXT, guid TEXT, title TEXT, link TEXT, published TEXT, text TEXT,"
        " PRIMARY KEY (feed, guid));"
    )
    known = {url: (etag, digest) for url, etag, digest in db.execute("SELECT url, etag, hash FROM feeds")}
    turns = asyncio.Semaphore(50)
    new = 0
    async with httpx.AsyncClient(timeout=30, trust_env=False, limits=httpx.Limits(max_connections=50)) as client:

        async def one(url: str) -> None:
            nonlocal new
            etag, digest = known.get(url, (None, None))
            async with turns:
                reply = await client.get(url, headers={"if-none-match": etag} if etag else {})
            found = hashlib.sha256(reply.content).hexdigest()
            if reply.status_code != 200 or found == digest:
                return
            parsed = feedparser.parse(io.BytesIO(reply.content))
            rows = [
                (url, e.get("id") or e.get("link"), e.get("title"), e.get("link"), e.get("published"), e.get("summary"))
                for e in parsed.entries
            ]
            with db:
                before = db.total_changes
                db.executemany("INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?, ?)", rows)
                new += db.total_changes - before
                db.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?, ?)", (url, reply.headers.get("etag"), found))

        await asyncio.gather(*map(one, addresses))
    db.close()
    return new


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", choices=["extract", "poll"])
    options.add_argument("list", type=Path)
    options.add_argument("database", nargs="?")
    options.add_argument("--fast", action="store_true")
    options.add_argument("--bare", action="store_true", help="without metadata")
    given = options.parse_args()
    addresses = given.list.read_text().split()
    if given.what == "extract":
        print(extract(addresses, fast=given.fast, metadata=not given.bare))
    else:
        print(asyncio.run(poll(addresses, given.database)))


if __name__ == "__main__":
    main()
