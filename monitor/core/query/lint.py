"""What is probably wrong with a query that can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.core.keywords import keyword_key
from monitor.core.query.diagnosis import nearest
from monitor.core.query.document import Doc
from monitor.core.query.explain import explain
from monitor.core.query.index import USUAL, required
from monitor.core.query.tree import (
    And,
    AtLeast,
    Days,
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
    children,
    is_pattern,
    literal_prefix,
    text_of,
    walk,
)
from monitor.core.query.vocabulary import ANY_VOCABULARY, Vocabulary

_SINGLE_VALUED = ("lang", "feed", "url")


def lint(
    query: Query, *, vocabulary: Vocabulary = ANY_VOCABULARY, others: Mapping[str, Query] | None = None
) -> list[str]:
    """One line for each thing that is probably not meant.

    ``others`` are further queries by name, to find those that mean the same.
    """
    found = slips(query, vocabulary=vocabulary)
    terms = [words for _, words in required(query.root)]
    if not terms:
        found.append("nothing in it is required (only dates, flags and NOT), so it is evaluated for every document")
    elif all(map(_is_usual, terms)):
        found.append(f"evaluated for most documents: the rarest that it requires is {', '.join(sorted(terms[0])[:5])}")
    meaning = meaning_of(query.root)
    found += [
        f"means the same as {name}" for name, other in (others or {}).items() if meaning_of(other.root) == meaning
    ]
    return list(dict.fromkeys(found))


def slips(query: Query, *, vocabulary: Vocabulary = ANY_VOCABULARY) -> list[str]:
    """The lines of `lint` that are about words, names and operators, not about cost or other queries."""
    return list(dict.fromkeys(line for node in walk(query.root) for line in _about(node, vocabulary)))


def _about(node: Node, vocabulary: Vocabulary) -> list[str]:
    match node:
        case Word("and" | "or" | "not" | "near" | "onear" | "sentence" | "atleast" as word):
            return [f"'{word}' is looked for as a word; the operator is written {word.upper()}"]
        case Phrase(("near" | "onear" | "atleast" as word, number), None) if number.isdecimal():
            return [f"'{word}/{number}' is looked for as words; the operator is written {word.upper()}/{number}"]
        case Keyword(name, values):
            return [line for value in values for line in _unknown(name, value, vocabulary)]
        case TopicScore(name, _):
            return _unknown("topic", name, vocabulary)
        case And(parts):
            return _contradictions(parts) + _repeated(node, parts)
        case Or(parts):
            return _repeated(node, parts) + _covered(parts)
        case Near(left, right) | Sentence(left, right) if left == right:
            return [f"'{text_of(node)}': both sides are the same, so the word must stand there twice"]
        case Not(Not(part)):
            return [f"NOT NOT is the same as '{text_of(part)}' without it, but marks no places"]
    return []


def _unknown(name: str, value: str, vocabulary: Vocabulary) -> list[str]:
    known = {"topic": vocabulary.topics, "feed": vocabulary.feeds, "lang": vocabulary.languages}.get(name)
    if known is None:
        return []
    keys = tuple(sorted(keyword_key(name, one) for one in known))
    if value in keys:
        return []
    hint = nearest(value, keys)
    return [f"there is no {name} '{value}', so this can never hold" + (f". {hint}" if hint else "")]


def _contradictions(parts: tuple[Node, ...]) -> list[str]:
    denied = {inner for part in parts if isinstance(part, Not) for inner in _either(part.part)}
    found = [f"'{text_of(part)}' is both demanded and excluded: nothing can match" for part in parts if part in denied]
    for word in (part.text for part in parts if isinstance(part, Word)):
        found += [
            f"'{word}' is demanded, but NOT {other.text} excludes it: nothing can match"
            for other in denied
            if isinstance(other, Word) and other.text != word and is_pattern(other.text) and _covers(other.text, word)
        ]
    for name in _SINGLE_VALUED:
        sets = [set(part.values) for part in parts if isinstance(part, Keyword) and part.field == name]
        if len(sets) > 1 and not set.intersection(*sets):
            found.append(f"{name}: cannot have two values at once: nothing can match. Write {name}:(a OR b)")
    for name in ("published", "seen"):
        days = [part for part in parts if isinstance(part, Days) and part.field == name]
        first = max((part.first for part in days if part.first), default=None)
        until = min((part.until for part in days if part.until), default=None)
        if first and until and first >= until:
            found.append(f"{name}: no day lies from {first} on and before {until}: nothing can match")
    return found


def _either(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Or) else (node,)


def _repeated(node: Node, parts: tuple[Node, ...]) -> list[str]:
    twice = dict.fromkeys(part for part in parts if parts.count(part) > 1)
    operator = "AND" if isinstance(node, And) else "OR"
    return [f"'{text_of(part)}' stands there twice, joined by {operator}" for part in twice]


def _covered(parts: tuple[Node, ...]) -> list[str]:
    """Words of an OR that another one, with a wildcard, finds anyway."""
    words = [part.text for part in parts if isinstance(part, Word)]
    stems = [word for word in words if word == f"{literal_prefix(word)}*"]
    return [
        f"'{word}' is found by '{stem}' anyway"
        for word in words
        for stem in stems
        if word != stem and _covers(stem, word)
    ]


def _covers(pattern: str, word: str) -> bool:
    """Does ``stem*`` find everything that ``word`` finds?"""
    prefix = literal_prefix(pattern)
    return pattern == f"{prefix}*" and literal_prefix(word).startswith(prefix)


def meaning_of(node: Node) -> object:
    """A value that is equal for queries that differ only in order, repetition, names of parts or double NOT."""
    match node:
        case And(parts) | Or(parts):
            kind = "and" if isinstance(node, And) else "or"
            inner = [meaning_of(part) for part in parts]
            flat = frozenset(
                one for part in inner for one in (part[1] if isinstance(part, tuple) and part[0] == kind else (part,))
            )
            return next(iter(flat)) if len(flat) == 1 else (kind, flat)
        case Not(Not(part)):
            return meaning_of(part)
        case Named(_, part):
            return meaning_of(part)
        case Near(left, right, distance, False):
            return "near", distance, frozenset((meaning_of(left), meaning_of(right)))
        case Near(left, right, distance, True):
            return "onear", distance, meaning_of(left), meaning_of(right)
        case AtLeast(count, part):
            return "atleast", count, meaning_of(part)
        case Sentence(left, right):
            return "sentence", frozenset((meaning_of(left), meaning_of(right)))
        case Keyword(name, values):
            return "keyword", name, frozenset(values)
        case In(name, part):
            return "in", name, meaning_of(part)
        case Not(part):
            return "not", meaning_of(part)
    return (type(node).__name__, *(meaning_of(child) for child in children(node))) if children(node) else node


def failing_examples(
    query: Query, *, should_match: Sequence[str] = (), should_not_match: Sequence[str] = (), now: datetime
) -> list[str]:
    """A report for each example text (see `Doc.example`) of which the query says the opposite of what is wanted."""
    faults: list[str] = []
    for wanted, texts in ((True, should_match), (False, should_not_match)):
        for text in texts:
            told = explain(query, Doc.example(text), now)
            if told.holds != wanted:
                verb = "does not match but should" if wanted else "matches but should not"
                faults.append("\n    ".join([f"{text!r} {verb}:", *told.lines()]))
    return faults


def _is_usual(terms: frozenset[str]) -> bool:
    return any(term in USUAL or term.startswith("lang:") for term in terms)
