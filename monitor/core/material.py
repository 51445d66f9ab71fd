"""What an analysis is given. Apart from it, because the extractor that it needs takes long to import."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from monitor.model import BodyStatus, ParsedEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The bytes of a page and where they came from."""

    body: bytes
    url: str
    content_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What there is to analyse: the feed's entry, and the page or the reason why there is none.

    ``published`` is when the article was published as far as the feed knows, already clamped to the past.
    ``furniture`` are the lines that recur on the page's site.
    """

    entry: ParsedEntry
    url: str
    page: Page | None = None
    no_page: BodyStatus = "feed"
    no_page_detail: str = ""
    published: datetime | None = None
    feed_lang: str | None = None
    furniture: Collection[int] = ()
