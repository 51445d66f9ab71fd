"""A query as a pre-selection in the archive: what an index can answer, never fewer documents than the query matches.

`preselect` turns a query into a small neutral tree that `monitor.storage.selection` compiles for the full-text index
and WHERE clauses. The contract:

* Every document for which ``evaluate`` finds a match is selected. Where `Selection.exact`, no other is.
* `Term`, `Prefix` and `Adjacent` speak of the words of `monitor.core.text.stream`, which the index holds unchanged, one
  column for each of ``title``, ``summary``, ``body`` and ``author``. They hold if they hold in at least one of their
  ``fields``. Their words contain no blank, no quotation mark and of ASCII only ``a-z0-9``.
* An index without positions may answer `Adjacent` as all of its words, and is then not exact.
* `Has` is a keyword field with one of these values, each folded by ``keyword_key(field, value)``: an index of keywords
  stores that key beside the value. For ``site`` the host of the article is a value or ends in "." and the value.
  Topics are `HasTopic`. ``lang`` is the lower-case ISO 639-1 code, ``country`` the upper-case ISO 3166-1 alpha-2 code.
* `Within` is a column of times, ``first <= column < until``; a missing time lies in no range.
* `Negation` means *is not true*: compile it so that SQL's NULL counts as false (``(...) IS NOT TRUE``).
* `Everything` selects all. Whoever cannot compile a condition may put `Everything` in its place as long as no
  `Negation` stands over it (there, the whole `Negation` becomes `Everything`), and then decides with ``evaluate``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from monitor.core.query.tree import (
    SEARCHED,
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
    is_pattern,
    literal_prefix,
)
from monitor.core.text import tokenise


@dataclass(frozen=True, slots=True)
class Everything:
    """No condition."""


@dataclass(frozen=True, slots=True)
class Term:
    """The word stands in one of the fields."""

    word: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word that begins so stands in one of the fields."""

    prefix: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adjacent:
    """These words stand in a row in one of the fields."""

    words: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Has:
    """The keyword field has one of the values."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasTopic:
    """The topic is stored with the article, with at least this score (``None``: any)."""

    name: str
    at_least: float | None


@dataclass(frozen=True, slots=True)
class Within:
    """``published`` or ``seen`` lies from ``first`` (inclusive) until ``until`` (exclusive)."""

    field: str
    first: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Flagged:
    """``is:duplicate``, ``is:edited`` or ``has:quote``."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation:
    """The part is not true. The part is exact."""

    part: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


Condition = Everything | Term | Prefix | Adjacent | Has | HasTopic | Within | Flagged | Negation | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Selection:
    """What to ask the archive. Unless ``exact``, ``evaluate`` decides over what comes back."""

    condition: Condition
    exact: bool


def preselect(query: Query, now: datetime) -> Selection:
    """The narrowest condition that an index of words and columns can answer; ages are reckoned from ``now``."""
    return _select(query.root, SEARCHED, now)


def _select(node: Node, fields: tuple[str, ...], now: datetime) -> Selection:
    match node:
        case Word(word):
            return _word(word, fields)
        case Phrase(words, within):
            return _phrase(words, fields, exact=within is None, row=within is None)
        case Exact(text):
            found = _phrase(tuple(tokenise(text).words), fields, exact=False, row=True)
            return Selection(found.condition, exact=False)
        case In(name, part):
            return _select(part, (name,), now)
        case Named(_, part):
            return _select(part, fields, now)
        case Near(left, right) | Sentence(left, right):
            return Selection(_select(And((left, right)), fields, now).condition, exact=False)
        case AtLeast(count, part):
            found = _select(part, fields, now)
            return Selection(found.condition, exact=found.exact and count == 1)
        case Keyword(name, values):
            return Selection(Has(name, values), exact=True)
        case TopicScore(name, at_least):
            return Selection(HasTopic(name, at_least), exact=True)
        case Days(name, first, until):
            return Selection(
                Within(name, *(None if day is None else _midnight(day) for day in (first, until))), exact=True
            )
        case Age(name, age):
            return Selection(Within(name, now - age, None), exact=True)
        case Flag(name):
            return Selection(Flagged(name), exact=True)
        case Not(part):
            found = _select(part, fields, now)
            return (
                Selection(Negation(found.condition), exact=True)
                if found.exact
                else Selection(Everything(), exact=False)
            )
        case And(parts):
            chosen = [_select(part, fields, now) for part in parts]
            return Selection(_all_of([one.condition for one in chosen]), all(one.exact for one in chosen))
        case Or(parts):
            chosen = [_select(part, fields, now) for part in parts]
            return Selection(_any_of([one.condition for one in chosen]), all(one.exact for one in chosen))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _word(word: str, fields: tuple[str, ...]) -> Selection:
    if not is_pattern(word):
        return Selection(Term(word, fields), exact=True)
    prefix = literal_prefix(word)
    return Selection(Prefix(prefix, fields), exact=word == f"{prefix}*")


def _phrase(words: tuple[str, ...], fields: tuple[str, ...], *, exact: bool, row: bool) -> Selection:
    if len(words) == 1:
        return _word(words[0], fields)
    plain = not any(map(is_pattern, words))
    if row and plain:
        return Selection(Adjacent(words, fields), exact)
    return Selection(_all_of([_word(word, fields).condition for word in dict.fromkeys(words)]), exact=False)


def _all_of(parts: list[Condition]) -> Condition:
    flat = dict.fromkeys(
        inner
        for part in parts
        for inner in (part.parts if isinstance(part, AllOf) else (part,))
        if not isinstance(inner, Everything)
    )
    if not flat:
        return Everything()
    return next(iter(flat)) if len(flat) == 1 else AllOf(tuple(flat))


def _any_of(parts: list[Condition]) -> Condition:
    flat = dict.fromkeys(inner for part in parts for inner in (part.parts if isinstance(part, AnyOf) else (part,)))
    if Everything() in flat:
        return Everything()
    return next(iter(flat)) if len(flat) == 1 else AnyOf(tuple(flat))
