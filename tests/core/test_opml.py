"""Subscription lists: every address of the broken ones, and well-formed ones of our own."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.opml import parse_opml, write_opml
from monitor.model import FeedSpec


def opml(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head><title>x</title></head><body>{body}</body></opml>'.encode()


def test_folders_are_groups() -> None:
    found = parse_opml(
        opml(
            '<outline text="World"><outline text="Asia"><outline type="rss" text="A" xmlUrl="https://a.example/f"/></outline>'
            '<outline text="B" xmlUrl="https://b.example/f"></outline><outline title="C" xmlUrl="https://c.example/f" category="/news/east,Politics" language="de-AT"/></outline>'
            '<outline text="D" xmlUrl="https://d.example/f"/>'
        )
    )
    assert [(f.name, f.group) for f in found.feeds] == [("A", "Asia"), ("B", "World"), ("C", "World"), ("D", "default")]
    assert found.feeds[2].tags == ("news/east", "Politics")
    assert found.feeds[2].lang == "de"
    assert found.notes == ()


@pytest.mark.parametrize(
    ("outline", "url", "name"),
    [
        ('<outline text="A & B" xmlUrl="https://a.example/f?x=1&y=2"/>', "https://a.example/f?x=1&y=2", "A & B"),
        (
            '<outline text="A &amp; B" xmlUrl="https://a.example/f?x=1&amp;y=2"/>',
            "https://a.example/f?x=1&y=2",
            "A & B",
        ),
        ("<OUTLINE TEXT='A' XMLURL='https://a.example/f'/>", "https://a.example/f", "A"),
        ('<outline xmlUrl="https://a.example/f">', "https://a.example/f", "a.example"),
        ('<outline text="say "hi"" xmlUrl="https://a.example/f"/>', "https://a.example/f", "say"),
        ('<outline text="a > b < c" xmlUrl="https://a.example/f"/>', "https://a.example/f", None),
        ('<outline text="x" xmlUrl=https://a.example/f />', "https://a.example/f", "x"),
        ('<outline text="x" xmlUrl="feed://a.example/f"/>', "http://a.example/f", "x"),
        ('<outline text="x" xmlUrl="feed:https://a.example/f"/>', "https://a.example/f", "x"),
        ('<outline text="never closed" xmlUrl="https://a.example/f"\n', "https://a.example/f", "never closed"),
        ('<outline text="two\x07 \x1blines" xmlUrl=" https://a.example/f "/>', "https://a.example/f", "two lines"),
        (
            '<!-- old --><outline text="x" xmlUrl="https://a.example/f"/><!-- <outline xmlUrl="https://no.example/"/> -->',
            "https://a.example/f",
            "x",
        ),
    ],
)
def test_malformed_files_lose_no_address(outline: str, url: str, name: str | None) -> None:
    feeds = parse_opml(opml(outline + '<outline text="next" xmlUrl="https://next.example/"/>')).feeds
    assert [feed.url for feed in feeds] == [url, "https://next.example/"]
    if name is not None:
        assert feeds[0].name == name


@pytest.mark.parametrize(
    ("codec", "declared"),
    [("utf-16", "utf-16"), ("cp1251", "windows-1251"), ("cp1252", "utf-8"), ("utf-8-sig", "latin-1")],
)
def test_encodings(codec: str, declared: str) -> None:
    name = "Новости" if codec == "cp1251" else "Café"
    data = f'<?xml version="1.0" encoding="{declared}"?><opml><outline text="{name}" xmlUrl="https://a.example/f"/></opml>'.encode(
        codec
    )
    assert parse_opml(data).feeds[0].name == name


def test_repeated_and_useless_addresses_are_counted_and_names_are_unique() -> None:
    found = parse_opml(
        opml(
            '<outline text="A" xmlUrl="https://a.example/f"/><outline text="A" xmlUrl="http://www.a.example/f/"/>'
            '<outline text="A" xmlUrl="https://b.example/f"/><outline text="x" xmlUrl="javascript:x"/><outline text="y" xmlUrl="file:///etc/passwd"/>'
        )
    )
    assert [feed.name for feed in found.feeds] == ["A", "A (2)"]
    assert len(found.notes) == 2
    assert "2 outlines" in found.notes[1]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE opml [<!ENTITY a 'b'>]>" + opml('<outline text="&a;" xmlUrl="https://a.example/f"/>'), "entities"),
        (b"<outline/>" + b" " * 20_000_000, "bytes"),
        (b"<html>no</html>", "not an OPML"),
        (b"", "not an OPML"),
    ],
)
def test_refused(data: bytes, said: str) -> None:
    found = parse_opml(data)
    assert found.feeds == ()
    assert said in found.notes[0]


def test_deep_nesting_is_bounded_and_loses_nothing() -> None:
    """T76."""
    depth = 10_000
    inside = '<outline text="deep" xmlUrl="https://a.example/f"/>'
    found = parse_opml(
        opml(
            '<outline text="folder">' * depth
            + inside
            + "</outline>" * depth
            + '<outline text="top" xmlUrl="https://b.example/f"/>'
        )
    )
    assert [(feed.name, feed.group) for feed in found.feeds] == [("deep", "folder"), ("top", "default")]


@pytest.mark.parametrize(
    "flood", ["<outline ", '<outline text="', "<!--", '<outline a="<outline', "<outline>", "' ", "< ", "<outline a= "]
)
def test_floods_take_linear_time(flood: str) -> None:
    parse_opml(opml(flood * 100_000))
    parse_opml(b"<outline " + flood.encode() * 100_000)


TEXT = st.text(max_size=30)


@given(
    st.lists(
        st.builds(
            FeedSpec,
            url=st.integers(0, 10_000).map(lambda n: f"https://x.example/f?a={n}&b=<\"'>".replace("<\"'>", "%3C")),
            name=TEXT,
            group=st.sampled_from(["default", "Asia & Africa", 'a "b"', "<c>"]),
            tags=st.lists(st.sampled_from(["a", "b & c"]), max_size=2, unique=True).map(tuple),
            lang=st.none() | st.just("de"),
        ),
        max_size=8,
        unique_by=lambda feed: feed.url,
    )
)
def test_what_is_written_is_well_formed_and_read_again(feeds: list[FeedSpec]) -> None:
    written = write_opml(feeds)
    ET.fromstring(written)
    again = parse_opml(written.encode()).feeds
    assert {(f.url, f.group, f.tags, f.lang) for f in again} == {(f.url, f.group, f.tags, f.lang) for f in feeds}


def test_control_characters_are_not_written() -> None:
    written = write_opml([FeedSpec(url="https://x.example/", name="a\x00\x1b[1m ]]> \ud800 b", group="g\x07")])
    assert ET.fromstring(written).find(".//outline/outline") is not None
