"""Pages, texts, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

BodyStatus = Literal[
    "page", "feed", "wall", "paywall", "error_page", "empty", "robots", "unreachable", "poison", "not_html", "wrapper"
]
"""Where the stored body comes from: ``page`` the extracted page; ``paywall`` what it shows, or what the feed has,
whichever is more; any other word: the feed's own text, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What a page says. ``status`` is ``page`` where ``text`` is the article's body."""

    status: BodyStatus
    detail: str = ""
    title: str = ""
    text: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    site: str | None = None
    lang: str | None = None
    image: str | None = None
    tags: tuple[str, ...] = ()
    canonical_url: str | None = None
    caption_people: tuple[str, ...] = ()


TextField = Literal["title", "summary", "body", "author"]


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text field, in code points of the stored text; ``node`` is the query term that it satisfies."""

    field: str
    start: int
    end: int
    node: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTerm:
    """One occurrence that counted towards a topic."""

    term: str
    field: str
    start: int
    end: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMatch:
    """A topic over its threshold, with all that counted for and against it."""

    name: str
    score: float
    terms: tuple[TopicTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class CountryMention:
    """ISO 3166-1 alpha-2 and how often the text speaks of it."""

    code: str
    mentions: int


@dataclass(frozen=True, slots=True)
class Person:
    """A person named with a role or office."""

    name: str
    role: str | None = None
    org: str | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """Direct speech. ``start`` and ``end`` enclose the words without their quotation marks, in the body.

    ``speaker`` is the source as the text words it: a name, a description, a pronoun. ``person`` is the fullest name
    that the text has for it, ``None`` where that is not certain.
    """

    text: str
    speaker: str | None
    start: int
    end: int
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """An event date or a number in the lead, or the dateline before it: ``value`` is an ISO date, a number, the code
    of the country that the report was written in (empty: not known); ``text`` is as written.
    """

    kind: Literal["date", "number", "dateline"]
    value: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Near-duplicates: ``bands`` are the look-up keys, ``signature`` the MinHash, ``size`` the count of shingles."""

    bands: tuple[int, ...]
    signature: bytes
    size: int
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The text of an article as analysed and stored: what queries and offsets refer to."""

    title: str
    body: str
    summary: str = ""
    authors: tuple[str, ...] = ()
    url: str = ""
    site: str | None = None
    lang: str | None = None
    tags: tuple[str, ...] = ()
    published: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """All that the pure core says of one text. ``blocks`` are lines of the page that may be its site's furniture."""

    text: Text
    body_status: BodyStatus = "page"
    body_detail: str = ""
    updated: datetime | None = None
    image: str | None = None
    page_url: str | None = None
    topics: tuple[TopicMatch, ...] = ()
    countries: tuple[CountryMention, ...] = ()
    people: tuple[Person, ...] = ()
    quotes: tuple[Quote, ...] = ()
    facts: tuple[Fact, ...] = ()
    fingerprint: Fingerprint | None = None
    blocks: tuple[int, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The names of all persons: those with a role or office, and those who are quoted."""
        quoted = (quote.person for quote in self.quotes if quote.person)
        return tuple(dict.fromkeys((*(person.name for person in self.people), *quoted)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One address, stored. ``seen`` is when we first knew of it, ``feed`` the name of the one that brought it first."""

    id: int
    url: str
    canonical_url: str
    feed_id: int
    feed: str
    seen: datetime
    backlog: bool
    analysis: Analysis
    state: Literal["pending", "done", "quarantined"] = "done"
    duplicate_of: int | None = None
    similarity: float | None = None
    duplicate_reason: str = ""
    story_id: int | None = None
    version: int = 1
    edited_at: datetime | None = None
