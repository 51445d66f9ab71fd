"""The linear look before any parser. (Anything quadratic here would take hours, not the seconds that it takes.)"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.precheck import precheck, without_doctype

ITEM = b"<item><title>News</title><link>https://x.example/1</link><description><![CDATA[<p class='a' id=\"b\">Text</p>]]></description></item>"


def test_real_sizes_pass() -> None:
    """T12: a cap must not refuse feeds that exist."""
    for size in (38_000, 6_000_000, 9_900_000):
        text = b"word " * 400
        body = b"<rss><channel>" + (ITEM.replace(b"Text", text)) * (size // (len(ITEM) + 2_000)) + b"</channel></rss>"
        assert precheck(body, "xml") is None
    assert precheck(b"<html>" + b"<p>paragraph <a href='x'>y</a></p>" * 10_000, "html") is None
    assert precheck(b'{"items": []}', "json") is None


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"<rss>" + b"x" * 10_500_000, "xml", "bytes"),
        (b"x" * 2_200_001, "html", "bytes"),
        (b"<rss><item/>" * 230_000, "xml", "items"),
        (b"<x:entry a='b'>" * 30_000, "xml", "items"),
        (b"<html>" + b"<b>" * 110_000, "html", "tags"),
        (b"<html>" + b"<!--" * 1_000, "html", "comments"),
        (b"<p " + b" ".join(b'a%d="1"' % n for n in range(400)) + b">", "html", "attributes"),
        (b"<p " + b" ".join(b"a%d='>'" % n for n in range(400)) + b">", "xml", "attributes"),
        (b"<p " + b" ".join(b"a%d='<'" % n for n in range(400)) + b">", "xml", "attributes"),
        (b"<p " + b"a " * 5_000 + b">", "html", "attributes"),
        (b"<p " + b"a=b " * 5_000 + b">", "html", "attributes"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "xml", "entities"),
        (b"\xef\xbb\xbf<?xml version='1.0'?> <!-- x --> <!DOCTYPE a [ <!ENTITY b 'c'>]><a/>", "xml", "entities"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>".encode("utf-16"), "xml", "entities"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>".encode("utf-32-be"), "xml", "entities"),
        (b"<!DOCTYPE a SYSTEM 'http://x.example/a.dtd'><a/>", "xml", "DTD"),
    ],
)
def test_refused_with_a_reason(body: bytes, kind: str, said: str) -> None:
    reason = precheck(body, kind)  # type: ignore[arg-type]
    assert reason is not None
    assert said in reason


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html>",
        b"<!DOCTYPE html SYSTEM 'about:legacy-compat'><html>",
        b'<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss/>',
        b'<!DOCTYPE rss SYSTEM "rss-0.91.dtd"><rss/>',
        b"<!DOCTYPE rss [<!ELEMENT rss ANY>]><rss/>",
        b"<rss><description><![CDATA[<!DOCTYPE a [<!ENTITY b 'c'>]>]]></description></rss>",
        b"",
    ],
)
def test_harmless_declarations_pass(body: bytes) -> None:
    assert precheck(body, "xml") is None


@pytest.mark.parametrize(
    "flood",
    [
        b"<",
        b"=",
        b'="',
        b"=' ",
        b"<!--",
        b"<?",
        b"<!DOCTYPE a ",
        b" ",
        b"a=b ",
        b'<a b="',
        b"<a a='1' a='2' ",
        b"<a" + b" a='1'" * 250 + b">",
        b"-->",
        b"<![CDATA[",
        b"<script",
        b"<script>",
        b"<a b>",
        b"<p =",
        b"<!-",
    ],
)
def test_floods_take_linear_time(flood: bytes) -> None:
    body = flood * (5_000_000 // len(flood))
    precheck(body, "xml")
    precheck(b"<?xml ?>" + body, "xml")
    precheck(b"<!--" + body, "xml")
    precheck(body[:2_000_000], "html")


FLOOD = b"<p " + b" ".join(b"a%d='1'" % n for n in range(400)) + b">"
PROGRAM = b"if(a<b&&" + b"".join(b"x%d=y;z%d=1 " % (n, n) for n in range(1_500)) + b"c)d()"
DATA = b" ".join(b"{&quot;id&quot;: %d, a = %d, <b c=d>, <!-- <script>}" % (n, n) for n in range(5_000))

NOTHING_IN_IT = st.one_of(
    st.sampled_from(
        [b"<!-->", b"<p>", b"</div>", b"text < 5 ", b"<br/>", b'<a href="/x">', b"<!DOCTYPE html>", b"<b x>"]
    ),
    st.sampled_from([FLOOD, PROGRAM, DATA.replace(b"<!--", b"")]).map(lambda inner: b"<!--" + inner + b"-->"),
    st.sampled_from([FLOOD, PROGRAM, DATA, b"<!--" * 600]).map(lambda inner: b"<SCRIPT type=x>" + inner + b"</Script>"),
    st.sampled_from([FLOOD, PROGRAM, DATA, b"<!--" * 600, b"<" * 110_000]).map(
        lambda inner: b'<div class=a data-posts="' + inner.replace(b'"', b"") + b"\" id='b\"c'>"
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(NOTHING_IN_IT, max_size=8), st.sampled_from([b"", FLOOD]), st.data())
def test_only_attributes_of_tags_are_counted(pieces: list[bytes], flood: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(pieces)))
    body = b"".join((*pieces[:at], flood, *pieces[at:]))
    assert (precheck(body, "html") is not None) == bool(flood)


def test_a_flood_within_cdata_is_one() -> None:
    """It is markup for whoever reads the entry's text."""
    feed = b"<rss><channel><item><description><![CDATA[<!-- open%s]]></description></item></channel></rss>"
    assert precheck(feed % b"", "xml") is None
    assert precheck(feed % b"" + feed % (b"-->" + FLOOD), "xml") is not None
    assert precheck(feed % b"" + FLOOD, "xml") is not None


@given(st.binary(max_size=200), st.sampled_from(["xml", "html", "json"]))
def test_no_bytes_raise(body: bytes, kind: str) -> None:
    precheck(body, kind)  # type: ignore[arg-type]


def test_what_stands_before_the_root_is_taken_away() -> None:
    assert without_doctype("<!-- é --><!DOCTYPE rss PUBLIC 'a' 'b'>\n<rss/>") == "<rss/>"
    assert without_doctype("<!DOCTYPE rss [<!ELEMENT rss ANY>] >\n<rss/>") == "<rss/>"
    assert without_doctype("<rss/>") == "<rss/>"
