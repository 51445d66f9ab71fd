"""Quiet hours and schedules by the clocks of a zone, also in the nights when those clocks are moved."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts.times import next_time, quiet_hours, quiet_until, schedule

NIGHT = quiet_hours("22:00-07:00 Europe/Berlin")


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("now", "until"), [
    ("2026-01-10 20:59", None),
    ("2026-01-10 21:00", "2026-01-11 06:00"),  # winter: 22:00 to 07:00 is 21:00 to 06:00 UTC
    ("2026-01-11 05:59", "2026-01-11 06:00"),
    ("2026-01-11 06:00", None),
    ("2026-07-10 20:00", "2026-07-11 05:00"),  # summer
    ("2026-07-11 05:00", None),
    ("2026-03-28 21:00", "2026-03-29 05:00"),  # the night of eight hours
    ("2026-03-28 20:59", None),
    ("2026-10-24 20:00", "2026-10-25 06:00"),  # the night of ten hours
    ("2026-10-25 05:59", "2026-10-25 06:00"),
])  # fmt: skip
def test_quiet_hours_end_by_the_clock_on_the_wall(now, until):
    assert quiet_until(NIGHT, utc(now)) == (utc(until) if until else None)


def test_quiet_hours_within_a_day_and_by_default_in_utc():
    noon = quiet_hours("12:00-13:30")
    assert quiet_until(noon, utc("2026-05-01 13:29")) == utc("2026-05-01 13:30")
    assert quiet_until(noon, utc("2026-05-01 13:30")) is None


@pytest.mark.parametrize("written", ["", "22-7", "22:00-22:00", "25:61-07:00", "22:00-07:00 Atlantis/Old", "22:00"])
def test_quiet_hours_that_make_no_sense_are_refused(written):
    with pytest.raises(ValueError, match=r"\w"):
        quiet_hours(written)


@pytest.mark.parametrize(("written", "now", "then"), [
    ("0 7 * * *", "2026-01-10 06:59", "2026-01-10 07:00"),
    ("0 7 * * *", "2026-01-10 07:00", "2026-01-11 07:00"),
    ("0 7 * * mon-fri Europe/Berlin", "2026-11-27 07:00", "2026-11-30 06:00"),  # Friday to Monday
    ("0 7 * * 1-5 Europe/Berlin", "2026-11-27 07:00", "2026-11-30 06:00"),  # cron counts from Sunday
    ("0 7 * * 0", "2026-11-27 07:00", "2026-11-29 07:00"),
    ("0 7 * * 7", "2026-11-27 07:00", "2026-11-29 07:00"),
    ("0 7 * * fri-mon", "2026-11-28 07:00", "2026-11-29 07:00"),
    ("0 7 * * */3", "2026-11-28 07:00", "2026-11-29 07:00"),  # Sunday, Wednesday, Saturday
    ("*/15 8-9 1 * *", "2026-11-28 07:00", "2026-12-01 08:00"),
    ("0 7 * * * Europe/Berlin", "2026-03-28 12:00", "2026-03-29 05:00"),  # the morning after summer time began
    ("30 2 * * * Europe/Berlin", "2026-03-28 12:00", "2026-03-29 01:30"),  # 02:30 does not exist: 03:30
    ("30 2 * * * Europe/Berlin", "2026-10-24 12:00", "2026-10-25 00:30"),  # 02:30 exists twice: the first
    ("30 2 * * * Europe/Berlin", "2026-10-25 00:30", "2026-10-26 01:30"),  # and not again an hour later
    ("0 0 29 2 *", "2026-01-01 00:00", "2028-02-29 00:00"),
])  # fmt: skip
def test_digests_come_by_the_clock_on_the_wall(written, now, then):
    assert next_time(schedule(written), utc(now)) == utc(then)


@pytest.mark.parametrize(
    "written", ["", "0 7 * *", "61 7 * * *", "0 7 * * moonday", "0 7 31 2 *", "0 7 * * * Nowhere", "0 7 * * */0"]
)
def test_schedules_that_make_no_sense_are_refused(written):
    with pytest.raises(ValueError, match=r"\w"):
        schedule(written)


@given(
    st.datetimes(datetime(2026, 3, 27), datetime(2026, 11, 1)),  # noqa: DTZ001 - hypothesis wants them bare
    st.sampled_from(["*/20 * * * *", "30 2 * * *", "0 7 * * 1-5", "59 23 * * sun"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tashkent", "Australia/Lord_Howe", "UTC"]),
)
def test_the_next_time_is_later_and_stands_on_the_wall(start, cron, zone):
    times = schedule(f"{cron} {zone}")
    now = start.replace(tzinfo=UTC)
    then = next_time(times, now)
    assert now < then <= now + timedelta(days=9)
    assert next_time(times, then) > then


@given(st.datetimes(datetime(2026, 3, 27), datetime(2026, 11, 1)))  # noqa: DTZ001 - see above
def test_quiet_hours_are_left_at_their_end(start):
    now = start.replace(tzinfo=UTC)
    end = quiet_until(NIGHT, now)
    wall = now.astimezone(NIGHT.zone)
    assert (end is not None) == (wall.hour >= 22 or wall.hour < 7)
    if end is not None:
        assert timedelta(0) < end - now <= timedelta(hours=10)
        assert quiet_until(NIGHT, end) is None
