"""What a query means: does it hold of a document, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from monitor.core.query.document import Doc
from monitor.core.query.places import leaves, occurrences, places, points, share_sentence, single_words, within_reach
from monitor.core.query.tree import (
    SEARCHED,
    TEXT_FIELDS,
    Age,
    And,
    AtLeast,
    Days,
    Exact,
    Flag,
    In,
    Keyword,
    Named,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Query,
    Sentence,
    TopicScore,
    Word,
    Words,
    is_pattern,
)
from monitor.core.text import tokenise
from monitor.model import Span

MAX_SPANS = 200
"""A match names at most so many places, the first of each field in order: enough to mark a text, whatever it holds."""


def evaluate(query: Query, doc: Doc, now: datetime) -> tuple[Span, ...] | None:
    """The places that make the query hold of the document (at most `MAX_SPANS`), or ``None`` if it does not hold.

    A query of keywords alone holds without places: ``()``. Ages are reckoned from ``now``.
    """
    found = matcher(query.root)
    return in_order(found.spans(doc, now)) if found.holds(doc, now) else None


def in_order(spans: Iterable[Span]) -> tuple[Span, ...]:
    unique = sorted(dict.fromkeys(spans), key=lambda span: (TEXT_FIELDS.index(span.field), span.start, span.end))
    return tuple(unique[:MAX_SPANS])


@dataclass(frozen=True, slots=True)
class Matcher:
    """A node compiled for speed. ``spans`` is asked only where the node ``holds``."""

    holds: Callable[[Doc, datetime], bool]
    spans: Callable[[Doc, datetime], list[Span]]


# --- compiled nodes --------------------------------------------------------------------------------


@lru_cache(maxsize=50_000)
def matcher(node: Node, fields: tuple[str, ...] = SEARCHED) -> Matcher:
    """The node compiled, as it is meant in these text fields."""

    def spans_of_places(doc: Doc, now: datetime) -> list[Span]:  # noqa: ARG001 -- all nodes are asked alike
        found: list[Span] = []
        for name in fields:
            for place in places(node, doc, name)[:MAX_SPANS]:
                tokens = doc.tokens[name]
                found += (Span(name, tokens.starts[a], tokens.ends[b], label) for a, b, label in leaves(place))
        return found

    match node:
        case And(parts):
            return _and([matcher(part, fields) for part in dict.fromkeys(parts)])
        case Or(parts):
            return _or(node, [matcher(part, fields) for part in parts], fields)
        case Not(part):
            denied = matcher(part, fields).holds
            return Matcher(lambda doc, now: not denied(doc, now), _nowhere)
        case Named(_, part):
            return matcher(part, fields)
        case In(name, part):
            return matcher(part, (name,))
        case Word(word):
            return Matcher(_has_word(word, fields), spans_of_places)
        case Phrase(words, None) if not any(map(is_pattern, words)):
            return Matcher(_has_row(words, fields), spans_of_places)
        case Phrase(words, _):
            parts = tuple(Word(word) for word in dict.fromkeys(words))
            return Matcher(_stands_where(parts, node, fields), spans_of_places)
        case Exact(text):
            parts = tuple(Word(word) for word in dict.fromkeys(tokenise(text).words))
            return Matcher(_stands_where(parts, node, fields), spans_of_places)
        case Near(left, right) | Sentence(left, right):
            return Matcher(_stands_where((left, right), node, fields), spans_of_places)
        case AtLeast(count, part):
            inner = matcher(part, fields).holds
            return Matcher(
                lambda doc, now: inner(doc, now) and occurrences(part, doc, fields) >= count,
                matcher(part, fields).spans,
            )
    return Matcher(_condition(node), _nowhere)


def _nowhere(doc: Doc, now: datetime) -> list[Span]:  # noqa: ARG001 -- all nodes are asked alike
    return []


def _and(parts: list[Matcher]) -> Matcher:
    tests = [part.holds for part in parts]

    def holds(doc: Doc, now: datetime) -> bool:
        for test in tests:  # noqa: SIM110 -- a generator costs more than the tests
            if not test(doc, now):
                return False
        return True

    return Matcher(holds, lambda doc, now: [span for part in parts for span in part.spans(doc, now)])


def _or(node: Or, parts: list[Matcher], fields: tuple[str, ...]) -> Matcher:
    tests = [part.holds for part, of in zip(parts, node.parts, strict=True) if not isinstance(of, Word)]
    parts = list(dict.fromkeys(parts))
    if any(node.words):
        tests.insert(0, _has_any(node.words, fields))

    def holds(doc: Doc, now: datetime) -> bool:
        for test in tests:  # noqa: SIM110 -- a generator costs more than the tests
            if test(doc, now):
                return True
        return False

    return Matcher(
        holds, lambda doc, now: [span for part in parts if part.holds(doc, now) for span in part.spans(doc, now)]
    )


def _has_word(word: str, fields: tuple[str, ...]) -> Callable[[Doc, datetime], bool]:
    whole = fields == SEARCHED
    name = fields[0]
    if is_pattern(word):
        if whole:
            return lambda doc, _: not doc.searched.isdisjoint(doc.expand(word))
        return lambda doc, _: not doc.words[name].isdisjoint(doc.expand(word))
    if whole:
        return lambda doc, _: word in doc.searched
    return lambda doc, _: word in doc.words[name]


def _has_any(words: Words, fields: tuple[str, ...]) -> Callable[[Doc, datetime], bool]:
    whole = fields == SEARCHED
    name = fields[0]
    plain, patterns = words

    def holds(doc: Doc, now: datetime) -> bool:  # noqa: ARG001 -- all nodes are asked alike
        held = doc.searched if whole else doc.words[name]
        if not plain.isdisjoint(held):
            return True
        for pattern in doc.fitting(patterns) if patterns else ():  # noqa: SIM110 -- as above
            if not held.isdisjoint(doc.expand(pattern)):
                return True
        return False

    return holds


def _has_row(words: tuple[str, ...], fields: tuple[str, ...]) -> Callable[[Doc, datetime], bool]:
    row, members = f" {' '.join(words)} ", frozenset(words)
    return lambda doc, _: members <= doc.terms and any(doc.has_row(name, row) for name in fields)


def _stands_where(parts: tuple[Node, ...], node: Node, fields: tuple[str, ...]) -> Callable[[Doc, datetime], bool]:
    """Positions are looked at only where all the parts are present."""
    tests = [matcher(part, fields).holds for part in parts]
    meet = _meeting(node)

    def holds(doc: Doc, now: datetime) -> bool:
        for test in tests:
            if not test(doc, now):
                return False
        for name in fields:  # noqa: SIM110 -- as above
            if meet(doc, name):
                return True
        return False

    return holds


def _meeting(node: Node) -> Callable[[Doc, str], object]:
    """Whether a node with places stands in a field; quicker than `places` for NEAR and SENTENCE of single words."""
    if isinstance(node, Near | Sentence):
        left, right = single_words(node.left), single_words(node.right)
        if left is not None and right is not None:
            if isinstance(node, Near):
                reach, ordered = node.distance + 1, node.ordered
                return lambda doc, field: within_reach(
                    points(left, doc, field), points(right, doc, field), reach, ordered=ordered
                )
            return lambda doc, field: share_sentence(points(left, doc, field), points(right, doc, field), doc, field)
    return lambda doc, field: places(node, doc, field)


def _condition(node: Node) -> Callable[[Doc, datetime], bool]:
    match node:
        case Keyword(name, values):
            keys = frozenset(f"{name}:{value}" for value in values)
            return lambda doc, _: not keys.isdisjoint(doc.keywords)
        case TopicScore(name, at_least):
            least = 0.0 if at_least is None else at_least
            return lambda doc, _: doc.topics.get(name, -1.0) >= least
        case Flag(name):
            return lambda doc, _: name in doc.flags
        case Days():
            return lambda doc, _: in_days(node, doc)
        case Age(name, age):
            return lambda doc, now: (time := time_of(doc, name)) is not None and time >= now - age
    raise AssertionError(node)


def time_of(doc: Doc, name: str) -> datetime | None:
    return doc.seen if name == "seen" else doc.published


def in_days(node: Days, doc: Doc) -> bool:
    time = time_of(doc, node.field)
    if time is None:
        return False
    day = time.astimezone(UTC).date()
    return (node.first is None or day >= node.first) and (node.until is None or day < node.until)
