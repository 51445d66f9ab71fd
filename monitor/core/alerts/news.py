"""What is new in a further report of a story that was told."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.core.text import fold

if TYPE_CHECKING:
    from monitor.model import Analysis, News

RANK: Mapping[News, int] = {"sources": 1, "country": 2, "quote": 3, "number": 4, "tier": 5}
"""After an acknowledgement only a higher kind than was told last is told."""

SPOKEN_OF = 2
"""A country named once is not what a report is about."""
QUOTED_WORDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one report tells, as far as a follow-up is judged by it.

    ``quotes`` are (who, what) in folded words, of named speakers; ``numbers`` (what is counted, value, as written) of
    the lead; ``tier`` is of its feed.
    """

    countries: Mapping[str, int]
    quotes: tuple[tuple[str, str], ...]
    numbers: tuple[tuple[str, str, str], ...]
    tier: int
    site: str | None


def said(analysis: Analysis, tier: int) -> Said:
    """What a report tells."""
    return Said(
        countries={mention.code: mention.mentions for mention in analysis.countries},
        quotes=tuple((quote.person, _plain(quote.text)) for quote in analysis.quotes if quote.person),
        numbers=tuple((_counted(fact.text), fact.value, fact.text) for fact in analysis.facts if fact.kind == "number"),
        tier=tier,
        site=analysis.text.site,
    )


def what_is_new(
    report: Said,
    told: Collection[Said],
    *,
    sites: Mapping[str, datetime],
    since: datetime,
    further_sources: int,
) -> dict[News, str]:
    """Kinds of news in ``report`` against the reports that were ``told``, each in words.

    ``sites`` are those with a report of their own in the story, and when the first was seen; those after ``since``, the
    last word about it, count together as one kind of news once they are ``further_sources``.
    """
    found: dict[News, str] = {}
    further = {site for site, seen in sites.items() if seen > since} | ({report.site} if report.site else set())
    further -= {each.site for each in told}
    if len(further) >= further_sources:
        found["sources"] = f"{len(further)} further independent sources"
    known = {code for each in told for code in each.countries}
    if new := [code for code, mentions in report.countries.items() if mentions >= SPOKEN_OF and code not in known]:
        found["country"] = f"another country: {', '.join(_country(code) for code in new[:3])}"
    if speakers := list(_new_speakers(report.quotes, [text for each in told for _, text in each.quotes])):
        found["quote"] = f"a new quotation: {', '.join(dict.fromkeys(speakers[:3]))}"
    if changed := list(_changed(report.numbers, (number for each in told for number in each.numbers))):
        found["number"] = f"another number: {', '.join(changed[:3])}"
    if told and report.tier < min(each.tier for each in told):
        found["tier"] = f"a source of tier {report.tier}"
    return found


def _new_speakers(quotes: Iterable[tuple[str, str]], known: Collection[str]) -> Iterator[str]:
    """A quotation that is part of one told before, or holds it, is the same one cut otherwise."""
    for speaker, text in quotes:
        if len(text.split()) >= QUOTED_WORDS and not any(text in other or other in text for other in known if other):
            yield speaker


def _changed(numbers: Iterable[tuple[str, str, str]], known: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Only what was counted before can have changed."""
    before: dict[str, dict[str, str]] = {}
    for thing, value, written in known:
        before.setdefault(thing, {})[value] = written
    for thing, value, written in numbers:
        values = before.get(thing)
        if values and value not in values:
            yield f"{written} (told: {', '.join(list(values.values())[:2])})"


def _counted(written: str) -> str:
    """What a number counts: the last word."""
    words = re.findall(r"[^\W\d_]+", fold(written))
    return words[-1] if words else "%" if "%" in written else ""


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


def _country(code: str) -> str:
    from monitor.core.places import country_name  # its tables are read when a message first names a country

    return country_name(code) or code
