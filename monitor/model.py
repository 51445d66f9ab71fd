"""Frozen values that the rooms of the house hand to each other.

All times are aware UTC datetimes. Offsets are code points into the text they name. A value holds no
behaviour beyond what follows from its own fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

# --- the network -----------------------------------------------------------------------------------

RequestKind = Literal["feed", "page", "robots", "discovery", "webhook"]

Weight = Literal["hard", "soft", "temporary"]
"""How much a failure counts against a feed: 1, 1/2, 1/4 (after Media Cloud's rss-fetcher)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to ask for. ``etag`` and ``last_modified`` are sent only to exactly ``url``."""

    url: str
    kind: RequestKind = "page"
    etag: str | None = None
    last_modified: str | None = None
    method: Literal["GET", "POST"] = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop: the status that sent us on, and the absolute address that it named."""

    status: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole reply with a success status; ``body`` is decoded of its content coding.

    ``url`` is what was asked for, ``final_url`` what answered. ``headers`` has lower-case names, bounded.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    redirects: tuple[Redirect, ...] = ()
    elapsed: float = 0.0

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The server says 304: nothing changed since the validators that we sent."""

    url: str
    final_url: str
    headers: Mapping[str, str]
    fetched_at: datetime
    redirects: tuple[Redirect, ...] = ()
    elapsed: float = 0.0


FetchReason = Literal[
    "bad_url",
    "blocked_address",
    "dns",
    "connect",
    "tls",
    "timeout",
    "too_large",
    "bad_encoding",
    "bad_response",
    "too_many_redirects",
    "http_status",
    "robots",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """Why there is no document. ``detail`` is one line for a person, without secrets.

    ``status`` is the HTTP status where there was one. ``retry_after`` is in seconds, as the server asked.
    ``headers`` is empty where no reply came.
    """

    url: str
    reason: FetchReason
    detail: str
    weight: Weight
    fetched_at: datetime
    status: int | None = None
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    redirects: tuple[Redirect, ...] = ()
    elapsed: float = 0.0


Fetched = Document | NotModified | FetchFailed


# --- feeds and their entries -----------------------------------------------------------------------


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


# --- pages and what they say -----------------------------------------------------------------------

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


# --- copies and stories ----------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Provenance:
    """Of several copies of one text the article that it comes from: ``agency`` where one is credited or on its site,
    how many of the others credit it, and why it is taken for the origin, in words.
    """

    article_id: int
    agency: str | None
    credits: int
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The reports of one event."""

    id: int
    title: str
    first_at: datetime
    last_at: datetime
    articles: int
    copies: int
    sites: int


# --- rules, alerts, deliveries ---------------------------------------------------------------------


Trigger = Literal["each", "story", "digest", "edited", "spike", "silence-of"]
"""What a rule tells of: each article; a story and what is new in it; a digest by the clock; changes of articles that
were alerted; more reports than usual; no report at all."""

News = Literal["sources", "country", "quote", "number", "tier"]
"""What is new in a further report of a story, the lower kind first."""

GroupBy = Literal["story", "rule", "country", "topic", "feed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Whom to tell of what. ``query`` is one expression of the query language; ``version`` a hash of the definition.

    ``follow_up`` are the kinds of news for which a story that was told is told again; ``further_sources`` how many new
    independent sites make one of them. After ``window`` without a word about it a story counts as new.
    ``wait`` collects before the first message of a group, ``every`` is the least time between two messages of one.
    ``quiet`` and ``schedule`` are read by `core.alerts.times`. ``silent_for`` belongs to ``silence-of``; ``within``,
    ``at_least`` and ``chance`` to ``spike``. Empty and zero mean: not.
    """

    name: str
    query: str
    channels: tuple[str, ...]
    origin: Origin
    version: str
    priority: Literal["low", "normal", "high"] = "normal"
    trigger: Trigger = "story"
    follow_up: tuple[News, ...] = ("sources", "country", "number", "tier")
    further_sources: int = 5
    window: timedelta = timedelta(hours=24)
    wait: timedelta = timedelta(0)
    every: timedelta = timedelta(0)
    group_by: GroupBy = "story"
    quiet: str = ""
    schedule: str = ""
    send_empty: bool = False
    silent_for: timedelta = timedelta(0)
    within: timedelta = timedelta(hours=2)
    at_least: int = 5
    chance: float = 0.001
    inhibited_by: tuple[str, ...] = ()
    per_hour: int = 20
    note: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatch:
    """A rule's query holds for an article: where."""

    rule: str
    rule_version: str
    spans: tuple[Span, ...]


HoldReason = Literal[
    "backlog",
    "duplicate",
    "story_already_alerted",
    "article_already_alerted",
    "acknowledged",
    "inhibited",
    "silenced",
    "waiting",
    "digest",
    "quiet_hours",
    "capped",
    "counted",
    "never_alerted",
    "small_change",
    "rule_disabled",
    "channel_disabled",
    "no_channel",
    "too_old",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A match that sends nothing now, and why; ``refers_to`` is the alert, article, silence or group it is held for.

    ``news`` is what a report that waits in a group has to tell.
    """

    rule: str
    reason: HoldReason
    detail: str
    refers_to: str | None = None
    news: str = ""


AlertKind = Literal["article", "digest", "overflow", "correction", "spike", "silence", "drill", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert to be sent. ``id`` is stable and unique; ``key`` is unique for what it tells: the last guard.

    ``article_id`` is the first of the articles that it tells of. ``news`` are the kinds of news of a follow-up.
    """

    id: str
    key: str
    rule: str
    rule_version: str
    article_id: int
    story_id: int | None
    created_at: datetime
    priority: str
    channels: tuple[str, ...]
    kind: AlertKind = "article"
    reason: str = ""
    group_key: str = ""
    news: tuple[News, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """While it lasts, matches of its rule (or, with ``query``, of its query) are held."""

    id: int
    rule: str | None
    query: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one channel sends for one alert; rendered once, stored in the outbox, sent as it is at every attempt.

    ``recipients`` are those that still need it after a partial failure; empty means all of the channel's.
    """

    id: str
    channel: str
    subject: str
    text: str
    html: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    thread: str | None = None
    recipients: tuple[str, ...] = ()


DeliveryState = Literal["pending", "leased", "sent", "retry", "dead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row of the outbox: one message to one endpoint."""

    id: int
    alert_id: str
    channel: str
    endpoint: str
    message: Message
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    last_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The endpoint took the message; ``receipt`` is what it said, bounded and without secrets.

    ``refused`` are the recipients that it will never take the message for; the operator is to be told.
    """

    receipt: str = ""
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLater:
    """Not now: try again; ``retry_after`` in seconds where the endpoint asked for it.

    ``recipients`` are those that still need the message, where the others have it or never will.
    """

    reason: str
    retry_after: float | None = None
    status: int | None = None
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Never: the endpoint refuses this message; ``disable`` where it refuses all (410)."""

    reason: str
    status: int | None = None
    disable: bool = False


Outcome = Delivered | RetryLater | Rejected
