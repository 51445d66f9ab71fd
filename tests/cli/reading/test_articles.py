"""show, explain, trace, stories, quotes, stats: what is told of one article, story, speaker, day."""

from __future__ import annotations

import json

import pytest

from monitor.cli.differences import changes
from monitor.cli.stats import sparkline
from tests.cli.reading.conftest import BODY, Cli

# --- show ------------------------------------------------------------------------------------------


def test_show_has_all_that_is_known(run: Cli) -> None:
    row = run("show", "1").row
    assert row["body"] == BODY
    assert [topic["name"] for topic in row["topics"]] == ["deportation"]
    term = row["topics"][0]["terms"][0]
    assert row["title"][term["start"] : term["end"]] == "deported"
    assert term["weight"] == 3.0
    assert {"UZ", "PL"} <= {country["code"] for country in row["countries"]}
    assert row["people"][0]["name"] == "Anvar Karimov"
    assert row["quotes"][0]["person"] == "Anvar Karimov"
    assert [copy["id"] for copy in row["copies"]] == [2]
    assert [report["id"] for report in row["story"]["reports"]] == [2, 3]
    assert row["matches"][0]["alert"] == "01alert"
    assert row["alerts"][0]["id"] == "01alert"
    assert [each["feed"] for each in row["listed_by"]] == ["Harbour Wire"]


def test_show_on_a_terminal(run: Cli) -> None:
    shown = run("show", "1", "--format", "table").out
    for expected in ("Anvar Karimov", "title:deport* (+3)", "Copies of it", "alert 01alert", "“We take our citizens"):
        assert expected in shown
    copy = run("show", "2", "--format", "table").out
    assert "A copy of article 1" in copy
    assert "97% in common" in copy
    assert "held, duplicate: a copy of article 1" in copy
    assert "tried again at" in run("show", "9", "--format", "table").out


def test_show_by_address_and_text_alone(run: Cli) -> None:
    assert run("show", "https://harbour.example/a/1?utm_source=x#top").row["id"] == 1, "by its canonical form too"
    assert run("show", "1", "--text").out == BODY + "\n"


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        ("99", 3, "ids go from 1 to 9"),
        ("https://harbour.example/a/11", 3, "did you mean https://harbour.example/a/1"),
        ("https://nowhere.example/x", 3, "monitor trace https://nowhere.example/x says why"),
        ("something", 2, "neither the id"),
        ("9" * 30, 3, "there is no article"),
    ],
)
def test_show_what_is_not_there(run: Cli, given: str, code: int, told: str) -> None:
    refused = run("show", given)
    assert refused.code == code
    assert told in refused.err


def test_diff_between_versions(run: Cli) -> None:
    rows = run("show", "8", "--diff").rows
    assert [(row["field"], row["from"], row["to"]) for row in rows] == [("title", 1, 2), ("body", 1, 2)]
    assert rows[0]["diff"] == "Consulate [-suspends-]{+delays+} visas"
    assert "[-suspended-]{+delayed+}" in run("show", "8", "--diff", "--format", "table").out
    assert run("show", "1", "--diff").code == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [("", ""), ("a b c", "a x c"), ("a\n\nb\n", "b\nc"), ("", "new"), ("gone", ""), ("ab " * 9000, "cd " * 9000)],
)
def test_a_difference_holds_both_texts(old: str, new: str) -> None:
    found = changes(old, new)
    assert "".join(text for kind, text in found if kind != "new") == old
    assert "".join(text for kind, text in found if kind != "gone") == new


# --- explain ---------------------------------------------------------------------------------------


def test_explain_a_query_that_misses(run: Cli) -> None:
    row = run("explain", "1", "--query", "deported NEAR/1 tashkent").row
    assert row["holds"] is False
    assert "nearest pair" in row["explanation"]["note"]
    left = row["explanation"]["parts"][0]
    assert left["holds"] is True
    assert left["spans"][0]["text"] == "deported"
    assert "Forty" in left["spans"][0]["context"]
    drawn = run("explain", "1", "-q", "deported NEAR/1 tashkent", "--format", "table").out
    assert "✗ deported NEAR/1 tashkent" in drawn
    assert "✓ deported" in drawn


def test_explain_a_rule_with_what_came_of_it(run: Cli) -> None:
    row = run("explain", "2", "--rule", "removals").row
    assert row["holds"] is True
    assert row["matches"][0]["hold"] == "duplicate"
    assert "held, duplicate" in run("explain", "2", "--rule", "removals", "--format", "table").out
    assert "switched off" in run("explain", "1", "--rule", "quakes", "--format", "table").out
    unknown = run("explain", "1", "--rule", "removal")
    assert unknown.code == 3
    assert "'removals'" in unknown.err


def test_explain_a_topic_in_a_query_by_the_places_that_counted(run: Cli) -> None:
    row = run("explain", "1", "--query", "topic:deportation AND NOT topic:cyber").row
    named, other = row["explanation"]["parts"]
    assert [(place["field"], place["text"]) for place in named["spans"]] == [
        ("title", "deported"),
        ("body", "deported"),
    ]
    assert other["holds"] is True
    assert other["spans"] == other["parts"][0]["spans"] == []
    drawn = run("explain", "1", "--query", "topic:deportation", "--format", "table").out
    assert "body: " in drawn


def test_explain_says_what_is_probably_not_meant_in_a_query(run: Cli) -> None:
    assert "the operator is written AND" in run("explain", "1", "--query", "deported and tashkent").err
    assert "Did you mean deportation?" in run("explain", "1", "--query", "topic:deportatoin").err
    assert run("explain", "1", "--query", "topic:deportation").err == ""


def test_explain_a_topic_clause_by_clause(run: Cli) -> None:
    row = run("explain", "1", "--topic", "deportation").row
    assert row["holds"] is True
    assert row["score"] == row["stored_score"]
    assert row["clauses"][0]["clause"] == "deport*"
    assert (row["clauses"][0]["title"], row["clauses"][0]["text"]) == (1, 1)
    assert sum(clause["value"] != 0 for clause in row["clauses"]) == 1
    drawn = run("explain", "5", "--topic", "deportation", "--format", "table").out
    assert "score 0.00 < threshold 0.4: deportation does not hold" in drawn
    assert run("explain", "1", "--topic", "deporttion").code == 3


def test_explain_needs_one_question(run: Cli) -> None:
    assert run("explain", "1").code == 2
    assert run("explain", "1", "-q", "a", "-t", "trade").code == 2


# --- trace -----------------------------------------------------------------------------------------


def test_trace_tells_the_whole_way_in_order(run: Cli) -> None:
    rows = run("trace", "https://harbour.example/a/1").rows
    steps = [row["step"] for row in rows]
    assert steps == ["poll", "listed", "page", "analysed", "placed", "alert", "failed", "delivery"]
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert "451 greylisted" in rows[6]["detail"]
    assert "250 kept" in rows[7]["detail"]
    assert "deportation" in rows[3]["detail"]


def test_trace_of_a_held_and_of_a_waiting_article(run: Cli) -> None:
    held = {row["step"]: row for row in run("trace", "2").rows}
    assert held["held"]["detail"] == "duplicate (a copy of article 1)"
    waiting = run("trace", "9").rows[-1]
    assert waiting["step"] == "waiting"
    assert "no answer within 30 s" in waiting["detail"]
    assert "copy of 1" in run("trace", "2", "--format", "table").out


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://broken.example/x", "Broken fails: a web page, not a feed; last read"),
        ("https://fresh.example/x", "Fresh was not polled yet"),
        ("https://harbour.example/a/999", "the address was not in it at its last 3 polls (3 new)"),
        ("https://nowhere.example/x", "no feed is of nowhere.example"),
        ("https://www.nowhere.example/x", "monitor feeds discover https://nowhere.example"),
        ("99", "ids go from 1 to 9"),
    ],
)
def test_trace_of_an_address_never_seen_says_the_likely_cause(run: Cli, url: str, told: str) -> None:
    refused = run("trace", url)
    assert refused.code == 3
    assert told in refused.err


# --- stories ---------------------------------------------------------------------------------------


def test_stories_are_listed_latest_first_and_paged(run: Cli) -> None:
    assert [(row["id"], row["articles"], row["copies"], row["sites"]) for row in run("stories").rows] == [(1, 3, 1, 2)]
    every = [row["id"] for row in run("stories", "--least", "1").rows]
    first = run("stories", "list", "--least", "1", "--limit", "2")
    assert [row["id"] for row in first.rows] == every[:2]
    cursor = first.err.rsplit(" ", 1)[1].strip()
    assert [row["id"] for row in run("stories", "--least", "1", "--after", cursor).rows] == every[2:]
    assert run("stories", "--since", "1h").code == 1


def test_one_story_with_its_timeline(run: Cli) -> None:
    row = run("stories", "1").row
    assert [report["id"] for report in row["reports"]] == [1, 2, 3]
    assert run("stories", "show", "1").row == row
    drawn = run("stories", "1", "--format", "table").out
    assert "3 reports by 2 sites, 1 of them a copy" in drawn
    assert "Steppe Herald 2" in drawn
    assert run("stories", "77").code == 3


def test_an_article_is_split_off(run: Cli) -> None:
    done = run("stories", "split", "3")
    assert done.code == 0
    new = done.out.split("story ")[-1].split()[0]
    assert [report["id"] for report in run("stories", new).row["reports"]] == [3]
    assert [report["id"] for report in run("stories", "1").row["reports"]] == [1, 2]
    assert run("stories", "split", "99").code == 3
    assert run("stories", "split", "1", "3").code == 2, "of different stories"
    assert run("stories", "split", "1", "2").code == 2, "nothing would be left"


# --- quotes and stats ------------------------------------------------------------------------------


def test_who_said_what(run: Cli) -> None:
    said = run("quotes", "--speaker", "karimov").rows
    assert [(row["id"], row["person"]) for row in said] == [(1, "Anvar Karimov")], "a copy says nothing again"
    assert [row["id"] for row in run("quotes", "--speaker", "Anvar KARIMOV", "--copies").rows] == [2, 1]
    assert run("quotes", "--speaker", "mov").code == 1, "whole words"
    assert "Did you mean deportation?" in run("quotes", "--about", "topic:deportatoin").err
    assert run("quotes", "--speaker", "%").code == 2
    assert "“We take our citizens home" in run("quotes", "-s", "karimov", "--format", "table").out


def test_what_was_said_about_something(run: Cli) -> None:
    assert [row["id"] for row in run("quotes", "--about", "dignity country:UZ").rows] == [1]
    assert run("quotes", "--about", "asylum").code == 1, "the article has the word, the quotation has not"
    assert [row["id"] for row in run("quotes", "--about", "citizens NOT asylum").rows] == [1]
    assert [row["id"] for row in run("quotes", "--about", "lang:ru").rows] == [3]


def test_quotations_are_paged(run: Cli) -> None:
    every = [(row["id"], row["number"]) for row in run("quotes", "--copies").rows]
    assert len(every) == 3
    first = run("quotes", "--copies", "--limit", "1")
    rest = run("quotes", "--copies", "--after", first.err.rsplit(" ", 1)[1].strip())
    assert [(row["id"], row["number"]) for row in (*first.rows, *rest.rows)] == every


def test_statistics_add_up(run: Cli) -> None:
    rows = {(row["by"], row["name"]): row for row in run("stats").rows}
    assert rows["all", "articles"]["total"] == 9
    assert rows["all", "copies"]["total"] == 1
    assert rows["all", "backlog"]["total"] == 1
    assert rows["all", "edited"]["total"] == 1
    assert rows["all", "alerts"]["total"] == 1
    assert rows["all", "held"]["total"] == 1
    assert rows["topic", "deportation"]["total"] == 4
    assert all(sum(row["days"].values()) == row["total"] for row in rows.values())
    cut = run("stats", "--by", "feed", "--limit", "1")
    assert len(cut.rows) == 1
    assert "2 more groups not shown" in cut.err
    drawn = run("stats", "--format", "table").out
    assert "The archive: 9 articles (1 copy, 1 edited)" in drawn
    assert "█" in drawn


@pytest.mark.parametrize(("counts", "drawn"), [([], ""), ([0, 0], "  "), ([1, 4, 8], "▁▄█"), ([0, 1000], " █")])
def test_sparklines(counts: list[int], drawn: str) -> None:
    assert sparkline(counts) == drawn


def test_long_sparklines_are_summed_up() -> None:
    assert len(sparkline([1] * 365)) <= 60


def test_json_of_one_article_is_one_document(run: Cli) -> None:
    (row,) = json.loads(run("show", "1", "--format", "json").out)
    assert row["id"] == 1
