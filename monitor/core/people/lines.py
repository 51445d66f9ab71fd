"""A line of text as tokens, and what stands around a role in it: where role, name and body begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import accumulate

from monitor.core.people.names import PARTICLES, is_personal, plain
from monitor.core.people.roles import (
    ABBREVIATIONS,
    ARTICLES,
    NOT_NAMES,
    NOT_ORGANISATIONS,
    OF_ROLES,
    OFFICES_OF,
    ROLE_HEADS,
    ROLE_MODIFIERS,
    TITLES,
)
from monitor.core.places import country_of_demonym

Span = tuple[int, int]
"""First and last token."""

_TOKEN = re.compile(
    r"((?:[^\W\d_]\.){2,}(?:-[^\W\d_]+)?|[^\W\d_][\w’'\u2010\u2011-]*(?:&\w+)?\.?|\d[\d,.]*\d|\d|[^\w\s])"
)
_ARABIC_ARTICLES = frozenset({"al-", "el-", "as-", "ar-", "ad-", "an-"})
_POSSESSIVE = ("'s", "’s", "s'", "s’")
_COMPOUND_ADJECTIVE = re.compile(r"-[a-z]+$")
ROLE_WORDS = ROLE_HEADS | ABBREVIATIONS
_ROYAL = frozenset({"king", "queen", "prince", "princess", "pope", "sultan", "emir"})
_ROLE_ENDS = frozenset({"general", "designate", "elect", "emeritus"})
_BODY_LINKS = frozenset(["and", "for", "of", "the", "in", "on", "&", "at", "to", "de", "la"])
_BODY_ENDS = frozenset(["who", "that", "which", "said", "says", "told", "when", "he", "she"])
_PLAIN_BODY_ENDS = _BODY_ENDS | frozenset(["and", "in", "on", "has", "is", "was", "to", "at"])
_FORMS_OF_ADDRESS = frozenset(["dr", "prof", "mr", "mrs", "ms", "sir", "dame"])
_TERRITORIES = frozenset(["county", "city"])
_FARTHEST = 8
"""Tokens that are looked at to the left: names of bodies are shorter."""


@lru_cache(maxsize=50_000)
def _low(word: str) -> str:
    return word.lower().rstrip(".")


class Line:
    """The tokens of one line, with their offsets in it. A full stop right behind a word is part of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = _TOKEN.split(text)  # what lies between, a token, what lies between, …
        self.words = self._parts[1::2]
        self.low = list(map(_low, self.words))

    @cached_property
    def spans(self) -> list[Span]:
        at = list(accumulate(map(len, self._parts)))
        return list(zip(at[:-1:2], at[1::2], strict=True))

    def __len__(self) -> int:
        return len(self.words)

    def is_cap(self, i: int) -> bool:
        return 0 <= i < len(self.words) and (self.words[i][0].isupper() or self.words[i][:3] in _ARABIC_ARTICLES)

    def is_possessive(self, i: int) -> bool:
        return 0 <= i < len(self.words) and self.words[i].endswith(_POSSESSIVE)

    def is_joined(self, i: int) -> bool:
        """Whether only a blank stands between token ``i`` and the next."""
        return 0 <= i < len(self.words) - 1 and self._parts[2 * i + 2].isspace()

    def between(self, first: int, last: int) -> str:
        """The text of the tokens ``first`` to ``last``."""
        return " ".join(self.text[self.spans[first][0] : self.spans[last][1]].split())

    def roles(self) -> Iterator[int]:
        """The tokens that may be the head of a role."""
        return (i for i, low in enumerate(self.low) if low in ROLE_WORDS and self._is_role(i))

    def _is_role(self, i: int) -> bool:
        if self.low[i] in _ROYAL and (not self.is_cap(i) or self._is_surname(i)):
            return False
        return self.low[i] in ROLE_HEADS or (
            self.low[i] in ABBREVIATIONS and self.words[i][-1] == "." and self.is_cap(i)
        )

    def _is_surname(self, i: int) -> bool:
        """Whether a name stands right before, so that King or Prince is its surname."""
        before = i - 1
        if not self.is_joined(before) or not self.is_cap(before) or self.is_possessive(before):
            return False
        return self.low[before] not in ROLE_MODIFIERS and country_of_demonym(self.words[before]) is None

    def role_around(self, head: int) -> Span:
        """A role with its modifiers, and with "of": "deputy chief of mission", "minister of foreign affairs"."""
        return self._start_of_role(head), self._end_of_role(head)

    def _start_of_role(self, head: int) -> int:
        first = head
        while self.is_joined(first - 1) and head - first < _FARTHEST:
            if self.low[first - 1] not in ROLE_MODIFIERS or self.words[first - 1][-1] == ".":
                break
            if self.low[first - 1] in _TERRITORIES and self._is_named(first - 1):
                break
            if self.low[first - 1] == "house" and first > 1 and self.low[first - 2] == "white":
                break
            first -= 1
        while first < head and self.low[first] in {"and", "of"}:
            first += 1
        return first

    def _is_named(self, i: int) -> bool:
        """Whether a name stands before a word for a territory and makes it one: "Lebanon County"."""
        named = self.is_cap(i) and self.is_cap(i - 1) and self.is_joined(i - 1) and not self.is_possessive(i - 1)
        return named and self.low[i - 1] not in ROLE_MODIFIERS | ARTICLES | ROLE_HEADS

    def _end_of_role(self, head: int) -> int:
        low = self.low
        while self.is_joined(head) and low[head + 1] in ROLE_HEADS and self.is_cap(head) == self.is_cap(head + 1):
            head += 1
        if self.is_joined(head) and low[head + 1] in _ROLE_ENDS:
            head += 1
        if head + 2 < len(self) and low[head + 1] == "of":
            k = head + 2 + (low[head + 2] == "the")
            if k < len(self) and (
                f"{low[head]} of {low[k]}" in OF_ROLES or (low[head] == "secretary" and low[k] in OFFICES_OF)
            ):
                k += self.is_joined(k) and low[k + 1] in {"affairs", "defense", "defence"}
                paired = low[head] == "minister" and self.is_joined(k) and low[k + 1] == "and" and self.is_joined(k + 1)
                return k + 2 if paired and self.is_cap(k) and self.is_cap(k + 2) else k
        return head

    def name_from(self, start: int) -> Span | None:
        """A personal name that starts at ``start``, titles before it left out."""
        if not self.is_cap(start) or self.low[start] in NOT_NAMES:
            return None
        first = start
        while self.low[first] in ABBREVIATIONS | TITLES and self.is_joined(first) and self.is_cap(first + 1):
            first += 1
        last = first
        while last - first < 5 and self.is_joined(last) and not self._ends_sentence(last):
            following = last + 1
            while self.is_joined(following) and self.low[following] in PARTICLES and not self.is_cap(following):
                following += 1
            if not self.is_cap(following) or self.is_possessive(last):
                break
            if self.low[following] in NOT_NAMES:
                if following == last + 1:
                    return None  # an institution: "General Motors Company"
                break
            last = following
        return (first, last) if is_personal(self.words[first : last + 1]) else None

    def name_until(self, last: int) -> Span | None:
        """A personal name of two words or more that ends at ``last``, titles before it left out."""
        if not self.is_cap(last):
            return None
        first = last
        while self.is_joined(first - 1) and last - first < 5 and not self.is_possessive(first - 1):
            before = self.low[first - 1]
            if not (self.is_cap(first - 1) or before in PARTICLES) or before in NOT_NAMES or before in ARTICLES:
                break
            first -= 1
        titles = TITLES | ROLE_HEADS | ROLE_MODIFIERS | ABBREVIATIONS | _FORMS_OF_ADDRESS
        first = max((k + 1 for k in range(first, last) if self.low[k] in titles), default=first)
        while first < last and self.low[first] in PARTICLES:
            first += 1
        return (first, last) if first < last and is_personal(self.words[first : last + 1]) else None

    def _ends_sentence(self, i: int) -> bool:
        word = self.words[i]
        return word[-1] == "." and len(word) > 3 and "." not in word[:-1] and self.low[i] not in {"jr", "sr"}

    def body_before(self, first: int) -> tuple[int, str | None]:
        """The body before a role, "Uzbekistan's", "State Department", and its first token; or none, and the role's."""
        k = first
        while self.is_joined(k - 1) and first - k < _FARTHEST and self._belongs_to_body(k - 1, first):
            k -= 1
            if self.words[k].endswith(_POSSESSIVE[:2]) and k < first - 1:
                k += 1
                break
        while k < first and (self.low[k] in NOT_ORGANISATIONS or _COMPOUND_ADJECTIVE.search(self.words[k])):
            k += 1
        beside_another = k > 1 and self.low[k - 1] == "and" and self.is_cap(k - 2) and not self.is_possessive(first - 1)
        if k == first or beside_another:
            return first, None
        return k, plain(self.between(k, first - 1)).rstrip("'’") or None

    def _belongs_to_body(self, i: int, first: int) -> bool:
        word, low = self.words[i], self.low[i]
        if not self.is_cap(i):
            return low in {"of", "for", "&"} and i + 1 < first and self.is_cap(i - 1)
        if low in ABBREVIATIONS or low in ARTICLES:
            return False
        return word[-1] != "." or "." in word[:-1]

    def body_behind(self, last: int) -> tuple[int, str | None]:
        """The body behind a role, "at the U.S. Embassy in Uzbekistan", "for the interior ministry", and its end."""
        if not self.is_joined(last) or self.low[last + 1] not in {"of", "at", "for", "with", "in", "to"}:
            return last, None
        first = last + 2
        while first < len(self) and self.low[first] in {"the", "a", "an"}:
            first += 1
        end, k = -1, first
        while k < min(len(self), first + 12) and (k == first or self.is_joined(k - 1)):
            if self.words[k][0].isupper() or self.words[k][0].isdigit():
                end = k
                if self._ends_body(k):
                    break
                if self.is_possessive(k) and self.is_joined(k) and self.words[k + 1][0].islower():
                    return self._plain_body(first, k + 1)  # "for Iran's foreign ministry"
            elif self.low[k] not in _BODY_LINKS:
                if end >= 0 or not self.words[k][0].isalpha() or self.low[k] in _BODY_ENDS:
                    break
                return self._plain_body(first, k)
            k += 1
        if end < 0:
            return last, None
        body = self.between(first, end).rstrip(",'’")
        return end, body if "." in self.words[end][:-1] else body.rstrip(".")

    def _ends_body(self, i: int) -> bool:
        return self.words[i][-1] == "." and "." not in self.words[i][:-1] and self.low[i] not in {"st", "dept"}

    def _plain_body(self, first: int, k: int) -> tuple[int, str | None]:
        """A body that is no name, from ``first`` to the next mark or clause."""
        while self.is_joined(k) and self.words[k + 1][0].isalpha() and k - first < 7 and self.words[k][-1] != ".":
            if self.low[k + 1] in _PLAIN_BODY_ENDS:
                break
            k += 1
        return k, self.between(first, k).rstrip(".")
