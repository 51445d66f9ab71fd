"""Paragraphs as sentences of tokens, in which a quoted passage is one token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.core.quotes import cues
from monitor.core.quotes.passages import Passage

DASHES = frozenset("—–―") | {"--"}
_STOP = re.compile("[.!?…。！？]")
_STOPS = frozenset(".!?…。！？") | {"..."}
_DOTS = frozenset(["…", "..."])
_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|\w+(?:['’‘ʻʼ.\-‐‑&]\w+)*['’]?|\.{3}|--|[^\w\s]")
_INVERTED = re.compile(r"(\w+?)(?:-t)?-(il|elle|ils|elles|on)")
_SUBJECT_AND_CUE = re.compile(
    r"([A-Z][\w.’'-]*)\s+(?:[A-Z][\w.’'-]*\s+){0,3}(?:\w+ly\s+|also\s+|then\s+|later\s+)?([a-zà-ÿ]+)\s?([.,]|$)?"
)
_LONGEST_SENTENCE = 200
"""In tokens. What goes on without a stop is a table or worse; it is read in pieces, so that the work stays linear."""
_POSSESSIVE = ("'s", "’s", "s'", "s’")


@dataclass(slots=True)
class Token:
    """A word, a mark, or (``passage`` >= 0) a whole passage. ``low`` is the text in small letters."""

    text: str
    low: str
    start: int
    end: int
    passage: int = -1

    @property
    def is_cap(self) -> bool:
        return self.passage < 0 and (self.text[0].isupper() or (self.text[0].isdigit() and self.text[-1].isupper()))

    @property
    def is_caseless(self) -> bool:
        """Whether it is a word of a script without capitals."""
        return self.passage < 0 and self.text[0].isalpha() and self.text[0].lower() == self.text[0].upper()

    @property
    def is_word(self) -> bool:
        return self.passage < 0 and self.text[0].isalnum()

    @property
    def is_possessive(self) -> bool:
        return self.low.endswith(_POSSESSIVE)

    @property
    def is_adverb(self) -> bool:
        return self.low.endswith("ly") and not self.is_cap


Tokens = Sequence[Token]
Span = tuple[int, int]
"""First and last token."""


def sentences(body: str, low: int, high: int, inside: Sequence[Passage]) -> list[list[Token]]:
    """Those sentences of a paragraph that hold a passage; a passage that ends a sentence ends it here too."""
    result: list[list[Token]] = [[]]
    at = low
    for index, passage in enumerate(inside):
        _read_around(body, at, passage.opened, result)
        if len(result[-1]) >= _LONGEST_SENTENCE:
            result.append([])
        result[-1].append(Token("", "", passage.opened, passage.closed, index))
        at = passage.closed
        if _ends_sentence(body, passage, at, high):
            result.append([])
    if result[-1]:
        _read(body, at, next(_ends(body, at, high), high), result)
    return [row for row in result if any(token.passage >= 0 for token in row)]


def last_sentence(body: str, low: int, high: int) -> list[Token]:
    """The last sentence of a paragraph that ends with a colon."""
    result: list[list[Token]] = [[]]
    _read_around(body, low, high, result)
    return result[-1]


def begins_with(body: str, low: int, passage: Passage) -> bool:
    """Whether nothing stands before a passage in its paragraph, which begins at ``low``."""
    return _TOKEN.search(body, low, passage.opened) is None


def _read_around(body: str, start: int, end: int, result: list[list[Token]]) -> None:
    """Read what belongs to the sentence that is open at ``start`` and to that which is open at ``end``: sentences
    between the two hold no passage, and most of a paragraph is such.
    """
    first = last = None
    for last in _ends(body, start, end):
        if first is None and result[-1]:
            _read(body, start, last, result)
        first = last
    _read(body, start if last is None else last, end, result)


def _ends(body: str, start: int, end: int) -> Iterator[int]:
    """Where sentences end between two offsets, as `_read` ends them: only what stands beside a stop is read."""
    free, before, before_ends = start, "", -1
    for sign in _STOP.finditer(body, start, end):
        at = sign.start()
        if at < free:
            continue  # inside a token
        begins = max(free, body.rfind(" ", free, at) + 1)  # no token holds a blank
        for found in _TOKEN.finditer(body, begins, end):
            text, free = found[0], found.end()
            if free > at:
                break
            before, before_ends = text, free
        if text == "." and before_ends == at and _is_abbreviation(before):
            text = before + "."
        before, before_ends = text, free
        if text in _STOPS and _is_end(body, text, free):
            yield free
            before_ends = -1


def _is_end(body: str, stop: str, behind: int) -> bool:
    """Whether a stop ends a sentence: dots do where a capital follows."""
    return stop not in _DOTS or body[behind : behind + 3].strip()[:1].isupper()


def _read(body: str, start: int, end: int, result: list[list[Token]]) -> None:
    row = result[-1]
    for found in _TOKEN.finditer(body, start, end):
        text, first = found[0], found.start()
        if text not in _STOPS:
            if len(row) >= _LONGEST_SENTENCE:
                row = []
                result.append(row)
            low = text.lower()
            inverted = _INVERTED.fullmatch(low) if "-" in low else None
            if inverted is None:
                row.append(Token(text, low, first, first + len(text)))
                continue
            verb, pronoun = inverted.end(1), inverted.start(2)  # French: "a-t-il", "explique-t-elle"
            row.append(Token(text[:verb], inverted[1], first, first + verb))
            row.append(Token(text[pronoun:], inverted[2], first + pronoun, first + len(text)))
            continue
        last = found.end()
        before = row[-1] if row else None
        if text == "." and before is not None and before.end == first and _is_abbreviation(before.text):
            row[-1] = Token(before.text + ".", before.low + ".", before.start, last)
            continue
        row.append(Token(text, text, first, last))
        if _is_end(body, text, last):
            row = []
            result.append(row)


def _is_abbreviation(text: str) -> bool:
    return text.lower() in cues.ABBREVIATIONS or (len(text) == 1 and text.isupper()) or "." in text[:-1]


def _ends_sentence(body: str, passage: Passage, at: int, high: int) -> bool:
    """Whether the passage ends as a sentence does, and no cue follows that belongs to it."""
    last = body[passage.end - 1]
    rest = body[at : min(high, at + 200)].lstrip()
    if not rest:
        return True
    if last not in ".。?!…？！—–-":
        return False
    stopped = last in ".。" and not body.endswith("...", passage.start, passage.end)
    return not (rest[0].islower() or rest[0] in ",;:—–―-(" or _cue_follows(rest, closing=stopped))


def _cue_follows(rest: str, *, closing: bool) -> bool:
    """Whether a name and a cue word follow; with ``closing``, and nothing behind them."""
    found = _SUBJECT_AND_CUE.match(rest)
    if found is None or found[1].lower() in cues.FUNCTION_CAPS or found[2] not in cues.CUES:
        return False
    return not closing or found[3] is not None
