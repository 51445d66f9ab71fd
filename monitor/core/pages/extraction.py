"""The way of a page: checks, one parse, metadata, text, judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.pages.body import article_text, captions, visible_text
from monitor.core.pages.markup import not_html, parse, utf8
from monitor.core.pages.metadata import read_metadata
from monitor.core.pages.walls import LITTLE, judge, read_signs
from monitor.core.precheck import precheck
from monitor.core.text import clean, one_line
from monitor.model import Extract

if TYPE_CHECKING:
    from monitor.core.pages.markup import Page

MAX_ELEMENTS = 40_000
"""Of one page. The extractor is quadratic in places: beyond this it may not end in seconds."""
MAX_CHILDREN = 8_000
"""Of one element."""
MAX_TEXT = 400_000
"""Code points of a body. The longest live blogs have less."""


def extract(
    body: bytes, *, url: str, content_type: str | None, feed_title: str, feed_text: str, want_date: bool = True
) -> Extract:
    """What the page with these bytes says; ``url`` is where they came from.

    ``status`` is ``page`` where ``text`` is the article's body; any other word says why the feed's own text has to
    stand in, and ``detail`` says it in a line. A paywall's ``text`` is the part that is shown. ``feed_title`` and
    ``feed_text`` (either may be empty) are what the feed said, to judge by; ``want_date=False`` spares the costly
    search for a day where the feed has one. Never raises for what the bytes are.
    """
    if not body.strip():
        return Extract(status="empty", detail="no bytes")
    if other := not_html(body, content_type):
        return Extract(status="not_html", detail=one_line(other, 200))
    data = utf8(body, content_type)
    if hostile := precheck(data, "html"):
        return Extract(status="poison", detail=one_line(hostile, 200))
    page = parse(data)
    if page is None:
        return Extract(status="empty", detail="no element in the markup")
    if crowded := _crowded(page):
        return Extract(status="poison", detail=crowded)
    return _read(page, url=url, feed_title=feed_title, feed_text=feed_text, want_date=want_date)


def _crowded(page: Page) -> str | None:
    elements = int(page.tree.xpath("count(//*)"))
    if elements > MAX_ELEMENTS:
        return f"{elements:,} elements, more than {MAX_ELEMENTS:,}"
    most = max(map(len, page.tree.iter())) if elements > MAX_CHILDREN else 0
    return f"{most:,} elements within one, more than {MAX_CHILDREN:,}" if most > MAX_CHILDREN else None


def _read(page: Page, *, url: str, feed_title: str, feed_text: str, want_date: bool) -> Extract:
    tree = page.tree
    meta = read_metadata(tree, url=url, feed_title=feed_title, want_date=want_date)
    signs = read_signs(tree, url)
    caption_people = tuple(one_line(line, 200) for line in captions(tree))
    text = article_text(
        tree,
        headlines=meta.headlines,
        standfirsts=meta.standfirsts,
        article_body=meta.article_body,
        feed_text=feed_text,
    )
    text = clean(text)
    seen = visible_text(tree) if len(text) < LITTLE else ""
    status, detail = judge(text, meta, signs, url=url, seen=seen, feed_text=feed_text)
    if len(text) > MAX_TEXT:
        text, detail = text[:MAX_TEXT], f"cut off after {MAX_TEXT:,} of {len(text):,} characters"
    if page.cut and status in ("page", "empty"):
        status, detail = ("page", f"cut off: {page.cut}") if status == "page" else ("poison", page.cut)
    return Extract(
        status=status,
        detail=one_line(detail, 200),
        title=one_line(meta.title, 500),
        text=text if status in ("page", "paywall") else "",
        authors=tuple(one_line(name, 100) for name in meta.authors),
        published=meta.published,
        updated=meta.updated,
        site=one_line(meta.site, 100) if meta.site else None,
        lang=meta.lang,
        image=meta.image,
        tags=tuple(one_line(tag, 80) for tag in meta.tags),
        canonical_url=meta.canonical_url,
        caption_people=caption_people,
    )
