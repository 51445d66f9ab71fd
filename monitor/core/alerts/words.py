"""Times and lengths as they stand in reasons."""

from __future__ import annotations

from datetime import datetime, timedelta


def when(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"


def length(span: timedelta) -> str:
    minutes = span / timedelta(minutes=1)
    if minutes >= 48 * 60:
        return f"{minutes / 1440:g} days"
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min" if minutes >= 1 else f"{minutes * 60:g} s"


def count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
