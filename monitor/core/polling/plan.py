"""What one poll comes to: which entries are new, changed or held back, and when the feed is asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from monitor.core.polling.answers import (
    after_failed,
    after_not_modified,
    after_rejected,
    body_hash,
    remembered_validators,
)
from monitor.core.polling.identity import Sighting, content_hash, recognise
from monitor.core.polling.pace import Pace, after_success, first_rate, new_rate, words
from monitor.core.polling.redirects import follow_redirects
from monitor.core.urls import canonical_url
from monitor.model import (
    ChangedEntry,
    Document,
    Feed,
    FeedRejected,
    FeedState,
    Fetched,
    FetchFailed,
    KnownEntry,
    NewEntry,
    Notice,
    NotModified,
    ParsedEntry,
    ParsedFeed,
    PollPlan,
)

FUTURE = timedelta(hours=1)
"""How far ahead of our clock a date may be; one further ahead counts as now."""

BEFORE_FEEDS = datetime(1990, 1, 1, tzinfo=UTC)
"""Older dates (year 1, 1970) are slips of a program and count as missing."""

FLOOD = 100
"""Entries of a document in which nothing is known that hardly any feed publishes between two polls."""


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
    etag, last_modified, url = remembered_validators(document)
    state = replace(
        _well(feed.state, now),
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
    judged = _judge(feed, sightings, pace=pace, now=now)
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
    if waiting or moved.target:
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


# --- new, changed, held ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judgement:
    """``problem`` is remembered until the next document: only what happens twice in a row marks a feed unstable."""

    new: tuple[NewEntry, ...]
    changed: tuple[ChangedEntry, ...]
    notices: tuple[Notice, ...]
    waiting: int = 0
    unstable: bool = False
    problem: str | None = None
    detail: str = ""


def _judge(feed: Feed, sightings: Sequence[Sighting], *, pace: Pace, now: datetime) -> _Judgement:
    fresh = [s for s in sightings if s.known is None]
    changes = [change for s in sightings if (change := _change(s)) is not None]
    remapped = sum(
        s.via in ("url", "title") and s.known is not None and s.known.keys.guid != s.keys.guid for s in sightings
    )
    notices: list[Notice] = []
    if feed.state.last_full_at is None:
        held = {s.keys.identity: reason for s in fresh if (reason := _first(s.entry, pace, now))}
        return _take(feed, fresh, changes, held, notices, pace=pace, now=now)

    if fresh and len(fresh) == len(sightings) >= pace.storm_least and _implausible(feed, fresh, now):
        return _turnover(feed, fresh, pace=pace, now=now)

    if remapped >= max(2, len(sightings) / 2):
        return _remapped(feed, fresh, changes, remapped, pace=pace, now=now)

    held = {}
    if len(fresh) >= pace.storm_least and len(fresh) > pace.storm_share * len(sightings):
        since = feed.state.last_success_at or now
        for s in fresh:
            if (date := _date(s.entry, now)) is not None and date < since - timedelta(days=1):
                held[s.keys.identity] = f"one of {len(fresh)} entries that came at once, dated before the last poll"
        if held:
            text = f"{len(fresh)} of {len(sightings)} entries are new at once; {len(held)} with old dates are backlog"
            notices.append(Notice(kind="old_entries_held", text=text, feed_id=feed.id))
    return _take(feed, fresh, changes, held, notices, pace=pace, now=now)


def _take(
    feed: Feed,
    fresh: Sequence[Sighting],
    changes: Sequence[ChangedEntry],
    held: dict[str, str],
    notices: list[Notice],
    *,
    pace: Pace,
    now: datetime,
) -> _Judgement:
    """The new entries, at most ``max_new`` of them; the rest waits in the feed for the next poll, and is counted."""
    new = tuple(_new(feed, s, held.get(s.keys.identity, ""), pace=pace, now=now) for s in fresh[: pace.max_new])
    waiting = len(fresh) - len(new)
    if waiting:
        text = f"{len(fresh):,} new entries at once: {len(new):,} stored, {waiting:,} wait for the next poll"
        notices.append(Notice(kind="many_entries", text=text, feed_id=feed.id))
    return _Judgement(new=new, changed=tuple(changes), notices=tuple(notices), waiting=waiting)


def _turnover(feed: Feed, fresh: Sequence[Sighting], *, pace: Pace, now: datetime) -> _Judgement:
    """Nothing in the document is known, and not because so much was published: held; the second time, unstable."""
    again = feed.state.unstable or feed.state.problem == "all_new"
    keep = pace.unstable_keep if again else pace.max_new
    why = "the feed's entries are never the same twice" if again else "every entry of the feed is new at once"
    new = tuple(_new(feed, s, why, pace=pace, now=now) for s in fresh[:keep])
    left = len(fresh) - len(new)
    detail = f"all {len(fresh):,} entries are new to us" + (f"; {left:,} are not stored" if left else "")
    kind = "unstable" if again else "all_new"
    repeated = feed.state.unstable and not left
    notices = (
        () if repeated else (Notice(kind=kind, text=f"{detail}; {len(new):,} are held as backlog", feed_id=feed.id),)
    )
    return _Judgement(
        new=new,
        changed=(),
        notices=notices,
        waiting=0,
        unstable=again,
        problem="unstable" if again else "all_new",
        detail=detail,
    )


def _remapped(
    feed: Feed,
    fresh: Sequence[Sighting],
    changes: Sequence[ChangedEntry],
    count: int,
    *,
    pace: Pace,
    now: datetime,
) -> _Judgement:
    """Most guids are others than before: known by address or title. At every poll so: the guids are not kept at all."""
    again = feed.state.unstable or feed.state.problem == "remapped"
    detail = f"{count:,} entries came back with other ids and were recognised by address or title"
    notices = [] if again else [Notice(kind="identity_remap", text=detail, feed_id=feed.id)]
    kept = [c for c in changes if c.cause == "content"] if again else changes
    taken = _take(feed, fresh, kept, {}, notices, pace=pace, now=now)
    return replace(taken, problem="remapped", detail=detail, unstable=False)


def _implausible(feed: Feed, fresh: Sequence[Sighting], now: datetime) -> bool:
    """Whether a whole document cannot have been published since the last one: dated before it, or far more than usual.

    A feed that was so once stays so until a document holds something that we know.
    """
    state = feed.state
    if state.unstable or state.problem == "all_new" or state.last_success_at is None:
        return True
    dates = [s.entry.published or s.entry.updated for s in fresh]
    if sum(date is not None and date > state.last_success_at - FUTURE for date in dates) * 2 < len(fresh):
        return True
    elapsed = (now - state.last_success_at) / timedelta(days=1)
    return len(fresh) >= FLOOD and elapsed < 1 and len(fresh) > 3 * (state.new_rate or 0) * elapsed


def _change(sighting: Sighting) -> ChangedEntry | None:
    known = sighting.known
    if known is None:
        return None
    digest = content_hash(sighting.entry)
    if digest == known.content_hash and sighting.keys == known.keys:
        return None
    return ChangedEntry(
        known=known,
        keys=sighting.keys,
        entry=sighting.entry,
        content_hash=digest,
        cause="content" if digest != known.content_hash else "remap",
    )


def _new(feed: Feed, sighting: Sighting, held: str, *, pace: Pace, now: datetime) -> NewEntry:
    entry, keys = sighting.entry, sighting.keys
    date = _date(entry, now)
    if not held and date is not None and date < now - pace.alert_window:
        held = f"dated {date:%Y-%m-%d}, more than {words(pace.alert_window)} ago"
    return NewEntry(
        keys=keys,
        entry=entry,
        content_hash=content_hash(entry),
        # an entry without an address is an article of its own, under a name that nobody can fetch
        canonical_url=canonical_url(entry.url) if entry.url else f"urn:monitor:entry:{feed.id}:{keys.identity}",
        published=date or now,
        backlog=bool(held),
        backlog_reason=held,
    )


def _date(entry: ParsedEntry, now: datetime) -> datetime | None:
    """When the entry was published, as far as it can be believed: never ahead of ``now``, ``None`` for nonsense."""
    date = entry.published or entry.updated
    if date is None or date < BEFORE_FEEDS:
        return None
    return now if date > now + FUTURE else date


def _first(entry: ParsedEntry, pace: Pace, now: datetime) -> str:
    date = _date(entry, now)
    young = date is not None and now - pace.first_window <= date and pace.first_window > timedelta(0)
    return "" if young else "in the feed before we first read it"


# --- state -----------------------------------------------------------------------------------------


def _well(state: FeedState, now: datetime) -> FeedState:
    disabled = None if state.problem == "gone" else state.disabled
    return replace(
        state, last_polled_at=now, last_success_at=now, failures=0.0, problem=None, problem_detail="", disabled=disabled
    )


def _problem(feed: Feed, parsed: ParsedFeed, judged: _Judgement, moving: bool) -> tuple[str | None, str]:
    """What ``feeds health`` should show of a valid document, and a line about it."""
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
