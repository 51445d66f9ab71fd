"""What a topic's clauses give in a document, and the score that they make."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from monitor.core.query.document import Doc
from monitor.core.query.index import QueryIndex
from monitor.core.query.matching import matcher
from monitor.core.query.places import Place, apart, leaves, places, words_of
from monitor.core.query.tree import SEARCHED, In, has_places
from monitor.core.query.vocabulary import ANY_VOCABULARY, Vocabulary
from monitor.core.topics.packs import Clause, Topic, read_pack
from monitor.model import Span, TopicMatch, TopicTerm

TITLE = 4.0
"""Hits that one occurrence in the title is worth."""
USUAL = 500
"""Tokens of a text of usual length; in longer ones a word stands by chance more often."""
FULL = 5.0
"""The value that a clause of weight 1 tends to."""
HALF = 2.7
"""The evidence at which the score is one half."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one clause gave: occurrences in title and text, its value, and by field its places, if it has some."""

    clause: Clause
    title: int
    text: int
    value: float
    places: Mapping[str, list[Place]] | None

    def spans(self, doc: Doc) -> list[Span]:
        """Where the clause stands in the document that it was counted in."""
        if self.places is None:
            return matcher(self.clause.query.root).spans(doc, _NO_TIME)
        spans = [
            Span(name, tokens.start(first), tokens.end(last), label)
            for name, found in self.places.items()
            if (tokens := doc.tokens[name])
            for place in found
            for first, last, label in leaves(place)
        ]
        return [*dict.fromkeys(spans)]


@dataclass(frozen=True, slots=True)
class Scored:
    """A topic's score in one document, with all clauses that counted."""

    topic: Topic
    score: float
    counted: tuple[Counted, ...]
    doc: Doc

    def as_match(self) -> TopicMatch:
        """The score with every term that counted, in the order of the text."""
        terms = {
            TopicTerm(term=span.node, field=span.field, start=span.start, end=span.end, weight=one.clause.weight): None
            for one in self.counted
            for span in one.spans(self.doc)
        }
        order = sorted(terms, key=lambda term: (SEARCHED.index(term.field), term.start, term.end, term.term))
        return TopicMatch(name=self.topic.name, score=round(self.score, 4), terms=tuple(order))


@dataclass(frozen=True, slots=True, eq=False)
class _Tally:
    """A clause of a topic, ready to be counted; one is told from another by what it is, not by what it says."""

    topic: Topic
    clause: Clause


_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # no clause asks for the time: ages are refused when a pack is read


class TopicPack:
    """Topics by name. All clauses of all topics are held against a document through one index."""

    def __init__(self, topics: Mapping[str, Topic]) -> None:
        self.topics = dict(topics)

    @cached_property
    def _index(self) -> QueryIndex[_Tally]:
        tallies = [_Tally(topic, clause) for topic in self.topics.values() for clause in topic.clauses]
        return QueryIndex({one: one.clause.query for one in tallies})

    def match(self, doc: Doc) -> tuple[TopicMatch, ...]:
        """The topics over their thresholds, highest score first."""
        over = [one for one in self.scores(doc).values() if one.score >= one.topic.threshold]
        return tuple(one.as_match() for one in sorted(over, key=lambda one: (-one.score, one.topic.name)))

    def scores(self, doc: Doc) -> dict[str, Scored]:
        """Every topic of which a clause counted, over its threshold or not."""
        counted: dict[str, list[Counted]] = {}
        langs = {key.removeprefix("lang:") for key in doc.keywords if key.startswith("lang:")}
        known = {None, *langs}
        held = self._index.matching(doc, _NO_TIME, (lambda one: one.clause.lang in known) if langs else None)
        doc.expect(words_of(one.clause.query.root) for one in held)
        for one in held:
            counted.setdefault(one.topic.name, []).append(count(one.clause, doc))
        return {
            name: Scored(self.topics[name], score_of(one.value for one in found), tuple(found), doc)
            for name, found in counted.items()
        }


def load_pack(
    sources: Iterable[tuple[str, str]],
    *,
    names: Mapping[str, str] | None = None,
    vocabulary: Vocabulary = ANY_VOCABULARY,
) -> TopicPack:
    """The topics of sources of TOML, each with the name that errors give it; as `read_pack`, ready to be asked for.

    Raises `ConfigError` that names source, topic, list and place.
    """
    return TopicPack(read_pack(sources, names=names, vocabulary=vocabulary))


def check_examples(pack: TopicPack) -> list[str]:
    """Run the examples of all topics; one line for each that fails."""
    faults: list[str] = []
    for topic in pack.topics.values():
        for example in topic.examples:
            found = pack.scores(Doc.example(example.text, example.lang)).get(topic.name)
            score = found.score if found else 0.0
            if (score >= topic.threshold) != example.wanted:
                wanted = "at least" if example.wanted else "less than"
                shown = f"{example.text!r} scores {score:.2f}"
                faults.append(f"topics.{topic.name}: {shown}; {wanted} {topic.threshold:g} is expected")
    return faults


def score_of(values: Iterable[float]) -> float:
    """The score of the values of a topic's clauses; see the package."""
    evidence = max(0.0, math.fsum(values))
    return evidence / (evidence + HALF)


def count(clause: Clause, doc: Doc) -> Counted:
    """What a clause gives in a document of which it holds."""
    node = clause.query.root
    within, part = (node.field, node.part) if isinstance(node, In) else (None, node)
    if not has_places(part) or within == "author":
        return _counted(clause, doc, 0, 1, None)
    found = {name: places(part, doc, name) for name in ([within] if within else SEARCHED)}
    number = {name: apart(there) for name, there in found.items()}
    text = max(("body", "summary"), key=lambda name: number.get(name, 0))
    told = {name: found[name] for name in ("title", text) if name in found}
    return _counted(clause, doc, number.get("title", 0), number.get(text, 0), told)


def _counted(clause: Clause, doc: Doc, title: int, text: int, found: Mapping[str, list[Place]] | None) -> Counted:
    length = max(len(doc.tokens["body"]), len(doc.tokens["summary"]), 1)
    hits = TITLE * title + text * math.sqrt(min(1.0, USUAL / length))
    value = clause.weight * FULL * -math.expm1(-hits / FULL)
    return Counted(clause, title, text, value, found)
