"""Hostile feeds: refused, read within limits, or ended by the deadline of the process; never a way out of it."""

from __future__ import annotations

import codecs
import multiprocessing
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feeds import parse_feed
from monitor.core.feeds.shape import MAX_CONTENT, MAX_ENCLOSURES, MAX_SUMMARY, MAX_TAGS, MAX_TITLE
from monitor.model import FeedRejected, ParsedFeed

URL = "https://news.example/f"


def rss(item: str, prolog: str = "") -> str:
    return f"{prolog}<rss version='2.0'><channel><title>T</title><item><link>https://news.example/1</link>{item}</item></channel></rss>"


def laughs(levels: int) -> str:
    lines = ["<!ENTITY a0 'ha'>"] + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels + 1)]
    return f"<?xml version='1.0'?><!DOCTYPE rss [{''.join(lines)}]>"


ATTACKS = {
    "billion laughs": rss("<title>&a9;</title>", laughs(9)),
    "million laughs": rss("<title>&a6;</title>", laughs(6)),
    "quadratic": rss(f"<title>{'&a;' * 10_000}</title>", f"<!DOCTYPE rss [<!ENTITY a '{'x' * 10_000}'>]>"),
    "parameter entity": rss("<title>x</title>", "<!DOCTYPE rss [<!ENTITY % p SYSTEM 'http://victim.example/'>%p;]>"),
    "file": rss("<title>&x;</title>", "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"),
    "http": rss("<title>&x;</title>", "<!DOCTYPE rss [<!ENTITY x SYSTEM 'http://victim.example/'>]>"),
    "external DTD": rss("<title>x</title>", "<!DOCTYPE rss SYSTEM 'http://victim.example/x.dtd'>"),
    "after a comment": rss("<title>&x;</title>", "<!-- > --><?pi > ?>\n<!DOCTYPE rss [<!ENTITY x 'y'>]>"),
    "lower case": rss("<title>&x;</title>", "<!doctype rss [<!entity x 'y'>]>"),
    "after junk": rss("<title>&x;</title>", "Warning: x<br/><?xml version='1.0'?><!DOCTYPE rss [<!ENTITY x 'y'>]>"),
}


@pytest.fixture
def opened() -> Any:
    """Names of all that this thread opens, connects to or starts while the test runs."""
    seen: list[str] = []
    watching, me = [True], threading.get_ident()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if (
            watching[0]
            and threading.get_ident() == me
            and event in {"open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.listdir"}
        ):
            seen.append(f"{event} {arguments[0]!r}")

    parse_feed(b"<rss><channel><item><title>warm & up", url=URL, content_type=None)  # imports open files
    for codec in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        codecs.lookup(codec)  # so do codecs
    sys.addaudithook(hook)
    yield seen
    watching[0] = False


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_entities_and_dtds_are_refused_before_any_parser(attack: str, encoding: str, opened: list[str]) -> None:
    """T19."""
    rejected = parse_feed(ATTACKS[attack].encode(encoding), url=URL, content_type="application/rss+xml")
    assert isinstance(rejected, FeedRejected), rejected
    assert rejected.reason == ("hostile_xml" if encoding != "utf-16-be" or attack not in _NO_MARK else rejected.reason)
    assert opened == []


_NO_MARK = {"after junk"}
"""UTF-16 without a byte order mark is told by its first characters, which junk is not."""


def test_an_article_about_entities_is_no_attack() -> None:
    body = rss(
        "<title>XXE</title><description><![CDATA[<pre>&lt;!DOCTYPE a [&lt;!ENTITY x SYSTEM 'y'>]></pre> <!ENTITY x 'y'>]]></description>"
    )
    parsed = parse_feed(body.encode(), url=URL, content_type=None)
    assert isinstance(parsed, ParsedFeed)
    assert "ENTITY" in parsed.entries[0].summary


@pytest.mark.parametrize("local", [False, True])
def test_bodies_that_are_paths_or_addresses_open_nothing(local: bool, opened: list[str], tmp_path: Path) -> None:
    """T25."""
    feed = tmp_path / "feed.xml"
    feed.write_text(rss("<title>secret</title>"))
    opened.clear()
    bodies = ["/etc/passwd", "/dev/zero", "http://127.0.0.1/", "file:///etc/passwd", "feed.xml", "C:\\x", str(feed)]
    for body in bodies:
        rejected = parse_feed((body + ("\n" if local else "")).encode(), url=URL, content_type="application/xml")
        assert isinstance(rejected, FeedRejected)
        assert rejected.reason == "not_a_feed"
    assert opened == []


REFUSED = {
    "attributes": "<rss " + " ".join(f"a{n}='1'" for n in range(100_000)) + "><channel/></rss>",
    "attributes with brackets": "<rss><channel><item "
    + " ".join(f'a{n}=">"' for n in range(10_000))
    + "/></channel></rss>",
    "attributes without values": "<rss " + "b " * 100_000 + "><channel/></rss>",
    "comments": "<rss><channel>" + "<!--" * 250_000,
    "items": "<rss><channel>" + "<item/>" * 230_000 + "</channel></rss>",
    "entries": "<feed xmlns='http://www.w3.org/2005/Atom'>" + "<entry/>" * 230_000 + "</feed>",
    "size": "<rss><channel>" + "x" * 11_000_000,
}


@pytest.mark.parametrize("name", REFUSED)
def test_floods_are_refused_by_the_linear_look(name: str) -> None:
    """T20, what the pre-check finds."""
    rejected = parse_feed(REFUSED[name].encode(), url=URL, content_type=None)
    assert isinstance(rejected, FeedRejected)
    assert rejected.reason in ("hostile_xml", "too_large")


READ = {
    "author": "<author>" + "a." * 100_000 + "</author>",
    "author, not well-formed": "<author>" + "a." * 100_000 + "</author>&nbsp;",
    "style": f'<description><![CDATA[<p style="{"a" * 100_000}">x</p>]]></description>',
    "escaped comments": "<description>" + "&lt;!--" * 200_000 + "</description>",
    "escaped attributes": "<description>&lt;p " + "a=&quot;1&quot; " * 100_000 + "&gt;x</description>",
    "punycode": "<description>" + "x" * 200_000 + "</description>",
    "text": "<description>" + "<![CDATA[" + "x " * 2_000_000 + "]]></description>",
}


@pytest.mark.parametrize("name", READ)
def test_fields_on_which_others_run_away_are_read(name: str) -> None:
    """T20, what this reader is linear in. (Quadratic reading of these would take minutes.)"""
    prolog = "<?xml version='1.0' encoding='punycode'?>" if name == "punycode" else ""
    parsed = parse_feed(
        rss(f"<title>x</title>{READ[name]}", prolog).encode(), url=URL, content_type="text/xml; charset=punycode"
    )
    assert isinstance(parsed, ParsedFeed)
    assert parsed.entries[0].title == "x"


def test_fields_are_cut_and_say_so() -> None:
    """T18."""
    item = (
        f"<title>{'Ж' * 2_000_000}</title><description>{'word ' * 100_000}</description>"
        f"<guid isPermaLink='false'>{'g' * 10_000}</guid><author>{'n' * 1_000_000}</author>"
        + "".join(f"<category>c{n}</category>" for n in range(10_000))
        + "".join(f"<enclosure url='https://x.example/{n}' type='audio/x'/>" for n in range(10_000))
        + f"<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>{'text ' * 300_000}</content:encoded>"
    )
    parsed = parse_feed(rss(item).encode(), url=URL, content_type=None)
    assert isinstance(parsed, ParsedFeed)
    (entry,) = parsed.entries
    assert entry.title == "Ж" * MAX_TITLE
    assert MAX_SUMMARY - 5 <= len(entry.summary) <= MAX_SUMMARY
    assert MAX_CONTENT - 5 <= len(entry.content) <= MAX_CONTENT
    assert len(entry.tags) == MAX_TAGS
    assert len(entry.enclosures) == MAX_ENCLOSURES
    assert set(entry.truncated) == {"guid", "title", "summary", "content", "authors", "tags", "enclosures"}


def test_a_link_too_long_is_none_and_said() -> None:
    item = f"<title>x</title><link>https://x.example/{'a' * 1_000_000}</link>"
    parsed = parse_feed(
        rss(item).replace("<link>https://news.example/1</link>", "").encode(), url=URL, content_type=None
    )
    assert isinstance(parsed, ParsedFeed)
    assert parsed.entries[0].url is None
    assert parsed.entries[0].truncated == ("url",)


@pytest.mark.parametrize("depth", [1_000, 20_000])
def test_deep_nesting_breaks_no_stack(depth: int) -> None:
    for inside in ("<b>" * depth, f"<description>{'<div>' * depth}</description>"):
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_parse_and_leave, args=(rss(f"<title>x</title>{inside}"),))
        process.start()
        process.join(60)
        assert process.exitcode == 0


def _parse_and_leave(text: str) -> None:
    parse_feed(text.encode(), url=URL, content_type=None)
    os._exit(0)


PIECES = ["<rss version='2.0'>", "<channel>", "<item>", "</item>", "</channel>", "</rss>", "<title>", "</title>", "<link>", "<![CDATA[", "]]>",
          "<?xml version='1.0'?>", "<!DOCTYPE rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>", "&amp;", "&x;", "&#0;", "text", "<pubDate>",
          "<description>", "<guid>", "<author>", "<a b='c'>", "{", "}", '"items":', "[", "]", "\0", "\ud800", "é", "<!--", "-->"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40) | st.lists(st.binary(max_size=40), max_size=4))
def test_no_bytes_raise(pieces: list[Any]) -> None:
    """T81."""
    body = b"".join(p if isinstance(p, bytes) else p.encode("utf-8", "surrogatepass") for p in pieces)
    result = parse_feed(body, url=URL, content_type=None)
    assert isinstance(result, ParsedFeed | FeedRejected)
