"""The sites of the demo as values, and how each tells its articles: RSS, Atom, JSON Feed, pages."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

FEED_PATHS = {"rss": "/feed.xml", "atom": "/atom.xml", "json": "/feed.json"}
FEED_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


@dataclass(frozen=True, slots=True)
class Site:
    """A site of the demo and the address that it is served at."""

    key: str
    name: str
    lang: str
    format: str
    group: str
    base: str
    country: str | None
    tier: int
    slow_seconds: float
    breaks: bool

    @property
    def feed_url(self) -> str:
        return self.base + FEED_PATHS[self.format]


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """An article as its site tells it now."""

    site: str
    slug: str
    title: str
    paragraphs: tuple[str, ...]
    author: str
    published: datetime
    tags: tuple[str, ...]
    later: bool
    edited: tuple[str, tuple[str, ...]] | None


def _url(site: Site, article: DemoArticle) -> str:
    return f"{site.base}/news/{article.slug}"


def rss(site: Site, articles: list[DemoArticle]) -> str:
    """RSS 2.0."""
    items = "".join(
        f"<item><title>{escape(article.title)}</title><link>{_url(site, article)}</link>"
        f'<guid isPermaLink="false">{site.key}-{article.slug}</guid>'
        f"<pubDate>{format_datetime(article.published)}</pubDate><dc:creator>{escape(article.author)}</dc:creator>"
        + "".join(f"<category>{escape(tag)}</category>" for tag in article.tags)
        + f"<description>{escape(article.paragraphs[0])}</description></item>"
        for article in articles
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>{escape(site.name)}</title><link>{site.base}/</link><language>{site.lang}</language>"
        f"<description>{escape(site.name)}</description>{items}</channel></rss>"
    )


def atom(site: Site, articles: list[DemoArticle]) -> str:
    """Atom 1.0."""
    updated = max((article.published for article in articles), default=datetime.min.replace(tzinfo=UTC)).isoformat()
    entries = "".join(
        f'<entry><title>{escape(article.title)}</title><link rel="alternate" href="{_url(site, article)}"/>'
        f"<id>tag:{site.key},2026:{article.slug}</id><updated>{article.published.isoformat()}</updated>"
        f"<published>{article.published.isoformat()}</published>"
        f"<author><name>{escape(article.author)}</name></author>"
        + "".join(f'<category term="{escape(tag)}"/>' for tag in article.tags)
        + f'<summary type="html">{escape("<p>" + escape(article.paragraphs[0]) + "</p>")}</summary></entry>'
        for article in articles
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{site.lang}">'
        f'<title>{escape(site.name)}</title><id>tag:{site.key},2026:feed</id><link href="{site.base}/"/>'
        f"<updated>{updated}</updated>{entries}</feed>"
    )


def json_feed(site: Site, articles: list[DemoArticle]) -> str:
    """JSON Feed 1.1."""
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": site.name,
            "home_page_url": site.base + "/",
            "language": site.lang,
            "items": [
                {
                    "id": f"{site.key}/{article.slug}",
                    "url": _url(site, article),
                    "title": article.title,
                    "summary": article.paragraphs[0],
                    "date_published": article.published.isoformat(),
                    "authors": [{"name": article.author}],
                }
                for article in articles
            ],
        }
    )


FEEDS = {"rss": rss, "atom": atom, "json": json_feed}


def page(site: Site, article: DemoArticle, others: list[DemoArticle]) -> str:
    """The article as its site shows it, with all that stands around a text on real pages."""
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": article.published.isoformat(),
        "author": {"@type": "Person", "name": article.author},
        "publisher": {"@type": "Organization", "name": site.name},
    }
    data = json.dumps(linked, ensure_ascii=False).replace("<", r"\u003c")
    when = f'<time datetime="{article.published.isoformat()}">{article.published:%d.%m.%Y}</time>'
    menu = "".join(f'<a href="/{way}">{way.title()}</a> ' for way in ("world", "business", "contact"))
    said = "\n".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in article.paragraphs)
    related = "".join(
        f'<li><a href="/news/{other.slug}">{html.escape(other.title)}</a></li>'
        for other in others
        if other.slug != article.slug
    )
    return f"""<!doctype html>
<html lang="{site.lang}">
<head>
<meta charset="utf-8">
<title>{html.escape(article.title)} | {html.escape(site.name)}</title>
<link rel="canonical" href="{_url(site, article)}">
<meta property="og:title" content="{html.escape(article.title)}">
<meta property="og:site_name" content="{html.escape(site.name)}">
<meta property="og:type" content="article">
<meta property="article:published_time" content="{article.published.isoformat()}">
<script type="application/ld+json">{data}</script>
</head>
<body>
<header><nav><a href="/">{html.escape(site.name)}</a> {menu}</nav></header>
<main><article>
<h1>{html.escape(article.title)}</h1>
<p class="byline">{html.escape(article.author)} · {when}</p>
{said}
</article>
<aside><h2>Also on {html.escape(site.name)}</h2><ul>{related}</ul></aside></main>
<footer><p>© {html.escape(site.name)}. Subscribe to our newsletter. All rights reserved.</p></footer>
</body>
</html>
"""
