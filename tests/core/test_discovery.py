from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.discovery import MOST_LINKS, common_addresses, feed_links

PAGE = b"""<?xml version="1.0" encoding="utf-8"?><html><head><base href="/desk/">
<link rel="stylesheet alternate" type="text/css" href="x.css">
<link rel="Alternate" type="application/rss+xml; charset=utf-8" title="World &amp; more" href="world.rss">
<link rel="alternate" type="application/feed+json" href="//feeds.example/all.json">
<link rel="alternate" type="application/atom+xml" href="javascript:alert(1)">
</head><body><a href="/rss/sport">Sport <b>feed</b></a><a href="/about">About</a><a href="/desk/world.rss">again</a>
<a href="/feedback">Write to us</a></body></html>"""


def test_links_of_a_page_in_their_order_each_once() -> None:
    found = feed_links(PAGE, "https://news.example/start", "text/html")
    assert [(link.url, link.title, link.how) for link in found] == [
        ("https://news.example/desk/world.rss", "World & more", "named by the page"),
        ("https://feeds.example/all.json", "", "named by the page"),
        ("https://news.example/rss/sport", "Sport feed", "linked from the page"),
    ]


def test_a_page_cannot_name_more_than_is_looked_at() -> None:
    body = b"<html>" + b"".join(b'<a href="/feed/%d">x</a>' % n for n in range(500))
    assert len(feed_links(body, "https://news.example/", None)) == MOST_LINKS


def test_common_addresses_stand_below_the_host() -> None:
    found = [link.url for link in common_addresses("https://news.example:8443/a/b?c=d")]
    assert "https://news.example:8443/feed" in found
    assert all(url.startswith("https://news.example:8443/") for url in found)


@given(st.binary(max_size=300) | st.text(alphabet="<>a link base href=\"'/:[]&;", max_size=200).map(str.encode))
def test_whatever_the_bytes_are_only_http_addresses_come_out(body: bytes) -> None:
    for link in feed_links(body, "https://news.example/", None):
        assert link.url.startswith(("http://", "https://"))
