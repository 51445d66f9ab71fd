"""A document as queries see it: the words of its text fields, and its keywords."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import compress, count
from typing import NamedTuple

from monitor.core.keywords import host_of, keyword_key
from monitor.core.query.tree import FLAGS, SEARCHED, Words, literal_prefix
from monitor.core.text import Tokens, tokenise
from monitor.model import Text


class _Positions(dict[str, list[int]]):
    """Where the words of a field stand, in order. With the first that is asked for, all that are expected to be are
    looked for together.
    """

    def __init__(self, words: list[str], terms: frozenset[str], expected: set[str]) -> None:
        super().__init__()
        self._words, self._terms, self._expected = words, terms, expected
        self._noted = frozenset[str]()

    def __missing__(self, word: str) -> list[int]:
        if word in self._noted or word not in self._terms:
            return []
        wanted = self._expected.union((word,)) - self._noted
        self._noted |= wanted
        for position in compress(count(), map(wanted.__contains__, self._words)):
            self.setdefault(self._words[position], []).append(position)
        return self.get(word, [])


class _Learnt(NamedTuple):
    """Of the patterns ``known``, those that stand for a word of the document are ``present``; the words that they stand
    for, there and elsewhere, are ``fitting``.
    """

    known: frozenset[str]
    present: frozenset[str]
    fitting: Mapping[str, AbstractSet[str]]


class _Fitting(dict[str, Collection[str]]):
    """For words with wildcards, the words of a document that they stand for."""

    def __init__(self, terms: frozenset[str]) -> None:
        super().__init__()
        self._terms = terms
        self._learnt: list[_Learnt] = []

    def learn(self, known: frozenset[str], present: frozenset[str], fitting: Mapping[str, AbstractSet[str]]) -> None:
        """What is told of the patterns ``known``, see `_Learnt`."""
        self._learnt.append(_Learnt(known, present, fitting))

    def among(self, patterns: frozenset[str]) -> Collection[str]:
        """Those of the patterns that may stand for a word of the document; with nothing in `fitting`, they do not."""
        for known, present, _ in self._learnt:
            if patterns <= known:
                return patterns & present
        return [pattern for pattern in patterns if self[pattern]]

    def __missing__(self, pattern: str) -> Collection[str]:
        for known, present, fitting in self._learnt:
            if pattern in known:
                self[pattern] = self._terms & fitting[pattern] if pattern in present else ()
                break
        else:
            self[pattern] = [*self._looked_for(pattern)]
        return self[pattern]

    def _looked_for(self, pattern: str) -> Iterator[str]:
        prefix, fits = literal_prefix(pattern), pattern_matcher(pattern)
        words, at = self._words, bisect_left(self._words, prefix)
        while at < len(words) and words[at].startswith(prefix):
            if fits(words[at]):
                yield words[at]
            at += 1

    @cached_property
    def _words(self) -> list[str]:
        return sorted(term for term in self._terms if ":" not in term)


class _FieldWords(dict[str, frozenset[str]]):
    """The different words of each field."""

    def __init__(self, tokens: Mapping[str, Tokens]) -> None:
        super().__init__()
        self._tokens = tokens

    def __missing__(self, name: str) -> frozenset[str]:
        found = self[name] = frozenset(self._tokens[name].words)
        return found


class Doc:
    """One text with what is known of it. Every field is tokenised once, and only when its order is asked for where the
    different ``words`` of the fields are given.

    ``terms`` are all words of all text fields and all keywords, a keyword being written ``country:UZ``: a word holds no
    colon. ``searched`` are those but for the words that stand with the author alone, which are ``unsearched``.
    ``fitting`` are the words that a word with wildcards stands for.
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
        self._given = words or {}
        self.keywords = frozenset(f"{name}:{keyword_key(name, value)}" for name, value in keywords)
        held: Mapping[str, Collection[str]] = words or {name: found.words for name, found in self.tokens.items()}
        self.searched = self.keywords.union(*(held[name] for name in SEARCHED))
        self.unsearched = frozenset(held["author"]) - self.searched
        self.terms = self.searched | self.unsearched if self.unsearched else self.searched
        self.fitting = _Fitting(self.terms)
        self._expected = set[str]()

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
    def words(self) -> Mapping[str, frozenset[str]]:
        """By field, its different words."""
        return self._given or _FieldWords(self.tokens)

    def may_have(self, field: str, words: frozenset[str]) -> bool:
        """May one of the words stand in the field? They may where it takes work to tell."""
        return field not in self._given or not words.isdisjoint(self._given[field])

    @cached_property
    def tokens(self) -> dict[str, Tokens]:
        """The words of each field in order."""
        return {name: tokenise(held) for name, held in self.texts.items()}

    @cached_property
    def positions(self) -> dict[str, dict[str, list[int]]]:
        """By field and plain word, where the word stands in the field, in order."""
        return {name: _Positions(found.words, self.terms, self._expected) for name, found in self.tokens.items()}

    def expect(self, words: Iterable[Words]) -> None:
        """Of these words `positions` may be asked."""
        for plain, patterns in words:
            self._expected.update(plain)
            for pattern in self.fitting.among(patterns) if patterns else ():
                self._expected.update(self.fitting[pattern])

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
