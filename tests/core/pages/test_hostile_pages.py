"""Pages made to stall a parser: each is refused with its reason, or ends soon. The deadlines are only against hanging."""

from __future__ import annotations

import random
import time

import pytest
from writing import article, paragraphs, read

SECONDS = 30


def _paragraphs(count: int) -> str:
    return "".join(
        f"<p>Paragraph {n} speaks of the river and of the road, in words that go on for a while {n * 7}.</p>"
        for n in range(count)
    )


HOSTILE = {
    "attributes on one element": "<p " + " ".join(f'a{n}="1"' for n in range(100_000)) + ">x</p>",
    "spans in one paragraph": "<p>" + "<span>word </span>" * 100_000 + "</p>",
    "links": "".join(f'<p><a href="/{n}">another link of the list {n}</a></p>' for n in range(60_000)),
    "links in blocks": ("<div>" + "".join(f'<a href="/{n}">link {n}</a> ' for n in range(390)) + "</div>") * 100,
    "nested divs": "<div>" * 100_000 + "hello",
    "nested divs with text": ("<div>" * 200 + "some words of text" + "</div>" * 200) * 150,
    "nested authors": ('<div itemprop="author" class="author">' * 200 + "words " * 30 + "</div>" * 200) * 120,
    "unclosed": "<p><b>word " * 60_000,
    "open brackets": "<" * 2_000_000,
    "paragraphs": _paragraphs(30_000),
    "colspan": '<table><tr><td colspan="9007199254740991" rowspan="99999999">cell</td></tr></table>',
    "list": "<ul>" + "<li>item of the list</li>" * 60_000 + "</ul>",
    "line breaks": "<p>" + "line of text<br>" * 60_000 + "</p>",
    "rows": "<table>" + "<tr><td>a</td><td>b</td></tr>" * 20_000 + "</table>",
    "deep json": '<script type="application/ld+json">' + "[" * 100_000 + "</script><p>x</p>",
    "long title": "<title>" + "a - " * 300_000 + "</title><p>x</p>",
    "long author": '<meta name="author" content="' + "von " * 300_000 + '"><p>x</p>',
    "long date": '<meta name="date" content="' + "1:" * 300_000 + '"><p>x</p>',
    "one long word": "<p>" + "a" * 2_000_000 + "</p>",
    "entities": "<p>" + "&amp;" * 400_000 + "</p>",
    "too many bytes": "<p>" + "word " * 2_000_000 + "</p>",
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_a_hostile_page_ends_soon(kind: str) -> None:
    started = time.monotonic()
    found = read(f"<html><body>{HOSTILE[kind]}</body></html>")
    assert time.monotonic() - started < SECONDS
    assert found.status == "page" or found.detail


def test_random_bytes() -> None:
    noise = random.Random(7).randbytes(1_000_000)
    assert read(noise).status == "not_html"


@pytest.mark.parametrize(
    "kind",
    [
        "attributes on one element",
        "spans in one paragraph",
        "nested divs",
        "open brackets",
        "paragraphs",
        "too many bytes",
    ],
)
def test_a_flood_is_refused_with_its_reason(kind: str) -> None:
    found = read(f"<html><body>{HOSTILE[kind]}</body></html>")
    assert (found.status, found.text) == ("poison", "")
    assert any(c.isdigit() for c in found.detail), found.detail


def test_a_program_in_the_page_is_no_flood_of_attributes() -> None:
    program = "<script>if(a<b&&" + "".join(f"x{n}=y{n};z{n}=1;" for n in range(5_000)) + "c)d()</script>"
    assert read(article(head=program)).text.split("\n") == paragraphs()


def test_data_in_an_attribute_is_no_flood_of_attributes() -> None:
    data = " ".join(f"{{&quot;id&quot;: {n}, &quot;a&quot; = {n}}}" for n in range(5_000))
    assert read(article(after=f'<div data-posts="[{data}]"></div>')).text.split("\n") == paragraphs()


def test_a_flood_behind_a_value_is_one() -> None:
    flood = " ".join(f"a{n}=1" for n in range(100_000))
    assert read(article(after=f'<p title="a" {flood}>x</p>')).status == "poison"
    assert read(article(after=f'<p>="</p><p {flood}>x</p>"')).status == "poison"


def test_a_script_named_in_a_comment_hides_no_flood() -> None:
    flood = "<p " + " ".join(f'a{n}="1"' for n in range(100_000)) + ">x</p>"
    assert read(article(before=f"<!-- <script> -->{flood}<!-- </script> -->")).status == "poison"


def test_text_lost_to_nesting_is_told() -> None:
    found = read(article(after="<div>" * 3_000 + "<p>lost</p>"))
    assert found.status == "page"
    assert found.text.split("\n") == paragraphs()
    assert "depth" in found.detail


def test_a_body_beyond_all_measure_is_cut_and_says_so() -> None:
    found = read(
        "<html><body><article><h1>Long</h1><p>" + "many words here. " * 60_000 + "</p></article></body></html>"
    )
    assert found.status == "page"
    assert len(found.text) == 400_000
    assert "cut off" in found.detail
