"""Quiet hours and the schedules of digests, by the clocks of a time zone.

Both are walls of a local day, so they are looked up in local time and only then made UTC. In the night when a clock is
put forward, a time that does not exist is taken as the same stretch of time later; in the night when it is put back,
the first of two equal times is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Every day from ``start`` to ``end``, over midnight where ``end`` is the earlier."""

    start: time
    end: time
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Schedule:
    """Times of a cron expression."""

    cron: CronTrigger
    zone: ZoneInfo


@lru_cache(maxsize=256)
def quiet_hours(written: str) -> QuietHours:
    """``"22:00-07:00 Europe/Berlin"``; without a zone in UTC.

    :raises ValueError: says what is wrong.
    """
    found = re.fullmatch(r"(\d\d?):(\d\d)\s*[-–]\s*(\d\d?):(\d\d)(?:\s+(\S+))?", written.strip())
    if found is None:
        raise ValueError(f'{written!r} are no quiet hours; write for example "22:00-07:00 Europe/Berlin"')
    try:
        start, end = (time(int(hour) % 24, int(minute)) for hour, minute in (found.group(1, 2), found.group(3, 4)))
    except ValueError:
        raise ValueError(f"{written!r}: there is no such time of day") from None
    if start == end:
        raise ValueError(f"{written!r}: quiet hours that never end would hold everything")
    return QuietHours(start, end, _zone(found[5] or "UTC"))


def quiet_until(quiet: QuietHours, now: datetime) -> datetime | None:
    """When the quiet hours around ``now`` end; ``None`` outside of them."""
    today = now.astimezone(quiet.zone).date()
    for day in (today - _DAY, today):
        start = _utc(datetime.combine(day, quiet.start), quiet.zone)
        over_midnight = quiet.end <= quiet.start
        end = _utc(datetime.combine(day + _DAY if over_midnight else day, quiet.end), quiet.zone)
        if start <= now < end:
            return end
    return None


@lru_cache(maxsize=256)
def schedule(written: str) -> Schedule:
    """``"0 7 * * mon-fri Europe/Berlin"``: the five fields of cron and a zone (UTC without one). 0 and 7 are Sunday.

    :raises ValueError: says what is wrong.
    """
    from apscheduler.triggers.cron import CronTrigger  # only digests need it

    fields = written.split()
    if len(fields) not in {5, 6}:
        raise ValueError(f'{written!r} is no schedule; write for example "0 7 * * mon-fri Europe/Berlin"')
    minute, hour, day, month, weekday = fields[:5]
    zone = _zone(fields[5] if len(fields) == 6 else "UTC")
    try:
        cron = CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday.lower()), timezone=UTC
        )
    except ValueError as problem:
        raise ValueError(f"{written!r} is no schedule: {problem}") from None
    found = Schedule(cron, zone)
    if cron.get_next_fire_time(None, datetime(2024, 1, 1, tzinfo=UTC)) is None:
        raise ValueError(f"{written!r} never comes")
    return found


def next_time(times: Schedule, now: datetime) -> datetime:
    """The first time of a schedule after ``now``."""
    wall = now.astimezone(times.zone).replace(tzinfo=UTC, fold=0)
    while True:
        wall += timedelta(microseconds=1)
        found = times.cron.get_next_fire_time(None, wall)
        if found is None:  # every expression that `schedule` lets pass comes again within a few years
            raise ValueError("the schedule has no further time")
        moment = _utc(found.replace(tzinfo=None), times.zone)
        if moment > now:
            return moment
        wall = found


def _utc(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'there is no time zone {name!r}; write for example "Europe/Berlin"') from None


def _weekdays(field: str) -> str:
    """Days by name, one by one: the library counts from Monday, cron from Sunday."""
    if field == "*":
        return field
    days: list[str] = []
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = ("0-6" if span == "*" else span).partition("-")
        start = _day(first)
        stop = _day(last) if last else (6 if step else start)
        stop += 7 if stop < start else 0
        if not (step or "1").isdigit() or int(step or 1) < 1:
            raise ValueError(f"{part!r} is no step of days")
        days += [_DAYS[day % 7] for day in range(start, stop + 1, int(step or 1))]
    return ",".join(dict.fromkeys(days))


def _day(word: str) -> int:
    if word in _DAYS:
        return _DAYS.index(word)
    if word.isdigit() and int(word) <= 7:
        return int(word)
    raise ValueError(f"{word!r} is no day of the week")
