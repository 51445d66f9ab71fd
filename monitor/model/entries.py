"""What a feed's document gives: entries, or why it is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal


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
