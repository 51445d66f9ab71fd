from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.dates import days_in, facts, parse_date
from monitor.model import Text

FIRST, LAST = datetime(1970, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001  bounds have no zone
FRIDAY = datetime(2025, 5, 2, 10, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-05-02T01:20:00Z", utc(2024, 5, 2, 1, 20)),
        ("2024-05-02T03:20:00+0200", utc(2024, 5, 2, 1, 20)),
        ("2024-05-02 03:20:00 +02:00", utc(2024, 5, 2, 1, 20)),
        ("2024-05-02T01:20:00.0000000Z", utc(2024, 5, 2, 1, 20)),
        ("2024-05-02", utc(2024, 5, 2)),
        ("20240502T0120", utc(2024, 5, 2, 1, 20)),
        ("1714612800", utc(2024, 5, 2, 1, 20)),
        ("1714612800000", utc(2024, 5, 2, 1, 20)),
        ("Thu, 02 May 2024 01:20:00 GMT", utc(2024, 5, 2, 1, 20)),
        ("Thu, 2 May 2024 03:20:00 +0200", utc(2024, 5, 2, 1, 20)),
        ("02.05.2024, 01:20 Uhr", utc(2024, 5, 2, 1, 20)),
        ("2. Mai 2024, 01:20 Uhr", utc(2024, 5, 2, 1, 20)),
        ("2. Mai 2024, 03:20 MESZ", utc(2024, 5, 2, 1, 20)),
        ("02:20 BST, 2 May 2024", utc(2024, 5, 2, 1, 20)),
        ("May 2, 2024 1:20 am", utc(2024, 5, 2, 1, 20)),
        ("12:20pm Sept. 7, 2024", utc(2024, 9, 7, 12, 20)),
        ("May 2nd, 2024", utc(2024, 5, 2)),
        ("le 2 mai 2024 à 1h20", utc(2024, 5, 2, 1, 20)),
        ("1er mai 2024", utc(2024, 5, 1)),
        ("2 de mayo de 2024 01:20", utc(2024, 5, 2, 1, 20)),
        ("2 maggio 2024", utc(2024, 5, 2)),
        ("2 de março de 2024", utc(2024, 3, 2)),
        ("2 мая 2024, 01:20", utc(2024, 5, 2, 1, 20)),
        ("2 травня 2024", utc(2024, 5, 2)),
        ("2 maja 2024", utc(2024, 5, 2)),
        ("2. května 2024", utc(2024, 5, 2)),
        ("2 Mayıs 2024", utc(2024, 5, 2)),
        ("2 مايو 2024", utc(2024, 5, 2)),
        ("2024年5月2日 1時20分", utc(2024, 5, 2, 1, 20)),
        ("2024년 5월 2일 01:20", utc(2024, 5, 2, 1, 20)),
        ("02/05/2024 01:20", utc(2024, 5, 2, 1, 20)),
        ("05/22/2024", utc(2024, 5, 22)),
        ("Published: 2 May 2024", utc(2024, 5, 2)),
        ("", None),
        ("soon", None),
        ("31/31/2024", None),
        ("30 February 2024", None),
        ("99999999999999", None),
    ],
)
def test_page_dates_of_many_shapes(written: str, moment: datetime | None) -> None:
    assert parse_date(written) == moment


@given(st.text(max_size=200))
def test_any_text_is_a_date_or_none(written: str) -> None:
    moment = parse_date(written)
    assert moment is None or moment.tzinfo is UTC or moment.utcoffset() is not None


@given(st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.timezones()))
def test_what_was_written_is_read(moment: datetime) -> None:
    assert parse_date(moment.isoformat()) == moment.astimezone(UTC)


@pytest.mark.parametrize(
    ("lang", "text", "days"),
    [
        ("en", "On April 30 the ministry said so.", {"April 30": date(2025, 4, 30)}),
        (
            "en",
            "It began on 28 December and ended on Tuesday.",
            {"28 December": date(2024, 12, 28), "Tuesday": date(2025, 4, 29)},
        ),
        (
            "en",
            "They meet next Tuesday; on Friday nobody came.",
            {"Tuesday": date(2025, 5, 6), "Friday": date(2025, 5, 2)},
        ),
        ("en", "It happened yesterday, on the 1st.", {"yesterday": date(2025, 5, 1)}),
        ("en", "You may 5 times march 100 miles.", {}),
        ("fr", "Le 3 mai, puis mardi dernier.", {"3 mai": date(2025, 5, 3), "mardi": date(2025, 4, 29)}),
        ("fr", "Depuis le 1er janvier 2024.", {"1er janvier 2024": date(2024, 1, 1)}),
        (
            "de",
            "Am 28. April und am Montag; hier geschah nichts.",
            {"28. April": date(2025, 4, 28), "Montag": date(2025, 4, 28)},
        ),
        (
            "es",
            "El 3 de mayo de 2024 y el martes.",
            {"3 de mayo de 2024": date(2024, 5, 3), "martes": date(2025, 4, 29)},
        ),
        (
            "ru",
            "30 апреля и во вторник; окружающую среду берегут.",
            {"30 апреля": date(2025, 4, 30), "вторник": date(2025, 4, 29)},
        ),
        ("uk", "30 квітня, у вівторок.", {"30 квітня": date(2025, 4, 30), "вівторок": date(2025, 4, 29)}),
        ("tr", "30 Nisan'da ve salı günü.", {"30 Nisan'da": date(2025, 4, 30), "salı": date(2025, 4, 29)}),
        ("uz", "30 aprelda va seshanba kuni.", {"30 aprelda": date(2025, 4, 30), "seshanba": date(2025, 4, 29)}),
        ("ar", "في 30 أبريل ثم يوم الثلاثاء", {"30 أبريل": date(2025, 4, 30), "الثلاثاء": date(2025, 4, 29)}),
        ("zh", "4月30日，2024年5月1日", {"4月30日": date(2025, 4, 30), "2024年5月1日": date(2024, 5, 1)}),
        ("ja", "気象庁は1日、3日間続くと発表した。", {"1日": date(2025, 5, 1)}),
        ("ko", "4월 30일에", {"4월 30일": date(2025, 4, 30)}),
        (
            "de",
            "seit dem 28.04.2025 und 2025-04-29",
            {"28.04.2025": date(2025, 4, 28), "2025-04-29": date(2025, 4, 29)},
        ),
    ],
)
def test_days_that_a_text_speaks_of(lang: str, text: str, days: dict[str, date]) -> None:
    assert {text[start:end]: day for day, start, end in days_in(text, FRIDAY, lang)} == days


def test_without_a_publication_date_only_whole_dates_are_known() -> None:
    text = "On April 30, on Tuesday, yesterday, and on 3 May 2024."
    assert [day for day, _, _ in days_in(text, None, "en")] == [date(2024, 5, 3)]


@pytest.mark.parametrize(
    ("lang", "body", "numbers"),
    [
        (
            "en",
            "On April 30 the government deported over 100 citizens from three countries.",
            {"over 100 citizens": "100", "three countries": "3"},
        ),
        (
            "en",
            "At least 1,200 people fled and $1.5 billion was lost, 25% of the budget.",
            {"At least 1,200 people fled": "1200", "$1.5 billion": "1500000000", "25%": "25"},
        ),
        ("en", "His 100th day, at 10:30, in 2024, aged 55, version 2.1.3, covid-19.", {}),
        (
            "de",
            "Rund 1.200 Menschen flohen, der Schaden liegt bei 1,5 Milliarden Euro.",
            {"Rund 1.200 Menschen flohen": "1200", "1,5 Milliarden Euro": "1500000000"},
        ),
        (
            "fr",
            "Plus de 1 200 personnes et deux policiers.",
            {"Plus de 1 200 personnes": "1200", "deux policiers": "2"},
        ),
        ("es", "Costó 2 mil millones de dólares.", {"2 mil millones de dólares": "2000000000"}),
        (
            "ru",
            "Более 100 граждан и два солдата, ущерб 3 млн рублей.",
            {"Более 100 граждан": "100", "два солдата": "2", "3 млн рублей": "3000000"},
        ),
        ("zh", "超过100人被捕，3万人参加。", {"超过100人": "100", "3万人": "30000"}),
        ("ar", "قتل نحو 20 شخصا في المدينة", {"نحو 20 شخصا": "20"}),
    ],
)
def test_numbers_with_what_they_count(lang: str, body: str, numbers: dict[str, str]) -> None:
    found = facts(Text(title="", body=body, lang=lang, published=FRIDAY))
    assert {fact.text: fact.value for fact in found if fact.kind == "number"} == numbers


def test_facts_stand_in_the_lead_in_order_and_point_at_their_words() -> None:
    lead = "On April 30 over 100 citizens left. " + "Nothing else was said about it by anybody. " * 20
    body = lead + "On May 1 200 people came."
    found = facts(Text(title="", body=body, lang="en", published=FRIDAY))
    assert [(fact.kind, fact.value) for fact in found] == [("date", "2025-04-30"), ("number", "100")]
    assert all(body[fact.start : fact.end] == fact.text for fact in found)


@given(st.text(max_size=500), st.none() | st.just(FRIDAY), st.sampled_from([None, "en", "ru", "uz", "es", "zh"]))
def test_facts_of_any_text(body: str, published: datetime | None, lang: str | None) -> None:
    found = facts(Text(title="", body=body, lang=lang, published=published))
    assert all(body[fact.start : fact.end] == fact.text for fact in found)
    assert list(found) == sorted(found, key=lambda fact: fact.start)


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("de", "Am Dienstagmorgen startete eine Maschine.", "2026-11-17"),
        ("de", "Die Minister werden am Montag beraten.", "2026-11-23"),
        ("de", "Er wird zurücktreten, teilte sein Büro am Montag mit.", "2026-11-16"),
        ("en", "Peers voted last night.", "2026-11-19"),
        ("en", "They met this morning.", "2026-11-20"),
        ("en", "The ministers will meet again on Tuesday.", "2026-11-24"),
        ("en", "She will resign, her office said on Tuesday.", "2026-11-17"),
        ("en", "They met on Tuesday and will report.", "2026-11-17"),
        ("ru", "Переговоры состоятся в среду.", "2026-11-25"),
        ("ar", "يصل الوفد يوم السبت المقبل.", "2026-11-21"),
        ("zh", "展览星期五在台北开幕。", "2026-11-20"),
        ("zh", "双方上周五举行会谈。", "2026-11-13"),
        ("zh", "会谈下周一继续。", "2026-11-23"),
        ("ja", "首相は火曜日に会談した。", "2026-11-17"),
    ],
)
def test_parts_of_days_weekdays_to_come_and_those_of_the_east(lang, text, expected):
    found = [day.isoformat() for day, _, _ in days_in(text, datetime(2026, 11, 20, 12, tzinfo=UTC), lang)]
    assert found == [expected]


def test_once_a_week_is_no_monday():
    assert list(days_in("他们每周一次开会，一周一次。", datetime(2026, 11, 20, tzinfo=UTC), "zh")) == []


def test_a_day_and_a_month_of_one_word_are_a_day():
    found = facts(
        Text(title="", body="Toshkent, 18-iyun. Kengash 43 nafar mehmonni qabul qildi.", lang="uz", published=FRIDAY)
    )
    assert [(fact.kind, fact.text) for fact in found] == [("date", "18-iyun"), ("number", "43 nafar mehmonni qabul")]
    found = facts(Text(title="", body="اجتمع المجلس في 12 شباط في بيروت.", lang="ar", published=FRIDAY))
    assert [fact.value[5:] for fact in found] == ["02-12"]


def test_a_number_that_is_part_of_a_name_counts_nothing():
    found = facts(Text(title="", body="Group 24 members and Flight 370 crews met 12 envoys.", lang="en"))
    assert [fact.text for fact in found] == ["12 envoys"]


def test_a_number_of_a_whole_counts_what_it_is_part_of():
    said = "Ghana brought home 312 of its citizens; 14 of the 27 members agreed."
    assert ("312", "312 of its citizens") in [(f.value, f.text) for f in facts(Text(title="", body=said, lang="en"))]
