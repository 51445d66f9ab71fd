"""A linear look at untrusted bytes before any parser sees them.

Refused here, in some tens of milliseconds for 10 MB: entity declarations and external DTDs, floods of attributes
(parsers are quadratic in them), of items, of tags, of open comments, and sheer size. What only a parser can find out
(a regular expression that runs away over one field, deep nesting) is left to the deadline and memory limit of the
process that parses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

MAX_BYTES: Mapping[str, int] = {"xml": 10_500_000, "json": 10_500_000, "html": 2_200_000}
MAX_ITEMS = 20_000
MAX_TAGS: Mapping[str, int] = {"xml": 2_000_000, "html": 100_000}
MAX_ATTRIBUTES = 300
"""Of one element, with values."""
MAX_WORDS_IN_TAG = 2_000
"""Attributes without values; prose after a stray ``<`` looks like them, so the limit is wide."""
MAX_OPEN_COMMENTS = 500

_PROLOG = re.compile(rb"\s*+(?:<\?(?:[^?]|\?(?!>))*+\?>\s*+|<!--(?:[^-]|-(?!->))*+-->\s*+)*+")
_DOCTYPE = re.compile(
    rb"<!DOCTYPE\s++(?P<name>[^\s>\[]++)\s*+(?P<external>PUBLIC\b|SYSTEM\b)?(?P<ids>(?:[^>\[\"']|\"[^\"]*+\"|'[^']*+')*+)(?P<subset>\[)?",
    re.IGNORECASE,
)
_OLD_RSS_DTD = re.compile(rb"rss-0\.9\d?\d?\.dtd", re.IGNORECASE)
_ITEMS = re.compile(rb"<(?:\w{1,20}:)?(?:item|entry)[\s>/]", re.IGNORECASE)

_VALUE = rb"=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s>\"']?[^\s>]*+)"
_INSIDE = rb"(?:[^>=]++|" + _VALUE + rb")*+>?"
_SMALL_TAG = rb"<[A-Za-z][^<>=\s]*+(?:\s++[^<>=\s\"']++(?:=(?:\"[^\"]*+\"|'[^']*+'))?+){0,20}+\s*+/?>"
_RAW = rb"script|style|title|textarea|xmp|iframe|noembed|noframes"
_COMMENT = rb"<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>)?)"
_RAW_ELEMENT = rb"<(?P<raw>" + _RAW + rb")(?=[\s/>])" + _INSIDE
_DULL = {
    "html": re.compile(
        rb"(?:[^<]++|<(?![A-Za-z!])|<!(?!--)|(?!<(?:" + _RAW + rb")[\s/>])" + _SMALL_TAG + rb")*+", re.IGNORECASE
    ),
    "xml": re.compile(rb"(?:[^<]++|<(?![A-Za-z!])|<!(?!--)|" + _SMALL_TAG + rb")*+"),
}
"""What holds no flood: text, and the tags that pages are made of."""
_MARKUP = {
    "html": re.compile(_COMMENT + rb"|" + _RAW_ELEMENT + rb"|<[A-Za-z]" + _INSIDE + rb"|<", re.IGNORECASE),
    "xml": re.compile(rb"<!--(?:[^-\]]++|-(?!->)|\](?!\]>))*+(?:-->)?|<[A-Za-z]" + _INSIDE + rb"|<"),
}
"""Comments, tags with their values, and within raw elements nothing else, as WHATWG HTML 13.2.5 cuts them. In XML the
text of CDATA is looked at as well, since it is markup for the next parser."""
_RAW_END = {name: re.compile(rb"</" + name + rb"(?=[\s/>])", re.IGNORECASE) for name in _RAW.split(b"|")}
_VALUES = re.compile(_VALUE)


def precheck(body: bytes, kind: Literal["xml", "html", "json"]) -> str | None:
    """Why no parser may see ``body``, in words, or ``None``. Time is linear in its length.

    ``body`` is ASCII-compatible; of UTF-16 and UTF-32 the zero bytes are left out first.
    """
    if len(body) > MAX_BYTES[kind]:
        return f"{len(body):,} bytes, more than {MAX_BYTES[kind]:,}"
    if b"\0" in body[:4]:
        body = body.replace(b"\0", b"").lstrip(b"\xff\xfe")
    if kind == "json":
        return None
    if kind == "xml" and (reason := hostile_doctype(body)):
        return reason
    if kind == "xml" and body.count(b"<") > MAX_ITEMS and (items := sum(1 for _ in _ITEMS.finditer(body))) > MAX_ITEMS:
        return f"{items:,} items, more than {MAX_ITEMS:,}"
    tags, comments = body.count(b"<"), body.count(b"<!--")
    if comments > MAX_OPEN_COMMENTS:
        comments -= body.count(b"-->")
    if kind == "html" and (tags > MAX_TAGS[kind] or comments > MAX_OPEN_COMMENTS):
        found = [token for token in _markup(body, kind) if not token.startswith(b"<!--") or not token.endswith(b">")]
        tags, comments = len(found), comments if found and found[-1].startswith(b"<!--") else 0
    if tags > MAX_TAGS[kind]:
        return f"{tags:,} tags, more than {MAX_TAGS[kind]:,}"
    if comments > MAX_OPEN_COMMENTS:
        return f"{comments:,} comments that do not end"
    return _attribute_flood(body, kind)


def hostile_doctype(body: bytes) -> str | None:
    """Why the document type declaration is refused: it declares entities, or names a DTD of its own to load.

    A public DTD (RSS 0.91, XHTML) is only a name, and nobody loads it; that of a web page is not XML's business.
    """
    start = body.removeprefix(b"\xef\xbb\xbf")
    found = _DOCTYPE.match(start, _PROLOG.match(start).end())  # type: ignore[union-attr]  # it matches the empty string
    if found is None:
        return None
    if found["subset"]:
        subset = start[found.end() : found.end() + 1_000_000].partition(b"]>")[0]
        if re.search(rb"<!ENTITY|%[\w.-]+;", subset, re.IGNORECASE):
            return "it declares entities"
    external = (found["external"] or b"").upper()
    if external == b"SYSTEM" and found["name"].lower() != b"html" and not _OLD_RSS_DTD.search(found["ids"]):
        return "it names an external DTD"
    return None


def without_doctype(text: str) -> str:
    """``text`` without what stands before its root element; nothing in there says anything of a feed."""
    head = text[:100_000].encode("utf-8", "replace")
    prolog = _PROLOG.match(head)
    at = prolog.end() if prolog else 0
    found = _DOCTYPE.match(head, at)
    if found:
        end = head.find(b"]" if found["subset"] else b">", found.end())
        end = head.find(b">", end) if end >= 0 else -1
        at = end + 1 if end >= 0 else at
    return text[len(head[:at].decode("utf-8")) :].lstrip()


def _attribute_flood(body: bytes, kind: Literal["xml", "html"]) -> str | None:
    """The tags alone are looked at: what stands in values, scripts and comments is no attribute."""
    for tag in _markup(body, kind, dull=_DULL[kind]):
        if len(tag) <= 2 * MAX_ATTRIBUTES or tag.startswith(b"<!--"):
            continue
        names, values = _VALUES.subn(b" ", tag)
        if values > MAX_ATTRIBUTES:
            return f"a tag with more than {MAX_ATTRIBUTES} attributes"
        if len(names.split()) > MAX_WORDS_IN_TAG:
            return f"a tag with more than {MAX_WORDS_IN_TAG:,} attributes"
    return None


def _markup(body: bytes, kind: Literal["xml", "html"], dull: re.Pattern[bytes] | None = None) -> Iterator[bytes]:
    """Each tag, comment and stray ``<`` of ``body``, but what is ``dull``; the text of raw elements is stepped over."""
    at = 0
    while True:
        at = dull.match(body, at).end() if dull else at  # type: ignore[union-attr]  # it matches the empty string
        found = _MARKUP[kind].search(body, at)
        if found is None:
            return
        yield found[0]
        at = found.end()
        if kind == "html" and (raw := found["raw"]):
            end = _RAW_END[raw.lower()].search(body, at)
            at = end.start() if end else len(body)
