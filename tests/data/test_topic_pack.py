"""The shipped topic pack: complete, readable, without slips, and right in its own examples."""

import re
from collections import Counter

import pytest

from monitor.core.query import Doc, parse
from monitor.core.query.linting import lint, meaning_of
from monitor.core.topics import check_examples
from monitor.model import Text
from monitor.sandboxed import TopicSources, load_topics, topic_names, vocabulary

NAMES = [
    "deportation",
    "border-security",
    "immigration-enforcement",
    "asylum-refugees",
    "migration",
    "travel-bans-visas",
    "human-trafficking",
    "terrorism",
    "counterterrorism",
    "organized-crime",
    "law-enforcement-cooperation",
    "espionage",
    "cyber-security",
    "nuclear-proliferation",
    "arms-trade",
    "military-deployment",
    "armed-conflict",
    "peace-talks",
    "coup-unrest",
    "maritime-security",
    "diplomacy",
    "alliances",
    "sanctions",
    "consular-affairs",
    "territorial-dispute",
    "trade-tariffs",
    "energy-security",
    "critical-minerals",
    "foreign-aid",
    "human-rights",
    "elections",
    "protests",
    "press-freedom",
    "disinformation",
    "corruption",
    "disasters",
]

LANGUAGES = {"en", "es", "fr", "de", "ru", "ar", "tr", "uz", "zh"}
CYRILLIC = re.compile("[а-яёўқғҳ]")


@pytest.fixture(scope="module")
def pack():
    return load_topics(TopicSources())


@pytest.fixture(scope="module")
def clauses(pack):
    return [(topic.name, clause.lang, clause.query) for topic in pack.topics.values() for clause in topic.clauses]


def topics_of(pack, title, body="", lang="en"):
    return {match.name for match in pack.match(Doc.of(Text(title=title, body=body, lang=lang)))}


def test_every_built_in_topic_is_there_and_no_other(pack):
    assert sorted(pack.topics) == sorted(NAMES)


def test_its_own_examples_hold(pack):
    assert check_examples(pack) == []


def test_every_language_of_a_topic_has_examples_for_it_and_against_it(pack):
    for topic in pack.topics.values():
        spoken = {clause.lang for clause in topic.clauses} - {None}
        for wanted in (True, False):
            shown = {example.lang for example in topic.examples if example.wanted is wanted}
            assert spoken <= shown, (topic.name, wanted, spoken - shown)


def test_every_topic_is_looked_for_in_nine_languages(pack):
    for topic in pack.topics.values():
        assert {clause.lang for clause in topic.clauses if clause.weight > 0} >= LANGUAGES, topic.name


def test_uzbek_is_written_in_both_scripts(pack):
    for topic in pack.topics.values():
        listed = [str(clause.query) for clause in topic.clauses if clause.lang == "uz"]
        assert {bool(CYRILLIC.search(query)) for query in listed} == {True, False}, topic.name


def test_every_query_prints_canonically(clauses):
    names = vocabulary()
    for name, _, query in clauses:
        assert parse(str(query), vocabulary=names) == query, name
        assert str(parse(str(query), vocabulary=names)) == str(query), name


def test_no_clause_stands_twice_in_a_topic(clauses):
    def meaning(query):  # the meaning of ATLEAST leaves out how often
        return str(query) if "ATLEAST" in str(query) else meaning_of(query.root)

    seen = Counter((name, lang, meaning(query)) for name, lang, query in clauses)
    assert [key for key, times in seen.items() if times > 1] == []
    everywhere = {(name, meaning(query)) for name, lang, query in clauses if lang is None}
    assert [(name, str(query)) for name, lang, query in clauses if lang and (name, meaning(query)) in everywhere] == []


def test_no_clause_contradicts_or_repeats_itself(clauses):
    found = [(name, str(query), line) for name, _, query in clauses for line in lint(query)]
    assert found == []


def test_media_topic_ids_are_well_formed_and_no_two_topics_share_one(pack):
    ids = [topic.iptc for topic in pack.topics.values() if topic.iptc]
    assert all(re.fullmatch(r"20\d{6}", one) for one in ids)
    assert len(set(ids)) == len(ids)


def test_labels_say_what_the_topic_is(pack):
    assert all(topic.label for topic in pack.topics.values())
    assert len({topic.label for topic in pack.topics.values()}) == len(NAMES)


def test_a_report_of_a_return_flight_has_all_its_sides(pack):
    found = topics_of(
        pack,
        "Partner state flies home ninety deported citizens",
        "A charter flight with ninety people who had been deported landed on Tuesday. The airline was hired by the "
        "government of the home country; the deportation orders had been issued in spring for people who were illegally "
        "present. The envoys of both sides praised their bilateral ties and spoke of immigration enforcement and border "
        "security. Cooperation on counterterrorism, law enforcement and border security is to be widened, the embassy "
        "said, under the strategic partnership of the two states.",
    )
    assert found == {
        "deportation",
        "border-security",
        "immigration-enforcement",
        "counterterrorism",
        "law-enforcement-cooperation",
        "diplomacy",
    }


@pytest.mark.parametrize(
    ("lang", "title", "body"),
    [
        ("en", "Captain misses from the spot in penalty shoot-out", "The striker fired over the bar. The trainer spoke of a war of nerves; the league may sanction both clubs."),
        ("en", "Trade deadline passes quietly", "The club sent its pitcher and a draft pick to Boston. Fans had protested the call of an umpire on Sunday."),
        ("en", "Star Wars marathon fills the old cinema", "Visitors came as storm troopers and rebels. Popcorn was free until the death star exploded on the screen."),
        ("en", "Museum opens hall on the American Civil War", "The hall shows letters of Confederate soldiers from 1863 and a field hospital. Entry is free on Sundays."),
        ("en", "Bakers strike gold at the fair", "A loaf of rye from the valley won the medal. The jury had tasted ninety loaves in two days."),
        ("en", "Old mine becomes a concert hall", "The acoustics are a bombshell, says the conductor. The first season opens with a symphony in May."),
        ("en", "Flood of letters for the lighthouse keeper", "He has answered four hundred of them. An earthquake of laughter, he says, came with each postcard."),
        ("en", "A vintage for the cellar", "Cool nights gave the wine its nerve. The estate exports nothing and sells all at the gate."),
        ("es", "El delantero dispara dos veces al palo", "El equipo deportivo jugó mejor. El árbitro sancionó una falta y la afición protestó con silbidos."),
        ("fr", "Le défenseur prolonge au club", "Le joueur reste deux saisons. La ligue avait sanctionné le club pour des fumigènes."),
        ("de", "Stürmer trifft zum Auftakt", "Der Angriff spielte stark, die Abwehr hielt. Das Publikum feierte den ersten Sieg der Saison."),
        ("ru", "Нападающий забил дважды", "Атака хозяев была быстрой, защита гостей ошибалась. Тренер остался доволен игрой."),
        ("ar", "المهاجم يسجل هدفين", "هاجم الفريق منذ البداية ودافع الضيوف جيدا. أبدى المدرب رضاه عن اللعب."),
        ("tr", "Forvet iki gol attı", "Ev sahibi takım hücumda etkiliydi. Teknik direktör oyundan memnun kaldı."),
        ("uz", "Hujumchi ikki gol urdi", "Mezbonlar tez hujum qildi. Murabbiy o‘yindan mamnun."),
        ("zh", "前锋梅开二度", "主队进攻流畅，客队防守出现失误。教练对比赛表示满意。"),
    ],
)  # fmt: skip
def test_sport_culture_and_figures_of_speech_have_no_topic(pack, lang, title, body):
    assert topics_of(pack, title, body, lang) == set()


@pytest.mark.parametrize(
    ("lang", "title", "name"),
    [
        ("en", "Uzbekistan’s border guards find tunnel", "border-security"),
        ("es", "Deportaciones masivas desde la frontera norte", "deportation"),
        ("fr", "Nouvelles sanctions de l’Union européenne contre la Russie", "sanctions"),
        ("de", "Luftangriffe auf die Hafenstadt", "armed-conflict"),
        ("ru", "Беженцы и мигранты: новые правила", "asylum-refugees"),
        ("ar", "هجوم إرهابي يستهدف سوقا", "terrorism"),
        ("tr", "İran’a yeni yaptırımlar", "sanctions"),
        ("uz", "O'zbekiston chegarachilari mashg'ulot o'tkazdi", "border-security"),
        ("uz", "Сирияга ҳаво зарбалари берилди", "armed-conflict"),
        ("zh", "两国签署引渡条约", "law-enforcement-cooperation"),
    ],
)
def test_a_plain_headline_is_enough(pack, lang, title, name):
    assert name in topics_of(pack, title, lang=lang)


@pytest.mark.parametrize(
    "sources",
    [
        TopicSources(),
        TopicSources(disable=("migration",), own={"floods": {"terms": ["flood*"]}, "terrorism": {"enabled": False}}),
        TopicSources(pack=False),
    ],
)
def test_the_names_of_the_topics_are_known_without_reading_their_queries(sources):
    assert topic_names(sources) == frozenset(load_topics(sources).topics)
