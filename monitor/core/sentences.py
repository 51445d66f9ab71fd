"""Where sentences begin and end, in many scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SURE = "。！？｡।॥؟۔։።။។༎!?‽⁇⁈⁉"
_CLOSERS = "\"'”’»›)\\]」』）】"
_BREAK = re.compile(f"[.…\n{_SURE}][.…{_SURE}]*[{_CLOSERS}]*")
_ABBREVIATIONS = _listed(
    # titles
    "mr mrs ms dr prof st sr jr gen col lt maj capt cmdr adm sgt sen rep gov pres hon rev supt det insp msgr "
    "mme mlle mgr sig dott avv ing hr fr frau herr sra srta dra exc lic dn "
    # of texts and firms
    "vs etc inc ltd co corp bros dept univ est approx fig vol eds pp sec par ch ca cf al viz resp dist "
    "bzw usw evtl ggf vgl sog bspw inkl zzgl tel aprox núm pág págs cap pt nr op cit ss "
    "jan feb apr jun jul aug sep sept oct nov dec "
    # Russian and its neighbours
    "г гг им ул т тт д стр см др пр проф акад ген полк руб млн млрд тыс кв обл рис св вул м р н э"
)
_BEFORE_NUMBERS = _listed("no nos nr num art par sec p pp vol fig ch v № ст п")
_LAST_WORD = re.compile(r"[^\W_]+(?:\.[^\W_]+)*$")


def sentences(text: str) -> list[tuple[int, int]]:
    """The bounds of the sentences of ``text``, without the blanks between them. Good enough for news in many scripts:
    it knows initials and common abbreviations, and never cuts inside a number.
    """
    return list(each_sentence(text))


def each_sentence(text: str) -> Iterator[tuple[int, int]]:
    """As `sentences`, one by one: who needs the first few does not pay for all."""
    start = 0
    for end in sentence_ends(text, 0, len(text)):
        yield from _trimmed(text, start, end)
        start = end
    yield from _trimmed(text, start, len(text))


def sentence_ends(text: str, start: int, until: int) -> Iterator[int]:
    """Where sentences end behind ``start`` and not behind ``until``, at both of which a word begins or the text does
    or ends. What a sign means is told by what stands beside it, so nothing else of the text is read.
    """
    for found in _BREAK.finditer(text, start, until):
        stop, end = found.span()
        sign = text[stop]
        if sign == "\n":
            end = stop + 1
            goes_on = text[end : end + 1].islower()  # a paragraph that is broken into lines
        elif sign in ".…":
            goes_on = not _ends_sentence(text, stop, end)
        else:
            goes_on = sign in "!?" and _goes_on(text, end)
        if not goes_on:
            yield end


def _trimmed(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    whole = text[start:end]
    left = start + len(whole) - len(whole.lstrip())
    right = end - (len(whole) - len(whole.rstrip()))
    return ((left, right),) if left < right else ()


def _goes_on(text: str, end: int) -> bool:
    """After ``!`` or ``?``: the sentence goes on with a small letter, or this is no end at all (an address)."""
    following = text[end : end + 2]
    if following and not following[0].isspace():
        return following[0].isalnum() or following[0] in "/=&,;:"
    return following[1:].islower()


def _ends_sentence(text: str, stop: int, end: int) -> bool:
    following = text[end : end + 40]
    if following and not following[0].isspace():
        return False  # a number, an address, an abbreviation
    following = following.lstrip(" \t\u00a0")
    if not following.strip() or following[0] == "\n":
        return True
    first = following.lstrip("\"'“‘«„(¿¡—–-")[:1]
    if first.islower():
        return False
    if text[max(0, stop - 7) : stop].isalpha() and stop > 7:
        return True  # no abbreviation is as long
    before = text[max(0, stop - 24) : stop]
    last = _LAST_WORD.search(before, before.rfind(" ") + 1)  # no word holds a blank
    if last is None or text[stop : stop + 2] in {"..", "…"}:
        return True
    word = last[0].casefold()
    if first.isdecimal() and word in _BEFORE_NUMBERS:
        return False
    if word in _ABBREVIATIONS:
        return False
    initial = word.rpartition(".")[2]
    if len(initial) == 1 and not initial.isdecimal():
        # U.S. The, J. K. Rowling, A. Petrov: an initial ends a sentence only where a small word opens the next
        opener = _LAST_WORD.search(following.split(None, 1)[0].strip("\"'“‘«„(¿¡,;:"))
        return "." in word and opener is not None and opener[0] in _OPENERS
    return True


_OPENERS = _listed(
    "The A An In On At It He She They We But And This That These Those There As For If When While After Before Its His "
    "Her Their Not No Some Many Most Under With By From To"
)
