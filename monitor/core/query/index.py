"""Many queries, one document: only those queries are evaluated of which the required terms are present.

Every alternative of a query is reduced to one or two sets of terms: every document of which it holds has a term of
each. A term is a word, a word with wildcards, or a keyword such as ``country:UZ``. What a word of a document calls up
is looked up only once: words return (Zipf), so a document costs one set difference and its candidates.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

from monitor.core.query.document import Doc, pattern_matcher
from monitor.core.query.matching import in_order, matcher
from monitor.core.query.places import words_of
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
    literal_prefix,
)
from monitor.core.text import tokenise
from monitor.model import Span

K = TypeVar("K", bound=Hashable)

_MOST_WORDS = 150_000
_SETS = 2
"""So many sets of terms of an alternative are looked at before it is evaluated."""
_ENOUGH = 64
"""After so many documents it is known which terms are frequent."""
_GUESSED = 20.0
"""A guess at the share of a term weighs as much as so many documents."""

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


class Alternative(NamedTuple):
    """What an alternative of a query requires. It ``is_decided`` by that where it holds of every document that has a
    term of each set in its title, summary or body, or as a keyword.
    """

    sets: list[Required]
    is_decided: bool


def alternatives(node: Node) -> list[Alternative]:
    """The alternatives of a query: one of them holds wherever the query does. Those that ask for one set of terms alone
    are one.
    """
    match node:
        case Or(parts):
            found = [each for part in parts for each in alternatives(part)]
            several = [each for each in found if len(each.sets) != 1]
            return [*several, *_together(found, is_decided=True), *_together(found, is_decided=False)]
        case AtLeast(_, part) | In(_, part):
            return [Alternative(each.sets, is_decided=False) for each in alternatives(part)]
        case Named(_, part):
            return alternatives(part)
    sets = required(node)
    return [Alternative(sets, is_decided=len(sets) <= _SETS and _is_decided(node))]


def _together(found: Iterable[Alternative], *, is_decided: bool) -> list[Alternative]:
    alone = [each.sets[0] for each in found if len(each.sets) == 1 and each.is_decided is is_decided]
    terms = frozenset[str]().union(*(terms for _, terms in alone))
    return [Alternative([(sum(share for share, _ in alone), terms)], is_decided)] if alone else []


def _is_decided(node: Node) -> bool:
    match node:
        case Word() | Keyword():
            return True
        case And(parts):
            return all(map(_is_decided, parts))
        case Or(parts):
            return all(_is_decided(part) and len(required(part)) == 1 for part in parts)
        case Named(_, part):
            return _is_decided(part)
    return False


def _share(word: str) -> float:
    """Long words are rare words: of six letters, one document in seventeen."""
    if word in USUAL:
        return 1.0
    literal = literal_prefix(word)
    return min(1.0, (60.0 if literal != word else 20.0) / (1 + len(literal)) ** 3)


class _Call(NamedTuple):
    """What a term calls up: the queries of alternatives, ``~`` where the alternative is decided, each with terms of
    which it needs one as well; and the words with wildcards that the term fits.
    """

    numbers: tuple[int, ...]
    needed: tuple[frozenset[str], ...]
    patterns: tuple[str, ...]


class _Anchored(NamedTuple):
    """An alternative with the set of terms by which it is called up, and the one of which it needs a term as well."""

    number: int
    called: frozenset[str]
    needed: frozenset[str]


class _Calls(dict[str, "_Call | None"]):
    """What the words and keywords that were seen call up, most of them nothing; ``fitting`` are the words seen that fit
    each word with wildcards.
    """

    def __init__(self, alternatives: list[_Anchored], patterns: frozenset[str]) -> None:
        super().__init__()
        self.fitting = defaultdict[str, set[str]](set)
        self._alternatives, self._patterns = alternatives, patterns
        self._called: dict[str, list[int]] = {}
        for at, one in enumerate(alternatives):
            for term in one.called:
                self._called.setdefault(term, []).append(at)
        self._by_prefix: dict[str, list[str]] = {}
        for pattern in patterns:
            self._by_prefix.setdefault(literal_prefix(pattern), []).append(pattern)
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix})

    def emptied(self) -> _Calls:
        return _Calls(self._alternatives, self._patterns)

    def __missing__(self, term: str) -> _Call | None:
        patterns = tuple(
            pattern
            for length in (self._lengths[: bisect_right(self._lengths, len(term))] if ":" not in term else ())
            for pattern in self._by_prefix.get(term[:length], ())
            if pattern_matcher(pattern)(term)
        )
        for pattern in patterns:
            self.fitting[pattern].add(term)
        called = [
            self._alternatives[at] for at in {at for one in (term, *patterns) for at in self._called.get(one, ())}
        ]
        found = self[term] = (
            _Call(tuple(one.number for one in called), tuple(one.needed for one in called), patterns)
            if called or patterns
            else None
        )
        return found


class QueryIndex(Generic[K]):
    """Queries under their keys, ready to be held against documents. By which of its sets of terms an alternative is
    called up is guessed at first; the first documents tell which is the rarest.
    """

    def __init__(self, queries: Mapping[K, Query]) -> None:
        self._keys = list(queries)
        self._matchers = [matcher(query.root) for query in queries.values()]
        self._words = [words_of(query.root) for query in queries.values()]
        self._patterns = frozenset[str]().union(*(words.patterns for words in self._words))
        self._always: list[int] = []
        self._alternatives: list[tuple[int, list[Required]]] = []
        for number, query in enumerate(queries.values()):
            found = alternatives(query.root)
            if all(one.sets for one in found):
                self._alternatives += ((~number if one.is_decided else number, one.sets) for one in found)
            else:
                self._always.append(number)
        self._seen: Counter[str] | None = Counter()
        self._documents = 0
        self._calls = self._arranged(Counter())

    def _arranged(self, seen: Mapping[str, int]) -> _Calls:
        """Each alternative is called up by the set of which the fewest documents should have a term."""

        def share(one: Required) -> float:
            guess, terms = one
            return (sum(map(seen.__getitem__, terms)) + guess * _GUESSED) / (self._documents + _GUESSED)

        anchored = []
        for number, sets in self._alternatives:
            first, *others = sorted(sets, key=share)
            anchored.append(_Anchored(number, first[1], (others[0] if others else first)[1]))
        return _Calls(anchored, self._patterns)

    def _learn(self, present: frozenset[str], seen: Counter[str]) -> None:
        seen.update(present)
        self._documents += 1
        if self._documents >= _ENOUGH:
            self._seen = None
            self._calls = self._arranged(seen)

    def match(self, doc: Doc, now: datetime) -> dict[K, tuple[Span, ...]]:
        """The queries that hold of the document, in the order in which they were given, each with its places."""
        found = self._matching(doc, now)
        doc.expect(self._words[number] for number in found)
        return {self._keys[number]: in_order(self._matchers[number].spans(doc, now)) for number in found}

    def matching(self, doc: Doc, now: datetime, asked: Callable[[K], bool] | None = None) -> list[K]:
        """The keys of `match` alone, cheaper; only those that are ``asked`` for."""
        keys = self._keys
        return [keys[n] for n in self._matching(doc, now, asked and (lambda number: asked(keys[number])))]

    def candidates(self, doc: Doc) -> list[K]:
        """The queries that must be looked at: a superset of those that hold."""
        return [self._keys[number] for number in sorted(set().union(*self._candidates(doc)))]

    def _matching(self, doc: Doc, now: datetime, asked: Callable[[int], bool] | None = None) -> list[int]:
        decided, others = self._candidates(doc)
        if asked:
            decided, others = set(filter(asked, decided)), set(filter(asked, others))
        matchers = self._matchers
        doc.expect(words for number in others for words in matchers[number].placed)
        decided.update(number for number in others if matchers[number].holds(doc, now))
        return sorted(decided)

    def _candidates(self, doc: Doc) -> tuple[set[int], set[int]]:
        """The queries that hold, as far as their terms decide it, and those that must be evaluated."""
        calls, seen = self._calls, self._seen  # one for the whole document, whatever other threads do
        if len(calls) > _MOST_WORDS:
            calls = self._calls = calls.emptied()
        called = [*filter(None, map(calls.__getitem__, doc.terms))]
        numbers, needed, patterns = zip(*called, strict=True) if called else ((), (), ())
        present = doc.terms.union(*patterns)
        if seen is not None:
            self._learn(present, seen)
        doc.fitting.learn(self._patterns, present, calls.fitting)
        lacking = map(present.isdisjoint, chain.from_iterable(needed))
        found = {number for number, lacks in zip(chain.from_iterable(numbers), lacking, strict=True) if not lacks}
        found.update(self._always)
        decided = {~number for number in found if number < 0}
        others = {number for number in found if number >= 0} - decided
        if any(map(calls.__getitem__, doc.unsearched)):
            return set(), others | decided
        return decided, others
