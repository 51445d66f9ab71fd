"""When a delivery is tried again: an attempt and its outcome come to the next state of the outbox row.

The waits are those of Standard Webhooks 1.0 ("Deliverability and reliability"): ten attempts that end 75 h 35 min
after the first. Only the end of the schedule or a plain refusal gives a message up; nothing is given up in silence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from monitor.model import Delivered, Outcome, Rejected

WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The wait before each attempt, counted from the one before it."""

MOST_ATTEMPTS = len(WAITS)
LONGEST_WAIT = timedelta(hours=24)
SPREAD = 0.2
"""Waits grow by up to this share, so that a backlog that failed together does not come back together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterAttempt:
    """What to write on the row. ``recipients`` are those that still need the message (empty: all of the channel's).

    ``disable`` asks to switch the channel off and to tell the operator by another one. ``hold_until`` is when the
    endpoint, which asked for a pause, may be sent anything again.
    """

    state: Literal["sent", "retry", "dead"]
    next_attempt_at: datetime | None = None
    error: str | None = None
    recipients: tuple[str, ...] = ()
    disable: bool = False
    hold_until: datetime | None = None


def after_attempt(attempts: int, outcome: Outcome, *, now: datetime, jitter: float) -> AfterAttempt:
    """The state after the ``attempts``-th attempt (1 is the first) ended at ``now`` with ``outcome``.

    ``jitter`` in 0..1 only ever lengthens a wait. What the endpoint asked for (Retry-After) is a floor, taken as at
    most 24 hours.
    """
    if isinstance(outcome, Delivered):
        return AfterAttempt(state="sent")
    if isinstance(outcome, Rejected):
        return AfterAttempt(state="dead", error=outcome.reason, disable=outcome.disable)
    hold_until = now + _asked_for(outcome.retry_after) if outcome.retry_after else None
    if attempts >= MOST_ATTEMPTS:
        reason = f"given up after {attempts} attempts; the last one: {outcome.reason}"
        return AfterAttempt(state="dead", error=reason, recipients=outcome.recipients, hold_until=hold_until)
    wait = max(WAITS[max(attempts, 1)], _asked_for(outcome.retry_after))
    return AfterAttempt(
        state="retry",
        next_attempt_at=now + wait * (1 + SPREAD * jitter),
        error=outcome.reason,
        recipients=outcome.recipients,
        hold_until=hold_until,
    )


def _asked_for(seconds: float | None) -> timedelta:
    if seconds is None or math.isnan(seconds):
        return timedelta(0)
    return timedelta(seconds=min(max(seconds, 0.0), LONGEST_WAIT.total_seconds()))
