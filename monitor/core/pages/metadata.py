"""What a page says of its article outside the text: JSON-LD, OpenGraph, microdata, ``<time>``, the byline.

One walk over the head-like elements gathers candidates; each field then has one order of trust. htmldate, which costs
more than everything else here, is asked only where nothing named a day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from monitor.core.dates import has_time, has_zone, parse_date
from monitor.core.pages.linked_data import body_of, main_article, nodes_of, text_of, types_of
from monitor.core.pages.names import clean_authors, turned
from monitor.core.pages.titles import choose_title
from monitor.core.urls import is_http, resolve, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

_PUBLISHED_META = (
    "article:published_time", "datepublished", "article:published", "og:article:published_time", "og:published_time",
    "publish-date",
    "publish_date", "publishdate", "pubdate", "published_at", "published", "publication_date", "publication-date",
    "dc.date.issued",
    "dcterms.created", "dcterms.issued", "dc.date", "date", "sailthru.date", "parsely-pub-date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "article.published", "article.created", "citation_publication_date", "publisheddate",
    "displaydate",
    "originalpublicationdate", "article_date_original", "timestamp", "dc.date.created", "creation_date",
    "rnews:datepublished",
)  # fmt: skip
_UPDATED_META = (
    "article:modified_time", "datemodified", "og:updated_time", "lastmod", "last-modified", "dcterms.modified",
    "article.updated",
    "dc.date.modified", "cxenseparse:recs:modifiedtime", "revision_date",
)  # fmt: skip
_AUTHOR_META = (
    "author", "article:author", "article:author_name", "og:author", "og:article:author", "parsely-author", "byl",
    "sailthru.author", "cxenseparse:author", "article.author", "authors", "creator", "author_name",
)  # fmt: skip
_LIBRARY_AUTHOR_META = ("dc.creator", "dcterms.creator", "citation_author")
_TAG_META = ("article:tag", "keywords", "news_keywords", "parsely-tags", "sailthru.tags", "cxenseparse:recs:keywords")
_BYLINE = re.compile(
    r"(?:^|[\s_-])(?:by-?line|author-?s?(?:-?names?)?|autor(?:en|e|es)?|auteur|writers?|reporters?|"
    r"credits?-name)(?:$|[\s_-])",
    re.I,
)
_BYLINE_PATH = (
    "//*[self::a or self::span or self::p or self::div or self::address or self::strong or self::li or self::h4]"
    "[contains(@class,'uthor') or contains(@class,'yline') or contains(@class,'autor') or contains(@class,'auteur')"
    " or contains(@class,'riter') or contains(@class,'eporter')]"
)
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=\D)")
_OLDEST = datetime(1995, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What the page says of its article. ``accessible`` is JSON-LD's isAccessibleForFree, where given."""

    title: str = ""
    headlines: tuple[str, ...] = ()
    standfirsts: tuple[str, ...] = ()
    article_body: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    site: str | None = None
    lang: str | None = None
    image: str | None = None
    tags: tuple[str, ...] = ()
    canonical_url: str | None = None
    accessible: bool | None = None
    is_article: bool = False


@dataclass(slots=True)
class _Found:
    """Raw candidates in document order."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    times: list[tuple[str, str, HtmlElement]] = field(default_factory=list)
    h1: list[str] = field(default_factory=list)
    title: str = ""
    canonical: str = ""

    def first(self, *names: str) -> str:
        return next((value for name in names for value in self.meta.get(name, ()) if value), "")


def read_metadata(tree: HtmlElement, *, url: str, feed_title: str, want_date: bool) -> Metadata:
    """All metadata of the page at ``url``; ``feed_title`` helps to choose among headlines."""
    found = _gather(tree)
    article = main_article(found.nodes, url)
    site = _site_name(found, article, url)
    title, headlines = choose_title(
        ld=text_of(article.get("headline") or article.get("name")),
        og=found.first("og:title", "twitter:title"),
        h1=found.h1,
        title=found.title,
        feed=feed_title,
        site_names=_site_names(found, article, site, url),
    )
    published, updated = _dates(found, article, tree, url, want_date=want_date)
    return Metadata(
        title=title,
        headlines=headlines,
        standfirsts=tuple(
            text
            for text in dict.fromkeys(
                text_of(value)
                for value in (
                    article.get("description"),
                    article.get("alternativeHeadline"),
                    *found.meta.get("og:description", ())[:1],
                    *found.meta.get("description", ())[:1],
                    *found.meta.get("twitter:description", ())[:1],
                )
            )
            if text
        ),
        article_body=body_of(article),
        authors=_authors(found, article, tree, site),
        published=published,
        updated=updated if updated and published and updated > published else None,
        site=site,
        lang=_language(tree, article, found),
        image=_image(found, article, url),
        tags=_tags(found, article),
        canonical_url=_canonical(found, url),
        accessible=_accessible(article),
        is_article=bool(article) or found.first("og:type").lower() == "article",
    )


# --- gathering -------------------------------------------------------------------------------------


def _gather(tree: HtmlElement) -> _Found:
    found = _Found()
    for element in tree.iter("meta", "link", "script", "time", "h1", "title"):
        tag = element.tag
        if tag == "meta":
            content = (element.get("content") or "").strip()
            for key in (element.get("property"), element.get("name"), element.get("itemprop")):
                if key and content:
                    found.meta.setdefault(key.strip().lower(), []).append(unescape(content[:5000]))
        elif tag == "link":
            if "canonical" in (element.get("rel") or "").lower().split() and not found.canonical:
                found.canonical = element.get("href") or ""
        elif tag == "script":
            if "ld+json" in (element.get("type") or "").lower() and element.text:
                found.nodes += nodes_of(element.text)
        elif tag == "time":
            found.times.append((element.get("datetime") or "", element.text_content()[:80], element))
        elif tag == "h1":
            found.h1.append(text_of(element.text_content()[:1000]))
        elif tag == "title" and not found.title and not any(a.tag == "svg" for a in element.iterancestors()):
            found.title = text_of((element.text or "")[:1000])
    return found


# --- fields ----------------------------------------------------------------------------------------


def _name_of(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return text_of(value.get("name") if isinstance(value, dict) else value)


def _host_label(url: str) -> str:
    return (site_of(url) or "").split(".")[0]


def _site_name(found: _Found, article: dict[str, Any], url: str) -> str | None:
    name = text_of(found.first("og:site_name", "application-name", "apple-mobile-web-app-title")) or _name_of(
        article.get("publisher")
    )
    name = name or next((text_of(n.get("name")) for n in found.nodes if "WebSite" in types_of(n) and n.get("name")), "")
    return (name[:100] if name and not is_http(name) else "") or site_of(url) or None


def _site_names(found: _Found, article: dict[str, Any], site: str | None, url: str) -> tuple[str, ...]:
    """Everything that a title's suffix may call the site."""
    names = [site or "", _name_of(article.get("publisher")), site_of(url) or "", _host_label(url)]
    names += [
        text_of(n.get("name"))
        for n in found.nodes
        if set(types_of(n)) & {"WebSite", "Organization", "NewsMediaOrganization"}
    ]
    names += [found.first("og:site_name"), found.first("application-name"), found.first("twitter:site").lstrip("@")]
    return tuple(dict.fromkeys(name for name in names if name))


def _authors(found: _Found, article: dict[str, Any], tree: HtmlElement, site: str | None) -> tuple[str, ...]:
    """JSON-LD, then meta, then microdata and bylines; the first that names somebody other than the site."""
    spare: tuple[str, ...] = ()
    named = [value for name in _AUTHOR_META for value in found.meta.get(name, ())[:10]]
    listed = [turned(value) for name in _LIBRARY_AUTHOR_META for value in found.meta.get(name, ())[:10]]
    for source in (_ld_authors(article), [*named, *listed], _bylines(tree)):
        names = clean_authors((value for value in source if not is_http(value)), site=site)
        if names and any(name.casefold() != (site or "").casefold() for name in names):
            return names
        spare = spare or names
    return spare


def _ld_authors(article: dict[str, Any]) -> list[str]:
    given = article.get("author") or article.get("creator") or ()
    names: list[str] = []
    for author in given if isinstance(given, list) else [given]:
        if isinstance(author, dict):
            name = (
                author.get("name")
                or " ".join(str(author.get(part) or "") for part in ("givenName", "familyName")).strip()
            )
            names += [str(n) for n in name] if isinstance(name, list) else [_name_of(name)]
        elif isinstance(author, str):
            names.append(author)
    return names


def _bylines(tree: HtmlElement) -> Iterator[str]:
    """Texts of elements that markup calls author: of the first kind of mark-up that gives one."""
    for path in ("//*[contains(@itemprop,'author')]", "//a[contains(@rel,'author')]", _BYLINE_PATH):
        texts = []
        for element in tree.xpath(path)[:40]:
            if path == _BYLINE_PATH and not _BYLINE.search(element.get("class")):
                continue
            named = next((e for e in element.iter() if e.get("itemprop") == "name"), element)
            text = " ".join(" ".join(named.itertext()).split()) or element.get("content") or ""
            if 0 < len(text) < 160:
                texts.append(text)
        if texts:
            yield from texts[:1] if path == _BYLINE_PATH else texts
            return


def _canonical(found: _Found, url: str) -> str | None:
    """rel=canonical or og:url where it is an article's address of the same site."""
    for link in (found.canonical, found.first("og:url")):
        target = resolve(url, link) if link else None
        if target and site_of(target) == site_of(url) and urlsplit(target).path.strip("/"):
            return target
    return None


def _image(found: _Found, article: dict[str, Any], url: str) -> str | None:
    value = found.first("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
    if not value:
        image = article.get("image")
        image = image[0] if isinstance(image, list) and image else image
        value = text_of(image.get("url") if isinstance(image, dict) else image)
    return resolve(url, value) if value else None


def _tags(found: _Found, article: dict[str, Any]) -> tuple[str, ...]:
    given = article.get("keywords")
    values = [str(v) for v in given] if isinstance(given, list) else [str(given)] if isinstance(given, str) else []
    values = values or [value for name in _TAG_META for value in found.meta.get(name, ())][:50]
    tags = (text_of(tag)[:80] for value in values for tag in re.split(r"[,;،、]", value))
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:50]


def _language(tree: HtmlElement, article: dict[str, Any], found: _Found) -> str | None:
    for value in (
        article.get("inLanguage"),
        tree.get("lang"),
        found.first("og:locale"),
        found.first("language", "dc.language"),
    ):
        code = re.match(r"[a-zA-Z]{2}(?![a-zA-Z])", text_of(value))
        if code:
            return code[0].lower()
    return None


def _accessible(article: dict[str, Any]) -> bool | None:
    value = str(article.get("isAccessibleForFree", "")).strip().lower()
    return {"true": True, "false": False}.get(value.rsplit("/", 1)[-1])


# --- dates -----------------------------------------------------------------------------------------


def _dates(
    found: _Found, article: dict[str, Any], tree: HtmlElement, url: str, *, want_date: bool
) -> tuple[datetime | None, datetime | None]:
    said = [text_of(article.get("datePublished") or article.get("dateCreated"))]
    said += [value for name in _PUBLISHED_META for value in found.meta.get(name, ())[:1]]
    first = next((value for value in said if value and _plausible(parse_date(value))), "")
    if not (has_time(first) and has_zone(first)):  # else nothing is asked of the others
        said += _microdata_times(tree, "datePublished")
    published = _most_exact(said, [stamp for stamp, _, _ in found.times[:12]])
    if published is None:
        published = _from_times(found.times)
    if published is None and want_date:
        published = _from_address(url) or _searched(tree, url)
    changed = [
        text_of(article.get("dateModified")),
        *(v for name in _UPDATED_META for v in found.meta.get(name, ())[:1]),
    ]
    return published, _most_exact(changed, ())


def _plausible(moment: datetime | None) -> bool:
    return moment is not None and moment > _OLDEST


def _most_exact(said: Iterable[str], hints: Iterable[str]) -> datetime | None:
    """The first date that is said; where it lacks time or zone, another one within a day that has both."""
    read = [(value, moment) for value in said if value and (moment := parse_date(value)) and _plausible(moment)]
    if not read:
        return None
    value, first = read[0]
    if has_time(value) and has_zone(value):
        return first
    for other, moment in [*read[1:], *((hint, m) for hint in hints if (m := parse_date(hint)))]:
        if has_time(other) and has_zone(other) and _agrees(value, first, moment):
            return moment
    return next((m for v, m in read if has_time(v) and abs(m - first) < timedelta(days=1)), first)


def _agrees(value: str, first: datetime, other: datetime) -> bool:
    """Can ``other`` be the same moment as ``first``, which was written without zone, or without a time of day?"""
    apart = other - first
    if has_time(value):  # the local clock: a whole number of quarter hours from UTC, to the minute
        return abs(apart) <= timedelta(hours=14) and abs((apart.total_seconds() / 60 + 7.5) % 15 - 7.5) < 1
    return timedelta(hours=-14) <= apart <= timedelta(hours=38)


def _microdata_times(tree: HtmlElement, name: str) -> list[str]:
    elements = tree.xpath(f"//*[contains(@itemprop,'{name}')]")[:3]
    return [e.get("datetime") or e.get("content") or " ".join(e.itertext())[:80] for e in elements]


def _from_times(times: list[tuple[str, str, HtmlElement]]) -> datetime | None:
    """The first ``<time>`` that is not in a list of other articles."""
    for stamp, shown, element in times[:10]:
        if any(a.tag in ("aside", "nav", "footer", "li", "a") for a in element.iterancestors()):
            continue
        moment = parse_date(stamp) or parse_date(shown)
        if _plausible(moment):
            return moment
    return None


def _from_address(url: str) -> datetime | None:
    if day := _URL_DAY.search(url):
        try:
            return datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC)
        except ValueError:
            return None
    return None


def _searched(tree: HtmlElement, url: str) -> datetime | None:
    from htmldate import find_date  # half a second to import, rarely needed

    try:
        day = find_date(tree, url=url, original_date=True, extensive_search=True)
    except Exception:  # noqa: BLE001  third-party code over hostile markup
        return None
    return parse_date(day) if day else None
