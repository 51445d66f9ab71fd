"""A look at a text before it is read: can NEAR, SENTENCE, ATLEAST or a phrase hold of it at all?

An index of words says that the words are there, not where. To cut a text into words and evaluate the query takes half a
millisecond; to see that the words stand too far apart takes a tenth of it. `glance` never denies what the evaluator
affirms: where letters may be folded in more ways than by case, it looks no closer.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from monitor.core.query.tree import (
    SEARCHED,
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
    literal_prefix,
)
from monitor.core.text import tokenise

_MARKS = "«»„“”‘’–—…•№€£\u00a0"
_BEYOND_MARKS = re.compile(rf"[^\x00-\x7e{_MARKS}]")
_STRANGE = re.compile(rf"[^\x00-\x7eА-Яа-яЁё{_MARKS}]")
_ASCII = bytes(range(0x7F))
_APOSTROPHES = "'‘’`"
_APOSTROPHE = re.compile(rf"[{_APOSTROPHES}](?<=\w.)(?=\w)")
_WORD = re.compile(r"[^\W_]+")
_REST = re.compile(r"[^\W_]*")
_NEW_PARAGRAPH = re.compile(r"\n(?![^\W\d_])|\n(?=[A-ZА-ЯЁ])")
_LONG_WORD_ENDS = re.compile(r"\.(?<=[A-Za-zА-Яа-яЁё]{8}.)(?=[ \t]+[A-ZА-ЯЁ])")

FAR = 1 << 30


class Sight:
    """A text as it looks before it is cut into words."""

    def __init__(self, text: str) -> None:
        self.text = text
        some = any(sign in text for sign in _APOSTROPHES)
        self._joints = (
            {found.start() - number for number, found in enumerate(_APOSTROPHE.finditer(text))} if some else ()
        )
        self.cased = _APOSTROPHE.sub("", text) if self._joints else text
        if self._is_latin:  # of one byte each, letters are lowered in a tenth of the time; a mark becomes another
            self.folded = self.cased.encode("ascii", "replace").lower().decode("ascii")
        else:
            self.folded = self.cased.lower().replace("ё", "е")

    @cached_property
    def _is_latin(self) -> bool:
        """Are all letters of ASCII?"""
        if self.text.isascii():
            return True
        if _BEYOND_MARKS.search(self.text, 0, 100):  # most that have others have them there
            return False
        others = self.text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
        return _BEYOND_MARKS.search(others.decode("utf-8", "surrogatepass")) is None

    @cached_property
    def is_plain(self) -> bool:
        """Is case all that folding would change?"""
        return self._is_latin or _STRANGE.search(self.text) is None

    def places(self, words: frozenset[str]) -> list[tuple[int, int]]:
        """Where words may stand that begin so, in order."""
        found: list[tuple[int, int]] = []
        text = self.folded
        for word in words:
            at = text.find(word)
            while at >= 0:
                if at == 0 or not text[at - 1].isalnum() or at in self._joints:
                    rest = _REST.match(text, at + len(word))
                    found.append((at, rest.end() if rest else at + len(word)))
                at = text.find(word, at + 1)
        return sorted(found)

    def are_near(self, start: int, end: int, most: int) -> bool:
        """Are there at most so many words between?"""
        return sum(1 for _ in islice(_WORD.finditer(self.folded, start, end), most + 1)) <= most

    def share_sentence(self, start: int, end: int, most: int) -> bool:  # noqa: ARG002 -- asked as `are_near` is
        """Does no sentence surely end between?"""
        at = bisect_left(self._ends, start)
        return at == len(self._ends) or self._ends[at] >= end

    @cached_property
    def _ends(self) -> list[int]:
        patterns = (_NEW_PARAGRAPH,) if self._joints else (_NEW_PARAGRAPH, _LONG_WORD_ENDS)
        return sorted(each.start() for pattern in patterns for each in pattern.finditer(self.cased))


class Sights(dict[str, Sight]):
    """The fields of a text, each looked at when first asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__()
        self.texts = texts

    def __missing__(self, name: str) -> Sight:
        sight = self[name] = Sight(self.texts[name])
        return sight


Look = Callable[[Sights], bool]


def glance(node: Node, fields: tuple[str, ...] = SEARCHED) -> Look | None:
    """Whether the node may hold of a text; ``None`` where nothing can be seen without reading."""
    look = _look(node, fields)
    if look is None:
        return None
    return lambda sights: look(sights) or not all(sight.is_plain for sight in sights.values())


def _look(node: Node, fields: tuple[str, ...]) -> Look | None:
    match node:
        case And(parts):
            seen = [one for part in parts if (one := _look(part, fields)) is not None]
            return (lambda sights: all(one(sights) for one in seen)) if seen else None
        case Or(parts):
            each = [_look(part, fields) for part in parts]
            known = [one for one in each if one is not None]
            return (lambda sights: any(one(sights) for one in known)) if len(known) == len(each) else None
        case In(name, part):
            return _look(part, (name,))
        case Named(_, part):
            return _look(part, fields)
        case AtLeast(count, part):
            anchor = _anchor(part)
            if anchor is None or anchor.width > 1:
                return _look(part, fields)
            return lambda sights: sum(len(sights[name].places(anchor.words)) for name in fields) >= count
        case Near(left, right, distance, ordered):
            return _pair(_anchor(left), _anchor(right), fields, Sight.are_near, most=distance, ordered=ordered)
        case Sentence(left, right):
            return _pair(_anchor(left), _anchor(right), fields, Sight.share_sentence, most=FAR)
        case Phrase(words, within) if len(words) > 1:
            first, second = _Anchor.of(words[0]), _Anchor.of(words[1])
            most = 0 if within is None else len(words) - 2 + within
            return _pair(first, second, fields, Sight.are_near, most=most, ordered=within is None)
        case Exact(text) if len(words := tuple(tokenise(text).words)) > 1:
            return _look(Phrase(words), fields)
    return None


def _pair(
    left: _Anchor | None,
    right: _Anchor | None,
    fields: tuple[str, ...],
    close: Callable[[Sight, int, int, int], bool],
    *,
    most: int,
    ordered: bool = False,
) -> Look | None:
    if left is None or right is None:
        return None
    reach = min(FAR, most + left.width - 1 + right.width - 1)
    # a part of several words may reach behind the other one
    ordered = ordered and left.width == right.width == 1

    def look(sights: Sights) -> bool:
        for name in fields:
            sight = sights[name]
            here = sight.places(left.words)
            there = sight.places(right.words) if here else []
            if _any_close(sight, here, there, close, reach) or (
                not ordered and _any_close(sight, there, here, close, reach)
            ):
                return True
        return False

    return look


def _any_close(
    sight: Sight,
    before: list[tuple[int, int]],
    after: list[tuple[int, int]],
    close: Callable[[Sight, int, int, int], bool],
    reach: int,
) -> bool:
    """Is some place of ``after`` the first behind one of ``before``, and close to it? What overlaps is close."""
    for start, end in before:
        at = bisect_left(after, (start, 0))
        if at < len(after) and close(sight, min(end, after[at][0]), after[at][0], reach):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Words of which each place of a node has one, and how many words a place has at most."""

    words: frozenset[str]
    width: int

    @classmethod
    def of(cls, word: str) -> _Anchor:
        return cls(frozenset((literal_prefix(word),)), 1)

    @classmethod
    def any_of(cls, anchors: Iterable[_Anchor | None]) -> _Anchor | None:
        found = list(anchors)
        known = [one for one in found if one is not None]
        if len(known) < len(found):
            return None
        return cls(frozenset().union(*(one.words for one in known)), max(one.width for one in known))


def _anchor(node: Node) -> _Anchor | None:
    match node:
        case Word(word):
            return _Anchor.of(word)
        case Phrase(words, within):
            longest = max(words, key=lambda word: len(literal_prefix(word)))
            return _Anchor(frozenset((literal_prefix(longest),)), len(words) + (within or 0))
        case Exact(text):
            return _anchor(Phrase(tuple(tokenise(text).words)))
        case Named(_, part):
            return _anchor(part)
        case Or(parts):
            return _Anchor.any_of(map(_anchor, parts))
        case Near(left, right, distance, _):
            one, other = _anchor(left), _anchor(right)
            if one is None or other is None:
                return None
            return _Anchor(one.words, min(FAR, one.width + distance + other.width))
        case Sentence(left, right):
            one, other = _anchor(left), _anchor(right)
            return None if one is None or other is None else _Anchor(one.words, FAR)
    return None
