"""More reports than usual, or none: the counts and what they are held against."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts import poisson_tail, silence_due, spike

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(("count", "mean", "chance"), [
    (0, 3.0, 1.0),
    (1, 3.0, 1 - math.exp(-3)),
    (2, 1.0, 1 - 2 / math.e),
    (9, 1.8, 0.000110),  # by summing the first nine terms by hand
    (3, 0.0, 0.0),
    (100, 100.0, 0.5133),
    (1000, 100.0, 0.0),
])  # fmt: skip
def test_the_tail_of_a_poisson_distribution(count, mean, chance):
    assert poisson_tail(count, mean) == pytest.approx(chance, abs=2e-5)


@given(st.integers(0, 400), st.floats(0, 400))
def test_the_tail_is_a_chance_and_falls_with_the_count(count, mean):
    here, further = poisson_tail(count, mean), poisson_tail(count + 1, mean)
    assert 0 <= further <= here + 1e-9 <= 1 + 1e-9


def look(reports, weeks, overall=1.0, *, since=60 * DAY, at_least=5, chance=0.001):
    return spike(reports, weeks, overall, counting_since=NOW - since, at_least=at_least, chance=chance, now=NOW)


def test_nine_reports_where_two_are_usual_are_a_spike():
    found = look(9, [2, 1, 2, 2, 1, 2, 2, 2], 2.0)
    assert found.fires
    assert found.expected == pytest.approx(16 / 9)
    assert found.chance < 0.0002


@pytest.mark.parametrize(("reports", "weeks", "more"), [
    (4, [0, 0, 0, 0], {}),  # too few, however seldom
    (9, [8, 9, 7, 9], {"overall": 8.0}),  # usual at this hour
    (9, [0, 0], {"overall": 12.0}),  # a quiet hour of only two weeks says little
    (9, [0, 0, 0], {"since": 13 * DAY}),  # still learning
])  # fmt: skip
def test_no_spike(reports, weeks, more):
    assert not look(reports, weeks, **more).fires


def test_a_rule_says_until_when_it_learns():
    assert look(50, [], since=3 * DAY).learning_until == NOW + 11 * DAY
    assert look(50, [1]).learning_until is None


@pytest.mark.parametrize(("last", "answered", "due"), [
    (7, 0, True),
    (6, 0, True),
    (5, 0, False),
    (7, 6.5, False),  # our own network has been silent for nearly as long
    (7, None, False),
])  # fmt: skip
def test_a_silence_is_told_only_while_feeds_can_be_read(last, answered, due):
    hour = timedelta(hours=1)
    read = None if answered is None else NOW - answered * hour
    assert silence_due(NOW - last * hour, 6 * hour, answered_at=read, now=NOW) is due
