"""The dateline before the first sentence: where a report was written, and whose it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.core.places import country_code, place_code

LONGEST = 120
"""A dateline is no longer than so many characters."""

_HEAD = re.compile(rf"[^\n]{{0,{LONGEST}}}")
_DASH = re.compile(r"\s*(?:[.:]\s?)?(?:\s[-–|]{1,2}|[—―]|--)\s|\.[-–—]\s?|(?<=/)\.?\s(?=\S)")
_AGENCY = re.compile(r"\(([^()\d][^()]{1,29})\)|/\s?([^/\d][^/]{1,29}?)\s?/")
_WORD = re.compile(r"[^\W\d_][^\W\d_.'’-]*(?:[.'’-][^\W\d_]*)*")
_EAST = re.compile(
    r"[【（(]?(?P<credit>[\u3400-\u9fff]{1,10}?[社报報网網])(?P<there>[\u3400-\u9fff]{2,8}?)(?:\d{1,2}月)?\d{1,2}日(?:[电電讯訊])[】）)]?|"
    r"[【\[(（](?P<place>[^=＝()（）【】\[\]\s]{2,12})[=＝](?P<agency>[^=＝()（）【】\[\]]{2,12})[】\])）]"
)
_NOT_A_PLACE = frozenset(
    {"breaking", "update", "exclusive", "analysis", "video", "watch", "opinion", "corrected", "correction", "live"}
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """``place`` as written, the ISO code of its country (``None``: not known), the agency named, and its bounds."""

    place: str
    country: str | None
    agency: str | None
    start: int
    end: int


def dateline(body: str, lang: str | None) -> Dateline | None:
    """The dateline of a text: "TASHKENT, May 2 (Reuters) -", "PARÍS —", "МОСКВА, 3 мая. /ТАСС/.", "新华社北京5月2日电".

    A place in capitals has a date, an agency or a known name with it; one in small letters an agency, or it is known.
    """
    start = len(body) - len(body.lstrip())
    head = _HEAD.match(body, start)[0]  # type: ignore[index]  # it matches the empty string
    if east := _EAST.match(head):
        place = east["there"] or east["place"]
        return Dateline(place, place_code(place, lang), east["credit"] or east["agency"], start, start + east.end())
    for dash in _DASH.finditer(head):
        if found := _read(head[: dash.start() + 1], lang):
            place, country, agency = found
            return Dateline(place, country, agency, start, start + len(head[: dash.end()].rstrip()))
    return None


def _read(said: str, lang: str | None) -> tuple[str, str | None, str | None] | None:
    """Place, country and agency of what stands before the dash."""
    credit = _AGENCY.search(said)
    agency = (credit[1] or credit[2]).strip() if credit else None
    place, *others = [part.strip(" .:-–—|") for part in _AGENCY.sub("", said).split(",")]
    words = _WORD.findall(place)
    if not 1 <= len(words) <= 4 or " ".join(words) != place or words[0].lower() in _NOT_A_PLACE:
        return None
    if any(len(part.split()) > 4 or not (part[:1].isupper() or any(map(str.isdigit, part))) for part in others if part):
        return None
    country = place_code(place, lang) or next((code for part in others if (code := place_code(part, lang))), None)
    dated = any(c.isdigit() for part in others for c in part)
    if place.isupper() and len(place) > 2:
        told = country or agency or dated
    else:
        town = country is not None and country_code(place) is None
        told = place[0].isupper() and (dated or not others) and (agency or town)
    return (place, country, agency) if told else None
