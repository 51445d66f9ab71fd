"""Many queries, one document: only those queries are evaluated of which a required term is present.

Every query is reduced to a set of terms of which at least one stands in every document that it matches. A term is a
word, a word with wildcards, or a keyword such as ``country:UZ``. What a word of a document calls up is looked up only
once: words return (Zipf), so a document costs one set difference and its candidates.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from typing import Generic, TypeVar

from monitor.core.query.document import Doc, pattern_matcher
from monitor.core.query.matching import in_order, matcher
from monitor.core.query.tree import (
    And,
    AtLeast,
    Exact,
    In,
    Keyword,
    Named,
    Near,
    Node,
    Or,
    Phrase,
    Query,
    Sentence,
    TopicScore,
    Word,
    is_pattern,
    literal_prefix,
    walk,
)
from monitor.core.text import tokenise
from monitor.model import Span

K = TypeVar("K", bound=Hashable)

_MOST_WORDS = 300_000

_SHARE = {"lang": 0.3, "country": 0.05, "feed": 0.05, "site": 0.05, "tag": 0.05, "person": 0.01, "url": 0.001}
"""A guess at the share of documents that have a given keyword of the field."""


def required(node: Node) -> tuple[float, frozenset[str]] | None:
    """Terms of which at least one stands in every document of which the node holds, with a guess at the share of
    documents that have one; ``None`` where there are no such terms.
    """
    match node:
        case Word(word):
            return _share(word), frozenset((word,))
        case Phrase(words, _):
            return min((_share(word), frozenset((word,))) for word in words)
        case Exact(text):
            return required(Phrase(tuple(tokenise(text).words)))
        case Keyword(name, values):
            return min(1.0, _SHARE[name] * len(values)), frozenset(f"{name}:{value}" for value in values)
        case TopicScore(name, _):
            return 0.05, frozenset((f"topic:{name}",))
        case AtLeast(_, part) | In(_, part) | Named(_, part):
            return required(part)
        case Near(left, right) | Sentence(left, right):
            return _narrowest((left, right))
        case And(parts):
            return _narrowest(parts)
        case Or(parts):
            found = [required(part) for part in parts]
            if None in found:
                return None
            sure = [one for one in found if one is not None]
            return min(1.0, sum(share for share, _ in sure)), frozenset().union(*(terms for _, terms in sure))
    return None


def _narrowest(parts: tuple[Node, ...]) -> tuple[float, frozenset[str]] | None:
    found = [one for part in parts if (one := required(part)) is not None]
    return min(found, key=lambda one: one[0], default=None)


def _share(word: str) -> float:
    """Long words are rare words."""
    literal = literal_prefix(word)
    return (3.0 if literal != word else 1.0) / (1 + len(literal)) ** 3


class QueryIndex(Generic[K]):
    """Queries under their keys, ready to be held against documents."""

    def __init__(self, queries: Mapping[K, Query]) -> None:
        self._keys = list(queries)
        self._matchers = [matcher(query.root) for query in queries.values()]
        self._always: list[int] = []
        self._by_term: dict[str, list[int]] = {}
        self._by_prefix: dict[str, list[str]] = {}
        for number, query in enumerate(queries.values()):
            terms = required(query.root)
            if terms is None:
                self._always.append(number)
                continue
            for term in terms[1]:
                self._by_term.setdefault(term, []).append(number)
        self._patterns = frozenset(
            word for query in queries.values() for node in walk(query.root) for word in _words(node) if is_pattern(word)
        )
        for pattern in self._patterns:
            self._by_prefix.setdefault(literal_prefix(pattern), []).append(pattern)
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix})
        self._called_up: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {}
        self._inert: set[str] = set()

    def match(self, doc: Doc, now: datetime) -> dict[K, tuple[Span, ...]]:
        """The queries that hold of the document, in the order in which they were given, each with its places."""
        found: dict[K, tuple[Span, ...]] = {}
        for number in sorted(self._candidates(doc)):
            one = self._matchers[number]
            if one.holds(doc, now):
                found[self._keys[number]] = in_order(one.spans(doc, now))
        return found

    def matching(self, doc: Doc, now: datetime) -> list[K]:
        """The keys of `match` alone, cheaper."""
        return [self._keys[n] for n in sorted(self._candidates(doc)) if self._matchers[n].holds(doc, now)]

    def candidates(self, doc: Doc) -> list[K]:
        """The queries that must be evaluated: a superset of those that hold."""
        return [self._keys[number] for number in sorted(self._candidates(doc))]

    def _candidates(self, doc: Doc) -> Iterable[int]:
        numbers: set[int] = set(self._always)
        expanded: dict[str, tuple[str, ...]] = {}
        for term in doc.terms - self._inert:
            called = self._called_up.get(term) or self._look_up(term)
            numbers.update(called[0])
            for pattern in called[1]:
                expanded[pattern] = (*expanded.get(pattern, ()), term)
        doc.learn(self._patterns, expanded)
        return numbers

    def _look_up(self, term: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """The queries and the patterns that a word or keyword calls up."""
        patterns = tuple(
            pattern
            for length in (self._lengths if ":" not in term else ())
            for pattern in self._by_prefix.get(term[:length], ())
            if pattern_matcher(pattern)(term)
        )
        numbers = {n for one in (term, *patterns) for n in self._by_term.get(one, ())}
        called = tuple(sorted(numbers)), patterns
        if len(self._inert) + len(self._called_up) >= _MOST_WORDS:
            self._inert.clear()
            self._called_up.clear()
        if numbers or patterns:
            self._called_up[term] = called
        else:
            self._inert.add(term)
        return called


def _words(node: Node) -> tuple[str, ...]:
    match node:
        case Word(word):
            return (word,)
        case Phrase(words, _):
            return words
    return ()
