"""The feed's own words into what is stored: plain text, whole addresses, moments in UTC, everything bounded."""

from __future__ import annotations

import re

from monitor.core.feeds.dates import parse_feed_date
from monitor.core.feeds.markup import looks_like_html, plain_text, tidy
from monitor.core.feeds.raw import Markup, RawEntry, RawFeed
from monitor.core.text import clean
from monitor.core.urls import is_http, resolve
from monitor.model import ParsedEntry, ParsedFeed

MAX_TITLE = 1_000
MAX_SUMMARY = 20_000
MAX_CONTENT = 200_000
MAX_MARKUP = 1_000_000
"""HTML that is looked at for one field; the text out of it is cut at the limits above."""
MAX_GUID = 2_000
MAX_NAME = 200
MAX_AUTHORS = 20
MAX_TAGS = 50
MAX_ENCLOSURES = 20

_DAYS = {
    day: number
    for number, day in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
}
_LANG = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{1,8}){0,3}\Z")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|\\\\")
_EMAIL_NAME = re.compile(
    r"[^\s@()<>]{1,100}@[^\s@()<>]{1,100}\s*\((?P<inside>[^()]{1,200})\)\Z|(?P<before>[^<>]{1,200}?)\s*<[^<>\s]{1,200}@[^<>\s]{1,200}>\Z"
)


def shape(raw: RawFeed, *, url: str) -> ParsedFeed:
    """What the bytes at ``url`` say. Relative links refer to ``xml:base``, else to the feed's site, else to ``url``."""
    base = (resolve(url, raw.base) or url) if raw.base else url
    link = _address(base, raw.link)
    if not raw.base and link and not raw.format.startswith("atom"):
        base = link
    lang = _language(raw.lang)
    return ParsedFeed(
        format=raw.format,
        title=_text(raw.title, MAX_TITLE, inline=True),
        link=link,
        entries=tuple(_entry(entry, base, lang) for entry in raw.entries),
        lang=lang,
        ttl=raw.wish,
        skip_hours=frozenset(
            int(h) % 24
            for h in map(str.strip, raw.skip_hours)
            if h.isascii() and h.isdigit() and len(h) < 3 and int(h) <= 24
        ),
        skip_days=frozenset(_DAYS[day] for day in map(_lowered, raw.skip_days) if day in _DAYS),
        notes=tuple(raw.notes),
    )


def _entry(raw: RawEntry, base: str, lang: str | None) -> ParsedEntry:
    cut: list[str] = []
    if raw.base:
        base = resolve(base, raw.base) or base
    guid = raw.guid.strip()
    link = raw.link.strip()
    url = _address(base, link)
    if url is None and raw.guid_is_link and is_http(guid):
        url = resolve(base, guid)
    if len(link) > MAX_GUID * 4:
        cut.append("url")
    return ParsedEntry(
        guid=_cut(clean(guid), MAX_GUID, "guid", cut) or None,
        url=url,
        title=_text(raw.title, MAX_TITLE, inline=True, name="title", cut=cut),
        summary=_text(raw.summary, MAX_SUMMARY, name="summary", cut=cut),
        content=_text(raw.content, MAX_CONTENT, name="content", cut=cut)
        if raw.content.text != raw.summary.text
        else "",
        authors=_names(map(_author, raw.authors), MAX_AUTHORS, "authors", cut),
        published=parse_feed_date(raw.published),
        updated=parse_feed_date(raw.updated),
        tags=_names(raw.tags, MAX_TAGS, "tags", cut),
        image=_address(base, raw.image),
        enclosures=_addresses(raw.enclosures, base, cut),
        lang=_language(raw.lang) or lang,
        point=_point(raw.point),
        truncated=tuple(cut),
    )


def _text(markup: Markup, limit: int, *, inline: bool = False, name: str = "", cut: list[str] | None = None) -> str:
    text, html = markup
    if not text:
        return ""
    if len(text) > MAX_MARKUP:
        text = text[:MAX_MARKUP]
        if cut is not None:
            cut.append(name)
    plain = plain_text(text, inline=inline) if html or looks_like_html(text) else tidy(text, inline=inline)
    # cleaning may take out characters at either end and leave blanks there
    return _cut(clean(plain).strip(), limit, name, cut)


def _cut(text: str, limit: int, name: str, cut: list[str] | None) -> str:
    if len(text) <= limit:
        return text
    if cut is not None and name not in cut:
        cut.append(name)
    return text[:limit].rstrip()


def _address(base: str, link: str) -> str | None:
    """The absolute http(s) address; where nothing is known that a relative one could refer to, it stays as it is."""
    if not link:
        return None
    if address := resolve(base, link):
        return address
    link = clean(link).strip()
    return link if not base and link and len(link) < MAX_GUID and not _SCHEME.match(link) else None


def _author(text: str) -> str:
    """The name out of ``a@b.c (Name)`` and ``Name <a@b.c>``."""
    found = _EMAIL_NAME.match(text.strip()) if "@" in text and len(text) < 500 else None
    return (found["inside"] or found["before"]).strip(" \"'") if found else text


def _names(values: object, most: int, name: str, cut: list[str]) -> tuple[str, ...]:
    """Distinct names in order, each and all bounded."""
    names: dict[str, None] = {}
    for value in values:  # type: ignore[attr-defined]
        if len(names) >= most:
            cut.append(name)
            break
        if text := _text(Markup(value), MAX_NAME, inline=True, name=name, cut=cut):
            names[text] = None
    return tuple(names)


def _addresses(values: list[str], base: str, cut: list[str]) -> tuple[str, ...]:
    if len(values) > MAX_ENCLOSURES:
        cut.append("enclosures")
    found = (_address(base, value) for value in values[:MAX_ENCLOSURES])
    return tuple(dict.fromkeys(address for address in found if address))


def _language(text: str) -> str | None:
    text = text.strip()
    return text[:3].split("-")[0].split("_")[0].lower() if _LANG.match(text) else None


def _point(text: str) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, of ``"45.2 -71.9"``."""
    parts = text.replace(",", " ").split()
    if len(parts) != 2:
        return None
    try:
        latitude, longitude = float(parts[0]), float(parts[1])
    except ValueError:
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _lowered(text: str) -> str:
    return text.strip().lower()
