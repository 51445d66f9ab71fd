"""The typed tree of a query, and its canonical text.

Words in the tree are folded as `monitor.core.text.fold` does; ``*`` and ``?`` in a word are wildcards. Printing a tree
gives a query that parses to the same tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

TEXT_FIELDS = ("title", "summary", "body", "author")
SEARCHED = ("title", "summary", "body")
"""The text fields in which a word without a field is looked for."""

KEYWORD_FIELDS = ("feed", "site", "url", "lang", "country", "topic", "tag", "person")
DATE_FIELDS = ("published", "seen")
FLAGS = ("is:duplicate", "is:edited", "has:quote")


@dataclass(frozen=True, slots=True)
class Word:
    """One token; ``text`` is folded and may hold wildcards."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row, or, with ``within``, all of them in any order with at most so many other tokens among them."""

    words: tuple[str, ...]
    within: int | None = None


@dataclass(frozen=True, slots=True)
class Exact:
    """A word or phrase with its own case and diacritics; ``text`` is as written, blanks made single."""

    text: str


@dataclass(frozen=True, slots=True)
class Near:
    """``left`` and ``right`` in one field, apart, with at most ``distance`` tokens between; ``ordered``: left first."""

    left: Node
    right: Node
    distance: int
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """``left`` and ``right``, apart, in one sentence."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least ``count`` occurrences of ``part`` that do not overlap."""

    count: int
    part: Node


@dataclass(frozen=True, slots=True)
class In:
    """``part`` in this text field only."""

    field: str
    part: Node


@dataclass(frozen=True, slots=True)
class Keyword:
    """The keyword field has one of these values (each as `monitor.core.keywords.keyword_key` makes it)."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicScore:
    """The topic was found, with at least this score (``None``: over its own threshold)."""

    name: str
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """``field`` lies on a day from ``first`` (inclusive) until ``until`` (exclusive), UTC; ``None`` is open."""

    field: str
    first: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Age:
    """``field`` is at most this long ago."""

    field: str
    age: timedelta


@dataclass(frozen=True, slots=True)
class Flag:
    """One of `FLAGS`."""

    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """``@name``: another query, already read."""

    name: str
    part: Node


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


class Words(NamedTuple):
    """Words that are looked for together, those with wildcards apart."""

    plain: frozenset[str]
    patterns: frozenset[str]

    @classmethod
    def of(cls, words: Iterable[str]) -> Words:
        given = frozenset(words)
        patterns = frozenset(filter(is_pattern, given))
        return cls(given - patterns, patterns)


@dataclass(frozen=True)
class Or:
    parts: tuple[Node, ...]

    @cached_property
    def single(self) -> tuple[str, ...]:
        """The parts that are single words, in order."""
        return tuple(part.text for part in self.parts if isinstance(part, Word))

    @cached_property
    def words(self) -> Words:
        """The parts that are single words, to be looked for together."""
        return Words.of(self.single)

    @cached_property
    def others(self) -> tuple[Node, ...]:
        """The parts that are no single words, in order."""
        return tuple(part for part in self.parts if not isinstance(part, Word))


Node = (
    Word
    | Phrase
    | Exact
    | Near
    | Sentence
    | AtLeast
    | In
    | Keyword
    | TopicScore
    | Days
    | Age
    | Flag
    | Named
    | Not
    | And
    | Or
)
Places = Word | Phrase | Exact | Near | Sentence
"""Nodes that have places in a text by themselves; `Or` and `Named` have them where all of their parts have."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read. Two queries are equal if their trees are; ``str`` gives the canonical text."""

    root: Node
    source: str = field(default="", compare=False)

    def __str__(self) -> str:
        return text_of(self.root)


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case And(parts) | Or(parts):
            return parts
        case Near(left, right) | Sentence(left, right):
            return left, right
        case Not(part) | AtLeast(_, part) | In(_, part) | Named(_, part):
            return (part,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, from left to right."""
    yield node
    for child in children(node):
        yield from walk(child)


def conjuncts(node: Node) -> Iterator[Node]:
    """The parts that must all hold for the node to hold."""
    if isinstance(node, And | Named):
        for child in children(node):
            yield from conjuncts(child)
    else:
        yield node


def is_textual(node: Node) -> bool:
    """Do the words of a text alone say whether the node holds?"""
    return not any(isinstance(part, Keyword | TopicScore | Days | Age | Flag) for part in walk(node))


def has_words(node: Node) -> bool:
    """Are there words in it, which may be marked in a text?"""
    return any(isinstance(part, Word | Phrase | Exact) for part in walk(node))


def has_places(node: Node) -> bool:
    """Can the node stand inside NEAR, SENTENCE and ATLEAST?"""
    if isinstance(node, Or | Named):
        return all(map(has_places, children(node)))
    return isinstance(node, Word | Phrase | Exact | Near | Sentence)


def is_pattern(word: str) -> bool:
    return "*" in word or "?" in word


def literal_prefix(word: str) -> str:
    """What stands before the first wildcard."""
    return word.partition("*")[0].partition("?")[0]


# --- printing --------------------------------------------------------------------------------------

_BARE = re.compile(r"(?!OR$)[\w./-]+")
_OR, _AND, _NOT, _SENTENCE, _NEAR, _ATOM = range(6)


def text_of(node: Node) -> str:
    """The canonical text of a node."""
    return _print(node, _OR)


def _print(node: Node, place: int) -> str:
    """``place`` is the loosest binding that may stand there without parentheses."""
    text, binding = _spell(node)
    return text if binding >= place else f"({text})"


def _spell(node: Node) -> tuple[str, int]:
    match node:
        case Or(parts):
            return " OR ".join(_print(part, _AND) for part in parts), _OR
        case And(parts):
            return " AND ".join(_print(part, _NOT) for part in parts), _AND
        case Not(part):
            return f"NOT {_print(part, _NOT)}", _NOT
        case Sentence(left, right):
            return f"{_print(left, _SENTENCE)} SENTENCE {_print(right, _NEAR)}", _SENTENCE
        case Near(left, right, distance, ordered):
            operator = f"{'ONEAR' if ordered else 'NEAR'}/{distance}"
            return f"{_print(left, _NEAR)} {operator} {_print(right, _ATOM)}", _NEAR
        case AtLeast(count, part):
            return f"ATLEAST/{count}({_print(part, _OR)})", _ATOM
        case In(name, part):
            return f"{name}:{_print(part, _ATOM)}", _ATOM
        case Word(word):
            return word, _ATOM
        case Phrase(words, within):
            return f'"{" ".join(words)}"' + ("" if within is None else f"~{within}"), _ATOM
        case Exact(text):
            return f"={text}" if text.isalnum() else f'="{text}"', _ATOM
        case Keyword(name, values):
            spelt = [value if _BARE.fullmatch(value) else f'"{value}"' for value in values]
            return f"{name}:{spelt[0]}" if len(spelt) == 1 else f"{name}:({' OR '.join(spelt)})", _ATOM
        case TopicScore(name, at_least):
            return f"topic:{name}" + ("" if at_least is None else f">={at_least:g}"), _ATOM
        case Days(name, first, until):
            return f"{name}:{_days(first, until)}", _ATOM
        case Age(name, age):
            return f"{name}:{_age(age)}", _ATOM
        case Flag(name):
            return name, _ATOM
        case Named(name, _):
            return f"@{name}", _ATOM


def _days(first: date | None, until: date | None) -> str:
    if first is None:
        return f"<{until}"
    if until is None:
        return f">={first}"
    last = until - timedelta(days=1)
    return f"{first}" if first == last else f"{first}..{last}"


def _age(age: timedelta) -> str:
    minutes = round(age.total_seconds() / 60)
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
