"""Dates as feeds write them, to aware UTC.

ISO 8601 and RFC 822 first, since nearly all are one of them; then a reading by parts, which takes month names in many
languages, missing zones (read as UTC), two-digit years, noon-based hours, East Asian and numeric forms, and seconds
since 1970. What is no date is ``None``; nothing raises.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from unicodedata import normalize

LONGEST = 120
"""Characters of a date; anything longer is something else."""

_MONTHS = """
    january jan januar jänner januari janvier janv enero ene gennaio gen janeiro styczeń stycznia январь января
    янв січень січня ocak oca yanvar ιανουάριος ιαν leden ledna január януари ianuarie siječanj يناير tammikuu
    tammikuuta
    |
    february feb februar februari février févr fév febrero febbraio fevereiro fev luty lutego февраль февраля
    фев лютий лютого şubat sub fevral φεβρουάριος φεβ únor února február февруари februarie veljača فبراير
    helmikuu helmikuuta
    |
    march mar märz mrz maart mrt mars marzo março marzec marca март марта мар березень березня mart μάρτιος μάρ
    březen března március martie ožujak مارس maaliskuu maaliskuuta
    |
    april apr avril avr abril abr aprile abril kwiecień kwietnia апрель апреля апр квітень квітня nisan nis
    aprel απρίλιος απρ duben dubna április април aprilie travanj أبريل ابريل huhtikuu huhtikuuta
    |
    may mai mei mayo maggio mag maio maj maja май мая травень травня mayıs may μάιος μάϊ květen května május maj
    svibanj مايو toukokuu toukokuuta
    |
    june jun juni juin junio giugno giu junho czerwiec czerwca июнь июня июн червень червня haziran haz iyun
    ιούνιος ιούν červen června június юни iunie lipanj يونيو kesäkuu kesäkuuta
    |
    july jul juli juillet juil julio luglio lug julho lipiec lipca июль июля июл липень липня temmuz tem iyul
    ιούλιος ιούλ červenec července július юли iulie srpanj يوليو heinäkuu heinäkuuta
    |
    august aug augustus août aou agosto ago agosto sierpień sierpnia август августа авг серпень серпня ağustos
    ağu avgust αύγουστος αύγ srpen srpna augusztus kolovoz أغسطس اغسطس elokuu elokuuta
    |
    september sep sept septembre septiembre settembre set setembro wrzesień września сентябрь сентября сен сент
    вересень вересня eylül eyl sentabr sentyabr σεπτέμβριος σεπ září szeptember септември septembrie rujan
    سبتمبر syyskuu syyskuuta
    |
    october oct oktober okt octobre octubre ottobre ott outubro out październik października октябрь октября окт
    жовтень жовтня ekim eki oktabr oktyabr οκτώβριος οκτ říjen října október октомври octombrie أكتوبر اكتوبر
    lokakuu lokakuuta
    |
    november nov novembre noviembre novembro listopad listopada ноябрь ноября ноя нояб листопад листопада kasım
    kas noyabr νοέμβριος νοέ listopadu novembar ноември noiembrie studeni نوفمبر marraskuu marraskuuta
    |
    december dec dezember dez décembre déc diciembre dic dicembre dezembro grudzień grudnia декабрь декабря дек
    грудень грудня aralık ara dekabr δεκέμβριος δεκ prosinec prosince december декември decembrie prosinac
    ديسمبر joulukuu joulukuuta
    """.split("|")
"""January to December, as newspapers in some thirty languages write and cut them."""


def _fold(word: str) -> str:
    return "".join(c for c in normalize("NFD", word.casefold()) if not "\u0300" <= c <= "\u036f")


_MONTH = {_fold(name): number for number, names in enumerate(_MONTHS, 1) for name in names.split()}

_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "ist": 5.5, "cet": 1, "cest": 2, "met":
    1, "mest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "sast": 2, "msk": 3, "msd": 4, "trt": 3, "eat": 3,
    "wat": 1, "cat": 2, "gst": 4, "pkt": 5, "uzt": 5, "almt": 5, "npt": 5.75, "wib": 7, "ict": 7, "hkt": 8,
    "sgt": 8, "myt": 8, "pht": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "acst": 9.5, "acdt":
    10.5, "nzst": 12, "nzdt": 13, "nst": -3.5, "ndt": -2.5, "brt": -3, "art": -3, "clt": -4, "ast": -4, "adt":
    -3, "est": -5, "edt": -4, "et": -5, "cst": -6, "cdt": -5, "ct": -6, "mst": -7, "mdt": -6, "mt": -7, "pst":
    -8, "pdt": -7, "pt": -8, "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip
"""Hours east of UTC; where several zones share a name, the one that news writes most."""

_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3,9})\s+(\d{4})\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s*(?:([+-])(\d\d):?(\d\d)|([A-Za-z]{1,4}))\Z"
)
_ISO_DATE = re.compile(r"([12]\d{3})-?(\d\d)-?(\d\d)(?!\d)")
_WEEK_OR_DAY = re.compile(r"\d{4}-?(?:W\d\d(?:-?\d)?|\d{3})\Z")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:[.,]\d+)?)?\s*(am|pm|a\.m\.|p\.m\.)?(?![\d.])", re.IGNORECASE
)
_COMPACT_TIME = re.compile(r"T(\d\d)(\d\d)(\d\d)?(?!\d)")
_OFFSET = re.compile(r"(?:GMT|UTC?)?\s*([+-−])(\d{1,2}):?(\d\d)?\s*(?:\(.*)?\Z", re.IGNORECASE)
_ZONE_NAME = re.compile(r"\b([A-Za-z]{1,4})\)?\s*\Z")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|ª|°)?[\s.,/-]*(?:(?:de|of|d['’]|del)\s+)?([^\W\d_]{3,12})[.,]?[\s.,/-]*(?:(?:de|del)\s+)?['’]?(\d{4}|\d\d)(?!\d)"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.?[\s-]+(\d{1,2})(?:st|nd|rd|th)?(?:,\s*|\s+)(?:.*?\s)??(\d{4})(?!\d)")
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d\d)(?!\d)")
_EPOCH = re.compile(r"\d{9,10}(?:\d{3})?(?:\.\d{1,6})?\Z")
_AFTERNOON, _MORNING = ("오후", "下午", "午後"), ("오전", "上午", "午前")
_HOURS = re.compile(r"(\d{1,2})\s*[時时시点點h]\s*(\d\d?)")


def parse_feed_date(text: str | None) -> datetime | None:
    """The moment that ``text`` names, in UTC, or ``None``. Dates without a zone are UTC, without a time midnight."""
    if not text or len(text) > LONGEST:
        return None
    text = text.strip()
    try:
        return _rfc822(text) or _iso(text) or _by_parts(text)
    except (ValueError, OverflowError):
        return None


def _rfc822(text: str) -> datetime | None:
    found = _RFC822.match(text)
    month = found and _MONTH.get(found[2].lower())
    if not found or not month:
        return None
    day, _, year, hour, minute, second, sign, off_hours, off_minutes, name = found.groups()
    offset = _offset(sign, off_hours, off_minutes) if sign else _named_zone(name)
    return _moment(int(year), month, int(day), int(hour), int(minute), int(second or 0), offset)


def _iso(text: str) -> datetime | None:
    if not text[:4].isdigit():
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) < 10 and not _WEEK_OR_DAY.match(text) and "-" not in text and not _ISO_DATE.match(text):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _by_parts(text: str) -> datetime | None:
    if _EPOCH.match(text):
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    if re.fullmatch(r"[12]\d{3}", text):
        return datetime(int(text), 1, 1, tzinfo=UTC)
    if found := re.fullmatch(r"([12]\d{3})-(\d\d)", text):
        return datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)
    if re.fullmatch(r"[12]\d{3}-?\d{3}", text):
        return datetime.strptime(text.replace("-", ""), "%Y%j").replace(tzinfo=UTC)
    day = _day(text)
    if day is None:
        return None
    year, month, date, start, end = day
    rest = text[:start] + " " + text[end:]
    hour, minute, second, after = _time(rest)
    zone = _OFFSET.search(after)
    offset = 0.0
    if zone:
        offset = _offset(zone[1], zone[2], zone[3])
    elif name := _ZONE_NAME.search(after):
        offset = _named_zone(name[1])
    return _moment(year, month, date, hour, minute, second, offset)


def _day(text: str) -> tuple[int, int, int, int, int] | None:
    """Year, month, day, and where in ``text`` they stand."""
    if found := (_EAST_ASIAN.search(text) or _ISO_DATE.match(text) or _YEAR_FIRST.search(text)):
        return int(found[1]), int(found[2]), int(found[3]), found.start(), found.end()
    for pattern, day, month in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        for found in pattern.finditer(text):
            if number := _MONTH.get(_fold(found[month])):
                # "Nov 3 10:00:00 2026": the time stands between day and year and is still to be read
                inside = pattern is _MONTH_DAY and ":" in found[0]
                return _year(found[3]), number, int(found[day]), found.start(), found.start() if inside else found.end()
    if found := _NUMBERS.search(text):
        first, second = int(found[1]), int(found[3])
        month_first = (found[2] == "/" and first <= 12) or second > 12
        month, day = (first, second) if month_first else (second, first)
        return _year(found[4]), month, day, found.start(), found.end()
    return None


def _time(text: str) -> tuple[int, int, int, str]:
    """Hour, minute, second (zero without a time) and the text after them, where the zone stands."""
    found = _TIME.search(text) or _COMPACT_TIME.search(text) or _HOURS.search(text)
    if found is None:
        return 0, 0, 0, ""
    parts = found.groups()
    hour, minute = int(parts[0]), int(parts[1])
    second = int(parts[2]) if len(parts) > 2 and parts[2] else 0
    half = (parts[3] or "").lower() if len(parts) > 3 else ""
    if (half.startswith("p") or any(word in text for word in _AFTERNOON)) and hour < 12:
        hour += 12
    elif (half.startswith("a") or any(word in text for word in _MORNING)) and hour == 12:
        hour = 0
    return hour, minute, second, re.sub(r"\s\d{4}\s*\Z", "", text[found.end() :])


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= 70 else 2000)


def _offset(sign: str, hours: str, minutes: str | None) -> float:
    """Hours east of UTC; an offset that no place on earth has is none."""
    offset = int(hours) + int(minutes or 0) / 60
    if offset > 14:
        return 0.0
    return offset if sign == "+" else -offset


def _named_zone(name: str | None) -> float:
    return float(_ZONES.get((name or "").lower(), 0))


def _moment(  # noqa: PLR0917  (in the order of a clock)
    year: int, month: int, day: int, hour: int, minute: int, second: int, offset: float
) -> datetime:
    """24:00 is midnight of the next day, second 60 (a leap second) is 59."""
    next_day = hour == 24 and minute == 0
    zone = timezone(timedelta(hours=offset)) if offset else UTC
    moment = datetime(year, month, day, 0 if next_day else hour, minute, min(second, 59), tzinfo=zone)
    return (moment + timedelta(days=next_day)).astimezone(UTC)
