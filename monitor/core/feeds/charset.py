"""Bytes to text, from an allow-list of charsets; whatever else is declared is ignored.

The order: a byte order mark; UTF-16 told by its zero bytes; an escape-sequence charset (ISO-2022-JP) as declared,
since its bytes are ASCII; UTF-8 where the bytes are valid UTF-8, whatever is declared (no other text of any length is
so by chance); the document's own declaration; the content type; UTF-8 with a few damaged bytes; windows-1252.
Names are read as browsers read them (WHATWG Encoding): latin-1 is windows-1252, GB2312 is GB18030.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ZEROS = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))

_CODECS = {
    "utf-8": "utf8 unicode-1-1-utf-8",
    "cp1252": "windows-1252 iso-8859-1 iso8859-1 latin1 latin-1 l1 us-ascii ascii x-cp1252 iso_8859-1",
    "cp1250": "windows-1250",
    "cp1251": "windows-1251 win-1251 x-cp1251",
    "cp1253": "windows-1253",
    "cp1254": "windows-1254 iso-8859-9 latin5",
    "cp1255": "windows-1255",
    "cp1256": "windows-1256",
    "cp1257": "windows-1257",
    "cp1258": "windows-1258",
    "cp866": "ibm866",
    "cp874": "windows-874 tis-620 iso-8859-11",
    "iso8859-2": "iso-8859-2 latin2",
    "iso8859-3": "iso-8859-3",
    "iso8859-4": "iso-8859-4",
    "iso8859-5": "iso-8859-5",
    "iso8859-6": "iso-8859-6",
    "iso8859-7": "iso-8859-7",
    "iso8859-8": "iso-8859-8 iso-8859-8-i",
    "iso8859-10": "iso-8859-10",
    "iso8859-13": "iso-8859-13",
    "iso8859-14": "iso-8859-14",
    "iso8859-15": "iso-8859-15 latin-9",
    "iso8859-16": "iso-8859-16",
    "koi8-r": "koi8r koi8",
    "koi8-u": "koi8-ru",
    "kz1048": "kz-1048 rk1048",
    "mac-roman": "macintosh",
    "mac-cyrillic": "x-mac-cyrillic",
    "gb18030": "gb2312 gbk gb_2312-80 x-gbk cp936",
    "big5hkscs": "big5 big5-hkscs x-x-big5",
    "cp932": "shift_jis shift-jis sjis x-sjis windows-31j ms_kanji",
    "euc_jp": "euc-jp x-euc-jp",
    "iso2022_jp_2": "iso-2022-jp",
    "cp949": "euc-kr ks_c_5601-1987 ksc5601 windows-949 euckr",
    "utf-16": "utf16 utf-16le utf-16be",
}
ALLOWED = {name: codec for codec, names in _CODECS.items() for name in (codec, *names.split())}
"""Name as declared, lower-case -> Python's codec."""

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([\w.:-]{1,40})""")
_CONTENT_TYPE = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)

_DAMAGE = 10
"""Text is UTF-8 with damage where for each bad byte at least so many characters beyond ASCII are well-formed."""


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """The text of ``body`` without a byte order mark, and the codec that it was read by. Never raises."""
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace"), codec
    for start, codec in _ZEROS:
        if body.startswith(start):
            return body.decode(codec, "replace"), codec
    names = (_declared(body), _in_content_type(content_type))
    candidates = [ALLOWED[name] for name in names if name in ALLOWED and ALLOWED[name] != "utf-16"]
    if candidates and candidates[0] == "iso2022_jp_2" and b"\x1b" in body:
        return body.decode("iso2022_jp_2", "replace"), "iso2022_jp_2"
    for codec in ("utf-8", *candidates):
        try:
            return body.decode(codec), codec
        except UnicodeDecodeError:
            continue
    damaged = body.decode("utf-8", "replace")
    bad = damaged.count("\ufffd")
    if sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", damaged))) >= bad * _DAMAGE:
        return damaged, "utf-8"
    codec = next((c for c in candidates if c not in ("utf-8", "cp1252")), "cp1252")
    return body.decode(codec, "replace"), codec


def _declared(body: bytes) -> str:
    found = _DECLARED.search(body[:1024])
    return found[1].decode("ascii").lower() if found else ""


def _in_content_type(content_type: str | None) -> str:
    found = _CONTENT_TYPE.search(content_type or "")
    return found[1].lower() if found else ""
