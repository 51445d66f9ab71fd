"""Is one text a copy of another? Verified word by word: which passages of each stand in the other.

A passage is a run of words that is made of common shingles. What counts is the share of each text's own prose, outside
quotation marks, that such passages cover: two reports of one speech share its quotations, not their prose. A form that
is filled in anew every day (market reports, weather, results) is told by its numbers: they differ *inside* the common
passages, where in a copy they agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import compress, takewhile
from operator import gt
from typing import Literal

from monitor.core.duplicates.commonplace import commonplace
from monitor.core.duplicates.fingerprints import MAX_WORDS, SHORT, shingle_length
from monitor.core.text import tokenise
from monitor.model import Candidate

NEAR, FAR = timedelta(hours=20), timedelta(hours=60)
"""A later version of a wire story comes within the day; the same form is filled in again from the next day on. After
two days and a half a text is hardly edited any more, but reprinted."""

NOTICE = 80
"""A text of fewer words is a notice. Notices are worded alike, and nobody reprints one days later."""

LEAST = 0.4
"""Texts with less than this share of the shorter in common are no copies, whatever else they share."""

CLOSING = 40
"""So many words at the end of a notice may be a sentence that its newsroom puts under every one."""

Kind = Literal["copy", "form", "furniture", "none"]


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two texts have in common.

    ``a`` and ``b`` are the shares of either's words that stand in common passages, ``prose_a`` and ``prose_b`` the same
    of the words outside quotation marks. ``agreement`` is the share of the numbers in and beside common passages that
    the other text has too (1 where there are none), ``differing`` how many it has not; both of the side that agrees
    more, for additions are no contradiction. ``titles`` is the share of common words of the titles (Jaccard).
    ``subject`` is the share of a headline's words (of those that its text has too) that the other text lacks, of the
    side where it is less: much in a form that is filled in for another firm or town.
    ``opening``: the two begin alike, for as far as the shorter goes.
    ``news`` is the share of either's words that stand in common passages before a common closing sentence, of the side
    where it is more; 1 where the texts are no notices or nothing else stands before that sentence.
    """

    a: float
    b: float
    prose_a: float
    prose_b: float
    words_a: int
    words_b: int
    agreement: float
    differing: int
    titles: float
    subject: float
    opening: bool
    news: float

    @property
    def most(self) -> float:
        """The share of the one text that stands in the other: the smaller of all words and of prose alone."""
        return max(min(self.a, self.prose_a), min(self.b, self.prose_b))

    @property
    def least(self) -> float:
        return min(self.a, self.prose_a, self.b, self.prose_b)


@dataclass(frozen=True, slots=True)
class Copy:
    """The finding for a pair; ``kind`` is ``form`` or ``furniture`` where the likeness means nothing."""

    kind: Kind
    similarity: float
    why: str


_QUOTED = re.compile(
    '“[^“”]{1,3000}”|"[^"\n]{1,3000}"|«[^«»]{1,3000}»|»[^«»]{1,3000}«|„[^„“”]{1,3000}[“”]|「[^「」]{1,3000}」'
    "|『[^『』]{1,3000}』|‹[^‹›]{1,3000}›"
)
_YEAR = re.compile(r"(?:1[89]|20)\d\d")


class _Body:
    """A text made ready for comparison."""

    __slots__ = ("length", "numbers", "quoted", "shingle_set", "shingles", "words")

    def __init__(self, text: str) -> None:
        text = text[: 8 * MAX_WORDS]
        tokens = tokenise(text)
        self.words = tokens.words[:MAX_WORDS]
        self.quoted = bytearray(len(self.words))
        for found in _QUOTED.finditer(text):
            first, last = (min(tokens.words_before(at), len(self.words)) for at in found.span())
            self.quoted[first:last] = b"\1" * (last - first)
        self.length = shingle_length(self.words)
        self.shingles = list(map(hash, zip(*(self.words[skip:] for skip in range(self.length)), strict=False)))
        self.shingle_set = frozenset(self.shingles)
        self.numbers = [n for n, word in enumerate(self.words) if word[0].isdecimal()]

    def covered(self, common: frozenset[int]) -> bytearray:
        """For every word, whether a common shingle holds it."""
        flags = bytearray(len(self.words))
        ones = b"\1" * self.length
        for n, shingle in enumerate(self.shingles):
            if shingle in common:
                flags[n : n + self.length] = ones
        return flags


@lru_cache(maxsize=64)
def _body(text: str) -> _Body:
    return _Body(text)


@lru_cache(maxsize=512)
def title_words(title: str) -> frozenset[str]:
    return frozenset(tokenise(title).words)


def _shares(body: _Body, flags: bytearray) -> tuple[float, float]:
    """The covered share of all words, and of the words outside quotation marks (where these are enough to say)."""
    total, covered = len(flags), flags.count(1)
    prose = body.quoted.count(0)
    if prose < SHORT:
        return covered / total, covered / total
    return covered / total, sum(map(gt, flags, body.quoted)) / prose


def _numbers(body: _Body, flags: bytearray, others: frozenset[str]) -> tuple[int, int]:
    """How many different numbers in or beside common passages the other text has, and has not."""
    beside = {body.words[n] for n in body.numbers if 1 in flags[max(0, n - 2) : n + 3]}
    found = len(beside & others)
    return found, len(beside) - found


def _subject(article: Candidate, body: _Body, flags: bytearray, other: _Body) -> float:
    told = (title_words(article.title) - commonplace()).intersection(body.words)
    return len(told.difference(compress(body.words, flags), other.words)) / len(told) if told else 0.0


def overlap(a: Candidate, b: Candidate) -> Overlap | None:
    """What the two have in common; ``None`` where one is too short to say or they do not share a passage."""
    first, second = _body(a.text), _body(b.text)
    if len(first.words) < SHORT or len(second.words) < SHORT or first.length != second.length:
        return None
    common = first.shingle_set & second.shingle_set
    if not common:
        return None
    flags_a, flags_b = first.covered(common), second.covered(common)
    share_a, prose_a = _shares(first, flags_a)
    share_b, prose_b = _shares(second, flags_b)
    found_a, lacking_a = _numbers(first, flags_a, frozenset(second.words[n] for n in second.numbers))
    found_b, lacking_b = _numbers(second, flags_b, frozenset(first.words[n] for n in first.numbers))
    agreement, differing = max(
        (found / (found + lacking) if lacking else 1.0, -lacking)
        for found, lacking in ((found_a, lacking_a), (found_b, lacking_b))
    )
    reach = min(len(flags_a), len(flags_b))
    return Overlap(
        a=share_a,
        b=share_b,
        prose_a=prose_a,
        prose_b=prose_b,
        words_a=len(first.words),
        words_b=len(second.words),
        agreement=agreement,
        differing=-differing,
        titles=_common_titles(a, b),
        subject=min(_subject(a, first, flags_a, second), _subject(b, second, flags_b, first)),
        opening=min(flags_a[:reach].count(1), flags_b[:reach].count(1)) * 2 >= reach,
        news=_news(first, flags_a, second, flags_b),
    )


def _news(first: _Body, flags_a: bytearray, second: _Body, flags_b: bytearray) -> float:
    """See `Overlap.news`."""
    if min(len(flags_a), len(flags_b)) >= NOTICE:
        return 1.0
    ends = zip(reversed(first.words), reversed(second.words), strict=False)
    closing = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ends))
    before_a, before_b = len(flags_a) - closing, len(flags_b) - closing
    if not first.length <= closing <= CLOSING or min(before_a, before_b) < first.length:
        return 1.0
    return max(flags_a[:before_a].count(1) / before_a, flags_b[:before_b].count(1) / before_b)


def gap_between(a: Candidate, b: Candidate) -> timedelta | None:
    """How far apart the two were published; ``None`` where one does not say."""
    return abs(a.published - b.published) if a.published and b.published else None


def find_copy(a: Candidate, b: Candidate) -> Copy:
    """Is one a copy of the other: reprinted, cut, extended, corrected? Symmetric in ``a`` and ``b``."""
    prints = {c.fingerprint.content_hash for c in (a, b) if c.fingerprint}
    if a.text == b.text or (len(prints) == 1 and a.fingerprint and b.fingerprint):
        return _equal(a, b)
    shared = overlap(a, b)
    if shared is None:
        return Copy("none", 0.0, "no common passage")
    gap = gap_between(a, b)
    most, least = shared.most, shared.least
    percent = f"{most:.0%} of the shorter text"
    if min(shared.words_a, shared.words_b) == max(shared.words_a, shared.words_b):
        percent = f"{most:.0%} of the text"
    if most < LEAST:
        return Copy("none", most, f"only {percent} in common")
    if shared.news < 0.4:
        return Copy("none", shared.news, "only the closing sentence is in common, the news is not")
    if form := _form(a, b, shared, gap):
        return Copy("form", most, f"the same form, filled in for {form}: {percent} in common")
    if gap is not None and gap > FAR:
        enough = most >= 0.9 and (least >= 0.5 or (most >= 0.97 and shared.opening))
    elif most >= 0.9:
        enough = least >= 0.3 or shared.opening or shared.titles >= 0.6
    elif most >= 0.75:
        enough = least >= 0.3
    else:
        enough = most >= 0.6 and least >= 0.5 and min(shared.words_a, shared.words_b) >= NOTICE
    if not enough:
        return Copy("none", most, f"{percent} in common, the rest is its own")
    return Copy("copy", most, f"{percent} in common{_difference(shared)}")


def _equal(a: Candidate, b: Candidate) -> Copy:
    """Texts that are equal word by word: still no copies where they are a teaser or a wall under several headlines."""
    words = len(_body(a.text).words)
    if words >= SHORT:
        gap = gap_between(a, b)
        if _other_year(a, b) or (words < NOTICE and gap is not None and gap > FAR):
            return Copy("form", 1.0, "the text is the same word by word, but it is a notice of another day or year")
        return Copy("copy", 1.0, "the text is the same word by word")
    if title_words(a.title) == title_words(b.title) and (title_words(a.title) or a.text.strip()):
        return Copy("copy", 1.0, "title and short text are the same")
    return Copy("furniture", 0.0, "the text is too short to say, and the titles differ")


def _form(a: Candidate, b: Candidate, shared: Overlap, gap: timedelta | None) -> str:
    """What else the same form is filled in for, or nothing. A few numbers may be corrected within the day."""
    if shared.subject >= 0.5:
        return "another subject"
    if _other_year(a, b):
        return "another year"
    later, much_later = (gap is not None and gap > limit for limit in (NEAR, FAR))
    agreement = 0.9 if much_later else 0.8 if later else 0.75
    if shared.differing > (not later) and shared.agreement < agreement:
        return f"another day ({shared.differing} numbers differ)"
    return "another day" if much_later and min(shared.words_a, shared.words_b) < NOTICE else ""


def _other_year(a: Candidate, b: Candidate) -> bool:
    """Titles that are alike but for the year: the annual review, the ranking."""
    years_a, years_b = frozenset(_YEAR.findall(a.title)), frozenset(_YEAR.findall(b.title))
    return bool(years_a and years_b) and years_a != years_b and _common_titles(a, b) >= 0.4


def _common_titles(a: Candidate, b: Candidate) -> float:
    titles_a, titles_b = title_words(a.title), title_words(b.title)
    return len(titles_a & titles_b) / max(1, len(titles_a | titles_b))


def _difference(shared: Overlap) -> str:
    ratio = min(shared.words_a, shared.words_b) / max(shared.words_a, shared.words_b)
    notes = []
    if ratio < 0.8:
        notes.append(f"the longer is {1 / ratio:.1f} times as long")
    if shared.titles < 0.5:
        notes.append("another headline")
    if shared.differing:
        notes.append(f"{shared.differing} numbers corrected")
    return "; " + ", ".join(notes) if notes else ""
