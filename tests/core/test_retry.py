from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.retry import LONGEST_WAIT, MOST_ATTEMPTS, SPREAD, WAITS, after_attempt
from monitor.model import Delivered, Rejected, RetryLater

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


def test_waits_are_those_of_standard_webhooks():
    assert MOST_ATTEMPTS == 10
    assert sum(WAITS, timedelta(0)) == timedelta(hours=75, minutes=35, seconds=5)


def test_a_taken_message_is_sent():
    after = after_attempt(3, Delivered(receipt="202"), now=NOW, jitter=0.5)
    assert (after.state, after.next_attempt_at, after.error) == ("sent", None, None)


@pytest.mark.parametrize("attempts", range(1, 10))
def test_each_failed_attempt_waits_as_long_as_the_schedule_says(attempts):
    after = after_attempt(attempts, RetryLater(reason="HTTP 503"), now=NOW, jitter=0.0)
    assert after.state == "retry"
    assert after.next_attempt_at == NOW + WAITS[attempts]
    assert after.error == "HTTP 503"


def test_t54_dead_letter_after_ten_attempts_says_so():
    after = after_attempt(10, RetryLater(reason="HTTP 401"), now=NOW, jitter=0.0)
    assert (after.state, after.next_attempt_at, after.disable) == ("dead", None, False)
    assert after.error == "given up after 10 attempts; the last one: HTTP 401"


def test_a_refusal_is_dead_at_once_and_410_disables():
    assert after_attempt(1, Rejected(reason="552 too big"), now=NOW, jitter=0.0).state == "dead"
    gone = after_attempt(1, Rejected(reason="HTTP 410", status=410, disable=True), now=NOW, jitter=0.0)
    assert (gone.state, gone.disable) == ("dead", True)


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        (None, timedelta(seconds=5)),
        (0.0, timedelta(seconds=5)),
        (-20.0, timedelta(seconds=5)),
        (float("nan"), timedelta(seconds=5)),
        (120.0, timedelta(seconds=120)),
        (315_360_000.0, timedelta(hours=24)),
        (float("inf"), timedelta(hours=24)),
    ],
)
def test_t51_retry_after_is_a_floor_clamped_to_a_day(retry_after, wait):
    after = after_attempt(1, RetryLater(reason="HTTP 429", retry_after=retry_after), now=NOW, jitter=0.0)
    assert after.next_attempt_at == NOW + wait


def test_those_who_still_need_the_message_are_kept():
    after = after_attempt(1, RetryLater(reason="450", recipients=("b@example.org",)), now=NOW, jitter=0.0)
    assert after.recipients == ("b@example.org",)


@given(
    attempts=st.integers(0, 30),
    retry_after=st.none() | st.floats(),
    jitter=st.floats(0, 1),
)
def test_a_retry_is_never_early_and_never_too_late(attempts, retry_after, jitter):
    after = after_attempt(attempts, RetryLater(reason="x", retry_after=retry_after), now=NOW, jitter=jitter)
    if after.state == "retry":
        assert WAITS[max(attempts, 1)] <= after.next_attempt_at - NOW <= LONGEST_WAIT * (1 + SPREAD)
    else:
        assert attempts >= MOST_ATTEMPTS
