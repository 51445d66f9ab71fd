"""Persons with a role: before the name, behind it, in captions, in several languages; and who is no such person."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.people import people
from monitor.model import Text


def named(body, lang="en", captions=()):
    return [(p.name, p.role, p.org) for p in people(Text(title="", body=body, lang=lang), captions)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "Mara Quill, deputy chief of mission at the U.S. Embassy in Tashkent, thanked the crew.",
            [("Mara Quill", "deputy chief of mission", "U.S. Embassy in Tashkent")],
        ),
        ("Foreign Minister Timur Aliyev left.", [("Timur Aliyev", "Foreign Minister", None)]),
        ("Ilham Sadri, a ministry spokesman, spoke.", [("Ilham Sadri", "ministry spokesman", None)]),
        ("Brett Call, a threat analyst at Emsoft, left.", [("Brett Call", "threat analyst", "Emsoft")]),
        ("Ana Ruiz, a mother of two whose director left, and Tom Lee, a man who met the president, spoke.", []),
        ("Immigration Minister Timur Aliyev left.", [("Timur Aliyev", "Immigration Minister", None)]),
        ("Uzbekistan's Foreign Minister Timur Aliyev left.", [("Timur Aliyev", "Foreign Minister", "Uzbekistan")]),
        ("The Uzbek foreign minister, Timur Aliyev, left.", [("Timur Aliyev", "foreign minister", "Uzbekistan")]),
        ("State Department spokeswoman Nell Hart declined.", [("Nell Hart", "spokeswoman", "State Department")]),
        ("White House press secretary Nell Hart declined.", [("Nell Hart", "press secretary", "White House")]),
        ("U.S. Secretary of State Owen Pike arrived.", [("Owen Pike", "Secretary of State", "U.S.")]),
        ("Homeland Security Secretary Ida Moss spoke.", [("Ida Moss", "Homeland Security Secretary", None)]),
        ("Chief Justice Ida Moss wrote for the court.", [("Ida Moss", "Chief Justice", None)]),
        (
            "Jo Brand, 42, a spokeswoman for the interior ministry, said so.",
            [("Jo Brand", "spokeswoman", "interior ministry")],
        ),
        ("The group's director, Paul Q. Vane, agreed.", [("Paul Q. Vane", "director", None)]),
        (
            "Ada Lund, executive director of the Institute for Peace, resigned.",
            [("Ada Lund", "executive director", "Institute for Peace")],
        ),
        ("Sen. Carl Otero (D-N.M.) voted no.", [("Carl Otero", "Sen.", None)]),
        ("Commission chief Ursula von der Brink spoke.", [("Ursula von der Brink", "chief", "Commission")]),
        ("Crown Prince Faisal bin Tariq hosted them.", [("Faisal bin Tariq", "Crown Prince", None)]),
        ("President Bashar al-Hadi fled.", [("Bashar al-Hadi", "President", None)]),
    ],
)
def test_roles_in_english_prose(body, expected):
    assert named(body) == expected


@pytest.mark.parametrize(
    ("lang", "body", "expected"),
    [
        ("es", "El canciller Juan Robledo viajó a Lima.", [("Juan Robledo", "canciller", None)]),
        ("es", "La ministra de Defensa Ana Ríos habló.", [("Ana Ríos", "ministra de Defensa", None)]),
        ("fr", "Le président Luc Moreau a parlé.", [("Luc Moreau", "président", None)]),
        ("de", "Außenminister Jan Ohlert reist nach Taschkent.", [("Jan Ohlert", "Außenminister", None)]),
        ("ru", "Президент Узбекистана Тимур Алиев прибыл.", [("Тимур Алиев", "Президент", "Узбекистана")]),
        ("ru", "министр иностранных дел Тимур Алиев прибыл.", [("Тимур Алиев", "министр иностранных дел", None)]),
        ("tr", "Dışişleri Bakanı Kemal Aksoy görüştü.", [("Kemal Aksoy", "Dışişleri Bakanı", None)]),
        ("uk", "Міністр оборони Іван Ковач прибув.", [("Іван Ковач", "Міністр оборони", None)]),
    ],
)
def test_offices_in_other_languages(lang, body, expected):
    assert named(body, lang) == expected


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        (
            "Mara Quill Deputy chief of mission | U.S. Embassy in Tashkent",
            ("Mara Quill", "Deputy chief of mission", "U.S. Embassy in Tashkent"),
        ),
        ("Mara Quill | Director | Peace Fund", ("Mara Quill", "Director", "Peace Fund")),
        ("Mara Quill - Director, Peace Fund", ("Mara Quill", "Director", "Peace Fund")),
        ("Mara Quill, director of the Peace Fund, at a rally.", ("Mara Quill", "director", "Peace Fund")),
    ],
)
def test_captions(caption, expected):
    assert named("", captions=[caption]) == [expected]


def test_a_caption_inside_the_body_is_read_as_one():
    body = "Planes leave\nMara Quill Deputy chief of mission | U.S. Embassy in Tashkent\n\nTwo planes left on Monday."
    assert named(body) == [("Mara Quill", "Deputy chief of mission", "U.S. Embassy in Tashkent")]


def test_a_person_is_listed_once_under_the_fullest_name():
    body = "President Varga left early. Lena Varga had come by train, Hungarian President Lena Varga's office said."
    assert named(body) == [("Lena Varga", "President", "Hungary")]


def test_a_king_is_not_merged_with_his_son():
    body = "King Tariq received them. His son, Crown Prince Faisal bin Tariq, waited. Saudi King Tariq smiled."
    assert named(body) == [("Tariq", "King", "Saudi Arabia"), ("Faisal bin Tariq", "Crown Prince", None)]


def test_a_surname_shared_by_two_stays_as_written():
    assert named("President Varga spoke. Lena Varga and Otto Varga listened.") == [("Varga", "President", None)]


@pytest.mark.parametrize(
    "body",
    [
        "General Motors Company cut jobs, and Justice Department officials watched.",
        "The president spoke. A spokesman declined to comment.",
        "Mara Quill went home. Otto Varga stayed.",
        "The Attorney General's Office on Monday closed the case.",
        "Mr. Varga and Ms. Quill bought a house.",
        "Martin Luther King Jr. spoke here.",
        "Click here | Home | News | Sport",
        "The Prime Minister of the day resigned.",
        "",
    ],
)
def test_nobody_is_guessed(body):
    assert named(body) == []


WORDS = [
    "President",
    "Sen.",
    "Ana",
    "Ruiz",
    ",",
    "the",
    "director",
    "of",
    "Peace Institute",
    "(",
    ")",
    "—",
    "|",
    "Mr.",
    "\n",
    "'s",
    "U.S.",
]


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join), st.sampled_from(["en", "ru", "es", None]))
@settings(max_examples=200, deadline=None)
def test_any_order_of_words_is_survived_and_names_stand_in_the_text(body, lang):
    for person in people(Text(title="", body=body, lang=lang), [body]):
        assert person.name
        assert person.role


def test_hostile_repetition_ends_soon():
    for piece in ("President ", "A President ", "Ana Ruiz, ", "Sen. ", "president of the "):
        people(Text(title="", body=piece * 20_000, lang="en"))


@pytest.mark.parametrize("repeated", [" باسم", " باسم الا", " باسم الا لل", " باسم لشؤون", " لشؤون"])
def test_words_behind_an_office_that_are_repeated_are_read_in_one_way(repeated):
    """In each of the two ways that there were, and so in more ways together than can be tried."""
    assert people(Text(title="", body=f"قال رئيس{repeated * 2_000} .", lang="ar")) == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "The UNHCR's representative in Islamabad, Pia Cander, urged calm.",
            [("Pia Cander", "representative", "UNHCR")],
        ),
        ("Iran's atomic chief, Mehdi Salami, said no.", [("Mehdi Salami", "atomic chief", "Iran")]),
        ("The former mayor of Leeds, Sal Khan, said no.", [("Sal Khan", "former mayor", "Leeds")]),
        ("Esa Baghi, spokesman for Iran's foreign ministry, left.", [("Esa Baghi", "spokesman", "Iran's foreign ministry")]),
        (
            "Under Secretary of the Treasury for Terrorism and Financial Intelligence Jan Hurl spoke.",
            [("Jan Hurl", "Under Secretary of the Treasury", "Terrorism and Financial Intelligence")],
        ),
        (
            "Director of National Intelligence Tula Gabb and President of Costa Rica Rod Chavo met.",
            [("Tula Gabb", "Director", "National Intelligence"), ("Rod Chavo", "President", "Costa Rica")],
        ),
        ("Cook County Sheriff Tom Dartley spoke.", [("Tom Dartley", "Sheriff", "Cook County")]),
        ("Pier Graff, Dane County District Attorney, spoke.", [("Pier Graff", "District Attorney", "Dane County")]),
        ("The Minister of the Interior and Justice, Mar Kier, signed.", [("Mar Kier", "Minister of the Interior and Justice", None)]),
        ("Dr Isla Monroe, a sociologist at the University of Perth, said so.", [("Isla Monroe", "sociologist", "University of Perth")]),
        ("The leader in the polls, Ana Ruiz, waved.", [("Ana Ruiz", "leader", None)]),
    ],
)  # fmt: skip
def test_a_role_with_a_field_a_place_or_a_county(body, expected):
    assert named(body) == expected


@pytest.mark.parametrize(
    ("lang", "body", "expected"),
    [
        ("de", "Bundesinnenminister Alex Dobrin und Geschäftsführerin Ada Kopp stritten.",
         [("Alex Dobrin", "Bundesinnenminister", None), ("Ada Kopp", "Geschäftsführerin", None)]),
        ("de", "Die Vize-Regierungssprecherin Ada Kopp und, so hieß es, Ex-Ministerin Ida Roth.",
         [("Ada Kopp", "Vize-Regierungssprecherin", None), ("Ida Roth", "Ex-Ministerin", None)]),
        ("fr", "Selon l’ambassadeur Luc Morel et la vice-ministre Eva Petit, rien n’a changé.",
         [("Luc Morel", "ambassadeur", None)]),
        ("es", "El director del Servicio Nacional de Migraciones, Luis Eduardo Tayer, y el subsecretario del Interior, Vito Ramos.",
         [("Luis Eduardo Tayer", "director", "Servicio Nacional de Migraciones"), ("Vito Ramos", "subsecretario del Interior", None)]),
        ("pl", "Premier Donat Tusz spotkał rzeczniczkę; minister obrony Kos Wład i rzecznik SG Adam Nowak milczą.",
         [("Donat Tusz", "Premier", None), ("Kos Wład", "minister obrony", None), ("Adam Nowak", "rzecznik", "SG")]),
        ("ru", "Начальник управления Сергей Ковалев молчал.", [("Сергей Ковалев", "Начальник управления", None)]),
        ("uz", "Ташқи ишлар вазири Бахтиёр Саид сўзлади.", [("Бахтиёр Саид", "Ташқи ишлар вазири", None)]),
        ("ar", "وقال وزير الداخلية اللبناني أحمد الحجار إن الوضع مستقر.", [("أحمد الحجار", "وزير الداخلية اللبناني", None)]),
        (
            "es",
            "La canciller colombiana, Luz Marina Soto, pidió calma, y el presidente llamó Juan Soto a su perro.",
            [("Luz Marina Soto", "canciller colombiana", None)],
        ),
        (
            "fr",
            "La commissaire européenne aux Affaires intérieures, Ylva Johansson, et le ministre allemand Jan Roth.",
            [
                ("Ylva Johansson", "commissaire européenne aux Affaires intérieures", None),
                ("Jan Roth", "ministre allemand", None),
            ],
        ),
        (
            "de",
            "Der Vorsitzende der Gewerkschaft, Andreas Roth, warnte. Die Grünen-Abgeordnete Clara Bünger fragte.",
            [("Andreas Roth", "Vorsitzende", "Gewerkschaft"), ("Clara Bünger", "Grünen-Abgeordnete", None)],
        ),
        (
            "ru",
            "Заместитель генерального прокурора Умут Конков заявил, что советник президента Олег Лис прибыл.",
            [("Умут Конков", "Заместитель генерального прокурора", None), ("Олег Лис", "советник президента", None)],
        ),
        (
            "pl",
            "Mówiła rzeczniczka Podlaskiego Oddziału Straży Granicznej mjr Anna Zdun. Rzecznik Komendy Policji milczy.",
            [("Anna Zdun", "rzeczniczka", "Podlaskiego Oddziału Straży Granicznej")],
        ),
        ("zh", "移民总局副局长李明表示，合作将继续。", [("李明", "副局长", "移民总局")]),
        (
            "ar",
            "ودعت المفوضة السامية لشؤون اللاجئين ليلى حداد إلى الهدوء، وانتقد الرئيس عبد الكريم الوالي القرار.",
            [("ليلى حداد", "المفوضة السامية لشؤون اللاجئين", None), ("عبد الكريم الوالي", "الرئيس", None)],
        ),
        ("ar", "قال الرئيس إن الحكومة ستجتمع. وأكد المتحدث باسم الجيش في بيان أن الطريق مفتوح.", []),
        ("ar", "وأكد المتحدث باسم وزارة الدفاع أحمد المسماري أن الطريق مفتوح.", [("أحمد المسماري", "المتحدث باسم وزارة الدفاع", None)]),
        ("zh", "外交部发言人毛林在会上表示，中方反对。主席团表示满意。", [("毛林", "发言人", "外交部")]),
        ("ja", "木原実官房長官は述べた。", [("木原実", "官房長官", None)]),
    ],
)  # fmt: skip
def test_offices_in_other_languages_and_scripts(lang, body, expected):
    assert named(body, lang) == expected
