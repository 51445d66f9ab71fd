"""Addresses that are fit to be asked for. One parser decides the host that is judged, connected to and sent."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import httpx

URL_LENGTH = 8192

_PORTS = {"http": 80, "https": 443}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]*://([^/?#]*)", re.IGNORECASE)
# Where parsers begin to disagree about the host: a backslash, a space, a second "@", an escape after the userinfo.
_AMBIGUOUS = re.compile(r"[\\ ]|@.*@|%[^@]*$")


class BadURLError(ValueError):
    """Why an address is refused, without the address: it may hold a secret."""


@dataclass(frozen=True, slots=True)
class Target:
    """``url`` has neither userinfo, which stands in ``authorization``, nor fragment. ``site`` is its origin."""

    url: httpx.URL
    host: str
    port: int
    site: str
    authorization: str | None

    def shares_secrets_with(self, other: Target) -> bool:
        """Whether what is sent to ``self`` may be sent to ``other``: one origin, or its upgrade to https."""
        upgrade = self.host == other.host and (self.port, other.port) == (80, 443) and other.url.scheme == "https"
        return self.site == other.site or upgrade


@lru_cache(maxsize=2048)
def parse_target(address: str) -> Target:
    """Return the target of an absolute http or https address; raise ``BadURLError``."""
    if len(address) > URL_LENGTH:
        raise BadURLError("the address is too long")
    address = address.strip()
    if _CONTROL.search(address):
        raise BadURLError("the address holds a control character")
    authority = _AUTHORITY.match(address)
    if authority is not None and _AMBIGUOUS.search(authority[1]):
        raise BadURLError("the address has an ambiguous host")
    try:
        url = httpx.URL(address)
        scheme, host, port = url.scheme, url.raw_host.decode("ascii"), url.port
        userinfo, name = url.userinfo, url.host  # ``host`` decodes IDNA, and only then finds it broken
    except Exception as error:  # httpx.InvalidURL, idna.IDNAError, UnicodeError, ValueError
        raise BadURLError("the address cannot be read") from error
    if scheme not in _PORTS:
        raise BadURLError("only http and https are fetched")
    port = _PORTS[scheme] if port is None else port
    if not name or not 0 < port < 65536:
        raise BadURLError("the address has no host" if not name else "the address has no valid port")
    authorization = None
    if userinfo:
        user, _, password = userinfo.partition(b":")
        credentials = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
        authorization = "Basic " + base64.b64encode(credentials).decode("ascii")
    if userinfo or "#" in address:
        url = url.copy_with(userinfo=b"", fragment=None)
    netloc = url.netloc.decode("ascii")
    return Target(url, host.rstrip(".").lower() or host, port, f"{scheme}://{netloc}", authorization)


def follow(target: Target, location: str) -> Target:
    """Return where a redirect from ``target`` leads; raise ``BadURLError``. Its userinfo is the sender's, not ours."""
    try:
        address = str(target.url.join(location)) if len(location) <= URL_LENGTH else location
    except Exception as error:
        raise BadURLError("the address cannot be read") from error
    following = parse_target(address)
    if target.url.scheme == "https" and following.url.scheme == "http":
        raise BadURLError("it leads from https to http")
    return Target(following.url, following.host, following.port, following.site, None)


def proxy_of(address: str | None) -> tuple[str, int] | None:
    """Host and port of a proxy; ``ValueError`` says why it is refused."""
    if address is None:
        return None
    try:
        target = parse_target(address)
    except BadURLError as error:
        raise ValueError(f"the proxy is refused: {error}") from None
    if target.url.scheme != "http":
        raise ValueError("the proxy must be an http:// address")
    return target.host, target.port
