from __future__ import annotations

import pytest
from writing import HEADLINES, article, as_html, linked, page, paragraphs, read

LOGIN = '<form action="/login"><input type="text" name="u"><input type="password" name="p"></form>'

NO_ARTICLES = {
    "challenge": (
        "wall",
        page(
            "<div id='cf'></div><noscript>Enable JavaScript and cookies to continue</noscript>",
            "<title>Just a moment...</title>",
        ),
    ),
    "captcha": (
        "wall",
        page(
            "<p>Please show that you are a person.</p><div class='g-captcha-box'></div>", "<title>example.org</title>"
        ),
    ),
    "denied": (
        "wall",
        page("<h1>Access Denied</h1><p>You cannot use this server. Reference 18.2</p>", "<title>Access Denied</title>"),
    ),
    "consent": (
        "wall",
        page(
            "<h1>Before you continue</h1><p>We and our 812 partners store information on a device.</p><button>Accept all cookies</button>",
            "<title>Before you continue</title>",
        ),
    ),
    "consent, German": (
        "wall",
        page(
            "<p>Mit Werbung weiterlesen oder mit Abo ohne Werbung lesen. Wir und unsere 200 Partner brauchen Ihre Zustimmung.</p>",
            "<title>Einwilligung</title>",
        ),
    ),
    "login": (
        "wall",
        page(f"<h1>Log in</h1><p>Log in to go on reading.</p>{LOGIN}", "<title>Log in - Example</title>"),
    ),
    "not found": (
        "error_page",
        page("<h1>Page not found</h1><p>The page you look for is not here.</p>", "<title>404 - Page not found</title>"),
    ),
    "not found, Russian": (
        "error_page",
        page("<h1>Страница не найдена</h1><p>Вернитесь на главную.</p>", "<title>Страница не найдена</title>", "ru"),
    ),
    "gone": ("error_page", page("<p>This article is no longer available.</p>", "<title>Example Times</title>")),
    "server": ("error_page", page("<h1>503 Service Unavailable</h1>", "<title>503 Service Unavailable</title>")),
    "empty": ("empty", page("<div id='root'></div>", "<title>Example Times</title>")),
    "wrapper, refresh": (
        "wrapper",
        page("<p>Opening…</p>", '<meta http-equiv="refresh" content="0; url=https://paper.example.net/story">'),
    ),
    "wrapper, script": ("wrapper", page("<script>window.location.replace('https://paper.example.net/story')</script>")),
}


@pytest.mark.parametrize("kind", sorted(NO_ARTICLES))
def test_a_page_that_is_no_article_says_what_it_is(kind: str) -> None:
    status, html = NO_ARTICLES[kind]
    found = read(html)
    assert found.status == status, found
    assert found.detail
    assert found.text == ""


def test_an_address_that_only_wraps_another() -> None:
    url = "https://aggregator.example.com/rss/articles/CBMiQGh0dHBzOi8vcGFwZXIuZXhhbXBsZS5uZXQvc3Rvcnk"
    assert read(page("<c-wiz></c-wiz>", "<title>Aggregator</title>"), url=url).status == "wrapper"


@pytest.mark.parametrize(
    ("title", "lead"),
    [
        (
            "Cookie law: we value your privacy, say websites",
            "Accept all cookies, the button says, and few people read what stands below it.",
        ),
        (
            "Why captcha puzzles fail",
            "Verify you are human: the demand is older than many of those who have to answer it.",
        ),
        (
            "404 not found: a history of the error page",
            "The page was not found, and nobody knows why the number stuck for so many years.",
        ),
        (
            "Subscribe to continue reading: how paywalls grew",
            "Subscribe to continue reading is what most papers say by now, after years of free news.",
        ),
    ],
)
def test_an_article_about_walls_is_an_article(title: str, lead: str) -> None:
    body = f"<article><h1>{title}</h1>{as_html([lead, *paragraphs()])}</article>{LOGIN}"
    found = read(page(body, f"<title>{title}</title>"))
    assert (found.status, found.text.split("\n")) == ("page", [lead, *paragraphs()])


def test_a_short_report_on_a_page_with_login_and_cookie_links_is_a_page() -> None:
    body = f"<article><h1>{HEADLINES['en']}</h1>{as_html(paragraphs()[:3])}</article>{LOGIN}<p><a href='/c'>Cookie settings</a> <a href='/l'>Log in</a></p>"
    assert read(page(body, f"<title>{HEADLINES['en']}</title>")).status == "page"


def test_a_paywall_by_its_own_data_keeps_what_it_shows() -> None:
    data = {"@type": "NewsArticle", "headline": HEADLINES["en"], "isAccessibleForFree": "False"}
    found = read(page(f"<article><h1>{HEADLINES['en']}</h1>{as_html(paragraphs()[:2])}</article>", linked(data)))
    assert found.status == "paywall"
    assert found.text.split("\n") == paragraphs()[:2]
    whole = read(article(head=linked(data), inside=as_html(paragraphs("de"))))
    assert whole.status == "page", "the whole text is there"


def test_a_paywall_by_its_call() -> None:
    body = as_html([*paragraphs()[:2], "Subscribe to continue reading this article."])
    assert read(page(f"<article><h1>{HEADLINES['en']}</h1>{body}</article>")).status == "paywall"


def test_far_less_than_the_feed_gives_is_nothing() -> None:
    html = page("<p>A line that says little, on a page that has nothing else to say.</p>")
    assert read(html, feed_text=" ".join(paragraphs())).status == "empty"
    assert read(html).status == "page"
    cut = read(article(), feed_text=" ".join(paragraphs(times=9)))
    assert (cut.status, cut.text) == ("empty", "")
    assert "the feed has" in cut.detail


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7\n1 0 obj", "text/html"),
        (b"\x89PNG\r\n\x1a\n", None),
        (b'{"a": 1}', "application/json"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel></channel></rss>", "text/html"),
        (b"only words, no markup", "text/plain"),
        (bytes(range(256)) * 40, "text/html"),
    ],
)
def test_what_is_not_html_says_so(body: bytes, content_type: str | None) -> None:
    found = read(body, content_type=content_type)
    assert found.status == "not_html"
    assert found.detail


def test_no_bytes() -> None:
    assert read(b"  \n").status == "empty"
