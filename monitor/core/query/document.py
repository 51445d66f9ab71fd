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


class Doc:
    """One text with what is known of it. Every field is tokenised once, and only when its order is asked for where the
    different ``words`` of the fields are given; positions are indexed when first asked for.

    ``terms`` are all words of all text fields and all keywords, a keyword being written ``country:UZ``: a word holds no
    colon. ``searched`` are the words of title, summary and body.
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
        self.searched: frozenset[str] = frozenset().union(*(self.words[name] for name in SEARCHED))
        self.keywords = frozenset(f"{name}:{keyword_key(name, value)}" for name, value in keywords)
        self.terms = self.searched | self.words["author"] | self.keywords
        self._expanded: dict[str, tuple[str, ...]] = {}
        self._known: list[frozenset[str]] = []

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
    def tokens(self) -> dict[str, Tokens]:
        """The words of each field in order."""
        return {name: tokenise(held) for name, held in self.texts.items()}

    @cached_property
    def _positions(self) -> dict[str, dict[str, list[int]]]:
        indexed: dict[str, dict[str, list[int]]] = {}
        for name, found in self.tokens.items():
            places: defaultdict[str, list[int]] = defaultdict(list)
            for position, word in enumerate(found.words):
                places[word].append(position)
            indexed[name] = dict(places)
        return indexed

    def positions(self, field: str, word: str) -> list[int]:
        """Where a plain word stands in a field, in order."""
        return self._positions[field].get(word, [])

    @cached_property
    def _sorted_words(self) -> list[str]:
        return sorted(self.searched | self.words["author"])

    @cached_property
    def _rows(self) -> dict[str, str]:
        return {name: f" {found.stream} " for name, found in self.tokens.items()}

    def has_row(self, field: str, words: str) -> bool:
        """Do the plain words, given with blanks between and around, stand in a row?"""
        return words in self._rows[field]

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The words of the document that a word with wildcards stands for."""
        found = self._expanded.get(pattern)
        if found is None:
            if any(pattern in known for known in self._known):
                return ()
            prefix, fits = literal_prefix(pattern), pattern_matcher(pattern)
            words, at = self._sorted_words, bisect_left(self._sorted_words, prefix)
            matching: list[str] = []
            while at < len(words) and words[at].startswith(prefix):
                if fits(words[at]):
                    matching.append(words[at])
                at += 1
            found = self._expanded[pattern] = tuple(matching)
        return found

    def fitting(self, patterns: frozenset[str]) -> set[str]:
        """``patterns`` without most of those that stand for no word of the document."""
        if not any(patterns <= known for known in self._known):
            for pattern in patterns:
                self.expand(pattern)
        return self._expanded.keys() & patterns

    def present(self, words: Words) -> set[str]:
        """``words`` without most of those that do not stand in the document."""
        return self.fitting(words.patterns).union(words.plain & self.terms)

    def learn(self, known: frozenset[str], expanded: Mapping[str, tuple[str, ...]]) -> None:
        """What all the patterns ``known`` stand for in this document; those not in ``expanded`` stand for nothing."""
        self._known.append(known)
        self._expanded.update(expanded)


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
