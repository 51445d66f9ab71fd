"""What each step of the way costs one article: processor time, as a share of extraction, and memory.

    .venv/bin/python bench/steps.py [--articles 150] [--rules 100] [--rounds 5] [--pages FOLDER]

Articles of `world`, or of the pages in a folder (every ``.html`` and ``.html.gz``); of each article the least time of
all rounds, because what else runs on the machine only adds to it; then the mean over articles, all steps on the same
articles in one run. The steps of an analysis share words that are folded and texts whose words are known, and take
turns with extraction in the processor's caches, so the line ``analyse`` is what a worker really pays. Memory is the
peak that Python's allocator sees above its level before the step: the mean over articles, and that of the article that
takes most.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import measure
import world

from monitor.core import language, places
from monitor.core.analysis import analyse
from monitor.core.datelines import dateline
from monitor.core.dates import facts
from monitor.core.duplicates.fingerprints import fingerprint
from monitor.core.indexing import index_text
from monitor.core.material import Material, Page
from monitor.core.pages.extraction import extract
from monitor.core.pages.furniture import blocks
from monitor.core.people import people
from monitor.core.query import Doc, QueryIndex, parse
from monitor.core.quotes import quotes
from monitor.core.stories import story_keys
from monitor.core.text import tokenise
from monitor.model import ParsedEntry, Text
from monitor.sandboxed import TopicSources, load_topics, vocabulary

NOW = datetime.now(UTC)
Step = Callable[[int], Any]


def articles_of_world(count: int) -> tuple[list[bytes], list[Text]]:
    """Pages and their texts."""
    reports = [world.World().report(number) for number in range(count)]
    pages = [world.page(report, site=report.number // 10, base="http://news.example.org") for report in reports]
    return pages, [
        Text(title=r.title, body="\n".join(r.paragraphs), lang="en", published=r.published, url=f"http://e.org{r.path}")
        for r in reports
    ]


def articles_of_folder(folder: Path) -> tuple[list[bytes], list[Text]]:
    """Pages and their texts, of those that have one."""
    found: list[tuple[bytes, Text]] = []
    for page in measure.pages_in(folder):
        read = extract(page, url="http://e.org/a/b", content_type="text/html", feed_title="", feed_text="")
        if read.text:
            lang = language.detect(read.text)
            found.append(
                (page, Text(title=read.title, body=read.text, lang=lang, published=NOW, url="http://e.org/a/b"))
            )
    return [page for page, _ in found], [text for _, text in found]


def steps(pages: list[bytes], texts: list[Text], rules: int) -> dict[str, Step]:
    """Each step as a function of the article's number."""
    made = world.World()
    entries = [
        ParsedEntry(guid=None, url=None, title=t.title, summary=t.body.partition("\n")[0], published=t.published)
        for t in texts
    ]
    pack = load_topics(TopicSources())
    index = QueryIndex({n: parse(made.rule(n), vocabulary=vocabulary()) for n in range(rules)})
    materials = [
        Material(
            entry=entry,
            url=text.url,
            page=Page(body=page, url=text.url, content_type="text/html; charset=utf-8"),
            published=entry.published,
        )
        for entry, text, page in zip(entries, texts, pages, strict=True)
    ]

    def extracted(n: int) -> object:
        return extract(
            pages[n],
            url=texts[n].url,
            content_type="text/html",
            feed_title=texts[n].title,
            feed_text=entries[n].summary,
            want_date=False,
        )

    return {
        "extract": extracted,
        "language": lambda n: language.detect(f"{texts[n].title}\n{texts[n].body}", hint=None),
        "tokenise": lambda n: tokenise(texts[n].body),
        "places": lambda n: places.countries(texts[n]),
        "people": lambda n: people(texts[n]),
        "quotes": lambda n: quotes(texts[n]),
        "topics": lambda n: pack.match(Doc.of(texts[n])),
        "facts": lambda n: facts(texts[n]),
        "dateline": lambda n: dateline(texts[n].body, texts[n].lang),
        "blocks": lambda n: blocks(texts[n].body),
        "fingerprint": lambda n: fingerprint(texts[n]),
        "story keys": lambda n: story_keys(texts[n]),
        "index text": lambda n: index_text(texts[n].title, "", texts[n].body, ()),
        f"match {rules} rules": lambda n: index.match(Doc.of(texts[n]), NOW),
        "analyse": lambda n: analyse(materials[n], pack),
    }


def milliseconds(step: Step, count: int) -> list[float]:
    """Of each article."""
    gc.collect()
    taken = []
    for number in range(count):
        began = time.process_time_ns()
        step(number)
        taken.append((time.process_time_ns() - began) / 1e6)
    return taken


def kilobytes(step: Step, count: int) -> list[float]:
    """The peak of each article."""
    peaks = []
    tracemalloc.start()
    for number in range(count):
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        step(number)
        peaks.append((tracemalloc.get_traced_memory()[1] - before) / 1000)
    tracemalloc.stop()
    return peaks


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, default=150)
    options.add_argument("--rules", type=int, default=100)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--pages", type=Path)
    given = options.parse_args()
    pages, texts = articles_of_folder(given.pages) if given.pages else articles_of_world(given.articles)
    given.articles = len(pages)
    print(f"steps: {given.articles} articles, {given.rules} rules; {measure.conditions()}")
    ways = steps(pages, texts, given.rules)
    for step in ways.values():
        milliseconds(step, given.articles)  # models, memos
    gc.collect()
    gc.freeze()  # as a worker does
    least = {name: milliseconds(step, given.articles) for name, step in ways.items()}
    for _ in range(given.rounds - 1):
        for name, step in ways.items():
            least[name] = list(map(min, least[name], milliseconds(step, given.articles)))
    cost = {name: statistics.mean(each) for name, each in least.items()}
    print(f"{'':18} {'ms':>8} {'/ extract':>10} {'kB, mean':>9} {'kB, most':>9}")
    for name, step in ways.items():
        peaks = kilobytes(step, given.articles)
        share = cost[name] / cost["extract"]
        print(f"{name:18} {cost[name]:8.3f} {share:10.1%} {statistics.mean(peaks):9.0f} {max(peaks):9.0f}")
    beyond = cost["analyse"] - cost["extract"]
    print(f"analysis beyond extraction: {beyond:.2f} ms, {beyond / cost['extract']:.0%} of extraction")


if __name__ == "__main__":
    main()
