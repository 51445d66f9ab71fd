"""Persons in lines beside pictures: name, role, body, in this order, with little between."""

from __future__ import annotations

import re

from monitor.core.people.lines import Line
from monitor.core.people.names import is_personal
from monitor.core.people.roles import ROLE_HEADS, ROLE_MODIFIERS
from monitor.model import Person

_COLUMNS = re.compile(r"\s*[|•·]\s*")
_LONGEST = 160
_BETWEEN = frozenset(",–—-")


def person_in(caption: str) -> Person | None:
    """The person of "Ana Ruiz Director of research | Institute", "Ana Ruiz | Director", "Ana Ruiz - Director"."""
    if len(caption) > _LONGEST:
        return None
    columns = [column for column in _COLUMNS.split(caption.strip()) if column]
    if not 1 <= len(columns) <= 3:
        return None
    line = Line(columns[0])
    if len(columns) > 1 and 2 <= len(line) <= 5 and is_personal(line.words) and ROLE_HEADS & set(Line(columns[1]).low):
        role, body = _role_and_body(columns[1].strip(" ,."))
        return Person(line.between(0, len(line) - 1), role, columns[2] if len(columns) > 2 else body)
    for k in range(2, min(len(line) - 1, 7)):
        marked = line.words[k] in _BETWEEN
        if not marked and (line.low[k] not in ROLE_HEADS | ROLE_MODIFIERS or len(columns) == 1):
            continue
        if not is_personal(line.words[:k]) or ROLE_HEADS.isdisjoint(line.low[k:]) or (marked and len(line) > 16):
            return None
        role, body = line.text[line.spans[k + marked][0] :].strip(" ,."), columns[1] if len(columns) > 1 else None
        if body is None:
            role, body = _role_and_body(role)
        return Person(line.between(0, k - 1), role, body)
    return None


def _role_and_body(role: str) -> tuple[str, str | None]:
    """A role cut from the body behind it: "Director of the Institute", "Director, Institute"."""
    line = Line(role)
    for k in range(len(line)):
        if line.low[k] not in ROLE_HEADS:
            continue
        _, last = line.role_around(k)
        end, body = line.body_behind(last)
        if body is None and last + 2 < len(line) and line.words[last + 1] == "," and line.is_cap(last + 2):
            body = role[line.spans[last + 2][0] :]
        if body is not None or end == len(line) - 1:
            return line.between(0, last), body
    return role, None
