"""What is asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

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
    "cut_off",
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
