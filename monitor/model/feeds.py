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
