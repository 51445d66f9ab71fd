"""What is read, how it is printed, what is refused and with which words."""

import time

import pytest

from monitor.core.query import Vocabulary, parse
from monitor.core.query.syntax import MAX_LENGTH, MAX_TERMS
from monitor.errors import QueryError

CENTRAL_ASIA = Vocabulary(
    country_code=lambda name: {"uzbekistan": "UZ", "kazakhstan": "KZ"}.get(
        name.lower(), name.upper() if name.upper() in {"UZ", "KZ", "KG", "TJ", "TM"} else None
    ),
    regions={"central-asia": ("UZ", "KZ", "KG", "TJ", "TM")},
)

READ = [
    ("a b c", "a AND b AND c"),
    ("a OR b c", "a OR b AND c"),
    ("(a OR b) c", "(a OR b) AND c"),
    ("a | b", "a OR b"),
    ("a -b", "a AND NOT b"),
    ("a NOT b OR c", "a AND NOT b OR c"),
    ("a NEAR b", "a NEAR/5 b"),
    ("a NEAR/3 b ONEAR/2 c", "a NEAR/3 b ONEAR/2 c"),
    ("a NEAR (b NEAR c)", "a NEAR/5 (b NEAR/5 c)"),
    ("a NEAR b SENTENCE c d", "a NEAR/5 b SENTENCE c AND d"),
    ("(deport* OR remov*) NEAR/8 (tashkent OR uzbek*)", "(deport* OR remov*) NEAR/8 (tashkent OR uzbek*)"),
    ('"Border Security"', '"border security"'),
    ('"border"', "border"),
    ('"a b"~4', '"a b"~4'),
    ("cross-border", '"cross border"'),
    ("dep*rt?", "dep*rt?"),
    ("deport**", "deport*"),
    ("=ICE", "=ICE"),
    ('="Border  Force"', '="Border Force"'),
    ("ATLEAST/3(deport*)", "ATLEAST/3(deport*)"),
    ("Title:Border", "title:border"),
    ("title:(a OR b) body:c", "title:(a OR b) AND body:c"),
    ("lang:RU x", "lang:ru AND x"),
    ("lang:en-GB", "lang:en"),
    ("country:(uz OR Kazakhstan)", "country:(UZ OR KZ)"),
    ("country:central-asia", "country:(KG OR KZ OR TJ OR TM OR UZ)"),
    ("country:“Central Asia”", "country:(KG OR KZ OR TJ OR TM OR UZ)"),
    ('feed:"World  News"', 'feed:"world news"'),
    ("site:https://www.Example.org/path", "site:example.org"),
    ("topic:deportation>=0.60", "topic:deportation>=0.6"),
    ("topic:(a OR b>=.5)", "topic:a OR topic:b>=0.5"),
    ("published:2026", "published:2026-01-01..2026-12-31"),
    ("published:2026-02", "published:2026-02-01..2026-02-28"),
    ("published:2026-03-01", "published:2026-03-01"),
    ("published:>2026-03-01", "published:>=2026-03-02"),
    ("published:<=2026-03-01", "published:<2026-03-02"),
    ("published:2026-01..2026-02", "published:2026-01-01..2026-02-28"),
    ("seen:2w", "seen:14d"),
    ("seen:90m", "seen:90m"),
    ("is:Duplicate has:quote", "is:duplicate AND has:quote"),
    ("‹border guard› title:›a b‹", '"border guard" AND title:"a b"'),
    ("“border guard” （a ｜ b）", '"border guard" AND (a OR b)'),
    ("ｔｉｔｌｅ a", "title AND a"),
    ("a\u00a0NEAR/3\u00a0b", "a NEAR/3 b"),
    ("«Union européenne»", '"union europeenne"'),
    ("a –b", "a AND NOT b"),
    ("AT&T", '"at t"'),
    ("url:https://example.org/a?b=c x", 'url:"https://example.org/a?b=c" AND x'),
]  # fmt: skip


@pytest.mark.parametrize(("source", "canonical"), READ)
def test_reading_and_printing(source, canonical):
    query = parse(source, vocabulary=CENTRAL_ASIA)
    assert str(query) == canonical
    assert parse(canonical, vocabulary=CENTRAL_ASIA) == query
    assert query.source == source


REFUSED = [
    # query, words of the message, position, words of the hint
    ("", "empty", 0, "deport*"),
    ("NOT a", "only of NOT", 0, "word NOT other"),
    ("a OR NOT b", "side of OR", 0, ""),
    ("a AND", "missing after AND", 5, ""),
    ("AND a", "AND needs something before it", 0, "quotation marks"),
    ("a OR OR b", "right after OR", 5, ""),
    ("a (b OR c", "parenthesis is not closed", 2, ""),
    ("a) b", "parenthesis was not opened", 1, ""),
    ("()", "nothing between", 1, ""),
    ('a "bc', "not closed", 2, "both sides"),
    ("titel:x", "no field 'titel:'", 0, "title:?"),
    ("at 12:30", "no field '12:'", 3, "quotation marks"),
    ("a NEAR/0 b", "from 1 to 100", 2, "NEAR/3"),
    ("a NEAR/101 b", "from 1 to 100", 2, "NEAR/3"),
    ("a NEAR/x b", "from 1 to 100", 2, "NEAR/3"),
    ("a NEAR NOT b", "NOT cannot stand inside NEAR", 7, "a NOT (a NEAR b)"),
    ("a NEAR (b c)", "cannot stand inside NEAR", 2, "phrase"),
    ("a NEAR lang:ru", "lang:ru", 2, "places"),
    ("title:a NEAR b", "title: cannot stand inside NEAR", 8, "title:(a NEAR b)"),
    ("title:(a lang:ru)", "cannot stand inside title:", 0, "AND lang:ru"),
    ("de*", "too early", 0, "3 characters"),
    ("*port", "too early", 0, "3 characters"),
    ("北京*", "without spaces", 0, "Leave it out"),
    ("a~2", "~ belongs right behind a phrase", 1, '"border guard"~4'),
    ('"a"~2', "several words", 0, ""),
    ('"a b"~0', "~ takes a number", 0, "~4"),
    ("=", "= needs a word", 0, "=ICE"),
    ("=IC*", "no wildcards", 0, "without ="),
    ("a - b", "- needs a word", 2, "-sport"),
    ("!a", "no operator", 0, "NOT a"),
    ("a && b", "no word in '&&'", 2, "AND"),
    ("[a TO b]", "no meaning", 0, "quotation marks"),
    ("topic=x", "no word", 0, "topic:x"),
    ("lang:", "lang: needs a value", 5, "lang:ru"),
    ("country:Narnia", "no country 'Narnia'", 8, "ISO"),
    ("country:central-asa", "no country", 8, "central-asia"),
    ("topic:x>=2", "no score", 9, "topic:x>=0.6"),
    ("seen:foo", "no date or age", 5, "seen:7d"),
    ("published:2026-13", "no day '2026-13'", 10, "2026-03"),
    ("published:2026-02-30", "no day", 10, ""),
    ("published:2026-03..2026-01", "ends before it begins", 10, "2026-01..2026-03"),
    ("is:new", "no 'is:new'", 0, "is:edited"),
    ("ATLEAST(x)", "takes a number", 0, "ATLEAST/3(deport*)"),
    ("ATLEAST/2(a b)", "cannot stand inside ATLEAST", 0, ""),
    (" NEAR ".join("abcdefghij"), "more than 8 NEAR", 58, ""),
    ("@boder", "no query named", 0, "@border"),
    ("@", "needs the name", 0, "@border"),
    ("...", "no word", 0, ""),
    ("a NEAR /3 b", "'/3' stands by itself", 7, "without a blank"),
    ("a NEAR/3b", "missing after NEAR/3b", 9, ""),
    ("topic:x >= 0.6", "'>=' stands by itself", 8, "topic:deportation>=0.6"),
    ("title :x", "right behind a field", 6, "without a blank"),
    ("ATLEAST/3 a", "ATLEAST takes a number and a group", 0, "ATLEAST/3(deport*)"),
    ("country:(UZ or KZ)", "between the values of country: stands OR", 12, "country:(a OR b)"),
    ("country:(UZ, KZ)", "between the values of country: stands OR", 13, "OR in capitals"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "message", "position", "hint"), REFUSED)
def test_refusals_say_what_where_and_what_was_meant(source, message, position, hint):
    with pytest.raises(QueryError) as caught:
        parse(source, {"border": "guard*"}, vocabulary=CENTRAL_ASIA)
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.position == position
    assert hint in caught.value.hint


def test_a_named_query_stands_for_itself():
    query = parse("@border NEAR/4 tashkent", {"border": "guard* OR patrol"})
    assert str(query) == "@border NEAR/4 tashkent"
    with pytest.raises(QueryError, match="@a refers to itself: @a -> @b -> @a"):
        parse("x @a", {"a": "y @b", "b": "z OR @a"})
    with pytest.raises(QueryError, match="in @a: ") as caught:
        parse("x @a", {"a": "titel:y"})
    assert caught.value.query == "titel:y"


def test_named_queries_that_grow_without_end_are_refused():
    names = {f"a{n}": f"@a{n + 1} @a{n + 1}" for n in range(18)} | {"a18": "x"}
    with pytest.raises(QueryError, match="terms"):
        parse("@a0", names)
    with pytest.raises(QueryError, match="deep"):
        parse("@a0", {f"a{n}": f"@a{n + 1}" for n in range(500)} | {"a500": "x"})


@pytest.mark.parametrize(
    "source",
    [
        "x" * (MAX_LENGTH + 1),
        " OR ".join(f"w{n}" for n in range(10_000)),
        " ".join(f"w{n}" for n in range(MAX_TERMS + 1)),
        "(" * 5000 + "x" + ")" * 5000 + " y" * (MAX_TERMS + 1),
        "a " + "NOT " * 2000 + "x",
        " NEAR ".join("a" for _ in range(500)),
        "x" + "*y" * 5000,
        '"' + "a " * 9000 + '"',
    ],
    ids=["long", "10,000 terms", "terms", "nested", "NOT", "NEAR", "stars", "phrase"],
)
def test_queries_without_measure_are_refused_at_once(source):
    start = time.monotonic()
    with pytest.raises(QueryError):
        parse(source)
    assert time.monotonic() - start < 5  # protects against a hang; a hundredth of it is usual


def test_a_large_query_is_read():
    source = " OR ".join(f"word{n}" for n in range(1500))
    assert len(parse(source).root.parts) == 1500
