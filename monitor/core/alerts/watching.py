"""Rules that tell of numbers: more reports than usual, or none at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WEEK = timedelta(days=7)
WEEKS = 8
"""So far back the baseline looks."""
LEARNING = 2 * WEEK
"""So long a rule must have counted before there is a baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """``reports`` in the window against ``expected``; ``chance`` that so many or more come by chance.

    ``learning_until`` is set while there is no baseline yet.
    """

    reports: int
    expected: float = 0.0
    chance: float = 1.0
    learning_until: datetime | None = None
    fires: bool = False


def spike(
    reports: int,
    same_hours: Sequence[int],
    overall: float,
    *,
    counting_since: datetime,
    at_least: int,
    chance: float,
    now: datetime,
) -> Spike:
    """Whether ``reports`` are more than usual for this hour of the week.

    ``same_hours`` are the counts of the same window one, two, … weeks ago, as many as there are; ``overall`` is the
    mean count of a window of this length in all that time. The baseline is the mean of ``same_hours`` with ``overall``
    as one week more, so that few weeks do not make a quiet hour look like one in which nothing ever happens. Reports
    are taken to come as a Poisson process: the alert is due where P(X ≥ reports) ≤ ``chance`` and reports ≥
    ``at_least``.
    """
    if now - counting_since < LEARNING:
        return Spike(reports=reports, learning_until=counting_since + LEARNING)
    expected = (sum(same_hours) + overall) / (len(same_hours) + 1)
    by_chance = poisson_tail(reports, expected)
    return Spike(
        reports=reports, expected=expected, chance=by_chance, fires=reports >= at_least and by_chance <= chance
    )


def poisson_tail(count: int, mean: float) -> float:
    """P(X ≥ ``count``) of a Poisson distribution."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if count > mean:  # from the term of ``count`` on they fall at least geometrically
        term = math.exp(-mean + count * math.log(mean) - math.lgamma(count + 1))
        total, number = 0.0, count
        while term > total * 1e-16:
            total += term
            number += 1
            term *= mean / number
        return min(total, 1.0)
    below = (math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(count))
    return max(0.0, 1.0 - math.fsum(below))


def silence_due(last: datetime, silent_for: timedelta, *, answered_at: datetime | None, now: datetime) -> bool:
    """Whether nothing came since ``last`` for ``silent_for``, although feeds could be read after that.

    ``answered_at`` is when a feed was last read: a silence of our own network is no silence of the world.
    """
    return now - last >= silent_for and answered_at is not None and answered_at - last >= silent_for
