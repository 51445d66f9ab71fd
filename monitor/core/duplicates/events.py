"""Do two texts report one event? Judged by what they name in headline and opening, and in pairs.

A frequent name says little (every third report of a day has the president's), a *pair* of neighbouring words that two
texts share says much: pairs do the work of a table of word frequencies, which would have to be learnt per language and
grows old. What two texts name is in their `profiles`; the likeness is the cosine of these (Salton 1971).

Reports on two firms' results are alike too: so neither may be headed by names that the other does not have, and two
tables are one event only under much the same headline. Reports that quote one office are alike as well:
so where a headline speaks of nothing that the two share, they must be more alike. Who and where is not enough: a person
with his office, or names alone, make no event; several names make one that is told in other words.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import chain
from operator import mul

from monitor.core.duplicates.profiles import STEM, Profile, profile, remember, romanise, stem_of, without
from monitor.core.places.gazetteer import words_of_countries
from monitor.core.text import tokenise
from monitor.model import Candidate

WINDOW = timedelta(days=7)
"""A report joins a story whose reports are at most so old."""

_TITLES = frozenset(
    {"presid", "prezid", "minist", "secret", "sekret", "genera", "direct", "senato", "commis", "kommis", "nation"}
)
"""Stems that many languages share and that come before many names."""
_LITTLE = 31  # a number that may be a day says little
_BESIDE = 0.35
"""Less than this share beside one name is no event."""
_NEARLY = 0.7
"""So near to the least likeness, names decide."""
_HARDLY = 0.06
"""Half of the least likeness of two reports of one event: lines that both have only add to it."""
_SAID, _UNSAID = 0.05, 1.6
"""Where less than this share of what two reports share stands in a headline, they must be so much more alike."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two reports are (0..1), and how alike they must be to be of one event (1: they cannot be)."""

    similarity: float
    enough: float
    pair: _Pair
    told: str

    @property
    def same(self) -> bool:
        return self.similarity >= self.enough

    @property
    def why(self) -> str:
        """What the two share, in words."""
        if not self.pair.common:
            return "nothing named in common"
        return self.told or _named(self.pair)


def likenesses(
    article: Candidate,
    others: Sequence[Candidate],
    gaps: Sequence[timedelta | None],
    *,
    named: Profile | None = None,
) -> list[Likeness]:
    """How like ``article`` is each of ``others``, published ``gaps`` apart from it (``None``: not known). ``named`` is
    its profile, where that is at hand.

    What many *stories* among ``others`` name says less: its weight is divided by 1 + ln(stories). Stories are counted,
    not articles, for what the thirty reports of one event share is no less telling for that.
    """
    if named is None:
        named = profile(article.title, article.text)
    else:
        remember(article, named)
    pairs = [_pair(article, named, other) for other in others]
    told: defaultdict[int, set[str]] = defaultdict(set)
    for other, pair in zip(others, pairs, strict=True):
        told[other.story_id if other.story_id is not None else -other.article_id] |= pair.common
    stories = Counter(chain.from_iterable(told.values()))
    damping = {feature: (1 + math.log(count)) ** -2 for feature, count in stories.items() if count > 1}
    damped: dict[int, _Damped] = {}
    crowd = len(told)
    found = []
    for other, pair, gap in zip(others, pairs, gaps, strict=True):
        if not pair.common or (gap is not None and gap > WINDOW):
            found.append(Likeness(0.0, 1.0, pair, ""))
        elif article.lang and other.lang and article.lang != other.lang:
            found.append(_across_languages(article, other, pair, gap, damping))
        else:
            own = damped.get(id(pair.first))
            if own is None:
                own = damped[id(pair.first)] = _damped(pair.first, damping)
            like = _within_language(pair, own, damping, threshold(gap, crowd))
            if like.enough * _NEARLY <= like.similarity < like.enough and _names_enough(pair, gap):
                like = replace(like, enough=like.similarity)
            found.append(like)
    return found


@dataclass(frozen=True, slots=True)
class _Pair:
    first: Profile
    second: Profile
    common: frozenset[str]


def _pair(a: Candidate, first: Profile, b: Candidate) -> _Pair:
    second = profile(b.title, b.text)
    common = first.features & second.features
    if a.site is not None and a.site == b.site and not first.lines.isdisjoint(second.lines):
        alike = math.fsum([first.weights[f] * second.weights[f] for f in common])
        if alike >= _HARDLY * first.norm * second.norm:  # else they are of two events, with or without it
            furniture = first.lines & second.lines
            first, second = without(a, furniture), without(b, furniture)
            common = first.features & second.features
    return _Pair(first, second, common)


@dataclass(frozen=True, slots=True)
class _Damped:
    """The weights of a profile, damped, and the norm that goes with them."""

    weights: dict[str, float]
    norm: float


def _damped(named: Profile, damping: Mapping[str, float]) -> _Damped:
    less = {feature: named.weights[feature] * damping[feature] for feature in named.features & damping.keys()}
    return _Damped(named.weights | less, _norm(named, less, damping))


def _within_language(pair: _Pair, own: _Damped, damping: Mapping[str, float], enough: float) -> Likeness:
    weights, common = pair.second.weights, pair.common
    product = math.fsum(map(mul, map(own.weights.__getitem__, common), map(weights.__getitem__, common)))
    cosine = product / (own.norm * _norm(pair.second, common & damping.keys(), damping))
    possible = len(common) >= 3 and not _apart(pair.first, pair.second)
    if possible and enough <= cosine < enough * _UNSAID and _is_unsaid(pair):
        enough *= _UNSAID
    if possible and cosine >= enough and (_is_one_name(pair) or not _says_what(pair)):
        possible = False
    return Likeness(min(cosine, 0.9999), enough if possible else 1.0, pair, "")


def _says_what(pair: _Pair) -> bool:
    """Do the two share a word for what happened, and not only who and where: a number, or a word that is no name?"""
    names = pair.first.names | pair.second.names
    if not pair.first.names or not pair.second.names:
        return True
    return any(" " not in f and f not in names and not _is_country(f) and f not in _TITLES for f in pair.common)


def _is_one_name(pair: _Pair) -> bool:
    """Is nearly all that the two share one name with its office, as of a minister who does two things?"""
    names = pair.first.names & pair.second.names
    if names.isdisjoint(_TITLES):
        return False
    groups = _together({f for f in pair.common if " " not in f}, pair.common)
    named = [group for group in groups if not group.isdisjoint(names)]
    if len(named) != 1 or len(named[0]) < 3 or named[0].isdisjoint(_TITLES):
        return False
    shared = {f: pair.first.weights[f] * pair.second.weights[f] for f in pair.common}
    beside = math.fsum(weight for f, weight in shared.items() if named[0].isdisjoint(f.split(" ")))
    return beside < _BESIDE * math.fsum(shared.values())


def _names_enough(pair: _Pair, gap: timedelta | None) -> bool:
    """Do two reports that are told otherwise name the same? Two names or more, not side by side, that are no country's
    and no office, and a country or a telling number; within two days.
    """
    first, second = pair.first, pair.second
    if gap is None or gap > timedelta(days=2) or first.table or second.table:
        return False
    shared = (first.names & (second.names | second.title)) | (second.names & first.title)
    names = {f for f in shared if len(f) > 4 and f.isalpha() and f not in _TITLES}
    if len(names) < 2 or len(_together({f for f in names if not _is_country(f)}, pair.common)) < 2:
        return False
    telling = any(int(n) > _LITTLE and int(n) % 10 for n in first.numbers & second.numbers)
    return telling or any(" " not in f and _is_country(f) for f in pair.common)


def _is_unsaid(pair: _Pair) -> bool:
    """Does one of the headlines say next to nothing of what the two share? Then they have a source or a form in common
    rather than an event. A report without headline is not asked.
    """
    shared = {f: pair.first.weights[f] * pair.second.weights[f] for f in pair.common}
    least = _SAID * math.fsum(shared.values())
    return any(
        one.headline
        and math.fsum(
            [
                weight
                for feature, weight in shared.items()
                if feature in one.headline or not one.title.isdisjoint(feature.split(" "))
            ]
        )
        < least
        for one in (pair.first, pair.second)
    )


def _norm(named: Profile, damped: Collection[str], damping: Mapping[str, float]) -> float:
    """The norm when the weights of ``damped`` are damped; ``damping`` holds squares."""
    weights = named.weights
    return math.sqrt(named.norm**2 - math.fsum([weights[f] * weights[f] * (1 - damping[f]) for f in damped]))


def threshold(gap: timedelta | None, crowd: int) -> float:
    """The least likeness of two reports of one event: 0.15 within a day, 0.03 more for every further day. Among many
    stories (``crowd``) whatever is common is damped, and 0.12 is enough.
    """
    days = 1.0 if gap is None else gap / timedelta(days=1)
    return 0.12 + 0.04 / (1 + crowd / 2) + 0.03 * max(0.0, days - 1)


def _apart(first: Profile, second: Profile) -> bool:
    """Do the two name different things, however alike they are told?"""
    if first.table and second.table:
        return len(first.title & second.title) < 0.6 * len(first.title | second.title)
    if first.headed and second.headed:
        return first.headed.isdisjoint(second.weights) and second.headed.isdisjoint(first.weights)
    return bool(first.names and second.names) and first.names.isdisjoint(second.names)


def _across_languages(
    a: Candidate, b: Candidate, pair: _Pair, gap: timedelta | None, damping: Mapping[str, float]
) -> Likeness:
    """Two languages share names, countries, numbers: at least two kinds of these and 4.5 points, within two days;
    one person and two countries are not enough.

    A name has a capital in both, where their scripts have any; that of a country or its capital counts as the country
    alone, a title as none, and words that stand together in both ("Foreign Minister X", "the European Union") are one
    name. A table names no event.
    """
    people = {person[:STEM]: person for person in surnames(a.people) & surnames(b.people)}
    names = {feature for feature in pair.common if feature.isalpha() and len(feature) > 4}
    names = {name for name in names if name not in _TITLES and not _is_country(name)}
    for named in (pair.first, pair.second):
        names &= named.names or names
    groups = _together(names | people.keys(), pair.common)
    known = [group for group in groups if not group.isdisjoint(people)]
    others = [group for group in groups if group.isdisjoint(people)]
    numbers = pair.first.numbers & pair.second.numbers
    countries = set(a.countries[:4]) & set(b.countries[:4])

    def points(groups: list[set[str]], most: int) -> float:
        said = [min(1.0, 1.7 * math.sqrt(min(damping.get(name, 1.0) for name in group))) for group in groups]
        return math.fsum(sorted(said)[-most:])

    telling = math.fsum(sorted(0.25 if int(n) <= _LITTLE or int(n) % 10 == 0 else 1.5 for n in numbers)[-3:])
    found = points(others, 4) + 2 * points(known, 3) + telling + min(len(countries), 2)
    kinds = bool(groups) + bool(numbers) + bool(countries)
    possible = kinds >= 2 and (gap is None or gap <= timedelta(days=2)) and not (pair.first.table or pair.second.table)
    spelt = sorted(pair.first.shown.get(name, name) for group in others for name in group)
    told = ", ".join([*sorted(people.values()), *spelt[:4], *sorted(numbers)[:3], *sorted(countries)])
    why = f"in {a.lang} and {b.lang}, both name {told}"
    return Likeness(min(0.9999, found / 12), 4.5 / 12 if possible else 1.0, pair, why)


def _together(names: Collection[str], common: Collection[str]) -> list[set[str]]:
    """``names`` in groups, where those that ``common`` holds as a pair of neighbours are in one."""
    group = {name: {name} for name in names}
    for feature in common:
        first, blank, second = feature.partition(" ")
        if blank and first in group and second in group and group[first] is not group[second]:
            group[first] |= group[second]
            group.update(dict.fromkeys(group[second], group[first]))
    return list({id(members): members for members in group.values()}.values())


def _is_country(stem: str) -> bool:
    known = _country_stems()
    return stem in known or any(stem[:size] in known for size in range(4, STEM) if len(stem) == STEM)


@cache
def _country_stems() -> frozenset[str]:
    return frozenset(stem_of(word) for word in words_of_countries() if len(word) > 3)


def surnames(people: tuple[str, ...]) -> frozenset[str]:
    """The last words of names, folded and in Latin letters."""
    last = (tokenise(name).words[-1:] for name in people)
    return frozenset(romanise(words[0]) for words in last if words and len(words[0]) > 2)


def _named(pair: _Pair) -> str:
    """The heaviest common features as a reader would write them."""

    def weight(feature: str) -> float:
        return pair.first.weights[feature] * pair.second.weights[feature] * (2 if " " in feature else 1)

    told: list[str] = []
    for feature in sorted(pair.common, key=lambda f: (-weight(f), f)):
        words = [pair.first.shown.get(stem, stem) for stem in feature.split(" ")]
        if not any(word in told for word in words):
            told += words if len(words[0]) > 1 else ["".join(words)]
        if len(told) >= 6:
            break
    return f"both name {', '.join(told)}"
