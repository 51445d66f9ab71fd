"""topics and reprocess: what topics there are, how well they do, and what today's would change in the archive."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from monitor.app import sync
from monitor.config import load_settings
from monitor.storage import alerts, articles, ingestion, outbox
from tests.cli.reading.conftest import NOW, PAGE, Cli

LABELS = [
    {"title": "Forty deported to Tashkent", "text": "They were deported.", "lang": "en", "topics": ["deportation"]},
    {"title": "Club signs striker", "text": "The club signs a striker.", "lang": "en", "topics": []},
    {"title": "Deported wine", "text": "A vintage.", "lang": "en", "topics": []},
    {"title": "Forty sent home", "text": "They were sent home.", "lang": "en", "topics": ["deportation", "trade"]},
    {"id": 1, "topic": "deportation", "label": True},
    {"id": 5, "topic": "deportation", "label": 0},
]


@pytest.fixture
def labels(tmp_path: Path) -> str:
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, LABELS)), encoding="utf-8")
    return str(path)


def test_topics_in_force(run: Cli) -> None:
    rows = {row["name"]: row for row in run("topics", "list").rows}
    assert set(rows) == {"deportation", "trade"}
    assert rows["deportation"]["week"] == 4
    assert rows["deportation"]["clauses"] == 3
    shown = run("topics", "show", "deportation").row
    assert [(each["weight"], each["lang"]) for each in shown["clauses"]] == [(3.0, None), (-3.0, None), (3.0, "ru")]
    assert "✓ Forty deported to Tashkent" in run("topics", "show", "deportation", "--format", "table").out
    unknown = run("topics", "show", "deportatoin")
    assert unknown.code == 3
    assert "'deportation'" in unknown.err


def test_precision_and_recall(run: Cli, labels: str) -> None:
    rows = {row["topic"]: row for row in run("topics", "test", labels).rows}
    deportation = rows["deportation"]
    assert (deportation["right"], deportation["wrong"], deportation["missed"], deportation["texts"]) == (2, 1, 1, 6)
    assert deportation["precision"] == deportation["recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert deportation["f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert rows["trade"]["texts"] == 4, "an article labelled for one topic says nothing of another"
    assert rows["trade"]["precision"] is None


def test_tuning_shows_every_threshold_and_what_each_clause_gives(run: Cli, labels: str) -> None:
    row = run("topics", "tune", "deportation", labels).row
    steps = {step["threshold"]: step for step in row["thresholds"]}
    assert steps[0.4]["now"] is True
    recalls = [step["recall"] for _, step in sorted(steps.items())]
    assert recalls == sorted(recalls, reverse=True), "a higher threshold never finds more"
    clause = row["clauses"][0]
    assert (clause["clause"], clause["in_topic"], clause["elsewhere"]) == ("deport*", 2, 1)
    assert clause["f1_without"] == 0.0
    assert "← now" in run("topics", "tune", "deportation", labels, "--format", "table").out
    assert run("topics", "tune", "nothing", labels).code == 3


def test_tuning_as_csv_is_one_table(run: Cli, labels: str) -> None:
    lines = list(csv.reader(io.StringIO(run("topics", "tune", "deportation", labels, "--format", "csv").out)))
    assert {len(line) for line in lines} == {len(lines[0])}
    assert [line[0] for line in lines].count("part") == 1
    assert {line[0] for line in lines[1:]} == {"threshold", "clause"}


def test_labels_that_say_nothing_of_a_topic_are_told(run: Cli, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"text": "Forty were deported.", "topics": ["deportatoin"]}', encoding="utf-8")
    tested = run("topics", "test", str(path))
    assert tested.code == 1
    assert "a topic that does not exist: deportatoin; did you mean 'deportation'?" in tested.err
    tuned = run("topics", "tune", "deportation", str(path))
    assert tuned.code == 0
    assert "none of the 1 texts has the topic deportation" in tuned.err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "labels.jsonl:1: it is not JSON: "),
        ('{"title": 5, "topics": ["trade"]}', "labels.jsonl:1: 'title' is no text"),
        ("[1]", "no object"),
        ('{"text": "x"}', "'topics' is missing"),
        ('{"text": "x", "topics": "trade"}', "list of names"),
        ('{"topics": []}', "needs 'text'"),
        ('{"id": 1, "topic": "trade", "label": "yes"}', "true or false"),
        ('{"id": 99, "topic": "trade", "label": true}', "there is no article 99"),
        ("", "no labels"),
    ],
)
def test_labels_that_are_none_are_refused_with_their_line(run: Cli, tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(line, encoding="utf-8")
    refused = run("topics", "test", str(path))
    assert refused.code == 2
    assert told in refused.err


# --- reprocess -------------------------------------------------------------------------------------


def rewrite(run: Cli, old: str, new: str) -> None:
    text = run.config.read_text("utf-8")
    assert old in text
    run.config.write_text(text.replace(old, new), encoding="utf-8")


def test_todays_topics_of_unchanged_sources_change_nothing(run: Cli) -> None:
    done = run("reprocess", "topics")
    assert "8 articles, 0 would change" in done.err
    assert all(row["gained"] == row["lost"] == row["other_score"] == 0 for row in done.rows)


def test_topics_are_reported_first_and_written_when_asked(run: Cli) -> None:
    rewrite(run, 'strong = ["deport*"]', 'strong = ["visa*"]')
    planned = run("reprocess", "topics")
    rows = {row["topic"]: row for row in planned.rows}
    assert rows["deportation"]["articles"] == {"lost": [1, 2, 4], "gained": [8]}
    assert "nothing was written" in planned.err
    assert [topic["name"] for topic in run("show", "1").row["topics"]] == ["deportation"]
    shown = run("reprocess", "topics", "--format", "table").out
    assert "deportation, gained: 8  Consulate delays visas" in shown
    assert "4 changed" in run("reprocess", "topics", "--apply").err
    assert run("show", "1").row["topics"] == []
    assert run("search", "topic:deportation", "--count").row["articles"] == 2
    assert "0 would change" in run("reprocess", "topics").err
    assert "3 articles" in run("reprocess", "topics", "--since", "11h").err


def test_rules_match_anew_but_never_alert(run: Cli) -> None:
    rewrite(run, 'query = "topic:deportation @central-asia"', 'query = "zebra OR removal"')
    early = run("reprocess", "rules")
    assert "the rules in force are run; the configuration file has others: removals (monitor rules plan)" in early.err
    with run.database() as database:
        sync(database, load_settings(run.config), NOW)
    assert "in force" not in run("reprocess", "rules").err
    planned = {row["rule"]: row for row in run("reprocess", "rules").rows}
    assert planned["removals"]["articles"] == {"gained": [6, 7]}, "1 and 2 hold still: they speak of a removal flight"
    assert set(planned) == {"removals"}, "a rule that is switched off is left alone"
    run("reprocess", "rules", "--apply")
    with run.database() as database:
        stored = database.read_now(alerts.matches, rule="removals")
        assert {match.article_id for match in stored} == {1, 2, 6, 7}
        assert {match.alert_id for match in stored if match.article_id in {6, 7}} == {None}
        assert len(database.read_now(alerts.list_alerts)) == 1
        assert len(database.read_now(outbox.list_deliveries)) == 1
    assert "0 would change" in run("reprocess", "rules").err


def test_a_match_that_was_alerted_stays(run: Cli) -> None:
    rewrite(run, 'query = "topic:deportation @central-asia"', 'query = "nothing"')
    with run.database() as database:
        sync(database, load_settings(run.config), NOW)
    (row,) = run("reprocess", "rules", "--apply").rows
    assert row["articles"] == {"alerted_kept": [1], "lost": [2]}
    with run.database() as database:
        assert [match.article_id for match in database.read_now(alerts.matches)] == [1]


def test_pages_are_read_anew(run: Cli) -> None:
    """The stored texts were not read out of the kept pages, so the extractor finds the same words in another form."""
    with run.database() as database:
        page = PAGE.format(
            title="Mexico raises steel tariffs", body="<p>" + "The tariff reaches a quarter. " * 30 + "</p>"
        )
        kept = articles.Page(
            fetched_at=NOW,
            final_url="https://diario.example/c/5",
            content_type="text/html",
            packed=articles.pack(page.encode()),
        )
        database.write_now(ingestion._save_page, 5, kept)
    planned = run("reprocess", "pages")
    assert planned.code == 0
    assert 5 in planned.rows[0]["articles"]["text"]
    assert run("show", "5").row["version"] == 1
    run("reprocess", "pages", "--apply", "--since", "25h")
    row = run("show", "5").row
    assert "The tariff reaches a quarter" in row["body"]
    assert row["version"] == 2
    assert row["versions"][1]["cause"] == "reprocess"
    assert row["edited"] is None, "its publisher has not edited it"
    assert run("search", '"tariff reaches"', "--count").row["articles"] == 1
    assert run("show", "1").row["version"] == 1, "older than asked for"
