"""Names of alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def alert_id(now: datetime, noise: int) -> str:
    """A ULID in small letters: sorts by time, unique by 80 bits of ``noise``, and has no ``.`` (Standard Webhooks)."""
    number = ((now - _EPOCH) // timedelta(milliseconds=1) << 80) | (noise & (1 << 80) - 1)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
