from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from datetime import timedelta

import pytest

from monitor.core.opml import parse_opml
from monitor.model import FeedState
from monitor.storage import feeds, sqlite_file
from tests.cli.operating.conftest import HOSTILE, Desk, now
from tests.support.hostile import answers, hostile
from tests.support.newsroom import newsroom


def no_controls(text: str) -> bool:
    return not any(ord(sign) < 32 and sign not in "\n\t" for sign in text) and "\u202e" not in text


def test_list_shows_state_and_entries(desk: Desk) -> None:
    answer = desk.ask("feeds", "list")
    rows = {row["url"]: row for row in answer.rows}
    assert answer.code == 0
    assert {url: row["state"] for url, row in rows.items()} == {
        "https://harbour.example/feed.xml": "well",
        "https://down.example/rss": "unreachable",
        "https://new.example/rss": "waiting",
    }
    assert rows["https://harbour.example/feed.xml"]["entries"] == 3
    assert rows["https://harbour.example/feed.xml"]["origin"] == "config"
    assert no_controls(answer.out)


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "md", "urls"])
@pytest.mark.parametrize("command", ["list", "health", "schedule"])
def test_no_form_carries_a_control_character(desk: Desk, form: str, command: str) -> None:
    answer = desk.ask("feeds", command, "--format", form)
    assert answer.code == 0
    assert no_controls(answer.out)


def test_list_selects(desk: Desk) -> None:
    assert [row["url"] for row in desk.ask("feeds", "list", "--group", "agencies").rows] == [
        "https://harbour.example/feed.xml"
    ]
    assert len(desk.ask("feeds", "list", "--problem").rows) == 1
    assert desk.ask("feeds", "list", "--problem", "gone").code == 1


def test_a_terminal_gets_colours_and_no_escape_of_a_feed(desk: Desk) -> None:
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor", "-c", str(desk.config), "feeds", "list"],
        stdout=side, stderr=side, env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "160", "NO_COLOR": ""},
    )  # fmt: skip
    os.close(side)
    shown = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(main)
    assert process.wait(60) == 0
    text = shown.decode()
    assert "\x1b[" in text, "colours"
    assert "\\u001b[31mred\\u202e" in text, "the name of a feed is shown, not obeyed"
    assert "\u202e" not in text


def test_add_and_remove(desk: Desk) -> None:
    added = desk.ask(
        "feeds", "add", "https://Third.example/feed", "--name", "Third", "--group", "agencies", "--lang", "EN",
        "--country", "uz", "--tag", "a", "--tag", "b", "--tier", "1", "--no-pages",
    )  # fmt: skip
    assert added.code == 0, added.err
    spec = desk.read(feeds.find_feed, "Third").spec
    assert (spec.group, spec.lang, spec.country, spec.tags, spec.tier) == ("agencies", "en", "UZ", ("a", "b"), 1)
    assert spec.every_least == timedelta(minutes=7), "as the group wants it"
    assert not spec.fetch_pages
    assert desk.ask("feeds", "remove", "Third").code == 0
    assert desk.ask("feeds", "remove", "Third").code == 3
    again = desk.ask("feeds", "add", "https://third.example/feed", "--every", "15m")
    assert again.code == 0, again.err
    spec = desk.read(feeds.find_feed, "https://third.example/feed").spec
    assert (spec.name, spec.every_least, spec.every_most) == (
        "third.example",
        timedelta(minutes=15),
        timedelta(minutes=15),
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("http://www.harbour.example/feed.xml",), "already listed as “Harbour”"),
        (("https://other.example/feed", "--name", "Harbour"), "there is a feed “Harbour” already"),
        (("ftp://other.example/feed",), "no http or https address"),
        (("javascript:alert(1)",), "no http or https address"),
        (("other.example/feed",), "did you mean https://other.example/feed"),
        (("https://other.example/feed", "--every", "soon"), "no duration"),
        (("https://other.example/feed", "--tier", "9"), "tier"),
    ],
)
def test_what_cannot_be_added(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    answer = desk.ask("feeds", "add", *arguments)
    assert answer.code == 2
    assert said in answer.err


def test_feeds_of_the_file_are_read_only(desk: Desk) -> None:
    answer = desk.ask("feeds", "remove", "Harbour")
    assert answer.code == 2
    assert "stands in the configuration file" in answer.err


def test_an_unknown_feed_is_answered_with_the_nearest(desk: Desk) -> None:
    answer = desk.ask("feeds", "remove", "Harbor")
    assert answer.code == 3
    assert "did you mean 'Harbour'" in answer.err


def test_disable_and_enable(desk: Desk) -> None:
    assert desk.ask("feeds", "disable", "Harbour", "--reason", "moves").code == 0
    assert desk.read(feeds.find_feed, "Harbour").state.disabled == "moves"
    assert {"name": "Harbour", "problem": "disabled"}.items() <= desk.ask("feeds", "health").rows[-1].items()
    assert "never" in desk.ask("feeds", "schedule", "Harbour").out
    assert desk.ask("feeds", "poll", "Harbour").code == 1
    assert desk.ask("feeds", "enable", "Harbour").code == 0
    assert desk.read(feeds.find_feed, "Harbour").state.disabled is None
    assert "is not disabled" in desk.ask("feeds", "enable", "Harbour").out


def test_health_says_since_when_why_and_what_to_do(desk: Desk) -> None:
    (row,) = desk.ask("feeds", "health").rows
    assert row["problem"] == "unreachable"
    assert row["since"] < row["next_poll_at"]
    assert row["advice"]
    table = desk.ask("feeds", "health", "--format", "table").out
    assert "for 1 d" in table
    assert re.search(r"next try in (2 h|1 h \d+ min)", table)  # it was filled minutes ago, where the machine is slow
    assert "1 of 3 feeds are well · 1 not polled yet · 1 unreachable" in table
    assert desk.ask("feeds", "health", "--kind", "poison").rows == []


def test_health_of_one_feed(desk: Desk) -> None:
    (row,) = desk.ask("feeds", "health").rows
    assert desk.ask("feeds", "health", row["name"]).rows == [row]
    assert desk.ask("feeds", "health", row["url"]).rows == [row]
    assert "feeds are well" not in desk.ask("feeds", "health", row["name"], "--format", "table").out
    well = desk.ask("feeds", "health", "Harbour", "--format", "table")
    assert well.code == 0
    assert re.match(r"Harbour  (well · last read|not polled yet)", well.out)
    assert desk.ask("feeds", "health", "Harbour").rows == []
    assert "not poison, but unreachable" in desk.ask(
        "feeds", "health", row["name"], "--kind", "poison", "--format", "table"
    ).out  # fmt: skip
    answer = desk.ask("feeds", "health", "Harbor")
    assert answer.code == 3
    assert "did you mean 'Harbour'" in answer.err


@pytest.mark.parametrize(
    "problem",
    [
        "unreachable",
        "not_a_feed",
        "stale_304",
        "empty",
        "undated",
        "moved",
        "rate_limited",
        "refused",
        "gone",
        "poison",
    ],
)
def test_every_kind_of_problem_has_its_remedy(desk: Desk, problem: str) -> None:
    desk.write(feeds.save_state, 3, FeedState(problem=problem, problem_detail="detail", last_polled_at=now()))
    (row,) = desk.ask("feeds", "health", "--kind", problem).rows[-1:]
    assert row["problem"] == problem
    assert row["advice"]


def test_schedule(desk: Desk) -> None:
    rows = desk.ask("feeds", "schedule").rows
    assert rows[0]["due"] == "now"
    assert len(rows) == 3
    table = desk.ask("feeds", "schedule", "--format", "table", "--within", "1h").out
    assert "1 more later than 1 h from now" in table
    assert "█" in table
    (told,) = desk.ask("feeds", "schedule", "Harbour", "--explain").rows
    assert any("because: every 20 minutes" in line for line in told["schedule"])


def test_poll_makes_due(desk: Desk) -> None:
    answer = desk.ask("feeds", "poll", "Harbour")
    assert "1 feed is due now" in answer.out
    assert desk.read(feeds.find_feed, "Harbour").state.next_poll_at <= now()


def test_poll_at_once_is_the_daemons_where_one_works(desk: Desk) -> None:
    lock = sqlite_file.FileLock(desk.path)
    try:
        answer = desk.ask("feeds", "poll", "Harbour", "--now")
    finally:
        lock.close()
    assert answer.code == 78
    assert "without --now" in answer.err


async def test_poll_at_once_shows_what_came(empty: Desk) -> None:
    import asyncio

    async with newsroom() as room:
        feed = room.feed("wire")
        for _ in range(3):
            room.publish(feed)
        authority = room.url(feed).split("/")[2]
        empty.config.write_text(f'[fetch]\nallow = ["{authority}"]\nspacing = "0s"\n', encoding="utf-8")
        added = await asyncio.to_thread(empty.ask, "feeds", "add", room.url(feed), "--name", "Wire", "--check")
        assert added.code == 0, added.err
        answer = await asyncio.to_thread(empty.ask, "feeds", "poll", "Wire", "--now")
    assert answer.code == 0, answer.err
    (row,) = answer.rows
    assert (row["entries"], row["new"], row["detail"]) == (3, 3, "")
    assert row["next_poll_at"]


OPML = b"""<opml><body><outline text='Cats & dogs'><outline text="A & B" xmlUrl="https://a.example/rss?x=1&y=2"/>
<outline text="Harbour" xmlUrl="http://harbour.example/feed.xml"/>
<outline text="Harbour" xmlUrl="https://other.example/rss">
<outline text="none" xmlUrl="ftp://no.example/"/><outline text="A" xmlUrl="https://a.example/rss?x=1&amp;y=2"/>"""


def test_import_recovers_a_malformed_list(desk: Desk) -> None:
    path = desk.folder / "list.opml"
    path.write_bytes(OPML)
    (told,) = desk.ask("feeds", "import", str(path), "--dry-run").rows
    assert [feed["url"] for feed in told["new"]] == ["https://a.example/rss?x=1&y=2", "https://other.example/rss"]
    assert [feed["name"] for feed in told["new"]] == ["A & B", "Harbour (2)"]
    assert told["known"] == [{"url": "http://harbour.example/feed.xml", "name": "Harbour"}]
    assert len(told["notes"]) == 2
    assert len(desk.read(feeds.list_feeds)) == 3, "a dry run adds nothing"
    assert desk.ask("feeds", "import", "-", stdin=OPML).code == 0
    assert len(desk.read(feeds.list_feeds)) == 5
    (again,) = desk.ask("feeds", "import", str(path)).rows
    assert again["new"] == []
    assert desk.ask("feeds", "import", "-", stdin=b"no list").code == 1
    assert desk.ask("feeds", "import", "missing.opml").code == 2


def test_export_is_read_back(desk: Desk) -> None:
    answer = desk.ask("feeds", "export")
    assert {feed.url for feed in parse_opml(answer.out.encode()).feeds} == {
        "https://harbour.example/feed.xml", "https://down.example/rss", "https://new.example/rss",
    }  # fmt: skip
    assert no_controls(answer.out)
    target = desk.folder / "out.opml"
    assert desk.ask("feeds", "export", str(target), "--group", "agencies").code == 0
    assert len(parse_opml(target.read_bytes()).feeds) == 1
    assert desk.ask("feeds", "export", str(target)).code == 2, "nothing is overwritten"


RSS = (
    b'<rss version="2.0"><channel><title>Wire \x9b</title><item><title>One</title><link>https://n.example/1</link>'
    b"</item></channel></rss>"
)
PAGE = b"<!doctype html><html><head><title>News</title>%s</head><body><p>Welcome</p></body></html>"


async def test_discover(empty: Desk) -> None:
    import asyncio

    async with hostile() as server:
        empty.config.write_text(f'[fetch]\nallow = ["{server.authority}"]\nspacing = "0s"\n', encoding="utf-8")
        named = (
            PAGE
            % b'<link rel="alternate" type="application/rss+xml" href="/w.xml"><link rel="alternate" type="application/atom+xml" href="/dead.xml">'
        )
        server.on("/named", answers(200, named, {"content-type": "text/html"}))
        server.on("/plain", answers(200, PAGE % b"", {"content-type": "text/html"}))
        server.on("/w.xml", answers(200, RSS, {"content-type": "text/xml"}))
        server.on("/feed.xml", answers(200, RSS, {"content-type": "text/xml"}))

        async def ask(*arguments: str):
            return await asyncio.to_thread(empty.ask, "feeds", *arguments)

        (row,) = (await ask("discover", server.url("/named"))).rows
        assert (row["url"], row["entries"], row["how"]) == (server.url("/w.xml"), 1, "named by the page")
        assert row["title"].startswith("Wire")
        (row,) = (await ask("discover", server.url("/plain"))).rows
        assert (row["url"], row["how"]) == (server.url("/feed.xml"), "a common place")
        (row,) = (await ask("discover", server.url("/w.xml"))).rows
        assert row["how"] == "the address itself"
        refused = await ask("add", server.url("/named"), "--check")
        assert refused.code == 2
        assert "monitor feeds discover" in refused.err
    gone = await ask("discover", server.url("/named"))
    assert gone.code == 75


def test_the_guard_holds_for_discovery(empty: Desk) -> None:
    answer = empty.ask("feeds", "discover", "http://169.254.169.254/latest/")
    assert answer.code == 2
    assert "not a public address" in answer.err


def test_a_hostile_name_is_cleaned_when_it_is_added(empty: Desk) -> None:
    answer = empty.ask("feeds", "add", "https://x.example/rss", "--name", f"{HOSTILE}\nline")
    assert answer.code == 0
    assert no_controls(empty.read(feeds.list_feeds)[0].spec.name)


def test_a_spreadsheet_of_feeds_and_alerts_has_their_addresses(desk: Desk) -> None:
    for command, address in (("feeds", "https://"), ("alerts", "https://news.example/")):
        head, *lines = desk.ask(command, "list", "--format", "csv").out.splitlines()
        assert head.split(",")[-1] == "url"
        assert all(line.split(",")[-1].startswith(address) for line in lines)
