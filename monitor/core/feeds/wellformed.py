"""RSS 0.9x to 2.0, RDF and Atom 1.0 that are well-formed XML, by libxml2: much faster than the tolerant reader.

Entities are never resolved, nothing is loaded, and libxml2's own limits on depth and text stay on. Whatever is not
well-formed, is older than Atom 1.0, or holds items that this reader does not find is left to the tolerant reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from monitor.core.feeds.raw import Markup, RawEntry, RawFeed

_ATOM = "{http://www.w3.org/2005/Atom}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_PREFIXES = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://www.georss.org/georss": "georss",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://www.w3.org/2005/Atom": "atom",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/rss/1.0/": "",
    "http://purl.org/rss/2.0/": "",
    "http://backend.userland.com/rss2": "",
    "http://backend.userland.com/rss": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
}
_ITEM = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)[\s>]", re.IGNORECASE)


def claims(head: str, root: str) -> bool:
    """Whether a document whose root element is ``root`` may be of this family."""
    return root in ("rss", "rdf") or (root == "feed" and "http://www.w3.org/2005/Atom" in head)


def read(text: str) -> RawFeed | None:
    """The feed, or ``None``: not well-formed, or not as expected."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    feed = _atom(root) if root.tag == _ATOM + "feed" else _rss(root)
    if feed is None or (not feed.entries and _ITEM.search(text)):
        return None
    return feed


# --- RSS and RDF -----------------------------------------------------------------------------------


def _rss(root: Any) -> RawFeed | None:
    kind = _name(root.tag).lower()
    channel = next((child for child in root if _name(child.tag) == "channel"), None)
    if kind not in ("rss", "rdf:rdf") or channel is None:
        return None
    version = "rss10" if kind == "rdf:rdf" else "rss" + re.sub(r"\D", "", root.get("version", "2.0"))[:3]
    feed = RawFeed(
        format=version,
        base=channel.get(_XML + "base") or root.get(_XML + "base") or "",
        lang=_lang(channel) or _lang(root),
    )
    items = [child for child in root if _name(child.tag) == "item"]  # as RDF has it, and some RSS by mistake
    for child in channel:
        name = _name(child.tag)
        if name == "item":
            items.append(child)
        elif name == "title":
            feed.title = Markup(_inner(child))
        elif name == "link":
            feed.link = feed.link or _string(child).strip()
        elif name in ("language", "dc:language"):
            feed.lang = _string(child) or feed.lang
        elif name == "ttl":
            feed.ttl = _string(child)
        elif name == "sy:updatePeriod":
            feed.period = _string(child)
        elif name == "sy:updateFrequency":
            feed.frequency = _string(child)
        elif name == "skipHours":
            feed.skip_hours = [_string(hour) for hour in child]
        elif name == "skipDays":
            feed.skip_days = [_string(day) for day in child]
        elif name == "atom:link" and child.get("rel", "alternate") == "alternate":
            feed.link = feed.link or child.get("href", "")
    feed.entries = [_rss_item(item) for item in items]
    return feed


def _rss_item(item: Any) -> RawEntry:
    entry = RawEntry(base=item.get(_XML + "base") or "", lang=_lang(item))
    for child in item:
        if handler := _RSS.get(_name(child.tag)):
            handler(entry, child)
    if not entry.guid and (about := item.get(_RDF_ABOUT)):
        entry.guid, entry.guid_is_link = about, True
    return entry


def _rss_guid(entry: RawEntry, element: Any) -> None:
    entry.guid = entry.guid or _string(element)
    entry.guid_is_link = element.get("isPermaLink", element.get("ispermalink", "true")).lower() != "false"


def _rss_link(entry: RawEntry, element: Any) -> None:
    entry.link = entry.link or _string(element).strip() or element.get("href", "")


def _rss_summary(entry: RawEntry, element: Any) -> None:
    entry.summary = entry.summary if entry.summary.text else Markup(_inner(element))


def _rss_enclosure(entry: RawEntry, element: Any) -> None:
    address = element.get("url", "")
    if address:
        entry.enclosures.append(address)
        if element.get("type", "").startswith("image/"):
            entry.image = entry.image or address


def _media_group(entry: RawEntry, element: Any) -> None:
    for child in element:
        if (handler := _RSS.get(_name(child.tag))) and _name(child.tag).startswith("media:"):
            handler(entry, child)


def _media_content(entry: RawEntry, element: Any) -> None:
    kind, address = element.get("type", ""), element.get("url", "")
    picture = element.get("medium") == "image" or kind.startswith("image/")
    if picture or (
        not kind
        and not element.get("medium")
        and re.search(r"\.(?:jpe?g|png|gif|webp|avif)(?:$|\?)", address, re.IGNORECASE)
    ):
        entry.image = entry.image or address
    elif address:
        entry.enclosures.append(address)
    _media_group(entry, element)


def _media_thumbnail(entry: RawEntry, element: Any) -> None:
    entry.image = entry.image or element.get("url", "")


def _media_description(entry: RawEntry, element: Any) -> None:
    entry.summary = entry.summary if entry.summary.text else Markup(_inner(element))


def _media_title(entry: RawEntry, element: Any) -> None:
    entry.title = entry.title if entry.title.text.strip() else Markup(_inner(element))


def _atom_link_in_rss(entry: RawEntry, element: Any) -> None:
    if element.get("rel", "alternate") == "alternate":
        entry.link = entry.link or element.get("href", "")


def _geo_latitude(entry: RawEntry, element: Any) -> None:
    entry.point = f"{_string(element).strip()} {entry.point}"


def _geo_longitude(entry: RawEntry, element: Any) -> None:
    entry.point = f"{entry.point} {_string(element).strip()}"


def _point(entry: RawEntry, element: Any) -> None:
    entry.point = entry.point or _string(element)


def _author(entry: RawEntry, element: Any) -> None:
    entry.authors.append(_string(element))


def _tag(entry: RawEntry, element: Any) -> None:
    entry.tags.append(_string(element))


def _set(field: str, *, markup: bool = False, keep: bool = True) -> Callable[[RawEntry, Any], None]:
    """A handler that fills ``field``; with ``keep`` the first value stays."""

    def fill(entry: RawEntry, element: Any) -> None:
        before = getattr(entry, field)
        if not (keep and (before.text if markup else before)):
            setattr(entry, field, Markup(_inner(element)) if markup else _string(element))

    return fill


_RSS: dict[str, Callable[[RawEntry, Any], None]] = {
    "title": _set("title", markup=True),
    "dc:title": _set("title", markup=True),
    "link": _rss_link,
    "atom:link": _atom_link_in_rss,
    "guid": _rss_guid,
    "description": _rss_summary,
    "dc:description": _rss_summary,
    "atom:summary": _rss_summary,
    "content:encoded": _set("content", markup=True),
    "pubDate": _set("published", keep=False),
    "pubdate": _set("published"),
    "dc:date": _set("published"),
    "dcterms:issued": _set("published"),
    "dcterms:created": _set("published"),
    "atom:published": _set("published"),
    "updated": _set("updated"),
    "dcterms:modified": _set("updated"),
    "atom:updated": _set("updated"),
    "author": _author,
    "dc:creator": _author,
    "category": _tag,
    "dc:subject": _tag,
    "enclosure": _rss_enclosure,
    "media:group": _media_group,
    "media:content": _media_content,
    "media:thumbnail": _media_thumbnail,
    "media:description": _media_description,
    "media:title": _media_title,
    "georss:point": _point,
    "geo:lat": _geo_latitude,
    "geo:long": _geo_longitude,
    "dc:language": _set("lang"),
}  # fmt: skip


# --- Atom ------------------------------------------------------------------------------------------


def _atom(root: Any) -> RawFeed:
    feed = RawFeed(format="atom10", base=root.get(_XML + "base") or "", lang=_lang(root))
    links: dict[str, str] = {}
    for child in root:
        name = _name(child.tag)
        if name == "atom:entry":
            feed.entries.append(_atom_entry(child))
        elif name == "atom:title":
            feed.title = _construct(child)
        elif name == "atom:link":
            links.setdefault(child.get("rel", "alternate"), child.get("href", ""))
        elif name == "sy:updatePeriod":
            feed.period = _string(child)
        elif name == "sy:updateFrequency":
            feed.frequency = _string(child)
    feed.link = links.get("alternate", "")
    return feed


def _atom_entry(element: Any) -> RawEntry:
    entry = RawEntry(base=element.get(_XML + "base") or "", lang=_lang(element))
    alternates: list[tuple[bool, str]] = []
    for child in element:
        name = _name(child.tag)
        if name == "atom:title":
            entry.title = _construct(child)
        elif name == "atom:link":
            _atom_link(entry, child, alternates)
        elif name == "atom:id":
            entry.guid = _string(child)
        elif name == "atom:summary":
            entry.summary = _construct(child)
        elif name == "atom:content":
            entry.content = _construct(child) if not entry.content.text else entry.content
        elif name == "atom:published":
            entry.published = _string(child)
        elif name == "atom:updated":
            entry.updated = _string(child)
        elif name == "atom:author":
            entry.authors += [_string(part) for part in child if _name(part.tag) == "atom:name"]
        elif name == "atom:category":
            entry.tags.append(child.get("label") or child.get("term") or "")
        elif name == "atom:source":
            pass
        elif handler := _RSS.get(name):
            handler(entry, child)
    # a web page before anything else that calls itself an alternate
    alternates.sort(key=lambda found: not found[0])
    entry.link = alternates[0][1] if alternates else ""
    entry.guid_is_link = True
    return entry


def _atom_link(entry: RawEntry, element: Any, alternates: list[tuple[bool, str]]) -> None:
    address = element.get("href", "").strip()
    base = element.get(_XML + "base")
    if base:
        from urllib.parse import urljoin  # xml:base on a link itself is very rare

        address = urljoin(base, address)
    kind = element.get("type", "")
    match element.get("rel", "alternate"):
        case "alternate" | "http://www.iana.org/assignments/relation/alternate":
            alternates.append((kind in ("", "text/html", "application/xhtml+xml"), address))
        case "enclosure":
            entry.enclosures.append(address)
            if kind.startswith("image/"):
                entry.image = entry.image or address


def _construct(element: Any) -> Markup:
    """An Atom text construct. Content that is referred to by address, or is not text, is none."""
    kind = element.get("type", "text").strip().lower()
    if kind in ("xhtml", "application/xhtml+xml"):
        return Markup(_inner(element))
    if kind in ("html", "text/html"):
        return Markup(_string(element))
    if "/" not in kind or kind.startswith("text/"):
        return Markup(_inner(element) if len(element) else _string(element), html=bool(len(element)))
    return Markup("")


# --- elements --------------------------------------------------------------------------------------

_names: dict[str, str] = {}


def _name(tag: str) -> str:
    """``prefix:local`` with one prefix a namespace, whatever the document calls it; plain for RSS's own."""
    name = _names.get(tag)
    if name is None:
        space, _, local = tag.rpartition("}")
        prefix = _PREFIXES.get(space[1:].strip(), "?" if space else "")
        name = f"{prefix}:{local}" if prefix else local
        if len(_names) < 10_000:
            _names[tag] = name
    return name


def _lang(element: Any) -> str:
    return element.get(_XML + "lang") or ""


def _string(element: Any) -> str:
    """All text in the element."""
    return (element.text or "") if not len(element) else "".join(element.itertext())


def _inner(element: Any) -> str:
    """The element's content: its text, or as markup where it has child elements (XHTML that was not escaped)."""
    if not len(element):
        return element.text or ""
    return "".join(_pieces(element))


def _pieces(element: Any) -> Iterator[str]:
    from html import escape

    yield escape(element.text or "", quote=False)
    for child in element:
        yield etree.tostring(child, encoding="unicode", with_tail=True)
