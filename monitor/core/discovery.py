"""Where a web page says, or a site is wont to keep, its feeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.core.feeds.charset import decode
from monitor.core.precheck import precheck
from monitor.core.text import clean, one_line
from monitor.core.urls import resolve, url_key

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_LINKS = 20
COMMON_PATHS = (
    "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json", "/feeds/posts/default",
)  # fmt: skip

_FEED_TYPE = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|application/x?-?cdf|text/(?:rss|atom)\+xml")
_FEED_PATH = re.compile(r"(?:\b|_)(?:rss|atom|feeds?|rdf)(?:\b|_|\d)|\.(?:rss|rdf|atom)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """An address that is probably a feed's; ``how`` says why."""

    url: str
    title: str
    how: str


def feed_links(body: bytes, url: str, content_type: str | None) -> tuple[FeedLink, ...]:
    """What a page names as its feeds (``<link rel=alternate>``) first, then links that look like feeds; bounded.

    For the sandbox: it opens the bytes of strangers.
    """
    from lxml import etree, html

    if precheck(body, "html") is not None:
        return ()
    text, _ = decode(body, content_type)
    try:
        page = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", text))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ()
    declared = next((base.get("href") for base in page.iter("base") if base.get("href")), None)
    base = resolve(url, declared) or url if declared else url
    found: dict[str, FeedLink] = {}
    for link in (*_alternates(page), *_anchors(page)):
        address = resolve(base, link.url)
        if address is not None and url_key(address) not in found and len(found) < MOST_LINKS:
            found[url_key(address)] = FeedLink(address, one_line(clean(link.title), 120), link.how)
    return tuple(found.values())


def common_addresses(url: str) -> tuple[FeedLink, ...]:
    """Where many sites keep their feeds, below the host of ``url``."""
    parts = urlsplit(url)
    return tuple(FeedLink(f"{parts.scheme}://{parts.netloc}{path}", "", "a common place") for path in COMMON_PATHS)


def _alternates(page: HtmlElement) -> Iterator[FeedLink]:
    for link in page.iter("link"):
        kind = (link.get("type") or "").strip().lower()
        if "alternate" in (link.get("rel") or "").lower().split() and _FEED_TYPE.match(kind) and link.get("href"):
            yield FeedLink(link.get("href"), link.get("title") or "", "named by the page")


def _anchors(page: HtmlElement) -> Iterator[FeedLink]:
    for link in page.iter("a"):
        href = link.get("href") or ""
        if len(href) < 2000 and _FEED_PATH.search(_path_of(href)):
            yield FeedLink(href, " ".join(str(part) for part in link.itertext())[:200], "linked from the page")


def _path_of(href: str) -> str:
    """The path and query of a link, ``""`` for one that is none."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}"
