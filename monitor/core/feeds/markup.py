"""HTML as feeds carry it, to plain text: one linear pass, no parser, no tree.

Block elements become line breaks, link text stays, scripts, styles and embedded objects go, entities are decoded.
Text that a publisher escaped once too often is decoded once more.
"""

from __future__ import annotations

import re
from html import unescape

_BLOCKS = frozenset(
    """
    address article aside blockquote br caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol optgroup option p pre
    section summary table tbody td tfoot th thead title tr ul body html head
    """.split()
)
_DROPPED = frozenset(
    {"script", "style", "svg", "math", "template", "iframe", "object", "noembed", "noframes", "textarea"}
)
_INLINE = frozenset(
    """
    a abbr acronym audio b bdi bdo big button cite code col colgroup data del dfn em embed font i img input ins
    kbd label link map mark meta meter nobr noscript param picture progress q rp rt ruby s samp small source
    span strike strong sub sup time track tt u var video wbr area base canvas select
    """.split()
)
_KNOWN = _BLOCKS | _DROPPED | _INLINE

_NAME = re.compile(r"(/?)([a-zA-Z][\w.-]{0,40}:)?([a-zA-Z][a-zA-Z0-9-]{0,40})(?=[\s/>]|$)")
_ESCAPED_MARKUP = re.compile(
    r"&lt;/?(?:p|br|div|a|b|i|em|strong|span|img|ul|li|table|h[1-6]|blockquote)\b", re.IGNORECASE
)
_ESCAPED_TWICE = re.compile(
    r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|amp|quot|apos|nbsp|[lr][sd]quo|[nm]dash|hellip|laquo|raquo|shy|copy|reg|trade|euro|"
    r"[aeiouyAEIOUY](?:acute|grave|circ|uml|tilde)|[aA]ring|[cC]cedil|[nN]tilde|[oO]slash|szlig|aelig|bull|middot);"
)
_LOOKS_LIKE_HTML = re.compile(r"</[a-z][a-z0-9]{0,20}\s*>|<(?:p|br|img|hr|wbr)\b[^<>]*>", re.IGNORECASE)


def plain_text(markup: str, *, inline: bool = False) -> str:
    """The text of an HTML fragment; one line per block, none of them empty.

    ``inline``: a title, where every break is a space. In titles a ``<`` is often just that: only what closes a tag (or
    needs not to) is taken for HTML, and a tag that HTML does not have (``List<T>``) is text.
    """
    if "<" not in markup and "&" in markup and _ESCAPED_MARKUP.search(markup):
        markup = unescape(markup)
    if inline:
        return tidy(_untagged(markup, keep_unknown=True) if looks_like_html(markup) else markup, inline=True)
    return tidy(_untagged(markup, keep_unknown=False) if "<" in markup else _flat(markup))


def tidy(text: str, *, inline: bool = False) -> str:
    """Plain text with its entities decoded (once more if they were escaped twice) and its white space in order."""
    if "&" in text:
        text = unescape(text)
        if "&" in text and _ESCAPED_TWICE.search(text):
            text = unescape(text)
    if inline:
        return " ".join(text.split())
    if "\n" not in text:
        return " ".join(text.split())
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return "\n".join([line for line in lines if line])


def looks_like_html(text: str) -> bool:
    """Whether text that calls itself plain has closing tags, paragraphs, breaks or images in it."""
    return "<" in text and _LOOKS_LIKE_HTML.search(text) is not None


def _untagged(markup: str, *, keep_unknown: bool) -> str:
    """``markup`` without tags: each piece between two ``<`` is looked at once; attributes may hold ``<`` and ``>``."""
    pieces = markup.split("<")
    kept = [_flat(pieces[0])]
    until = quote = ""  # what ends the stretch that is left out: an end tag, "-->"; the quote of an attribute
    for piece in pieces[1:]:
        if quote:
            closing = piece.find(quote)
            if closing < 0:
                continue
            end, quote = _tag_end(piece, closing + 1)
            if not quote and end >= 0:
                kept.append(_flat(piece[end + 1 :]))
            continue
        if until:
            at = piece.lower().find(until)
            if at >= 0 and (until == "-->" or at == 0):
                rest = piece[at + len(until) :] if until == "-->" else piece.partition(">")[2]
                until = ""
                kept.append(_flat(rest))
            continue
        if piece.startswith("!--"):
            _, ended, rest = piece.partition("-->")
            until = "" if ended else "-->"
            kept.append(_flat(rest))
            continue
        if piece.startswith(("!", "?")):
            kept.append(
                _flat(piece[8:].replace("]]>", "") if piece.startswith("![CDATA[") else piece.partition(">")[2])
            )
            continue
        name = _NAME.match(piece)
        if name is None or (keep_unknown and name[3].lower() not in _KNOWN):
            kept.append("<" + _flat(piece))
            continue
        end, quote = _tag_end(piece, name.end())
        tag = name[3].lower()
        if tag in _BLOCKS:
            kept.append("\n")
        if end < 0:
            continue
        if tag in _DROPPED and not name[1] and piece[end - 1] != "/":
            until = "/" + tag
            continue
        kept.append(_flat(piece[end + 1 :]))
    return "".join(kept)


def _flat(text: str) -> str:
    """Source line breaks mean no more than a space; only block elements break lines."""
    return text.replace("\n", " ") if "\n" in text else text


def _tag_end(piece: str, start: int) -> tuple[int, str]:
    """Where the tag's ``>`` stands in ``piece`` (or -1), and the quotation mark that is open at the end of it."""
    end = piece.find(">", start)
    head = piece[start : end if end >= 0 else len(piece)]
    if '"' not in head and "'" not in head:
        return end, ""
    at, size = start, len(piece)
    while at < size:
        char = piece[at]
        if char == ">":
            return at, ""
        if char in "\"'" and piece[at - 1] in "= \t\n":
            closing = piece.find(char, at + 1)
            if closing < 0:
                # A quote that never closes is a slip of the writer's where the tag ends on this very line.
                return (end, "") if end >= 0 else (-1, char)
            at = closing
        at += 1
    return -1, ""
