"""What one poll comes to: which entries are new, changed or held back, and when the feed is asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core.polling.answers import (
    after_failed,
    after_not_modified,
    after_rejected,
    body_hash,
    kept_problem,
    remembered_validators,
)
from monitor.core.polling.identity import recognise
from monitor.core.polling.judgement import Judgement, judge
from monitor.core.polling.pace import Pace, after_success, first_rate, new_rate, words
from monitor.core.polling.redirects import follow_redirects
from monitor.model import (
    Document,
    Feed,
    FeedRejected,
    FeedState,
    Fetched,
    FetchFailed,
    KnownEntry,
    Notice,
    NotModified,
    ParsedFeed,
    PollPlan,
)


def plan_poll(
    feed: Feed,
    fetched: Fetched,
    parsed: ParsedFeed | FeedRejected | None,
    known: Sequence[KnownEntry],
    *,
    pace: Pace,
    now: datetime,
    jitter: float,
    outage: bool = False,
) -> PollPlan:
    """Decide all that one poll changes. Pure; ``jitter`` is in [0, 1).

    ``parsed`` is ``None`` where there is no document or ``body_unchanged``. ``known`` are the stored entries that share
    any key with those of the document (``document_keys``). ``outage``: most hosts fail, so nothing counts against this
    one. ``PollPlan.outcome`` is one of ``new changed unchanged empty not_modified rejected failed gone outage``.
    """
    feed = replace(feed, state=replace(feed.state, first_polled_at=feed.state.first_polled_at or now))
    if isinstance(fetched, FetchFailed):
        return after_failed(feed, fetched, pace=pace, now=now, jitter=jitter, outage=outage)
    if isinstance(fetched, NotModified):
        return after_not_modified(feed, fetched, pace=pace, now=now, jitter=jitter)
    if isinstance(parsed, FeedRejected):
        return after_rejected(feed, parsed, pace=pace, now=now, jitter=jitter, outage=outage)
    if parsed is None:
        return _unchanged(feed, fetched, pace=pace, now=now, jitter=jitter)
    return _document(feed, fetched, parsed, known, pace=pace, now=now, jitter=jitter)


def _unchanged(feed: Feed, document: Document, *, pace: Pace, now: datetime, jitter: float) -> PollPlan:
    """The bytes are those of the last time, and were understood then."""
    rate = new_rate(feed, 0, now, pace)
    slot = after_success(feed, None, document.headers, rate=rate, pace=pace, now=now, jitter=jitter)
    moved = follow_redirects(feed, document.redirects, document.final_url, overlap=False, pace=pace, now=now)
    problem = kept_problem(feed.state)
    etag, last_modified, url = (None, None, None) if problem == "cut_off" else remembered_validators(document)
    state = replace(
        _well(feed.state, now),
        problem=problem,
        problem_detail=feed.state.problem_detail if problem else "",
        etag=etag,
        last_modified=last_modified,
        validators_url=url,
        last_full_at=now,
        new_rate=rate,
        next_poll_at=slot.at,
        interval=slot.interval,
        reason=slot.reason,
        redirect=moved.evidence,
    )
    return PollPlan(outcome="unchanged", state=state, notices=_recovered(feed, now))


def _document(
    feed: Feed,
    document: Document,
    parsed: ParsedFeed,
    known: Sequence[KnownEntry],
    *,
    pace: Pace,
    now: datetime,
    jitter: float,
) -> PollPlan:
    sightings = recognise(parsed.entries, known)
    half = parsed.entries[-1] if parsed.cut_off and parsed.entries else None
    judged = judge(feed, sightings, half=half, pace=pace, now=now)
    seen = tuple(s.known.id for s in sightings if s.known is not None)
    waiting = judged.waiting > 0
    if feed.state.last_full_at is None:
        rate = first_rate([s.entry.published for s in sightings if s.entry.published], now)
    else:
        rate = new_rate(feed, sum(not new.backlog for new in judged.new), now, pace)
    slot = after_success(
        feed,
        parsed,
        document.headers,
        rate=rate,
        pace=pace,
        now=now,
        jitter=jitter,
        soon=waiting and not judged.unstable,
    )
    if judged.unstable:
        slot = replace(
            slot,
            at=max(slot.at, now + max(pace.of(feed)[1], timedelta(hours=1))),
            reason="its entries are never the same twice",
        )
    moved = follow_redirects(feed, document.redirects, document.final_url, overlap=bool(seen), pace=pace, now=now)
    etag, last_modified, url = remembered_validators(document)
    if waiting or moved.target or parsed.cut_off:  # or a 304 would hide the rest of it
        etag = last_modified = url = None
    problem, detail = _problem(feed, parsed, judged, moved.evidence is not None and moved.evidence.count > 1)
    state = replace(
        _well(feed.state, now),
        etag=etag,
        last_modified=last_modified,
        validators_url=url,
        body_hash=None if waiting else body_hash(document.body),
        # a first document too long for one poll is a first document still at the next
        last_full_at=None if waiting and feed.state.last_full_at is None else now,
        last_new_at=now if judged.new else feed.state.last_new_at,
        new_rate=rate,
        next_poll_at=slot.at,
        interval=slot.interval,
        reason=slot.reason,
        redirect=moved.evidence,
        title=parsed.title or feed.state.title,
        link=parsed.link or feed.state.link,
        format=parsed.format,
        unstable=judged.unstable,
        problem=problem,
        problem_detail=detail,
    )
    outcome = "new" if judged.new else "changed" if judged.changed else "unchanged" if sightings else "empty"
    return PollPlan(
        outcome=outcome,
        state=state,
        new=judged.new,
        changed=judged.changed,
        seen=seen,
        url=moved.target,
        notices=(*_recovered(feed, now), *judged.notices, *moved.notices),
    )


def _well(state: FeedState, now: datetime) -> FeedState:
    disabled = None if state.problem == "gone" else state.disabled
    return replace(
        state, last_polled_at=now, last_success_at=now, failures=0.0, problem=None, problem_detail="", disabled=disabled
    )


def _problem(feed: Feed, parsed: ParsedFeed, judged: Judgement, moving: bool) -> tuple[str | None, str]:
    """What ``feeds health`` should show of a valid document, and a line about it."""
    if parsed.cut_off:
        return "cut_off", "the document ends in the middle; what stands before that is read"
    if judged.problem:
        return judged.problem, judged.detail
    if not parsed.entries and feed.state.last_new_at is not None:
        return "empty", "a valid feed without entries, which had some before"
    if parsed.entries and not any(entry.published or entry.updated for entry in parsed.entries):
        return "undated", "no entry has a date that can be read: the time of the poll stands in"
    if moving:
        return "moved", "it answers by a permanent redirect, which is believed once it has stayed the same for long"
    return None, ""


def _recovered(feed: Feed, now: datetime) -> tuple[Notice, ...]:
    if feed.state.failures < 1 or feed.state.last_success_at is None:
        return ()
    text = f"works again after {words(now - feed.state.last_success_at)} ({feed.state.problem or 'failures'})"
    return (Notice(kind="feed_recovered", text=text, feed_id=feed.id),)
