"""The fast reader and the tolerant one say the same of every feed that both can read."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.feeds import tolerant, wellformed
from monitor.core.feeds.shape import shape
from monitor.model import ParsedEntry

WORDS = st.text(st.sampled_from("abc éЖ中&<>'\" "), min_size=1, max_size=12).map(str.strip)
HTML = st.lists(
    st.sampled_from(["<p>", "</p>", "<br/>", "a", "&amp;", "<b>x</b>", " ", "&#8217;", "é"]), min_size=1, max_size=8
).map("".join)
DATES = st.sampled_from(
    [
        "Tue, 24 Nov 2026 06:10:00 GMT",
        "2026-11-24T06:10:00Z",
        "Tue, 24 Nov 2026 06:10 EST",
        "24 Nov 2026 06:10:00 +0300",
    ]
)
ADDRESSES = st.integers(0, 99).map(lambda n: f"https://news.example/{n}?a=1&b=2")


@st.composite
def rss_items(draw: Any) -> str:
    parts = [f"<title>{escape(draw(WORDS))}</title>", f"<link>{escape(draw(ADDRESSES))}</link>"]
    if draw(st.booleans()):
        parts.append(f"<description>{escape(draw(HTML))}</description>")
    if draw(st.booleans()):
        parts.append(f"<content:encoded><![CDATA[{draw(HTML)}]]></content:encoded>")
    if draw(st.booleans()):
        parts.append(f"<guid isPermaLink='false'>{draw(st.integers(0, 9))}</guid>")
    parts.append(f"<pubDate>{draw(DATES)}</pubDate>")
    parts += [
        f"<category>{escape(tag)}</category>"
        for tag in draw(st.lists(st.sampled_from(["a", "b&c"]), max_size=2, unique=True))
    ]
    if draw(st.booleans()):
        parts.append("<dc:creator>A. Writer</dc:creator>")
    return f"<item>{''.join(draw(st.permutations(parts)))}</item>"


@st.composite
def atom_entries(draw: Any) -> str:
    parts = [
        f"<id>{draw(st.integers(0, 9))}</id>",
        f"<title type='html'>{escape(escape(draw(WORDS)))}</title>",
        f"<link href='{escape(draw(ADDRESSES))}'/>",
        "<updated>2026-11-24T06:10:00Z</updated>",
    ]
    if draw(st.booleans()):
        parts.append(f"<summary type='html'>{escape(draw(HTML))}</summary>")
    if draw(st.booleans()):
        parts.append("<author><name>A. Writer</name></author>")
    if draw(st.booleans()):
        parts.append("<published>2026-11-23T06:10:00Z</published>")
    return f"<entry>{''.join(draw(st.permutations(parts)))}</entry>"


def said(entry: ParsedEntry) -> tuple[Any, ...]:
    return entry.guid, entry.url, entry.title, entry.text, entry.authors, entry.published, entry.tags


def both(document: str) -> None:
    fast, slow = wellformed.read(document), tolerant.read(document)
    assert fast is not None
    assert slow is not None
    a, b = shape(fast, url="https://news.example/f"), shape(slow, url="https://news.example/f")
    assert (a.format, a.title, a.link, len(a.entries)) == (b.format, b.title, b.link, len(b.entries))
    for mine, its in zip(a.entries, b.entries, strict=True):
        assert said(mine) == said(its)


@settings(max_examples=60, deadline=None)
@given(st.lists(rss_items(), min_size=1, max_size=4))
def test_rss(items: list[str]) -> None:
    both(
        "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        f"<channel><title>T</title><link>https://news.example/</link>{''.join(items)}</channel></rss>"
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(atom_entries(), min_size=1, max_size=4))
def test_atom(entries: list[str]) -> None:
    both(
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><link href='https://news.example/'/>{''.join(entries)}</feed>"
    )
