"""search and tail: what is found, in which order and form, and what is said of what is not shown."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from monitor.cli import tail
from monitor.storage import feeds
from monitor.storage import search as search_rows
from tests.cli.reading.conftest import ESC, NOW, Archive, Cli


def ids(ran) -> list[int]:
    return [row["id"] for row in ran.rows]


def test_newest_first_with_what_matched(run: Cli) -> None:
    found = run("search", "deport*")
    assert found.code == 0
    assert ids(found) == [4, 1]
    first = found.rows[1]
    assert first["snippet"].startswith("…") or "deported" in first["snippet"]
    assert {(span["field"], span["term"]) for span in first["spans"]} == {("title", "deport*"), ("body", "deport*")}
    assert first["topics"] == ["deportation"]
    assert first["copies"] == 1


def test_a_copy_is_left_out_and_said_so_unless_asked_for(run: Cli) -> None:
    found = run("search", "deport*")
    assert "1 copy not shown; --copies shows them" in found.err
    assert ids(run("search", "deport*", "--copies")) == [4, 2, 1]


def test_a_copy_whose_original_is_not_found_is_shown(run: Cli) -> None:
    found = run("search", "deport* site:steppe.example")
    assert ids(found) == [4, 2]
    assert found.err == ""


def test_pages_join_without_gap_or_repetition(run: Cli) -> None:
    whole = ids(
        run("search", "site:(steppe.example OR diario.example OR harbour.example)", "--copies", "--limit", "50")
    )
    assert len(whole) == 8
    paged: list[int] = []
    after: list[str] = []
    for _ in range(10):
        page = run(
            "search", "site:(steppe.example OR diario.example OR harbour.example)", "--copies", "--limit", "3", *after
        )
        paged += ids(page)
        if "more: --after" not in page.err:
            break
        after = ["--after", page.err.rsplit("--after ", 1)[1].strip()]
        assert int(after[1]) == paged[-1]
    assert paged == whole


def test_json_gives_the_cursor_and_what_is_hidden(run: Cli) -> None:
    answer = json.loads(run("search", "deport*", "--limit", "1", "--format", "json").out)
    assert [hit["id"] for hit in answer["hits"]] == [4]
    assert answer["next"] == 4
    rest = json.loads(run("search", "deport*", "--after", "4", "--format", "json").out)
    assert [hit["id"] for hit in rest["hits"]] == [1]
    assert rest["copies_not_shown"] == 1
    assert rest["next"] is None


def test_most_relevant_first_and_no_paging_there(run: Cli) -> None:
    assert ids(run("search", "uzbekistan OR tashkent OR zebra", "--sort", "relevance"))[-1] != 1
    refused = run("search", "zebra", "--sort", "relevance", "--after", "3")
    assert refused.code == 2
    assert "--limit" in refused.err


@pytest.mark.parametrize(
    ("span", "expected"),
    [(("--since", "35h"), [4]), (("--until", "35h"), [1]), (("--since", "60d", "--until", "50h"), [])],
)
def test_since_and_until_speak_of_when_it_was_seen(run: Cli, span: tuple[str, ...], expected: list[int]) -> None:
    found = run("search", "deport*", *span)
    assert ids(found) == expected
    assert found.code == (0 if expected else 1)


def test_nothing_found_is_exit_code_1_with_what_was_probably_meant(run: Cli) -> None:
    found = run("search", "zebra and quagga")
    assert (found.code, found.out) == (1, "")
    assert "nothing found" in found.err
    assert "the operator is written AND" in found.err
    assert "there is no feed 'harbor wire'" in run("search", 'feed:"Harbor Wire"').err
    assert "no topic 'deportatoin', so this can never hold. Did you mean deportation?" in run(
        "search", "topic:deportatoin"
    ).err  # fmt: skip
    assert "no lang 'xx'" in run("search", "lang:xx").err


def test_an_operator_in_small_letters_is_said_though_something_is_found(run: Cli) -> None:
    found = run("search", "deport* OR (deport* or)")
    assert found.code == 0
    assert "the operator is written OR" in found.err
    assert "operator" not in run("search", "deport*").err


def test_a_faulty_query_is_wrong_use_with_a_caret(run: Cli) -> None:
    refused = run("search", "(zebra OR")
    assert refused.code == 2
    assert "^" in refused.err


def test_count_and_groups(run: Cli) -> None:
    assert run("search", "deport*", "--count").row == {"articles": 3, "copies": 1, "complete": True}
    by_site = run("search", "deport*", "--by", "site").rows
    assert by_site == [
        {"site": "steppe.example", "articles": 2, "complete": True},
        {"site": "harbour.example", "articles": 1, "complete": True},
    ]
    assert {row["lang"] for row in run("search", "deport*", "--by", "lang").rows} == {"en", "uz"}
    cut = run("search", "deport*", "--by", "site", "--limit", "1")
    assert len(cut.rows) == 1
    assert "1 more groups not shown" in cut.err
    chart = run("search", "deport*", "--by", "country", "--format", "table").out
    assert "UZ" in chart
    assert "█" in chart
    assert "3 articles, 1 of them copies" in chart
    assert run("search", "quagga", "--count").code == 1


def test_a_plot_of_days_has_those_without_a_hit(run: Cli) -> None:
    def store(connection: Connection) -> None:
        made = Archive(connection, run.folder)
        made.feeds = {feed.spec.name: feed.id for feed in feeds.list_feeds(connection)}
        made.number = 100
        made.add("Diario", "https://diario.example/c/10", "Zebra seen long ago", "A zebra.", 24 * 9)

    with run.database() as database:
        database.write_now(store)
    rows = run("search", "zebra", "--by", "day").rows
    chart = run("search", "zebra", "--by", "day", "--format", "table").out.splitlines()[:-1]
    days = [date.fromisoformat(line.split()[0]) for line in chart]
    assert len(days) > len(rows)
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert [line.split()[0] for line in chart if not line.endswith(" 0")] == [row["day"] for row in rows]


def test_a_count_that_stopped_early_says_so_and_why(run: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_rows, "MOST", 1)
    read_one_by_one = "dep?rt*"
    why = "not all were counted: the index alone does not decide this query, and only the newest 1 candidates were read"
    for asked in (("--count",), ("--by", "site")):
        told = run("search", read_one_by_one, *asked)
        assert told.rows
        assert all(row["complete"] is False for row in told.rows)
        assert f"{why}; at least " in told.err
        table = run("search", read_one_by_one, *asked, "--format", "table")
        assert "at least " in table.out
        assert why in table.err


def test_nothing_found_before_the_search_stopped_is_no_answer(run: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_rows, "MOST", 1)
    for asked in (("--count",), ("--by", "site"), ()):
        told = run("search", "=ZEBRA", *asked)
        assert told.code == 1
        assert "nothing found so far: not all were looked at" in told.err
    assert "nothing found\n" in run("search", "quagga", "--count").err


@pytest.mark.parametrize(
    "asked",
    [
        ("zebra", "--saved"),
        ("zebra", "--forget", "x"),
        ("zebra", "--count", "--after", "3"),
        ("x", "--by", "day", "--after", "1"),
    ],
)
def test_what_would_be_ignored_is_refused(run: Cli, asked: tuple[str, ...]) -> None:
    assert run("search", *asked).code == 2


def test_relevance_says_what_was_not_ranked_and_not_shown(run: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("search", "uzbekistan OR tashkent OR zebra", "--sort", "relevance", "--copies")
    whole = json.loads(run(*asked, "--format", "json").out)
    assert whole["complete"] is True
    assert whole["ranked"] == whole["candidates"] == len(whole["hits"])
    one = run(*asked, "--limit", "1")
    assert f"{len(whole['hits']) - 1} more of those that were ranked; a higher --limit shows them" in one.err
    monkeypatch.setattr(search_rows, "RANKED", 1)
    cut = run(*asked, "--format", "json")
    said = json.loads(cut.out)
    assert said["complete"] is False
    assert said["ranked"] < said["candidates"] == whole["ranked"]
    told = f"not all were ranked: the {said['ranked']} most promising of {said['candidates']} candidates"
    assert told in run(*asked).err
    assert told in run(*asked, "--format", "table").out


def test_saved_queries_are_named_listed_and_kept_while_used(run: Cli) -> None:
    assert run("search", "zebra", "--save", "stripes").err == "saved as @stripes\n"
    assert ids(run("search", "@stripes @stripes")) == [7, 6]
    assert ids(run("search", "deport* @central-asia")) == [4, 1]
    kept = {row["name"]: row["from"] for row in run("search", "--saved").rows}
    assert kept == {"central-asia": "config", "stripes": "command"}
    assert "configuration" in run("search", "x", "--save", "central-asia").err
    assert run("search", "@stripes", "--save", "stripes").code == 2
    run("search", "@stripes lang:en", "--save", "english-stripes")
    assert "used by @english-stripes" in run("search", "--forget", "stripes").err
    assert run("search", "--forget", "english-stripes").code == 0
    assert run("search", "--forget", "stripes").code == 0
    gone = run("search", "--forget", "stripes")
    assert gone.code == 3
    assert "Did you mean @central-asia?" in run("search", "@central-asai").err


def test_formats(run: Cli) -> None:
    assert run("search", "deport*", "--format", "urls").out.split() == [
        "https://steppe.example/b/4", "https://harbour.example/a/1",
    ]  # fmt: skip
    markdown = run("search", "deport*", "--format", "md").out.splitlines()
    assert markdown[0].startswith("| id |")
    assert len(markdown) == 4
    table = list(csv.DictReader(io.StringIO(run("search", "zebra", "--format", "csv").out)))
    assert table[0]["title"].startswith("'=HYPERLINK"), "a spreadsheet must not take it for a formula"


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "md", "urls"])
def test_nothing_of_a_feed_reaches_the_terminal_as_a_command(run: Cli, form: str) -> None:
    for command in (["search", "zebra"], ["show", "6"], ["trace", "6"], ["explain", "6", "-q", "zebra"]):
        shown = run(*command, "--format", form).out
        assert not set(shown) & {"\x07", ESC, "\x9b", "\u202e", "\u2066", "\x00"}
    assert "[bold]x[/bold]" in run("show", "6", "--format", "table").out, "markup of a feed is text"


def test_help_has_an_example(run: Cli) -> None:
    from monitor.cli import COMMANDS

    for name, (module, _) in COMMANDS.items():
        if module in {"search", "show", "explain", "trace", "stories", "quotes", "stats", "topics", "reprocess"}:
            shown = run(name, "--help").out
            assert f"monitor {name}" in shown
            assert "Example" in shown


def test_tail_shows_the_past_and_then_follows(run: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock's sleep stands for a second in which the daemon stores something."""
    turns: list[float] = []

    def sleep(seconds: float) -> None:
        turns.append(seconds)
        if len(turns) == 3:
            raise KeyboardInterrupt
        if len(turns) == 1:
            with run.database() as database:
                database.write_now(store)

    def store(connection: Connection) -> None:
        made = Archive(connection, run.folder)
        made.feeds = {feed.spec.name: feed.id for feed in feeds.list_feeds(connection)}
        made.number = 100
        made.add("Diario", "https://diario.example/c/10", "Zebra seen again", "A zebra.", 0)
        made.add("Diario", "https://diario.example/c/11", "Nothing striped", "A horse.", 0)

    monkeypatch.setattr(tail.time, "sleep", sleep)
    monkeypatch.setattr(tail, "now", lambda: NOW + timedelta(seconds=5))
    followed = run("tail", "zebra", "--lines", "1")
    assert followed.err == ""
    assert followed.code == 0
    assert ids(followed) == [7, 10], "one of the past, then what came, once"


def test_tail_says_what_can_never_come(run: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tail.time, "sleep", sleep)
    assert "no topic 'deportatoin', so this can never hold" in run("tail", "topic:deportatoin").err


def test_tail_has_no_end_so_some_formats_are_refused(run: Cli) -> None:
    assert run("tail", "--format", "csv").code == 2
    assert "the query is empty" in run("tail", "").err
