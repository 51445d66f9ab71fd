"""Do two texts report one event? Judged by what they name in headline and opening, and in pairs.

A frequent name says little (every third report of a day has the president's), a *pair* of neighbouring words that two
texts share says much: pairs do the work of a table of word frequencies, which would have to be learnt per language and
grows old. Features are words and unordered pairs of neighbouring words, without commonplace ones; weights are
1 + ln(count), where a word of the headline counts four times and one of the first 60 three times; the likeness is the cosine (Salton 1971).
Words are cut to six letters, which is stem enough for inflected languages, and Cyrillic is written in Latin letters, so
that names meet across scripts.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from monitor.core.duplicates.commonplace import commonplace
from monitor.core.text import is_spaceless, tokenise
from monitor.model import Candidate

WINDOW = timedelta(days=7)
"""A report joins a story whose reports are at most so old."""

_STEM = 6
_YEAR = re.compile(r"(?:19|20)\d\d")
_OPENING_CHARACTERS, _OPENING_WORDS, _LEAD_WORDS = 2_000, 200, 60
_TITLE, _LEAD = 4, 2

_LATIN = str.maketrans("абвгґғдезийікқлмнңоөпрстуүұўфҳһыэәјћ", "abvgggdeziyikqlmnnooprstuuuofhhyeajc") | str.maketrans(
    {
        "ё": "yo",
        "є": "ye",
        "ж": "zh",
        "ї": "yi",
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ъ": "",
        "ь": "",
        "ю": "yu",
        "я": "ya",
        "љ": "lj",
        "њ": "nj",
        "ђ": "dj",
        "џ": "dz",
    }
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a text names: the weight of each feature, the Euclidean norm, and the full word that a stem stands for."""

    weights: dict[str, float]
    norm: float
    shown: dict[str, str]

    @property
    def strongest(self) -> list[str]:
        """All features, the heaviest first, in a stable order."""
        return sorted(self.weights, key=lambda feature: (-self.weights[feature], feature))

    @property
    def numbers(self) -> frozenset[str]:
        """Numbers of two digits or more that are no years."""
        return frozenset(f for f in self.weights if f.isdecimal() and len(f) > 1 and not _YEAR.fullmatch(f))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two reports are (0..1), whether that is enough for one event, and what they share, in words."""

    similarity: float
    same: bool
    why: str


def romanise(word: str) -> str:
    return word if word.isascii() else word.translate(_LATIN)


def profile(title: str, text: str) -> Profile:
    """The profile of a report; only its title and first 200 words are read."""
    return _profile(title, text[:_OPENING_CHARACTERS])


@lru_cache(maxsize=1024)
def _profile(title: str, opening: str) -> Profile:
    counts: Counter[str] = Counter()
    shown: dict[str, str] = {}
    words = tokenise(opening).words[:_OPENING_WORDS]
    for run, weight in ((tokenise(title).words, _TITLE), (words, 1), (words[:_LEAD_WORDS], _LEAD)):
        _count(run, weight, counts, shown)
    weights = {feature: 1 + math.log(count) for feature, count in counts.items()}
    return Profile(weights, math.sqrt(sum(w * w for w in weights.values())), shown)


def _count(words: list[str], weight: int, counts: Counter[str], shown: dict[str, str]) -> None:
    ignored = commonplace()
    before = ""
    for word in words:
        if word in ignored:
            continue
        single = len(word) == 1
        if single and not is_spaceless(word):
            continue
        if single and "\u3040" <= word <= "\u309f":  # Hiragana: inflection and particles
            before = ""
            continue
        stem = romanise(word)[:_STEM]
        if not single:
            counts[stem] += 2 * weight if stem[0].isdecimal() else weight
            shown.setdefault(stem, word)
        if before:
            pair = f"{before} {stem}" if before < stem or single else f"{stem} {before}"
            counts[pair] += weight
        before = stem


def likeness(a: Candidate, b: Candidate, gap: timedelta | None) -> Likeness:
    """Do ``a`` and ``b``, published ``gap`` apart (``None``: not known), report one event?"""
    if gap is not None and gap > WINDOW:
        return Likeness(0.0, False, f"{gap.days} days apart")
    first, second = profile(a.title, a.text), profile(b.title, b.text)
    if a.lang and b.lang and a.lang != b.lang:
        return _across_languages(a, b, first, second, gap)
    small, large = sorted((first, second), key=lambda p: len(p.weights))
    common = [f for f in small.weights if f in large.weights]
    if not common:
        return Likeness(0.0, False, "no word in common")
    product = sum(small.weights[f] * large.weights[f] for f in common)
    similarity = min(1.0, product / (small.norm * large.norm))
    same = similarity >= threshold(gap) and len(common) >= 3
    return Likeness(similarity, same, _named(common, first, second))


def threshold(gap: timedelta | None) -> float:
    """The least likeness of two reports of one event: 0.19 within a day, rising to 0.37 after a week."""
    days = 1.0 if gap is None else gap / timedelta(days=1)
    return 0.19 + 0.03 * max(0.0, days - 1)


def _across_languages(a: Candidate, b: Candidate, first: Profile, second: Profile, gap: timedelta | None) -> Likeness:
    """Two languages share names, countries, numbers: at least two kinds of these and five points, within two days."""
    shared = first.weights.keys() & second.weights.keys()
    names = {feature for feature in shared if feature.isalpha() and len(feature) > 4}
    people = surnames(a.people) & surnames(b.people)
    numbers = first.numbers & second.numbers
    countries = set(a.countries[:4]) & set(b.countries[:4])
    names -= {person[:_STEM] for person in people}
    points = min(len(names), 4) + 2 * min(len(people), 3) + 1.5 * min(len(numbers), 3) + min(len(countries), 2)
    kinds = bool(names or people) + bool(numbers) + bool(countries)
    soon = gap is None or gap <= timedelta(days=2)
    spelt = sorted(first.shown.get(name, name) for name in names)
    told = [*sorted(people), *spelt[:4], *sorted(numbers)[:3], *sorted(countries)]
    why = f"in {a.lang} and {b.lang}, both name {', '.join(told)}" if told else "no name in common"
    return Likeness(min(1.0, points / 12), soon and points >= 5 and kinds >= 2, why)


def surnames(people: tuple[str, ...]) -> frozenset[str]:
    """The last words of names, folded and in Latin letters."""
    last = (tokenise(name).words[-1:] for name in people)
    return frozenset(romanise(words[0]) for words in last if words and len(words[0]) > 2)


def _named(common: list[str], first: Profile, second: Profile) -> str:
    """The heaviest common features as a reader would write them."""
    common.sort(key=lambda f: (-first.weights[f] * second.weights[f] * (2 if " " in f else 1), f))
    told: list[str] = []
    for feature in common:
        stems = feature.split(" ")
        words = [first.shown.get(stem, stem) for stem in stems]
        if not any(word in told for word in words):
            told += words if len(words[0]) > 1 else ["".join(words)]
        if len(told) >= 6:
            break
    return f"both name {', '.join(told)}"
