"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new"]
Change = tuple[Kind, str]

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
MOST = 4_000
"""Longer runs of words than this are shown as replaced as a whole: comparing them word by word takes too long."""


def changes(old: str, new: str) -> list[Change]:
    """``old`` to ``new``; the parts that are the same or gone make ``old``, those that are the same or new ``new``."""
    found: list[Change] = []
    for kind, text in _by_lines(old, new):
        if found and found[-1][0] == kind:
            found[-1] = (kind, found[-1][1] + text)
        else:
            found.append((kind, text))
    return found


def _by_lines(old: str, new: str) -> Iterator[Change]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for same, (a, b, c, d) in _steps(before, after):
        if same:
            yield "same", "".join(before[a:b])
        else:
            yield from _by_words("".join(before[a:b]), "".join(after[c:d]))


def _by_words(old: str, new: str) -> Iterator[Change]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > MOST:
        yield from _replaced(old, new)
        return
    for same, (a, b, c, d) in _steps(before, after):
        if same:
            yield "same", "".join(before[a:b])
        else:
            yield from _replaced("".join(before[a:b]), "".join(after[c:d]))


def _replaced(old: str, new: str) -> Iterator[Change]:
    if old:
        yield "gone", old
    if new:
        yield "new", new


def _steps(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[bool, tuple[int, int, int, int]]]:
    if len(before) + len(after) > 2 * MOST:
        yield False, (0, len(before), 0, len(after))
        return
    for tag, *bounds in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield tag == "equal", tuple(bounds)  # type: ignore[misc]
