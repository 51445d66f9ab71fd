"""Why a feed is polled when it is, in lines for a person."""

from __future__ import annotations

from datetime import datetime

from monitor.core.polling.pace import Pace, words
from monitor.model import Feed


def explain_schedule(feed: Feed, pace: Pace, now: datetime) -> list[str]:
    """The schedule of one feed: the next poll, its reason, and everything that it was decided by."""
    state = feed.state
    least, most = pace.of(feed)
    own = feed.spec.every_least is not None or feed.spec.every_most is not None
    lines = [_next(feed, now), f"because: {state.reason or 'it has not been polled yet'}"]
    if state.interval is not None:
        lines.append(f"interval: {words(state.interval)} while it is well, and up to {pace.jitter_share:.0%} at random")
    lines.append(f"limits: {words(least)} to {words(most)} ({'of this feed' if own else 'general'})")
    if state.new_rate is not None:
        lines.append(f"new entries: about {state.new_rate:.3g} a day")
    if state.last_success_at is not None:
        lines.append(f"last valid answer: {words(now - state.last_success_at)} ago")
    if state.last_full_at is not None:
        due = pace.full_every - (now - state.last_full_at)
        when = f"in {words(due)} at the latest" if due.total_seconds() > 0 else "at the next poll"
        lines.append(
            f"asked without a condition: {when}" + ("" if state.validators_url else " (the server gives no validators)")
        )
    if state.failures:
        lines.append(
            f"failures: weight {state.failures:g} since the last valid answer (hard 1, soft 0.5, temporary 0.25)"
        )
    if state.problem:
        lines.append(f"problem: {state.problem}: {state.problem_detail}")
    if state.redirect is not None:
        evidence = state.redirect
        lines.append(
            f"redirect: to {evidence.target}, {evidence.count} of {pace.redirect_count} times in a row, for "
            f"{words(now - evidence.first_seen)} of {words(pace.redirect_for)}"
        )
    return lines


def _next(feed: Feed, now: datetime) -> str:
    state = feed.state
    if state.disabled:
        return f"not polled: {state.disabled}"
    if not feed.spec.enabled:
        return "not polled: switched off by the operator"
    if state.next_poll_at is None or state.next_poll_at <= now:
        return "next poll: now"
    return f"next poll: {state.next_poll_at:%Y-%m-%d %H:%M:%S} UTC, in {words(state.next_poll_at - now)}"
