"""What a text names, so that reports can be compared by it.

Features are words and unordered pairs of neighbouring words, without commonplace ones. The weight is 1 + ln(count),
where a word of the headline counts four times and one of the first 60 three times. Words are cut to six letters, which
is stem enough for inflected languages, and Cyrillic is written in Latin letters, so that names meet across scripts.
Names are words with a capital inside a sentence; where a script has no capitals this says nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from monitor.core.duplicates.commonplace import commonplace
from monitor.core.text import is_spaceless, tokenise
from monitor.model import Candidate

STEM = 6
_LINE = 20
_YEAR = re.compile(r"(?:19|20)\d\d")
_INSIDE = re.compile(r"(?<=[^\s.!?…:;\"”»] )[^\W\d_][\w'’]*")
"""Words that do not begin a sentence or a line."""

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
    """What a text names: its features, the weight of each, the Euclidean norm, the full word that a stem stands for.

    Also its lines, the features of its headline and the stems among them, the stems that are names, and whether it is
    more numbers than prose.
    """

    features: frozenset[str]
    weights: dict[str, float]
    norm: float
    shown: dict[str, str]
    lines: frozenset[str]
    headline: frozenset[str]
    title: frozenset[str]
    names: frozenset[str]
    table: bool

    @property
    def headed(self) -> frozenset[str]:
        """The names in the headline."""
        return self.title & self.names

    @property
    def strongest(self) -> list[str]:
        """All features, the heaviest first, in a stable order."""
        return sorted(self.weights, key=lambda feature: (-self.weights[feature], feature))

    @property
    def numbers(self) -> frozenset[str]:
        """Numbers of two digits or more that are no years."""
        return frozenset(f for f in self.weights if f.isdecimal() and len(f) > 1 and not _YEAR.fullmatch(f))


def romanise(word: str) -> str:
    """A word in Latin letters, as far as the alphabet of the neighbours is known."""
    return word if word.isascii() else word.translate(_LATIN)


def profile(title: str, text: str) -> Profile:
    """The profile of a report; only its title and first 200 words are read. A line that stands there twice is a share
    button or a caption, and is left out.
    """
    return _profile(title, text[:_OPENING_CHARACTERS])


class _Recent:
    """Profiles by title and opening: the last ``_KEPT`` at least, twice as many at most (some 30 kB each). A report is
    compared with those of its day many times over.
    """

    def __init__(self) -> None:
        self._young: dict[tuple[str, str], Profile] = {}
        self._old: dict[tuple[str, str], Profile] = {}

    def get(self, key: tuple[str, str]) -> Profile | None:
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: tuple[str, str], found: Profile) -> None:
        if len(self._young) >= _KEPT:
            self._old, self._young = self._young, {}
        self._young[key] = found


_KEPT = 512
_recent = _Recent()


def remember(article: Candidate, named: Profile) -> None:
    """Keep the profile of a report for those that it is compared with next."""
    _recent.put((article.title, article.text[:_OPENING_CHARACTERS]), named)


def _profile(title: str, opening: str) -> Profile:
    found = _recent.get((title, opening))
    if found is None:
        found = _read(title, opening)
        _recent.put((title, opening), found)
    return found


def _read(title: str, opening: str) -> Profile:
    counts: Counter[str] = Counter()
    shown: dict[str, str] = {}
    lines = Counter(opening.split("\n"))
    if len(lines) < opening.count("\n") + 1:
        opening = "\n".join(line for line in lines if lines[line] == 1)
    words = tokenise(opening).words[:_OPENING_WORDS]
    heading = tokenise(title).words
    _count(heading, _TITLE, counts, shown)
    headline = frozenset(counts)
    for run, weight in ((words, 1), (words[:_LEAD_WORDS], _LEAD)):
        _count(run, weight, counts, shown)
    weights = {feature: 1 + math.log(count) for feature, count in counts.items()}
    capitals = " ".join(word for word in _INSIDE.findall(opening) if word[0].isupper())
    return Profile(
        features=frozenset(weights),
        weights=weights,
        norm=math.sqrt(sum(w * w for w in weights.values())),
        shown=shown,
        lines=frozenset(line for line in lines if len(line) >= _LINE),
        headline=headline,
        title=frozenset(feature for feature in headline if " " not in feature),
        names=frozenset(map(stem_of, tokenise(capitals).words)) & weights.keys(),
        table=sum(word[0].isdecimal() for word in words) * 4 > len(words),
    )


def without(article: Candidate, furniture: frozenset[str]) -> Profile:
    """The profile without the lines that another article of the same site has too."""
    lines = article.text[:_OPENING_CHARACTERS].split("\n")
    return _profile(article.title, "\n".join(line for line in lines if line not in furniture))


def stem_of(word: str) -> str:
    return romanise(word)[:STEM]


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
        stem = stem_of(word)
        if not single:
            counts[stem] += 2 * weight if stem[0].isdecimal() else weight
            shown.setdefault(stem, word)
        if before:
            pair = f"{before} {stem}" if before < stem or single else f"{stem} {before}"
            counts[pair] += weight
        before = stem
