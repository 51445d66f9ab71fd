"""What a site puts over, under and between the texts of its articles: told from these by recurring in several.

Learnt from the articles themselves: each body offers a few blocks (`blocks`), whoever keeps them counts in how many
articles of a site each stands, and of a later body those that recur are taken away (`without_furniture`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import timedelta

RECURS = 5
"""A block is furniture that stood in so many articles of its site, copies of one another not counted."""
WITHIN = timedelta(days=30)
"""A block that was not seen for so long is forgotten."""

MAX_BLOCKS = 10
"""So many blocks of one body are counted."""

_FIRST, _LAST = 2, 4
_LONGEST = 400
"""A longer paragraph is text, however often it stands there: background that an agency repeats."""
_SHORT = 80
_LEAST = 40
"""Something of this length must be left, or the body stays as it is."""


def blocks(body: str) -> tuple[int, ...]:
    """Signed 64-bit hashes of the lines of ``body`` that may be furniture, at most ``MAX_BLOCKS``: the first two, the
    last four, and short ones between them. Blanks and case make no difference.
    """
    lines = body.split("\n")
    ends = [*lines[:_FIRST], *lines[_FIRST:][-_LAST:]]
    between = [line for line in lines[_FIRST:-_LAST] if len(line) <= _SHORT]
    found: dict[int, None] = {}
    for line in (*ends, *between):
        if len(found) == MAX_BLOCKS:
            break
        if 0 < len(line) <= _LONGEST:
            found[_hash(line)] = None
    return tuple(found)


def without_furniture(body: str, furniture: Collection[int]) -> str:
    """``body`` without the lines at its beginning and end, and the short ones anywhere, whose hashes recur."""
    if not furniture:
        return body
    lines = body.split("\n")
    recurs = [len(line) <= _LONGEST and _hash(line) in furniture for line in lines]
    start, end = 0, len(lines)
    while start < end and recurs[start]:
        start += 1
    while end > start and recurs[end - 1]:
        end -= 1
    kept = [line for n, line in enumerate(lines) if start <= n < end and not (recurs[n] and len(line) <= _SHORT)]
    return "\n".join(kept) if any(len(line) >= _LEAST for line in kept) else body


def _hash(line: str) -> int:
    said = " ".join(line.casefold().split())
    return int.from_bytes(hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)
