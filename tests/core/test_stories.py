"""Stories gather the reports of one event in the order of their arrival, and nothing else."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.duplicates.events import likenesses
from monitor.core.stories import (
    LIMIT_COPIES,
    LIMIT_REPORTS,
    PER_KEY,
    WINDOW,
    Index,
    cluster,
    cluster_json,
    compare_json,
    place,
    rank,
    story_keys,
)
from monitor.model import Duplicate, Joins, Starts, Text
from tests.support.reports import (
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

SECOND_TITLE = "Harvand closes cracked Teshik dam to lorries"
FIRST = candidate(DAM, number=1, story=1)
OTHER = candidate(FERRY, "Ferry runs aground off Sorvik", number=2, story=2)


def placed(article, *candidates):
    return place(article, candidates, now=NOON + timedelta(days=10))


# --- place -----------------------------------------------------------------------------------------


def test_a_copy_is_a_duplicate_in_the_story_of_its_original():
    found = placed(candidate(DAM, "Lorries barred", number=3, hours=2), OTHER, FIRST)
    assert isinstance(found, Duplicate)
    assert (found.of, found.story_id) == (1, 1)
    assert "the same word by word" in found.why


def test_another_report_of_the_event_joins_its_story_and_says_why():
    found = placed(candidate(DAM_BY_ANOTHER_PAPER, SECOND_TITLE, number=3, hours=5), OTHER, FIRST)
    assert isinstance(found, Joins)
    assert found.story_id == 1
    assert "with article 1 both name" in found.why
    assert "teshik" in found.why


def test_the_first_report_starts_a_story():
    assert isinstance(placed(candidate(DAM, number=3), OTHER), Starts)
    assert isinstance(placed(candidate(DAM, number=3)), Starts)


def test_the_order_of_candidates_makes_no_difference():
    candidates = [
        FIRST,
        OTHER,
        candidate(DAM, "Reprint", number=4, story=1, hours=1, duplicate_of=1),
        candidate(CHINESE, "特希克大坝", number=5, story=5),
    ]
    article = candidate(DAM_BY_ANOTHER_PAPER, SECOND_TITLE, number=9, hours=5)
    copy = candidate(DAM + FURNITURE, number=10, hours=6)
    rnd = random.Random(1)
    found = set()
    for _ in range(10):
        rnd.shuffle(candidates)
        found.add((placed(article, *candidates), placed(copy, *candidates)))
    assert len(found) == 1


def test_a_copy_of_a_copy_is_a_copy_of_the_original():
    reprint = candidate(DAM, "Reprint", number=4, story=1, hours=1, duplicate_of=1)
    found = placed(candidate(DAM, number=5, hours=2), reprint, FIRST)
    assert isinstance(found, Duplicate)
    assert found.of == 1


def test_a_report_after_the_window_starts_anew():
    late = candidate(DAM_BY_ANOTHER_PAPER, SECOND_TITLE, number=3, hours=(WINDOW / timedelta(hours=1)) + 1)
    assert isinstance(placed(late, FIRST), Starts)


def test_a_report_must_be_more_like_the_older_the_story_is():
    def at(hours):
        return placed(candidate(DAM_BY_ANOTHER_PAPER, SECOND_TITLE, number=3, hours=hours), FIRST)

    joined = [isinstance(at(hours), Joins) for hours in (1, 24, 72, 120, 167, 200)]
    assert joined[0]
    assert not joined[-1]
    assert joined == sorted(joined, reverse=True)


def test_a_date_in_the_future_is_no_date():
    dreamt = replace(candidate(DAM_BY_ANOTHER_PAPER, SECOND_TITLE, number=3), published=NOON + timedelta(days=900))
    found = place(dreamt, [FIRST], now=NOON + timedelta(hours=1))
    assert isinstance(found, Joins)


def test_the_same_form_filled_in_anew_joins_no_story():
    tuesday = candidate(market("Tuesday", "411", "408.5", "12,400", "415.25"), "Cotton closes at 411", story=1)
    wednesday = candidate(
        market("Wednesday", "402", "411", "9,870", "413.5"), "Cotton closes at 402", number=2, hours=24
    )
    assert isinstance(placed(wednesday, tuesday), Starts)


def test_furniture_of_one_site_makes_no_story():
    lines = "This article is more than seven months old\n\nFollow the Harvand Courier for all news of the valley\n\n"
    a = candidate(lines + lines + DAM, number=1, story=1, site="courier.test")
    b = candidate(lines + lines + FERRY, "Ferry runs aground", number=2, hours=3, site="courier.test")
    assert isinstance(placed(b, a), Starts)
    once = candidate(lines + FERRY, "Ferry runs aground", number=2, hours=3, site="courier.test")
    assert isinstance(placed(once, replace(a, text=lines + DAM)), Starts)


def test_results_of_two_firms_are_two_stories():
    table = "Net {} vs {}\nSales {} vs {}\nShares {} vs {}\nNine months\nNet {} vs {}\nSales {} vs {}\n"
    a = candidate(table.format(*range(1_100, 1_110)), "Alma Shipping third quarter net", number=1, story=1)
    b = candidate(table.format(*range(2_200, 2_210)), "Bakhor Cotton third quarter net", number=2)
    assert isinstance(placed(b, a), Starts)
    verb = " said on Monday that its profit rose in the third quarter because of strong demand and lower costs."
    a = candidate(f"The shipping company of Alma Tangen{verb}", "Alma Tangen profit rises", number=1, story=1)
    b = candidate(f"The cotton company of Bakhor Teshik{verb}", "Bakhor Teshik profit rises", number=2)
    assert isinstance(placed(b, a), Starts)


def test_a_common_source_of_which_no_headline_speaks_makes_no_story():
    source = "The Teshik prosecutor's office said on Monday that investigators had opened an inquiry. "
    crane = (
        "A crane came down on the empty eastern quay of Sorvik harbour during the night, and two sheds full of timber "
        "were crushed. Nobody was hurt; the owner blamed rust and a storm that had loosened the bolts."
    )
    fraud = (
        "Five clerks of the Harvand museum had sold the same tickets twice for nine years, and kept the money in a "
        "piano. The curator called it the largest theft that the old palace has seen since its roof was stolen."
    )

    def are_one(first, second):
        other = candidate(source + fraud, second, number=2)
        [like] = likenesses(candidate(source + crane, first, number=1), [other], [timedelta(hours=1)])
        return like.same

    assert not are_one("Crane falls on empty quay", "Museum clerks sold tickets twice")
    assert are_one("Prosecutors open inquiry at harbour", "Teshik investigators open inquiry")


BOAT = (
    "Twelve people drowned on Wednesday when an overloaded ferry capsized between Pemba and Unguja, Tanzanian police "
    "said. Forty-one passengers were rescued by fishermen. The MV Kipandu was bound for Zanzibar with sixty aboard."
)
BOAT_BY_ANOTHER_PAPER = (
    "Amina Jumo clung to a plastic container for five hours before fishermen from Pemba pulled her out. She is one of "
    "41 survivors of the ferry that went down on Wednesday night in Tanzania; twelve bodies have been recovered."
)
MINISTER_SIGNS = (
    "Interior Minister Alvar Dobrinsk and his Polish counterpart signed an agreement on joint patrols in Warsaw."
)
MINISTER_DEFENDS = (
    "Interior Minister Alvar Dobrinsk on Thursday defended the flight of 43 men from Leipzig to Kabul against critics."
)
DRONES = "Drones of the Steppe Support Forces struck a market in El Harfa, North Kurdan, killing 14, the Doctors Network said."
RETAKEN = (
    "The government said it had driven the Steppe Support Forces from Barta in North Kurdan. The Doctors Network counted "
    "20 dead."
)


@pytest.mark.parametrize(
    ("one", "other", "joins"),
    [
        (("Twelve dead as ferry capsizes off Zanzibar", BOAT), ("Survivors of Kipandu recount night", BOAT_BY_ANOTHER_PAPER), True),
        (("Dobrinsk signs border pact", MINISTER_SIGNS), ("Dobrinsk defends Kabul flight", MINISTER_DEFENDS), False),
        (("Market struck in El Harfa", DRONES), ("Army retakes Barta", RETAKEN), False),
    ],
)  # fmt: skip
def test_names_make_a_story_where_they_are_several_and_something_happened(one, other, joins):
    first = candidate(one[1], one[0], number=1, story=1)
    second = candidate(other[1], other[0], number=2, hours=7)
    assert isinstance(placed(second, first), Joins if joins else Starts)


def test_a_story_does_not_drift_from_report_to_report():
    """Ten reports, each of which shares half of its sentences with the one before it."""
    sentences = [invented(n, 1)[0] for n in range(66)]
    steps = [" ".join(sentences[n * 6 : n * 6 + 12]) for n in range(10)]
    titles = [" ".join(sentences[n * 6 + 5].split()[:6]) for n in range(10)]
    groups = {story for _, _, story in cluster(candidate(steps[n], titles[n], number=n + 1) for n in range(10))}
    assert len(groups) >= 3


def test_reports_in_two_languages_join_by_names_numbers_and_countries():
    known = {"countries": ("TJ",), "people": ("Rustam Alidor", "Malika Sobir")}
    english = candidate(DAM, number=1, story=1, lang="en", **known)
    russian = candidate(
        RUSSIAN,
        "Плотину Тешик закрыли для грузовиков",
        number=2,
        hours=4,
        lang="ru",
        countries=("TJ",),
        people=("Рустам Алидор", "Малика Собир"),
    )
    found = placed(russian, english, OTHER)
    assert isinstance(found, Joins)
    assert found.story_id == 1
    assert "alidor" in found.why
    far = replace(russian, published=NOON + timedelta(days=4), seen=NOON + timedelta(days=4))
    assert isinstance(placed(far, english), Starts)
    elsewhere = candidate(FERRY, number=3, story=3, lang="en", countries=("TJ",), people=("Anna Holm",))
    assert isinstance(placed(russian, elsewhere), Starts)


BRIDGE = """The foreign ministers of Kazakhstan, Kyrgyzstan, Tajikistan and Uzbekistan opened a bridge over the Naryn on
Monday. Kazakhstan paid for the steel, Uzbekistan for the road, and Tajikistan sent the engineers. The minister of
Kyrgyzstan said that lorries would cross from Friday. The European Union gave a loan, its envoy Marta Lindqvist said."""

LOCUSTS = """Казахстан, Кыргызстан, Таджикистан и Узбекистан договорились вместе бороться с саранчой. Министерство сельского
хозяйства Казахстана купит самолёты, а специалисты из Кыргызстана обучат лётчиков. В Узбекистане посевы хлопка пока не
пострадали. Помощь обещает Европейский союз."""

CHEESE = """La Commission a présenté lundi un rapport sur le fromage. Selon l'envoyée de l'Union européenne, Marta Lindqvist, le
lait des montagnes du Kazakhstan et celui d'Ouzbékistan ne se ressemblent pas. Les bergers s'en doutaient un peu."""

OPENING = """Открыт мост через Нарын. На церемонию в понедельник приехали министры Казахстана, Кыргызстана, Таджикистана и
Узбекистана, посол Марта Линдквист передала кредит. Длина моста через Нарын — 412 метров, сообщило агентство. Первые грузовики
пройдут у посёлка Токтогул в пятницу."""

CENTRAL_ASIA = ("KZ", "KG", "TJ", "UZ")


def test_countries_alone_make_no_story_of_two_languages():
    """They would be counted twice: by name and by code."""
    bridge = candidate(BRIDGE, "Four ministers open a bridge", story=1, lang="en", countries=CENTRAL_ASIA)
    locusts = candidate(LOCUSTS, "Четыре страны против саранчи", number=2, lang="ru", countries=CENTRAL_ASIA)
    assert isinstance(placed(locusts, bridge), Starts)


def test_one_official_makes_no_story_of_two_languages():
    who = ("Marta Lindqvist",)
    bridge = candidate(BRIDGE, "Four ministers open a bridge", story=1, lang="en", countries=CENTRAL_ASIA, people=who)
    for people in (who, ()):  # whether or not she was recognised
        cheese = candidate(CHEESE, "Le fromage", number=2, lang="fr", countries=("KZ", "UZ"), people=people)
        assert isinstance(placed(cheese, bridge), Starts)


def test_a_president_in_a_capital_makes_no_story_of_two_languages():
    tariffs = "In Bishkek the visit ended on Monday. Kazakhstan raised tariffs on apples, President Timur Sadirov said."
    medals = "Am Montag hat in Bischkek Präsident Timur Sadirov, aus Kasachstan kommend, zwölf Medaillen verliehen."
    known = {"countries": ("KG", "KZ"), "people": ("Timur Sadirov",)}
    first = candidate(tariffs, "Tariffs on apples", story=1, lang="en", **known)
    assert isinstance(placed(candidate(medals, "Medaillen", number=2, lang="de", **known), first), Starts)


def test_names_and_countries_make_a_story_of_two_languages():
    bridge = candidate(
        BRIDGE.replace("a bridge over the Naryn", "a bridge of 412 metres over the Naryn at Toktogul"),
        "Four ministers open a bridge",
        story=1,
        lang="en",
        countries=CENTRAL_ASIA,
    )
    opened = candidate(OPENING, "Открыт мост через Нарын", number=2, lang="ru", countries=CENTRAL_ASIA)
    found = placed(opened, bridge)
    assert isinstance(found, Joins)
    assert "нарын" in found.why


def test_what_many_stories_name_tells_less_across_languages_too():
    known = {"countries": CENTRAL_ASIA, "people": ("Marta Lindqvist",)}
    alone = candidate(BRIDGE.replace("Naryn", "Naryn, near Toktogul,"), "Four ministers", story=1, lang="en", **known)
    opened = candidate(
        OPENING.replace("412", "400"), "Открыт мост", number=99, lang="ru", countries=("KZ",), people=known["people"]
    )
    crowd = [
        candidate(
            f"{' '.join(invented(n, 3))} In Naryn, near Toktogul, Marta Lindqvist said so.",
            f"Title {n}",
            number=n,
            story=n,
            lang="en",
            **known,
        )
        for n in range(2, 40)
    ]
    assert (
        likenesses(opened, [alone], [None])[0].similarity
        > likenesses(opened, [alone, *crowd], [None] * 39)[0].similarity
    )


# --- looking candidates up -------------------------------------------------------------------------


@pytest.mark.parametrize("body", [DAM, RUSSIAN, CHINESE, "", "Short."])
def test_story_keys_are_few_and_fit_their_column(body):
    keys = story_keys(Text(title="A title", body=body), countries=("TJ", "UZ"), people=("Rustam Alidor",))
    assert len(keys) <= 17
    assert len(set(keys)) == len(keys)
    assert all(-(2**31) <= key < 2**31 for key in keys)
    assert keys == story_keys(Text(title="A title", body=body), countries=("UZ", "TJ"), people=("R. Alidor",))


def test_two_reports_share_keys_also_across_languages():
    english = story_keys(Text(title="Crack in Teshik dam", body=DAM), people=("Rustam Alidor",))
    other = story_keys(Text(title=SECOND_TITLE, body=DAM_BY_ANOTHER_PAPER))
    russian = story_keys(Text(title="Трещина в плотине Тешик", body=RUSSIAN), people=("Рустам Алидор",))
    ferry = story_keys(Text(title="Ferry runs aground", body=FERRY))
    assert set(english) & set(other)
    assert set(english) & set(russian)
    assert not set(english) & set(ferry)


def test_rank_prefers_what_rare_keys_found():
    hits = {1: [7, 8], 2: list(range(20, 50)), 3: [8, 20], 4: [*range(20, 48), 8]}
    ranked = rank(hits, 3)
    assert ranked[0] == 8
    assert ranked[1] == 20
    assert len(ranked) == 3


def test_candidates_are_bounded_however_common_a_key_is():
    index = Index()
    for number in range(1, 400):
        text = f"{FURNITURE} {' '.join(invented(number, 3))}"
        article = candidate(text, f"Daily letter {number}", number=number, hours=number / 100)
        keys = story_keys(Text(title=article.title, body=article.text))
        assert len(index.candidates(article, keys)) <= 3 * (LIMIT_COPIES + LIMIT_REPORTS)
        index.add(article, keys, now=article.seen)
    assert all(len(index._hits(index.keys, keys, NOON)[key]) <= PER_KEY for key in keys if key in index.keys)


def test_a_copy_is_found_among_many_articles():
    articles = [candidate(" ".join(invented(n, 12)), f"Title {n}", number=n) for n in range(1, 300)]
    articles += [
        candidate(" ".join(invented(n, 12)[:8] + invented(n + 5_000, 4)), f"Other {n}", number=1_000 + n, hours=2)
        for n in range(1, 300, 10)
    ]
    found = {number: duplicate_of for number, duplicate_of, _ in cluster(articles)}
    assert all(found[1_000 + n] == n for n in range(1, 300, 10))
    assert sum(of is not None for of in found.values()) == 30


def test_fifty_reprints_are_copies_of_the_first():
    articles = [candidate(DAM, number=1)] + [
        candidate(f"{DAM} {' '.join(invented(n, 1))}", f"Headline {n}", number=n, hours=n / 10) for n in range(2, 60)
    ]
    assert {(of, story) for _, of, story in list(cluster(articles))[1:]} == {(1, 1)}


# --- JSON lines ------------------------------------------------------------------------------------


def test_compare_json_has_the_agreed_form():
    document = {"title": "Crack", "text": DAM, "published": "2026-03-04T12:00:00Z", "site": None, "url": None}
    assert compare_json({"id": "x", "a": document, "b": {**document, "title": None, "published": "2026-03-04"}}) == {
        "id": "x",
        "verdict": "duplicate",
        "similarity": 1.0,
        "why": "the text is the same word by word",
    }


def test_cluster_json_answers_in_order_and_names_earlier_documents():
    documents = [
        {"id": "a", "title": "Crack found in Teshik dam", "text": DAM, "published": "2026-03-04T12:00:00+05:00"},
        {"id": "b", "title": "Ferry aground", "text": FERRY, "published": None, "site": None, "url": None},
        {"id": "c", "title": SECOND_TITLE, "text": DAM_BY_ANOTHER_PAPER, "published": "2026-03-04", "site": "b.test"},
        {
            "id": "d",
            "title": "Crack",
            "text": DAM + "\n\n" + FURNITURE,
            "published": "not a date",
            "url": "http://c.test",
        },
        {"id": "e", "title": None, "text": None, "published": None},
    ]
    assert list(cluster_json(documents)) == [
        {"id": "a", "duplicate_of": None, "story": "a"},
        {"id": "b", "duplicate_of": None, "story": "b"},
        {"id": "c", "duplicate_of": None, "story": "a"},
        {"id": "d", "duplicate_of": "a", "story": "a"},
        {"id": "e", "duplicate_of": None, "story": "e"},
    ]
