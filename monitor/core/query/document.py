"""A document as queries see it: the words of its text fields, and its keywords."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import cached_property, lru_cache

from monitor.core.keywords import host_of, keyword_key
from monitor.core.query.tree import FLAGS, SEARCHED, Words, literal_prefix
from monitor.core.text import Tokens, tokenise
from monitor.model import Text


class _Positions(dict[str, list[int]]):
    """Where the words of a field stand, in order. The first few are looked for one by one; then all are noted down."""

    _FEW = 16

    def __init__(self, words: list[str]) -> None:
        super().__init__()
        self._words = words
        self._are_all_noted = False

    def __missing__(self, word: str) -> list[int]:
        if self._are_all_noted:
            return []
        if len(self) < self._FEW:
            found = self[word] = []
            try:
                while True:
                    found.append(self._words.index(word, found[-1] + 1 if found else 0))
            except ValueError:
                return found
        noted = defaultdict(list)
        for position, each in enumerate(self._words):
            noted[each].append(position)
        self.update(noted)
        self._are_all_noted = True
        return noted.get(word, [])


class _Fitting(dict[str, list[str]]):
    """For words with wildcards, the words of a document that they stand for."""

    def __init__(self, terms: frozenset[str]) -> None:
        super().__init__()
        self._terms = terms
        self._known = frozenset[str]()

    def learn(self, known: frozenset[str], fitting: Mapping[str, list[str]]) -> None:
        """What all the patterns ``known`` stand for in this document; those not in ``fitting`` stand for nothing."""
        self._known = self._known | known if self._known else known
        self.update(fitting)

    def among(self, patterns: frozenset[str]) -> Collection[str]:
        """Those of the patterns that may stand for a word of the document; with nothing in `fitting`, they do not."""
        if patterns <= self._known:
            return self.keys() & patterns
        return [pattern for pattern in patterns if self[pattern]]

    def __missing__(self, pattern: str) -> list[str]:
        found = self[pattern] = []
        if pattern not in self._known:
            prefix, fits = literal_prefix(pattern), pattern_matcher(pattern)
            words, at = self._words, bisect_left(self._words, prefix)
            while at < len(words) and words[at].startswith(prefix):
                if fits(words[at]):
                    found.append(words[at])
                at += 1
        return found

    @cached_property
    def _words(self) -> list[str]:
        return sorted(term for term in self._terms if ":" not in term)


class Doc:
    """One text with what is known of it. Every field is tokenised once, and only when its order is asked for where the
    different ``words`` of the fields are given.

    ``terms`` are all words of all text fields and all keywords, a keyword being written ``country:UZ``: a word holds no
    colon. ``searched`` are the words of title, summary and body. ``fitting`` are the words that a word with wildcards
    stands for.
    """

    def __init__(
        self,
        text: Text,
        *,
        topics: Mapping[str, float],
        keywords: Iterable[tuple[str, str]],
        flags: Collection[str],
        seen: datetime | None,
        words: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self.topics, self.flags, self.seen, self.published = topics, frozenset(flags), seen, text.published
        self.texts = {
            "title": text.title,
            "summary": text.summary,
            "body": text.body,
            "author": "\n".join(text.authors),
        }
        self.words = words or {name: frozenset(found.words) for name, found in self.tokens.items()}
        self.keywords = frozenset(f"{name}:{keyword_key(name, value)}" for name, value in keywords)
        self.terms: frozenset[str] = self.keywords.union(*self.words.values())
        self.fitting = _Fitting(self.terms)

    @classmethod
    def of(
        cls,
        text: Text,
        *,
        topics: Mapping[str, float] | None = None,
        countries: Iterable[str] = (),
        people: Iterable[str] = (),
        feed: str = "",
        is_duplicate: bool = False,
        is_edited: bool = False,
        has_quote: bool = False,
        seen: datetime | None = None,
        words: Mapping[str, frozenset[str]] | None = None,
    ) -> Doc:
        """``topics`` are those found, with their scores; ``countries`` are ISO codes, ``people`` names; ``words`` are
        those of each field, where they are known (`indexing.words_of`).
        """
        found = topics or {}
        keywords = [("feed", feed), ("url", text.url), ("lang", text.lang or "")]
        keywords += [("site", host) for host in _and_parents(host_of(text.url), host_of(text.site or ""))]
        keywords += [("country", code) for code in countries] + [("person", name) for name in people]
        keywords += [("tag", tag) for tag in text.tags] + [("topic", name) for name in found]
        flags = [flag for flag, holds in zip(FLAGS, (is_duplicate, is_edited, has_quote), strict=True) if holds]
        return cls(
            text, topics=found, keywords=[pair for pair in keywords if pair[1]], flags=flags, seen=seen, words=words
        )

    @classmethod
    def example(cls, written: str, lang: str | None = None) -> Doc:
        """An example of a rule or topic: a title, or a title and, after the first line break, a text."""
        title, _, body = written.partition("\n")
        return cls.of(Text(title=title, body=body, lang=lang))

    @cached_property
    def searched(self) -> frozenset[str]:
        return frozenset().union(*(self.words[name] for name in SEARCHED))

    @cached_property
    def tokens(self) -> dict[str, Tokens]:
        """The words of each field in order."""
        return {name: tokenise(held) for name, held in self.texts.items()}

    @cached_property
    def positions(self) -> dict[str, dict[str, list[int]]]:
        """By field and plain word, where the word stands in the field, in order."""
        return {name: _Positions(found.words) for name, found in self.tokens.items()}

    def has_all(self, words: Words) -> bool:
        """Does every one of the words stand somewhere in the document?"""
        plain, patterns = words
        return plain <= self.terms and all(map(self.fitting.__getitem__, patterns))

    @cached_property
    def _rows(self) -> dict[str, str]:
        return {name: f" {found.stream} " for name, found in self.tokens.items()}

    def has_row(self, field: str, words: str) -> bool:
        """Do the words stand in a row, given with blanks between and around? Without the last blank, the last word is
        any that begins so.
        """
        return words in self._rows[field]


def _and_parents(*hosts: str) -> list[str]:
    """Every host with the domains above it, so that ``site:example.org`` holds of ``news.example.org``."""
    found: dict[str, None] = {}
    for host in hosts:
        labels = host.split(".")
        found.update((".".join(labels[depth:]), None) for depth in range(max(1, len(labels) - 1)))
    return list(found)


@lru_cache(maxsize=50_000)
def pattern_matcher(pattern: str) -> Callable[[str], object]:
    """Does a word fit the word with wildcards? Gives something true if it does."""
    # Atomic groups: what lies between two stars is matched at its first place for good, so the time is linear.
    first, *others = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    if not others:
        return re.compile(first, re.DOTALL).fullmatch
    *middle, last = others
    return re.compile(first + "".join(f"(?>.*?{part})" for part in middle) + f".*{last}", re.DOTALL).fullmatch
