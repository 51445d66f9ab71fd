"""Dates as pages write them (``parse_date``), and the days that a text speaks of (``days_in``).

Months, weekdays and relative days are known by name in the languages of ``_MONTHS``; a name is compared in lower
case without accents, so that declined forms need one entry each and spelling variants none.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTHS = """
en january february march april may june july august september october november december
en jan feb mar apr may jun jul aug sep/sept oct nov dec
de januar/jänner februar märz april mai juni juli august september oktober november dezember
de jan/jän feb mrz/mär apr mai jun jul aug sep okt nov dez
fr janvier/janv février/févr mars avril/avr mai juin juillet/juil août septembre/sept octobre novembre décembre/déc
es enero/ene febrero marzo abril/abr mayo junio julio agosto/ago septiembre/setiembre octubre noviembre diciembre/dic
pt janeiro fevereiro/fev março abril maio junho julho agosto setembro/set outubro/out novembro dezembro
it gennaio/gen febbraio marzo aprile maggio/mag giugno/giu luglio/lug agosto settembre ottobre/ott novembre dicembre
nl januari februari maart/mrt april mei juni juli augustus september oktober november december
sv januari februari mars april maj juni juli augusti september oktober november december
no januar februar mars april mai juni juli august september oktober november desember/des
da januar februar marts april maj juni juli august september oktober november december
ru января/январь февраля/февраль марта/март апреля/апрель мая/май июня/июнь июля/июль августа/август
   сентября/сентябрь октября/октябрь ноября/ноябрь декабря/декабрь
ru янв фев мар апр май июн июл авг сен/сент окт ноя дек
uk січня/січень лютого/лютий березня/березень квітня/квітень травня/травень червня/червень липня/липень
   серпня/серпень вересня/вересень жовтня/жовтень листопада/листопад грудня/грудень
pl stycznia/styczeń lutego/luty marca/marzec kwietnia/kwiecień maja/maj czerwca/czerwiec lipca/lipiec
   sierpnia/sierpień września/wrzesień października/październik listopada grudnia/grudzień
cs ledna/leden února/únor března/březen dubna/duben května/květen června/červen července/červenec
   srpna/srpen září října/říjen - prosince/prosinec
ro ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
el ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
tr ocak/oca şubat/şub mart nisan mayıs haziran/haz temmuz/tem ağustos eylül/eyl ekim/eki kasım/kas aralık
uz yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr
uz январ феврал март апрел май июн июл август сентябр октябр ноябр декабр
kk қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан
id januari februari maret april mei juni juli agustus september oktober november desember
ar يناير فبراير مارس أبريل/ابريل مايو يونيو يوليو أغسطس/اغسطس سبتمبر أكتوبر/اكتوبر نوفمبر ديسمبر
hi जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
"""
"""One language a line, from January; other forms of a name behind slashes. A line that starts with a blank goes on."""

_WEEKDAYS = """
en monday tuesday wednesday thursday friday saturday sunday
de montag dienstag mittwoch donnerstag freitag samstag/sonnabend sonntag
fr lundi mardi mercredi jeudi vendredi samedi dimanche
es lunes martes miércoles jueves viernes sábado domingo
pt segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo
it lunedì martedì mercoledì giovedì venerdì sabato domenica
nl maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
sv måndag tisdag onsdag torsdag fredag lördag söndag
no mandag tirsdag onsdag torsdag fredag lørdag søndag
ru понедельник вторник среду/среда четверг пятницу/пятница субботу/суббота воскресенье
uk понеділок вівторок середу/середа четвер п'ятницю/п'ятниця суботу/субота неділю/неділя
pl poniedziałek wtorek środę/środa czwartek piątek sobotę/sobota niedzielę/niedziela
cs pondělí úterý středu/středa čtvrtek pátek sobotu/sobota neděli/neděle
tr pazartesi salı çarşamba perşembe cuma cumartesi pazar
uz dushanba seshanba chorshanba payshanba juma shanba yakshanba
uz душанба сешанба чоршанба пайшанба жума шанба якшанба
kk дүйсенбі сейсенбі сәрсенбі бейсенбі жұма сенбі жексенбі
ar الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
"""
_RELATIVE = {
    "en": ("yesterday", "today", "tomorrow"), "de": ("gestern", "heute", ""), "fr": ("hier", "aujourd'hui", "demain"),
    "es": ("ayer", "hoy", ""), "pt": ("ontem", "hoje", ""), "it": ("ieri", "oggi", "domani"),
    "nl": ("gisteren", "vandaag", ""),
    "ru": ("вчера", "сегодня", "завтра"), "uk": ("вчора", "сьогодні", "завтра"), "pl": ("wczoraj", "dzisiaj", "jutro"),
    "tr": ("dün", "bugün", "yarın"), "ar": ("أمس", "اليوم", "غدا"), "uz": ("kecha", "bugun", "ertaga"),
    "kk": ("кеше", "бүгін", "ертең"),
}  # fmt: skip
"""Yesterday, today, tomorrow; empty where the word also means something else ("morgen")."""
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 60, "ist": 330, "cet": 60, "mez": 60, "cest": 120, "mesz": 120,
    "eet": 120, "eest": 180, "msk": 180, "trt": 180, "jst": 540, "kst": 540, "hkt": 480, "sgt": 480,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "aest": 600, "aedt": 660, "awst": 480, "sast": 120,
}  # fmt: skip
"""Minutes east of UTC. An abbreviation with several meanings has the one that news pages use most."""


@lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))


def _numbered(table: str, first: int) -> dict[str, int]:
    names = {}
    for line in table.strip().replace("\n   ", " ").splitlines():
        for number, forms in enumerate(line.split()[1:], first):
            names.update({_plain(form): number for form in forms.split("/") if form != "-"})
    return names


@cache
def _months() -> dict[str, int]:
    return _numbered(_MONTHS, 1)


@cache
def _weekdays() -> dict[str, int]:
    return _numbered(_WEEKDAYS, 0)


# --- one value -------------------------------------------------------------------------------------

_CJK_DAY = re.compile(r"(\d{4})\s*[年년./-]\s*(\d{1,2})\s*[月월./-]\s*(\d{1,2})\s*[日일]?")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{4}|\d{2})(?!\d)")
_NAMED_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|st|nd|rd|th|er|º|ª|-го)?\s+(?:de\s+|of\s+)?([^\W\d_]+)\.?,?\s+(?:de\s+|del\s+)?(\d{4})"
)
_NAMED_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,|\s)\s*(\d{4})")
_CLOCK = re.compile(
    r"(?<![\d.:/-])(\d{1,2})\s*(?:[:h時시]|(?<=\d)\.(?=\d\d(?!\d|\.\d)))\s*(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*[分분]?\s*"
    r"([ap]\.?m\b\.?)?\s*(z\b|(?:utc|gmt)?\s*[+-]\d{2}:?\d{2}|[a-z]{2,4}\b)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?\Z")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)T?(\d\d)?(\d\d)?(\d\d)?\Z")
_SPACED_ZONE = re.compile(r"\s+([+-]\d\d:?\d\d|Z)\Z")


def parse_date(value: str) -> datetime | None:
    """The instant that ``value`` names, as aware UTC, or ``None``.

    Reads ISO 8601 and its near misses, RFC 2822, seconds or milliseconds since 1970, and what pages print
    ("28. April 2023, 20:22 Uhr", "12:20pm Jan 7, 2024", "2025年1月13日 21時37分"). Without a zone UTC is
    taken, without a time midnight. ``03/04/2025`` is the third of April unless only the other reading is a date.
    """
    value = " ".join(value.split())[:120]
    if len(value) < 8:
        return None
    try:
        return _precise(value) or _printed(value)
    except (ValueError, OverflowError):
        return None


def has_time(value: str) -> bool:
    """Does ``value``, a date as pages write it, say a time of day?"""
    return bool(_EPOCH.match(value.strip()) or _CLOCK.search(value) or re.search(r"\dT?\d\d:?\d\d", value[8:]))


def has_zone(value: str) -> bool:
    """Does ``value``, a date as pages write it, say its offset from UTC?"""
    return bool(re.search(r"\d\s*(?:Z|[+-]\d\d:?\d\d|UTC|GMT)\s*\Z", value.strip()) or _EPOCH.match(value.strip()))


def _precise(value: str) -> datetime | None:
    if _EPOCH.match(value):
        return datetime.fromtimestamp(int(value[:10]), UTC)
    try:
        return _utc(datetime.fromisoformat(_SPACED_ZONE.sub(r"\1", value)))
    except ValueError:
        pass
    if compact := _COMPACT.match(value):
        year, month, day, hour, minute, second = (int(part or 0) for part in compact.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if "," in value or " " in value:
        try:
            return _utc(parsedate_to_datetime(value))
        except (ValueError, TypeError, IndexError):
            return None
    return None


def _printed(value: str) -> datetime | None:
    day, rest = _day(value)
    if day is None:
        return None
    clock = _CLOCK.search(rest)
    if clock is None:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    hour, minute, second = (int(part or 0) for part in clock.group(1, 2, 3))
    if half := clock[4]:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_zone(clock[5])).astimezone(UTC)


def _day(value: str) -> tuple[date | None, str]:
    """The day in ``value``, and ``value`` without it."""
    if found := _CJK_DAY.search(value):
        return date(*map(int, found.groups())), value[: found.start()] + " " + value[found.end() :]
    for pattern, day, month in ((_NAMED_DAY_FIRST, 1, 2), (_NAMED_MONTH_FIRST, 2, 1)):
        for found in pattern.finditer(value):
            if number := _months().get(_plain(found[month])):
                return date(int(found[3]), number, int(found[day])), value[: found.start()] + " " + value[found.end() :]
    if found := _DAY_FIRST.search(value):
        first, second, year = (int(part) for part in found.groups())
        year += 2000 if year < 100 else 0
        rest = value[: found.start()] + " " + value[found.end() :]
        return (date(year, second, first) if second <= 12 else date(year, first, second)), rest
    return None, value


def _zone(name: str | None) -> timezone:
    if not name:
        return UTC
    if offset := re.search(r"([+-])(\d\d):?(\d\d)", name):
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    return timezone(timedelta(minutes=_ZONES.get(name.strip().lower(), 0)))


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# --- days in a text --------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W\d_]+)*")
_DIGIT = re.compile(r"\d")
_IN_TEXT = re.compile(
    r"(?<![\d.,/-])(?:(?P<iso>\d{4})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)|"
    r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4}))(?![\d/-])"
    r"|(?:(?P<cjk_year>\d{4})\s?[年년]\s?)?(?P<cjk_month>\d{1,2})\s?[月월]\s?(?P<cjk_day>\d{1,2})\s?[日号號일]"
    r"|(?<![\d月월])(?P<lone_day>\d{1,2})[日](?![本前間内以目程])"
)
_DAY_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|го)?\Z")
_SHORT_MONTHS = {"mai", "mei", "maj", _plain("май"), "мая"}
"""Whole names of three letters; other short ones are abbreviations, and need a capital or a full stop."""
_SUFFIXING = ("uz", "kk", "ky", "tr", "az")
"""Languages that add case endings to a month's name."""
_LINKS = {"de", "of", "del", "ta", "chi"}
_BEFORE_WEEKDAY = {"в", "во", "у", "ў", "يوم"}
_NEXT = {
    "next",
    "coming",
    "nachsten",
    "kommenden",
    "prochain",
    "proximo",
    "prossimo",
    "следующий",
    "следующую",
    "наступний",
}


def days_in(text: str, published: datetime | None, lang: str | None) -> Iterator[tuple[date, int, int]]:
    """Days that ``text`` names, each with its bounds, in order: "30 апреля", "on Tuesday", "le 3 mai", "4月30日".

    A day without a year is the one nearest to ``published``, a weekday the last before it unless the text says "next".
    Without ``published`` only full dates are found.
    """
    today = published.date() if published else None
    found = [*_written_in_digits(text, today), *_written_in_words(text, today, lang or "en")]
    end = -1
    for day, start, stop in sorted(found, key=lambda item: (item[1], -item[2])):
        if start >= end:
            yield day, start, stop
            end = stop


def _written_in_digits(text: str, today: date | None) -> Iterator[tuple[date, int, int]]:
    end = 0
    for digit in _DIGIT.finditer(text):  # each of the ways to write a day begins with one
        if digit.start() < end or (found := _IN_TEXT.match(text, digit.start())) is None:
            continue
        end = found.end()
        part = {name: int(value) for name, value in found.groupdict().items() if value}
        if "iso" in part:
            day = _real(part["iso"], part["iso_month"], part["iso_day"])
        elif "year" in part:
            day = _real(part["year"], part["month"], part["day"]) or _real(part["year"], part["day"], part["month"])
        elif "cjk_month" in part:
            day = _nearest(part["cjk_month"], part["cjk_day"], part.get("cjk_year"), today)
        else:
            day = _day_of_month(part["lone_day"], today)
        if day:
            yield day, found.start(), found.end()


def _written_in_words(text: str, today: date | None, lang: str) -> Iterator[tuple[date, int, int]]:
    words = list(_WORD.finditer(text))
    plain = [_plain(word[0]) for word in words]
    relative = {_plain(word): shift for shift, word in enumerate(_RELATIVE.get(lang, ()), -1) if word}
    for place, name in enumerate(plain):
        before = plain[place - 1] if place else ""
        if (month := _month(name, lang)) and _is_month(name, words[place][0], text[words[place].end() :][:1], lang):
            yield from _around_month(text, words, plain, place, month, today)
        elif today and name in _weekdays() and _is_weekday(name, before):
            back = (today.weekday() - _weekdays()[name]) % 7
            ahead = before in _NEXT
            yield today + timedelta(days=7 - back if ahead else -back), words[place].start(), words[place].end()
        elif today and name in relative:
            yield today + timedelta(days=relative[name]), words[place].start(), words[place].end()


def _is_month(name: str, written: str, behind: str, lang: str) -> bool:
    """English months have a capital; elsewhere short names do, or a full stop behind them, or are in the list."""
    return written[0].isupper() or (lang != "en" and (len(name) > 3 or name in _SHORT_MONTHS or behind == "."))


@lru_cache(maxsize=20_000)
def _month(name: str, lang: str) -> int | None:
    name = name.partition("'")[0].partition("’")[0]
    if (month := _months().get(name)) or lang not in _SUFFIXING:
        return month
    return next((month for cut in (2, 3) if (month := _months().get(name[:-cut]))), None)


def _is_weekday(name: str, before: str) -> bool:
    """Words that also mean something else ("среду", "الاثنين") need their preposition."""
    foreign = name[0] >= "\u0400"
    return not foreign or before in _BEFORE_WEEKDAY or name.endswith("шанба")


def _around_month(  # noqa: PLR0917
    text: str, words: list[re.Match[str]], plain: list[str], place: int, month: int, today: date | None
) -> Iterator[tuple[date, int, int]]:
    """The day and year that stand beside a month's name."""

    def beside(step: int) -> tuple[int, int] | None:
        at = place + step
        if 0 <= at < len(plain) and plain[at] in _LINKS:
            at += step
        if not 0 <= at < len(plain):
            return None
        low, high = sorted((at, place))
        if len(text[words[low].end() : words[high].start()].strip(" \u00a0.,de")) > 4:
            return None
        number = _DAY_NUMBER.match(plain[at])
        return (at, int(number[1])) if number else None

    last = place
    if (left := beside(-1)) and 1 <= left[1] <= 31:
        first, number = left
    elif (right := beside(1)) and 1 <= right[1] <= 31:
        first, (last, number) = place, right
    else:
        return
    year = None
    for at in (last + 1, last + 2):
        if (
            at < len(plain)
            and re.fullmatch(r"(?:19|20)\d\d", plain[at])
            and (at == last + 1 or plain[at - 1] in _LINKS)
        ):
            year, last = int(plain[at]), at
            break
    if day := _nearest(month, number, year, today):
        yield day, words[first].start(), words[last].end()


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(month: int, day: int, year: int | None, today: date | None) -> date | None:
    if year or today is None:
        return _real(year, month, day) if year else None
    possible = [d for y in (today.year - 1, today.year, today.year + 1) if (d := _real(y, month, day))]
    return min(possible, key=lambda d: abs(d - today), default=None)


def _day_of_month(day: int, today: date | None) -> date | None:
    """The last such day up to a day after ``today``."""
    if today is None:
        return None
    this = _real(today.year, today.month, day)
    if this and this <= today + timedelta(days=1):
        return this
    last = today.replace(day=1) - timedelta(days=1)
    return _real(last.year, last.month, day)
