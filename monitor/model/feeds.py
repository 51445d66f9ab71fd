"""Feeds, their entries, and what a poll comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """What the operator says of a feed. ``None`` takes the group's or the general setting."""

    url: str
    name: str
    group: str = "default"
    tags: tuple[str, ...] = ()
    lang: str | None = None
    country: str | None = None
    tier: int = 2
    every_least: timedelta | None = None
    every_most: timedelta | None = None
    fetch_pages: bool = True
    enabled: bool = True


Origin = Literal["config", "command"]
"""Where a feed or rule was written: in the configuration file (read-only to commands) or by a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectEvidence:
    """Identical permanent redirects seen in a row for one feed."""

    target: str
    count: int
    first_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What polling knows of a feed; every field is a column, and only ``plan_poll`` makes new ones.

    ``failures`` is a weighted sum since the last success. ``new_rate`` is the moving average of new entries
    per day. ``interval`` is what was chosen at the last poll, ``reason`` why, in words. ``problem`` is the kind
    that ``feeds health`` shows (``None``: well). ``validators_url`` is the address that ``etag`` and
    ``last_modified`` belong to.
    """

    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None
    body_hash: str | None = None
    next_poll_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_full_at: datetime | None = None
    last_new_at: datetime | None = None
    first_polled_at: datetime | None = None
    failures: float = 0.0
    interval: timedelta | None = None
    new_rate: float | None = None
    reason: str = ""
    problem: str | None = None
    problem_detail: str = ""
    disabled: str | None = None
    redirect: RedirectEvidence | None = None
    title: str | None = None
    link: str | None = None
    format: str | None = None
    unstable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as stored: its row id, what the operator says, what polling knows.

    ``listed_url`` is the address as the operator wrote it; ``spec.url`` differs once the feed has moved.
    """

    id: int
    spec: FeedSpec
    origin: Origin
    state: FeedState
    listed_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One entry as the feed gives it: plain text, control characters removed, lengths bounded.

    ``summary`` is the feed's short text, ``content`` its full text where it has one (else empty).
    ``published`` and ``updated`` are as the feed says, unclamped; ``truncated`` names fields that were cut.
    """

    guid: str | None
    url: str | None
    title: str
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    enclosures: tuple[str, ...] = ()
    lang: str | None = None
    point: tuple[float, float] | None = None
    truncated: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The longest text that the feed itself gives."""
        return self.content if len(self.content) > len(self.summary) else self.summary


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document understood. ``ttl`` is the feed's own wish; ``skip_hours`` are in UTC, ``skip_days`` 0=Monday."""

    format: str
    title: str
    link: str | None
    entries: tuple[ParsedEntry, ...]
    lang: str | None = None
    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    cut_off: bool = False
    """The document ends in the middle; what stands before is read."""


FeedFault = Literal["not_a_feed", "html", "login_page", "empty", "hostile_xml", "too_large", "malformed", "poison"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRejected:
    """The bytes are no feed that we may read; ``detail`` is one line for a person."""

    reason: FeedFault
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKeys:
    """What an entry can be recognised by; each key is a short stable string or ``None``.

    ``identity`` is the first key there is, and the one that is unique in the feed.
    """

    identity: str
    guid: str | None
    url: str | None
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What is stored of an entry of this feed, as far as ``plan_poll`` needs it."""

    id: int
    keys: EntryKeys
    content_hash: str
    article_id: int
    published: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to store. ``backlog`` entries are classified but never alerted."""

    keys: EntryKeys
    entry: ParsedEntry
    content_hash: str
    canonical_url: str
    published: datetime
    backlog: bool
    backlog_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedEntry:
    """A known entry whose content changed (``content``), or only its keys (``remap``)."""

    known: KnownEntry
    keys: EntryKeys
    entry: ParsedEntry
    content_hash: str
    cause: Literal["content", "remap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the operator should know: ``kind`` is a stable word, ``text`` one line."""

    kind: str
    text: str
    feed_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPlan:
    """What one poll comes to; saved in one transaction. ``outcome`` is the word kept in the poll history."""

    outcome: str
    state: FeedState
    new: tuple[NewEntry, ...] = ()
    changed: tuple[ChangedEntry, ...] = ()
    seen: tuple[int, ...] = ()
    url: str | None = None
    notices: tuple[Notice, ...] = ()
