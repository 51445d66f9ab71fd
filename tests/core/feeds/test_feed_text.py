"""Charsets, markup and dates of feeds."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feeds import parse_feed
from monitor.core.feeds.charset import ALLOWED, decode
from monitor.core.feeds.dates import parse_feed_date
from monitor.core.feeds.markup import plain_text
from monitor.model import ParsedFeed

TEXT = "Grenze geschlossen — “Ağrı”, Київ, 東京"


def document(text: str, declared: str | None = None) -> str:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return f"{head}<rss version='2.0'><channel><title>T</title><item><title>{text}</title></item></channel></rss>"


def title(body: bytes, content_type: str | None = None) -> str:
    parsed = parse_feed(body, url="https://x.example/f", content_type=content_type)
    assert isinstance(parsed, ParsedFeed), parsed
    return parsed.entries[0].title


@pytest.mark.parametrize(
    ("codec", "declared", "content_type", "text"),
    [
        ("utf-8", None, None, TEXT),
        ("utf-8", "iso-8859-1", "text/xml; charset=windows-1251", TEXT),
        ("utf-8-sig", "iso-8859-1", None, TEXT),
        ("utf-16", "utf-16", None, TEXT),
        ("utf-16-le", "utf-16", None, TEXT),
        ("utf-16-be", None, "application/xml; charset=utf-16", TEXT),
        ("utf-32", None, None, TEXT),
        ("cp1251", "windows-1251", "text/xml; charset=utf-8", "Київ і Москва"),
        ("cp1251", None, 'text/xml; charset="windows-1251"', "Київ і Москва"),
        ("koi8-r", "KOI8-R", None, "Москва"),
        ("shift_jis", "Shift_JIS", None, "東京で地震"),
        ("iso2022_jp", "iso-2022-jp", None, "東京で地震"),
        ("gbk", "gb2312", None, "北京会谈"),
        ("euc_kr", "euc-kr", None, "서울에서"),
        ("cp1256", "windows-1256", None, "القاهرة"),
        ("cp1252", None, None, "Café “été”"),
        ("cp1252", "iso-8859-1", None, "Café “été”"),
        ("cp1252", "utf-8", None, "Café “été” für ÄÖÜ"),
        ("cp1252", "utf-7", None, "Café “été”"),
        ("cp1252", "unicode_escape", "text/xml; charset=punycode", "Café “été”"),
    ],
)
def test_charsets(codec: str, declared: str | None, content_type: str | None, text: str) -> None:
    assert title(document(text, declared).encode(codec), content_type) == text


def test_only_listed_charsets_are_ever_used() -> None:
    for name in (
        "utf-7",
        "punycode",
        "idna",
        "unicode_escape",
        "raw_unicode_escape",
        "rot13",
        "zlib",
        "hex",
        "base64",
        "undefined",
    ):
        assert name not in ALLOWED
        text, codec = decode(
            f'<?xml version="1.0" encoding="{name}"?><a>+ADw-\\u0041</a>'.encode(), f"text/xml; charset={name}"
        )
        assert codec == "utf-8"
        assert "+ADw-\\u0041" in text


def test_utf8_with_a_damaged_byte_is_not_read_as_latin() -> None:
    body = document(TEXT * 3).encode()
    at = body.index("Київ".encode())
    assert "東京" in title(body[:at] + b"\xff" + body[at:])


@given(st.binary(max_size=300), st.sampled_from([None, "text/xml; charset=utf-16", "x; charset=big5", "charset=utf-7"]))
def test_decode_never_fails(body: bytes, content_type: str | None) -> None:
    decode(b"<?xml version='1.0'?>" + body, content_type)
    decode(body, content_type)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain  text\n with breaks", "plain text with breaks"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br>Two<br/>\n<br/>Three", "One\nTwo\nThree"),
        ("a <a href='x'>link</a> kept", "a link kept"),
        ("<script>var a = '<p>x</p>';</script>after", "after"),
        ("<style>p { a > b }</style >after", "after"),
        ("<iframe src='x'></iframe>after<svg><path d='1'/></svg>!", "after!"),
        ("<img src='x' alt='a > b'>after", "after"),
        ('<a title="x < y > z" href="q">kept</a> end', "kept end"),
        ("5 < 6 and 7 > 3 & 1", "5 < 6 and 7 > 3 & 1"),
        ("<!-- gone <b>x</b> -->kept", "kept"),
        ("a<!-- never closed", "a"),
        ("<![CDATA[kept]]>", "kept"),
        ("&lt;b&gt; is a tag <i>x</i>", "<b> is a tag x"),
        ("&lt;p&gt;escaped &lt;b&gt;twice&lt;/b&gt;&lt;/p&gt;", "escaped twice"),
        ("Fish &amp;amp; chips &amp;#8217; &amp;quot;", 'Fish & chips ’ "'),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\nc"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("<x:p>ns</x:p><custom-tag>t</custom-tag>", "ns\nt"),
        ("a<br", "a"),
        ("&nbsp;a&nbsp;b&nbsp;", "a b"),
        ("it's <b class=x title='it's'>bold</b> text", "it's bold text"),
        ("", ""),
    ],
)
def test_markup(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("List<T> and Map<K,V>", "List<T> and Map<K,V>"),
        ("<b>Bold</b><br>title", "Bold title"),
        ("Two\n lines", "Two lines"),
        ("A &lt; B", "A < B"),
    ],
)
def test_titles(markup: str, text: str) -> None:
    assert plain_text(markup, inline=True) == text


@given(
    st.lists(
        st.sampled_from(
            ["<", ">", "/", "p", "b", " ", "script", "!--", "-->", '"', "'", "a=", "&lt;", "&amp;", "x", "\n"]
        ),
        max_size=60,
    )
)
def test_no_tag_of_html_is_left(parts: list[str]) -> None:
    text = plain_text("".join(parts))
    assert text == text.strip()
    assert "\n\n" not in text
    if "&" not in "".join(parts) and not {'"', "'"} & set(parts):
        assert not re.search(r"<(?:p|b|script)[\s/>]", text)


@pytest.mark.parametrize(
    "flood",
    [
        "<!--",
        "<a ",
        '<a b="',
        "<p>",
        "<",
        "<script>",
        "</",
        "&amp;",
        "&#",
        "<a '",
        "<![CDATA[",
        "a.",
        "<b>x</b>",
        "<style x='>'",
    ],
)
def test_floods_take_linear_time(flood: str) -> None:
    # quadratic reading of these would take hours
    plain_text(flood * 200_000)
    plain_text(flood * 200_000, inline=True)


MOMENT = datetime(2026, 11, 24, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    """Tue, 24 Nov 2026 06:10:00 GMT|Tue, 24 Nov 2026 06:10 UT|24 Nov 26 08:10:00 +0200|Tue, 24 Nov 2026 01:10:00 EST
    Tue, 24 Nov 2026 06:10:00 +9900|2026-11-24T06:10:00Z|2026-11-24T11:40:00+05:30|2026-11-24 06:10|20261124T061000Z
    2026-11-24T07:10:00 +0100|Di, 24 Nov 2026 07:10:00 +0100|24. November 2026, 06:10|24 de noviembre de 2026 06:10
    mar., 24 novembre 2026 06:10|вт, 24 ноя 2026 09:10:00 +0300|24 ноября 2026 г. 06:10|24 Kasım 2026 06:10
    November 24, 2026 6:10 am|Tue Nov 24 06:10:00 2026|Tue Nov 24 01:10:00 EST 2026|11/24/2026 06:10|24/11/2026 06:10
    24.11.2026 06:10|2026/11/24 06:10:00|2026年11月24日 06:10|2026년 11월 24일 오전 06:10|1795500600|1795500600000
    Tue, 24 Nov 2026 06:10:00|Tuesday, November 24, 2026 - 06:10|2026-11-24T06:10:00.000Z|24-Nov-2026 06:10
    3 Adar, Tue, 24 Nov 2026 06:10:00 XYZ""".replace("\n    ", "|").split("|")[:-1],
)
def test_dates(text: str) -> None:
    assert parse_feed_date(text) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "junk",
        "32 Jan 2026",
        "0001-01-01T00:00:00+05:00",
        "9" * 1_000_000,
        "2026-13-01",
        "99",
        "Jan",
        "24:61",
        "9999-12-31T23:59:59-05:00",
        "١٢٣",
    ],
)
def test_no_dates(text: str) -> None:
    assert parse_feed_date(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 24:00:00 GMT", datetime(2026, 11, 25, tzinfo=UTC)),
        ("Sat, 31 Dec 2016 23:59:60 GMT", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2040-02-01", datetime(2040, 2, 1, tzinfo=UTC)),
    ],
)
def test_odd_dates_are_given_as_they_are(text: str, moment: datetime) -> None:
    assert parse_feed_date(text) == moment


@given(
    st.text(max_size=60)
    | st.from_regex(r"[A-Za-z]{3}, \d{1,3} [A-Za-zа-я]{3,8} \d{1,5} \d\d?:\d\d?:?\d* ?[+-]?\w{0,5}", fullmatch=True)
)
def test_dates_never_raise(text: str) -> None:
    moment = parse_feed_date(text)
    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  (as Hypothesis wants them)
def test_dates_round_trip(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    assert parse_feed_date(moment.isoformat()) == moment
    assert parse_feed_date(moment.strftime("%a, %d %b %Y %H:%M:%S +0000")) == moment


@given(st.text(st.characters(exclude_characters="<>&"), max_size=200))
def test_stored_text_is_clean(text: str) -> None:
    """T26: whatever stands in a title, what is stored has no control characters, surrogates or non-characters."""
    stored = title(document("x" + text).encode("utf-8", "surrogatepass"))
    assert not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]", stored)
    assert unicodedata.is_normalized("NFC", stored)
    stored.encode()


def test_combining_marks_are_bounded() -> None:
    assert len(title(document("a" + "\u0301" * 10_000).encode())) < 20
