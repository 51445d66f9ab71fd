from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from monitor.core.alerts import Group
from monitor.storage import alerts, groups, outbox, schema
from monitor.storage import silences as silence_rows
from monitor.storage.dialect import upsert
from monitor.storage.engine import Database
from tests.cli.operating.conftest import Desk, now
from tests.cli.operating.test_feeds import no_controls


def test_list(desk: Desk) -> None:
    (row,) = desk.ask("alerts", "list").rows
    assert (row["id"], row["rule"], row["priority"], row["channels"]) == (
        "01alert",
        "borders",
        "high",
        ["mail", "hook"],
    )
    assert row["title"].startswith("Border Evil")
    assert desk.ask("alerts", "list", "--rule", "borders", "--since", "1h").code == 0
    assert desk.ask("alerts", "list", "--until", "2020-01-01").code == 1
    unknown = desk.ask("alerts", "list", "--rule", "border")
    assert unknown.code == 3
    assert "did you mean 'borders'" in unknown.err


def test_held(desk: Desk) -> None:
    (row,) = desk.ask("alerts", "list", "--held").rows
    assert (row["title"], row["hold"], row["refers_to"]) == ("Frontier and border", "story_already_alerted", "01alert")


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "md", "urls"])
@pytest.mark.parametrize("path", [("alerts", "list"), ("alerts", "list", "--held"), ("deliveries", "list")])
def test_no_form_carries_a_control_character(desk: Desk, form: str, path: tuple[str, ...]) -> None:
    answer = desk.ask(*path, "--format", form)
    assert answer.code == 0
    assert no_controls(answer.out)


def test_show_tells_why_where_and_how_it_went(desk: Desk) -> None:
    (told,) = desk.ask("alerts", "show", "01ALERT").rows
    assert told["reason"] == "first report of a new story"
    assert told["spans"][0]["text"] == "Border"
    assert [each["state"] for each in told["deliveries"]] == ["sent", "dead"]
    assert [attempt["outcome"] for attempt in told["deliveries"][0]["attempts"]] == ["retrylater", "delivered"]
    answer = desk.ask("alerts", "show", "01alert", "--format", "table", "--message")
    for said in ("first report of a new story", "The words that matched", "Border", "451 later", "HTTP 404", "│ text"):
        assert said in answer.out
    assert no_controls(answer.out)
    assert desk.ask("alerts", "show", "01none").code == 3


def test_silences(desk: Desk) -> None:
    made = desk.ask("silence", "add", "--rule", "borders", "--for", "2h", "--reason", "a \x1b[31mdrill", "--who", "ann")
    assert made.code == 0, made.err
    (row,) = desk.ask("silence", "list").rows
    assert (row["rule"], row["who"], row["state"]) == ("borders", "ann", "in force")
    assert no_controls(row["reason"])
    (kept,) = desk.read(silence_rows.silences, now())
    assert timedelta(minutes=119) < kept.ends_at - now() <= timedelta(hours=2)
    known = desk.ask("silence", "add", "--query", "@border flood*", "--for", "1d", "--reason", "known")
    assert (known.code, known.err) == (0, "")
    assert desk.ask("silence", "expire", "1").code == 0
    assert desk.ask("silence", "expire", "1").code == 3
    assert len(desk.ask("silence", "list").rows) == 1
    assert len(desk.ask("silence", "list", "--all").rows) == 2
    assert desk.ask("silence", "expire", "2").code == 0
    assert desk.ask("silence", "list").code == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--for", "2h", "--reason", "x"), 2),
        (("--rule", "border", "--for", "2h", "--reason", "x"), 3),
        (("--query", "(a", "--for", "2h", "--reason", "x"), 2),
        (("--rule", "borders", "--for", "0s", "--reason", "x"), 2),
        (("--rule", "borders", "--for", "soon", "--reason", "x"), 2),
        (("--rule", "borders", "--for", "2h", "--reason", " \n"), 2),
        (("--rule", "borders", "--for", "2h"), 2),
    ],
)
def test_silences_that_are_refused(desk: Desk, arguments: tuple[str, ...], code: int) -> None:
    assert desk.ask("silence", "add", *arguments).code == code
    assert desk.read(silence_rows.silences, now()) == []


def test_deliveries(desk: Desk) -> None:
    assert [row["state"] for row in desk.ask("deliveries", "list").rows] == ["dead", "sent"]
    assert [row["id"] for row in desk.ask("deliveries", "list", "--dead").rows] == [2]
    assert [row["id"] for row in desk.ask("deliveries", "list", "--channel", "mail").rows] == [1]
    assert desk.ask("deliveries", "list", "--state", "retry").code == 1
    assert desk.ask("deliveries", "list", "--dead", "--state", "sent").code == 2
    (told,) = desk.ask("deliveries", "show", "2").rows
    assert [attempt["status"] for attempt in told["attempts_made"]] == [404]
    table = desk.ask("deliveries", "show", "2", "--format", "table", "--message").out
    assert "monitor deliveries retry 2" in table
    assert no_controls(table)
    assert desk.ask("deliveries", "show", "9").code == 3


def test_retry_of_dead_letters(desk: Desk) -> None:
    assert desk.ask("deliveries", "retry").code == 2
    assert desk.ask("deliveries", "retry", "9").code == 3
    refused = desk.ask("deliveries", "retry", "2", "1")
    assert refused.code == 2
    assert "not dead but sent" in refused.err
    assert desk.read(outbox.delivery, 2)[0].state == "dead", "all or nothing"
    assert desk.ask("deliveries", "retry", "--all-dead", "--channel", "mail").code == 1
    assert desk.ask("deliveries", "retry", "2").code == 0
    again = desk.read(outbox.delivery, 2)[0]
    assert (again.state, again.attempts, again.message.id) == ("retry", 0, "01alert")
    assert desk.ask("deliveries", "retry", "--all-dead").code == 1


def test_what_waits_is_listed_with_its_time(desk: Desk) -> None:
    assert desk.ask("alerts", "waiting").code == 1
    group = Group(key="borders|quiet", rule="borders", kind="quiet", opened_at=now(), due_at=now() + timedelta(hours=3))
    with Database.open(desk.folder / "monitor.db") as database:
        database.write_now(groups.put_groups, [group])
    (row,) = desk.ask("alerts", "waiting").rows
    assert (row["rule"], row["why"], row["matches"]) == ("borders", "quiet hours", 0)


def test_a_story_is_taken_in_hand(desk: Desk) -> None:
    assert desk.ask("alerts", "ack", "01none").code == 3
    answer = desk.ask("alerts", "ack", "01alert", "--who", "ana")
    assert (answer.code, answer.out) == (0, "story 1 is in hand: only news of a higher kind is told of it\n")
    with Database.open(desk.folder / "monitor.db") as database:
        database.write_now(lambda connection: connection.execute(update(schema.alerts).values(story_id=None)))
    refused = desk.ask("alerts", "ack", "01alert")
    assert refused.code == 2
    assert "tells of no story" in refused.err


def test_labels_say_how_precise_a_rule_is(desk: Desk) -> None:
    with Database.open(desk.folder / "monitor.db") as database:
        article = database.read_now(alerts.alert, "01alert").article_id
        row = {"rule": "borders", "article_id": article, "article_version": 1, "story_id": 1, "at": now(),
               "group_key": "", "alert_id": "01alert", "news": ""}  # fmt: skip
        database.write_now(lambda connection: connection.execute(upsert(connection, schema.alert_items,
                           "rule", "article_id", "article_version"), row))  # fmt: skip
    (row,) = desk.ask("rules", "precision").rows
    assert (row["told"], row["relevant"], row["precision"]) == (1, 0, None)
    assert desk.ask("alerts", "label", "01none", "relevant").code == 3
    assert desk.ask("alerts", "label", "01alert", "relevant", "--article", "999").code == 2
    assert desk.ask("alerts", "label", "01alert", "relevant").code == 0
    assert (
        desk.ask("alerts", "label", "01alert", "irrelevant", "--who", "ana").out == "1 article is labelled irrelevant\n"
    )
    (row,) = desk.ask("rules", "precision", "--since", "30d").rows
    assert (row["rule"], row["told"], row["relevant"], row["irrelevant"], row["precision"]) == ("borders", 1, 0, 1, 0.0)
    assert desk.ask("alerts", "labels", "--topic", "none").code == 1


def test_what_a_limit_leaves_out_is_said_in_a_pipe_too(desk: Desk) -> None:
    whole = desk.ask("deliveries", "list")
    assert len(whole.rows) > 1
    assert "more" not in whole.err
    assert "more" not in desk.ask("deliveries", "list", "--limit", str(len(whole.rows))).err
    part = desk.ask("deliveries", "list", "--limit", "1")
    assert len(part.rows) == 1
    assert "the newest 1; there are more: --limit shows them" in part.err


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (("deliveries", "show", "9" * 30), 3, "there is no delivery"),
        (("deliveries", "retry", "9" * 30), 3, "there is no delivery"),
        (("silence", "expire", "9" * 30), 3, "there is no silence"),
        (("stories", "show", "9" * 30), 3, "there is no story"),
        (("search", "border", "--after", "9" * 30), 0, ""),
        (("alerts", "list", "--limit", "9" * 30), 0, ""),
        (("alerts", "list", "--limit", "0"), 2, "--limit"),
        (("alerts", "list", "--since", "9" * 12 + "d"), 2, "is no time"),
        (("alerts", "list", "--since", "999999d"), 2, "is no time"),
        (("alerts", "list", "--since", "9999-12-31T23:59:59-10:00"), 2, "is no time"),
        (("alerts", "list", "--since", "7d", "--until", "8d"), 2, "is before --since"),
        (("silence", "add", "--rule", "borders", "--reason", "x", "--for", "9" * 12 + "d"), 2, "longer than any time"),
        (("silence", "add", "--rule", "borders", "--reason", "x", "--for", "9999999d"), 2, "longer than a hundred"),
        (("feeds", "schedule", "--within", "9999999d"), 2, "longer than a hundred"),
    ],
)
def test_numbers_and_times_beyond_all_measure(desk: Desk, args: tuple[str, ...], code: int, told: str) -> None:
    answer = desk.ask(*args)
    assert answer.code == code, answer.err
    assert told in answer.err


def test_a_silence_says_what_is_probably_not_meant(desk: Desk) -> None:
    told = desk.ask("silence", "add", "--query", "'border guard' and flood*", "--for", "1d", "--reason", "known")
    assert told.code == 0
    assert "'border guard' is read as words that may stand apart" in told.err
    assert "the operator is written AND" in told.err
