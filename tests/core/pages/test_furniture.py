"""Lines that recur on a site are learnt and taken away; the text stays."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.analysis import analyse
from monitor.core.material import Material, Page
from monitor.core.pages.furniture import MAX_BLOCKS, RECURS, blocks, without_furniture
from monitor.core.topics import TopicPack
from monitor.model import ParsedEntry
from tests.core.pages.writing import PARAGRAPHS
from tests.support.reports import invented

KICKER = "The Lesna Courier, the valley's paper since 1911, comes to you free of charge."
ASIDE = "Continue below"
FOOTER = ["Write to the editors of the Courier at the old mill.", "The Courier is printed on river power."]


def body(number: int, *, sentences: int = 6) -> list[str]:
    text = invented(number, sentences * 3)
    return [" ".join(text[n : n + 3]) for n in range(0, len(text), 3)]


def on_site(number: int) -> str:
    text = body(number)
    return "\n".join([KICKER, *text[:3], ASIDE, *text[3:], *FOOTER])


def learnt(articles: list[str]) -> set[int]:
    seen = Counter(block for article in articles for block in blocks(article))
    return {block for block, times in seen.items() if times >= RECURS}


def test_what_recurs_goes_and_the_text_stays():
    furniture = learnt([on_site(n) for n in range(RECURS)])
    assert without_furniture(on_site(99), furniture) == "\n".join(body(99))
    assert without_furniture(on_site(99).upper(), furniture) == "\n".join(body(99)).upper()


def test_nothing_goes_before_it_has_recurred():
    furniture = learnt([on_site(n) for n in range(RECURS - 1)])
    assert without_furniture(on_site(99), furniture) == on_site(99)


def test_furniture_of_one_site_is_text_on_another():
    furniture = learnt(["\n".join(body(n)) for n in range(20)])
    assert not furniture


@pytest.mark.parametrize(("feed_text", "of_page"), [("", True), ("Short.", True), ("Many words. " * 200, False)])
def test_what_a_paywall_shows_is_taken_where_the_feed_has_less(feed_text: str, *, of_page: bool) -> None:
    data = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
    shown = "".join(f"<p>{line}</p>" for line in PARAGRAPHS["en"])
    html = f"<html><head>{data}</head><body><article><h1>A bridge</h1>{shown}</article></body></html>"
    page = Page(body=html.encode(), url="https://courier.example/a", content_type="text/html; charset=utf-8")
    entry = ParsedEntry(guid=None, url=None, title="A bridge", content=feed_text)
    found = analyse(Material(entry=entry, url=page.url, page=page), TopicPack({}))
    assert found.body_status == "paywall"
    assert found.text.body.split("\n") == (PARAGRAPHS["en"] if of_page else [entry.text])


def test_the_only_text_stays():
    furniture = set(blocks("\n".join([KICKER, *FOOTER])))
    assert without_furniture("\n".join([KICKER, *FOOTER]), furniture) == "\n".join([KICKER, *FOOTER])
    assert without_furniture(KICKER, furniture) == KICKER
    assert without_furniture("", furniture) == ""


def test_a_long_line_within_the_text_stays():
    furniture = set(blocks(FOOTER[0] + " " + KICKER))
    quoted = "\n".join([body(1)[0], FOOTER[0] + " " + KICKER, body(1)[1]])
    assert without_furniture(quoted, furniture) == quoted


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(max_size=120), max_size=40).map("\n".join),
    st.lists(st.text(max_size=120), max_size=40).map("\n".join),
)
def test_lines_are_only_left_out(text: str, other: str) -> None:
    found = blocks(text)
    assert len(found) <= MAX_BLOCKS
    assert all(-(2**63) <= block < 2**63 for block in found)
    for furniture in (found, blocks(other)):
        kept = without_furniture(text, furniture)
        lines = iter(text.split("\n"))
        assert all(line in lines for line in kept.split("\n"))
        assert bool(kept.strip()) == bool(text.strip())


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_analysis_is_of_what_is_left_and_offers_all_lines(lang: str) -> None:
    lines = [KICKER, *PARAGRAPHS[lang], FOOTER[0]]
    html = "<html><body><article>" + "".join(f"<p>{line}</p>" for line in lines) + "</article></body></html>"
    page = Page(body=html.encode(), url="https://courier.example/a", content_type="text/html; charset=utf-8")
    material = Material(
        entry=ParsedEntry(guid=None, url=None, title="A bridge"),
        url=page.url,
        page=page,
        furniture=blocks("\n".join([KICKER, FOOTER[0]])),
    )
    found = analyse(material, TopicPack({}))
    assert found.text.body.split("\n") == PARAGRAPHS[lang]
    assert set(material.furniture) <= set(found.blocks)
