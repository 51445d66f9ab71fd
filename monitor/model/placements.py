"""Which story an article belongs to, or what it copies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.model.texts import Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A stored article that may be the same text or the same story, as far as ``place`` needs it."""

    article_id: int
    title: str
    text: str
    site: str | None
    url: str
    published: datetime | None
    seen: datetime
    fingerprint: Fingerprint | None
    story_id: int | None
    duplicate_of: int | None = None
    countries: tuple[str, ...] = ()
    lang: str | None = None
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """The article is a copy: of which, how alike (0..1), and why in words."""

    of: int
    story_id: int | None
    similarity: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joins:
    """The article reports the event of an existing story."""

    story_id: int
    similarity: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """The article opens a story of its own."""

    why: str = "nothing like it in the window"


Placement = Duplicate | Joins | Starts
