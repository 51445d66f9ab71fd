"""Many rules, one article: the cost of live matching against the number of rules and of candidates.

    .venv/bin/python bench/rules.py [--rules 1000 10000] [--articles 40] [--rounds 7]

Rules and articles are generated with a seed: words follow Zipf's law, rules are of the kinds that analysts write.
Processor time in one run, the ways alternately; medians over rounds and articles, tokenisation included:

* index     `QueryIndex.matching` over a fresh `Doc`: which rules hold, as the ways below tell it
* places    what the daemon does: `QueryIndex.match`, which also tells where
* compiled  every rule's compiled matcher, without pre-selection
* walked    every rule's tree interpreted node by node

Then the same number of rules with more and more candidates. The last line is a pack of 36 topics with 81 clauses each,
of nine languages.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate

from monitor.core.query import Doc, Query, QueryIndex, parse
from monitor.core.query.matching import in_days, matcher, time_of
from monitor.core.query.places import occurrences, places
from monitor.core.query.tree import (
    SEARCHED,
    Age,
    And,
    AtLeast,
    Days,
    Flag,
    In,
    Keyword,
    Named,
    Node,
    Not,
    Or,
    TopicScore,
)
from monitor.core.topics import TopicPack, load_pack
from monitor.model import Text

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
COUNTRIES = ("UZ", "KZ", "KG", "TJ", "TM", "RU", "TR", "DE", "FR", "IT", "US", "GB", "PL", "UA", "CN", "IN", "IR", "AF")
SOUNDS = [a + b for a in (*"bdfgklmnprstvz", "ch", "sh", "st", "tr") for b in (*"aeiou", "ai", "en", "or", "is")]


class World:
    """Words by rank, and what is written with them."""

    def __init__(self, seed: int, size: int = 40_000) -> None:
        self.random = random.Random(seed)
        seen: dict[str, None] = {}
        while len(seen) < size:
            seen["".join(self.random.choices(SOUNDS, k=self.random.choice((1, 2, 2, 3, 3, 4))))] = None
        self.words = sorted(seen, key=lambda word: len(word) + self.random.random() * 6)
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(size)))

    def article(self, length: int) -> Text:
        pieces: list[str] = []
        total = 0
        while total < length:
            sentence = self.random.choices(self.words, cum_weights=self.weights, k=self.random.randint(8, 28))
            if self.random.random() < 0.3:
                sentence[3] += "’s"
            pieces.append(" ".join(sentence).capitalize() + self.random.choice((".", ".", ".", ".\n", "?")))
            total += len(pieces[-1]) + 1
        title = " ".join(self.random.choices(self.words, cum_weights=self.weights, k=9)).capitalize()
        return Text(title=title, body=" ".join(pieces), lang="en", url="https://news.example.org/a")

    def word(self, first: int, last: int) -> str:
        return self.words[self.random.randrange(first, last)]

    def stem(self, first: int, last: int) -> str:
        while len(word := self.word(first, last)) < 5:
            pass
        return f"{word[:-1]}*"

    def rule(self, rare_from: int = 1500) -> str:
        rare, mid, often = (rare_from, 40_000), (rare_from // 5, 4000), (20, 300)
        kind = self.random.randrange(10)
        if kind < 3:
            return f"{self.word(*rare)} AND ({self.word(*mid)} OR {self.word(*mid)} OR {self.stem(*mid)})"
        if kind < 5:
            left, right = (f"({self.stem(*rare)} OR {self.word(*rare)})", f"({self.word(*mid)} OR {self.stem(*mid)})")
            return f"{left} NEAR/{self.random.choice((5, 8, 12))} {right}"
        if kind == 5:
            return f'"{self.word(*often)} {self.word(*rare)}" OR "{self.word(*mid)} {self.word(*rare)}"'
        if kind == 6:
            return f"{self.stem(*rare)} {self.word(*often)} NOT ({self.word(*mid)} OR {self.word(*mid)})"
        if kind == 7:
            return f"country:{self.random.choice(COUNTRIES)} {self.word(*rare)} {self.word(*mid)}"
        if kind == 8:
            return f"title:({self.word(*mid)} OR {self.word(*rare)}) AND ATLEAST/2({self.stem(*rare)})"
        words = " OR ".join(self.word(*rare) for _ in range(6))
        return f"({words}) SENTENCE {self.word(*often)}"


def walked(node: Node, doc: Doc, fields: tuple[str, ...], now: datetime) -> bool:
    """The meaning of a node, interpreted."""
    match node:
        case And(parts):
            return all(walked(part, doc, fields, now) for part in parts)
        case Or(parts):
            return any(walked(part, doc, fields, now) for part in parts)
        case Not(part):
            return not walked(part, doc, fields, now)
        case Named(_, part):
            return walked(part, doc, fields, now)
        case In(name, part):
            return walked(part, doc, (name,), now)
        case AtLeast(count, part):
            return occurrences(part, doc, fields) >= count
        case Keyword(name, values):
            return any(f"{name}:{value}" in doc.keywords for value in values)
        case TopicScore(name, at_least):
            return doc.topics.get(name, -1.0) >= (at_least or 0.0)
        case Flag(name):
            return name in doc.flags
        case Days():
            return in_days(node, doc)
        case Age(name, age):
            found = time_of(doc, name)
            return found is not None and found >= now - age
    return any(places(node, doc, name) for name in fields)


def milliseconds(work: Callable[[Text], object], texts: list[Text]) -> float:
    taken = []
    for text in texts:
        start = time.thread_time()
        work(text)
        taken.append(time.thread_time() - start)
    return statistics.median(taken) * 1000


def measure(
    world: World, queries: list[Query], texts: list[Text], rounds: int
) -> tuple[dict[str, float], float, float]:
    index = QueryIndex(dict(enumerate(queries)))
    compiled = [matcher(query.root) for query in queries]
    for text in [world.article(5000) for _ in range(300)]:  # a daemon has seen most words after some articles
        index.candidates(Doc.of(text))

    def doc_of(text: Text) -> Doc:
        return Doc.of(text, countries=("UZ", "KZ"))

    ways: dict[str, Callable[[Text], object]] = {
        "index": lambda text: index.matching(doc_of(text), NOW),
        "places": lambda text: index.match(doc_of(text), NOW),
        "tokens": doc_of,
        "compiled": lambda text: (doc := doc_of(text)) and [one for one in compiled if one.holds(doc, NOW)],
        "walked": lambda text: (doc := doc_of(text)) and [q for q in queries if walked(q.root, doc, SEARCHED, NOW)],
    }
    few = texts[: max(3, 60_000 // len(queries) // 8)]
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            times[name].append(milliseconds(work, texts if name in {"index", "places", "tokens"} else few))
    for text in few:
        doc = doc_of(text)
        live = set(index.match(doc, NOW))
        assert live == {n for n, query in enumerate(queries) if walked(query.root, doc_of(text), SEARCHED, NOW)}
    candidates = statistics.mean(len(index.candidates(doc_of(text))) for text in texts)
    matches = statistics.mean(len(index.match(doc_of(text), NOW)) for text in texts)
    return {name: statistics.median(found) for name, found in times.items()}, candidates, matches


def matched(index: QueryIndex[int], text: Text) -> object:
    return index.match(Doc.of(text), NOW)


def measure_candidates(world: World, texts: list[Text], rounds: int) -> None:
    """The same number of rules, of ever more frequent words; all in turn, so that a busy moment falls on all alike."""
    indexes = [
        QueryIndex({number: parse(world.rule(rare_from)) for number in range(3000)})
        for rare_from in (6000, 1500, 400, 100, 30, 10)
    ]
    seen = [world.article(5000) for _ in range(200)]
    for index in indexes:
        for text in seen:
            index.candidates(Doc.of(text))
    taken: list[list[float]] = [[] for _ in indexes]
    for _ in range(rounds):
        for index, times in zip(indexes, taken, strict=True):
            times.append(milliseconds(partial(matched, index), texts))
    for index, times in zip(indexes, taken, strict=True):
        candidates = statistics.mean(len(index.candidates(Doc.of(text))) for text in texts)
        matches = statistics.mean(len(index.match(Doc.of(text), NOW)) for text in texts)
        shown = f"{candidates:7.1f} ({candidates / 3000:4.1%}) {matches:5.1f}"
        print(f" 3000 {shown} | {statistics.median(times):20.3f}")


def pack_of(world: World) -> TopicPack:
    """Topics whose clauses are mostly stems of rather rare words and phrases of them."""
    lines: list[str] = []
    for number in range(36):
        lines.append(f"[topics.topic-{number}]")
        for lang in ("", "ru", "fr", "de", "es", "ar", "tr", "uz", "zh"):
            lines += [f"[topics.topic-{number}.{lang}]"] if lang else []
            stems = [world.stem(800, 30_000) for _ in range(5)] + [f"{world.word(300, 9000)} {world.word(300, 9000)}"]
            near = [f"{world.stem(800, 30_000)} NEAR/8 {world.stem(300, 9000)}" for _ in range(2)]
            lines.append(f"terms = {[*stems, *near]}")
            lines.append(f"strong = ['title:{world.stem(800, 30_000)}']")
    return load_pack([("generated", "\n".join(lines))])


def measure_topics(world: World, texts: list[Text], rounds: int) -> None:
    pack = pack_of(world)
    for text in [world.article(5000) for _ in range(300)]:
        pack.scores(Doc.of(text))
    found = [milliseconds(lambda text: pack.scores(Doc.of(text)), texts) for _ in range(rounds)]
    clauses = sum(len(topic.clauses) for topic in pack.topics.values())
    counted = statistics.mean(sum(len(one.counted) for one in pack.scores(Doc.of(text)).values()) for text in texts)
    line = f"{clauses} clauses of {len(pack.topics)} topics, {counted:.0f} of them counted"
    print(f"{line}: {statistics.median(found):.3f} ms an article")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rules", type=int, nargs="+", default=[100, 1000, 3000, 10_000])
    options.add_argument("--articles", type=int, default=40)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    world = World(chosen.seed)
    texts = [world.article(5000) for _ in range(chosen.articles)]
    queries = [parse(world.rule()) for _ in range(max(chosen.rules))]
    print("rules  candidates    matches | ms an article: index (of it words) places compiled   walked | walked / index")
    for number in chosen.rules:
        times, candidates, matches = measure(world, queries[:number], texts, chosen.rounds)
        print(
            f"{number:5} {candidates:7.1f} ({candidates / number:4.1%}) {matches:5.1f} |"
            f" {times['index']:20.3f} ({times['tokens']:.3f}) {times['places']:14.3f} {times['compiled']:8.2f}"
            f" {times['walked']:8.2f} |"
            f" {times['walked'] / times['index']:8.0f}"
        )
    measure_candidates(world, texts, chosen.rounds)
    measure_topics(world, texts, chosen.rounds)


if __name__ == "__main__":
    main()
