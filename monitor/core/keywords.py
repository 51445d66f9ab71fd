"""How values of the keyword fields are compared: by queries, and by the indexes that answer them."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from monitor.core.text import fold


@lru_cache(maxsize=5_000)
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
