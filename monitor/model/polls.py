"""What a poll comes to: which entries are new, which have changed, when to ask again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from monitor.model.entries import ParsedEntry
    from monitor.model.feeds import FeedState


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
