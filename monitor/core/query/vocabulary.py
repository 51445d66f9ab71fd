"""What queries may speak of: countries, regions, topics, feeds, languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from monitor.core.text import fold

_ISO_CODE = re.compile(r"[A-Za-z]{2}")


def iso_code(name: str) -> str | None:
    """The simplest ``country_code``: two letters are a code, names are not known."""
    return name.upper() if _ISO_CODE.fullmatch(name) else None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What queries may speak of.

    ``country_code`` takes a name or code and gives the ISO 3166-1 alpha-2 code; ``regions`` are names that stand for
    several countries (``central-asia``). ``topics``, ``feeds`` and ``languages`` are what `lint` warns by; ``None``:
    not known, no warning.
    """

    country_code: Callable[[str], str | None] = iso_code
    regions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    topics: frozenset[str] | None = None
    feeds: frozenset[str] | None = None
    languages: frozenset[str] | None = None

    def countries(self, name: str) -> tuple[str, ...]:
        """The codes that a country's or region's name stands for; empty if it is not known."""
        region = self.regions.get("-".join(fold(name).split()))
        if region:
            return tuple(sorted(region))
        code = self.country_code(name)
        return (code.upper(),) if code else ()


ANY_VOCABULARY = Vocabulary()
