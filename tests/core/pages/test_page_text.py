from __future__ import annotations

import pytest
from writing import HEADLINES, PARAGRAPHS, article, as_html, linked, page, paragraphs, read


@pytest.mark.parametrize("lang", sorted(PARAGRAPHS))
def test_the_text_is_exactly_the_paragraphs(lang: str) -> None:
    found = read(article(lang))
    assert found.status == "page"
    assert found.text.split("\n") == paragraphs(lang)
    assert found.title == HEADLINES[lang]


FURNITURE = {
    "caption": '<figure><img src="a.jpg"><figcaption>A view of the old bridge, seen from the mill.</figcaption></figure>',
    "pointer": '<p>Read also: <a href="/other">The flood that nobody in the valley had foreseen</a></p>',
    "bare link": '<p><a href="/other">The flood that nobody in the valley had foreseen</a></p>',
    "newsletter": '<div class="newsletter-box"><p>Our letter brings the valley to you, every single morning at seven.</p></div>',
    "share": '<ul class="share-tools"><li>Share this with all of your friends and neighbours</li></ul>',
    "related": '<section class="related"><h3>More</h3><p>Some other report about another river in another land.</p></section>',
    "advertisement": "<p>Advertisement</p>",
    "credit": "<p>Photo: Ana Beltran / Example Pictures</p>",
    "script": "<script>document.write('<p>Words that a script would write into the page.</p>')</script>",
}


@pytest.mark.parametrize("kind", sorted(FURNITURE))
def test_furniture_within_the_text_goes(kind: str) -> None:
    assert read(article(inside=FURNITURE[kind])).text.split("\n") == paragraphs()


@pytest.mark.parametrize(
    "sentence", ["Related parties may be heard until May.", "Read more slowly, said the teacher, and the class did so."]
)
def test_a_sentence_that_begins_like_furniture_stays(sentence: str) -> None:
    assert sentence in read(article(inside=f"<p>{sentence}</p>")).text


def test_links_within_sentences_stay() -> None:
    sentence = 'The ministry had <a href="/x">promised the bridge for the spring</a> and nobody believed it until the first car.'
    found = read(article(inside=f"<p>{sentence}</p>"))
    assert "The ministry had promised the bridge for the spring and nobody believed it" in found.text


def test_a_mark_on_every_paragraph_is_no_furniture() -> None:
    body = "".join(f'<p class="paywall">{text}</p>' for text in paragraphs())
    assert (
        read(page(f"<article><h1>{HEADLINES['en']}</h1><div>{body}</div></article>")).text.split("\n") == paragraphs()
    )


def test_the_headline_repeated_in_the_body_goes_with_its_kicker() -> None:
    inside = f"<h2>Transport</h2><h2>Valley: {HEADLINES['en']}</h2>"
    body = f'<h1>{HEADLINES["en"]}</h1><div class="article-body">{inside}{as_html(paragraphs())}</div>'
    found = read(page(f"<article>{body}</article>", f"<title>{HEADLINES['en']}</title>"))
    assert found.text.split("\n") == paragraphs()


def test_the_standfirst_that_the_page_shows_comes_first() -> None:
    standfirst = (
        "Eleven months after the flood the valley has its only road back, though not yet for the heaviest lorries."
    )
    body = (
        f'<header><h1>{HEADLINES["en"]}</h1><p class="x1">{standfirst}</p></header>'
        f'<div class="article-body">{as_html(paragraphs())}</div>'
    )
    found = read(page(f"<article>{body}</article>", f'<meta name="description" content="{standfirst}">'))
    assert found.text.split("\n") == [standfirst, *paragraphs()]
    hidden = read(article(head=f'<meta name="description" content="{standfirst}">'))
    assert standfirst not in hidden.text, "what the page does not show is no text of it"


def test_a_text_cut_into_parts_is_whole() -> None:
    texts = paragraphs(times=4)
    parts = "".join(
        f'<div class="body__part">{as_html(texts[i : i + 4])}</div><div class="ad-slot"></div>' for i in range(0, 12, 4)
    )
    assert read(page(f"<article><h1>{HEADLINES['en']}</h1>{parts}</article>")).text.split("\n") == texts


def test_text_behind_an_empty_element_stays() -> None:
    body = "".join(f"<p><b></b>{text}</p>" for text in paragraphs())
    assert read(page(f"<article><h1>{HEADLINES['en']}</h1>{body}</article>")).text.split("\n") == paragraphs()


def test_lists_tables_and_subheadings_are_text() -> None:
    inside = (
        "<h2>What comes next</h2><ul><li>The piers settle until the autumn.</li><li>The detour stays open for lorries.</li></ul>"
        "<table><tr><td>Span</td><td>Length</td></tr><tr><td>Middle</td><td>84 metres</td></tr></table>"
    )
    lines = read(article(inside=inside)).text.split("\n")
    for line in (
        "What comes next",
        "The piers settle until the autumn.",
        "The detour stays open for lorries.",
        "Middle 84 metres",
    ):
        assert line in lines


def test_where_markup_gives_nothing_the_linked_data_speaks() -> None:
    data = {"@type": "NewsArticle", "headline": HEADLINES["en"], "articleBody": "\n\n".join(paragraphs())}
    found = read(page('<div id="app"></div>', linked(data)))
    assert (found.status, found.text.split("\n")) == ("page", paragraphs())


def test_the_updates_of_a_live_blog() -> None:
    updates = [
        {"@type": "BlogPosting", "headline": f"Update {n}", "articleBody": text} for n, text in enumerate(paragraphs())
    ]
    data = {
        "@type": "LiveBlogPosting",
        "headline": HEADLINES["en"],
        "liveBlogUpdate": updates,
        "datePublished": "2024-05-02T08:00:00Z",
    }
    found = read(page('<div id="app"></div>', linked(data)))
    assert found.status == "page"
    assert all(text in found.text for text in paragraphs())
    assert found.title == HEADLINES["en"]


def test_a_caption_with_name_and_office_is_kept_aside() -> None:
    figure = "<figure><img src='a.jpg'><figcaption>Ana Beltran Chief engineer | Lesna Roads</figcaption></figure>"
    found = read(article(inside=figure))
    assert found.caption_people == ("Ana Beltran Chief engineer | Lesna Roads",)
    assert "Beltran" not in found.text


def test_character_references_are_read() -> None:
    found = read(
        article(inside="<p>&#1052;&#x43E;&#1089;&#1090; &#8211; a bridge &amp;&#10;a road &#169; of the valley</p>")
    )
    assert "Мост – a bridge & a road © of the valley" in found.text


def test_stored_text_has_no_control_characters() -> None:
    found = read(
        article(
            inside="<p>Before\x00\x01\x1b[31m\ufffe&#1;&#xFFFF;&#xD800;&#0; after the\u202e mark there are only words that people read.</p>"
        )
    )
    assert not any(ord(c) < 32 and c not in "\t\n" for c in found.text)
    assert "\u202e" not in found.text
    assert "Before" in found.text


def test_comments_that_outweigh_the_article_are_not_of_its_text() -> None:
    talk = "".join(
        f'<div class="comment"><p>Reader {number} has crossed it twice already and found nothing wrong with it.</p></div>'
        for number in range(60)
    )
    body = f"<article><h1>{HEADLINES['en']}</h1><div>{as_html(paragraphs())}</div></article>"
    found = read(page(f'{body}<section class="comments" id="comments">{talk}</section>'))
    assert found.text.split("\n") == paragraphs()
