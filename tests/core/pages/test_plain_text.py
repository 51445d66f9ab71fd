from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import HEADLINES, paragraphs

from monitor.core.pages.plain import extract_text

PROSE = "\n\n".join(paragraphs())


def test_what_an_export_puts_before_the_text() -> None:
    text = (
        f"{HEADLINES['en']}\n\n{HEADLINES['en']}\nTransport\nWebp k3j5h6g7f8d9s0a1\n"
        f"Ana Beltran Chief engineer | Lesna Roads\n\n{PROSE}"
    )
    assert extract_text(text, None) == (HEADLINES["en"], PROSE, ("Ana Beltran Chief engineer | Lesna Roads",))
    assert extract_text(text, HEADLINES["en"]) == (
        HEADLINES["en"],
        PROSE,
        ("Ana Beltran Chief engineer | Lesna Roads",),
    )


@pytest.mark.parametrize("lang", ["de", "ru", "ja", "ar"])
def test_other_languages(lang: str) -> None:
    prose = "\n\n".join(paragraphs(lang))
    assert extract_text(f"{HEADLINES[lang]}\n\nimg_2033.jpg\n{prose}", None) == (HEADLINES[lang], prose, ())


def test_prose_is_never_taken_for_furniture() -> None:
    wrapped = (
        "The bridge\nover the river opened again\non Thursday, and the first car\nwas a post van. Nobody\nwas there."
    )
    assert extract_text(wrapped, None) == ("", wrapped, ())
    assert extract_text(wrapped, "Bridge open") == ("Bridge open", wrapped, ())
    figures = "Shr 68 cts vs 65 cts\nNet 6,053,000 vs 5,803,000\nThe company said so on Thursday in a short note."
    assert extract_text(figures, "Results")[1] == figures


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("", "", ())),
        ("One line.", ("", "One line.", ())),
        ("A\nB", ("A", "B", ())),
        ("Politics\nWorld", ("Politics", "World", ())),
    ],
)
def test_little_text(text: str, expected: tuple) -> None:
    assert extract_text(text, None) == expected


@given(st.text(), st.none() | st.text(max_size=40))
def test_no_word_of_prose_is_invented(text: str, title: str | None) -> None:
    found, body, captions = extract_text(text, title)
    assert "\n" not in found
    assert all("|" in caption for caption in captions)
    assert "\x00" not in body
