"""The days that a text speaks of."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from monitor.core.dates.names import RELATIVE, months, unaccented, weekdays

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"\d{1,2}(?=-[^\W\d_])|[^\W_]+(?:['’-][^\W\d_]+)*")  # 18-iyun is a day and a month
_DIGIT = re.compile(r"\d")
_IN_TEXT = re.compile(
    r"(?<![\d.,/-])(?:(?P<iso>\d{4})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)|"
    r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4}))(?![\d/-])"
    r"|(?:(?P<cjk_year>\d{4})\s?[年년]\s?)?(?P<cjk_month>\d{1,2})\s?[月월]\s?(?P<cjk_day>\d{1,2})\s?[日号號일]"
    r"|(?<![\d月월])(?P<lone_day>\d{1,2})[日](?![本前間内以目程])"
)
_DAY_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|го)?\Z")
_SHORT_MONTHS = {"mai", "mei", "maj", unaccented("май"), "мая"}
"""Whole names of three letters; other short ones are abbreviations, and need a capital or a full stop."""
_SUFFIXING = ("uz", "kk", "ky", "tr", "az")
"""Languages that add case endings to a month's name."""
_LINKS = {"de", "of", "del", "ta", "chi"}
_BEFORE_WEEKDAY = {"в", "во", "у", "ў", "يوم"}
_DAYTIMES = re.compile("(tag|abend|woch)(?:fruh|morgen|vormittag|mittag|nachmittag|abend|nacht)s?\\Z")
"""What German writes together with a weekday: "Dienstagmorgen"."""
_CJK_WEEKDAY = re.compile(
    "(?<![一二两兩三四五六七八九十每\\d])(?P<week>[上下])?(?:星期|周|週|礼拜)(?P<zh>[一二三四五六日天])(?![一-鿿]?[年次])"
    "|(?P<ja>[月火水木金土日])曜日"
)
_BEHIND_NEXT = {"المقبل", "القادم", "prochain", "proximo", "prossimo", "que viene"}
_AHEAD = {
    "en": re.compile(r"\b(?:will|due to|set to|scheduled|expected to|plans? to)\b"),
    "de": re.compile(r"\b(?:wird|werden|soll|sollen)\b"),
    "fr": re.compile(r"\b(?:sera|seront|aura|auront|doit|doivent|devrait|devraient|va|vont)\b"),
    "es": re.compile(r"\b(?:será|serán|tendrá|reunirá|reunirán|va a|van a|prevé|viajará|comenzará)\b"),
    "ru": re.compile(r"\b(?:будет|будут|состоится|состоятся|пройд[её]т|пройдут|начн[её]тся|встретится|встретятся)\b"),
}
_SAID = re.compile(
    r"\b(?:said|says|told|announced|reported|sagte|teilte|erklärte|hieß|a déclaré|a annoncé|dijo|afirmó|anunció|"
    r"сообщил\w*|заявил\w*|сказал\w*)\b"
)
_CLAUSE = 160
"""Characters that are looked at before a weekday."""
_CLAUSE_ENDS = '.;:!?“”„«»"\n'
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
    if today is None or text.isascii() or not any(sign in text for sign in "期周週拜曜"):
        return
    for name in _CJK_WEEKDAY.finditer(text):
        weekday = "月火水木金土日".index(name["ja"]) if name["ja"] else min("一二三四五六日天".index(name["zh"]), 6)
        back = (today.weekday() - weekday) % 7
        if name["week"]:
            back = today.weekday() - weekday + (7 if name["week"] == "上" else -7)
        yield today - timedelta(days=back), name.start(), name.end()


def _written_in_words(text: str, today: date | None, lang: str) -> Iterator[tuple[date, int, int]]:
    raw = _WORD.findall(text)
    places = [place for place, word in enumerate(raw) if _may_name_a_day(word, lang)]
    if not places:
        return
    words = list(_WORD.finditer(text))
    plain = list(map(unaccented, raw))
    relative = _relative(lang)
    for place in places:
        name = plain[place]
        before = plain[place - 1] if place else ""
        if (month := _month(name, lang)) and _is_month(name, words[place][0], text[words[place].end() :][:1], lang):
            yield from _around_month(text, words, plain, place, month, today)
        elif today and (weekday := _weekday(name, lang)) is not None and _is_weekday(name, before):
            back = (today.weekday() - weekday) % 7
            behind = plain[place + 1] if place + 1 < len(plain) else ""
            ahead = before in _NEXT or behind in _BEHIND_NEXT or _is_to_come(text, words[place].start(), lang)
            yield today + timedelta(days=7 - back if ahead else -back), words[place].start(), words[place].end()
        elif today and name in relative:
            yield today + timedelta(days=relative[name]), words[place].start(), words[place].end()
        elif today and (before, name) in _PARTS_OF_DAY and lang == "en":
            yield today - timedelta(days=before == "last"), words[place - 1].start(), words[place].end()


_PARTS_OF_DAY = {("last", "night"), ("this", "morning"), ("this", "afternoon"), ("this", "evening")}
_DAY_PARTS = {part for _, part in _PARTS_OF_DAY}


@lru_cache(maxsize=20_000)
def _may_name_a_day(word: str, lang: str) -> bool:
    """Whether a word as it is written names a month, a weekday or a day beside today's: most words do not."""
    name = unaccented(word)
    known = name in _relative(lang) or name in _DAY_PARTS
    return known or _month(name, lang) is not None or _weekday(name, lang) is not None


@cache
def _relative(lang: str) -> dict[str, int]:
    return {unaccented(word): shift for shift, word in enumerate(RELATIVE.get(lang, ()), -1) if word}


def _weekday(name: str, lang: str) -> int | None:
    known = weekdays()
    if (found := known.get(name)) is not None or lang != "de":
        return found
    return known.get(_DAYTIMES.sub(r"\1", name))


def _is_to_come(text: str, start: int, lang: str) -> bool:
    """Whether the clause before a weekday is of what will be: "will meet on Monday", not "will go, he said on …"."""
    if lang not in _AHEAD:
        return False
    before = text[max(0, start - _CLAUSE) : start]
    clause = before[max(map(before.rfind, _CLAUSE_ENDS)) + 1 :]
    ahead = list(_AHEAD[lang].finditer(clause))
    return bool(ahead) and _SAID.search(clause, ahead[-1].end()) is None


def _is_month(name: str, written: str, behind: str, lang: str) -> bool:
    """English months have a capital; elsewhere short names do, or a full stop behind them, or are in the list."""
    return written[0].isupper() or (lang != "en" and (len(name) > 3 or name in _SHORT_MONTHS or behind == "."))


@lru_cache(maxsize=20_000)
def _month(name: str, lang: str) -> int | None:
    name = name.partition("'")[0].partition("’")[0]
    if (month := months().get(name)) or lang not in _SUFFIXING:
        return month
    return next((month for cut in (2, 3) if (month := months().get(name[:-cut]))), None)


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
