"""Which terms the full-text index holds of a text: pure, so that it can run where the text is analysed.

The index answers *which articles may match*; the query's evaluator decides. So it keeps no positions, and a phrase is
looked up as all of its terms. In scripts without spaces, where a word is one character and that would find almost
everything, every two neighbours are a term as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.core.text import is_pair, is_spaceless, tokenise

FIELDS = ("title", "summary", "body", "author")


@dataclass(frozen=True, slots=True)
class IndexText:
    """For each field its distinct terms, separated by blanks."""

    title: str
    summary: str
    body: str
    author: str

    def fields(self) -> dict[str, str]:
        return {"title": self.title, "summary": self.summary, "body": self.body, "author": self.author}


def index_text(title: str, summary: str, body: str, authors: Sequence[str]) -> IndexText:
    return IndexText(*(_terms(field) for field in (title, summary, body, "\n".join(authors))))


def words_of(index: IndexText) -> dict[str, frozenset[str]]:
    """The different words of each field, as tokenising the text gives them: the terms without pairs of neighbours."""
    found = {}
    for name, held in index.fields().items():
        known = frozenset(held.split())
        found[name] = known if held.isascii() else frozenset(w for w in known if w < "\u0e00" or not is_pair(w))
    return found


def _terms(text: str) -> str:
    return " ".join(dict.fromkeys(terms(tokenise(text).words)))


def terms(words: Sequence[str]) -> list[str]:
    """The terms of neighbouring words: of a phrase they are all among those of a text that contains the phrase."""
    found = list(words)
    before = ""
    for word in words:
        # U+0E00 begins the first of the scripts without spaces; a word of theirs is a character and its marks
        spaceless = is_spaceless(word)
        if before and spaceless:
            found.append(before + word)
        before = word if spaceless else ""
    return found
