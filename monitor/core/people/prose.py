"""Persons in running text: a role before a name, behind it, or before it with a comma."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.core.people.lines import Line, Span
from monitor.core.people.names import plain
from monitor.core.people.roles import ABBREVIATIONS, ARTICLES, TITLES
from monitor.core.places import country_of_demonym
from monitor.model import Person

_INITIAL_LAST = re.compile(r"(?:\b[A-Z]|Jr|Sr)\.$")
_BEFORE_ROLE = ARTICLES | {"who", "is", "was", "as"}


def persons_in(text: str) -> Iterator[tuple[int, Person]]:
    """Offset and person of each name with a role in a line of English text."""
    line = Line(text)
    free = 0
    for head in line.roles():
        if head < free:
            continue
        role = line.role_around(head)
        free = role[1] + 1
        found = _named_by(line, role)
        if found is not None:
            last, name, person = found
            free = last + 1
            yield line.spans[name[0]][0], person


_Found = tuple[int, Span, Person]
"""The last token that was used, the name, the person."""


def _named_by(line: Line, role: Span) -> _Found | None:
    first, last = role
    body_first, body = line.body_before(first)
    name = line.name_from(last + 1) if line.is_joined(last) and line.words[last][-1] not in "'’" else None
    if name is not None:
        if name[0] == name[1] and not _takes_surname(line, role):
            return None
        return name[1], name, _person(line, name, role, body)
    name = _name_before(line, body_first)
    if name is not None:
        end = last
        if body is None:
            end, body = line.body_behind(last)
        return end, name, _person(line, name, role, body)
    if last + 2 < len(line) and line.words[last + 1] == "," and _is_determined(line, first):
        name = line.name_from(last + 2)
        if name is not None and name[1] > name[0] and _is_closed(line, name[1]):
            return name[1], name, _person(line, name, role, body)
    return None


def _takes_surname(line: Line, role: Span) -> bool:
    """Whether it is an office before which a surname alone is usual: President X, Sen. X, Foreign Minister X."""
    first, last = role
    return line.is_cap(first) and line.is_cap(last) and (line.low[last] in TITLES or line.low[last] in ABBREVIATIONS)


def _name_before(line: Line, first: int) -> Span | None:
    """The name before a role or its body, a comma or bracket between: "Ana Ruiz, 45, a senior adviser"."""
    k = first - 1
    while k >= 0 and line.low[k] in _BEFORE_ROLE:
        k -= 1
    if k < 2 or line.words[k] not in {",", "(", "—", "–"}:
        return None
    k -= 1
    if line.words[k][0].isdigit() and line.words[k - 1] == ",":
        k -= 2
    elif line.words[k] == ")":
        opened = next((i for i in range(k, max(0, k - 12), -1) if line.words[i] == "("), 0)
        k = opened - 1
    return line.name_until(k)


def _is_determined(line: Line, first: int) -> bool:
    return first > 0 and (line.low[first - 1] in ARTICLES or line.is_possessive(first - 1) or line.is_cap(first - 1))


def _is_closed(line: Line, last: int) -> bool:
    following = line.low[last + 1] if last + 1 < len(line) else ""
    return following in {"", ",", ";", ":", ")", "—", "–", "said", "says", "told", "and"}


def _person(line: Line, name: Span, role: Span, body: str | None) -> Person:
    who, what = plain(line.between(*name)).rstrip("'’"), line.between(*role)
    if who.endswith(".") and not _INITIAL_LAST.search(who):
        who = who[:-1]
    if what.endswith(".") and line.low[role[1]] not in ABBREVIATIONS:
        what = what[:-1]
    if what in {"Sens.", "Reps.", "Govs."}:
        what = what[:-2] + "."
    return Person(who, what, (country_of_demonym(body) or body) if body else None)
