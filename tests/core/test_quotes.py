"""Quotations: marks of many languages, split and continued speech, speakers; and what is no quotation."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.analysis import understand
from monitor.core.quotes import quotes, speaker_of
from monitor.core.topics import TopicPack
from monitor.model import Text


def said(body, lang="en"):
    found = quotes(Text(title="", body=body, lang=lang))
    for quote in found:
        assert body[quote.start : quote.end] == quote.text
    return [(q.speaker, q.text) for q in found]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('"We will wait for an answer," said Mara Quill.', [("Mara Quill", "We will wait for an answer,")]),
        ('"We will wait for an answer," Mara Quill said.', [("Mara Quill", "We will wait for an answer,")]),
        ('Mara Quill said: "We will wait for an answer."', [("Mara Quill", "We will wait for an answer.")]),
        (
            '"Wait," Mara Quill told the crew, "and do not move."',
            [("Mara Quill", "Wait,"), ("Mara Quill", "and do not move.")],
        ),
        (
            '"It is late," said Mara Quill. "Nobody will come tonight."',
            [("Mara Quill", "It is late,"), ("Mara Quill", "Nobody will come tonight.")],
        ),
        ('"The ship is ours," stated a harbour official.', [("a harbour official", "The ship is ours,")]),
        (
            '"The ship is ours," remarked a representative from the U.S. government.',
            [("a representative from the U.S. government", "The ship is ours,")],
        ),
        ('"The ship is ours," said Foreign Minister Otto Varga in Lima.', [("Otto Varga", "The ship is ours,")]),
        (
            'According to Otto Varga, "the ship was never lost at sea."',
            [("Otto Varga", "the ship was never lost at sea.")],
        ),
        (
            'Otto Varga, 51, the head of the harbour, said the plan was "reckless."',
            [("Otto Varga", "reckless.")],
        ),
        ('The harbour\'s head, Otto Varga, said the plan was "reckless."', [("Otto Varga", "reckless.")]),
        ('"Are you serious?" Varga asked.', [("Varga", "Are you serious?")]),
        ('Critics, who had waited for hours, called the plan "a bad joke".', [("Critics", "a bad joke")]),
        (
            "“We go on,” said Mara Quill. “Until the end.”",
            [("Mara Quill", "We go on,"), ("Mara Quill", "Until the end.")],
        ),
        ("Varga: “We never agreed to any of this.”", [("Varga", "We never agreed to any of this.")]),
        ("“We never agreed to any of this.” — Otto Varga", [("Otto Varga", "We never agreed to any of this.")]),
        ("The mayor continued:\n\n“We never agreed to this.”", [("The mayor", "We never agreed to this.")]),
        ('"We never agreed to any of this," it said in large letters.', [("it", "We never agreed to any of this,")]),
        ('"RUIZ: We never agreed to any of this."', [("RUIZ", "We never agreed to any of this.")]),
        (
            'A banner read "no more water from the river for the mine".',
            [("A banner", "no more water from the river for the mine")],
        ),
    ],
)
def test_english(body, expected):
    assert said(body) == expected


@pytest.mark.parametrize(
    ("lang", "body", "speaker", "text"),
    [
        (
            "ru",
            "«Мы готовы к переговорам», — заявил министр обороны Иван Ковалёв.",
            "Иван Ковалёв",
            "Мы готовы к переговорам",
        ),
        ("ru", "Министр обороны Иван Ковалёв заявил: «Учения завершены».", "Иван Ковалёв", "Учения завершены"),
        ("ru", "По словам Ковалёва, «всё идёт точно по плану».", "Ковалёва", "всё идёт точно по плану"),
        ("uk", "«Ми готові до переговорів», — сказав Іван Ковач.", "Іван Ковач", "Ми готові до переговорів"),
        ("de", "„Wir sind zu allem bereit“, sagte Außenminister Jan Ohlert.", "Jan Ohlert", "Wir sind zu allem bereit"),
        ("de", "»Wir warten noch etwas ab«, sagte Ohlert am Montag.", "Ohlert", "Wir warten noch etwas ab"),
        ("fr", "« Nous sommes prêts », a déclaré le ministre Luc Moreau.", "Luc Moreau", "Nous sommes prêts"),
        ("fr", "Selon Luc Moreau, « la situation reste tendue ».", "Luc Moreau", "la situation reste tendue"),
        (
            "es",
            "“Estamos listos para todo”, dijo el canciller Juan Robledo.",
            "Juan Robledo",
            "Estamos listos para todo",
        ),
        (
            "es",
            "«No habrá más plazos», aseguró la ministra Ana Ríos a los periodistas.",
            "Ana Ríos",
            "No habrá más plazos",
        ),
        ("it", '"Siamo pronti al dialogo", ha detto il ministro Aldo Conti.', "Aldo Conti", "Siamo pronti al dialogo"),
        (
            "pt",
            '"Estamos prontos para o diálogo", disse o ministro Rui Prado.',
            "Rui Prado",
            "Estamos prontos para o diálogo",
        ),
        ("pl", "„Jesteśmy gotowi do rozmów”, powiedział Adam Lis.", "Adam Lis", "Jesteśmy gotowi do rozmów"),
        ("uz", "“Biz tayyormiz va kutyapmiz”, dedi vazir Aliyev.", "Aliyev", "Biz tayyormiz va kutyapmiz"),
        ("ar", 'وقال وزير الخارجية: "نحن مستعدون للحوار في أي وقت".', "وزير الخارجية", "نحن مستعدون للحوار في أي وقت"),
        ("zh", "发言人李华表示：“我们主张通过对话解决争端。”", "发言人李华", "我们主张通过对话解决争端。"),
        ("ja", "山本首相は「会談はとても有意義だった」と述べた。", "山本首相", "会談はとても有意義だった"),
    ],
)
def test_other_languages(lang, body, speaker, text):
    assert said(body, lang) == [(speaker, text)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            'وقالت الناطقة باسم الحكومة منى سالم: "لم نغلق المعبر". وأضافت: "نحن ملتزمون بالاتفاق".',
            [("منى سالم", "لم نغلق المعبر"), ("منى سالم", "نحن ملتزمون بالاتفاق")],
        ),
        (
            'من جهته قال مدير الميناء في مقابلة إن "السفن تنتظر منذ أسبوع كامل".',
            [("مدير الميناء", "السفن تنتظر منذ أسبوع كامل")],
        ),
        (
            '"لن نقبل بهذا القرار مطلقا"، بحسب الأمين العام للاتحاد خالد يوسف.',
            [("خالد يوسف", "لن نقبل بهذا القرار مطلقا")],
        ),
        ("«سنواصل العمل حتى النهاية»، يقول أحد السكان.", [("أحد السكان", "سنواصل العمل حتى النهاية")]),
        (
            'وذكرت وكالة الأنباء أن الجيش "قصف ثلاثة مواقع للمسلحين" فجر اليوم.',
            [("وكالة الأنباء", "قصف ثلاثة مواقع للمسلحين")],
        ),
        (
            'وشدد الرئيس عبد الكريم الوالي على "ضرورة فتح الطريق فورا".',
            [("عبد الكريم الوالي", "ضرورة فتح الطريق فورا")],
        ),
    ],
)
def test_in_arabic_the_verb_stands_before_who_speaks(body, expected):
    assert said(body, "ar") == expected


@pytest.mark.parametrize(
    ("lang", "body", "person"),
    [
        (
            "de",
            "Innenminister Alex Dobrin (CSU) war da. »Die Kontrollen wirken gut«, sagte er in Berlin.",
            "Alex Dobrin",
        ),
        ("ru", "Министр обороны Иван Петров прибыл. «Мы готовы к переговорам», — сказал он.", "Иван Петров"),
        ("fr", "Le ministre Jean Roth a vu le préfet Paul Mir. « Nous sommes prêts à tout », a-t-il dit.", None),
        (
            "de",
            (
                "Der Wirt klagte über den Lärm am Hafen, und mit ihm andere; Minister Alex Dobrin kam nicht. "
                "»Das kann nicht so bleiben«, sagte er."
            ),
            None,
        ),
    ],
)
def test_a_pronoun_is_who_opens_the_paragraph_with_an_office_and_is_alone(lang, body, person):
    [found] = quotes(Text(title="", body=body, lang=lang))
    assert found.person == person


def test_a_sentence_that_ends_with_a_colon_speaks_of_the_person_who_is_quoted():
    assert said("Mara Quill rejected the charge: “This is a witch hunt, no more.”") == [
        ("Mara Quill", "This is a witch hunt, no more.")
    ]
    assert said("Europaminister Jan Bok wies die Vorwürfe zurück: „Das ist eine Hexenjagd.“", "de")[0][0] is not None
    assert [who for who, _ in said("The sign on the gate was new: “No entry after dark for anyone.”")] == [None]


@pytest.mark.parametrize("work", ["Mornings with Ada Lund", "40 Days: Notes from the Harbour Wall"])
def test_the_title_of_a_work_is_no_speech(work):
    assert said(f'In the film "{work}" Mara Quill says little.') == []
    assert said(f"On the show “{work},” Mara Quill said the harbour would close.") == []


def test_a_heading_in_small_letters_is_no_speech():
    assert said('Her commentary, "Harbour, tell us your story," is worth a look.') == []
    assert said("It was headlined “Who will clean our harbour now?” and ran for a page.") == []


def test_speech_over_paragraphs_keeps_its_speaker():
    body = '"We will go on," said Mara Quill.\n\n"It was a long night. Nobody slept.\n\n"But it was worth all of it."'
    assert said(body) == [
        ("Mara Quill", "We will go on,"),
        ("Mara Quill", "It was a long night. Nobody slept."),
        ("Mara Quill", "But it was worth all of it."),
    ]


def test_marks_inside_marks_belong_to_the_outer_quotation():
    body = '“He told me ‘never again’ and left,” said Mara Quill. "He said “no way” to all of us," Varga said.'
    assert said(body) == [
        ("Mara Quill", "He told me ‘never again’ and left,"),
        ("Varga", "He said “no way” to all of us,"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '"I was tired of the word \'outreach,\' " Varga told the crew. "Nobody asked us for it."',
            [("Varga", "I was tired of the word 'outreach,'"), ("Varga", "Nobody asked us for it.")],
        ),
        ("Varga said,“We never agreed to any of this.”", [("Varga", "We never agreed to any of this.")]),
        (
            "“We have never agreed.”“Nobody did on that night,” Varga wrote.",
            [(None, "We have never agreed."), ("Varga", "Nobody did on that night,")],
        ),
        (
            "Varga said “the ship was never lost. “It is still there at night,” she said.",
            [("Varga", "the ship was never lost."), ("she", "It is still there at night,")],
        ),
        (
            "“Here he comes,” Varga said. “The Captain. Good Captain Lund.”",
            [
                ("Varga", "Here he comes,"),
                ("Varga", "The Captain. Good Captain Lund."),
            ],
        ),
    ],
)
def test_marks_set_carelessly_still_bound_a_quotation(body, expected):
    assert said(body) == expected


@pytest.mark.parametrize("quote", ["'", "‘"])
def test_single_marks_are_marks_where_the_text_uses_no_others(quote):
    close, apostrophe = ("'", "'") if quote == "'" else ("’", "’")
    body = f"{quote}We won{apostrophe}t wait,{close} said Mara O{apostrophe}Neil, the farmers{apostrophe} leader."
    assert said(body) == [(f"Mara O{apostrophe}Neil", f"We won{apostrophe}t wait,")]


def test_a_pronoun_is_kept_as_written_and_resolved_only_where_the_paragraph_leaves_one_person():
    one = quotes(Text(title="", body='Mara Quill, 45, opened the hall. "We talked for hours," she said.', lang="en"))
    assert [(q.speaker, q.person) for q in one] == [("she", "Mara Quill")]
    two = quotes(Text(title="", body='Mara Quill met Ada Lund. "We talked for hours," she said.', lang="en"))
    assert [(q.speaker, q.person) for q in two] == [("she", None)]


def test_a_surname_takes_the_full_name_of_the_text():
    body = 'Otto Varga came home.\n\n"I am tired of all this," Varga said.\n\n"So am I, believe me," a driver said.'
    assert [(q.speaker, q.person) for q in quotes(Text(title="", body=body))] == [
        ("Varga", "Otto Varga"),
        ("a driver", None),
    ]


@pytest.mark.parametrize(
    "body",
    [
        'The so-called "experts" met at the "Grand Hotel".',
        "The dogs' owners and the cats' owners went to the mayor's house.",
        'It is 6\'2" tall and 5" wide.',
        '<a href="https://example.org/said" title="Quill said so and so and so">here</a>',
        "No marks here, Mara Quill said.",
        'Speaking on the show "Morning Coffee With Friends," Mara Quill smiled.',
        "",
    ],
)
def test_no_quotations(body):
    assert said(body) == []


def test_speech_without_a_cue_has_no_speaker():
    assert said('The letter lay open. "Nobody will ever find out about this."') == [
        (None, "Nobody will ever find out about this.")
    ]


def test_a_thing_that_highlights_is_no_speaker():
    body = 'The deal highlights "the value of burden sharing among all of the neighbours" in the region.'
    assert said(body) == [(None, "the value of burden sharing among all of the neighbours")]


def test_a_mark_left_open_does_not_swallow_the_text():
    body = '"This one is never closed. Mara Quill went home.\n\nThen it rained for a day. "Enough of that now," said Varga.'
    assert said(body)[-1] == ("Varga", "Enough of that now,")
    assert all(len(text) < 60 for _, text in said(body))


PIECES = [
    '"',
    "“",
    "”",
    "«",
    "»",
    "„",
    "‘",
    "’",
    "'",
    "said",
    "Ana Ruiz",
    ",",
    ".",
    "—",
    "\n",
    "\n\n",
    "who",
    "word",
    "「",
    "」",
    "(",
    ":",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join)
    | st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
)
@settings(max_examples=400, deadline=None)
def test_quotations_stand_in_the_text_in_order_and_apart(body):
    found = quotes(Text(title="", body=body))
    assert all(body[q.start : q.end] == q.text and q.text.strip() == q.text and q.text for q in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    "piece",
    ['"a ', "“a ", '"a" said ', '"', "«", '"Ana Ruiz" said, ', "‘a ", "said ", '"a"', "'' ", "“\n", "(", "who, "],
)
def test_hostile_repetition_ends_soon(piece):
    quotes(Text(title="", body=piece * 30_000))


def test_whoever_is_quoted_by_name_is_named():
    """With a role or not: ``person:`` finds both."""
    body = (
        "The bridge will open in May, said Foreign Minister Timur Sadirov on Monday. "
        '"We have waited long enough," said Marta Lindqvist, who sells apples beside it.'
    )
    found = understand(Text(title="A bridge", body=body, lang="en"), TopicPack({}))
    assert [quote.person for quote in found.quotes] == ["Marta Lindqvist"]
    assert found.named == ("Timur Sadirov", "Marta Lindqvist")


def test_a_pronoun_alone_is_not_shown_as_a_speaker():
    body = '"We will wait for an answer," he said.\n"We have waited enough," a harbour pilot said.'
    assert [speaker_of(quote) for quote in quotes(Text(title="", body=body, lang="en"))] == [None, "a harbour pilot"]


@pytest.mark.parametrize(
    ("body", "speaker"),
    [
        ("“The nurses left at dawn,” said steward Ana Ruiz.", "Ana Ruiz"),
        ("“The nurses left at dawn,” said a spokeswoman for candidate Ana Ruiz.", "a spokeswoman for candidate Ana Ruiz"),
        ("“You meant to kill people,” De Vos told the men.", "De Vos"),
        ("„Diese Flüge sind ein Tabubruch“, erklärte der Geschäftsführer Karl Roth.", "Karl Roth"),
        ("„Man sieht die Angst noch heute“, sagte die Kuratorin Silke Brand bei der Eröffnung.", "Silke Brand"),
        ("„Presja rośnie mimo mrozu” – powiedziała rzeczniczka SG Katarzyna Zdun.", "Katarzyna Zdun"),
        ("“Birgalikda kurashamiz va yengamiz”, — dedi vazir Aziz Toshpo‘lat.", "Aziz Toshpo‘lat"),
        ("La segretaria del Pd, Elly Schein, parla di «uno spreco davvero indegno».", "Elly Schein"),
        ('Teknik direktör Okan Burak, "Çok iyi bir oyuncu aldık" dedi.', "Okan Burak"),
        ("木原実官房長官は記者会見で「断じて容認できない」と述べた。", "木原実官房長官"),
        ("贸易代表格林称，此举“令人非常遗憾”。", "贸易代表格林"),
    ],
)  # fmt: skip
def test_the_name_is_taken_from_what_stands_around_it(body, speaker):
    assert [quote.speaker for quote in quotes(Text(title="", body=body))] == [speaker]
