"""Addresses: one spelling, one identity, nothing secret."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.urls import FEED_MARKERS, TRACKING, canonical_url, is_http, redact_url, resolve, site_of, url_key

HOSTS = st.sampled_from(
    [
        "example.org",
        "Example.ORG",
        "www.example.org",
        "news.example.co.uk",
        "münchen.example",
        "127.0.0.1",
        "[::1]",
        "a_b.example",
    ]
)
PATHS = st.lists(
    st.sampled_from(["a", "B", "..", ".", "", "%7Eb", "%2f", "%zz", "é", "a b", "c;d", "x:y", "%C3%A9", "index.html"]),
    max_size=5,
)
PAIRS = st.sampled_from(["id=1", "id=2", "q=a+b", "q=%20", "utm_source=rss", "UTM_Medium=x", "fbclid=1", "x", "x=", "=", "", "a[]=1", "source=rss", "source=reuters", "é=ü", "p=a%26b"])  # fmt: skip
FRAGMENTS = st.sampled_from(["", "top", "!/page/2", "!", "é"])


@st.composite
def urls(draw: st.DrawFn) -> str:
    port = draw(st.sampled_from(["", ":80", ":443", ":8080"]))
    path, query, fragment = draw(PATHS), draw(st.lists(PAIRS, max_size=4)), draw(FRAGMENTS)
    user = draw(st.sampled_from(["", "user:secret@"]))
    return (
        f"{draw(st.sampled_from(['http', 'https', 'HTTP']))}://{user}{draw(HOSTS)}{port}"
        + "".join(f"/{segment}" for segment in path)
        + (f"?{'&'.join(query)}" if query else "")
        + (f"#{fragment}" if fragment else "")
    )


@given(urls() | st.text(max_size=60).map(lambda tail: f"https://x.example/{tail}") | st.text(max_size=40))
@example("http://x.example/%25%32%35")
@example("http://x.example//a//..//b")
def test_canonical_is_idempotent(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once
    assert is_http(once) == is_http(url.strip())
    assert url_key(once) == url_key(url)


@given(urls())
def test_canonical_keeps_the_host_and_what_means_something(url: str) -> None:
    before, after = urlsplit(url), urlsplit(canonical_url(url))
    assert (after.hostname or "").encode("idna") == (before.hostname or "").lower().encode("idna")
    assert (after.port or {"http": 80, "https": 443}[after.scheme]) == (
        before.port or {"http": 80, "https": 443}[after.scheme]
    )
    assert after.scheme == before.scheme.lower()
    assert after.username is None
    meaningful = [
        p
        for p in before.query.split("&")
        if p in {"id=1", "id=2", "q=a+b", "q=%20", "x", "x=", "a[]=1", "source=reuters", "p=a%26b"}
    ]
    kept = after.query.split("&")
    assert [p for p in kept if p in meaningful] == meaningful
    assert not any(name in after.query.lower() for name in ("utm_", "fbclid", "source=rss"))


@given(urls())
def test_the_key_forgets_scheme_www_and_last_slash_only(url: str) -> None:
    key = url_key(url)
    bare = url.split("://", 1)[1]
    if ":80" not in bare and ":443" not in bare:
        assert url_key(f"http://{bare}") == url_key(f"https://{bare}") == key


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        (
            "HTTPS://User:pw@WWW.Example.org:443/a/./b/../c/?utm_source=x&id=7&gclid=1#frag",
            "https://www.example.org/a/c/?id=7",
        ),
        ("http://example.org", "http://example.org/"),
        ("http://example.org?", "http://example.org/"),
        ("http://example.org/?utm_source=x", "http://example.org/"),
        ("http://example.org./x", "http://example.org/x"),
        ("http://bücher.example/ü?ü=ü", "http://xn--bcher-kva.example/%C3%BC?%C3%BC=%C3%BC"),
        ("http://example.org/%7ejoe/%2fa%c3%a9", "http://example.org/~joe/%2Fa%C3%A9"),
        ("http://example.org/a b", "http://example.org/a%20b"),
        ("http://example.org/100%", "http://example.org/100%25"),
        ("http://example.org/#!/story/5", "http://example.org/#!/story/5"),
        ("http://example.org/?mod=rss_world&mod=2", "http://example.org/?mod=2"),
        ("http://example.org/?ref=main&source=rss", "http://example.org/?ref=main"),
        ("http://example.org/?b=2&a=1", "http://example.org/?b=2&a=1"),
        ("http://example.org/?x=1&amp;utm_source=rss", "http://example.org/?x=1"),
        ("http://example.org:8080/x", "http://example.org:8080/x"),
        ("  http://example.org/x\n", "http://example.org/x"),
        ("ftp://example.org/x", "ftp://example.org/x"),
        ("urn:x:1", "urn:x:1"),
        ("", ""),
    ],
)
def test_canonical(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize("name", ["fbclid", "gclid", "mc_cid", "utm_campaign", "mtm_source", "_hsenc", "at_medium"])
def test_tracking_parameters(name: str) -> None:
    assert canonical_url(f"http://x.example/?{name}=1&id=2") == "http://x.example/?id=2"
    assert not {"id", "p", "q", "page", "article", "story", "lang"} & (TRACKING | FEED_MARKERS)


@pytest.mark.parametrize(
    "url",
    [
        "http:///", "http:x", "https://exa mple.org/", "http://example.org:99999/", "http://example.org:0/", "http://[", "http://[::1",
        "ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "//example.org/", "example.org",
        "http://127.0.0.1:80\\@example.org/", "http://ok.example%00.x/", "http://ex\tample.org/", "http://a..b/", "http://-/",
        "feed://example.org/", "unix:/x", "gopher://x/", "http://@/", "http://exa<mple/", "http://\ud800.example/", "",
    ],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    assert not is_http(url)


def test_limits_of_addresses() -> None:
    assert is_http("http://example.org/" + "a" * 8_000)
    assert not is_http("http://example.org/" + "a" * 70_000)
    assert not is_http("http://example.org/\nx")


@pytest.mark.parametrize(
    ("base", "link", "absolute"),
    [
        ("https://x.example/a/b", "c", "https://x.example/a/c"),
        ("https://x.example/a/b", "/c?d#e", "https://x.example/c?d#e"),
        ("https://x.example/a", "//y.example/b", "https://y.example/b"),
        ("https://x.example/a", " https://y.example/b\n c ", "https://y.example/b%20c"),
        ("https://x.example/a", "javascript:alert(1)", None),
        ("https://x.example/a", "java\nscript:alert(1)", None),
        ("https://x.example/a", "data:text/html,x", None),
        ("https://x.example/a", "", None),
        ("https://x.example/a", "http://[", None),
        ("http://[", "b", None),
        (None, "b", None),
        (None, "https://y.example/b", "https://y.example/b"),
        ("file:///etc/", "passwd", None),
    ],
)
def test_resolve(base: str | None, link: str, absolute: str | None) -> None:
    assert resolve(base, link) == absolute


@given(st.text(max_size=80), st.text(max_size=80))
def test_resolve_gives_http_or_nothing(base: str, link: str) -> None:
    absolute = resolve(base, link)
    assert absolute is None or is_http(absolute)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("https://a.b.example.com/", "example.com"),
        ("http://127.0.0.1:8080/x", "127.0.0.1"),
        ("http://localhost/", "localhost"),
        ("not an address", ""),
    ],
)
def test_site(url: str, site: str) -> None:
    assert site_of(url) == site


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:hunter2@x.example/f?page=2", "https://x.example/f?page=2"),
        ("https://x.example/f?api_key=abc&id=3&token=t", "https://x.example/f?api_key=…&id=3&token=…"),
        ("https://x.example/f?h=0123456789abcdef0123456789abcdef", "https://x.example/f?h=…"),
        (
            "https://x.example/f?title=a-long-title-of-an-article-without-digits",
            "https://x.example/f?title=a-long-title-of-an-article-without-digits",
        ),
        ("http://[", "(unreadable address)"),
    ],
)
def test_redacted(url: str, shown: str) -> None:
    assert redact_url(url) == shown
