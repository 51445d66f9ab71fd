"""Topics: reading packs, the score, what counted."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.query import Doc
from monitor.core.topics import TITLE, USUAL, check_examples, load_pack, score_of
from monitor.errors import ConfigError
from monitor.model import Text
from monitor.sandboxed import TopicSources, read_topics

PACK = """
[topics.deportation]
label = "Deportation and removals"
iptc = "20000590"
terms = ["deport*", '"removal flight"', '"charter flight" NEAR/12 (migrant* OR deport*)']
strong = ["ATLEAST/3(deport*)"]
against = ["deport* NEAR/6 (1944 OR stalin)"]
should_match = ["Forty deported to Tashkent", "Flight\\nThey were deported. More deported. A removal flight left; deported."]
should_not_match = ["Sports club signs striker", "Stalin: deported in 1944"]

[topics.deportation.ru]
terms = ["депортир*", "выдвор*"]
should_match = ["Сорок человек депортировали", "Выдворены"]

[topics.deportation.es]
terms = ["expulsi*"]

[topics.trade-tariffs]
threshold = 0.3
terms = ["tariff*"]
"""


def pack_of(*texts):
    return load_pack((f"source {number}", text) for number, text in enumerate(texts, 1))


def score(pack, title="", body="", *, lang=None, topic="deportation", summary=""):
    found = pack.scores(Doc.of(Text(title=title, body=body, summary=summary, lang=lang))).get(topic)
    return found.score if found else 0.0


def test_a_pack_is_read():
    pack = pack_of(PACK)
    topic = pack.topics["deportation"]
    assert (topic.label, topic.iptc, topic.threshold) == ("Deportation and removals", "20000590", 0.5)
    assert [(str(clause.query), clause.weight, clause.lang) for clause in topic.clauses] == [
        ("deport*", 1, None),
        ('"removal flight"', 1, None),
        ('"charter flight" NEAR/12 (migrant* OR deport*)', 1, None),
        ("ATLEAST/3(deport*)", 3, None),
        ("deport* NEAR/6 (1944 OR stalin)", -3, None),
        ("депортир*", 1, "ru"),
        ("выдвор*", 1, "ru"),
        ("expulsi*", 1, "es"),
    ]
    assert pack.topics["trade-tariffs"].label == "Trade tariffs"


def test_the_examples_of_the_pack_are_run():
    assert check_examples(pack_of(PACK)) == []
    wrong = PACK.replace('"Sports club signs striker"', '"Nine deported"')
    assert check_examples(pack_of(wrong)) == [
        "topics.deportation: 'Nine deported' scores 0.50; less than 0.5 is expected",
    ]


def test_every_term_that_counted_is_named_with_its_weight():
    body = "They were deported. Stalin deported many."
    text = Text(title="Deportations go on", body=body, lang="en")
    [found] = pack_of(PACK).match(Doc.of(text))
    assert found.name == "deportation"
    held = {"title": text.title, "body": body}
    assert [(term.field, held[term.field][term.start : term.end], term.term, term.weight) for term in found.terms] == [
        ("title", "Deportations", "deport*", 1),
        ("title", "Deportations", "deport*", 3),
        ("body", "deported", "deport*", 1),
        ("body", "deported", "deport*", 3),
        ("body", "deported", "deport*", -3),
        ("body", "Stalin", "stalin", -3),
        ("body", "deported", "deport*", 1),
        ("body", "deported", "deport*", 3),
        ("body", "deported", "deport*", -3),
    ]


def test_topics_come_highest_first_and_only_over_their_threshold():
    pack = pack_of(PACK)
    doc = Doc.of(Text(title="Tariffs and deportations: deported, deported", body="One tariff."))
    assert [one.name for one in pack.match(doc)] == ["deportation", "trade-tariffs"]
    assert pack.match(Doc.of(Text(title="Nothing", body="One was deported."))) == ()
    assert "deportation" in pack.scores(Doc.of(Text(title="Nothing", body="One was deported.")))


def test_title_outweighs_and_variety_outweighs_repetition():
    pack = pack_of(PACK)
    once = score(pack, body="deported")
    assert once < 0.5 <= score(pack, title="deported")
    assert score(pack, body="deported removal flight x charter flight of migrants") > score(
        pack, body="removal flight, " * 3
    )
    assert score(pack, title="deported", body="deported in 1944") < score(pack, title="deported")


def test_a_long_text_needs_more():
    pack = pack_of(PACK)
    short = score(pack, body="tariff " * 2 + "x " * 100, topic="trade-tariffs")
    usual = score(pack, body="tariff " * 2 + "x " * (USUAL - 2), topic="trade-tariffs")
    long = score(pack, body="tariff " * 2 + "x " * (4 * USUAL - 2), topic="trade-tariffs")
    assert short == usual > long


def test_the_words_of_a_language_count_in_its_texts():
    pack = pack_of(PACK)
    assert score(pack, title="La expulsión", lang="es") > 0.5
    assert score(pack, title="The expulsion", lang="en") == 0
    assert score(pack, title="expulsion", lang=None) > 0.5
    assert score(pack, title="Deportados", lang="es") > 0.5


def test_a_summary_stands_in_for_the_body():
    pack = pack_of(PACK)
    assert score(pack, summary="deported, deported") == score(pack, body="deported, deported")
    assert score(pack, summary="deported", body="deported, deported") == score(pack, body="deported, deported")


counts = st.integers(0, 6)


@given(st.lists(st.tuples(counts, counts, counts, counts), min_size=2, max_size=2), st.integers(0, 800))
def test_the_score_is_monotonic(pair, filler):
    """More for a topic never lowers the score, more against it never raises it; it stays within 0 and 1."""
    (low, high) = (tuple(map(min, *pair)), tuple(map(max, *pair)))
    found = []
    for title, body, flights, against in (
        (*low[:3], high[3]),
        (*high[:3], low[3]),
    ):
        words = "tariff " * body + "quota " * flights + "guitar " * against
        words += "x " * (1000 + filler - len(words.split()))
        found.append(score(TARIFFS, "tariff " * title, words, topic="tariffs"))
    assert 0 <= found[0] <= found[1] < 1


TARIFFS = load_pack([("x", '[topics.tariffs]\nterms = ["tariff*"]\nstrong = ["quota"]\nagainst = ["guitar"]')])


def test_the_formula():
    assert score_of([]) == 0
    assert score_of([-3.0, 1.0]) == 0
    assert score_of([2.7]) == 0.5
    steps = [score_of([value]) for value in range(10)]
    assert all(a < b for a, b in pairwise(steps))
    assert score(TARIFFS, "tariff", topic="tariffs") == pytest.approx(0.505, abs=0.001)
    assert score(TARIFFS, body="tariff " * int(TITLE), topic="tariffs") == pytest.approx(0.505, abs=0.001)


# --- configuration over the shipped pack -----------------------------------------------------------


def test_a_later_source_replaces_a_topic():
    pack = pack_of(PACK, '[topics.deportation]\nterms = ["removal"]')
    assert [str(clause.query) for clause in pack.topics["deportation"].clauses] == ["removal"]
    assert pack.topics["deportation"].label == "Deportation"
    assert "trade-tariffs" in pack.topics


def test_a_later_source_extends_a_topic():
    pack = pack_of(PACK, '[topics.deportation]\nextend = true\nthreshold = 0.7\nagainst = ["satire"]')
    topic = pack.topics["deportation"]
    assert topic.threshold == 0.7
    assert topic.label == "Deportation and removals"
    assert len(topic.clauses) == 9
    assert topic.clauses[-1].weight == -3


def test_a_later_source_removes_a_topic():
    assert "deportation" not in pack_of(PACK, "[topics.deportation]\nenabled = false").topics


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[topics.a", "source 1: "),
        ("topics = 3", "source 1: "),
        ("[topics]\na = 3", "topics.a"),
        ("[topics.Border]\nterms = ['x']", "kebab-case"),
        ("[topics.a]\nterm = ['x']", "topics.a.term: unknown key"),
        ("[topics.a]\nterms = 'x'", "topics.a.terms: is a list"),
        ("[topics.a]\nterms = [3]", "topics.a.terms[1]: 3 is no string"),
        ("[topics.a]\nterms = ['ok', 'titel:x']", "topics.a.terms[2]: there is no field 'titel:'"),
        ("[topics.a.ru]\nterms = ['x AND']", "topics.a.ru.terms[1]: "),
        ("[topics.a.ru]\nlabel = 'x'", "topics.a.ru.label: unknown key"),
        ("[topics.a]\nthreshold = 2\nterms = ['x']", "topics.a.threshold: 2"),
        ("[topics.a]\nagainst = ['x']", "at least one query"),
        ("[topics.a]\nextend = true\nterms = ['x']", "no topic to extend"),
        ("[topics.a]\nterms = ['topic:b x']", "not known yet"),
        ("[topics.a]\nterms = ['x seen:7d']", "not known yet"),
    ],
)
def test_a_wrong_pack_is_refused_with_its_place(text, message):
    with pytest.raises(ConfigError) as caught:
        pack_of(text)
    assert message in str(caught.value)
    assert "source 1" in str(caught.value)


def test_topics_that_are_only_told_of_are_those_that_are_asked_for() -> None:
    own = {"border": {"terms": ["border"]}, "diplomacy": {"extend": True, "terms": ["envoy"]}}
    sources = TopicSources(disable=("trade-tariffs",), own=own)
    asked, told = read_topics(sources), read_topics(sources, to_be_told=True)
    assert list(told) == list(asked)
    for name, topic in told.items():
        assert [(each.weight, each.lang) for each in topic.clauses] == [
            (each.weight, each.lang) for each in asked[name].clauses
        ]
        assert replace(topic, clauses=()) == replace(asked[name], clauses=())
    with pytest.raises(ConfigError):
        read_topics(TopicSources(own={"border": {"terms": ["(border"]}}), to_be_told=True)
