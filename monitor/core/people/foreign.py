"""Offices before a name in languages other than English: "el canciller Juan Ruiz", "министр обороны Иван Петров"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from monitor.core.people.names import is_personal
from monitor.core.people.roles import ROLES_OTHER
from monitor.core.places.gazetteer import gazetteer
from monitor.core.text import fold
from monitor.model import Person

_UPPER = r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻŁŃŅŇŌŐŘŚŠŞȘŤȚŪŮŰŲŹŻŽА-ЯЁІЇЄҐЎҚҒҲ]"
_PART = rf"{_UPPER}[\w’'‘ʻ-]*"
_NAME = rf"{_PART}(?:\s+(?:de|la|del|da|dos|van|von|der|bin|el|al)\b)?(?:\s+{_PART}){{1,3}}"
_COMPLEMENT = {
    "es": r"(?:\s+(?:de|del)(?:\s+(?:la|los|las|el))?\s+[\w’-]+(?:\s+(?:[yde]\s+)?[\w’-]+){0,3}?)?(?:\s*,)?",
    "pt": r"(?:\s+(?:de|do|da|dos|das)\s+[\w’-]+(?:\s+(?:e\s+)?[\w’-]+){0,3}?)?(?:\s*,)?",
    "fr": r"(?:\s+(?:de|du|des|de\s+l[’'])\s*(?:la\s+|l[’'])?[\w’-]+(?:\s+(?:et\s+)?[\w’-]+){0,3}?)?(?:\s*,)?",
    "it": r"(?:\s+(?:di|del|della|degli|dei|dell[’'])\s*[\w’-]+(?:\s+(?:e\s+)?[\w’-]+){0,3}?)?(?:\s*,)?",
    "de": "",
    "ru": r"(?:\s+[\w-]+){0,3}?",
    "uk": r"(?:\s+[\w’'-]+){0,3}?",
    "tr": "",
    "uz": "",
}


@cache
def _pattern(language: str) -> re.Pattern[str]:
    roles = "|".join(sorted((re.escape(r) for r in ROLES_OTHER[language].split("|")), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?P<role>(?i:{roles}))(?P<of>{_COMPLEMENT[language]})\s+(?P<name>{_NAME})")


def office_holders(line: str, language: str | None) -> Iterator[tuple[int, Person]]:
    """Offset and person of each office with a full name behind it, for the languages of ``ROLES_OTHER``."""
    if language not in ROLES_OTHER:
        return
    for found in _pattern(language).finditer(line):
        parts = found["name"].split()
        complement = found["of"].strip(" ,").split()
        names = gazetteer(language)
        while len(parts) > 2 and names.keys[fold(parts[0])]:  # a country in the genitive, before the name
            complement.append(parts.pop(0))
        yield from _holder(found, parts, " ".join(complement))


def _holder(found: re.Match[str], parts: list[str], complement: str) -> Iterator[tuple[int, Person]]:
    name = " ".join(parts)
    if is_personal(parts):
        role, org = " ".join(found["role"].split()), None
        if complement and complement.rsplit(maxsplit=1)[-1][0].isupper() and not _is_ministry(role):
            org = _without_preposition(complement)
        elif complement:
            role = f"{role} {complement}"
        yield found.start("name"), Person(name, role, org)


def _is_ministry(role: str) -> bool:
    return role.lower().startswith(("minist", "secret", "secrét", "segret"))


def _without_preposition(complement: str) -> str:
    return re.sub(
        r"^(?:de|del|do|da|dos|das|du|des|di|della|degli|dei)\s+(?:la|los|las|el)?\s*|^de\s+l[’']|^dell[’']",
        "",
        complement,
    ).strip()
