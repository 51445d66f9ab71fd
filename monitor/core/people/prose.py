"""Persons in running text: a role before a name, behind it, or before it with a comma."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.core.people.lines import Line, Span
from monitor.core.people.names import plain
from monitor.core.people.roles import ABBREVIATIONS, ARTICLES, TITLES
from monitor.core.places import country_of_demonym, place_code
from monitor.model import Person

_INITIAL_LAST = re.compile(r"(?:\b[A-Z]|Jr|Sr)\.$")
_BEFORE_PLACE = frozenset(["of", "at", "for", "in"])
_IN_FIELD = frozenset(["of", "for", "the", "and", "&"])
_FIELDS = frozenset(
    """
    affairs intelligence security services policy trade control operations relations rights development defense
    defence resources protection management enforcement research health education justice finance
    """.split()
)
"""Last words of the fields that an office is for, behind which a name may follow."""
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
    if name is None and body is None:
        first = _behind_article(line, first)
        role, name = (first, last), _name_before(line, first)
    if name is not None:
        end = last
        if body is None:
            end, body = line.body_behind(last)
        return end, name, _person(line, name, role, body)
    return _beside_comma(line, role, body) or _behind_its_field(line, role)


def _beside_comma(line: Line, role: Span, body: str | None) -> _Found | None:
    """The name behind role, place and comma: "the group's new director in Rome, Ana Ruiz, said"."""
    first, last = role
    comma, place = last + 1, None
    if comma < len(line) and line.low[comma] in _BEFORE_PLACE:
        end, place = line.body_behind(last)
        comma = end + 1
        place = place if place and (line.low[last + 1] != "in" or place[0].isupper()) else None
    if comma + 1 >= len(line) or line.words[comma] != ",":
        return None
    name = line.name_from(comma + 1)
    if name is None or name[0] == name[1] or not _is_closed(line, name[1]):
        return None
    for k in (first - 1, first - 2):
        if k < 1 or not line.is_joined(k) or not line.words[k].isalpha() or not line.words[k].islower():
            break
        if line.low[k] not in _BEFORE_ROLE and _is_determined(line, k, named=False):
            first = k + (line.low[k] == "new")
            _, body = line.body_before(k)
            return name[1], name, _person(line, name, (first, last), body or place)
    return (name[1], name, _person(line, name, role, body or place)) if _is_determined(line, first) else None


def _behind_its_field(line: Line, role: Span) -> _Found | None:
    """The name behind the field of a role, where the last word of the field shows that it ends there: "Under Secretary
    of the Treasury for Terrorism and Financial Intelligence Ana Ruiz".
    """
    last = role[1]
    if not line.is_cap(last) or not line.is_joined(last) or line.low[last + 1] not in {"of", "for"}:
        return None
    start = k = last + 2 + (last + 2 < len(line) and line.low[last + 2] == "the")
    while k < min(len(line) - 1, last + 14) and line.is_joined(k - 1) and (line.is_cap(k) or line.low[k] in _IN_FIELD):
        ends_there = line.low[k - 1] in _FIELDS or (k - start < 4 and place_code(line.between(start, k - 1), "en"))
        name = line.name_from(k) if k > start and ends_there else None
        if name is not None and name[0] == k < name[1]:
            return name[1], name, _person(line, name, role, line.between(start, k - 1))
        k += 1
    return None


def _takes_surname(line: Line, role: Span) -> bool:
    """Whether it is an office before which a surname alone is usual: President X, Sen. X, Foreign Minister X."""
    first, last = role
    return line.is_cap(first) and line.is_cap(last) and (line.low[last] in TITLES or line.low[last] in ABBREVIATIONS)


def _behind_article(line: Line, first: int) -> int:
    """Where a role begins whose words are not all known: right behind its article, "a threat analyst at Emsisoft"."""
    k = first - 1
    while k > max(0, first - 4) and line.words[k].isalpha() and line.words[k].islower() and line.low[k] not in ARTICLES:
        k -= 1
    return k + 1 if k >= 0 and line.low[k] in ARTICLES - {"the"} else first


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


def _is_determined(line: Line, first: int, *, named: bool = True) -> bool:
    before = first - 1
    return first > 0 and (line.low[before] in ARTICLES or line.is_possessive(before) or (named and line.is_cap(before)))


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
