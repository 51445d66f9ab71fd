"""Reply headers, bounded, and what they say of the next visit. No clock: ``now`` is an argument."""

from __future__ import annotations

import math
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_HEADERS_KEPT = 64
_VALUE_LENGTH = 4096

# Cookies are never kept, not even in a stored reply.
_DROPPED = frozenset({"set-cookie", "set-cookie2"})
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def bounded_headers(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the first 64 headers by lower-case name, repeated ones joined by comma; values with control
    characters and overlong ones are left out.

    A value is dropped rather than cut, because half an ETag or date is a wrong one.
    """
    kept: dict[str, str] = {}
    for name, value in items:
        if name in _DROPPED:
            continue
        if name in kept:
            value = f"{kept[name]}, {value}"  # noqa: PLW2901
        elif len(kept) == _HEADERS_KEPT:
            continue
        if len(value) <= _VALUE_LENGTH and not _CONTROL.search(value):
            kept[name] = value
    return kept


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that ``Retry-After`` asks for (RFC 9110, 10.2.3: seconds or a date); ``None`` for junk.

    A date that has passed is 0. The value is not clamped: that is the caller's policy.
    """
    if value is None or len(value) > 64:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
        if at.tzinfo is None:  # "-0000", or a date without zone: HTTP dates are UTC
            at = at.replace(tzinfo=now.tzinfo)
        seconds = (at - now).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def one_line(text: str, limit: int = 200) -> str:
    """Return printable text on one line, for a detail that may quote the other side."""
    return " ".join("".join(character if character.isprintable() else " " for character in text[:1000]).split())[:limit]
