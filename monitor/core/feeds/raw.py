"""What a format's reader hands on: the feed's words as they stand, before anything is decoded, resolved or cut."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple


class Markup(NamedTuple):
    """Text and whether it is HTML; plain text that looks like HTML is read as HTML all the same."""

    text: str
    html: bool = True


NOTHING = Markup("")


@dataclass(slots=True)
class RawEntry:
    """``guid_is_link`` says that the guid may stand in for a missing link. ``base`` is what relative links refer to."""

    guid: str = ""
    guid_is_link: bool = False
    link: str = ""
    title: Markup = NOTHING
    summary: Markup = NOTHING
    content: Markup = NOTHING
    authors: list[str] = field(default_factory=list)
    published: str = ""
    updated: str = ""
    tags: list[str] = field(default_factory=list)
    image: str = ""
    enclosures: list[str] = field(default_factory=list)
    lang: str = ""
    point: str = ""
    base: str = ""


@dataclass(slots=True)
class RawFeed:
    """``skip_hours`` and ``skip_days`` hold the feed's words; ``period`` and ``frequency`` are of RSS's syndication."""

    format: str
    title: Markup = NOTHING
    link: str = ""
    lang: str = ""
    base: str = ""
    ttl: str = ""
    period: str = ""
    frequency: str = ""
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)
    entries: list[RawEntry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def wish(self) -> timedelta | None:
        """How often the feed wants to be asked: ``ttl`` in minutes, else period by frequency; ``None`` for nonsense."""
        if (minutes := _number(self.ttl)) > 0:
            return timedelta(minutes=min(minutes, 525_600))
        hours = _PERIODS.get(self.period.strip().lower())
        if hours is None:
            return None
        return timedelta(hours=hours) / min(max(_number(self.frequency), 1.0), 1000.0)


_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}


def _number(text: str) -> float:
    text = text.strip()[:12]
    return float(text) if text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit() else 0.0
