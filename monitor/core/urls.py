"""Web addresses: one spelling, one identity, one site, nothing secret.

Two forms of an address are kept apart. ``canonical_url`` can be fetched: it says the same as the address that came,
in one spelling and without what only counts readers. ``url_key`` only recognises: a page over http and https, with
and without ``www.``, with and without a last slash, is one page. AMP and mobile variants are left alone: which page
they stand for is known only to the page itself (its canonical link).
"""

from __future__ import annotations

import re
from functools import lru_cache
from threading import Lock
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

LONGEST = 8192
"""Characters of an address; a longer one is no address."""

TRACKING_PREFIXES = (
    "utm_",
    "mtm_",
    "pk_",
    "piwik_",
    "matomo_",
    "hsa_",
    "_hs",
    "ns_",
    "oly_",
    "at_custom",
    "at_link_",
    "at_bbc_",
)
TRACKING = frozenset(
    """
    at_medium at_campaign at_campaign_type at_format at_ptr_name at_variant at_emailtype
    fbclid fb_action_ids fb_action_types fb_ref fb_source gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid
    ttclid li_fat_id igshid igsh epik irclickid rb_clickid s_kwcid ef_id _openstat
    mc_cid mc_eid mkt_tok vero_id vero_conv hsctatracking ck_subscriber_id cmpid cmp s_cid icid ncid ito smid smtyp xtor
    wt_mc wt.mc_id wt_zmc __twitter_impression ref_src ref_url taid traffic_source ftag spm scm guccounter
    guce_referrer guce_referrer_sig _ga _gl
    """.split(),
)
"""Query parameters that say how a reader came, never which page it is."""

FEED_MARKERS = frozenset(
    {"source", "src", "ref", "referrer", "partner", "mod", "emc", "from", "feed", "origin", "cid", "via"}
)
"""Parameters that count readers only where their value says so: ``?source=rss``, ``?mod=rss_world``."""

_FEED_VALUE = re.compile(r"(?:rss|feed|atom|newsletter)(?:$|[\W_\d])", re.IGNORECASE)
_SECRET_NAME = re.compile(
    r"(?:^|[_.-])(?:token|key|apikey|api_?key|secret|pass|passwd|password|pwd|sig|signature|auth|authorization|"
    r"access_?token|session|sessionid|sid|jwt|code|credential|credentials)$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(r"(?=[^&]*\d)(?=[^&]*[A-Za-z])[A-Za-z0-9_\-+/=.%]{32,}$")
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\<>\"{}|^`]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PLAIN = re.compile(r"https?://[a-z0-9.-]+[a-z0-9](?:/[A-Za-z0-9_~!$&'()*+,;=:@-][A-Za-z0-9._~!$&'()*+,;=:@-]*)+/?\Z")
_HOST = re.compile(r"(?!.*\.\.)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\Z|\[[0-9a-f:.]+\]\Z")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PATH_SAFE = "/:@!$&'()*+,;=~-._%"
_QUERY_SAFE = "/?:@!$'()*+,;=~-._%[]"


def is_http(url: str) -> bool:
    """Whether this is a whole http or https address with a host and port that could exist."""
    return _split(url) is not None


def resolve(base: str | None, link: str) -> str | None:
    """The absolute http(s) address that ``link`` names on a page at ``base``, spelled as it came, or ``None``.

    Control characters (a line feed in the middle of an address is common) are taken out, spaces encoded.
    """
    link = _CONTROL.sub("", link[: LONGEST + 1]).strip()
    if not link or len(link) > LONGEST:
        return None
    if base and not link[:8].lower().startswith(("http://", "https://")):
        try:
            link = urljoin(base, link)
        except ValueError:
            return None
    link = link.replace(" ", "%20")
    return link if is_http(link) else None


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """The one spelling of an http(s) address; what is none comes back as it is, without surrounding space.

    Lower-case scheme and ASCII host (IDNA), no user information, default port, fragment (but ``#!``), dot segments,
    tracking parameters or empty query; percent-encoding in one form. Order and values of all other parameters stay.
    Idempotent.
    """
    url = url.strip()
    if _PLAIN.match(url):
        return url
    parts = _split(url)
    if parts is None:
        return url
    host = _ascii_host(parts.hostname or "")
    port = parts.port
    netloc = host if port is None or port == _DEFAULT_PORTS[parts.scheme] else f"{host}:{port}"
    path = _without_dots(_encoded(parts.path, _PATH_SAFE)) or "/"
    query = "&".join(_encoded(pair, _QUERY_SAFE) for pair in parts.query.split("&") if pair and not _tracks(pair))
    fragment = _encoded(parts.fragment, _QUERY_SAFE + "&#") if parts.fragment.startswith("!") else ""
    return urlunsplit((parts.scheme, netloc, path, query, fragment))


@lru_cache(maxsize=4096)
def url_key(url: str) -> str:
    """What two addresses of one page have in common, for comparing only: no scheme, ``www.`` or last slash.

    A feed that moves from http to https, or loses its ``www.``, keeps its entries by this.
    """
    canonical = canonical_url(url)
    parts = _split(canonical)
    if parts is None:
        return canonical
    rest = urlunsplit(("", "", parts.path.rstrip("/"), parts.query, parts.fragment))
    return parts.netloc.removeprefix("www.") + rest


def site_of(url: str) -> str:
    """The registered domain (``bbc.co.uk``), the host where there is none (an IP address), ``""`` for no address."""
    parts = _split(url.strip())
    if parts is None:
        return ""
    return _registered(_ascii_host(parts.hostname or ""))


def redact_url(url: str) -> str:
    """The address fit for a log or a screen: no user information, no query value that looks like a secret."""
    try:
        parts = urlsplit(_CONTROL.sub("", url))
    except ValueError:
        return "(unreadable address)"
    netloc = parts.netloc.rpartition("@")[2]
    query = "&".join(_redacted(pair) for pair in parts.query.split("&")) if parts.query else ""
    return urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment))


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address that every careful client reads alike, or ``None``."""
    if len(url) > LONGEST or _CONTROL.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or port == 0:
        return None
    if _UNSAFE.search(parts.netloc) or not _HOST.match(_ascii_host(host)):
        return None
    return parts


@lru_cache(maxsize=4096)
def _ascii_host(host: str) -> str:
    host = host.lower().rstrip(".")
    if ":" in host:
        return f"[{host}]"
    if host.isascii():
        return host
    import idna  # tables of 10 ms, and few hosts need them

    try:
        return idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return ""


_SUFFIXES = Lock()
"""Whoever asks first reads the public suffix list, a tenth of a second: threads that ask meanwhile would do so too."""


@lru_cache(maxsize=4096)
def _registered(host: str) -> str:
    from tld import get_fld

    with _SUFFIXES:
        return get_fld(f"http://{host}/", fail_silently=True) or host


def _encoded(part: str, safe: str) -> str:
    """Percent-encoding in one form: unreserved characters plain, all else upper-case hexadecimal of UTF-8."""
    if "%" in part:
        part = re.sub(r"(?:%[0-9A-Fa-f]{2})+", _recoded, _ESCAPE.sub("%25", part))
    return quote(part, safe=safe, errors="replace")


def _recoded(match: re.Match[str]) -> str:
    return quote(unquote_to_bytes(match[0]), safe="")


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _tracks(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = name.lower().removeprefix("amp;")
    return (
        name in TRACKING
        or name.startswith(TRACKING_PREFIXES)
        or (name in FEED_MARKERS and _FEED_VALUE.match(value) is not None)
    )


def _redacted(pair: str) -> str:
    name, equals, value = pair.partition("=")
    secret = value and (_SECRET_NAME.search(name) or _SECRET_VALUE.match(value))
    return f"{name}{equals}…" if secret else pair
