"""Words of many languages: what must be one word and what must not; sentences; cleaning."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.characters import _PLAIN, MAX_MARKS, patterns
from monitor.core.indexing import index_text, words_of
from monitor.core.text import (
    MAX_WORD,
    Tokens,
    _pieces,
    _word,
    clean,
    excerpt,
    fold,
    one_line,
    sentences,
    surface,
    tokenise,
)


def words(text):
    return tokenise(text).words


SAME = [
    ("english possessive", "Uzbekistan's", "Uzbekistan"),
    ("english possessive, curly", "Uzbekistan’s", "uzbekistan"),
    ("english capitals", "NATO'S", "nato"),
    ("english contraction", "don't", "don’t"),
    ("french elision", "l’Europe", "l Europe"),
    ("french elision before h", "d'homme", "d homme"),
    ("french accents", "réfugiés", "refugies"),
    ("french ligature", "cœur", "coeur"),
    ("french aujourd'hui", "aujourd’hui", "aujourdhui"),
    ("italian elision", "dell'Unione", "dell unione"),
    ("catalan middle dot", "col·lapse", "collapse"),
    ("spanish", "expulsión", "expulsion"),
    ("portuguese", "deportação", "deportacao"),
    ("german sharp s", "Straße", "STRASSE"),
    ("german umlaut", "Rückführung", "ruckfuhrung"),
    ("danish", "Øresund", "oresund"),
    ("polish", "Łódź", "lodz"),
    ("croatian", "Đorđević", "dordevic"),
    ("turkish dotted capital", "İstanbul", "istanbul"),
    ("turkish dotless", "Kırgızistan", "Kirgizistan"),
    ("turkish undotted capital", "DIŞİŞLERİ", "dışişleri"),
    ("uzbek turned comma", "Oʻzbekiston", "Ozbekiston"),
    ("uzbek ascii", "O'zbekiston", "Oʻzbekiston"),
    ("uzbek left quote", "O‘zbekiston", "Oʻzbekiston"),
    ("uzbek right quote", "O’zbekiston", "Oʻzbekiston"),
    ("uzbek backtick", "O`zbekiston", "Oʻzbekiston"),
    ("uzbek tutuq", "maʼmuriyat", "ma'muriyat"),
    ("uzbek cyrillic", "Ўзбекистон", "узбекистон"),
    ("vietnamese", "Việt Nam", "viet nam"),
    ("russian yo", "ёлка", "елка"),
    ("russian decomposed", unicodedata.normalize("NFD", "край"), "край"),
    ("ukrainian apostrophe", "п'ять", "п’ять"),
    ("greek tonos and final sigma", "Αθήνας", "ΑΘΗΝΑΣ"),
    ("greek capitals with tonos", "Έλληνες", "ελληνεσ"),
    ("georgian capitals", "ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ", "საქართველო"),
    ("armenian ligature", "և", "եւ"),
    ("armenian capitals", "ՀԱՅԱՍՏԱՆ", "հայաստան"),
    ("arabic vowel signs", "مُحَمَّد", "محمد"),
    ("arabic tatweel", "العـــراق", "العراق"),
    ("arabic hamza", "إيران", "ايران"),
    ("arabic presentation forms", "ﺍﻟﻌﺮﺍﻕ", "العراق"),
    ("persian letters", "ایران", "ايران"),
    ("persian zero-width non-joiner", "می\u200cشود", "میشود"),
    ("hebrew points", "שָׁלוֹם", "שלום"),
    ("hebrew gershayim", 'צה"ל', "צה״ל"),
    ("devanagari nukta", "क़ज़ाख", "कजाख"),
    ("japanese half width", "ﾆﾎﾝ", "ニホン"),
    ("japanese half-width voicing", "ｶﾞｽ", "ガス"),
    ("korean decomposed", unicodedata.normalize("NFD", "한국"), "한국"),
    ("full width latin", "ＩＣＥ", "ice"),
    ("arabic digits", "٢٠٢٦", "2026"),
    ("devanagari digits", "२०२६", "2026"),
    ("soft hyphen", "depor\u00adtation", "deportation"),
    ("hyphen", "cross-border", "cross border"),
    ("chinese", "难民署", "难 民 署"),
    ("thai", "ประเทศ", "ป ร ะ เ ท ศ"),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), [pair[1:] for pair in SAME], ids=[pair[0] for pair in SAME])
def test_read_as_the_same_words(left, right):
    assert words(left) == words(right)


DIFFERENT = [
    ("russian short i", "мой", "мои"),
    ("russian soft sign", "мел", "мель"),
    ("ukrainian i", "кит", "кіт"),
    ("hindi vowel signs", "दिन", "दीन"),
    ("hindi virama", "कम", "क्म"),
    ("bengali vowel signs", "কাল", "কল"),
    ("tamil vowel signs", "கல்", "கால்"),
    ("japanese voicing", "か", "が"),
    ("japanese kana", "カ", "か"),
    ("korean finals", "한", "하"),
    ("thai vowels", "กา", "กี"),
    ("thai tone", "ไม่", "ไม้"),
    ("chinese", "未", "末"),
    ("arabic letters", "حرب", "جرب"),
    ("hebrew final letters are letters", "שלום", "שלומ"),
    ("english plural", "border", "borders"),
    ("english joined", "cannot", "can not"),
    ("greek letters", "νόμος", "νομός."[:4]),
    ("digits", "2026", "2025"),
    ("underscore divides", "snake_case", "snakecase"),
    ("not an elision", "O'Brien", "O Brien"),
    ("not an elision before a consonant", "N'Djamena", "N Djamena"),
    ("quotation mark divides Latin", 'a"b', "ab"),
]


@pytest.mark.parametrize(("left", "right"), [pair[1:] for pair in DIFFERENT], ids=[pair[0] for pair in DIFFERENT])
def test_read_as_different_words(left, right):
    assert words(left) != words(right)


def test_words_stand_at_their_offsets():
    text = "Uzbekistan’s l'Europe, Oʻzbekiston—cross-border 东京 'quoted' 1,000 «ёлка»"
    tokens = tokenise(text)
    assert [text[tokens.start(number) : tokens.end(number)] for number in range(len(tokens))] == [
        *("Uzbekistan", "l", "Europe", "Oʻzbekiston", "cross", "border", "东", "京", "quoted", "1", "000", "ёлка"),
    ]  # fmt: skip


def test_every_letter_is_of_a_word_and_nothing_that_is_no_character():
    for number in range(0x10000):
        letter = chr(number)
        match unicodedata.category(letter):
            case "Lo":
                assert words(f"- {letter} -"), f"{number:x}"
            case "Cs" | "Co" | "Cn":
                assert not words(f"- {letter} -"), f"{number:x}"


MANY_SCRIPTS = st.text(
    st.one_of(
        st.sampled_from(" .,'’ʼ`\"״·-_*?\n\t\u00ad\u200c\u200d\u0301\u0640\u093c\u3099abcXYZİıßé"),
        st.characters(max_codepoint=0x1FFFF),
        st.characters(min_codepoint=0x0E00, max_codepoint=0x0E7F),
        st.characters(min_codepoint=0xAC00, max_codepoint=0xAC20),
        st.characters(min_codepoint=0x0900, max_codepoint=0x0970),
    ),
    max_size=60,
)


@given(MANY_SCRIPTS)
def test_tokens_of_anything(text):
    tokens = tokenise(text)
    before = 0
    for number, word in enumerate(tokens.words):
        start, end = tokens.start(number), tokens.end(number)
        assert word
        assert len(word) <= MAX_WORD
        assert before <= start < end <= len(text)
        before = end
        assert all(c.isalnum() and c == c.lower() for c in word if c.isascii())
        assert not any(c.isspace() for c in word)
    assert tokens.stream == " ".join(tokens.words)


LINES = st.lists(
    st.one_of(
        st.sampled_from(["\n", "\n", ". ", "! ", "…\n", ".”\n", "\n»", "\n...", " Mr. ", "Beta", "said", "1", "。"]),
        MANY_SCRIPTS,
    ),
    max_size=20,
).map("".join)


@settings(max_examples=300)
@given(LINES)
def test_what_is_asked_of_one_word_is_what_the_whole_text_says(text):
    """Words are cut between blanks, sentence ends are looked for between two words: neither is another in the whole."""
    tokens = Tokens(text)
    whole = [
        (found.start() + start, found.start() + end)
        for found in patterns().token.finditer(text)
        for start, end in _pieces(found[0])
    ]
    assert [(tokens.start(number), tokens.end(number)) for number in range(len(tokens))] == whole
    assert tokens.words == [_word(text[start:end]) for start, end in whole]
    begins = [begin for begin, _ in sentences(text)]
    for last, (end, _) in enumerate(whole):
        for first, (start, _) in enumerate(whole[: last + 1]):
            assert tokens.share_sentence(first, last) == (not any(start < begin <= end for begin in begins))
    for offset in range(len(text) + 1):
        assert tokens.words_before(offset) == sum(start < offset for start, _ in whole)


def test_every_character_is_a_letter_to_the_quick_pattern_if_it_is_one_to_the_whole():
    """Alone, and between two letters, where a joiner or a mark would hold them together."""
    quick = 0
    for each in map(chr, [*range(0xD800), *range(0xE000, 0x110000)]):
        if _PLAIN.fullmatch(each):
            quick += 1
            run = f"a{each}b"
            assert patterns().token_in(run).findall(run) == patterns().token.findall(run), f"U+{ord(each):04X}"
        if each.isalnum() and each <= "\uffff":
            assert not patterns().not_word.search(each), f"U+{ord(each):04X}"
    assert quick > 10_000


@given(MANY_SCRIPTS)
def test_words_are_words_of_themselves(text):
    """What a query prints is read again as the same words."""
    found = words(text)
    assert words(" ".join(found)) == found


@given(MANY_SCRIPTS)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(codec=None), max_size=200))
def test_cleaning_is_idempotent_and_safe(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(
        c not in "\t\n" and (ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F or 0xD800 <= ord(c) <= 0xDFFF) for c in cleaned
    )
    assert not any("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" or ord(c) & 0xFFFE == 0xFFFE for c in cleaned)
    cleaned.encode()


def test_cleaning_keeps_what_is_meant():
    assert clean("a\r\nb\rc\x00d\u202ee\tf\u2028g\ufeff") == "a\nb\ncde\tf\ng"
    assert clean("e\u0301\ud800") == "é"
    assert clean("z" + "\u0301" * 10_000) == "ź" + "\u0301" * MAX_MARKS
    assert clean("क्षत्रिय हिन्दी") == "क्षत्रिय हिन्दी"


def test_one_line_is_cut_at_a_word():
    assert one_line("  Border\n\tguards  ", 80) == "Border guards"
    assert one_line("Border guards deported forty", 15) == "Border guards…"
    assert one_line("x" * 50, 10) == "x" * 9 + "…"
    assert one_line("anything", 0) == ""


@given(MANY_SCRIPTS, st.integers(0, 20))
def test_one_line_keeps_to_its_limit(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line


def test_excerpt_keeps_to_words_and_paragraph():
    text = "First paragraph.\nThe guards deported forty people to Tashkent on Monday.\nLast."
    at = text.index("forty")
    left, right = excerpt(text, at, at + 5, 40)
    assert text[left:right] == "guards deported forty people to"
    left, right = excerpt(text, at, at + 5, 500)
    assert text[left:right] == "The guards deported forty people to Tashkent on Monday."


def test_surface_keeps_case_and_accents():
    assert surface("O’Brien") == surface("O'Brien") != surface("o'brien")
    assert surface("e\u0301") == surface("é") != surface("e")


SENTENCES = [
    ("He left. She stayed.", 2),
    ("Mr. Smith met Dr. Jones. They spoke.", 2),
    ("The U.S. Army paid $3.5 million. It was late.", 2),
    ("He lives in the U.S. The army left.", 2),
    ("J. K. Rowling and A. S. Byatt spoke.", 1),
    ("“Stop!” he said. “Why?” she asked.", 2),
    ("He said: “Go.” Then he left.", 2),
    ("See No. 5 and vol. 3. Done.", 2),
    ("Wait... what? Yes!", 2),
    ("Visit example.org/a?b=c today. Now.", 2),
    ("Title without stop\nNext paragraph.", 2),
    ("A line that is\nbroken by width. End.", 2),
    ("他走了。她留下！真的？", 3),
    ("वह गया। वह रुकी।", 2),
    ("ذهب الرجل؟ نعم.", 2),
    ("وہ گیا۔ وہ رکی۔", 2),
    ("Նա գնաց։ Նա մնաց։", 2),
    ("На ул. Ленина в 2020 г. Петров А. Б. жил. Он ушёл.", 2),
    ("M. Macron est parti. Il reviendra.", 2),
    ("", 0),
    (" \n\n ", 0),
    ("Born in the U.S.\u3000", 1),
]


@pytest.mark.parametrize(("text", "number"), SENTENCES)
def test_sentences(text, number):
    found = [text[a:b] for a, b in sentences(text)]
    assert len(found) == number, found
    assert all(one == one.strip() for one in found)


@given(st.text(st.sampled_from("aB .!?。\n\"'…1г\u3000"), max_size=80))
def test_sentences_hold_all_that_is_said(text):
    bounds = sentences(text)
    assert "".join("".join(text[a:b].split()) for a, b in bounds) == "".join(text.split())
    assert bounds == sorted(bounds)


@given(st.text(max_size=80) | st.text(alphabet="北京市ไทยかな ab1'-é\u0301", max_size=60))
def test_the_index_gives_the_words_back(text):
    held = words_of(index_text(text, "", text, [text]))
    assert held == {"title": {*words(text)}, "summary": set(), "body": {*words(text)}, "author": {*words(text)}}
