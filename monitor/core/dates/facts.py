"""Event dates and numbers in the lead of an article."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from monitor.core.dates.days import days_in
from monitor.core.sentences import each_sentence
from monitor.model import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.model import Text

LEAD = 600
"""Code points of the body after which no further sentence is looked at."""
MAX_FACTS = 20

_ABOUT = (
    "over|more than|at least|about|around|nearly|almost|some|up to|fewer than|less than|roughly|approximately|"
    "über|mehr als|mindestens|rund|etwa|knapp|fast|plus de|au moins|environ|près de|presque|quelque|"
    "más de|al menos|unos|unas|cerca de|casi|alrededor de|mais de|pelo menos|quase|più di|oltre|almeno|circa|quasi|"
    "более|свыше|около|почти|не менее|как минимум|порядка|понад|більше|близько|щонайменше|"
    "ponad|co najmniej|około|blisko|meer dan|ongeveer|minstens|en az|yaklaşık|أكثر من|نحو|حوالي|ما لا يقل عن|"
    "ortiq|qariyb|kamida|mer än|över|minst|mer enn|over|omtrent"
)
_SCALE = {
    "hundred": 100, "thousand": 1_000, "tausend": 1_000, "mille": 1_000, "mil": 1_000, "тысяч": 1_000, "тысячи": 1_000,
    "тысяча": 1_000,
    "тыс": 1_000, "тисяч": 1_000, "тисячі": 1_000, "tysięcy": 1_000, "bin": 1_000, "ming": 1_000, "минг": 1_000,
    "мың": 1_000, "ألف": 1_000,
    "آلاف": 1_000, "million": 1_000_000, "millions": 1_000_000, "millionen": 1_000_000, "mio": 1_000_000,
    "millones": 1_000_000,
    "milhões": 1_000_000, "milioni": 1_000_000, "milion": 1_000_000, "milionów": 1_000_000, "milyon": 1_000_000,
    "million̦": 1_000_000,
    "миллион": 1_000_000, "миллиона": 1_000_000, "миллионов": 1_000_000, "млн": 1_000_000, "مليون": 1_000_000,
    "miljoen": 1_000_000,
    "miljoner": 1_000_000, "millioner": 1_000_000, "milliard": 10**9, "milliards": 10**9, "milliarden": 10**9,
    "mrd": 10**9,
    "miliardi": 10**9, "milyar": 10**9, "миллиард": 10**9, "миллиарда": 10**9, "миллиардов": 10**9, "млрд": 10**9,
    "billion": 10**9,
    "billions": 10**9, "trillion": 10**12, "مليار": 10**9, "miljarder": 10**9, "milliarder": 10**9,
    "万": 10_000, "萬": 10_000, "만": 10_000, "億": 10**8, "亿": 10**8, "억": 10**8,
}  # fmt: skip
_LONG_SCALE = {"billion": 10**12, "billions": 10**12, "billionen": 10**12, "trillion": 10**18}
"""What the same words mean outside English."""
_NUMERALS = {
    "en": "two three four five six seven eight nine ten eleven twelve",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "pt": "dois três quatro cinco seis sete oito nove dez onze doze",
    "it": "due tre quattro cinque sei sette otto nove dieci undici dodici",
    "ru": "два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать",
    "uk": "два три чотири п'ять шість сім вісім дев'ять десять одинадцять дванадцять",
    "pl": "dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście",
    "tr": "iki üç dört beş altı yedi sekiz dokuz on onbir oniki",
    "uz": "ikki uch to'rt besh olti yetti sakkiz to'qqiz o'n",
}  # fmt: skip
_FUNCTION_WORDS = """
of in on at to for from by with and or as the a an is are was were be been has have had who that which than after before
during since until per will would not it its their his her when while out ago old year-old years-old am pm
von an auf zu für aus mit und oder als der die das den dem ein eine ist sind war waren wurde wurden hat haben nach vor
seit bis uhr
de du des le la les un une et ou en à au aux par pour sur dans est sont ont été qui que depuis
el los las del y o con por para sobre es son fue fueron ha han desde
il lo gli i di da e per su è sono stato stati che dal nel al
do dos das no na com foi foram
в на из от до с и или по за к о об у не что как для при был была были было стал стали после
з та або від і що як був була були
w z po nie że jest są ve ile için bir bu da في من على إلى عن أن و
"""
_NO_NOUN = frozenset(_FUNCTION_WORDS.split())
_NUMBER = re.compile(
    r"(?P<sign>[$€£¥₽₩₴])?(?<![A-Za-z\d_.,:/№#-])"
    r"(?P<number>\d{1,3}(?:[ \u00a0\u202f,.'’]\d{3})+(?!\d)|\d+(?:[.,]\d+)?)(?![\d:/]|[.,]\d|-?(?:st|nd|rd|th|er|"
    r"ème|го|й)\b)"
    r"(?P<percent>\s?%)?"
)
_NUMBER_BEGINS = re.compile(r"[$€£¥₽₩₴\d]")
_ABOUT_BEFORE = re.compile(rf"(?:(?<!\w)(?:{_ABOUT})\s+|超过|超過|逾|至少|大约|約|约|近)\Z", re.IGNORECASE)
_WORD = re.compile(r"[ \u00a0\u202f-]?([^\W\d_]+(?:['’ʻ‘-][^\W\d_]+)*)\.?")
_WHOLE_WORD = re.compile(r"[^\W\d_]+(?:['’ʻ‘-][^\W\d_]+)*")
_NAME_BEFORE = re.compile(
    r"(?:Article|Boeing|Airbus|Block|Camp|Chapter|Decree|District|Flight|Group|Highway|Law|Level|Line|Order|Phase|Point|"
    r"Protocol|Resolution|Room|Route|Rule|Section|Sector|Title|Unit|Ward|Zone|[Aa]rtículo|[Aa]rtikel|Gruppe|Groupe|Grupo)"
    r"[ \u00a0]\Z"
)
"""A word that has its number behind it as a name: "Group 24", "Flight 370"."""
_CJK_SCALE = re.compile(r"[万萬億亿만억]")
_COUNTERS = re.compile(
    r"(?:多|余|餘)?(?:人|名|件|社|か国|カ国|国|國|个|個|枚|発|棟|戸|隻|機|円|元|美元|ドル|명|건|개국|개|원|달러|대|척)"
)


def facts(text: Text) -> tuple[Fact, ...]:
    """Dates and numbers in the lead of ``text.body``, in order, at most ``MAX_FACTS``.

    A date's ``value`` is ISO 8601, resolved against ``text.published``; a number's ``value`` its plain digits ("1200",
    "1.5"), its ``text`` what it counts and how exactly ("over 100 citizens"). Offsets are into the body. Ordinals,
    clock times, bare years and numbers that count nothing are no facts.
    """
    lead = _lead(text.body)
    found = [
        Fact(kind="date", value=day.isoformat(), text=lead[start:end], start=start, end=end)
        for day, start, end in days_in(lead, text.published, text.lang)
    ]
    end = 0
    for date in (*found, None):  # numbers stand between the dates
        stop = date.start if date else len(lead)
        found += _numbers(lead, end, stop, text.lang or "en")
        end = date.end if date else stop
    return tuple(sorted(found, key=lambda fact: fact.start)[:MAX_FACTS])


def _lead(body: str) -> str:
    end = 0
    for start, stop in each_sentence(body[: 4 * LEAD]):
        if start >= LEAD:
            break
        end = stop
    return body[: min(end, 2 * LEAD)]


def _numbers(lead: str, start: int, stop: int, lang: str) -> Iterator[Fact]:
    free = start
    for sign in _NUMBER_BEGINS.finditer(lead, start, stop):
        if sign.start() < free or (found := _NUMBER.match(lead, sign.start(), stop)) is None:
            continue
        free = found.end()
        if _NAME_BEFORE.search(lead, max(start, found.start() - 16), found.start()):
            continue
        value, scaled = _scaled(_value(found["number"]), lead, found.end(), lang)
        end = found.end() if found["percent"] else _counted(lead, scaled, stop)
        begin = _about(lead, found.start())
        is_year = re.fullmatch(r"(?:19|20)\d\d", found["number"]) and begin == found.start() and not found["sign"]
        if not is_year and (end > found.end() or found["sign"] or found["percent"]):
            yield Fact(kind="number", value=value, text=lead[begin:end], start=begin, end=end)
    numerals = _numerals(lang)
    if numerals.keys().isdisjoint(_WHOLE_WORD.findall(lead[start:stop].lower())):
        return
    for word in _WORD.finditer(lead, start, stop):
        if number := numerals.get(word[1].lower()):
            value, scaled = _scaled(float(number), lead, word.end(1), lang)
            begin = _about(lead, word.start(1))
            if (end := _counted(lead, scaled, stop)) > scaled:
                yield Fact(kind="number", value=value, text=lead[begin:end], start=begin, end=end)


def _about(lead: str, start: int) -> int:
    """Where the words before a number begin that say how exact it is."""
    before = max(0, start - 25)
    found = _ABOUT_BEFORE.search(lead[before:start])
    return before + found.start() if found else start


@cache
def _numerals(lang: str) -> dict[str, int]:
    return {word: number for number, word in enumerate(_NUMERALS.get(lang, "").split(), 2)}


def _value(written: str) -> float:
    """Of "1,200", "1.200", "1 200" and "1,5": what stands before three digits divides thousands."""
    digits = re.sub(r"[ \u00a0\u202f,.'’](?=\d{3}(?:\D|$))", "", written)
    return float(digits.replace(",", "."))


def _scaled(value: float, lead: str, end: int, lang: str) -> tuple[str, int]:
    if scale := _CJK_SCALE.match(lead, end):
        return _digits(value * _SCALE[scale[0]]), scale.end()
    word = _WORD.match(lead, end)
    name = word[1].lower() if word else ""
    factor = (_LONG_SCALE.get(name) if lang != "en" else None) or _SCALE.get(name)
    if (
        lang == "es"
        and name == "mil"
        and (second := _WORD.match(lead, word.end() if word else end))
        and second[1].lower() == "millones"
    ):
        return _digits(value * 10**9), second.end()
    if factor is None or word is None:
        return _digits(value), end
    return _digits(value * factor), word.end()


def _digits(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.6g}"


_OF_WHOSE = re.compile(r" of (?:its|the|their|his|her|our|them)(?= )(?: the)?")


def _counted(lead: str, end: int, stop: int) -> int:
    """Where the words end that a number at ``end`` counts: up to three, none of them a function word; "312 of its
    citizens" counts citizens.
    """
    if counter := _COUNTERS.match(lead, end):
        return counter.end()
    if (whose := _OF_WHOSE.match(lead, end, stop)) and (noun := _WORD.match(lead, whose.end(), stop)):
        return noun.end(1) if noun[1].lower() not in _NO_NOUN else end
    for count in range(3):
        word = _WORD.match(lead, end, stop)
        if word is None or word.start(1) == end:
            break
        if word[1].lower() in _NO_NOUN:
            of = (
                word[1].lower() in ("de", "di", "of") and count == 0 and lead[end - 1].isalpha()
            )  # "2 millones de dólares"
            noun = _WORD.match(lead, word.end(), stop) if of else None
            return noun.end(1) if noun and noun[1].lower() not in _NO_NOUN else end
        end = word.end(1)
    return end
