"""From bytes to a tree: which charset, is it HTML at all, one parse."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from lxml import html

CHARSETS = {
    "utf-8", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "cp866",
    "iso8859-1", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9",
    "iso8859-10", "iso8859-11", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "tis-620", "koi8-r", "koi8-u",
    "mac-roman", "mac-cyrillic", "shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949", "gb2312", "gbk",
    "gb18030", "big5", "big5hkscs", "ascii",
}  # fmt: skip
"""Codecs that a page may name. Python's others decode what no browser would (``unicode_escape``, ``utf-7``)."""

_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "shift_jis": "cp932", "euc_kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs",
}  # fmt: skip
"""What browsers take for a name (WHATWG Encoding): the superset that pages really use."""

_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_IN_PAGE = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_VAGUE_TYPES = ("", "text/plain", "application/octet-stream", "text/xml", "application/xml", "content/unknown")
_LOOKS_HTML = re.compile(
    rb"<!doctype\s+html|</?(?:html|head|body|meta|title|style|script|div|p|a|article|table|h1)\b", re.IGNORECASE
)
_BINARY = (b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"ID3")
_CONTROLS = bytes({*range(9), 11, *range(14, 27), *range(28, 32)})
"""Bytes of no text in any charset (escape is ISO 2022's)."""
_FEED = re.compile(rb"<(?:rss|feed|rdf:rdf|urlset|sitemapindex)\b", re.IGNORECASE)


_NO_XML_REFERENCE = re.compile(
    rb"&#(?:[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|[dD][89a-fA-F]..|[fF]{3}[efEF])(?![0-9a-fA-F])"
    rb"|0*(?:[0-8]|1[124-9]|2\d|3[01])(?!\d));?"
)
"""References to what an element tree refuses: controls, surrogates, U+FFFE, U+FFFF."""


_ALL_ALIKE = html.etree.ElementDefaultClassLookup(element=html.HtmlElement)
"""One class for all elements. lxml.html's own look-up runs in Python for every element that is touched, to give forms
and their fields classes of their own, which nobody needs here."""


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page; ``cut`` says that the parser gave up before its end, and why."""

    tree: html.HtmlElement
    cut: str = ""


def not_html(body: bytes, content_type: str | None) -> str | None:
    """What the body is instead of HTML, or ``None``."""
    kind = (content_type or "").split(";")[0].strip().lower()
    start = decode(body[:65_536], None)[0].encode() if _utf16(body) else body[:65_536]
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if start.startswith(_BINARY) or len(start[:8192].translate(None, _CONTROLS)) < 0.96 * len(start[:8192]):
        return f"binary data served as {kind or 'no type'}"
    marked_up = _LOOKS_HTML.search(start)
    if (feed := _FEED.search(start[:512])) and not (marked_up and marked_up.start() < feed.start()):
        return "a feed or sitemap"
    if kind in _HTML_TYPES:
        return None
    if kind in _VAGUE_TYPES:
        return None if marked_up else f"no markup in {kind or 'the reply'}"
    return f"served as {kind[:60]}"


def utf8(body: bytes, content_type: str | None) -> bytes:
    """``body`` as UTF-8, without what an element tree can't hold; `decode` says in which charset it is read."""
    text, codec = decode(body, content_type)
    data = body.removeprefix(codecs.BOM_UTF8) if codec == "utf-8" else text.encode("utf-8", "replace")
    data = data.translate(None, _CONTROLS + b"\x1b")
    if "\ufffe" in text or "\uffff" in text:
        data = data.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    return _NO_XML_REFERENCE.sub(b"", data)


def decode(body: bytes, content_type: str | None) -> tuple[str, str]:
    """The text of ``body`` and the codec that gave it.

    A byte order mark decides; then valid UTF-8, since hardly any other text passes for it; then what the header or the
    page says, where the name is in ``CHARSETS``; then what the bytes look like.
    """
    if codec := _utf16(body):
        return body.decode(codec, "replace").lstrip("\ufeff"), codec
    body = body.removeprefix(codecs.BOM_UTF8)
    named = [name for name in _declared(body, content_type) if name]
    if "iso2022_jp" in named:  # its bytes are ASCII, hence valid UTF-8
        return body.decode("iso2022_jp", "replace"), "iso2022_jp"
    try:
        return body.decode(), "utf-8"
    except UnicodeDecodeError:
        pass
    for codec in named:
        text = body.decode(codec, "replace")
        if text.count("\ufffd") <= len(text) / 1000:
            return text, codec
    codec = _guess(body)
    return body.decode(codec, "replace"), codec


def _utf16(body: bytes) -> str | None:
    """UTF-16 by its mark, or by the zeros that are every other byte of markup."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16-le" if body.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    if body[:64].count(0) > 24:
        return "utf-16-le" if body[1] == 0 else "utf-16-be"
    return None


def _declared(body: bytes, content_type: str | None) -> list[str | None]:
    in_header = _IN_HEADER.search(content_type or "")
    in_page = _IN_PAGE.search(body[:8192])
    return [_codec(in_header[1] if in_header else ""), _codec(in_page[1].decode("ascii", "ignore") if in_page else "")]


def _codec(name: str) -> str | None:
    try:
        codec = codecs.lookup(name).name if name else ""
    except (LookupError, ValueError):
        return None
    return _WIDER.get(codec, codec) if codec in CHARSETS else None


def _guess(body: bytes) -> str:
    from charset_normalizer import from_bytes  # rarely needed

    best = from_bytes(body[:20_000]).best()
    return (best and _codec(best.encoding)) or "cp1252"


def parse(data: bytes) -> Page | None:
    """The tree of UTF-8 ``data``, or ``None`` without any element. Comments and processing instructions are gone."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(_ALL_ALIKE)
    try:
        tree = html.document_fromstring(data, parser=parser)
    except (html.etree.ParserError, html.etree.XMLSyntaxError, ValueError):
        return None
    limit = next((entry.message for entry in parser.error_log if entry.type_name == "ERR_RESOURCE_LIMIT"), "")
    return Page(tree, limit.split(",")[0])
