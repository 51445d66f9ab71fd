"""Personal names as they stand in text: where a run of capitalised words is the name, and where a title ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from monitor.core.people.roles import HONORIFICS, NOT_NAMES, OFFICES_OF, ROLE_HEADS, ROLES_OTHER

TITLES = (
    ROLE_HEADS | HONORIFICS | {role for roles in ROLES_OTHER.values() for role in roles.split("|") if " " not in role}
)
"""Words of offices and forms of address before a name, in all languages, in small letters."""
_COMPOUND_TITLE = re.compile(
    r"[\w-]{2,}(?:minister|präsident|kanzler|sprecher|chef|führer|leiter|direktor|sekretär|meister|anwalt|anwält|"
    r"kommissar|botschafter|beauftragte|professor|richter|rätin|expert|forscher|vorsitzende)(?:in|e|er|r)?"
)
"""German compounds whose last part is an office: "Bundesinnenminister", "Geschäftsführerin"."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_LOW_PARTICLES = _words("of for the and de del la le")


def without_titles(words: Sequence[str]) -> int:
    """How many of ``words``, a run before and with a name, are title: 0 where no name would be left."""
    cut = 0
    for index, word in enumerate(words[:-1]):
        plain = word.rstrip(".").lower()
        if word in {"for", "to"}:  # "a spokesman for President Ana Ruiz" is not she
            break
        if plain in TITLES or _COMPOUND_TITLE.fullmatch(plain):
            cut = index + 1
        elif (
            cut == index and cut and plain == "of" and words[index + 1].lower() in OFFICES_OF and index + 2 < len(words)
        ):
            cut = index + 2
    if cut and any(w[0].isupper() for w in words[cut:]):
        while words[cut][0].islower() and words[cut].lower() not in _LOW_PARTICLES:
            cut += 1
    if cut >= len(words) or words[cut].lower() in _LOW_PARTICLES:
        return 0
    return cut


_POSSESSIVE = ("'s", "’s")


def plain(word: str) -> str:
    """The word without a possessive ending or a closing full stop."""
    for ending in _POSSESSIVE:
        if word.endswith(ending):
            return word[: -len(ending)]
    return word


_FULL_NAME = re.compile(r"[A-ZÀ-Þ][\w’'-]+(?: [A-Z]\.)?(?: [A-ZÀ-Þ][\w’'-]+){1,2}")
_OPENING_NAME = re.compile(_FULL_NAME.pattern + r"(?=,| [a-zà-ÿ])")


_IN_WORD = re.compile(r"\w")


class NameIndex:
    """The names of the persons who speak in one text: full names by surname, and where they stand."""

    def __init__(self, body: str, speakers: Sequence[tuple[int, int]]) -> None:
        self._body = body
        surnames = {plain(body[start:end].rsplit(maxsplit=1)[-1]) for start, end in speakers if body[start:end].strip()}
        self._surnames = {s for s in surnames if s[:1].isupper() and len(s) > 1}
        self._full: dict[str, set[str]] = {}
        self._places: list[tuple[int, str]] = []
        if self._surnames:
            places = ((at, surname) for surname in self._surnames for at in _places_of(surname, body))
            free = 0
            for at, surname in sorted(places, key=lambda place: (place[0], -len(place[1]))):
                if at < free:
                    continue  # inside a longer one
                free = at + len(surname)
                self._places.append((at, surname))
                full = _name_before(body, at, surname)
                if " " in full:
                    self._full.setdefault(surname, set()).add(full)

    def full_name(self, speaker: str) -> str | None:
        """The one full name in the text that ends with the speaker's surname, else the speaker, if a full name."""
        last = plain(speaker.rsplit(maxsplit=1)[-1])
        if last not in self._surnames or not speaker[:1].isupper():
            return None
        known = self._full.get(last, set())
        fitting = {name for name in known if name.endswith(speaker)} if " " in speaker else known
        longest = max(fitting, key=len, default=speaker)
        if all(_same(name, longest) for name in fitting):
            return longest
        return speaker if " " in speaker else None

    def only_person_between(self, start: int, end: int) -> str | None:
        """The person named in this stretch of the text, where it is only one."""
        names = {surname for place, surname in self._places if start <= place < end}
        if names:
            return self.full_name(names.pop()) if len(names) == 1 else None
        opening = _OPENING_NAME.match(self._body, start, end)
        if opening is None or _FULL_NAME.search(self._body, opening.end(), end) or not is_personal(opening[0].split()):
            return None
        return opening[0]


def _places_of(word: str, body: str) -> Iterator[int]:
    """Where the word stands, not as a part of another."""
    at = body.find(word)
    while at >= 0:
        end = at + len(word)
        if not _IN_WORD.match(body[at - 1 : at]) and not _IN_WORD.match(body, end):
            yield at
        at = body.find(word, end)


def _same(name: str, longest: str) -> bool:
    """Whether one is the other with parts left out or cut to an initial."""
    mine, theirs = name.split(), longest.split()
    return (
        mine[0][0] == theirs[0][0] and mine[-1] == theirs[-1] and (mine[0] == theirs[0] or "." in mine[0] + theirs[0])
    )


def _name_before(body: str, at: int, surname: str) -> str:
    """The run of capitalised words on the same line that ends with the surname at ``at``, without titles."""
    words = [surname]
    line = body.rfind("\n", max(0, at - 60), at) + 1
    for word in reversed(body[max(line, at - 60) : at].split()):
        if (
            not word[:1].isupper()
            or word[-1] in ',;:)”"»'
            or plain(word) != word
            or (word[-1] == "." and len(word) > 4)
        ):
            break
        words.insert(0, word)
        if len(words) == 5:
            break
    words = words[without_titles(words) :]
    while len(words) > 1 and words[0].lower() in _SENTENCE_STARTS:
        words.pop(0)
    return " ".join(words[-4:])


_SENTENCE_STARTS = _words(
    """
    the a an later earlier but and so or in on at as when while after before if for from with by to of then
    now also this that monday tuesday wednesday thursday friday saturday sunday january february march april
    may june july august september october november december both mr. mrs. ms. dr.
    """
)


def is_personal(words: Sequence[str]) -> bool:
    """Whether these words can be a person's name: capitalised, letters only, no word of institutions or offices."""
    if words[0].rstrip(".").lower() in {"jr", "sr"}:
        return False
    for word in words:
        low = word.rstrip(".").lower()
        if low in NOT_NAMES or low in ROLE_HEADS or not (word[0].isupper() or low in PARTICLES or low[2:3] == "-"):
            return False
        if (
            len(word) > 3
            and word.isupper()
            and word.isalpha()
            and word.isascii()
            and len(words) > 1
            and not all(w.isupper() for w in words)
        ):
            return False
    return True


PARTICLES = _words("de la le del da dos das do van von der den bin ibn al el ben ter zu di du y abu")
