"""Whatever feedparser can make of it: XML that is not well-formed, Atom 0.3, CDF, and everything unusual.

feedparser opens what looks like a path or an address and never sees one here: it is given a stream of UTF-8 that has
a feed's root element in it, without a document type. Its sanitiser and its resolving of links run away on hostile
input and are off; this program keeps no HTML of a feed.
"""

from __future__ import annotations

import io
import re
from typing import Any

from monitor.core.feeds.raw import Markup, RawEntry, RawFeed

_ROOTS = frozenset({"rss", "rdf", "feed", "channel", "item", "entry", "items", "rss2", "atom"})
# feedparser looks for an address in an author with an expression that is quadratic in text without blanks
_LONG_NAME = re.compile(
    r"(<(?:[\w.-]{1,20}:)?(?:author|creator|name|email|contributor|publisher|owner|managingEditor|webMaster)\b[^<>]{0,500}>"
    r"\s*+(?:<!\[CDATA\[)?[^<]{400})[^<\]]++",
    re.IGNORECASE,
)


def claims(_head: str, root: str) -> bool:
    """Whether a document whose root element is ``root`` may be of this family."""
    return root in _ROOTS


def read(text: str) -> RawFeed | None:
    """The feed, or ``None`` where feedparser finds neither entries nor a title."""
    import feedparser  # 0.1 s, and most feeds never need it

    body = _LONG_NAME.sub(r"\1", text).encode("utf-8", "replace")
    try:
        found = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError):
        return None  # it raises on some malformed input; that is for the caller no feed
    feed, entries = found["feed"], found["entries"]
    if not entries and not found.get("version") and not feed.get("title"):
        return None
    raw = RawFeed(
        format=found.get("version") or ("cdf" if text[:8].lower() == "<channel" else "unknown"),
        title=_markup(feed, "title"),
        link=_own(feed, "link"),
        lang=_own(feed, "language"),
        ttl=_own(feed, "ttl"),
        period=_own(feed, "sy_updateperiod"),
        frequency=_own(feed, "sy_updatefrequency"),
        entries=[_entry(entry) for entry in entries],
    )
    if found.get("bozo"):
        raw.notes.append("not well-formed: " + re.sub(r"\s+", " ", str(found.get("bozo_exception")))[:200])
    return raw


def _entry(entry: Any) -> RawEntry:
    contents = [c for c in entry.get("content", ()) if c.get("value")]
    content = max(contents, key=lambda c: len(c["value"]), default=None)
    return RawEntry(
        guid=_own(entry, "id"),
        guid_is_link=bool(entry.get("guidislink", False)) or not _own(entry, "link"),
        link=_own(entry, "link"),
        title=_markup(entry, "title"),
        summary=_markup(entry, "summary"),
        content=Markup(content["value"], html=content.get("type") != "text/plain") if content else Markup(""),
        authors=[_own(a, "name") or _own(a, "email") for a in entry.get("authors", ()) if a] or [_own(entry, "author")],
        published=_own(entry, "published") or _own(entry, "created"),
        updated=_own(entry, "updated"),
        tags=[_own(tag, "label") or _own(tag, "term") for tag in entry.get("tags", ())],
        image=_image(entry),
        enclosures=[_own(e, "href") for e in entry.get("enclosures", ())],
        lang=_own(entry.get("title_detail", {}), "language"),
        point=_point(entry),
    )


def _own(values: Any, key: str) -> str:
    """The value under just this key: feedparser answers some missing keys by another."""
    value = dict.get(values, key)
    return value if isinstance(value, str) else ""


def _markup(values: Any, key: str) -> Markup:
    kind = _own(dict.get(values, f"{key}_detail") or {}, "type")
    return Markup(_own(values, key), html=kind != "text/plain")


def _image(entry: Any) -> str:
    for media in (*entry.get("media_thumbnail", ()), *entry.get("media_content", ())):
        if _own(media, "url") and (
            _own(media, "medium") in ("", "image") and not _own(media, "type").startswith(("video", "audio"))
        ):
            return _own(media, "url")
    return next((_own(e, "href") for e in entry.get("enclosures", ()) if _own(e, "type").startswith("image/")), "")


def _point(entry: Any) -> str:
    where = entry.get("where")
    place = where.get("coordinates") if isinstance(where, dict) and where.get("type") == "Point" else None
    if not place or len(place) < 2:
        return f"{_own(entry, 'geo_lat')} {_own(entry, 'geo_long')}"
    return f"{place[1]} {place[0]}"
