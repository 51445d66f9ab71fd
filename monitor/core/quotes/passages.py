"""Passages between quotation marks: the marks of the main languages, nested, re-opened over paragraphs, or left open.

Which mark closes a passage depends on the one that opened it; a straight mark opens or closes by its neighbours.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

_CLOSERS = {
    "“": '”“"',
    "„": '“”‟"',
    "‟": '”"',
    "”": "”",
    "«": "»",
    "»": "«",
    "「": "」",
    "『": "』",
    "〝": "〟",
    "＂": "＂",
    '"': '"”',
    "‘": "’",
    "'": "'",
}
_OPENS_ALWAYS = frozenset("„‟「『〝")
SINGLE = frozenset("‘'")
_INNER_ENDS = frozenset("’'")
_TWO_WAYS = frozenset('"“')
_MARK = re.compile("[“”„‟«»「」『』〝〟＂\"‘']")
_TERMINAL = frozenset('.!?…:;"”»“」』)。！？')
_WRAPPED_WIDTH = 90
_LONGEST = 6000
"""A mark left open by mistake must not swallow the article: a passage is shorter than this, in code points."""
_MOST_MARKS = 300
"""So many marks inside a passage are looked at; text of marks alone is not read once more for each of them."""
_DEEPEST = 8
"""Passages within passages: more are a mistake or an attack."""


class Passage(NamedTuple):
    """Words between marks, the marks excluded; ``opened`` is the mark's offset, ``closed`` that behind its partner.

    ``continued``: the mark stays open at the end of the paragraph and the next paragraph goes on.
    """

    start: int
    end: int
    opened: int
    closed: int
    mark: str
    continued: bool = False


def paragraphs(body: str) -> list[tuple[int, int]]:
    """Start and end of each paragraph that is not blank: of each line, unless the text is wrapped at a fixed width."""
    lines = body.split("\n")
    widest = max(map(len, lines), default=0)
    wrapped = widest <= _WRAPPED_WIDTH and len(body) > 4 * _WRAPPED_WIDTH and len(lines) > 4
    found: list[tuple[int, int]] = []
    at = 0
    before = ""
    for line in lines:
        start, end = at, at + len(line)
        at = end + 1
        stripped = line.strip()
        if not stripped:
            before = ""
            continue
        joins = before and before[-1] not in _TERMINAL and stripped[0].islower()
        if wrapped and before and not line[0].isspace() and len(before) > widest // 2:
            joins = True
        if joins and found:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
        before = stripped
    return found


def _opens(body: str, at: int, low: int, high: int) -> bool:
    """Whether the mark at ``at`` has the look of an opening one: space or a bracket before, a word behind."""
    before = body[at - 1] if at > low else " "
    after = body[at + 1] if at + 1 < high else " "
    sign = body[at]
    if sign == "”" or (sign == "«" and after.isspace()):  # a closing mark typed for an opening one; French spacing
        return before.isspace()
    if sign == "“" and after.isalnum():  # a blank forgotten: said,“We
        return True
    return (before.isspace() or before in "([{—–-―:/…“‘'\"¿¡，：、。") and not after.isspace()


def _closes(body: str, at: int, low: int, high: int) -> bool:
    """Whether the mark at ``at`` has the look of a closing one: no space before, or only that behind an inner mark."""
    before = body[at - 1] if at > low else " "
    after = body[at + 1] if at + 1 < high else " "
    if before.isspace() and at - 1 > low and body[at - 2] in _INNER_ENDS:
        return after.isspace()
    return not before.isspace() and not after.isalnum()


def _single_end(body: str, start: int, high: int, mark: str) -> int:
    """Offset of the single mark that closes, or -1. An apostrophe stands inside or behind a word."""
    closer = _CLOSERS[mark]
    fallback = -1
    last = min(high, start + _LONGEST)
    at = body.find(closer, start, last)
    while at >= 0:
        before, after = body[at - 1], body[at + 1] if at + 1 < high else " "
        if not after.isalnum() and not before.isspace():
            if before in ".,!?…":
                return at
            if fallback < 0 and mark == "‘":
                fallback = at
        at = body.find(closer, at + 1, last)
    return fallback


def _find_end(body: str, opened: int, low: int, high: int) -> int:
    """Offset of the mark that closes the one at ``opened``, or -1 where the paragraph ends first."""
    mark = body[opened]
    if mark in SINGLE:
        return _single_end(body, opened + 1, high, mark)
    closers = _CLOSERS[mark]
    depth = 0
    for found in islice(_MARK.finditer(body, opened + 1, min(high, opened + _LONGEST)), _MOST_MARKS):
        at, sign = found.start(), found.group()
        closes = _closes(body, at, low, high)
        if not closes and sign not in SINGLE and _shares(sign, closers) and _opens(body, at, low, high):
            depth += 1
            if depth > _DEEPEST:
                return -1
        elif sign in closers and (closes or sign not in _TWO_WAYS):
            if depth == 0:
                return at
            depth -= 1
    return -1


def _reopened_at(body: str, opened: int, low: int, high: int) -> int:
    """Where a passage ends whose partner was forgotten: before the same mark behind a sentence's end."""
    mark = body[opened]
    at = body.find(mark, opened + 1, min(high, opened + _LONGEST))
    if at < 0 or not _opens(body, at, low, high):
        return -1
    end = len(body[:at].rstrip())
    return end if end > opened + 1 and body[end - 1] in ".!?…" else -1


_SINGLE_SPEECH = re.compile(r"[,.!?]['’](?![\w'’])")
_DOUBLE = '“”„«"'


def speaks_in_single_marks(body: str) -> bool:
    """Whether single marks are this text's main ones: more passages end with them than there are double marks.

    Doubled apostrophes, as some archives write for a double mark, are neither.
    """
    enough = sum(map(body.count, _DOUBLE)) // 2 + 1
    if sum(map(body.count, "'’")) < enough or "''" in body:
        return False
    return len(_SINGLE_SPEECH.findall(body)) >= enough


def _shares(sign: str, closers: str) -> bool:
    """Whether a passage inside that opens with ``sign`` ends with a mark that could end the outer one."""
    return any(c in closers for c in _CLOSERS.get(sign, ""))


def passages(body: str, bounds: list[tuple[int, int]], *, single: bool) -> list[list[Passage]]:
    """The passages of each paragraph in ``bounds``, outermost only, in order; with ``single``, in single marks too."""
    result: list[list[Passage]] = []
    carried = ""  # the mark that the paragraph before left open
    for (low, high), following in zip(bounds, [*bounds[1:], None], strict=True):
        found: list[Passage] = []
        at = low
        if carried and not _reopens(body, low, high, carried):
            end = _carried_end(body, low, high, carried)
            found.append(Passage(low, end, low, min(end + 1, high), carried, continued=end == high))
            at = min(end + 1, high)
            carried = carried if end == high else ""
        else:
            carried = ""
        while (mark := _MARK.search(body, at, high)) is not None:
            opened, sign = mark.start(), mark[0]
            at = opened + 1
            if not _may_open(body, opened, low, high, single=single):
                continue
            end = _find_end(body, opened, low, high)
            if end >= 0:
                found.append(Passage(opened + 1, end, opened, end + 1, sign))
                at = end + 1
            elif sign not in SINGLE and (end := _reopened_at(body, opened, low, high)) >= 0:
                found.append(Passage(opened + 1, end, opened, end, sign))
                at = end
            elif sign not in SINGLE and not _is_touched(body, at, high, sign):
                goes_on = following is not None and _goes_on(body, *following, sign)
                if goes_on or not body[low:opened].strip():
                    found.append(Passage(opened + 1, high, opened, high, sign, continued=goes_on))
                    carried = sign if goes_on else ""
                    break
        result.append([trimmed for passage in found if (trimmed := _trim(body, passage)) is not None])
    return result


def _may_open(body: str, at: int, low: int, high: int, *, single: bool) -> bool:
    sign = body[at]
    if sign not in _CLOSERS or (sign in SINGLE and not single):
        return False
    return sign in _OPENS_ALWAYS or _opens(body, at, low, high)


def _is_touched(body: str, at: int, high: int, sign: str) -> bool:
    """Whether a mark of this kind stands in what follows, so that the one before was no opening one."""
    others = _CLOSERS[sign] + sign
    found = _MARK.search(body, at, min(high, at + _LONGEST))
    while found is not None and found[0] not in others:
        found = _MARK.search(body, found.end(), min(high, at + _LONGEST))
    return found is not None


def _reopens(body: str, low: int, high: int, carried: str) -> bool:
    first = body[low:high].lstrip()[:1]
    return first == carried or (first == "»" and carried == "«")


def _carried_end(body: str, low: int, high: int, carried: str) -> int:
    """Where a passage of the paragraph before ends in this one, or ``high``."""
    for found in _MARK.finditer(body, low, high):
        if found[0] in _CLOSERS[carried] and _closes(body, found.start(), low, high):
            return found.start()
    return high


def _goes_on(body: str, low: int, high: int, sign: str) -> bool:
    """Whether a quotation left open goes on in a paragraph: re-opened, or closed before any other is opened."""
    if _reopens(body, low, high, sign):
        return True
    found = _MARK.search(body, low, high)
    while found is not None and found[0] in SINGLE:
        found = _MARK.search(body, found.end(), high)
    if found is None or found[0] not in _CLOSERS[sign]:
        return False
    return _closes(body, found.start(), low, high) and not _opens(body, found.start(), low, high)


def _trim(body: str, passage: Passage) -> Passage | None:
    """The passage without blanks at its ends; ``None`` where nothing is left."""
    start, end = passage.start, passage.end
    while start < end and body[start].isspace():
        start += 1
    while end > start and body[end - 1].isspace():
        end -= 1
    if (start, end) == (passage.start, passage.end):
        return passage if start < end else None
    return passage._replace(start=start, end=end) if start < end else None
