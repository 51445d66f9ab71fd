"""Dates as pages write them, printed or for machines, to instants."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from monitor.core.dates.names import months, unaccented

_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 60, "ist": 330, "cet": 60, "mez": 60, "cest": 120, "mesz": 120,
    "eet": 120, "eest": 180, "msk": 180, "trt": 180, "jst": 540, "kst": 540, "hkt": 480, "sgt": 480,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "aest": 600, "aedt": 660, "awst": 480, "sast": 120,
}  # fmt: skip
"""Minutes east of UTC. An abbreviation with several meanings has the one that news pages use most."""


# --- one value -------------------------------------------------------------------------------------

_CJK_DAY = re.compile(r"(\d{4})\s*[年년./-]\s*(\d{1,2})\s*[月월./-]\s*(\d{1,2})\s*[日일]?")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{4}|\d{2})(?!\d)")
_NAMED_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|st|nd|rd|th|er|º|ª|-го)?\s+(?:de\s+|of\s+)?([^\W\d_]+)\.?,?\s+(?:de\s+|del\s+)?(\d{4})"
)
_NAMED_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,|\s)\s*(\d{4})")
_CLOCK = re.compile(
    r"(?<![\d.:/-])(\d{1,2})\s*(?:[:h時시]|(?<=\d)\.(?=\d\d(?!\d|\.\d)))\s*(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*[分분]?\s*"
    r"([ap]\.?m\b\.?)?\s*(z\b|(?:utc|gmt)?\s*[+-]\d{2}:?\d{2}|[a-z]{2,4}\b)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?\Z")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)T?(\d\d)?(\d\d)?(\d\d)?\Z")
_SPACED_ZONE = re.compile(r"\s+([+-]\d\d:?\d\d|Z)\Z")


def parse_date(value: str) -> datetime | None:
    """The instant that ``value`` names, as aware UTC, or ``None``.

    Reads ISO 8601 and its near misses, RFC 2822, seconds or milliseconds since 1970, and what pages print
    ("28. April 2023, 20:22 Uhr", "12:20pm Jan 7, 2024", "2025年1月13日 21時37分"). Without a zone UTC is
    taken, without a time midnight. ``03/04/2025`` is the third of April unless only the other reading is a date.
    """
    value = " ".join(value.split())[:120]
    if len(value) < 8:
        return None
    try:
        return _precise(value) or _printed(value)
    except (ValueError, OverflowError):
        return None


def has_time(value: str) -> bool:
    """Does ``value``, a date as pages write it, say a time of day?"""
    return bool(_EPOCH.match(value.strip()) or _CLOCK.search(value) or re.search(r"\dT?\d\d:?\d\d", value[8:]))


def has_zone(value: str) -> bool:
    """Does ``value``, a date as pages write it, say its offset from UTC?"""
    return bool(re.search(r"\d\s*(?:Z|[+-]\d\d:?\d\d|UTC|GMT)\s*\Z", value.strip()) or _EPOCH.match(value.strip()))


def _precise(value: str) -> datetime | None:
    if _EPOCH.match(value):
        return datetime.fromtimestamp(int(value[:10]), UTC)
    try:
        return _utc(datetime.fromisoformat(_SPACED_ZONE.sub(r"\1", value)))
    except ValueError:
        pass
    if compact := _COMPACT.match(value):
        year, month, day, hour, minute, second = (int(part or 0) for part in compact.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if "," in value or " " in value:
        try:
            return _utc(parsedate_to_datetime(value))
        except (ValueError, TypeError, IndexError):
            return None
    return None


def _printed(value: str) -> datetime | None:
    day, rest = _day(value)
    if day is None:
        return None
    clock = _CLOCK.search(rest)
    if clock is None:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    hour, minute, second = (int(part or 0) for part in clock.group(1, 2, 3))
    if half := clock[4]:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_zone(clock[5])).astimezone(UTC)


def _day(value: str) -> tuple[date | None, str]:
    """The day in ``value``, and ``value`` without it."""
    if found := _CJK_DAY.search(value):
        return date(*map(int, found.groups())), value[: found.start()] + " " + value[found.end() :]
    for pattern, day, month in ((_NAMED_DAY_FIRST, 1, 2), (_NAMED_MONTH_FIRST, 2, 1)):
        for found in pattern.finditer(value):
            if number := months().get(unaccented(found[month])):
                return date(int(found[3]), number, int(found[day])), value[: found.start()] + " " + value[found.end() :]
    if found := _DAY_FIRST.search(value):
        first, second, year = (int(part) for part in found.groups())
        year += 2000 if year < 100 else 0
        rest = value[: found.start()] + " " + value[found.end() :]
        return (date(year, second, first) if second <= 12 else date(year, first, second)), rest
    return None, value


def _zone(name: str | None) -> timezone:
    if not name:
        return UTC
    if offset := re.search(r"([+-])(\d\d):?(\d\d)", name):
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    return timezone(timedelta(minutes=_ZONES.get(name.strip().lower(), 0)))


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
