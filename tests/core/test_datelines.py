"""Datelines as agencies and papers write them, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.analysis import understand
from monitor.core.datelines import LONGEST, dateline
from monitor.core.topics import TopicPack
from monitor.model import Text

TEXT = " The council will close two bridges, it said."


@pytest.mark.parametrize(
    ("head", "lang", "place", "country", "agency"),
    [
        ("TASHKENT, May 2 (Reuters) -", "en", "TASHKENT", "UZ", "Reuters"),
        ("TASHKENT -", "en", "TASHKENT", "UZ", None),
        ("ALMATY (Kabar) —", "en", "ALMATY", "KZ", "Kabar"),
        ("Berlin (dpa) -", "de", "Berlin", "DE", "dpa"),
        ("Berlin –", "de", "Berlin", "DE", None),
        ("PARÍS —", "es", "PARÍS", "FR", None),
        ("Madrid, 2 may (EFE).-", "es", "Madrid", "ES", "EFE"),
        ("PARIS, 2 mai (AFP) –", "fr", "PARIS", "FR", "AFP"),
        ("МОСКВА, 3 мая —", "ru", "МОСКВА", "RU", None),
        ("МОСКВА, 3 мая. /ТАСС/.", "ru", "МОСКВА", "RU", "ТАСС"),
        ("HARVAND, Tajikistan, May 2 (AP) —", "en", "HARVAND", "TJ", "AP"),
        ("HARVAND, 2 May --", "en", "HARVAND", None, None),
        ("UNITED NATIONS (AP) —", "en", "UNITED NATIONS", None, "AP"),
        ("新华社北京5月2日电", "zh", "北京", "CN", "新华社"),
        ("【河畔通讯社平壤5月2日电】", "zh", "平壤", "KP", "河畔通讯社"),
        ("【北京=共同】", "ja", "北京", "CN", "共同"),
    ],
)
def test_datelines(head: str, lang: str, place: str, country: str | None, agency: str | None) -> None:
    found = dateline(f"\n{head}{TEXT}", lang)
    assert found is not None
    assert (found.place, found.country, found.agency) == (place, country, agency)
    assert f"\n{head}{TEXT}"[found.start : found.end] == head


@pytest.mark.parametrize(
    "body",
    [
        "BREAKING - The council will close two bridges.",
        "BREAKING (AP) - The council will close two bridges.",
        "The council - or what is left of it - will close two bridges.",
        "Tashkent will close two bridges - at last.",
        "Ukraine - the war in maps.",
        "Anna Holm - the council's head - will close two bridges.",
        "NATO - An alliance of 32 members.",
        "In Paris, London (and Rome) - everywhere - bridges close.",
        "Council, bridges — and what we know of them (2026).",
        "- a list",
        "",
    ],
)
def test_no_datelines(body: str) -> None:
    assert dateline(body, "en") is None


def test_it_stays_in_the_text_and_is_a_fact_with_its_country() -> None:
    body = f"TASHKENT, May 2 (Reuters) -{TEXT}"
    found = understand(Text(title="Bridges", body=body, lang="en"), TopicPack({}))
    assert found.text.body == body
    assert [(fact.kind, fact.value, fact.text) for fact in found.facts[:1]] == [("dateline", "UZ", body[:27])]
    assert [country.code for country in found.countries] == ["UZ"]


@given(st.text(alphabet="AБab .,-—–|/()1\n新华社日电【=】", max_size=200))
def test_no_text_raises(body: str) -> None:
    found = dateline(body, "en")
    if found is not None:
        assert 0 <= found.start < found.end <= len(body)
        assert found.end - found.start <= LONGEST
