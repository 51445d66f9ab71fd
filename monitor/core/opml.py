"""Subscription lists: read whatever exists, write what everyone reads.

Most public OPML files are not well-formed (raw ampersands, wrong encodings, tags never closed), so the reader takes
outline tags as they come, by one linear expression and no XML parser: no entity is expanded, nothing nests too deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from monitor.core.feeds.charset import decode
from monitor.core.text import clean, one_line
from monitor.core.urls import resolve, url_key
from monitor.model import FeedSpec

MAX_BYTES = 20_000_000
MAX_FEEDS = 50_000
DEEPEST = 32
"""Folders inside folders that are told apart; deeper ones belong to the last."""

_OUTLINE = re.compile(
    r"<\s*(?P<close>/\s*)?outline\b(?P<attributes>(?:[^<>\"']++|\"(?:[^\"<]|<(?!/?\s*outline))*+\"|'(?:[^'<]|<(?!/?\s*outline))*+'|[\"'])*+)(?:>|(?=<)|$)",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"([\w:.-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))")
_FEED_SCHEME = re.compile(r"^feed:(?://)?(?=https?:)", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OpmlImport:
    """The feeds of a list in order, and what was left out or repaired, one line each."""

    feeds: tuple[FeedSpec, ...]
    notes: tuple[str, ...] = ()


def parse_opml(data: bytes) -> OpmlImport:
    """Every http(s) feed address in an OPML file; its folder is the group, its categories are the tags.

    A file that declares entities, or is larger than 20 MB, is refused with a note and no feeds.
    """
    if len(data) > MAX_BYTES:
        return OpmlImport((), (f"refused: {len(data):,} bytes, more than {MAX_BYTES:,}",))
    text, _ = decode(data)
    if _ENTITY.search(text[:100_000]):
        return OpmlImport((), ("refused: it declares entities",))
    if "<" not in text or not re.search(r"<\s*outline\b", text, re.IGNORECASE):
        return OpmlImport((), ("no outline in it: not an OPML file",))
    return _gather(_without_comments(text))


def write_opml(feeds: Iterable[FeedSpec], *, title: str = "monitor") -> str:
    """A well-formed OPML 2.0 document of ``feeds``, one folder for each group."""
    groups: dict[str, list[FeedSpec]] = {}
    for feed in feeds:
        groups.setdefault(feed.group, []).append(feed)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += [f"  <head><title>{quoteattr(_safe(title))[1:-1]}</title></head>", "  <body>"]
    for group, members in groups.items():
        indent = "    "
        if group != "default":
            lines.append(f"    <outline text={_attribute(group)}>")
            indent = "      "
        lines += [f"{indent}{_outline(feed)}" for feed in members]
        if group != "default":
            lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _gather(text: str) -> OpmlImport:
    feeds: dict[str, FeedSpec] = {}
    names: set[str] = set()
    folders: list[str] = []
    too_deep = repeated = useless = 0
    notes: list[str] = []
    for tag in _OUTLINE.finditer(text):
        if tag["close"]:
            too_deep -= too_deep > 0
            if not too_deep and folders:
                folders.pop()
            continue
        values = {
            m[1].lower(): _safe(unescape(m[2] or m[3] or m[4] or "")) for m in _ATTRIBUTE.finditer(tag["attributes"])
        }
        written = values.get("xmlurl") or values.get("xml_url") or ""
        title = values.get("title") or values.get("text") or ""
        if written:
            url = resolve(None, _FEED_SCHEME.sub("", written.strip()).replace("feed://", "http://", 1))
            if url is None:
                useless += 1
            elif (key := url_key(url)) in feeds:
                repeated += 1
            elif len(feeds) >= MAX_FEEDS:
                notes.append(f"more than {MAX_FEEDS:,} feeds: the rest is left out")
                break
            else:
                feeds[key] = _feed(url, title, folders, values, names)
        if not tag["attributes"].rstrip().endswith("/"):
            if len(folders) < DEEPEST:
                # an outline that is a feed may hold others; it is no folder of theirs
                folders.append("" if written else one_line(title, 80))
            else:
                too_deep += 1
    if repeated:
        notes.append(f"{repeated:,} addresses stand in it more than once: taken once")
    if useless:
        notes.append(f"{useless:,} outlines name no http(s) address: left out")
    return OpmlImport(tuple(feeds.values()), tuple(notes))


def _without_comments(text: str) -> str:
    """A comment that does not end comments nothing out."""
    first, *rest = text.split("<!--")
    for at, piece in enumerate(rest):
        _, ended, after = piece.partition("-->")
        rest[at] = after if ended else piece
    return first + "".join(rest)


def _feed(url: str, title: str, folders: list[str], values: dict[str, str], names: set[str]) -> FeedSpec:
    base = name = one_line(title, 120) or urlsplit(url).hostname or url
    number = 2
    while name in names:
        name, number = f"{base} ({number})", number + 1
    names.add(name)
    lang = values.get("language", "").lower()[:2]
    return FeedSpec(
        url=url,
        name=name,
        group=next((folder for folder in reversed(folders) if folder), "default"),
        tags=tuple(tag for part in values.get("category", "").split(",") if (tag := one_line(part.strip(" /"), 80))),
        lang=lang if re.fullmatch("[a-z]{2}", lang) else None,
    )


def _outline(feed: FeedSpec) -> str:
    parts = [
        f'<outline type="rss" text={_attribute(feed.name)} title={_attribute(feed.name)} xmlUrl={_attribute(feed.url)}'
    ]
    if feed.tags:
        parts.append(f"category={_attribute(','.join(feed.tags))}")
    if feed.lang:
        parts.append(f"language={_attribute(feed.lang)}")
    return " ".join(parts) + "/>"


def _attribute(text: str) -> str:
    return quoteattr(_safe(text))


def _safe(text: str) -> str:
    return clean(text).replace("\n", " ").replace("\t", " ")
