"""Names of places that mean something else too: which meaning they have, by the words around and by the whole text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.core.places.hits import Hit, Part
from monitor.core.text import Tokens


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
_ALSO_TOWNS = _words(
    """
    brazil chile china cuba denmark holland jamaica jordan lebanon mexico norway panama peru poland scotland wales
    """
)
"""Names of countries that towns in the United States bear too."""
_BEFORE_TOWN = _words("in of from near at to outside")
_TITLES_OF_PERSONS = _words(
    """
    mr mrs ms miss dr prof professor mayor senator sen congressman congresswoman rep judge justice coach captain
    capt sgt sergeant lt lieutenant sheriff deputy governor gov officer
    """
)
_OMAN, _SULTANATE = "عمان", "سلطنة"
_SEATS = {
    **dict.fromkeys(
        ("brussels", "bruxelles", "brussel", "bruselas", "bruxelas", "брюссель", "بروكسل"),
        _words("eu european nato ue union europeenne europea europeia europaische es нато натo ес евросоюз الاوروبي"),
    ),
    **dict.fromkeys(
        ("geneva", "geneve", "genf", "ginebra", "genebra", "ginevra", "женева", "جنيف"),
        _words("un nations unhcr ohchr iom ilo wto who cross onu unies unidas uno оон المتحدة"),
    ),
    **dict.fromkeys(
        ("vienna", "vienne", "wien", "viena", "вена", "فيينا"),
        _words("iaea opec osce aiea oiea osze магатэ обсе опек الذرية"),
    ),
    "strasbourg": _words("european europeen"),
    **dict.fromkeys(("hague", "haye", "haag", "haya"), _words("icc icj opcw europol tribunal cpi istgh")),
}
"""Seats of international organisations, and the words that say that they are meant."""
_BIRD_BEFORE = _words("a roast roasted thanksgiving wild your frozen cooked smoked ground stuffed")


_AFTER_AMOUNT = _words("won marks rand som lira sterling")
"""Money that is a common word too: it counts behind an amount."""
_AMOUNT = re.compile(r"(?:\d|\b(?:thousand|million|billion|trillion|mln|bln|mn|bn))\s*$")


@dataclass(frozen=True, slots=True)
class Senses:
    """What the names with two meanings mean in this text: whether Georgia is the country, and the Arabic word for Oman
    is Amman; the towns in America that bear a country's name.
    """

    caucasian: bool
    amman: bool
    towns: frozenset[str]
    seats: frozenset[str]

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Senses:
        found = {hit.name.words[-1] for part in parts for hit in part.hits}
        codes = {hit.name.code for part in parts for hit in part.hits}
        if found.isdisjoint(_TWO_SENSES) and "OM" not in codes and "GE" not in codes:
            return _PLAIN
        return cls(
            caucasian="GE" in codes and _is_caucasian([word for part in parts for word in part.tokens.words]),
            amman="OM" in codes and any(_is_amman(part, jordanian="JO" in codes) for part in parts),
            towns=_towns(parts) if "US" in codes else frozenset(),
            seats=_seats(parts),
        )

    def code_of(self, hit: Hit) -> str:
        return "JO" if self.amman and hit.name.words == (_OMAN,) else hit.name.code


_PLAIN = Senses(caucasian=False, amman=False, towns=frozenset(), seats=frozenset())
_TWO_SENSES = _ALSO_TOWNS | _SEATS.keys()


def _towns(parts: Sequence[Part]) -> frozenset[str]:
    """The words that the text uses for a town in America."""
    return frozenset(
        part.tokens.words[hit.first]
        for part in parts
        for number, hit in enumerate(part.hits)
        if part.tokens.words[hit.first] in _ALSO_TOWNS and _in_america(part.tokens, part.hits, number)
    )


def _seats(parts: Sequence[Part]) -> frozenset[str]:
    """The towns that stand for an organisation: it is named in the text, and nothing else of the town's country is."""
    words = {hit.name.words[-1] for part in parts for hit in part.hits if hit.name.words[-1] in _SEATS}
    if not words:
        return frozenset()
    named = {hit.name.code for part in parts for hit in part.hits if hit.name.words[-1] not in _SEATS}
    seats = {hit.name.words[-1] for part in parts for hit in part.hits if hit.name.code not in named} & words
    return frozenset(w for w in seats if any(not _SEATS[w].isdisjoint(part.tokens.words) for part in parts))


def is_meant(tokens: Tokens, hits: list[Hit], number: int, senses: Senses) -> bool:
    """Whether hit ``number`` means its country, and not a person, a bird, an amount or a state of America."""
    hit = hits[number]
    if hit.first != hit.last:
        return True
    word, text = tokens.words[hit.first], tokens.text
    if word in _AFTER_AMOUNT and hit.name.kind == "m":
        return _AMOUNT.search(text, max(0, hit.start - 12), hit.start) is not None
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
        return senses.caucasian
    if word in senses.towns:
        return False
    if tokens.words[hit.first - 1] in _TITLES_OF_PERSONS and _neighbour(tokens, hit.first, hit.first - 1):
        return False
    if word == "turkey":
        return _neighbour(tokens, hit.first, hit.first - 1) not in _BIRD_BEFORE
    return True


def _neighbour(tokens: Tokens, at: int, beside: int) -> str | None:
    """The word at ``beside``, next to the one at ``at``, where nothing but a blank or a full stop is between."""
    left, right = sorted((at, beside))
    if left < 0 or right >= len(tokens.words) or tokens.text[tokens.end(left) : tokens.start(right)].strip(" .\u00a0"):
        return None
    return tokens.words[beside]


def _in_america(tokens: Tokens, hits: list[Hit], number: int) -> bool:
    """Whether a state of the United States follows behind a comma: "Paris, Texas", "Moscow, Idaho"."""
    hit = hits[number]
    after = hit.last + 1
    if after >= len(tokens.words) or not tokens.text.startswith(",", hit.end):
        return False
    if tokens.words[after] in _US_STATES_SHORT and tokens.text[tokens.start(after)].isupper():
        return tokens.text[tokens.end(after) : tokens.end(after) + 1] == "."
    if number + 1 == len(hits) or hits[number + 1].first != after:
        return False
    state = hits[number + 1]
    if hit.name.kind == "n":
        return tokens.words[hit.first] in _ALSO_TOWNS and state.name.kind == "p" and _is_a_town(tokens, hit, state)
    return hit.name.kind == "p" and (
        (state.name.code == "US" and state.name.kind == "p") or tokens.words[after] == "georgia"
    )


def _is_a_town(tokens: Tokens, hit: Hit, state: Hit) -> bool:
    """Whether town and state stand together and apart from the rest: "in Lebanon, Pennsylvania, was"; not a list."""
    before = tokens.words[hit.first - 1] if hit.first else ""
    behind = tokens.text[state.end : state.end + 1]
    return state.name.code == "US" and before in _BEFORE_TOWN and behind in {"", ",", ".", ";", ")", "\n"}


def _is_amman(part: Part, *, jordanian: bool) -> bool:
    """Whether the Arabic word for Oman and Amman is the town in this part: Jordan is named, Oman by this word alone."""
    words = part.tokens.words
    if not jordanian or _SULTANATE in words:
        return False
    return all(hit.name.code != "OM" or hit.name.words == (_OMAN,) for hit in part.hits)


def _is_caucasian(words: list[str]) -> bool:
    """Whether "Georgia" is the country: more words of the Caucasus than of the American South, or none of either."""
    american = sum(word in _GEORGIA_IN_AMERICA for word in words)
    return sum(word in _GEORGIA_IN_CAUCASUS for word in words) > american or american == 0
