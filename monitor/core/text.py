"""The one normaliser: what a word is, for live matching and for the index alike.

A *word* is a run of letters, marks and digits, folded: NFKC, case fold, diacritics removed. ``Erdoğan`` and ``ERDOGAN``
are one word; so are ``Oʻzbekiston``, ``O'zbekiston`` and ``Ozbekiston``. The English possessive is cut, Romance elision
is split, hyphens split. In scripts that are written without spaces every character, with the marks on it, is a word.

All offsets are code points of the text that was given.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right, insort
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from sys import intern
from typing import TypeVar

from monitor.core.characters import APOSTROPHES, FIRST_SPACELESS, MAX_MARKS, QUIET, patterns
from monitor.core.sentences import sentence_ends, sentences

__all__ = [
    "MAX_WORD",
    "Tokens",
    "clean",
    "excerpt",
    "fold",
    "is_pair",
    "is_spaceless",
    "one_line",
    "sentences",
    "surface",
    "tokenise",
]

MAX_WORD = 64
"""Words are cut to this many code points: an index entry is bounded, and no natural word is longer."""

# --- cleaning --------------------------------------------------------------------------------------

_LINE_BREAKS = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNWANTED = re.compile(
    "["
    "\x00-\x08\x0e-\x1b\x1f\x7f-\x9f"  # controls; the line breaks among them are gone by now
    "\u00ad\ufeff"  # soft hyphen, byte order mark
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # bidi controls, deprecated formats
    "\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(p + 0xFFFE)}{chr(p + 0xFFFF)}" for p in range(0, 0x110000, 0x10000))
    + "]+"
)


def clean(text: str) -> str:
    """Text that every database, mail and terminal takes: NFC, line breaks are LF, without NUL, C0 and C1 controls (but
    TAB and LF), soft hyphens, bidi controls, lone surrogates, non-characters and stacks of combining marks. Idempotent.
    """
    seen = text.replace("\n", "").replace("\t", "").replace("\u00a0", "")
    if seen.isprintable() and (seen.isascii() or (unicodedata.is_normalized("NFC", text) and not _stacked(text))):
        return text
    while True:
        cleaned = unicodedata.normalize("NFC", _UNWANTED.sub("", _LINE_BREAKS.sub("\n", text)))
        cleaned = patterns().stack.sub(lambda found: found[0][:MAX_MARKS], cleaned)
        if cleaned == text:
            return cleaned
        text = cleaned


def _stacked(text: str) -> bool:
    return patterns().stack.search(text) is not None


def one_line(text: str, limit: int) -> str:
    """``text`` cleaned, on one line, without outer blanks, at most ``limit`` code points, cut at a word with ``…``."""
    line = " ".join(clean(text[: limit * 4 + 1000]).split())
    if len(line) <= limit:
        return line
    if limit < 1:
        return ""
    head = line[: limit - 1]
    at_word = head.rpartition(" ")[0] if line[limit - 1] != " " else head
    return (at_word if len(at_word) > limit // 2 else head).rstrip() + "…"


def excerpt(text: str, start: int, end: int, width: int) -> tuple[int, int]:
    """The bounds of about ``width`` code points of ``text`` around ``start:end``, in its paragraph, cut at blanks."""
    spare = max(0, width - (end - start)) // 2
    left, right = max(0, start - spare), min(len(text), end + spare)
    left = max(left, text.rfind("\n", left, start) + 1)
    line_end = text.find("\n", end, right)
    right = right if line_end < 0 else line_end
    if left > 0 and not text[left - 1].isspace():
        blank = text.find(" ", left, start)
        left = left if blank < 0 else blank + 1
    if right < len(text) and not text[right].isspace():
        blank = text.rfind(" ", end, right)
        right = right if blank < 0 else blank
    return left, right


# --- folding ---------------------------------------------------------------------------------------

_UNSEEN = dict.fromkeys(map(ord, APOSTROPHES + QUIET + "\u0640״׳"))  # U+0640: tatweel


_ELIDED = frozenset(
    "l d j n s t m c qu jusqu lorsqu puisqu quoiqu quelqu presqu "
    "dell all nell sull dall coll un quest quell sant bell nessun ciascun".split()
)
_ELIDED_BEFORE = frozenset("aeiouyh")

# Marks that a reader may leave out. Vowel signs of Indic scripts, voicing marks of Kana and the like are letters to
# their readers and stay. U+093C is the nukta, which Hindi newspapers write or not.
_OPTIONAL_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u08ca-\u08e1\u08e3-\u08ff\u093c\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20f0\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef]+"
)

# Letters that are written for one another but do not decompose.
_LETTERS = str.maketrans(
    {
        "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t",
        "ی": "ي", "ى": "ي", "ې": "ي", "ک": "ك", "ھ": "ه", "ہ": "ه",
    }
)  # fmt: skip

# Letters that decompose although they are one letter to their readers; й is no и with an accent.
_WHOLE = {"ำ": "\ue001", "ຳ": "\ue002", "й": "\ue000", "ໜ": "\ue003", "ໝ": "\ue004", "ゟ": "\ue005", "ヿ": "\ue006"}


def fold(text: str) -> str:
    """``text`` with the differences gone that a reader may not see: compatibility forms, case, optional marks, native
    digits, apostrophes inside words. Blanks and punctuation stay. Idempotent.
    """
    if text.isascii():
        return text.lower().translate(_UNSEEN)
    for _ in range(4):  # some exotic letters need a second turn
        folded = _fold_once(text)
        if folded == text:
            break
        text = folded
    return folded


def _fold_once(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    for letter, held in _WHOLE.items():
        text = text.replace(letter, held)
    text = unicodedata.normalize("NFKC", text).casefold().translate(_UNSEEN)
    text = unicodedata.normalize("NFKC", text).replace("й", _WHOLE["й"])
    text = _OPTIONAL_MARKS.sub("", unicodedata.normalize("NFKD", text)).translate(_LETTERS)
    text = unicodedata.normalize("NFKC", text)
    for letter, held in _WHOLE.items():
        text = text.replace(held, letter)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


_FULL = 200_000
"""So many runs are remembered; then all are forgotten."""


class _Words(dict[str, str]):
    """What stands between two blanks -> its word, interned, so that tables of words find it quickly; empty where there
    is no word or several, or where it is long: `_Several` knows which.

    Words return, and with the same signs beside them.
    """

    def __missing__(self, run: str) -> str:
        if len(run) > MAX_WORD:
            return ""  # it is not remembered, and `_Several` is asked in any case
        words = _cut(run)
        if len(words) != 1:
            _remembered(_several, run, words)
            return _remembered(self, run, "")
        [word] = words
        return _remembered(self, word if word == run else run, word)


class _Several(dict[str, tuple[str, ...]]):
    """The words of a run that is not one word."""

    def __missing__(self, run: str) -> tuple[str, ...]:
        return _remembered(self, run, _cut(run))


V = TypeVar("V")


def _remembered(table: dict[str, V], run: str, value: V) -> V:
    if len(run) <= MAX_WORD:
        if len(table) >= _FULL:
            table.clear()
        table[run] = value
    return value


_word_of, _several = _Words(), _Several()


def _cut(run: str) -> tuple[str, ...]:
    raw = patterns().token_in(run).findall(run)
    if raw == [run]:
        return tuple(intern(_word(run[start:end])) for start, end in _pieces(run))
    words = tuple(map(_word_of.__getitem__, raw))
    if "" not in words:
        return words
    return tuple(
        chain.from_iterable((word,) if word else _several[part] for word, part in zip(words, raw, strict=True))
    )


def _word(raw: str) -> str:
    folded = fold(raw)
    if not folded.isalnum() or max(folded) > "\uffff":
        folded = patterns().not_word.sub("", folded)
    return (folded or raw.translate(_UNSEEN) or raw)[:MAX_WORD]


def _pieces(raw: str) -> list[tuple[int, int]]:
    """The bounds of the words in a raw token: joined over apostrophes, split at elisions, without a possessive."""
    parts = patterns().joiner.split(raw)
    pieces: list[tuple[int, int]] = []
    start = end = 0
    for number in range(0, len(parts), 2):
        part = parts[number]
        if number == 0:
            end = len(part)
            continue
        sign, before, last = parts[number - 1], parts[number - 2], number == len(parts) - 1
        if last and part in {"s", "S"} and sign in "'’ʼ＇‘`´" and _is_latin(before):
            break
        if _splits(sign, before, part):
            pieces.append((start, end))
            start = end + 1
        end += 1 + len(part)
    pieces.append((start, end))
    return [(left, right) for left, right in pieces if left < right]


def _is_latin(part: str) -> bool:
    return bool(part) and (part[-1].isdecimal() or part[-1] < "\u0250" or "\u1e00" <= part[-1] < "\u1f00")


def _splits(sign: str, before: str, after: str) -> bool:
    if sign in '"״׳':
        return not ("\u05d0" <= before[-1:] <= "\u05ea" and "\u05d0" <= after[:1] <= "\u05ea")
    if sign == "·":
        return not (before[-1:] in {"l", "L"} and after[:1] in {"l", "L"})
    if sign in "'’‘`´＇":
        return before.casefold() in _ELIDED and fold(after[:1])[:1] in _ELIDED_BEFORE
    return False


# --- tokens ----------------------------------------------------------------------------------------


class Tokens:
    """The words of one text in order: ``words[i]`` stands at ``text[start(i):end(i)]``.

    Places are reckoned for the words alone that are asked for: most words of most texts match nothing.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        # no word holds a blank, so that a run between two blanks is cut into words by itself
        self._runs = text.replace("\n", " ").split(" ")
        self._odd: list[int] = []
        """The runs that are not one word, and below how many words stand before and up to the end of each."""
        self._odd_starts: list[int] = []
        self._odd_ends: list[int] = []
        self.words = self._read([*map(_word_of.__getitem__, self._runs)])
        self._bounds_in: dict[int, list[tuple[int, int]]] = {}
        self._ends: list[int] = []
        """Where sentences end, in order, as far as it is known."""

    def _read(self, single: list[str]) -> list[str]:
        """The words, given those of the runs that are one word."""
        if "" not in single:
            return single
        runs, words, behind = self._runs, list[str](), 0
        find, odd, starts, ends = single.index, self._odd.append, self._odd_starts.append, self._odd_ends.append
        try:
            while True:
                at = find("", behind)
                if at > behind:
                    words += single[behind:at]
                odd(at)
                starts(len(words))
                words += _several[runs[at]]
                ends(len(words))
                behind = at + 1
        except ValueError:
            return words + single[behind:]

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def stream(self) -> str:
        """The words, separated by single blanks: what the databases index.

        Invariant, so that an index neither splits nor folds them again: a word is not empty, has at most `MAX_WORD`
        code points, no blank, and of ASCII only ``a-z0-9``. FTS5's ``ascii`` tokenizer (which takes every other code
        point as part of a word) and a tsvector made from the words as an array keep them whole.
        """
        return " ".join(self.words)

    def start(self, number: int) -> int:
        """Where a word begins."""
        run, within = self._run_of(number)
        if within is None and self._runs[run][0].isalpha():
            return self._run_start(run)  # as most words do, it begins where the run begins
        return self._bounds(number)[0]

    def end(self, number: int) -> int:
        """Where a word ends."""
        return self._bounds(number)[1]

    def share_sentence(self, first: int, last: int) -> bool:
        """Do two words begin in one sentence? ``first`` is the one that stands before."""
        start, until = self.start(first), self.start(last)
        known = bisect_right(self._ends, start)
        if known < len(self._ends) and self._ends[known] <= until:
            return False
        for end in sentence_ends(self.text, start, until):
            insort(self._ends, end)
            return False
        return True

    def words_before(self, offset: int) -> int:
        """How many words begin before an offset."""
        run = bisect_right(range(len(self._runs)), offset, key=self._run_start) - 1
        return self._words_before_run(run) + bisect_left(self._bounds_of_run(run), (offset - self._run_start(run), 0))

    def _run_of(self, number: int) -> tuple[int, int | None]:
        """The run in which a word stands, and which word it is there where the run is not one word."""
        odd = bisect_right(self._odd_starts, number) - 1
        if odd < 0:
            return number, None
        if number < self._odd_ends[odd]:
            return self._odd[odd], number - self._odd_starts[odd]
        return self._odd[odd] + 1 + number - self._odd_ends[odd], None

    def _words_before_run(self, run: int) -> int:
        odd = bisect_left(self._odd, run) - 1
        return run if odd < 0 else self._odd_ends[odd] + run - self._odd[odd] - 1

    def _run_start(self, run: int) -> int:
        return self._run_lengths[run] + run  # a blank stands between two runs

    @cached_property
    def _run_lengths(self) -> list[int]:
        """How many code points the runs before each have together."""
        return [*accumulate(map(len, self._runs), initial=0)]

    def _bounds(self, number: int) -> tuple[int, int]:
        run, within = self._run_of(number)
        at = self._run_start(run)
        if within is None and self._runs[run].isalpha():
            return at, at + len(self._runs[run])
        start, end = self._bounds_of_run(run)[within or 0]
        return at + start, at + end

    def _bounds_of_run(self, run: int) -> list[tuple[int, int]]:
        bounds = self._bounds_in.get(run)
        if bounds is None:
            bounds = self._bounds_in[run] = [
                (found.start() + start, found.start() + end)
                for found in patterns().token_in(self._runs[run]).finditer(self._runs[run])
                for start, end in _pieces(found[0])
            ]
        return bounds


@lru_cache(maxsize=8)
def tokenise(text: str) -> Tokens:
    """The words of ``text``; no language is needed, because the folding is the same for all.

    The last few texts are remembered: every step of an analysis asks for the words of the same ones.
    """
    return Tokens(text)


def surface(word: str) -> str:
    """A word as it is written, case and diacritics included, but for the kind of its apostrophes."""
    return unicodedata.normalize("NFC", word).translate(_UNSEEN)


def is_pair(term: str) -> bool:
    """Is it two words of a script that is written without spaces, and no one word?"""
    return term > "" and max(term) >= FIRST_SPACELESS and len(patterns().spaceless.findall(term)) > 1


def is_spaceless(word: str) -> bool:
    """Is the word one character of a script that is written without spaces?"""
    return word >= FIRST_SPACELESS and patterns().spaceless.match(word) is not None
