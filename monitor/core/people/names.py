"""Personal names as they stand in text: where a run of capitalised words is the name, and where a title ends."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.core.people.roles import HONORIFICS, OFFICES_OF, ROLE_HEADS, ROLES_OTHER

_TITLES = ROLE_HEADS | HONORIFICS | {role for roles in ROLES_OTHER.values() for role in roles.split("|") if " " not in role}
_LOW_PARTICLES = frozenset("of for the and de del la le".split())


def without_titles(words: Sequence[str]) -> int:
    """How many of ``words``, a run before and with a name, are title: 0 where no name would be left."""
    cut = 0
    for index, word in enumerate(words[:-1]):
        plain = word.rstrip(".").lower()
        if plain in _TITLES:
            cut = index + 1
        elif cut == index and cut and plain == "of" and words[index + 1].lower() in OFFICES_OF and index + 2 < len(words):
            cut = index + 2
    if cut >= len(words) or words[cut].lower() in _LOW_PARTICLES:
        return 0
    return cut
