"""Which entries of a document are stored as news, which as backlog, which are versions of known ones.

Held as backlog are old entries, all of a first document, and floods: entries that come back under other identities are
recognised, strangers in masses are stored quietly and said once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from monitor.core.polling.identity import Sighting, content_hash
from monitor.core.polling.pace import Pace, words
from monitor.core.urls import canonical_url
from monitor.model import ChangedEntry, Feed, NewEntry, Notice, ParsedEntry

FUTURE = timedelta(hours=1)
"""How far ahead of our clock a date may be; one further ahead counts as now."""

BEFORE_FEEDS = datetime(1990, 1, 1, tzinfo=UTC)
"""Older dates (year 1, 1970) are slips of a program and count as missing."""

FLOOD = 100
"""Entries of a document in which nothing is known that hardly any feed publishes between two polls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """``problem`` is remembered until the next document: only what happens twice in a row marks a feed unstable."""

    new: tuple[NewEntry, ...]
    changed: tuple[ChangedEntry, ...]
    notices: tuple[Notice, ...]
    waiting: int = 0
    unstable: bool = False
    problem: str | None = None
    detail: str = ""


def judge(
    feed: Feed, sightings: Sequence[Sighting], *, half: ParsedEntry | None = None, pace: Pace, now: datetime
) -> Judgement:
    """What comes of the entries of one document. ``half`` is the one in the middle of which the document ends: what it
    lacks is no change of it.
    """
    fresh = [s for s in sightings if s.known is None]
    changes = [change for s in sightings if s.entry is not half and (change := _change(s)) is not None]
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
) -> Judgement:
    """The new entries, at most ``max_new`` of them; the rest waits in the feed for the next poll, and is counted."""
    new = tuple(_new(feed, s, held.get(s.keys.identity, ""), pace=pace, now=now) for s in fresh[: pace.max_new])
    waiting = len(fresh) - len(new)
    if waiting:
        text = f"{len(fresh):,} new entries at once: {len(new):,} stored, {waiting:,} wait for the next poll"
        notices.append(Notice(kind="many_entries", text=text, feed_id=feed.id))
    return Judgement(new=new, changed=tuple(changes), notices=tuple(notices), waiting=waiting)


def _turnover(feed: Feed, fresh: Sequence[Sighting], *, pace: Pace, now: datetime) -> Judgement:
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
    return Judgement(
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
) -> Judgement:
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
