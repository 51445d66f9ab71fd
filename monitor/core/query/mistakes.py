"""What is probably meant otherwise in the words, names and operators of a query that can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from monitor.core.keywords import keyword_key
from monitor.core.query.diagnosis import nearest
from monitor.core.query.grammar import PLAIN_FORMS
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
_QUOTED = re.compile(r'"[^"]*"')
_SINGLY_QUOTED = re.compile(
    r"(?<![^\s(:=|-])['‘’‚‛`´＇]([^\s'‘’‚‛`´＇()|:][^'‘’‚‛`´＇()|:]*\s[^'‘’‚‛`´＇()|:]*)['‘’‛`´＇](?![^\s)~|])"
)
"""Signs that are apostrophes within a word, around several words."""


def slips(query: Query, *, vocabulary: Vocabulary = ANY_VOCABULARY) -> list[str]:
    """The lines of `lint` that are about words, names and operators, not about cost or other queries."""
    told = [line for node in walk(query.root) for line in _about(node, vocabulary)]
    return list(dict.fromkeys(_singly_quoted(query.source) + told))


def _singly_quoted(source: str) -> list[str]:
    return [
        f"{found[0]} is read as words that may stand apart; a phrase stands in double quotation marks: "
        f'"{" ".join(found[1].split())}"'
        for found in _SINGLY_QUOTED.finditer(_QUOTED.sub('""', source.translate(PLAIN_FORMS)))
    ]


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
    # of two codes of two or three letters none is near the other
    hint = "Languages are written as codes of ISO 639: en, ru, uz" if name == "lang" else nearest(value, keys)
    return [f"there is no {name} '{value}', so this can never hold" + (f". {hint}" if hint else "")]


def _contradictions(parts: tuple[Node, ...]) -> list[str]:
    denied = list(dict.fromkeys(inner for part in parts if isinstance(part, Not) for inner in _either(part.part)))
    found: list[str] = []
    for part in parts:
        if part in denied:
            found.append(f"'{text_of(part)}' is both demanded and excluded: nothing can match")
        elif not isinstance(part, Not) and (why := _excluded(part, denied)):
            what = " and ".join(f"NOT {text_of(each)}" for each in why)
            found.append(f"'{text_of(part)}' is demanded, but {what} excludes it: nothing can match")
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


def _excluded(part: Node, denied: Sequence[Node]) -> list[Node]:
    """What is denied although each way in which ``part`` holds implies some of it; empty where one way is left."""
    ways = [next((each for each in denied if _implies(way, each)), None) for way in _either(part)]
    return [] if None in ways else list(dict.fromkeys(each for each in ways if each is not None))


def _implies(node: Node, other: Node) -> bool:
    """Does ``other`` hold of every document of which ``node`` does? Told only where it is plain."""
    if node == other:
        return True
    match other:
        case Word(word):
            return any(word == each or (is_pattern(word) and _covers(word, each)) for each in _words_of(node))
        case TopicScore(name, least) if isinstance(node, TopicScore) and node.name == name:
            return least is None or (node.at_least or 0.0) >= least
        case Keyword(name, values) if isinstance(node, Keyword) and node.field == name:
            return set(node.values) <= set(values)
    return False


def _words_of(node: Node) -> Iterator[str]:
    """Words that stand in title, summary or body wherever the node holds."""
    match node:
        case Word(word):
            yield word
        case Phrase(words, _):
            yield from words
        case In("author", _):
            return
        case And() | Near() | Sentence() | AtLeast() | In() | Named():
            for part in children(node):
                yield from _words_of(part)


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
