"""Where words, phrases, NEAR and SENTENCE stand.

Words, phrases, NEAR, SENTENCE and ORs of them have *places* in a field: runs of tokens. Two places are *apart*
if they share no token. NEAR pairs *neighbours*: a left and a right place with no nearer one of either between them
(after the shortest substrings of Clarke, Cormack and Burkowski 1995), so that there are no more pairs than places, and
some pair is within the distance if and only if a neighbouring one is. A place that lies strictly inside a
NEAR or SENTENCE pair is near it: ``a NEAR b NEAR c`` holds wherever c stands between a and b, too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from monitor.core.query.document import Doc
from monitor.core.query.tree import (
    And,
    AtLeast,
    Exact,
    In,
    Named,
    Near,
    Node,
    Or,
    Phrase,
    Sentence,
    Word,
    Words,
    children,
    is_pattern,
    text_of,
)
from monitor.core.text import Tokens, surface, tokenise

Place = tuple[int, int, bool, Any]
"""First and last token, whether other tokens may lie between (a pair of NEAR), and what it is made of: the text of a
word or phrase in the query, or two places."""

_bounds = itemgetter(0, 1)
_from_the_end = itemgetter(1, 0)


def leaves(place: Place) -> Iterator[tuple[int, int, str]]:
    """First token, last token and query text of the words and phrases that a place is made of."""
    made_of = place[3]
    if isinstance(made_of, str):
        yield place[0], place[1], made_of
    else:
        for part in made_of:
            yield from leaves(part)


def places(node: Node, doc: Doc, field: str) -> list[Place]:
    """Where a node that has places stands in a field, by first and last token."""
    if not doc.texts[field]:
        return []
    match node:
        case Word(word):
            return [(at, at, False, word) for at in _word_at(word, doc, field)]
        case Phrase(words, None):
            return _row(words, doc, field, node)
        case Phrase(words, within):
            return _window(words, within or 0, doc, field, text_of(node))
        case Exact(text):
            return _exact(text, doc, field, node)
        case Near(left, right, distance, ordered):
            before = places(left, doc, field)
            return _pairs(before, places(right, doc, field), distance, ordered=ordered) if before else []
        case Sentence(left, right):
            tokens = doc.tokens[field]
            here, there = (_in_one_sentence(places(part, doc, field), tokens) for part in (left, right))
            return _in_one_sentence(_pairs(here, there, len(tokens)), tokens)
        case Or():
            among = (node.words.plain & doc.terms).union(doc.fitting.among(node.words.patterns))
            found: dict[tuple[int, int, bool], Place] = {}
            for part in node.others:
                if doc.has_all(needed(part)):
                    found.update((place[:3], place) for place in places(part, doc, field))
            for word in node.single:
                if word in among:
                    found.update(((at, at, False), (at, at, False, word)) for at in _word_at(word, doc, field))
            return sorted(found.values(), key=_bounds)
        case Named(_, part):
            return places(part, doc, field)
    raise AssertionError(node)


@lru_cache(maxsize=50_000)
def needed(node: Node) -> Words:
    """Words that all stand in every document of which the node holds; not all of them that there may be."""
    match node:
        case Near() | Sentence() | And() | In() | AtLeast() | Named():
            return Words.of(word for part in children(node) for words in needed(part) for word in words)
    return Words.of(_own_words(node))


@lru_cache(maxsize=50_000)
def words_of(node: Node) -> Words:
    """All words of a query."""
    inner = (word for part in children(node) for words in words_of(part) for word in words)
    return Words.of([*_own_words(node), *inner])


def _own_words(node: Node) -> Sequence[str]:
    match node:
        case Word(word):
            return (word,)
        case Phrase(words, _):
            return words
        case Exact(text):
            return tokenise(text).words
    return ()


def _word_at(word: str, doc: Doc, field: str) -> list[int]:
    positions = doc.positions[field]
    if not is_pattern(word):
        return positions[word]
    return sorted(chain.from_iterable(map(positions.__getitem__, doc.fitting[word])))


def _in_one_sentence(found: list[Place], tokens: Tokens) -> list[Place]:
    return [place for place in found if place[0] == place[1] or tokens.share_sentence(place[0], place[1])]


def _row(words: tuple[str, ...], doc: Doc, field: str, node: Phrase | Exact) -> list[Place]:
    where: list[list[int]] = []
    for word in words:
        at = _word_at(word, doc, field)
        if not at:
            return []
        where.append(at)
    rarest = min(range(len(words)), key=lambda number: len(where[number]))
    others = [(number - rarest, set(at)) for number, at in enumerate(where) if number != rarest]
    rows = (at - rarest for at in where[rarest] if all(at + shift in there for shift, there in others))
    last = len(words) - 1
    found = list(rows)
    label = text_of(node) if found else ""
    return [(at, at + last, False, label) for at in found]


def _window(words: tuple[str, ...], within: int, doc: Doc, field: str, label: str) -> list[Place]:
    """The shortest windows with every word, a repeated word as often as it is repeated, and few enough others."""
    wanted = {word: words.count(word) for word in words}
    events = sorted((at, word) for word in wanted for at in _word_at(word, doc, field))
    missing, have, left, shortest = len(wanted), dict.fromkeys(wanted, 0), 0, -1
    found: list[Place] = []
    for at, word in events:
        have[word] += 1
        missing -= have[word] == wanted[word]
        if missing:
            continue
        while have[events[left][1]] > wanted[events[left][1]]:
            have[events[left][1]] -= 1
            left += 1
        first = events[left][0]
        if first > shortest and at - first + 1 <= len(words) + within:
            if found and found[-1][1] == at:
                found.pop()  # a token that two of the words stand for ends a shorter one
            found.append((first, at, False, label))
        shortest = first
        have[events[left][1]] -= 1
        left += 1
        missing += 1
    return found


def _exact(text: str, doc: Doc, field: str, node: Exact) -> list[Place]:
    asked = tokenise(text)
    wanted, held = _surfaces(asked, range(len(asked))), doc.tokens[field]
    return [
        place
        for place in _row(tuple(asked.words), doc, field, node)
        if _surfaces(held, range(place[0], place[1] + 1)) == wanted
    ]


def _surfaces(tokens: Tokens, which: range) -> list[str]:
    return [surface(tokens.text[tokens.start(at) : tokens.end(at)]) for at in which]


def _pairs(left: list[Place], right: list[Place], distance: int, *, ordered: bool = False) -> list[Place]:
    """Neighbours that stand apart with at most ``distance`` tokens between them."""
    if not left or not right:
        return []
    pairs = [*_neighbours(left, right, distance)]
    if not ordered:
        pairs += _neighbours(right, left, distance)
        pairs += _enclosed(left, right)
        pairs += _enclosed(right, left)
    return sorted({(pair[0], pair[1]): pair for pair in pairs}.values(), key=_bounds)


def _neighbours(before: list[Place], after: list[Place], distance: int) -> Iterator[Place]:
    by_end = sorted(before, key=_from_the_end)
    ends = [place[1] for place in by_end]
    firsts = [place[0] for place in after]
    paired = -1
    for place in by_end:
        at = bisect_right(firsts, place[1])
        if at == len(after):
            return
        nearest = after[at]
        if at == paired or nearest[0] - place[1] - 1 > distance:
            continue
        paired = at
        # the last place of the left side that ends before the right one begins
        closest = by_end[bisect_left(ends, nearest[0]) - 1]
        yield closest[0], nearest[1], True, (closest, nearest)


def _enclosed(outer: list[Place], inner: list[Place]) -> Iterator[Place]:
    firsts: list[int] = []
    for place in outer:
        if not place[2]:
            continue
        firsts = firsts or [one[0] for one in inner]
        at = bisect_right(firsts, place[0])
        while at < len(inner) and firsts[at] < place[1]:
            if inner[at][1] < place[1]:
                yield place[0], place[1], True, (place, inner[at])
                break
            at += 1


def apart(found: list[Place]) -> int:
    """How many of the places can be chosen so that no two overlap."""
    number, end = 0, -1
    for last, first in sorted((place[1], place[0]) for place in found):
        if first > end:
            number, end = number + 1, last
    return number


def occurrences(node: Node, doc: Doc, fields: tuple[str, ...]) -> int:
    """How often a node that has places occurs. A summary repeats its body: the larger of the two numbers counts."""
    words = single_words(node)
    if words is not None:
        number = {name: len(points(words, doc, name)) for name in fields}
    else:
        number = {name: apart(places(node, doc, name)) for name in fields}
    return sum(number.values()) - min(number.get("summary", 0), number.get("body", 0))


# --- single words: tokens by number alone ---------------------------------------------------------


@lru_cache(maxsize=50_000)
def single_words(node: Node) -> Words | None:
    """The words of a node all of whose places are single tokens; ``None`` for others."""
    match node:
        case Word(word):
            return Words.of([word])
        case Or(parts):
            words = [single_words(part) for part in parts]
            return Words.of(word for found in words if found for each in found for word in each) if all(words) else None
        case Named(_, part):
            return single_words(part)
    return None


def points(words: Words, doc: Doc, field: str) -> list[int]:
    """The tokens at which one of the words stands, in order."""
    return points_of(present(words, doc), doc, field)


def present(words: Words, doc: Doc) -> frozenset[str]:
    """The words of the document that the words stand for."""
    plain, patterns = words
    found = plain & doc.terms
    if patterns:
        fitting = doc.fitting
        return found.union(*map(fitting.__getitem__, fitting.among(patterns)))
    return found


def points_of(words: frozenset[str], doc: Doc, field: str) -> list[int]:
    """The tokens at which one of the words, none of them a word with wildcards, stands."""
    if not words or not doc.may_have(field, words):
        return []
    positions = doc.positions[field]
    if len(words) == 1:
        [word] = words
        return positions[word]
    return sorted(chain.from_iterable(map(positions.__getitem__, words)))


def within_reach(left: list[int], right: list[int], reach: int, *, ordered: bool) -> bool:
    """Does a right token follow a left one, or in any order stand beside it, no further than ``reach``?"""
    for at in left:
        after = bisect_right(right, at)
        if after < len(right) and right[after] - at <= reach:
            return True
        if not ordered:
            before = bisect_left(right, at) - 1
            if before >= 0 and at - right[before] <= reach:
                return True
    return False


def share_sentence(left: list[int], right: list[int], tokens: Tokens) -> bool:
    """Do a left and a right token that are not the same stand in one sentence? Some pair of neighbours does, then."""
    few, many = (left, right) if len(left) < len(right) else (right, left)
    for at in few:
        after, before = bisect_right(many, at), bisect_left(many, at) - 1
        if after < len(many) and tokens.share_sentence(at, many[after]):
            return True
        if before >= 0 and tokens.share_sentence(many[before], at):
            return True
    return False
