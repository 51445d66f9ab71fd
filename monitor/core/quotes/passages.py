"""Passages between quotation marks: the marks of the main languages, nested, re-opened over paragraphs, or left open.

Which mark closes a passage depends on the one that opened it; a straight mark opens or closes by its neighbours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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
_TWO_WAYS = frozenset('"“')
_MARK = re.compile("[“”„‟«»「」『』〝〟＂\"‘']")
_TERMINAL = frozenset('.!?…:;"”»“」』)。！？')
_WRAPPED_WIDTH = 90
_LONGEST = 6000
"""A mark left open by mistake must not swallow the article: a passage is shorter than this, in code points."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Words between marks, the marks excluded. ``opened`` is the offset of the mark, ``closed`` just behind its partner.

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
    return (before.isspace() or before in "([{—–-―:/…“‘'\"¿¡，：、。") and not after.isspace()


def _closes(body: str, at: int, low: int, high: int) -> bool:
    before = body[at - 1] if at > low else " "
    after = body[at + 1] if at + 1 < high else " "
    return not before.isspace() and not after.isalnum()


def _single_end(body: str, start: int, high: int, mark: str) -> int:
    """Offset of the single mark that closes, or -1. An apostrophe stands inside or behind a word."""
    closer = _CLOSERS[mark]
    fallback = -1
    at = body.find(closer, start)
    while 0 <= at < high:
        before, after = body[at - 1], body[at + 1] if at + 1 < high else " "
        if not after.isalnum() and not before.isspace():
            if before in ".,!?…":
                return at
            if fallback < 0 and mark == "‘":
                fallback = at
        at = body.find(closer, at + 1)
    return fallback


def _find_end(body: str, opened: int, low: int, high: int) -> int:
    """Offset of the mark that closes the one at ``opened``, or -1 where the paragraph ends first."""
    mark = body[opened]
    if mark in SINGLE:
        return _single_end(body, opened + 1, high, mark)
    closers = _CLOSERS[mark]
    depth = 0
    for found in _MARK.finditer(body, opened + 1, high):
        at, sign = found.start(), found.group()
        closes = _closes(body, at, low, high)
        if not closes and sign not in SINGLE and _shares(sign, closers) and _opens(body, at, low, high):
            depth += 1
        elif sign in closers and (closes or sign not in _TWO_WAYS):
            if depth == 0:
                return at
            depth -= 1
    return -1


_SINGLE_SPEECH = re.compile(r"[,.!?]['’](?![\w'’])")
_DOUBLE = re.compile('[“”„«"]')


def speaks_in_single_marks(body: str) -> bool:
    """Whether single marks are this text's main ones: more passages end with them than there are double marks.

    Doubled apostrophes, as some archives write for a double mark, are neither.
    """
    return len(_SINGLE_SPEECH.findall(body)) > len(_DOUBLE.findall(body)) // 2 and "''" not in body


def _shares(sign: str, closers: str) -> bool:
    """Whether a passage inside that opens with ``sign`` ends with a mark that could end the outer one."""
    return any(c in closers for c in _CLOSERS.get(sign, ""))


def passages(body: str, found_paragraphs: list[tuple[int, int]], *, single: bool) -> list[list[Passage]]:
    """The passages of each paragraph, outermost only, in order."""
    result: list[list[Passage]] = []
    carried = ""  # the mark that is still open from the paragraph before
    for index, (low, high) in enumerate(found_paragraphs):
        inside: list[Passage] = []
        at = low
        if carried:
            start = low
            first = body[low:high].lstrip()[:1]
            if first != carried and not (first == "»" and carried == "«"):
                end = _find_carried_end(body, low, high, carried)
                inside.append(
                    Passage(
                        start,
                        max(end, start) if end >= 0 else high,
                        start,
                        end + 1 if end >= 0 else high,
                        carried,
                        end < 0,
                    )
                )
                at = end + 1 if end >= 0 else high
                if end >= 0:
                    carried = ""
            else:
                carried = ""
        while at < high:
            mark = _MARK.search(body, at, high)
            if mark is None:
                break
            opened, sign = mark.start(), mark.group()
            at = opened + 1
            if (
                sign not in _CLOSERS
                or (sign in SINGLE and not single)
                or (sign not in _OPENS_ALWAYS and not _opens(body, opened, low, high))
            ):
                continue
            end = _find_end(body, opened, low, high)
            if end < 0:
                if sign in SINGLE:
                    continue
                following = found_paragraphs[index + 1] if index + 1 < len(found_paragraphs) else None
                carries = following is not None and _goes_on(body, following, sign)
                inner = _MARK.search(body, at, high)
                if carries and (inner is None or inner.group() in SINGLE or _find_inner(body, at, high, sign)):
                    inside.append(Passage(opened + 1, high, opened, high, sign, continued=True))
                    carried = sign
                    break
                if inner is None and body[low:opened].strip() == "":
                    inside.append(Passage(opened + 1, high, opened, high, sign))
                    break
                continue
            if end - opened <= _LONGEST:
                inside.append(Passage(opened + 1, end, opened, end + 1, sign))
            at = end + 1
        result.append([trimmed for p in inside if (trimmed := _trim(body, p)) is not None])
    return result


def _find_inner(body: str, at: int, high: int, sign: str) -> bool:
    """Whether all marks that follow are of another kind than ``sign``."""
    return all(m.group() != sign and m.group() not in _CLOSERS[sign] for m in _MARK.finditer(body, at, high))


def _find_carried_end(body: str, low: int, high: int, carried: str) -> int:
    for found in _MARK.finditer(body, low, high):
        if found.group() in _CLOSERS[carried] and _closes(body, found.start(), low, high):
            return found.start()
    return -1


def _goes_on(body: str, paragraph: tuple[int, int], sign: str) -> bool:
    """Whether a quotation left open goes on here: re-opened, or closed before any other is opened."""
    low, high = paragraph
    first = body[low:high].lstrip()[:1]
    if first == sign or (sign == "«" and first == "»"):
        return True
    found = _MARK.search(body, low, high)
    while found is not None and found.group() in SINGLE:
        found = _MARK.search(body, found.end(), high)
    if found is None:
        return False
    return (
        found.group() in _CLOSERS[sign]
        and _closes(body, found.start(), low, high)
        and not _opens(body, found.start(), low, high)
    )


def _trim(body: str, passage: Passage) -> Passage | None:
    start, end = passage.start, passage.end
    while start < end and body[start].isspace():
        start += 1
    while end > start and body[end - 1].isspace():
        end -= 1
    if start >= end:
        return None
    return Passage(start, end, passage.opened, passage.closed, passage.mark, passage.continued)
