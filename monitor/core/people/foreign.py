"""Offices before a name in languages other than English: "el canciller Juan Ruiz", "министр обороны Иван Петров"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from monitor.core.people.names import is_personal
from monitor.core.people.roles import ROLES_OTHER
from monitor.core.places.gazetteer import gazetteer
from monitor.core.text import fold
from monitor.model import Person

_UPPER = r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻŁŃŅŇŌŐŘŚŠŞȘŤȚŪŮŰŲŹŻŽА-ЯЁІЇЄҐЎҚҒҲ]"
_PART = rf"{_UPPER}[\w’'‘ʻ-]*"
_NAME = rf"{_PART}(?:\s+(?:de|la|del|da|dos|van|von|der|bin|el|al)\b)?(?:\s+{_PART}){{1,3}}"


def _behind(prepositions: str, link: str) -> str:
    """The words of a role behind a preposition: up to a comma before the name, else as few as there can be.

    Before them, or alone, may stand an adjective, such as that of a people: "el canciller colombiano, Juan Ruiz".
    """
    first, more = rf"\s+{prepositions}[\w’-]+", rf"(?:\s+(?:{link}\s+)?[\w’-]+)"
    return rf"(?P<adjective>\s+[^\W\dA-Z_]{{4,}})??(?:{first}{more}{{0,6}}?\s*,|{first}{more}{{0,3}}?)?(?:\s*,)?"


_ADJECTIVES = frozenset(
    "adjunto adjunta interino interina general ejecutivo ejecutiva federal nacional regional europeo europea "
    "adjoint adjointe européen européenne fédéral fédérale national nationale général générale délégué déléguée "
    "europeu europeia executivo executiva geral federale nazionale generale esecutivo esecutiva".split()
)


_POLISH_RANKS = r"(?:(?:gen|kpt|por|ppor|chor|sierż|insp|podinsp|nadkom|kom|podkom|asp|prof)\.|(?:p?płk|mjr|dr)\.?)"
_BODIES = frozenset(
    "oddziału straży policji urzędu ministerstwa komendy sądu prokuratury rady partii komisji agencji służby wojska "
    "sejmu senatu ambasady unii instytutu fundacji".split()
)
"""Words in the genitive of a Polish body, which stands between an office and a name."""

_COMPLEMENT = {
    "es": _behind(r"(?:de|del|para|en)(?:\s+(?:la|los|las|el))?\s+", "[yde]"),
    "pt": _behind(r"(?:de|do|da|dos|das)\s+", "e"),
    "fr": _behind(r"(?:de|du|des|de\s+l[’']|aux?|à\s+la|à\s+l[’'])\s*(?:la\s+|l[’'])?", "et"),
    "it": _behind(r"(?:di|del|della|degli|dei|dell[’'])\s*", "e"),
    "de": r"(?:\s+(?:der|des|für|von|im|beim?|am)\s+[\w-]+(?:\s+[\w-]+){0,5}?\s*,)?",
    "pl": rf"(?:(?:\s+[\w-]+){{1,8}}?\s+{_POLISH_RANKS}|(?:\s+[\w-]+){{0,3}}?)",
    "ru": r"(?:\s+[\w-]+){0,3}?(?:\s+по\s+[\w-]+(?:\s+[\w-]+)?)??",
    "uk": r"(?:\s+[\w’'-]+){0,3}?",
    "tr": "",
    "uz": "",
}
_WORD = re.compile(r"[\w-]+")
GERMAN_OFFICES = (
    "minister ministerin präsident präsidentin kanzler kanzlerin sprecher sprecherin chef chefin führer führerin "
    "leiter leiterin direktor direktorin sekretär sekretärin meister meisterin anwalt anwältin kommissar kommissarin "
    "botschafter botschafterin beauftragter beauftragte abgeordneter abgeordnete abgeordneten politiker politikerin "
    "vorsitzender vorsitzende vorsitzenden experte expertin"
).split()
"""Offices that German compounds end with: "Bundesinnenminister", "Regierungssprecherin"."""


@cache
def _pattern(language: str) -> re.Pattern[str]:
    roles = "|".join(sorted((re.escape(r) for r in ROLES_OTHER[language].split("|")), key=len, reverse=True))
    if language == "de":
        roles += rf"|[\w-]+(?:{'|'.join(GERMAN_OFFICES)})"
    return re.compile(rf"(?<![\w-])(?P<role>(?i:{roles}))(?P<of>{_COMPLEMENT[language]})\s+(?P<name>{_NAME})")


def office_holders(line: str, language: str | None, signs: Iterable[int] | None = None) -> Iterator[tuple[int, Person]]:
    """Offset and person of each office with a full name behind it, for the languages of ``ROLES_OTHER``. ``signs`` are
    the offsets, in order, of the words that an office may begin with, or that may be the end of a German compound;
    without them, every word is taken for one.
    """
    if language not in ROLES_OTHER:
        return
    pattern, free = _pattern(language), 0
    for sign in (word.start() for word in _WORD.finditer(line)) if signs is None else signs:
        at = sign
        while at > free and (line[at - 1].isalnum() or line[at - 1] in "-_"):
            at -= 1
        found = pattern.match(line, at) if at >= free else None
        if found is None:
            continue
        free = found.end()
        parts = found["name"].split()
        if not _is_adjective(found.groupdict().get("adjective"), language):
            continue
        if not _BODIES.isdisjoint(map(str.casefold, parts)):
            continue
        complement = re.sub(rf"\s{_POLISH_RANKS}$", "", found["of"]).strip(" ,").split()
        held = _country_before(parts, language)
        complement, parts = complement + parts[:held], parts[held:]
        if len(parts) > 2 and parts[0].isupper() and parts[0].isalpha() and not parts[-1].isupper():
            complement.append(parts.pop(0))  # a body by its initials
        yield from _holder(found, parts, " ".join(complement))


def _is_adjective(word: str | None, language: str) -> bool:
    """Whether a word behind an office belongs to it and is no verb: "canciller colombiano", not "canciller pidió"."""
    if word is None:
        return True
    found = gazetteer(language).whole((fold(word.strip()),))
    return word.strip() in _ADJECTIVES or (found is not None and found.kind == "d")


def _country_before(parts: list[str], language: str) -> int:
    """How many words before a name are a country, in the genitive."""
    names = gazetteer(language)
    for count in range(min(3, len(parts) - 2), 0, -1):
        found = names.whole(tuple(map(fold, parts[:count])))
        if found is not None and found.kind == "n":
            return count
    return 0


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
    return re.match(r"(?i)(?:sub|sotto|sous-|vice-?|ex-?)?(?:minist|secret|secrét|segret)", role) is not None


def _without_preposition(complement: str) -> str:
    return re.sub(
        r"^(?:de|del|do|da|dos|das|du|des|di|della|degli|dei)\s+(?:la|los|las|el)?\s*|^de\s+l[’']|^dell[’']"
        r"|^(?:der|des|im|beim?|am|(?:für|von)(?:\s+(?:die|den|das|der|dem))?)\s+",
        "",
        complement,
    ).strip()
