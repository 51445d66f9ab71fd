"""What ``published:`` and ``seen:`` take: days, months, years, ranges of them, ages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from monitor.core.query.tree import Age, Days
from monitor.errors import QueryError

Fail = Callable[[str, str], QueryError]
"""Makes the error of a message and a hint, with the place in the query."""

_HINT = "Write FIELD:2026-03-01, FIELD:2026-03, FIELD:>=2026-01-01, FIELD:2026-01-01..2026-01-31 or an age: FIELD:7d"


def read_time(name: str, value: str, fail: Fail) -> Days | Age:
    """The value of the date field ``name``."""
    if age := re.fullmatch(r"(\d{1,6})([mhdw])", value):
        minutes = int(age[1]) * {"m": 1, "h": 60, "d": 1440, "w": 10080}[age[2]]
        if not 0 < minutes <= 36_600 * 1440:
            raise fail("an age is at least a minute and at most a hundred years", "")
        return Age(name, timedelta(minutes=minutes))
    if around := re.fullmatch(r"(>=|<=|>|<)?([\d-]+)", value):
        first, until = _days(around[2], fail)
        match around[1]:
            case ">=":
                return Days(name, first, None)
            case ">":
                return Days(name, until, None)
            case "<":
                return Days(name, None, first)
            case "<=":
                return Days(name, None, until)
        return Days(name, first, until)
    if between := re.fullmatch(r"([\d-]+)\.\.([\d-]+)", value):
        first, until = _days(between[1], fail)[0], _days(between[2], fail)[1]
        if first >= until:
            raise fail("the range ends before it begins", f"Write {name}:{between[2]}..{between[1]}")
        return Days(name, first, until)
    raise fail(f"'{value}' is no date or age", _HINT.replace("FIELD", name))


def _days(text: str, fail: Fail) -> tuple[date, date]:
    """The first day of a day, month or year, and the first day after it."""
    wrong = fail(f"there is no day '{text}'", _HINT.replace("FIELD:", ""))
    shape = re.fullmatch(r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?", text)
    if shape is None:
        raise wrong
    year, month, day = (int(part) if part else 0 for part in shape.groups())
    try:
        first = date(year, month or 1, day or 1)
        if day:
            return first, first + timedelta(days=1)
        return first, date(year + month // 12, month % 12 + 1, 1) if month else date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        raise wrong from None
