"""What lint says of queries that can be read and are probably not meant, and what it is silent about."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.query import Query, Vocabulary, evaluate, lint, parse, tree
from monitor.core.query.mistakes import _contradictions
from tests.core.query.made import NOW, documents, in_fields, textual, words

KNOWN = Vocabulary(
    topics=frozenset({"deportation"}), feeds=frozenset({"World News"}), languages=frozenset({"en", "ru"})
)


@pytest.mark.parametrize(
    ("query", "warning"),
    [
        ("a and b", "the operator is written AND"),
        ("a or b", "the operator is written OR"),
        ("a not b", "the operator is written NOT"),
        ("a near/5 b", "the operator is written NEAR/5"),
        ("topic:deportatoin", "no topic 'deportatoin', so this can never hold. Did you mean deportation?"),
        ("feed:world", "no feed 'world'"),
        ("lang:xx", "no lang 'xx', so this can never hold. Languages are written as codes of ISO 639: en, ru, uz"),
        ("'border guard'", """a phrase stands in double quotation marks: "border guard\""""),
        ("title:‘border  guard’ OR x", 'marks: "border guard"'),
        ("(‚граница закрыта‘)", 'marks: "граница закрыта"'),
        ("a -'border guard'", 'marks: "border guard"'),
        ("a NOT a", "both demanded and excluded"),
        ("deporting NOT deport*", "nothing can match"),
        ('"a b" NOT a', "NOT a excludes it"),
        ("ATLEAST/3(a) NOT a", "NOT a excludes it"),
        ("title:a NOT a", "NOT a excludes it"),
        ("a NEAR/3 beta NOT bet*", "NOT bet* excludes it"),
        ("(a OR b) NOT a NOT b", "NOT a and NOT b excludes it"),
        ("topic:deportation>=0.9 NOT topic:deportation", "NOT topic:deportation excludes it"),
        ("country:UZ NOT country:(UZ OR KZ)", "nothing can match"),
        ("lang:ru lang:en", "two values at once"),
        ("published:>=2026-05-01 published:<2026-01-01 a", "nothing can match"),
        ("deport* OR deported", "'deported' is found by 'deport*' anyway"),
        ("a a", "stands there twice"),
        ("a NEAR a", "both sides are the same"),
        ("seen:7d", "evaluated for every document"),
        ("lang:en seen:7d", "evaluated for most documents: the rarest that it requires is lang:en"),
        ("the OR of", "evaluated for most documents: the rarest that it requires is of, the"),
    ],
)
def test_lint_warns(query, warning):
    assert any(warning in line for line in lint(parse(query), vocabulary=KNOWN))


@pytest.mark.parametrize(
    "query",
    [
        "deport* NEAR/8 (tashkent OR uzbek*)",
        'topic:deportation feed:"world news" lang:en',
        "border -sport",
        "border -title:border",
        "author:smith -smith",
        "(border OR sport) -border",
        'border -"border guard"',
        "topic:deportation -topic:deportation>=0.9",
        "country:(UZ OR KZ) -country:UZ",
        "the border",
        # apostrophes, not quotation marks
        "‘abd rahmon",
        "o'zbek qo'shin",
        "workers' rights OR 'til",
        "\"the 'border guard'\"",
        "'border'",
        # how often a word is, its length does not tell
        "UN OR EU OR x",
        "难民",
        "안보",
        "ل",
    ],
)
def test_lint_is_silent_about_good_queries(query):
    assert lint(parse(query), vocabulary=KNOWN) == []


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("a b", "b AND a", True),
        ("a OR b OR a", "b | a", True),
        ("a NEAR/3 b", "b NEAR/3 a", True),
        ("a ONEAR/3 b", "b ONEAR/3 a", False),
        ("a ONEAR/3 b", "a ONEAR/4 b", False),
        ("ATLEAST/2(a)", "ATLEAST/2(a)", True),
        ("ATLEAST/2(a)", "ATLEAST/3(a)", False),
        ("a -b", "NOT b a", True),
        ("country:(UZ OR KZ)", "country:(KZ OR UZ)", True),
        ("a b", "a OR b", False),
        ("title:a", "a", False),
    ],
)
def test_two_queries_with_one_meaning(left, right, same):
    assert ("means the same as the other" in lint(parse(left), others={"the other": parse(right)})) == same


@settings(max_examples=400)
@given(
    st.lists(st.one_of(textual, in_fields), min_size=1, max_size=2),
    st.lists(words, min_size=1, max_size=3),
    documents(),
)
def test_what_is_said_to_match_nothing_matches_nothing(demanded, denied, document):
    _, doc, _ = document
    parts = (*demanded, *map(tree.Not, denied))
    if any("nothing can match" in line for line in _contradictions(parts)):
        assert evaluate(Query(tree.And(parts)), doc, NOW) is None
