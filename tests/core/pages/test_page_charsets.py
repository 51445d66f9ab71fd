from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from writing import article, paragraphs, read

from monitor.core.pages.markup import CHARSETS, decode
from monitor.model import Extract


def declared(lang: str, name: str) -> str:
    return article(lang).replace('<meta charset="utf-8">', f'<meta charset="{name}">')


@pytest.mark.parametrize(
    ("lang", "codec", "header", "meta"),
    [
        ("ru", "cp1251", "text/html; charset=windows-1251", "utf-8"),
        ("ru", "koi8-r", None, "koi8-r"),
        ("ja", "shift_jis", "text/html", "Shift_JIS"),
        ("ja", "euc_jp", 'text/html; charset="EUC-JP"', "x"),
        ("ja", "iso2022_jp", "text/html; charset=iso-2022-jp", "iso-2022-jp"),
        ("ar", "cp1256", "text/html; charset=windows-1256", ""),
        ("de", "iso8859-1", "text/html; charset=iso-8859-1", "iso-8859-1"),
        ("de", "utf-8", "text/html; charset=iso-8859-1", "windows-1251"),
        ("ru", "utf-8", "text/html; charset=utf-7", "unicode_escape"),
        ("ru", "utf-16", "text/html", "utf-8"),
        ("de", "utf-16-le", "text/html", "utf-8"),
        ("ru", "utf-8-sig", None, "koi8-r"),
        ("ru", "cp1251", "text/html; charset=bogus", "punycode"),
    ],
)
def test_text_comes_right_whatever_is_declared(lang: str, codec: str, header: str | None, meta: str) -> None:
    body = declared(lang, meta).encode(codec, "xmlcharrefreplace")
    assert read(body, content_type=header).text.split("\n") == paragraphs(lang)


@pytest.mark.parametrize(
    "name",
    [
        "utf-7",
        "unicode_escape",
        "raw_unicode_escape",
        "punycode",
        "idna",
        "base64",
        "rot13",
        "zlib",
        "utf-32",
        "mbcs",
        "",
    ],
)
def test_no_other_codec_is_ever_used(name: str) -> None:
    body = (
        b"<html><head><meta charset='"
        + name.encode()
        + b"'></head><body><p>+ADw-script+AD4- \xff\xfe\\u0041</p></body></html>"
    )
    _, codec = decode(body, f"text/html; charset={name}")
    assert codec in CHARSETS


def test_one_bad_byte_spoils_nothing_else() -> None:
    body = article("ru").encode().replace("Мост".encode(), b"\xff" + "Мост".encode(), 1)
    assert "Работы шли всю зиму" in read(body).text


@settings(deadline=None, max_examples=60)
@given(
    st.binary(max_size=3000),
    st.sampled_from([None, "text/html", "text/html; charset=shift_jis", "text/html; charset=utf-16"]),
)
def test_any_bytes_give_a_status(body: bytes, content_type: str | None) -> None:
    found = read(body, content_type=content_type)
    assert isinstance(found, Extract)
    assert "\x00" not in found.text
    found.text.encode()


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=2000))
def test_any_markup_gives_a_status(markup: str) -> None:
    assert isinstance(read(f"<html><body><p>{markup}".encode("utf-8", "replace")), Extract)
