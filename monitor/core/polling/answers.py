"""What is asked of a feed's server, and what every answer but a document comes to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from monitor.core.polling.pace import Pace, after_failure, after_success, new_rate, words
from monitor.core.polling.redirects import follow_redirects
from monitor.model import (
    Document,
    Feed,
    FeedRejected,
    FeedState,
    FetchFailed,
    Notice,
    NotModified,
    PollPlan,
    Request,
)

WEIGHTS = {"hard": 1.0, "soft": 0.5, "temporary": 0.25}

_BUILD_DATE = re.compile(rb"<lastBuildDate>[^<]{0,100}</lastBuildDate>", re.IGNORECASE)
_VALIDATOR = 1_000
"""Characters of an ETag or Last-Modified that are worth keeping."""


def request_for(feed: Feed, *, now: datetime, pace: Pace) -> Request:
    """Conditional where the validators belong to this very address and the last whole document is not too old."""
    state = feed.state
    recent = state.last_full_at is not None and now - state.last_full_at < pace.full_every
    if not recent or state.validators_url != feed.spec.url:
        return Request(url=feed.spec.url, kind="feed")
    return Request(url=feed.spec.url, kind="feed", etag=state.etag, last_modified=state.last_modified)


def body_hash(body: bytes) -> str:
    """Of the document without the time at which it was generated."""
    return blake2b(_BUILD_DATE.sub(b"", body), digest_size=16).hexdigest()


def body_unchanged(feed: Feed, document: Document) -> bool:
    """Whether these bytes were understood, and their entries stored, at an earlier poll: they need no parser."""
    return feed.state.body_hash is not None and feed.state.body_hash == body_hash(document.body)


def remembered_validators(document: Document) -> tuple[str | None, str | None, str | None]:
    """ETag, Last-Modified and their address; nothing where a redirect answered, for they belong to its target."""
    etag, last_modified = document.headers.get("etag"), document.headers.get("last-modified")
    if document.final_url != document.url or not (etag or last_modified):
        return None, None, None
    return _kept(etag), _kept(last_modified), document.url


def outage_now(recent: Iterable[tuple[str, bool]], *, least_hosts: int = 5, share: float = 0.8) -> bool:
    """Whether our own network fails: of ``least_hosts`` hosts or more, ``share`` failed at their last answer.

    ``recent`` is (host, failed) of the last few minutes, oldest first. Only failures without an answer (DNS, connect,
    TLS, time-out) should be called failed.
    """
    last = dict(recent)
    return len(last) >= least_hosts and sum(last.values()) >= share * len(last)


def after_not_modified(feed: Feed, answer: NotModified, *, pace: Pace, now: datetime, jitter: float) -> PollPlan:
    """304. Where it answers a request without validators, the server repeats itself and hides what is new."""
    state = feed.state
    rate = new_rate(feed, 0, now, pace)
    slot = after_success(feed, None, answer.headers, rate=rate, pace=pace, now=now, jitter=jitter)
    stale = state.last_full_at is None or now - state.last_full_at > pace.full_every + timedelta(hours=1)
    moved = follow_redirects(feed, answer.redirects, answer.final_url, overlap=False, pace=pace, now=now)
    new_state = replace(
        state,
        last_polled_at=now,
        last_success_at=state.last_success_at if stale else now,
        failures=0.0,
        problem="stale_304" if stale else kept_problem(state),
        problem_detail="the server says “not modified” also when asked without a condition"
        if stale
        else state.problem_detail,
        new_rate=rate,
        next_poll_at=slot.at,
        interval=slot.interval,
        reason=slot.reason,
        redirect=moved.evidence,
    )
    notices = _silence(feed, now, pace) if stale else ()
    return PollPlan(outcome="not_modified", state=new_state, notices=notices)


def after_failed(
    feed: Feed, failure: FetchFailed, *, pace: Pace, now: datetime, jitter: float, outage: bool
) -> PollPlan:
    """No document. 410 ends polling; in an outage nothing counts against the feed; all else is tried again later."""
    if failure.status == 410:
        return _gone(feed, failure, now)
    if outage and failure.status is None:
        return _outage(feed, pace=pace, now=now, jitter=jitter)
    limited = failure.status in (429, 503) and (failure.status == 429 or failure.retry_after is not None)
    refused = failure.status in (401, 402, 403, 451) or failure.reason in ("robots", "blocked_address")
    own = failure.reason if failure.reason in ("too_large", "cut_off") else "unreachable"
    problem = "rate_limited" if limited else "refused" if refused else own
    return _failed(
        feed,
        "failed",
        WEIGHTS[failure.weight],
        problem,
        failure.detail,
        retry_after=failure.retry_after,
        pace=pace,
        now=now,
        jitter=jitter,
    )


def after_rejected(
    feed: Feed, rejected: FeedRejected, *, pace: Pace, now: datetime, jitter: float, outage: bool
) -> PollPlan:
    """A document that is no feed: an error, never "no new entries". Poison costs a worker's life and weighs double."""
    if outage and rejected.reason in ("html", "login_page"):
        return _outage(feed, pace=pace, now=now, jitter=jitter)
    problem = {"empty": "empty", "poison": "poison", "too_large": "too_large"}.get(rejected.reason, "not_a_feed")
    weight = WEIGHTS["hard" if rejected.reason == "poison" else "soft"]
    return _failed(
        feed, "rejected", weight, problem, rejected.detail, retry_after=None, pace=pace, now=now, jitter=jitter
    )


def _failed(
    feed: Feed,
    outcome: str,
    weight: float,
    problem: str,
    detail: str,
    *,
    retry_after: float | None,
    pace: Pace,
    now: datetime,
    jitter: float,
) -> PollPlan:
    failures = feed.state.failures + weight
    slot = after_failure(feed, failures, retry_after=retry_after, pace=pace, now=now, jitter=jitter)
    state = replace(
        feed.state,
        last_polled_at=now,
        failures=failures,
        next_poll_at=slot.at,
        reason=slot.reason,
        problem=problem,
        problem_detail=detail,
    )
    return PollPlan(outcome=outcome, state=state, notices=_silence(feed, now, pace))


def _outage(feed: Feed, *, pace: Pace, now: datetime, jitter: float) -> PollPlan:
    least, _ = pace.of(feed)
    reason = "most hosts fail together: our own network, so this does not count against the feed"
    at = now + least * (1 + pace.jitter_share * jitter)
    return PollPlan(outcome="outage", state=replace(feed.state, last_polled_at=now, next_poll_at=at, reason=reason))


def _gone(feed: Feed, failure: FetchFailed, now: datetime) -> PollPlan:
    state = replace(
        feed.state,
        last_polled_at=now,
        next_poll_at=None,
        reason="disabled: the server says that the feed is gone (410)",
        problem="gone",
        problem_detail=failure.detail,
        disabled="gone: the server answers 410",
    )
    text = f"{feed.spec.name}: the server says that the feed is gone for good (410); it is polled no more"
    return PollPlan(outcome="gone", state=state, notices=(Notice(kind="feed_gone", text=text, feed_id=feed.id),))


def _silence(feed: Feed, now: datetime, pace: Pace) -> tuple[Notice, ...]:
    """One notice, at the first poll that finds the feed without a valid document for ``alarm_after``."""
    since = feed.state.last_success_at or feed.state.first_polled_at
    if since is None or now - since < pace.alarm_after:
        return ()
    before = feed.state.last_polled_at
    if before is not None and before - since >= pace.alarm_after:
        return ()
    text = f"{feed.spec.name}: no valid document for {words(now - since)}"
    return (Notice(kind="feed_silent", text=text, feed_id=feed.id),)


def kept_problem(state: FeedState) -> str | None:
    """What the last document showed stays true while it does not change; what a failure showed is over."""
    return (
        state.problem if state.problem in ("undated", "cut_off", "unstable", "all_new", "remapped", "empty") else None
    )


def _kept(validator: str | None) -> str | None:
    return validator if validator and len(validator) <= _VALIDATOR and validator.isprintable() else None
