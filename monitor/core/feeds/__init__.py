"""Feed bytes to a ParsedFeed, or the reason why they are none.

Pure: nothing is opened and nothing fetched, whatever the bytes say. Made to run in a process that is killed at its
deadline: a field on which feedparser's expressions run away ends there. To add a format: a module with ``claims`` and
``read``, and a line in ``FORMATS``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from monitor.core.feeds import jsonfeed, tolerant, wellformed
from monitor.core.feeds.charset import decode
from monitor.core.feeds.raw import RawFeed
from monitor.core.feeds.refusal import no_feed
from monitor.core.feeds.shape import shape
from monitor.core.precheck import MAX_BYTES, hostile_doctype, precheck, without_doctype
from monitor.model import FeedFault, FeedRejected, ParsedFeed

__all__ = ["FORMATS", "Format", "parse_feed", "parse_feed_json"]


@dataclass(frozen=True, slots=True)
class Format:
    """A family of formats: ``claims(text, root)`` looks at the beginning only, ``read`` is ``None`` where it fails."""

    name: str
    claims: Callable[[str, str], bool]
    read: Callable[[str], RawFeed | None]


FORMATS: tuple[Format, ...] = (
    Format("json", jsonfeed.claims, jsonfeed.read),
    Format("wellformed", wellformed.claims, wellformed.read),
    Format("tolerant", tolerant.claims, tolerant.read),
)
"""Asked in this order; the first that reads the text wins."""

_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?([A-Za-z_][\w.-]{0,40})[\s>/]")
_LATE_ROOT = re.compile(r"<\?xml|<(?:rss|feed|rdf:RDF)[\s>]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]+")
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,500}\?>")
_HEAD = 4_000


def parse_feed(body: bytes, *, url: str, content_type: str | None) -> ParsedFeed | FeedRejected:
    """What the feed says, or why it is none.

    ``url`` is the address that answered (relative links are resolved against it), ``content_type`` its header; both
    may be wrong. A valid feed without entries is a feed. Entities, however encoded, are refused before any parser.
    """
    if not body.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        return FeedRejected(reason="empty", detail="an empty reply")
    text, _ = decode(body, content_type)
    text = _ILLEGAL.sub("", text).lstrip("\ufeff \t\r\n")
    utf8 = text.encode("utf-8", "replace")
    is_json = text[:1] in ("{", "[")
    kind: Literal["json", "xml"] = "json" if is_json else "xml"
    if reason := precheck(utf8, kind):
        fault: FeedFault = "too_large" if len(utf8) > MAX_BYTES[kind] else "hostile_xml"
        return FeedRejected(reason=fault, detail=f"refused: {reason}")
    is_page = text[:15].lower().startswith(("<!doctype html", "<html"))
    if not is_json and not is_page:
        text = _from_root(text)
        if reason := hostile_doctype(text.encode("utf-8", "replace")):
            return FeedRejected(reason="hostile_xml", detail=f"refused: {reason}")
        text = without_doctype(_DECLARATION.sub("", text, count=1))
    found = _ROOT.search(text[:_HEAD])
    root = found[1].lower() if found and not is_json else ""
    for form in FORMATS:
        if not is_page and form.claims(text[:_HEAD], root) and (raw := form.read(text)) is not None:
            parsed = shape(raw, url=url)
            return replace(parsed, cut_off=True) if form.name == "tolerant" and _ends_early(text, root) else parsed
    return no_feed(text, "html" if is_page else root, content_type)


def _ends_early(text: str, root: str) -> bool:
    """Whether the root element of a document that is not well-formed is never closed."""
    return bool(root) and not re.search(rf"</(?:[\w.-]{{1,40}}:)?{re.escape(root)}\s*>", text[-65_536:], re.IGNORECASE)


def _from_root(text: str) -> str:
    """Without what a broken publishing system prints before the feed (warnings, blank lines)."""
    if text.startswith(("<?xml", "<rss", "<feed", "<rdf")):
        return text
    late = _LATE_ROOT.search(text[:65_536])
    return text[late.start() :] if late else text


def parse_feed_json(body: bytes, url: str, content_type: str | None) -> dict[str, Any]:
    """``parse_feed`` as one JSON object: title, link, entries (guid, url, title, summary, author, published), error."""
    parsed = parse_feed(body, url=url, content_type=content_type)
    if isinstance(parsed, FeedRejected):
        return {"title": None, "link": None, "entries": [], "error": f"{parsed.reason}: {parsed.detail}"}
    return {
        "title": parsed.title,
        "link": parsed.link,
        "entries": [
            {
                "guid": entry.guid,
                "url": entry.url,
                "title": entry.title,
                "summary": entry.text,
                "author": ", ".join(entry.authors) or None,
                "published": moment.isoformat() if (moment := entry.published or entry.updated) else None,
            }
            for entry in parsed.entries
        ],
        "error": None,
    }
