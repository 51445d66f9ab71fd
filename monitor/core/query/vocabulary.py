"""What the keyword fields may hold: how values are compared, and which are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

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


def keyword_key(name: str, value: str) -> str:
    """The form in which values of the keyword field ``name`` are compared and may be indexed.

    ``country`` is an upper-case code, ``lang`` the primary subtag, ``site`` a host without ``www.``, ``url`` as it is
    but for case; ``feed``, ``tag``, ``person`` and ``topic`` are folded as words are. No key holds a quotation mark.
    """
    value = " ".join(value.replace('"', "").split())
    match name:
        case "country":
            return value.upper()
        case "lang":
            return re.split("[-_]", value.lower(), maxsplit=1)[0].strip()
        case "url":
            return value.casefold()
        case "site":
            return host_of(value)
    return " ".join(fold(value).split())


def host_of(address: str) -> str:
    """The host of an address or of a bare host name, in lower case, without ``www.``; empty if there is none."""
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return host.lower().rstrip(".").removeprefix("www.")
