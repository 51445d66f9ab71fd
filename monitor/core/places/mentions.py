"""Mentions of countries in a text, by name, demonym, capital, large city or seat of power."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import compress

from monitor.core.places.gazetteer import Gazetteer, Name, codes_by_name, english_names, gazetteer
from monitor.core.text import Tokens, tokenise
from monitor.model import CountryMention, Text


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_GIVEN_NAMES = _words(
    """
    michael vernon deandre barbara hamilton jim bill george denzel kerry jack whitney david mary paul john
    james robert william richard thomas charles sam joe tom mike chris steve mark peter brian kevin eric ben
    dan daniel matt andrew anthony sarah jennifer lisa susan karen linda ann anna julie kate laura emily
    jessica julianne irving booker scott tim greg neil walter henry frank al alexander louis martin stephen
    edward kenneth donald harry jerry larry jordan ryan adam simon christian jason justin sean patrick leon
    eddie terry tony carlos jose juan maria ana luis
    """
)
_ALSO_GIVEN = _words(
    """
    jordan chad paris georgia kenya sydney austin dallas finn dane santiago cuba chelsea houston
    """
)
"""Names of places that are first names too: a capitalised word behind them may be a surname."""
_ALSO_SURNAMES = _words(
    """
    jordan washington london houston ireland england holland france germany israel wales dallas boston denver
    lyon paris milan poland brazil chile santiago cuba peru
    """
)
_PUBLIC_WORDS = _words(
    """
    government minister ministers president presidents prime foreign army police parliament king queen prince
    crown river valley city airport bank central national supreme court embassy ambassador times post
    university club stock exchange air airlines airways premier chancellor secretary finance defense defence
    interior peace summit climate agreement accord accords treaty conference talks state states republic and
    or in on at monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december north south east west saint metro police opera fashion
    week olympics games open motor show county
    """
)
_NO_SURNAMES = _PUBLIC_WORDS | {None}
_US_STATES_SHORT = _words(
    """
    ala ark ariz calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo neb nev pa tenn tex va
    vt wash wis wyo
    """
)
_GEORGIA_IN_AMERICA = _words(
    """
    atlanta savannah augusta macon kemp alabama carolina florida tennessee raffensperger gop republicans
    democrats ga
    """
)
_GEORGIA_IN_CAUCASUS = _words(
    """
    tbilisi georgian georgians abkhazia ossetia saakashvili kutaisi batumi caucasus armenia azerbaijan
    ivanishvili zourabichvili kobakhidze moscow russia russian soviet putin moldova ukraine
    """
)
_BIRD_BEFORE = _words("a roast roasted thanksgiving wild your frozen cooked smoked ground stuffed")


_AFTER_AMOUNT = _words("won marks rand som lira sterling")
"""Money that is a common word too: it counts behind an amount."""
_AMOUNT = re.compile(r"(?:\d|\b(?:thousand|million|billion|trillion|mln|bln|mn|bn))\s*$")
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


@dataclass(frozen=True, slots=True)
class _Mention:
    """``passing``: the words around make it a language, a company's seat or name, or the venue of a meeting."""

    code: str
    start: int
    passing: bool


@dataclass(frozen=True, slots=True)
class _Hit:
    first: int
    last: int
    name: Name


def countries(text: Text) -> tuple[CountryMention, ...]:
    """The countries that the text is about, most mentioned first, then by code, with the number of mentions.

    A country is named by its names (of former states too, which stand for their largest successor), demonyms, capital
    and larger cities, seats of power and money, in the language of the text, inflected. A name counts only where it is
    written as a name is; words that are more often a person, a bird or a state of the United States count only where
    the words around them say so. A country that is only touched on is left out: it is listed where it stands in the
    title or the lead, or is mentioned more than in passing, or is the only one.
    """
    names = gazetteer(text.lang)
    titled = {mention.code for mention in _in_part(text.title, names) if not mention.passing}
    mentions = _in_part(text.body, names)
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


def _in_part(part: str, names: Gazetteer) -> list[_Mention]:
    tokens = tokenise(part)
    words = tokens.words
    key_of = names.keys.__getitem__
    hits: list[_Hit] = []
    free = 0
    for at in compress(range(len(words)), map(names.beginning.__getitem__, words)):
        if at < free:
            continue
        following = key_of(words[at + 1]) if at + 1 < len(words) else ""
        for name in names.beginning[words[at]] or ():
            size = len(name.words)
            if size > 1 and (
                name.words[1] != following or (size > 2 and tuple(map(key_of, words[at : at + size])) != name.words)
            ):
                continue
            if _is_written_so(tokens, at, size, name):
                hits.append(_Hit(at, at + size - 1, name))
                free = at + size
                break
    caucasian = any(hit.name.code == "GE" for hit in hits) and _is_caucasian(words)
    return [
        _Mention(hit.name.code, tokens.start(hit.first), _is_passing(tokens, hit))
        for number, hit in enumerate(hits)
        if hit.name.kind != "x" and _counts(tokens, hits, number, caucasian=caucasian)
    ]


def _is_passing(tokens: Tokens, hit: _Hit) -> bool:
    start, end = tokens.start(hit.first), tokens.end(hit.last)
    by_kind = _BY_KIND.get(hit.name.kind)
    if _PASSING_AFTER.match(tokens.text, end) or (by_kind is not None and by_kind.match(tokens.text, end)):
        return True
    return _PASSING_BEFORE.search(tokens.text, max(0, start - 30), start) is not None


def _is_written_so(tokens: Tokens, at: int, size: int, name: Name) -> bool:
    """Whether the words stand together, with the capitals that the name wants."""
    start, end = tokens.start(at), tokens.end(at + size - 1)
    written = tokens.text[start:end]
    if size > 1:
        if "\n\n" in written or (len(written) - sum(map(len, name.words)) > 3 * size + 12):
            return False
        if any(c in written for c in ';:!?()\u201c\u201d"'):
            return False
    if name.small:
        return True
    first = written[0]
    if name.capitals:
        if not written.isupper():
            return False
        return (
            "." in written or written not in {"US", "DRC", "ROK", "GDR", "FRG"} or not _shouts(tokens.text, start, end)
        )
    if first.islower():
        return False
    if size > 1 and len(name.words[0]) == 1 and name.words[0].isascii():
        return "." in written
    return size > 1 or len(written) > 3 or not (written.isupper() and name.kind == "d")


def _shouts(text: str, start: int, end: int) -> bool:
    """Whether the words around are all capitals, so that "US" may be "us"."""
    around = text[max(0, start - 40) : start] + text[end : end + 40]
    return not any(c.islower() for c in around) and any(c.isalpha() for c in around)


def _counts(tokens: Tokens, hits: list[_Hit], number: int, *, caucasian: bool) -> bool:
    hit = hits[number]
    if hit.first != hit.last:
        return True
    word, text = tokens.words[hit.first], tokens.text
    if word in _AFTER_AMOUNT and hit.name.kind == "m":
        start = tokens.start(hit.first)
        return _AMOUNT.search(text, max(0, start - 12), start) is not None
    if word in _ALSO_SURNAMES and _neighbour(tokens, hit.first, hit.first - 1) in _GIVEN_NAMES:
        return False
    if word in _ALSO_GIVEN and _neighbour(tokens, hit.first, hit.first + 1) not in _NO_SURNAMES:
        following = tokens.start(hit.first + 1)
        known = number + 1 < len(hits) and hits[number + 1].first == hit.first + 1
        if text[following].isupper() and not known and not text[following : tokens.end(hit.first + 1)].isupper():
            return False
    if hit.name.code != "US" and _in_america(tokens, hits, number):
        return False
    if word == "georgia":
        return caucasian
    if word == "turkey":
        return _neighbour(tokens, hit.first, hit.first - 1) not in _BIRD_BEFORE
    return True


def _neighbour(tokens: Tokens, at: int, beside: int) -> str | None:
    """The word at ``beside``, next to the one at ``at``, where nothing but a blank or a full stop is between."""
    left, right = sorted((at, beside))
    if left < 0 or right >= len(tokens.words) or tokens.text[tokens.end(left) : tokens.start(right)].strip(" .\u00a0"):
        return None
    return tokens.words[beside]


def _in_america(tokens: Tokens, hits: list[_Hit], number: int) -> bool:
    """Whether a state of the United States follows behind a comma: "Paris, Texas", "Moscow, Idaho"."""
    hit = hits[number]
    after = hit.last + 1
    if after >= len(tokens.words) or not tokens.text[tokens.end(hit.last) : tokens.start(after)].startswith(","):
        return False
    if tokens.words[after] in _US_STATES_SHORT and tokens.text[tokens.start(after)].isupper():
        return tokens.text[tokens.end(after) : tokens.end(after) + 1] == "."
    if hit.name.kind == "p" and number + 1 < len(hits):
        following = hits[number + 1]
        return following.first == after and (
            (following.name.code == "US" and following.name.kind == "p") or tokens.words[after] == "georgia"
        )
    return False


def _is_caucasian(words: list[str]) -> bool:
    """Whether "Georgia" is the country: more words of the Caucasus than of the American South, or none of either."""
    american = sum(word in _GEORGIA_IN_AMERICA for word in words)
    return sum(word in _GEORGIA_IN_CAUCASUS for word in words) > american or american == 0
