"""The names of countries and of places that stand for them, as one trie of folded words for the language of a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Kind = Literal["n", "d", "p", "m", "x"]
"""Name; demonym or adjective; place that stands for its country; money or legal form; phrase of no country."""


def _endings(listed: str) -> frozenset[str]:
    return frozenset(listed.split()) | {""}


_ENDINGS = {
    "cy": _endings(
        "а у ом ем е ы и ой ою ю я ей ею ам ах ами ям ях ями ью ь й і ї єю ів ев ов еві ові і ія ії ію ією "
        "ая ую ого ому ым ое ые ых ыми ий ий его ему им ее ие их ими ый ої ій им ою ьої их ими "
        "ның нің дың дің да де та те дан ден тан тен ға ге қа ке ны ні ды ді ти дағы дегі "
        "нинг да дан га ни даги лик ликлар лар иялик ия ию ии ией ию еи ець ців цы цев ец ца цу цем"
    ),
    "ko": _endings(
        "은 는 이 가 을 를 의 에 에서 에게 과 와 도 로 으로 에는 에도 이나 나 만 측 인 인들 군 산 의회 정부 발 행"
    ),
    "pl": _endings("a u y i e o em om ie ii ie ia owi om ami ach ych im ich iej ego emu ej ow ke ce ku cow c k ow ou"),
    "tr": _endings(
        "in nin un nun i yi u yu e ye a ya de da te ta den dan ten tan le la yle yla deki daki teki taki li lu lilar "
        "liler lilerin lar ler larin lerin lara lere nda nde ndan nden na ne ca ce"
    ),
    "uz": _endings("ning da dan ga ka ni dagi lik liklar liklarning lar larning larni cha gacha dir da ham niki"),
    "hu": _endings("ban ben ba be bol bol nak nek ra re rol rol val vel hoz hez on en t ot et ert i tol tol"),
    "fi": _endings("n a an en in ssa sta lla lta lle ksi na nsa"),
    "s": _endings("s"),
    "de": _endings("e er en es em n s in innen"),
}
"""Endings that may follow the stem of a name, by class. A class is a group of languages that inflect alike."""
_LONGEST_ENDING = 9
_APOSTROPHE = frozenset({"tr", "az"})
"""Languages that set the endings of a name apart by an apostrophe: "İstanbul'da", "ABD'nin"."""
_PREFIXES: dict[str, tuple[str, ...]] = {
    "و": ("وال", "ول", "وب", "و"),
    "ب": ("بال", "ب"),
    "ف": ("فال", "ف"),
    "ك": ("كال", "ك"),
    "ل": ("لل", "ل"),
    "ו": ("וב", "ול", "ומ", "וה", "ו"),
    "ב": ("ב",),
    "ל": ("ל",),
    "מ": ("מ",),
    "ה": ("ה",),
    "ש": ("ש",),
}
"""Arabic and Hebrew conjunctions, prepositions and articles written together with the name, by first letter."""


@dataclass(frozen=True, slots=True)
class Name:
    """One entry: ``words`` are the keys that must follow one another."""

    code: str
    kind: Kind
    words: tuple[str, ...]
    small: bool
    capitals: bool


class Keys(dict[str, str]):
    """A memo of bounded size over the endings. ``suffixes`` are those that a language writes behind an apostrophe,
    ``suffixed`` the words met that are a name only with one.
    """

    FULL = 100_000

    def __init__(self) -> None:
        super().__init__()
        self.known: set[str] = set()
        self.stems: dict[str, list[tuple[str, frozenset[str]]]] = {}
        self.suffixes: frozenset[str] = frozenset()
        self.suffixed: set[str] = set()

    def __missing__(self, word: str) -> str:
        key = self._find(word)
        if len(self) >= self.FULL:
            self.clear()
        self[word] = key
        return key

    def _find(self, word: str) -> str:
        if word in self.known:
            return word
        for cut in range(min(_LONGEST_ENDING, len(word) - 1)):
            stem = word[: len(word) - cut]
            for base, endings in self.stems.get(stem, ()):
                if word[len(stem) :] in endings:
                    return base
        for cut in range(1, min(_LONGEST_ENDING, len(word) - 2) if self.suffixes else 0):
            if word[-cut:] in self.suffixes and word[:-cut] in self.known:
                self.suffixed.add(word)
                return word[:-cut]
        for prefix in _PREFIXES.get(word[0], ()):
            rest = word[len(prefix) :]
            if len(rest) < 3 or not word.startswith(prefix):
                continue
            for candidate in (rest, "ال" + rest):  # an article, kept in "bal-", swallowed in "lil-"
                if candidate in self.known and (candidate is rest or "ل" in prefix):
                    return candidate
        return ""


ALONE = ""
"""Stands for the second word of names of one word."""
_NameBySecond = dict[str, list[Name]]


class _Beginning(dict[str, _NameBySecond | None]):
    """The names that may begin with a word as it is written, by their second word, longest first; those of one word
    are in each list, and by themselves under `ALONE`. A memo like that of the keys.
    """

    def __init__(self, names: dict[str, list[Name]], keys: Keys) -> None:
        super().__init__()
        self._names, self._keys = names, keys

    def __missing__(self, word: str) -> _NameBySecond | None:
        names = self._names.get(self._keys[word])
        found = _by_second(names) if names else None
        if len(self) >= self._keys.FULL:
            self.clear()
        self[word] = found
        return found


def _by_second(names: list[Name]) -> _NameBySecond:
    alone = [name for name in names if len(name.words) == 1]
    found: _NameBySecond = {ALONE: alone}
    for name in names:
        if len(name.words) > 1:
            found.setdefault(name.words[1], []).append(name)
    return {second: listed if second == ALONE else listed + alone for second, listed in found.items()}


@dataclass(slots=True)
class Gazetteer:
    """Names by their first word, longest first; ``keys`` maps an inflected word to the word of an entry, or to "";
    ``beginning`` maps it to the names that begin with it.
    """

    names: dict[str, list[Name]] = field(default_factory=dict)
    keys: Keys = field(default_factory=Keys)
    beginning: _Beginning = field(init=False)

    def __post_init__(self) -> None:
        self.beginning = _Beginning(self.names, self.keys)

    def whole(self, words: tuple[str, ...]) -> Name | None:
        """The entry that is exactly these folded words, inflected or not."""
        keys = tuple(self.keys[word] for word in words)
        return next((name for name in self.names.get(keys[0], ()) if name.words == keys), None) if keys else None


@cache
def _lines() -> tuple[list[str], list[str]]:
    lines = files("monitor.data.places").joinpath("gazetteer.tsv").read_text("utf-8").splitlines()
    titles = [line for line in lines if line[0] == "="]
    return titles, lines[len(titles) :]


@cache
def english_names() -> dict[str, str]:
    """ISO 3166-1 alpha-2 to the usual English name; with XK for Kosovo."""
    return dict(line[1:].split("\t") for line in _lines()[0])


@cache
def codes_by_name() -> dict[str, str]:
    """Folded name in any language, words set apart by blanks, to the code of its country; English before the others."""
    codes: dict[str, str] = {}
    for line in sorted(_lines()[1], key=lambda line: "*" not in line.split("\t", 3)[2]):
        code, kind, _, _, words = line.split("\t")
        if kind == "n":
            codes.setdefault(" ".join(word.rpartition("/")[2] for word in words.split(" ")), code)
    return codes


@cache
def words_of_countries() -> frozenset[str]:
    """Folded words in any language that name a country, its people or a city that stands for it, of inflected ones the
    part that stays.
    """
    words: set[str] = set()
    for line in _lines()[1]:
        _, kind, _, _, listed = line.split("\t")
        if kind in ("n", "d", "p"):
            words.update(word.partition("~")[0] for word in listed.split(" "))
    return frozenset(words)


def gazetteer(language: str | None) -> Gazetteer:
    """The names to look for in a text of this language; without one, those that are safe in any language."""
    return _build(language if language in LANGUAGES else "")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


LANGUAGES = _words(
    """
    en es fr de pt it nl sv da nb fi pl cs sk hu ro hr sl et lv lt tr az uz id vi ms ca sw so sq
    """
)
"""Languages in Latin script that bring names of their own; names in other scripts are looked for in every text."""


@cache
def _build(language: str) -> Gazetteer:
    result = Gazetteer()
    keys = result.keys
    keys.suffixes = _ENDINGS["tr"] if language in _APOSTROPHE else frozenset()
    english = language in {"en", ""}
    for line in _lines()[1]:
        code, kind, scopes, flags, words = line.split("\t")
        if scopes != "*" and not (
            (scopes == "en" and english) or scopes[:2] == "*," or (language and language in scopes.split(","))
        ):
            continue
        parts = []
        for word in words.split(" "):
            stem, tilde, rest = word.partition("~")
            if tilde:
                ending, _, base = rest.partition("/")
                keys.stems.setdefault(stem, []).append((base, _ENDINGS[ending]))
                keys.known.add(base)
                parts.append(base)
            else:
                keys.known.add(word)
                parts.append(word)
        name: Any = Name(code, kind, tuple(parts), "i" in flags, "A" in flags)  # type: ignore[arg-type]
        result.names.setdefault(parts[0], []).append(name)
    for names in result.names.values():
        if len(names) > 1:
            names.sort(key=lambda name: -len(name.words))
    return result
