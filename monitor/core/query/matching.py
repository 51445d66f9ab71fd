"""What a query means: does it hold of a document, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from monitor.core.query.document import Doc
from monitor.core.query.places import (
    leaves,
    needed,
    occurrences,
    places,
    points_of,
    present,
    share_sentence,
    single_words,
    within_reach,
    words_of,
)
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
    children,
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
    doc.expect([words_of(query.root)])
    return in_order(found.spans(doc, now)) if found.holds(doc, now) else None


def in_order(spans: Iterable[Span]) -> tuple[Span, ...]:
    unique = sorted(dict.fromkeys(spans), key=lambda span: (TEXT_FIELDS.index(span.field), span.start, span.end))
    return tuple(unique[:MAX_SPANS])


Test = Callable[[Doc, datetime], bool]


@dataclass(frozen=True, slots=True)
class Matcher:
    """A node compiled for speed. ``spans`` is asked only where the node ``holds``; to tell that, it may ask where the
    ``placed`` words stand.
    """

    holds: Test
    spans: Callable[[Doc, datetime], list[Span]]
    placed: tuple[Words, ...] = ()


# --- compiled nodes --------------------------------------------------------------------------------


@lru_cache(maxsize=50_000)
def matcher(node: Node, fields: tuple[str, ...] = SEARCHED) -> Matcher:
    """The node compiled, as it is meant in these text fields."""

    def spans_of_places(doc: Doc, now: datetime) -> list[Span]:  # noqa: ARG001 -- all nodes are asked alike
        found: list[Span] = []
        for name in fields:
            for place in places(node, doc, name)[:MAX_SPANS]:
                tokens = doc.tokens[name]
                found += (Span(name, tokens.start(a), tokens.end(b), label) for a, b, label in leaves(place))
        return found

    match node:
        case And(parts):
            unique = dict.fromkeys(parts)
            return _and([matcher(part, fields) for part in unique], _tests(unique, fields))
        case Or(parts):
            unique = dict.fromkeys(parts)
            tests = [(needed(part), matcher(part, fields).holds) for part in sorted(node.others, key=_effort)]
            if any(node.words):
                tests.insert(0, (Words.of(()), _has_any(node.words, fields)))
            return _or([matcher(part, fields) for part in unique], tests)
        case Not(part):
            denied = matcher(part, fields)
            return Matcher(lambda doc, now: not denied.holds(doc, now), _nowhere, denied.placed)
        case Named(_, part):
            return matcher(part, fields)
        case In(name, part):
            return matcher(part, (name,))
        case Word(word):
            return Matcher(_has_any(Words.of([word]), fields), spans_of_places)
        case Phrase(words, None) if _is_row(words):
            return Matcher(_has_row(words, fields), spans_of_places)
        case Phrase():
            return Matcher(_stands_where([], node, fields), spans_of_places, (words_of(node),))
        case Exact(text):
            row = Phrase(tuple(tokenise(text).words))
            return Matcher(_stands_where([row], node, fields), spans_of_places, (words_of(node),))
        case Near(left, right) | Sentence(left, right):
            here, there = single_words(left), single_words(right)
            if here is not None and there is not None:
                return Matcher(_beside(node, here, there, fields), spans_of_places, (here, there))
            lists = (part for part in (left, right) if isinstance(part, Or))
            return Matcher(_stands_where(lists, node, fields), spans_of_places, (words_of(node),))
        case AtLeast(count, part):
            inner = matcher(part, fields).holds
            return Matcher(
                lambda doc, now: inner(doc, now) and occurrences(part, doc, fields) >= count,
                matcher(part, fields).spans,
                (words_of(part),),
            )
    return Matcher(_condition(node), _nowhere)


def _nowhere(doc: Doc, now: datetime) -> list[Span]:  # noqa: ARG001 -- all nodes are asked alike
    return []


def _and(parts: list[Matcher], tests: list[Test]) -> Matcher:
    def holds(doc: Doc, now: datetime) -> bool:
        for test in tests:  # noqa: SIM110 -- a generator costs more than the tests
            if not test(doc, now):
                return False
        return True

    return Matcher(holds, lambda doc, now: [span for part in parts for span in part.spans(doc, now)], _placed(parts))


def _or(parts: list[Matcher], tests: list[tuple[Words, Test]]) -> Matcher:
    """Each test after the words that it needs: most alternatives of a long list are told absent by these."""

    def holds(doc: Doc, now: datetime) -> bool:
        for words, test in tests:  # noqa: SIM110 -- a generator costs more than the tests
            if doc.has_all(words) and test(doc, now):
                return True
        return False

    return Matcher(
        holds,
        lambda doc, now: [span for part in parts if part.holds(doc, now) for span in part.spans(doc, now)],
        _placed(parts),
    )


def _placed(parts: list[Matcher]) -> tuple[Words, ...]:
    return tuple(words for part in parts for words in part.placed)


def _tests(parts: Iterable[Node], fields: tuple[str, ...]) -> list[Test]:
    """Whether the parts hold, what is soon told first."""
    return [matcher(part, fields).holds for part in sorted(parts, key=_effort)]


def _effort(node: Node) -> int:
    """Sets of words tell more quickly than rows, rows more quickly than places."""
    match node:
        case Phrase(words, None) if _is_row(words):
            return 1
        case Phrase() | Exact() | Near() | Sentence() | AtLeast():
            return 2
    return max(map(_effort, children(node)), default=0)


def _has_any(words: Words, fields: tuple[str, ...]) -> Test:
    plain, patterns = words

    def is_searched(doc: Doc, now: datetime) -> bool:  # noqa: ARG001 -- all nodes are asked alike
        if not plain.isdisjoint(doc.searched):
            return True
        for pattern in doc.fitting.among(patterns) if patterns else ():
            if not doc.searched.isdisjoint(doc.fitting[pattern]):
                return True
        return False

    def is_in_fields(doc: Doc, now: datetime) -> bool:  # noqa: ARG001 -- as above
        found = present(words, doc)
        return bool(found) and any(not found.isdisjoint(doc.words[name]) for name in fields)

    return is_searched if fields == SEARCHED else is_in_fields


def _is_row(words: tuple[str, ...]) -> bool:
    """Words in a row of which the last alone may be any that begins so: these are looked for in the stream of words."""
    return words[-1] != "*" and not any(map(is_pattern, (*words[:-1], words[-1].removesuffix("*"))))


def _has_row(words: tuple[str, ...], fields: tuple[str, ...]) -> Test:
    row = f" {' '.join(words)} ".removesuffix("* ")
    members = frozenset(words[:-1] if is_pattern(words[-1]) else words)

    def holds(doc: Doc, now: datetime) -> bool:  # noqa: ARG001 -- all nodes are asked alike
        if not members <= doc.terms:
            return False
        for name in fields:  # noqa: SIM110 -- as above
            if doc.may_have(name, members) and doc.has_row(name, row):
                return True
        return False

    return holds


def _stands_where(parts: Iterable[Node], node: Node, fields: tuple[str, ...]) -> Test:
    """Positions are looked at only where all the parts are present."""
    words, tests = needed(node), _tests(parts, fields)

    def holds(doc: Doc, now: datetime) -> bool:
        if not doc.has_all(words):
            return False
        for test in tests:
            if not test(doc, now):
                return False
        for name in fields:  # noqa: SIM110 -- as above
            if places(node, doc, name):
                return True
        return False

    return holds


def _beside(node: Near | Sentence, left: Words, right: Words, fields: tuple[str, ...]) -> Test:
    """NEAR and SENTENCE of single words; quicker than `places`."""
    reach, ordered = (node.distance + 1, node.ordered) if isinstance(node, Near) else (0, False)

    def holds(doc: Doc, now: datetime) -> bool:  # noqa: ARG001 -- all nodes are asked alike
        here = present(left, doc)
        there = present(right, doc) if here else here
        if not there:
            return False
        for name in fields:
            before = points_of(here, doc, name)
            after = points_of(there, doc, name) if before else before
            if after and (
                within_reach(before, after, reach, ordered=ordered)
                if reach
                else share_sentence(before, after, doc.tokens[name])
            ):
                return True
        return False

    return holds


def _condition(node: Node) -> Test:
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
