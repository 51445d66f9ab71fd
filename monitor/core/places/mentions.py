"""Mentions of countries in a text, by name, demonym, capital, large city or seat of power."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from monitor.core.places.gazetteer import codes_by_name, english_names, gazetteer
from monitor.core.places.hits import Hit, Part
from monitor.core.places.senses import Senses, is_meant
from monitor.core.text import tokenise
from monitor.model import CountryMention, Text


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_PASSING_AFTER = re.compile(
    r"[-\s]based\b|-(?:born|educated|language|listed|quoted|registered|speaking)\b"
    r"|\W*(?:subsidiar|unit\b|units\b|arm\b|affiliate|branch|interbank|inter-bank|stock exchange|bourse)"
)
_COMPANY_AFTER = re.compile(
    r"(?:\s+[A-Z][\w'&-]*){1,3}\s+(?:AG|Co|Corp|Corporation|Holdings?|Inc|LLC|Limited|Ltd|NV|PLC|Plc|SA)\b"
)
"""Behind a demonym, the rest of a company's name: "Swiss Bank Corp"."""
_VENUE_AFTER = re.compile(
    r"\W*(?:economic |peace )?"
    r"(?:club|accord|agreement|pact|summit|meeting|talks|conference|declaration|communiqu|convention|protocol)"
)
_BY_KIND = {"p": _VENUE_AFTER, "d": _COMPANY_AFTER}
_PASSING_BEFORE = re.compile(
    r"(?:\b(?:listed|quoted|traded|received|transmitted|reported)\s+(?:in|on|from)"
    r"|\b(?:Corp|Inc|Ltd|Co|Plc|Group|Bank|Company)>?\s+of)\s+$"
)
_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?!\s*\n|\s{2,})[^\n]+)*")
_SENTENCE_END = '.!?"”»。'
_SHORTEST_LEAD = 350
_LONGEST_LEAD = 800
_SHORT = 1500
"""Lengths in code points. In a text shorter than this two mentions are more than passing."""


class _Mention(NamedTuple):
    """``passing``: the words around make it a language, a company's seat or name, or the venue of a meeting."""

    code: str
    start: int
    passing: bool


def countries(text: Text) -> tuple[CountryMention, ...]:
    """The countries that the text is about, most mentioned first, then by code, with the number of mentions.

    A country is named by its names (of former states too, which stand for their largest successor), demonyms, capital
    and larger cities, seats of power and money, in the language of the text, inflected. A name counts only where it is
    written as a name is; words that are more often a person, a bird or a state of the United States count only where
    the words around them say so. A country that is only touched on is left out: it is listed where it stands in the
    title or the lead, or is mentioned more than in passing, or is the only one.
    """
    names = gazetteer(text.lang)
    parts = [Part.of(text.title, names), Part.of(text.body, names)]
    senses = Senses.of(parts)
    titles, mentions = (_mentions(part, senses) for part in parts)
    titled = {mention.code for mention in titles if not mention.passing}
    lead = _end_of_lead(text.body)
    enough = 2 if len(text.body) < _SHORT else 3
    counts = Counter(mention.code for mention in mentions)
    counts.update(titled)
    weights = Counter(mention.code for mention in mentions if not mention.passing)
    leading = {mention.code for mention in mentions if mention.start < lead and not mention.passing}
    listed = [c for c in counts if c in titled or c in leading or weights[c] >= enough or len(counts) == 1]
    return tuple(CountryMention(c, counts[c]) for c in sorted(listed, key=lambda c: (-counts[c], c)))


def _end_of_lead(body: str) -> int:
    """Where the first paragraph of running text ends, within bounds."""
    for found in _PARAGRAPH.finditer(body, 0, _LONGEST_LEAD):
        paragraph = found[0].rstrip()
        if len(paragraph) >= 80 and paragraph[-1] in _SENTENCE_END:
            return max(_SHORTEST_LEAD, found.end())
    return _SHORTEST_LEAD


def country_code(name: str) -> str | None:
    """ISO 3166-1 alpha-2 of a country by its code or its name in any language of the gazetteer; ``None`` if unknown."""
    plain = name.strip()
    if len(plain) == 2 and plain.upper() in english_names():
        return plain.upper()
    return codes_by_name().get(" ".join(tokenise(plain).words))


def place_code(place: str, lang: str | None) -> str | None:
    """The code of the country that a town, capital or country of this name (in the language of the text) belongs to."""
    entry = gazetteer(lang).whole(tuple(tokenise(place).words[:4]))
    return entry.code if entry is not None and entry.kind in ("n", "p") else None


def country_name(code: str) -> str | None:
    """The English name of a country by its code, ``None`` for a code that is none."""
    return english_names().get(code.upper())


def country_of_demonym(word: str) -> str | None:
    """The English name of the country of an English demonym: "Uzbek" is Uzbekistan; ``None`` for any other word."""
    entry = gazetteer("en").whole(tuple(tokenise(word).words[:4]))
    return country_name(entry.code) if entry is not None and entry.kind == "d" else None


def _mentions(part: Part, senses: Senses) -> list[_Mention]:
    tokens = part.tokens
    return [
        _Mention(
            senses.code_of(hit),
            hit.start,
            hit.name.words[-1] in senses.seats or _is_passing(tokens.text, hit),
        )
        for number, hit in enumerate(part.hits)
        if hit.name.kind != "x" and is_meant(tokens, part.hits, number, senses)
    ]


def _is_passing(text: str, hit: Hit) -> bool:
    by_kind = _BY_KIND.get(hit.name.kind)
    if _PASSING_AFTER.match(text, hit.end) or (by_kind is not None and by_kind.match(text, hit.end)):
        return True
    return _PASSING_BEFORE.search(text, max(0, hit.start - 30), hit.start) is not None
