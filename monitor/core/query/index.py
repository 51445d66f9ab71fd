"""Many queries, one document: only those queries are evaluated of which the required terms are present.

Every alternative of a query is reduced to one or two sets of terms: every document of which it holds has a term of
each. A term is a word, a word with wildcards, or a keyword such as ``country:UZ``. What a word of a document calls up
is looked up only once: words return (Zipf), so a document costs one set difference and its candidates.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

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
    children,
    is_pattern,
    literal_prefix,
    walk,
)
from monitor.core.text import tokenise
from monitor.model import Span

K = TypeVar("K", bound=Hashable)

_MOST_WORDS = 150_000

_SHARE = {"lang": 0.5, "country": 0.05, "feed": 0.05, "site": 0.05, "tag": 0.05, "person": 0.01, "url": 0.001}
"""A guess at the share of documents that have a given keyword of the field."""

USUAL = frozenset(
    """
    a an and are as at be but by for from has have he his in is it its not of on or that the this to was were which will
    with  de des du en et la le les  das der die den ein eine im in und von zu  del el los las que se y
    che di e il per  e do da o  och att det som  van het een  ve bir bu  w z na i nie się  в во и на не по с что из за
    з та у що до  va bilan uchun  و في من على  में और के का है
    """.split()
)
"""Words that stand in most articles of their language, however long they are."""

Required = tuple[float, frozenset[str]]
"""Terms of which at least one must be present, after a guess at the share of documents that have one."""


def required(node: Node) -> list[Required]:
    """Sets of terms: every document of which the node holds has a term of each. The narrowest set comes first; none at
    all for dates, flags and NOT.
    """
    match node:
        case Word(word):
            return [(_share(word), frozenset((word,)))]
        case Phrase(words, _):
            return sorted((_share(word), frozenset((word,))) for word in set(words))
        case Exact(text):
            return required(Phrase(tuple(tokenise(text).words)))
        case Keyword(name, values):
            return [(_SHARE[name] * len(values), frozenset(f"{name}:{value}" for value in values))]
        case TopicScore(name, _):
            return [(0.05, frozenset((f"topic:{name}",)))]
        case AtLeast(_, part) | In(_, part) | Named(_, part):
            return required(part)
        case Near() | Sentence() | And():
            return sorted({one for part in children(node) for one in required(part)}, key=lambda one: one[0])
        case Or(parts):
            found = [required(part) for part in parts]
            if not all(found):
                return []
            return [(sum(one[0][0] for one in found), frozenset().union(*(one[0][1] for one in found)))]
    return []


def alternatives(node: Node) -> list[list[Required]]:
    """What is `required` by each alternative of a query: one of them holds wherever the query does. Those that ask for
    one set of terms alone are one.
    """
    match node:
        case Or(parts):
            found = [each for part in parts for each in alternatives(part)]
            alone = [each[0] for each in found if len(each) == 1]
            together = [(sum(share for share, _ in alone), frozenset[str]().union(*(terms for _, terms in alone)))]
            return [each for each in found if len(each) != 1] + ([together] if alone else [])
        case AtLeast(_, part) | In(_, part) | Named(_, part):
            return alternatives(part)
    return [required(node)]


def _share(word: str) -> float:
    """Long words are rare words: of six letters, one document in seventeen."""
    if word in USUAL:
        return 1.0
    literal = literal_prefix(word)
    return min(1.0, (60.0 if literal != word else 20.0) / (1 + len(literal)) ** 3)


class _Call(NamedTuple):
    """What a term calls up: alternatives of queries by their numbers; and the words with wildcards that it fits."""

    term: str
    alternatives: frozenset[int]
    patterns: tuple[str, ...]


class _Calls(dict[str, "_Call | None"]):
    """What the words and keywords that were seen call up, most of them nothing."""

    def __init__(self, look_up: Callable[[str], _Call | None]) -> None:
        super().__init__()
        self._look_up = look_up

    def __missing__(self, term: str) -> _Call | None:
        found = self[term] = self._look_up(term)
        return found


class QueryIndex(Generic[K]):
    """Queries under their keys, ready to be held against documents."""

    def __init__(self, queries: Mapping[K, Query]) -> None:
        self._keys = list(queries)
        self._matchers = [matcher(query.root) for query in queries.values()]
        self._always: list[int] = []
        self._called: dict[str, list[int]] = {}
        self._needed: list[frozenset[str]] = []
        self._numbers: list[int] = []
        for number, query in enumerate(queries.values()):
            for sets in alternatives(query.root):
                if not sets:
                    self._always.append(number)
                    break
                called, *others = [terms for _, terms in sets]
                for term in called:
                    self._called.setdefault(term, []).append(len(self._numbers))
                self._needed.append(others[0] if others else called)
                self._numbers.append(number)
        self._patterns = frozenset(
            word for query in queries.values() for node in walk(query.root) for word in _words(node) if is_pattern(word)
        )
        self._by_prefix: dict[str, list[str]] = {}
        for pattern in self._patterns:
            self._by_prefix.setdefault(literal_prefix(pattern), []).append(pattern)
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix})
        self._calls = _Calls(self._look_up)

    def match(self, doc: Doc, now: datetime) -> dict[K, tuple[Span, ...]]:
        """The queries that hold of the document, in the order in which they were given, each with its places."""
        found: dict[K, tuple[Span, ...]] = {}
        for number in self._candidates(doc):
            one = self._matchers[number]
            if one.holds(doc, now):
                found[self._keys[number]] = in_order(one.spans(doc, now))
        return found

    def matching(self, doc: Doc, now: datetime) -> list[K]:
        """The keys of `match` alone, cheaper."""
        return [self._keys[n] for n in self._candidates(doc) if self._matchers[n].holds(doc, now)]

    def candidates(self, doc: Doc) -> list[K]:
        """The queries that must be evaluated: a superset of those that hold."""
        return [self._keys[number] for number in self._candidates(doc)]

    def _candidates(self, doc: Doc) -> list[int]:
        calls = self._calls  # one for the whole document, whatever other threads do
        if len(calls) > _MOST_WORDS:
            calls = self._calls = _Calls(self._look_up)
        called = [*filter(None, map(calls.__getitem__, doc.terms))]
        fitting = defaultdict[str, list[str]](list)
        for term, _, patterns in called:
            for pattern in patterns:
                fitting[pattern].append(term)
        doc.fitting.learn(self._patterns, fitting)
        present = doc.terms.union(fitting)
        needed, numbers = self._needed, self._numbers
        called_up = frozenset[int]().union(*[numbers for _, numbers, _ in called])
        found = {numbers[n] for n in called_up if not needed[n].isdisjoint(present)}
        return sorted(found.union(self._always))

    def _look_up(self, term: str) -> _Call | None:
        patterns = tuple(
            pattern
            for length in (self._lengths[: bisect_right(self._lengths, len(term))] if ":" not in term else ())
            for pattern in self._by_prefix.get(term[:length], ())
            if pattern_matcher(pattern)(term)
        )
        called_up = frozenset(number for one in (term, *patterns) for number in self._called.get(one, ()))
        return _Call(term, called_up, patterns) if called_up or patterns else None


def _words(node: Node) -> tuple[str, ...]:
    match node:
        case Word(word):
            return (word,)
        case Phrase(words, _):
            return words
    return ()
