"""Every family of formats, read to the same entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.feeds import parse_feed, parse_feed_json
from monitor.model import FeedRejected, ParsedFeed

URL = "https://news.example/feeds/world.xml"
WHEN = datetime(2026, 11, 24, 6, 10, tzinfo=UTC)

RSS20 = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>World</title><link>https://news.example/</link><language>en-GB</language>
<item><title>Border closed</title><link>https://news.example/1</link><guid>https://news.example/1</guid>
<pubDate>Tue, 24 Nov 2026 06:10:00 GMT</pubDate><description>&lt;p&gt;It was closed.&lt;/p&gt;</description>
<author>desk@news.example (A. Writer)</author></item></channel></rss>"""

RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://news.example/"><title>World</title><link>https://news.example/</link><dc:language>en</dc:language></channel>
<item rdf:about="https://news.example/1"><title>Border closed</title><link>https://news.example/1</link>
<description>It was closed.</description><dc:creator>A. Writer</dc:creator><dc:date>2026-11-24T07:10:00+01:00</dc:date></item></rdf:RDF>"""

ATOM10 = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>World</title>
<link rel="self" href="https://news.example/feeds/world.xml"/><link href="https://news.example/"/>
<entry><id>https://news.example/1</id><title>Border closed</title><link rel="edit" href="https://news.example/edit"/>
<link rel="alternate" type="application/json" href="https://news.example/1.json"/>
<link rel="alternate" type="text/html" href="https://news.example/1"/><published>2026-11-24T06:10:00Z</published>
<author><name>A. Writer</name></author><summary type="html">&lt;p&gt;It was closed.&lt;/p&gt;</summary></entry></feed>"""

ATOM03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="en"><title>World</title>
<link rel="alternate" type="text/html" href="https://news.example/"/>
<entry><id>https://news.example/1</id><title>Border closed</title>
<link rel="alternate" type="text/html" href="https://news.example/1"/><issued>2026-11-24T06:10:00Z</issued>
<author><name>A. Writer</name></author><summary mode="escaped" type="text/html">&lt;p&gt;It was closed.&lt;/p&gt;</summary></entry></feed>"""

RSS091 = """<?xml version="1.0"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><title>World</title><link>https://news.example/</link><language>en</language>
<item><title>Border closed</title><link>https://news.example/1</link><description>It was closed.</description></item></channel></rss>"""

CDF = """<channel href="https://news.example/"><title>World</title>
<item href="https://news.example/1" lastmod="2026-11-24T06:10:00Z"><title>Border closed</title><abstract>It was closed.</abstract></item>
</channel>"""

JSON11 = """{"version": "https://jsonfeed.org/version/1.1", "title": "World", "home_page_url": "https://news.example/", "language": "en",
"items": [{"id": "https://news.example/1", "url": "https://news.example/1", "title": "Border closed",
"content_html": "<p>It was closed.</p>", "date_published": "2026-11-24T06:10:00Z", "authors": [{"name": "A. Writer"}]}]}"""

JSON10 = JSON11.replace("version/1.1", "version/1").replace(
    '"authors": [{"name": "A. Writer"}]', '"author": {"name": "A. Writer"}'
)


def read(text: str | bytes, *, url: str = URL, content_type: str | None = None) -> ParsedFeed:
    parsed = parse_feed(text.encode() if isinstance(text, str) else text, url=url, content_type=content_type)
    assert isinstance(parsed, ParsedFeed), parsed
    return parsed


def rss(item: str, channel: str = "") -> str:
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns:georss="http://www.georss.org/georss" '
        'xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
        f'xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title><link>https://news.example/sub/</link>{channel}<item>{item}</item></channel></rss>'
    )


@pytest.mark.parametrize(
    ("document", "form", "dated", "signed"),
    [
        (RSS20, "rss20", True, True),
        (RDF, "rss10", True, True),
        (ATOM10, "atom10", True, True),
        (ATOM03, "atom03", True, True),
        (RSS091, "rss091", False, False),
        (CDF, "cdf", True, False),
        (JSON11, "json11", True, True),
        (JSON10, "json10", True, True),
    ],
)
def test_every_format_gives_the_same_entry(document: str, form: str, dated: bool, signed: bool) -> None:
    feed = read(document)
    (entry,) = feed.entries
    assert feed.format == form
    assert feed.title == "World"
    assert (entry.title, entry.url, entry.text) == ("Border closed", "https://news.example/1", "It was closed.")
    if dated:
        assert (entry.published or entry.updated) == WHEN
    if signed:
        assert entry.authors == ("A. Writer",)
    if form != "cdf":
        assert feed.link == "https://news.example/"
        assert entry.lang == "en"


def test_namespaces() -> None:
    entry = read(
        rss(
            "<title>x</title><description>short</description><content:encoded><![CDATA[<p>long</p><p>text</p>]]></content:encoded>"
            "<dc:creator>One</dc:creator><dc:creator>Two</dc:creator><dc:subject>S</dc:subject><category>C</category>"
            "<dc:date>2026-11-24</dc:date><media:group><media:content url='/i.jpg' medium='image'/></media:group>"
            "<enclosure url='https://news.example/a.mp3' type='audio/mpeg'/><georss:point>41.3 69.24</georss:point>"
        )
    ).entries[0]
    assert (entry.summary, entry.content) == ("short", "long\ntext")
    assert entry.authors == ("One", "Two")
    assert entry.tags == ("S", "C")
    assert entry.image == "https://news.example/i.jpg"
    assert entry.enclosures == ("https://news.example/a.mp3",)
    assert entry.point == (41.3, 69.24)
    assert entry.published == datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "order", ["<geo:lat>41.3</geo:lat><geo:long>69.24</geo:long>", "<geo:long>69.24</geo:long><geo:lat>41.3</geo:lat>"]
)
def test_geo_in_either_order(order: str) -> None:
    assert read(rss(f"<title>x</title>{order}")).entries[0].point == (41.3, 69.24)


@pytest.mark.parametrize(
    ("channel", "ttl"),
    [
        ("<ttl>90</ttl>", timedelta(minutes=90)),
        ("<ttl>0</ttl>", None),
        ("<ttl>1000000000</ttl>", timedelta(days=365)),
        ("<ttl>often</ttl>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", timedelta(hours=6)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", timedelta(hours=1)),
        ("", None),
    ],
)
def test_the_feeds_own_wish(channel: str, ttl: timedelta | None) -> None:
    assert read(rss("<title>x</title>", channel)).ttl == ttl


def test_skipped_hours_and_days() -> None:
    channel = "<skipHours><hour>0</hour><hour>24</hour><hour>7</hour><hour>99</hour></skipHours><skipDays><day>Sunday</day><day>x</day></skipDays>"
    feed = read(rss("<title>x</title>", channel))
    assert feed.skip_hours == {0, 7}
    assert feed.skip_days == {6}


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ("<link>a/1</link>", "https://news.example/sub/a/1"),
        ("<link> \n https://news.example/x\n1 </link>", "https://news.example/x1"),
        ("<guid>https://news.example/g</guid>", "https://news.example/g"),
        ('<guid isPermaLink="false">https://news.example/g</guid>', None),
        ("<guid>tag:1</guid>", None),
        ("<link>javascript:alert(1)</link><guid>https://news.example/g</guid>", "https://news.example/g"),
        ("<link>file:///etc/passwd</link>", None),
        ('<atom:link href="https://news.example/alt"/>', "https://news.example/alt"),
        ("<link>//other.example/1</link>", "https://other.example/1"),
    ],
)
def test_links_of_rss(item: str, url: str | None) -> None:
    assert read(rss(f"<title>x</title>{item}")).entries[0].url == url


def test_atom_links_follow_xml_base() -> None:
    feed = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/a/"><title>t</title>'
        '<entry xml:base="b/"><title>x</title><id>1</id><link href="c"/></entry><entry><title>y</title><id>2</id><link href="/d"/></entry></feed>'
    )
    assert [entry.url for entry in feed.entries] == ["https://base.example/a/b/c", "https://base.example/d"]


def test_relative_links_stay_where_nothing_is_known_to_resolve_them_against() -> None:
    document = '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><title>x</title><id>1</id><link href="/d"/></entry></feed>'
    assert read(document, url="").entries[0].url == "/d"
    assert read(document.replace("/d", "javascript:x"), url="").entries[0].url is None


def test_xhtml_content_and_atom_text() -> None:
    feed = read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">a &lt; b &amp;amp; c</title><entry><id>1</id>'
        '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">The <em>end</em></div></title>'
        '<content type="xhtml"><x:div xmlns:x="http://www.w3.org/1999/xhtml"><x:p>One</x:p><x:p>Two &amp; three</x:p></x:div></content></entry></feed>'
    )
    assert feed.title == "a < b & c"
    assert feed.entries[0].title == "The end"
    assert feed.entries[0].content == "One\nTwo & three"


@pytest.mark.parametrize(
    "broken",
    [
        RSS20.replace("Border closed", "Border & closed").replace("It was", "It&nbsp;was"),
        RSS20.replace("</channel></rss>", ""),
        "\n\n<br />\n<b>Warning</b>: something in /x.php on line 1<br />\n" + RSS20,
        RSS20.replace('<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0" encoding="nonsense"?>'),
        RSS20.replace("It was", "It\x0c\x00 was"),
        RSS20.replace("<item>", "<item xyz:a='1'>"),
        RSS20.replace("<item>", "</channel><item>").replace("</channel></rss>", "</rss>"),
    ],
)
def test_broken_feeds_are_read_all_the_same(broken: str) -> None:
    (entry,) = read(broken).entries
    assert entry.url == "https://news.example/1"
    assert entry.title.replace(" &", "") == "Border closed"
    assert entry.published == WHEN


def test_a_valid_empty_feed_is_a_feed() -> None:
    assert read("<rss version='2.0'><channel><title>T</title></channel></rss>").entries == ()
    assert read('<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title></feed>').entries == ()
    assert read('{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": []}').entries == ()


LOGIN = "<html><head><title>Sign in</title></head><body><form><input type='password'></form></body></html>"
CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>cf-chl</body></html>"


@pytest.mark.parametrize(
    ("body", "reason", "said"),
    [
        (b"", "empty", "empty"),
        (b" \n\t\xef\xbb\xbf", "empty", "empty"),
        (b"<!DOCTYPE html><html><head><title>404 &amp; gone</title></head></html>", "html", "404 & gone"),
        (LOGIN.encode(), "login_page", "login"),
        (CHALLENGE.encode(), "html", "browser"),
        (b"<HTML><BODY>maintenance</BODY></HTML>", "html", "web page"),
        (b"<div>oops</div>", "html", "web page"),
        (b"<!DOCTYPE html SYSTEM 'about:legacy-compat'><html><head></head></html>", "html", "web page"),
        (b"<!-- a --><?xml version='1.0'?><!DOCTYPE html PUBLIC 'x' 'y'><html/>", "html", "web page"),
        (b'{"error": "not found"}', "not_a_feed", "JSON"),
        (b"[1, 2]", "not_a_feed", "JSON"),
        (b"{" * 100_000, "not_a_feed", "JSON"),
        (b"<opml version='2.0'><body/></opml>", "not_a_feed", "opml"),
        (b"Service unavailable", "not_a_feed", "Service unavailable"),
        (b"<rss", "not_a_feed", ""),
        (b"<rdf:RDF><nothing/>", "malformed", "rdf"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_feed", "PNG"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: bytes, reason: str, said: str) -> None:
    rejected = parse_feed(body, url=URL, content_type="application/rss+xml")
    assert isinstance(rejected, FeedRejected)
    assert rejected.reason == reason
    assert said in rejected.detail
    assert rejected.detail.isprintable()


def test_the_stateless_form() -> None:
    assert parse_feed_json(RSS20.encode(), URL, None) == {
        "title": "World",
        "link": "https://news.example/",
        "entries": [
            {
                "guid": "https://news.example/1",
                "url": "https://news.example/1",
                "title": "Border closed",
                "summary": "It was closed.",
                "author": "A. Writer",
                "published": "2026-11-24T06:10:00+00:00",
            }
        ],
        "error": None,
    }
    assert parse_feed_json(b"", URL, None) == {
        "title": None,
        "link": None,
        "entries": [],
        "error": "empty: an empty reply",
    }


@pytest.mark.parametrize("whole", [RSS20, RDF, ATOM10])
def test_a_document_that_ends_in_the_middle_is_read_and_said_to_be_cut_off(whole):
    def parsed(text):
        return parse_feed(text.encode(), url=URL, content_type=None)

    assert not parsed(whole).cut_off
    assert not parsed(whole.replace("<title>World", "<title>World & co")).cut_off  # ill-formed, and whole
    half = parsed(whole[: whole.rindex("</")])
    assert half.cut_off
    assert [entry.title for entry in half.entries] == ["Border closed"]
