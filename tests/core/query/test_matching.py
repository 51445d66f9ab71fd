"""Operators and fields one by one, on documents that can be read at a glance."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.keywords import keyword_key
from monitor.core.query import (
    Doc,
    Query,
    QueryIndex,
    evaluate,
    explain,
    failing_examples,
    parse,
)
from monitor.core.query.matching import MAX_SPANS
from monitor.model import Text
from tests.core.query.made import NOW

BODY = (
    "The men were deported from Warsaw on Monday. They went to Tashkent, ICE said.\n\n"
    "Border guards saw ice on the road; border police did not. A charter flight for migrants left at night."
)
DOC = Doc.of(
    Text(
        title="Uzbekistan’s border opens",
        summary="Forty people deported.",
        body=BODY,
        authors=("Ann Smith", "Bob Stone"),
        url="https://news.example.org/world/1",
        site="example.org",
        lang="en",
        tags=("World",),
        published=datetime(2026, 3, 14, 23, 30, tzinfo=UTC),
    ),
    topics={"deportation": 0.7},
    countries=("UZ", "PL"),
    people=("Ann O'Hara",),
    feed="World News",
    has_quote=True,
    seen=NOW - timedelta(days=2),
)


def holds(query, doc=DOC, names=None):
    return evaluate(parse(query, names), doc, NOW) is not None


HOLDS = [
    "deported tashkent",
    "deport* NEAR/3 warsaw",
    "warsaw NEAR/1 from",
    "deported ONEAR/1 warsaw",
    "deport* NEAR/7 tashkent",
    "deport* SENTENCE warsaw",
    "(deport* NEAR/2 warsaw) SENTENCE monday",
    "deported NEAR/7 tashkent NEAR/3 warsaw",
    '"border guards"',
    '"bord* guard?"',
    '"guards border"~1',
    '"ice border"~4',
    "=ICE",
    '="The men"',
    "ATLEAST/2(ice)",
    "ATLEAST/5(border OR ice)",
    "title:border",
    "title:(border AND NOT guard*)",
    "summary:forty",
    "author:smith",
    "author:(ann smith)",
    "body:(border NEAR/1 police)",
    "uzbekistan",
    "lang:en",
    "country:uz",
    "country:(RU OR PL)",
    "site:example.org",
    "site:news.example.org",
    "url:https://news.example.org/world/1",
    "tag:world",
    'feed:"world news"',
    'person:"Ann O’Hara"',
    "topic:deportation",
    "topic:deportation>=0.7",
    "published:2026-03-14",
    "published:2026-03",
    "published:>=2026-03-14",
    "published:<2026-03-15",
    "seen:2d",
    "seen:2026-03-13",
    "has:quote",
    "border -sport",
    "NOT is:duplicate border",
    '"charter flight" NEAR/12 (migrant* OR deport*)',
    "@removal NEAR/3 warsaw",
]
FAILS = [
    "deported samarkand",
    "deport* NEAR/6 tashkent",
    "warsaw ONEAR/5 deported",
    "deport* SENTENCE tashkent",
    "deported NEAR opens",
    '"guards border"',
    '"ice warsaw"~5',
    "=Ice",
    '="the men"',
    "ATLEAST/3(ice)",
    "ATLEAST/6(border OR ice)",
    "title:tashkent",
    "title:(border AND guards)",
    "smith",
    "lang:ru",
    "country:RU",
    "site:ample.org",
    "site:world.example.org",
    "url:https://news.example.org/world",
    "tag:worl",
    "feed:world",
    "person:Hara",
    "topic:migration",
    "topic:deportation>=0.71",
    "published:2026-03-15",
    "published:<2026-03-14",
    "seen:47h",
    "is:duplicate",
    "border -ice",
    "men NEAR men",
    "from NEAR/1 border",
]


@pytest.mark.parametrize("query", HOLDS)
def test_holds(query):
    assert holds(query, names={"removal": "deport* OR remov*"})


@pytest.mark.parametrize("query", FAILS)
def test_does_not_hold(query):
    assert not holds(query)


def test_spans_are_the_words_that_satisfy_the_query():
    spans = evaluate(parse('(deport* OR remov*) NEAR/8 tashkent OR title:border OR "charter flight"'), DOC, NOW)
    assert [(span.field, DOC.texts[span.field][span.start : span.end], span.node) for span in spans] == [
        ("title", "border", "border"),
        ("body", "deported", "deport*"),
        ("body", "Tashkent", "tashkent"),
        ("body", "charter flight", '"charter flight"'),
    ]
    possessive = evaluate(parse("uzbekistan"), DOC, NOW)
    assert DOC.texts["title"][possessive[0].start : possessive[0].end] == "Uzbekistan"
    assert evaluate(parse("lang:en NOT samarkand"), DOC, NOW) == ()


def test_parts_that_do_not_hold_leave_no_spans():
    spans = evaluate(parse("tashkent OR (border samarkand)"), DOC, NOW)
    assert [span.node for span in spans] == ["tashkent"]


def test_spans_are_bounded():
    doc = Doc.of(Text(title="", body="the cat " * 1000))
    assert len(evaluate(parse("cat OR the"), doc, NOW)) == MAX_SPANS


def test_a_summary_that_repeats_the_body_does_not_count_twice():
    doc = Doc.of(Text(title="Deported", summary="Two deported.", body="Two deported."))
    assert holds("ATLEAST/2(deported)", doc)
    assert not holds("ATLEAST/3(deported)", doc)


def test_a_document_without_dates_lies_in_no_range():
    doc = Doc.of(Text(title="x", body=""))
    assert not holds("published:>=2000-01-01", doc)
    assert not holds("seen:7d", doc)
    assert holds("x NOT published:2026", doc)


@pytest.mark.parametrize(
    "query",
    [
        "a NEAR/100 a NEAR/100 a NEAR/100 a NEAR/100 a",
        " NEAR/100 ".join(["(a OR b OR ab* OR abc)".replace("ab*", "abc*")] * 9),
        " SENTENCE ".join(["(a OR b)"] * 9),
        '"a b a b a b"~100',
        "ATLEAST/100(a NEAR/100 b)",
        'ATLEAST/50("a b")',
    ],
)
def test_no_query_takes_long_even_on_a_hostile_text(query):
    doc = Doc.of(Text(title="", body="a b " * 2_000))
    start = time.monotonic()
    evaluate(parse(query), doc, NOW)
    assert time.monotonic() - start < 10  # protects against exponential time


# --- the index -------------------------------------------------------------------------------------


def test_a_word_that_is_as_short_as_other_prefixes_are_long_counts_once():
    index = QueryIndex({"one": parse("ATLEAST/2(ice*)"), "other": parse("icebound* OR icelander*")})
    assert index.matching(Doc.of(Text(title="", body="Ice on the river")), NOW) == []
    assert index.matching(Doc.of(Text(title="", body="Ice on the iceberg")), NOW) == ["one"]


def test_only_what_can_match_is_evaluated():
    index = QueryIndex(
        {
            "both": parse("deport* AND tashkent"),
            "one of two": parse("deport* AND samarkand"),
            "none": parse("samarkand OR bukhara"),
            "country": parse("country:UZ"),
            "other country": parse("country:RU border"),
            "title": parse("title:deport*"),
            "phrase": parse('"police border"'),
            "date": parse("published:2026"),
        }
    )
    assert index.candidates(DOC) == ["both", "country", "title", "phrase", "date"]
    assert list(index.match(DOC, NOW)) == ["both", "country", "date"]
    assert index.matching(DOC, NOW) == ["both", "country", "date"]


@pytest.mark.parametrize("title", ["Border closed", "Smith at the border", "Smit at the border"])
def test_words_of_an_author_decide_only_what_asks_for_authors(title):
    queries = ["smith", "smith AND border", "smi* AND border", "smith OR closed", "author:smi*", "closed NOT smith"]
    doc = Doc.of(Text(title=title, body="", authors=("Ann Smith",)))
    index = QueryIndex({query: parse(query) for query in queries})
    expected = [query for query in queries if holds(query, Doc.of(Text(title=title, body="", authors=("Ann Smith",))))]
    assert index.matching(doc, NOW) == expected
    assert "author:smi*" in expected
    assert ("smith" in expected) is ("Smith" in title)


def test_only_queries_that_are_asked_for_are_evaluated():
    index = QueryIndex({1: parse("border"), 2: parse("border AND police"), 3: parse('"police closed"')})
    doc = Doc.of(Text(title="Police closed the border", body=""))
    assert index.matching(doc, NOW) == [1, 2, 3]
    assert index.matching(doc, NOW, lambda number: number != 2) == [1, 3]


def test_places_are_told_of_words_that_the_index_did_not_expect():
    doc = Doc.of(Text(title="", body="Police at the border, and police at the bridge"))
    assert QueryIndex({1: parse("police NEAR border")}).matching(doc, NOW) == [1]
    assert doc.positions["body"]["bridge"] == [8]
    assert doc.positions["body"]["police"] == [0, 5]
    assert doc.positions["body"]["river"] == []
    assert doc.positions["title"]["police"] == []


def test_what_an_index_finds_does_not_depend_on_the_documents_that_it_saw():
    queries = [
        "government AND smuggl*",
        "smuggl* NEAR/3 government",
        "border (visa OR permit*) country:UZ",
        '"border guard" OR (visa AND tashkent)',
        "(smuggler OR visa OR permit) SENTENCE government",
        "government NOT border",
    ]
    index = QueryIndex({query: parse(query) for query in queries})
    common = "The government said at the border that"
    endings = ["no visa", "smugglers", "a border guard", "permits for Tashkent", "a visa for Tashkent", "nothing. Visa"]
    seen = 0
    for number in range(200):
        text = f"{common if number % 3 else 'It is said that'} {endings[number % len(endings)]} stood {number}"
        doc = Doc.of(Text(title="", body=text), countries=("UZ",))
        expected = [query for query in queries if evaluate(parse(query), doc, NOW) is not None]
        assert index.matching(Doc.of(Text(title="", body=text), countries=("UZ",)), NOW) == expected
        seen += len(expected)
    assert seen > 150


def test_an_index_of_nothing():
    assert QueryIndex({}).match(DOC, NOW) == {}


def test_two_indexes_share_a_document():
    doc = Doc.of(Text(title="deported", body=""))
    assert QueryIndex({1: parse("deport*")}).matching(doc, NOW) == [1]
    assert QueryIndex({1: parse("depo*"), 2: parse("dom*")}).matching(doc, NOW) == [1]
    assert holds("dep?rt*", doc)


# --- explanation -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("deport* NEAR/3 tashkent", "no  deport* NEAR/3 tashkent   [nearest pair 7 words apart, body 13-66]"),
        (
            "tashkent ONEAR/9 deport*",
            "no  tashkent ONEAR/9 deport*   [nearest pair 7 words apart in the other order, body 13-66]",
        ),
        ("samarkand NEAR/3 tashkent", "no  samarkand NEAR/3 tashkent   ['samarkand' not found]"),
        ("opens NEAR warsaw", "no  opens NEAR/5 warsaw   [not both in one field]"),
        ("deport* SENTENCE tashkent", "no  deport* SENTENCE tashkent   [nearest pair 1 sentences apart]"),
        ("ATLEAST/3(ice)", "no  ATLEAST/3(ice)   [2 of 3]"),
        ("lang:ru", "no  lang:ru   [lang: en]"),
        ("topic:deportation>=0.9", "no  topic:deportation>=0.9   [score 0.70]"),
        ("topic:trade", "no  topic:trade   [the topic was not found]"),
        ("published:2025", "no  published:2025-01-01..2025-12-31   [published 2026-03-14]"),
        ("seen:1d", "no  seen:1d   [seen 2.0 days ago]"),
        ("samarkand", "no  samarkand   [not found]"),
        ("tashkent", "yes tashkent   [body 58-66]"),
    ],
)
def test_a_miss_says_how_near_it_was(query, line):
    assert explain(parse(query), DOC, NOW).lines()[0] == line


def test_an_explanation_is_a_tree():
    told = explain(parse("border AND (samarkand OR title:opens) NOT sport"), DOC, NOW)
    assert [line.partition("   [")[0] for line in told.lines()] == [
        "yes border AND (samarkand OR title:opens) AND NOT sport",
        "  yes border",
        "  yes samarkand OR title:opens",
        "    no  samarkand",
        "    yes title:opens",
        "      yes title:opens",
        "  yes NOT sport",
        "    no  sport",
    ]
    assert told.as_json()["parts"][0]["spans"][0] == {"field": "title", "start": 13, "end": 19, "node": "border"}


# --- examples --------------------------------------------------------------------------------------


def test_examples_that_fail_are_explained():
    query = parse("deport* NEAR/3 tashkent")
    examples = {
        "should_match": ["Forty deported to Tashkent", "Deported\nby plane to the city of Tashkent"],
        "should_not_match": ["Tashkent opens a school", "Deported from Tashkent"],
    }
    assert "\n".join(failing_examples(query, **examples, now=NOW)).splitlines() == [
        r"'Deported\nby plane to the city of Tashkent' does not match but should:",
        "    no  deport* NEAR/3 tashkent   [not both in one field]",
        "      yes deport*   [title 0-8]",
        "      yes tashkent   [body 24-32]",
        "'Deported from Tashkent' matches but should not:",
        "    yes deport* NEAR/3 tashkent   [title 0-8, title 14-22]",
        "      yes deport*   [title 0-8]",
        "      yes tashkent   [title 14-22]",
    ]


def test_keys_of_keywords():
    assert keyword_key("feed", '  World "News" ') == "world news"
    assert keyword_key("lang", "EN_gb") == "en"
    assert keyword_key("site", "WWW.Example.org") == "example.org"
    assert keyword_key("person", "Ann O’Hara") == "ann ohara"


def test_queries_are_values():
    assert parse("a b") == parse("a AND b")
    assert {parse("a b"), parse("a AND b")} == {parse("a b")}
    assert isinstance(parse("a"), Query)


def test_an_index_forgets_when_it_has_seen_too_much(monkeypatch):
    monkeypatch.setattr("monitor.core.query.index._MOST_WORDS", 10)
    index = QueryIndex({"plain": parse("tashkent"), "pattern": parse("deport* AND warsaw")})
    for number in range(5):
        filler = " ".join(f"word{number}x{n}" for n in range(20))
        doc = Doc.of(Text(title="", body=f"deported from Warsaw to Tashkent {filler}"))
        assert index.matching(doc, NOW) == ["plain", "pattern"]


@pytest.mark.parametrize(
    ("body", "near"),
    [("alfabet beta alfa x gamma", False), ("beta alfa x gamma", False), ("alfa beta alfabet x gamma", True)],
)
def test_a_window_of_words_is_the_shortest(body, near):
    """Both words may be one token: what that token lies in is no window, nor are those that end or begin with it."""
    doc = Doc.of(Text(title="", body=body))
    assert holds('"alf* alfabet"~2 NEAR/1 gamma', doc) is near
    assert holds('gamma NEAR/1 "alf* alfabet"~2', doc) is near
