"""From a text and its captions to the persons whom it names with a role or office."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate, compress, count

from monitor.core.people.captions import person_in
from monitor.core.people.foreign import GERMAN_OFFICES, office_holders
from monitor.core.people.lines import ROLE_WORDS
from monitor.core.people.prose import persons_in
from monitor.core.people.roles import ABBREVIATIONS, NOT_NAMES, ROLE_HEADS, ROLE_MODIFIERS, ROLES_OTHER, TITLES
from monitor.core.people.uncased import LANGUAGES, office_holders_uncased
from monitor.core.text import Tokens, fold, tokenise
from monitor.model import Person, Text

_TWO_NAMES = re.compile(r"\b([^\W\d_a-z][\w’'-]+)\s+(?:[^\W\d_a-z]\.\s+)?([^\W\d_a-z][\w’-]+)")
_NO_FIRST_NAMES = TITLES | NOT_NAMES | ROLE_HEADS | ABBREVIATIONS | ROLE_MODIFIERS


def people(text: Text, captions: Sequence[str] = ()) -> tuple[Person, ...]:
    """Persons whom body or captions name with a role or office, in order of appearance, each once.

    Read are roles before a name ("Foreign Minister Ana Ruiz"), behind it ("Ana Ruiz, deputy chief of mission at ..."),
    before it with a comma ("the group's director, Ana Ruiz, said"), and captions ("Ana Ruiz Director | Institute"); in
    the languages of ``ROLES_OTHER`` the commonest offices before a name. ``org`` is the body that the text itself gives
    for the role, as written, a demonym as its country. A surname takes the one full name that the text has for it.
    Nothing is inferred.
    """
    found = list(_in_body(text))
    for caption in captions:
        person = person_in(caption)
        found += [person] if person is not None else [each for _, each in persons_in(caption)]
    return _merged(found, text.body)


_GERMAN_ENDS = tuple(map(fold, GERMAN_OFFICES))


@cache
def _signs(language: str) -> frozenset[str]:
    """The first word of each role of a language: a line without any of them holds no role."""
    roles = ROLE_WORDS if language == "en" else ROLES_OTHER.get(language, "").split("|")
    return frozenset(word for role in roles for word in tokenise(role).words[:1])


def _in_body(text: Text) -> Iterator[Person]:
    lines = text.body.split("\n")
    ends = list(accumulate(len(line) + 1 for line in lines))
    tokens, lang = tokenise(text.body), text.lang or ""
    signs = _signs("" if lang == "en" else lang)
    if lang == "de":
        signs |= {word for word in tokens.words if word.endswith(_GERMAN_ENDS)}
    english, other = (_signed(tokens, ends, looked_for) for looked_for in (_signs("en"), signs))
    captions = {number for number, line in enumerate(lines) if "|" in line}
    if lang in LANGUAGES:
        other = {number: [] for number in range(len(lines))}
    for number in sorted(english.keys() | other.keys() | captions):
        line = lines[number]
        captioned = person_in(line) if number in captions else None
        if captioned is not None:
            yield captioned
            continue
        here: list[tuple[int, Person]] = []
        if number in other:
            at = ends[number] - len(line) - 1
            signs_here = [sign - at for sign in other[number]]
            here += office_holders_uncased(line, lang) if lang in LANGUAGES else office_holders(line, lang, signs_here)
        if number in english:
            known = tuple(person.name for _, person in here)
            here += (each for each in persons_in(line) if not (known and each[1].name.endswith(known)))
        yield from (person for _, person in sorted(here, key=lambda each: each[0]))


def _signed(tokens: Tokens, ends: Sequence[int], signs: frozenset[str]) -> dict[int, list[int]]:
    """By the numbers of the lines, given by their ends, where in the text one of the words stands."""
    found: dict[int, list[int]] = {}
    if signs.isdisjoint(tokens.words):
        return found
    for number in compress(count(), map(signs.__contains__, tokens.words)):
        start = tokens.start(number)
        found.setdefault(bisect_right(ends, start), []).append(start)
    return found


def _merged(found: Sequence[Person], body: str) -> tuple[Person, ...]:
    """Each person once, under the fullest name, with the first role; or with a later one that has a body."""
    full = _full_names(body) if any(" " not in person.name for person in found) else {}
    by_surname: dict[str, list[int]] = {}
    persons: list[Person] = []
    for each in found:
        names = full.get(each.name, ())
        person = replace(each, name=next(iter(names))) if len(names) == 1 else each
        mine = fold(person.name).split() or [person.name]
        known = by_surname.setdefault(mine[-1], [])
        twin = next((i for i in known[:_MOST_NAMESAKES] if _is_same(fold(persons[i].name).split(), mine)), None)
        if twin is None:
            known.append(len(persons))
            persons.append(person)
            continue
        longer = max(person.name, persons[twin].name, key=len)
        better = person if persons[twin].org is None and person.org is not None else persons[twin]
        persons[twin] = replace(better, name=longer)
    return tuple(persons)


_MOST_NAMESAKES = 20
"""So many persons of one surname are told apart in one text; a list of more is no article."""
_PATRONYMIC = frozenset({"bin", "ibn", "bint"})
"""A father's name follows: the last word is no surname."""


def _is_same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two folded names with one surname are of one person, as far as first names are given."""
    if len(one) < 2 or len(other) < 2:
        return len(one) == len(other) or _PATRONYMIC.isdisjoint([*one, *other])
    return one[0] == other[0]


def _full_names(body: str) -> dict[str, set[str]]:
    """Surname to the names of two words or more in the body that end with it."""
    names: dict[str, set[str]] = {}
    at = 0
    while (found := _TWO_NAMES.search(body, at)) is not None:
        at = found.start(2)
        first, last = found[1], found[2]
        if first[0].isupper() and last[0].isupper() and fold(first) not in _NO_FIRST_NAMES:
            names.setdefault(last.removesuffix("’s"), set()).add(" ".join(found[0].removesuffix("’s").split()))
    return names
