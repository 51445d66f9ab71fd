"""Copies are found by their keys and verified by their words; what is only alike is told apart."""

import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.duplicates.fingerprints import fingerprint, resemblance
from monitor.core.duplicates.origins import copies_among, origin, origins
from monitor.core.duplicates.verdict import compare
from monitor.model import Analysis, Article, Provenance, Text
from tests.support.reports import (
    ARABIC,
    CHINESE,
    DAM,
    DAM_BY_ANOTHER_PAPER,
    FERRY,
    FURNITURE,
    NOON,
    RUSSIAN,
    candidate,
    invented,
    market,
)

GOLDEN_BANDS = (
    -137000783,
    1909392625,
    1125835149,
    -2026377615,
    944070194,
    -32780780,
    1123084669,
    -462470956,
    -702129587,
    -557592279,
    -1435507177,
    313097757,
    -466366396,
    -1951239732,
)
GOLDEN_SIGNATURE = "268b0c558b32903caa6b37d0aeff2d88af82524803941a3698f145f99b10c5a8cc6b4ae187e9d608ac67ec55eb75ec851e583c8fd01d29d3661102bdace016a8"
GOLDEN_HASH = "4c98b7b1c255c1d7"
LANGUAGES = {"en": DAM, "ru": RUSSIAN, "zh": CHINESE, "ar": ARABIC}


def of(body: str, title: str = "A title"):
    return fingerprint(Text(title=title, body=body))


# --- fingerprints ----------------------------------------------------------------------------------


def test_the_fingerprint_of_a_text_is_the_same_in_every_version():
    """Stored fingerprints must stay comparable: if this fails, either undo the change or rebuild the index."""
    found = of(FERRY)
    assert found.bands == GOLDEN_BANDS
    assert found.signature.hex() == GOLDEN_SIGNATURE
    assert found.content_hash == GOLDEN_HASH


def test_the_fingerprint_is_the_same_in_another_process():
    program = "from tests.support.reports import DAM, candidate; print(candidate(DAM).fingerprint.bands)"
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    told = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.strip() == str(candidate(DAM).fingerprint.bands)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from([*DAM.split(), *RUSSIAN.split(), "水", "ok"]), max_size=60),
    st.sampled_from([" ", "  ", "\n", " — ", ", "]),
    st.sampled_from([str, str.upper, str.title]),
    st.sampled_from(["", "Title", "title!"]),
)
def test_equal_texts_share_all_keys(words, between, case, title):
    """The keys alone find them: the database needs no index of the content."""
    one = of(" ".join(words), "Title")
    other = of(case(between.join(words)), title)
    if one.content_hash == other.content_hash:
        assert one.bands == other.bands
        assert bool(one.bands) == bool(words or title)
    if words and title:
        assert one.bands == of(between.join(words), title).bands


@pytest.mark.parametrize("body", LANGUAGES.values(), ids=LANGUAGES)
def test_a_fingerprint_fits_its_columns(body):
    found = of(body)
    assert len(found.bands) == 14
    assert len(set(found.bands)) == 14
    assert all(-(2**31) <= band < 2**31 for band in found.bands)
    assert len(found.signature) == 64
    assert found.size > 50


QUOTES = str.maketrans({'"': "“", "'": "’", "-": "–"})


@given(st.integers(0, 2**32), st.sampled_from([*LANGUAGES.values()]))
@settings(max_examples=60, deadline=None)
def test_blanks_case_and_punctuation_make_no_difference(seed, body):
    rnd = random.Random(seed)
    changed = "".join(rnd.choice([" ", "  ", "\n", " \t"]) if char.isspace() else char for char in body)
    changed = "".join(char.upper() if rnd.random() < 0.2 and len(char.upper()) == 1 else char for char in changed)
    changed = changed.translate(QUOTES)
    assert of(changed) == of(body)


def share(a, b) -> int:
    return len(set(a.bands) & set(b.bands))


def test_a_copy_with_three_sentences_in_ten_replaced_is_found():
    found = 0
    for seed in range(200):
        sentences, others = invented(seed), invented(seed + 1_000)
        rnd = random.Random(seed)
        edited = [other if rnd.random() < 0.3 else own for own, other in zip(sentences, others, strict=True)]
        found += share(of(" ".join(sentences)), of(" ".join(edited))) > 0
    assert found >= 198


def test_a_text_cut_to_its_first_tenth_is_found():
    whole = [invented(seed, 60) for seed in range(200)]
    assert sum(share(of(" ".join(text)), of(" ".join(text[:6]))) > 0 for text in whole) >= 180


def test_texts_on_different_things_hardly_share_a_key():
    prints = [of(" ".join(invented(seed))) for seed in range(60)]
    shared = sum(share(a, b) > 0 for n, a in enumerate(prints) for b in prints[:n])
    assert shared <= 5


def test_resemblance_estimates_the_common_part():
    sentences = invented(1, 80)
    whole, half = of(" ".join(sentences)), of(" ".join(sentences[:40]))
    assert resemblance(whole, whole) == 1
    assert 0.3 < resemblance(whole, half) < 0.7
    assert resemblance(whole, of(" ".join(invented(2, 80)))) < 0.1


def test_a_teaser_has_one_key_of_title_and_text():
    assert len(of("Read it all.", "One").bands) == 1
    assert of("Read it all.", "One").bands == of("read  it ALL", "one").bands
    assert of("Read it all.", "One").bands != of("Read it all.", "Two").bands
    assert of("", "").bands == ()


# --- copies ----------------------------------------------------------------------------------------

PARAGRAPHS = DAM.split("\n\n")

COPIES = {
    "another headline": candidate(DAM, "Harvand bars lorries from its biggest dam"),
    "cut at the end": candidate("\n\n".join(PARAGRAPHS[:3])),
    "a paragraph dropped": candidate("\n\n".join(PARAGRAPHS[:2] + PARAGRAPHS[3:])),
    "extended": candidate(DAM + "\n\n" + FERRY.split("\n\n")[2]),
    "expanded from the first two paragraphs": candidate("\n\n".join(PARAGRAPHS[:2]), hours=-2),
    "dateline and byline": candidate(f"HARVAND (Reuters) - {DAM}\n\nReporting by A. Writer; editing by B. Reader"),
    "corrected within the hour": candidate(DAM.replace("18 million", "19 million"), hours=0.7),
    "furniture around it": candidate(f"{FURNITURE}\n\n{DAM}\n\n{FURNITURE}"),
    "paragraphs in another order": candidate("\n\n".join(PARAGRAPHS[3:] + PARAGRAPHS[:3])),
    "light editing of every sentence": candidate(
        DAM.replace("said the road", "said that the road")
        .replace("voted on Wednesday", "decided on Wednesday")
        .replace("found a crack", "discovered a crack")
        .replace("last week", "a week ago")
        .replace("are expected to cost", "will cost")
    ),
    "no date": candidate(DAM, hours=None),
    "reprinted three days later": candidate(DAM, "The dam that cracked", hours=75),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_a_copy_is_recognised(copy):
    verdict = compare(candidate(DAM), copy)
    assert verdict.verdict == "duplicate", verdict
    assert verdict.similarity > 0.6
    assert share(candidate(DAM).fingerprint, copy.fingerprint) > 0, "and the database finds it"


@pytest.mark.parametrize("body", LANGUAGES.values(), ids=LANGUAGES)
def test_a_copy_is_recognised_in_every_script(body):
    paragraphs = body.split("\n\n")
    cut = candidate("\n\n".join(paragraphs[:-1]), "Another headline")
    assert compare(candidate(body), cut).verdict == "duplicate"
    assert share(candidate(body).fingerprint, cut.fingerprint) > 0


NOTICE = """The Harvand council left the price of water unchanged at its regular meeting, a speaker said. It meets \
again in two weeks, and no press conference is planned for that day."""

BONDS = """{0} said it filed a prospectus with the exchange for bonds worth {1} million, due in twenty years. It will \
use what they bring to repay debt and for general purposes, the company said. The bonds may be changed into shares at any \
time before they fall due. The same two banks will lead the sale."""

DIFFERENT = {
    "other news": (candidate(DAM), candidate(FERRY, "Ferry aground off Sorvik")),
    "other news in Chinese and Russian": (candidate(CHINESE), candidate(RUSSIAN)),
    "yesterday's market": (
        candidate(market("Tuesday", "411", "408.5", "12,400", "415.25"), "Cotton closes at 411"),
        candidate(market("Wednesday", "402", "411", "9,870", "413.5"), "Cotton closes at 402", hours=24),
    ),
    "the market an hour later": (
        candidate(market("Tuesday", "411", "408.5", "12,400", "415.25"), "Cotton at noon"),
        candidate(market("Tuesday", "399", "407", "3,300", "402.75"), "Cotton at one", hours=1),
    ),
    "the market, undated": (
        candidate(market("Tuesday", "411", "408.5", "12,400", "415.25"), "Cotton closes", hours=None),
        candidate(market("Friday", "399", "407", "3,300", "402.75"), "Cotton closes", hours=None),
    ),
    "the same notice two weeks later": (
        candidate(NOTICE, "Council leaves water price unchanged"),
        candidate(NOTICE, "Council leaves water price unchanged", hours=14 * 24),
    ),
    "two firms sell bonds": (
        candidate(BONDS.format("Tangen Ferries", "30"), "Tangen Ferries to offer bonds"),
        candidate(BONDS.format("Bakhor Cotton", "45"), "Bakhor Cotton sells convertible debt", hours=5),
    ),
    "the review of another year": (
        candidate(f"{FURNITURE} {FURNITURE}", "The year in pictures: 2024", hours=None),
        candidate(f"{FURNITURE} {FURNITURE}", "The year in pictures: 2025", hours=None),
    ),
    "one wall before two articles": (
        candidate("Please sign in to read this article.", "Crack in the dam"),
        candidate("Please sign in to read this article.", "Ferry aground"),
    ),
    "the same furniture below": (
        candidate(f"{DAM}\n\n{FURNITURE}"),
        candidate(f"{FERRY}\n\n{FURNITURE}", "Ferry aground off Sorvik"),
    ),
    "nothing at all": (candidate("", ""), candidate("", "")),
}


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_what_is_only_alike_is_different(pair):
    verdict = compare(*pair)
    assert verdict.verdict == "different", verdict


def test_two_reports_of_one_event_are_no_copies_though_they_share_a_quotation():
    verdict = compare(candidate(DAM), candidate(DAM_BY_ANOTHER_PAPER, "Harvand closes cracked Teshik dam to lorries"))
    assert verdict.verdict == "same-story"
    assert "teshik" in verdict.why


def test_a_copied_opening_before_another_article_is_no_copy():
    mixed = candidate(f"{PARAGRAPHS[0]}\n\n{FERRY}", "Ferry aground off Sorvik")
    assert compare(candidate(DAM), mixed).verdict != "duplicate"
    assert compare(candidate(FERRY, "Ferry aground off Sorvik"), mixed).verdict == "duplicate"


def test_one_speech_in_two_papers_is_no_copy():
    speech = " ".join(f'"{sentence}"' for sentence in invented(7, 25))
    a = candidate(f"{PARAGRAPHS[0]} {speech} {PARAGRAPHS[3]}", "The council head speaks")
    b = candidate(f"{FERRY.split(chr(10))[0]} {speech} {PARAGRAPHS[5]}", "Words from the square")
    assert compare(a, b).verdict != "duplicate"


def test_the_reason_says_how_much_and_what_differs():
    verdict = compare(candidate(DAM), COPIES["cut at the end"])
    assert "100% of the shorter text" in verdict.why
    assert "times as long" in verdict.why
    assert "another headline" in compare(candidate(DAM, "On the old dam"), candidate(DAM + FURNITURE, "Lorries")).why
    assert "corrected" in compare(candidate(DAM), COPIES["corrected within the hour"]).why


POOL = [*COPIES.values(), *(article for pair in DIFFERENT.values() for article in pair)]


@given(st.sampled_from(POOL), st.sampled_from(POOL))
@settings(max_examples=150, deadline=None)
def test_a_verdict_is_symmetric(a, b):
    one, other = compare(a, b), compare(b, a)
    assert (one.verdict, one.similarity) == (other.verdict, other.similarity)
    assert 0 <= one.similarity <= 1
    assert one.why


@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_a_verdict(a, b, title):
    assert compare(candidate(a, title), candidate(b, title, hours=None)).verdict in {
        "duplicate",
        "same-story",
        "different",
    }


def test_a_very_long_text_is_compared_by_its_beginning():
    long = " ".join(invented(3, 2_000))
    assert compare(candidate(long), candidate(long + DAM)).verdict == "duplicate"


# --- origin ----------------------------------------------------------------------------------------


def article(body: str, number: int, *, hours: float = 0, feed: str = "", site: str | None = None, author: str = ""):
    text = Text(
        title="A title",
        body=body,
        authors=(author,) if author else (),
        site=site or f"site{number}.test",
        published=NOON + timedelta(hours=hours),
    )
    return Article(
        id=number,
        url=f"https://site{number}.test/a",
        canonical_url=f"https://site{number}.test/a",
        feed_id=number,
        feed=feed or f"Feed {number}",
        seen=NOON,
        backlog=False,
        analysis=Analysis(text=text),
    )


def test_the_origin_is_the_agency_that_the_copies_credit():
    copies = [
        article(f"HARVAND (Reuters) - {DAM}", 1, hours=0),
        article(f"HARVAND (Reuters) - {DAM}", 2, hours=1, site="reuters.com"),
        article(DAM, 3, hours=-1),
    ]
    assert origin(copies) == Provenance(2, "Reuters", 1, "credited by 1")


@pytest.mark.parametrize(
    "credit",
    [
        {"author": "Meridian Wire"},
        {"body": f"This report was first carried by Meridian Wire and is published under licence.\n\n{DAM}"},
        {"body": f"{DAM}\n\nSource: meridianwire.example"},
        {"body": f"HARVAND (Meridian-Wire) - {DAM}"},
    ],
)
def test_the_origin_is_the_site_that_the_copies_credit(credit):
    copies = [
        article(**{"body": DAM, **credit}, number=1),
        article(DAM, 2, hours=4, feed="Meridian Wire", site="meridian-wire.example"),
        article(**{"body": DAM, **credit}, number=3, hours=2),
        article(DAM, 4, hours=-5),
    ]
    assert origin(copies) == Provenance(2, None, 2, "credited by 2")


def test_the_origin_of_each_text_is_found_whichever_was_stored_first():
    reprint = article(f"HARVAND (Meridian Wire) - {DAM}", 1, hours=1)
    own = replace(article(DAM, 2, feed="Meridian Wire"), duplicate_of=1)
    others = [article(FERRY, 3, hours=2), replace(article(FERRY, 4, hours=1), duplicate_of=3), article(RUSSIAN, 5)]
    found = origins([reprint, own, *others])
    assert {first: each.article_id for first, each in found.items()} == {1: 2, 3: 4}
    assert copies_among([reprint, own, *others]) == {1, 3}
    assert copies_among([own, others[2]]) == {2}, "that which it is a copy of is not among them"


def test_a_word_of_the_text_is_no_credit():
    copies = [
        article(DAM, 1, hours=1),
        article(f"World leaders were told. {DAM}", 2, hours=2),
        article(DAM, 3, feed="World"),
    ]
    assert origin(copies).credits == 0


def test_without_credit_the_origin_is_the_earliest():
    copies = [article(DAM, 1, hours=2), article(DAM, 2, hours=1), article(DAM, 3, hours=3)]
    assert origin(copies).article_id == 2
    assert origin(copies).agency is None
    assert origin([]) is None


def test_a_credited_agency_that_we_do_not_read_is_named():
    found = origin([article(f"{DAM}\n\n© AFP (AFP)", 5), article(DAM, 6, hours=2)])
    assert (found.article_id, found.agency, found.credits) == (5, "AFP", 1)
