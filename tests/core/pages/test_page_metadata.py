from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import HEADLINES, URL, article, as_html, linked, page, paragraphs, read

from monitor.core.pages.names import clean_authors
from monitor.core.pages.titles import choose_title, without_site

NINE = datetime(2024, 5, 2, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "sites", "expected"),
    [
        (
            "Bridge reopens after the flood | The Example Times",
            ("The Example Times",),
            "Bridge reopens after the flood",
        ),
        (
            "Bridge reopens after the flood - World - Example Times",
            ("Example Times",),
            "Bridge reopens after the flood - World",
        ),
        ("The Example Times: Bridge reopens after the flood", ("The Example Times",), "Bridge reopens after the flood"),
        ("洪水で流失した橋が再開通：例新聞デジタル", ("例新聞",), "洪水で流失した橋が再開通：例新聞デジタル"),
        ("洪水で流失した橋が再開通｜例新聞デジタル", ("例新聞デジタル",), "洪水で流失した橋が再開通"),
        ("Ministers - and their doubts - meet", ("Example",), "Ministers - and their doubts - meet"),
        ("Bridge reopens after the flood | example.org", ("example.org",), "Bridge reopens after the flood"),
    ],
)
def test_the_site_is_no_part_of_the_title(title: str, sites: tuple[str, ...], expected: str) -> None:
    from monitor.core.pages.titles import plain

    assert without_site(title, {plain(site) for site in sites}) == expected


def test_headlines_vote() -> None:
    said = {"ld": "", "h1": [], "title": "", "feed": "", "site_names": ()}
    title, _ = choose_title(
        **{**said, "ld": "Short for search", "og": "The real headline", "h1": ["The real headline"]}
    )
    assert title == "The real headline"
    title, known = choose_title(**{**said, "ld": "One headline", "og": "Another headline", "h1": ["A third headline"]})
    assert title == "One headline"
    assert set(known) == {"One headline", "Another headline", "A third headline"}


def test_a_kicker_goes_where_the_page_also_says_the_headline_without_it() -> None:
    title, _ = choose_title(
        ld="Transport: River bridge reopens",
        og="River bridge reopens",
        h1=["Transport: River bridge reopens"],
        title="",
        feed="",
        site_names=(),
    )
    assert title == "River bridge reopens"


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (["By Ana Beltran"], ("Ana Beltran",)),
        (["Von Ana Beltran und Karl Ober"], ("Ana Beltran", "Karl Ober")),
        (["Ana Beltran, Karl Ober and Mia Sund"], ("Ana Beltran", "Karl Ober", "Mia Sund")),
        (["Par Ana Beltran et Karl Ober"], ("Ana Beltran", "Karl Ober")),
        (["Ana Beltran, ana.beltran@example.org"], ("Ana Beltran",)),
        (["Ana Beltran (Example Agency)"], ("Ana Beltran",)),
        (["Ana Beltran Chief Correspondent"], ("Ana Beltran",)),
        (["Ana Beltran, Chief Foreign Correspondent"], ("Ana Beltran",)),
        (["Example staff reporter"], ("Example staff reporter",)),
        (["Ana Beltran, Karl Ober"], ("Ana Beltran", "Karl Ober")),
        (["Meduza, Reuters"], ("Meduza", "Reuters")),
        (["Karl Ober Jr."], ("Karl Ober Jr.",)),
        (["Ana Beltran Reporter"], ("Ana Beltran",)),
        (["한나리 기자"], ("한나리",)),
        (["Ana Beltran", "ana beltran", "The Example Times"], ("Ana Beltran",)),
        (["The Example Times"], ("The Example Times",)),
        (["https://www.example.org/author/ana"], ()),
        (["Ana Beltran &amp; Karl Ober"], ("Ana Beltran", "Karl Ober")),
        (["admin"], ()),
        (["Автор: Анна Белова"], ("Анна Белова",)),
        (["<a href='/x'>Ana Beltran</a>"], ("Ana Beltran",)),
        (["Published 12:30"], ()),
    ],
)
def test_authors_are_names(written: list[str], names: tuple[str, ...]) -> None:
    assert clean_authors(written, site="The Example Times") == names


def test_library_metadata_turns_names_round() -> None:
    assert read(article(head='<meta name="dc.creator" content="Beltran, Ana">')).authors == ("Ana Beltran",)


@given(st.lists(st.text(max_size=80), max_size=5))
def test_authors_are_short_distinct_and_stable(written: list[str]) -> None:
    names = clean_authors(written)
    assert len({name.casefold() for name in names}) == len(names)
    assert all(name and len(name) <= 70 and "\n" not in name for name in names)


def test_linked_data_in_a_graph_with_references() -> None:
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "@id": "#site", "name": "The Example Times"},
            {"@type": "Person", "@id": "#ana", "name": "Ana Beltran"},
            {
                "@type": ["NewsArticle"],
                "headline": HEADLINES["en"],
                "author": [{"@id": "#ana"}],
                "publisher": {"@id": "#site"},
                "datePublished": "2024-05-02T11:15:00+02:00",
                "dateModified": "2024-05-02T12:00:00+02:00",
                "keywords": ["floods", "roads"],
                "image": {"@type": "ImageObject", "url": "/bridge.jpg"},
                "inLanguage": "en-GB",
            },
        ],
    }
    found = read(article(head=linked(data)))
    assert found.authors == ("Ana Beltran",)
    assert (found.published, found.updated) == (NINE, datetime(2024, 5, 2, 10, tzinfo=UTC))
    assert found.site == "The Example Times"
    assert found.tags == ("floods", "roads")
    assert found.image == "https://news.example.org/bridge.jpg"
    assert found.lang == "en"


def test_of_several_articles_the_one_with_this_address_speaks() -> None:
    other = {
        "@type": "NewsArticle",
        "headline": "Something else",
        "author": "Karl Ober",
        "datePublished": "2020-01-01",
        "url": "https://news.example.org/other",
    }
    own = {
        "@type": "NewsArticle",
        "headline": HEADLINES["en"],
        "author": "Ana Beltran",
        "mainEntityOfPage": {"@id": URL},
    }
    found = read(article(head=linked([other, own])))
    assert (found.title, found.authors) == (HEADLINES["en"], ("Ana Beltran",))


@pytest.mark.parametrize(
    "source",
    [
        '{"@type": "NewsArticle", "author": "Ana Beltran",}',
        '<!-- {"@type": "NewsArticle", "author": "Ana Beltran"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "author": "Ana Beltran"}\n//]]>',
        '{"@type": "NewsArticle", "description": "two\nlines", "author": {"name": "Ana Beltran"}};',
    ],
)
def test_linked_data_with_common_faults(source: str) -> None:
    assert read(article(head=f'<script type="application/ld+json">{source}</script>')).authors == ("Ana Beltran",)


@pytest.mark.parametrize(
    "data",
    [
        [],
        "text",
        7,
        {"@type": 3},
        {
            "@type": "NewsArticle",
            "author": 5,
            "headline": [],
            "image": [[]],
            "keywords": 4,
            "publisher": "x",
            "articleBody": {},
        },
        {"@graph": {"@graph": [None, 1]}},
    ],
)
def test_linked_data_of_any_shape_does_no_harm(data: object) -> None:
    assert read(article(head=linked(data))).text.split("\n") == paragraphs()


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2024-05-02T09:15:00Z">',
        '<meta name="date" content="2024-05-02 11:15:00 +02:00">',
        '<meta itemprop="datePublished" content="2024-05-02T09:15:00+00:00">',
        '<meta name="pubdate" content="Thu, 02 May 2024 09:15:00 GMT">',
        '<meta name="sailthru.date" content="2024-05-02"><meta name="parsely-pub-date" content="2024-05-02T09:15:00Z">',
    ],
)
def test_the_moment_of_publication_from_meta(head: str) -> None:
    assert read(article(head=head)).published == NINE


def test_a_day_is_made_exact_by_the_time_that_the_page_shows() -> None:
    data = {"@type": "NewsArticle", "headline": "x", "datePublished": "2024-05-02"}
    shown = '<time datetime="2024-05-02T11:15:00+02:00">2 May</time>'
    assert read(article(head=linked(data), before=shown)).published == NINE


def test_a_local_time_gets_its_zone_from_the_same_minute_elsewhere() -> None:
    data = {"@type": "NewsArticle", "headline": "x", "datePublished": "2024-05-02T11:15:00"}
    other = '<meta property="article:published_time" content="2024-05-02T11:15:00+02:00">'
    assert read(article(head=linked(data) + other)).published == NINE


def test_times_of_other_articles_are_not_this_ones() -> None:
    listed = '<ul><li><a href="/x"><time datetime="2020-01-01T00:00:00Z">old</time></a></li></ul>'
    shown = '<p><time datetime="2024-05-02T09:15:00Z">now</time></p>'
    assert read(article(before=listed + shown), url="https://news.example.org/a").published == NINE


def test_the_address_names_the_day_where_nothing_else_does() -> None:
    assert read(article()).published == datetime(2024, 5, 2, tzinfo=UTC)
    assert read(article(), want_date=False).published is None


def test_microdata() -> None:
    body = (
        '<article itemscope itemtype="https://schema.org/NewsArticle">'
        f'<h1 itemprop="headline">{HEADLINES["en"]}</h1><span itemprop="author" itemscope><span itemprop="name">Ana Beltran</span>, Lesna</span>'
        f'<time itemprop="datePublished" datetime="2024-05-02T09:15:00Z">today</time><div itemprop="articleBody">{as_html(paragraphs())}</div></article>'
    )
    found = read(page(body))
    assert (found.authors, found.published, found.text.split("\n")) == (("Ana Beltran",), NINE, paragraphs())


@pytest.mark.parametrize(
    "byline",
    [
        '<a rel="author" href="/ana">Ana Beltran</a>',
        '<p class="byline">By Ana Beltran</p>',
        '<div class="article-author-name">Ana Beltran</div>',
    ],
)
def test_the_byline_names_the_author(byline: str) -> None:
    assert read(article(before=byline)).authors == ("Ana Beltran",)


@pytest.mark.parametrize(
    ("head", "canonical"),
    [
        ('<link rel="canonical" href="https://www.example.org/world/bridge">', "https://www.example.org/world/bridge"),
        ('<link rel="canonical" href="/world/bridge">', "https://news.example.org/world/bridge"),
        ('<meta property="og:url" content="https://news.example.org/b">', "https://news.example.org/b"),
        ('<link rel="canonical" href="https://elsewhere.example.net/bridge">', None),
        ('<link rel="canonical" href="https://news.example.org/">', None),
        ('<link rel="canonical" href="javascript:alert(1)">', None),
        ("", None),
    ],
)
def test_the_canonical_address_is_of_the_same_site(head: str, canonical: str | None) -> None:
    assert read(article(head=head)).canonical_url == canonical
