"""When a feed is asked next, and why, in words.

The wanted interval follows the feed: half the mean time between its new entries (after miniflux's "entry frequency",
one week over the entries of a week, with a factor of two: at entries that come at random, half the mean gap keeps the
mean delay of an entry at a quarter of that gap), between ``least`` and ``most``. The rate is an exponentially
weighted mean over about two days, and begins with the dates in the first document.

What the feed and its server ask for only makes it longer: ``ttl`` up to ``most``; ``Cache-Control``, ``Expires`` and
``Retry-After`` up to a day; ``skipHours`` and ``skipDays`` move the poll out of them. Failures double the time from
``least`` with every weight of a half, up to ``longest``, and never end it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.model import Feed, ParsedFeed

DAY = timedelta(days=1)
RATE_MEMORY = timedelta(days=2)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,15})", re.IGNORECASE)
_NO_CACHE = re.compile(r"(?:^|[\s,])(?:no-cache|no-store)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The operator's wishes, and the limits at which polling decides.

    ``full_every``: a GET without validators at least so often. ``alert_window``: an entry dated longer ago is backlog.
    ``first_window``: of the first document, entries this young may alert (none by default). ``max_new``: entries
    stored in one poll; more wait for the next. ``storm_share``: of a document new at once with old dates, held.
    ``redirect_count`` in a row over ``redirect_for``: a redirect is believed. ``jitter_share`` of the interval
    is added at random at most. ``longest``: no wait is longer. ``alarm_after``: without a valid document, a notice.
    """

    least: timedelta = timedelta(minutes=5)
    most: timedelta = timedelta(hours=6)
    initial: timedelta = timedelta(minutes=30)
    full_every: timedelta = DAY
    alert_window: timedelta = timedelta(days=2)
    first_window: timedelta = timedelta(0)
    longest: timedelta = DAY
    alarm_after: timedelta = timedelta(hours=12)
    jitter_share: float = 0.1
    max_new: int = 1_000
    unstable_keep: int = 20
    storm_share: float = 0.5
    storm_least: int = 10
    redirect_count: int = 10
    redirect_for: timedelta = timedelta(days=7)

    def of(self, feed: Feed) -> tuple[timedelta, timedelta]:
        """The least and most for this feed."""
        least = feed.spec.every_least or self.least
        return least, max(least, feed.spec.every_most or self.most)


@dataclass(frozen=True, slots=True)
class Slot:
    """The next poll: when, the interval without jitter, and the reason."""

    at: datetime
    interval: timedelta
    reason: str


def after_success(
    feed: Feed,
    parsed: ParsedFeed | None,
    headers: Mapping[str, str],
    *,
    rate: float | None,
    pace: Pace,
    now: datetime,
    jitter: float,
    soon: bool = False,
) -> Slot:
    """The next poll after a valid answer; ``parsed`` is ``None`` where the document is the one before.

    ``rate`` is new entries a day; ``soon`` asks again at the least interval (entries wait in the document).
    """
    least, most = pace.of(feed)
    if soon:
        interval, reason = least, "more entries wait in the feed than one poll takes"
    elif rate is None:
        interval, reason = clamp(pace.initial, least, most), "the rate of new entries is not known yet"
    else:
        interval = clamp(DAY / (2 * rate), least, most) if rate > 0.001 else most
        reason = f"{_rate(rate)}, between {words(least)} and {words(most)}"
    if parsed is None and feed.state.interval is not None and interval < feed.state.interval <= most:
        interval, reason = feed.state.interval, f"nothing changed, as before: {reason}"
    if parsed is not None and parsed.ttl is not None and interval < (wish := min(parsed.ttl, most)):
        interval, reason = wish, f"the feed asks for {words(parsed.ttl)} between polls"
    floor, source = cached_for(headers, now)
    if floor is not None and interval < (wish := clamp(floor, least, pace.longest)):
        interval, reason = wish, f"the server's {source} asks for {words(floor)}"
    at = now + interval * (1 + pace.jitter_share * jitter)
    if parsed is not None and (moved := _out_of_skipped(at, parsed)) != at:
        at, reason = moved, f"{reason}; the feed asks not to be polled at {at:%A %H} h UTC"
    return Slot(at, interval, reason)


def after_failure(
    feed: Feed, failures: float, *, retry_after: float | None, pace: Pace, now: datetime, jitter: float
) -> Slot:
    """The next attempt after a failure; ``failures`` is the weighted sum that includes it."""
    least, _ = pace.of(feed)
    interval = pace.longest if failures > 10 else min(least * 2 ** (2 * failures), pace.longest)
    reason = (
        f"failures weigh {failures:g} in a row: {words(least)} doubled for every half, at most {words(pace.longest)}"
    )
    if retry_after is not None and math.isfinite(retry_after) and retry_after > 0:
        asked = timedelta(seconds=min(retry_after, 1e9))
        if (wish := clamp(asked, least, pace.longest)) > interval:
            interval, reason = wish, f"the server asks for {words(asked)} (Retry-After)"
    return Slot(now + interval * (1 + pace.jitter_share * jitter), interval, reason)


def new_rate(feed: Feed, new: int, now: datetime, pace: Pace) -> float | None:
    """New entries a day, with ``new`` more since the last valid answer; ``None`` before there is one.

    A feed of which nothing is known is taken to be one that ``initial`` is right for.
    """
    state = feed.state
    if state.last_success_at is None:
        return None
    before = DAY / (2 * pace.initial) if state.new_rate is None else state.new_rate
    # a clock that was set back, or two polls at once, must not make a rate of millions
    elapsed = max(now - state.last_success_at, timedelta(minutes=1))
    weight = 1 - math.exp(-elapsed / RATE_MEMORY)
    return before + weight * (new / (elapsed / DAY) - before)


def first_rate(dates: Sequence[datetime], now: datetime) -> float | None:
    """New entries a day by the dates in a document: those of its last week over the time that they span."""
    recent = sorted(date for date in dates if now - 7 * DAY <= date <= now)
    if recent:
        return len(recent) / max((now - recent[0]) / DAY, 1 / 24)
    return 0.0 if dates else None


def cached_for(headers: Mapping[str, str], now: datetime) -> tuple[timedelta | None, str]:
    """How long the server calls its answer fresh, and the header that says so."""
    control = headers.get("cache-control", "")
    if _NO_CACHE.search(control):
        return None, ""
    if found := _MAX_AGE.search(control):
        age = headers.get("age", "").strip()
        passed = int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0
        return timedelta(seconds=max(0, min(int(found[1]), 10**9) - passed)), "Cache-Control"
    try:
        expires = parsedate_to_datetime(headers["expires"])
        expires = expires.replace(tzinfo=UTC) if expires.tzinfo is None else expires
        return max(expires - now, timedelta(0)), "Expires"
    except (KeyError, ValueError, OverflowError, TypeError):
        return None, ""


def clamp(value: timedelta, least: timedelta, most: timedelta) -> timedelta:
    return max(least, min(value, most))


def words(span: timedelta) -> str:
    """A length of time as a person says it: ``14 min``, ``2.5 h``, ``3 d``."""
    seconds = span.total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size * (2 if unit == "d" else 1):
            return f"{seconds / size:.3g} {unit}" if seconds < size * 1000 else f"{seconds / size:.0f} {unit}"
    return f"{seconds:.3g} s"


def _rate(rate: float) -> str:
    if rate >= 1:
        return f"about {rate:.3g} new entries a day: half the mean time between them"
    if rate > 0.001:
        return f"a new entry about every {1 / rate:.2g} days: half the time between them"
    return "no new entries"


def _out_of_skipped(at: datetime, parsed: ParsedFeed) -> datetime:
    """The first moment from ``at`` outside the hours and days in which the feed wants to be left alone, if any."""
    if len(parsed.skip_hours) >= 24 or len(parsed.skip_days) >= 7 or not (parsed.skip_hours or parsed.skip_days):
        return at
    moment = at
    for _ in range(7 * 24):
        if moment.hour not in parsed.skip_hours and moment.weekday() not in parsed.skip_days:
            return moment
        moment = moment.replace(minute=0, second=at.second, microsecond=0) + timedelta(hours=1)
    return at
