from __future__ import annotations

from collections import Counter

import pytest

from monitor.cli.output import every_day
from monitor.storage import rules as rule_rows
from monitor.storage import search
from tests.cli.operating.conftest import FORMULA, Desk


def test_list_counts_matches_and_alerts(desk: Desk) -> None:
    (row,) = desk.ask("rules", "list").rows
    assert (row["name"], row["origin"], row["matches_7d"], row["alerts_7d"]) == ("borders", "config", 2, 1)
    assert row["channels"] == ["mail", "hook"]


def test_list_of_nothing(empty: Desk) -> None:
    assert empty.ask("rules", "list").code == 1


def test_add_replace_remove(desk: Desk) -> None:
    added = desk.ask("rules", "add", "talks", "talks AND @border", "--channel", "mail", "--priority", "high")
    assert added.code == 0, added.err
    kept = desk.read(rule_rows.rule, "talks")
    assert (kept.origin, kept.priority, kept.channels) == ("command", "high", ("mail",))
    assert kept.version
    again = desk.ask("rules", "add", "talks", "talks", "--channel", "hook")
    assert "replaced" in again.out
    assert desk.read(rule_rows.rule, "talks").version != kept.version
    assert desk.ask("rules", "remove", "talks").code == 0
    unknown = desk.ask("rules", "remove", "borderz")
    assert unknown.code == 3
    assert "did you mean 'borders'" in unknown.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("talks", "(border", "--channel", "mail"), "^"),
        (("talks", "@bordr", "--channel", "mail"), "border"),
        (("Talks!", "border", "--channel", "mail"), "small letters"),
        (("talks", "border", "--channel", "mail", "--window", "long"), "no duration"),
        (("talks", "border"), "--channel"),
        (("borders", "border", "--channel", "mail"), "stands in the configuration file"),
    ],
)
def test_what_is_refused(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    before = desk.read(rule_rows.list_rules)
    answer = desk.ask("rules", "add", *arguments)
    assert answer.code == 2
    assert said in answer.err
    assert desk.read(rule_rows.list_rules) == before


def test_a_rule_for_a_channel_that_is_not_there_is_refused(desk: Desk) -> None:
    before = desk.read(rule_rows.list_rules)
    answer = desk.ask("rules", "add", "talks", "border", "--channel", "mial")
    assert answer.code == 3
    assert "did you mean 'mail'" in answer.err
    assert desk.read(rule_rows.list_rules) == before


def test_a_doubtful_query_is_taken_with_a_warning(desk: Desk) -> None:
    answer = desk.ask("rules", "add", "talks", "topic:migratoin border", "--channel", "mail")
    assert answer.code == 0
    assert "warning" in answer.err


def test_rules_of_the_file_are_read_only(desk: Desk) -> None:
    answer = desk.ask("rules", "remove", "borders")
    assert answer.code == 2
    assert "stands in the configuration file" in answer.err


def test_test_decides_in_order_and_says_what_is_simulated(desk: Desk) -> None:
    (told,) = desk.ask("rules", "test", "borders").rows
    assert told["matches"] == 2
    assert sum(told["days"].values()) == 2
    assert told["simulated"]["alerts"] + sum(told["simulated"]["held"].values()) == 2
    assert told["simulated"]["alerts"] >= 1
    assert "no alert before" in told["simulated"]["assumes"]
    assert len(told["samples"]) == 2
    table = desk.ask("rules", "test", "borders", "--format", "table").out
    assert "2 articles in 2 stories match" in table
    assert "Alerts that would have gone out" in table
    assert "simulated" in table
    assert "\x1b" not in table


def test_test_of_a_query(desk: Desk) -> None:
    assert desk.ask("rules", "test", "--query", "frontier AND @border").rows[0]["matches"] == 1
    assert desk.ask("rules", "test", "--query", "nowhere").code == 1
    assert desk.ask("rules", "test", "--query", "border", "--since", "2020-01-01", "--until", "2020-02-01").code == 1
    assert desk.ask("rules", "test").code == 2
    assert desk.ask("rules", "test", "borders", "--query", "border").code == 2
    assert desk.ask("rules", "test", "nope").code == 3
    wrong = desk.ask("rules", "test", "--query", "a AND")
    assert wrong.code == 2


def test_test_of_a_query_says_what_is_probably_not_meant(desk: Desk) -> None:
    told = desk.ask("rules", "test", "--query", "topic:deportatoin and border")
    assert told.code == 1
    assert "no topic 'deportatoin', so this can never hold. Did you mean deportation?" in told.err
    assert "the operator is written AND" in told.err
    assert "'border guard' is read as words" in desk.ask("rules", "test", "--query", "'border guard'").err


def test_the_days_of_a_plot_leave_out_none() -> None:
    assert every_day(Counter({"2026-02-27": 3, "2026-03-02": 1})) == [
        ("2026-02-27", 3), ("2026-02-28", 0), ("2026-03-01", 0), ("2026-03-02", 1),
    ]  # fmt: skip
    assert every_day(Counter()) == []


def test_test_that_stopped_early_says_so_in_every_form(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST", 1)
    for form in ("jsonl", "csv", "table"):
        told = desk.ask("rules", "test", "--query", "=BORDER", "--format", form)
        assert told.code == 1
        assert "stopped early: the archive has more; shorten --since" in told.err


def test_test_as_csv_is_safe_from_formulas(desk: Desk) -> None:
    answer = desk.ask("rules", "test", "--query", "HYPERLINK", "--format", "csv")
    assert answer.code == 0
    assert f"'{FORMULA}" in answer.out


def test_a_rule_by_command_is_seen_by_the_look_of_the_daemon(desk: Desk) -> None:
    before = desk.read(rule_rows.rules_stamp)
    assert desk.ask("rules", "add", "talks", "talks", "--channel", "mail").code == 0
    assert desk.read(rule_rows.rules_stamp) != before


def test_a_plan_says_what_a_changed_file_would_do_and_changes_nothing(desk: Desk) -> None:
    assert desk.ask("rules", "apply").code == 0
    assert desk.ask("rules", "plan").code == 1
    text = desk.config.read_text("utf-8").replace('query = "border"', 'query = "border OR frontier"')
    desk.config.write_text(text + '[[rules]]\nname = "new"\nquery = "talks"\nchannels = ["mail"]\n', "utf-8")
    changed, new = desk.ask("rules", "plan").rows
    assert (changed["rule"], changed["change"]) == ("borders", "changed")
    assert changed["what"] == "query: border → border OR frontier"
    assert changed["matches_after"] >= changed["matches_before"]
    assert (new["rule"], new["change"], new["alerts_before"]) == ("new", "added", 0)
    assert desk.read(rule_rows.rule, "new") is None
    table = desk.ask("rules", "plan", "--format", "table").out
    assert "~ borders" in table
    assert "+ new" in table
    assert desk.ask("rules", "apply").out.splitlines() == ["changed borders", "added new"]
    assert desk.read(rule_rows.rule, "borders").query == "border OR frontier"
    assert desk.ask("rules", "plan").code == 1


def test_test_against_the_rule_in_force(desk: Desk) -> None:
    whole = desk.ask("rules", "test", "borders").rows[0]
    (told,) = desk.ask("rules", "test", "--query", "frontier AND @border", "--against", "borders").rows
    assert (told["matches"], told["against"]["matches"]) == (1, 2)
    assert told["against"]["alerts"] == whole["simulated"]["alerts"]
    assert told["against"]["gained"] == []
    kept, gone = told["samples"][0]["id"], told["against"]["lost"]
    assert {kept, *gone} == {each["id"] for each in whole["samples"]}
    (wider,) = desk.ask("rules", "test", "--query", "NOT nowhere AND lang:en", "--against", "borders").rows
    assert len(wider["against"]["gained"]) == wider["matches"] - 2 > 0
    (none,) = desk.ask("rules", "test", "--query", "nowhere", "--against", "borders").rows
    assert (none["matches"], len(none["against"]["lost"])) == (0, 2)
    table = desk.ask(
        "rules", "test", "--query", "nowhere", "--against", "borders", "--limit", "1", "--format", "table"
    ).out
    for said in ("Against the rule in force", "matches 2 → 0", "lost", "1 more lost; --limit shows them"):
        assert said in table
    assert "against" not in whole
    assert desk.ask("rules", "test", "--query", "border", "--against", "nope").code == 3


def test_a_rule_of_the_file_is_tested_against_the_one_in_force(desk: Desk) -> None:
    same = desk.ask("rules", "test", "borders", "--against", "live").rows[0]
    assert (same["against"]["gained"], same["against"]["lost"]) == ([], [])
    config = desk.folder / "config.toml"
    config.write_text(config.read_text().replace('query = "border', 'query = "frontier border', 1))
    edited = desk.ask("rules", "test", "borders", "--against", "live").rows[0]
    assert (edited["matches"], edited["against"]["gained"], len(edited["against"]["lost"])) == (1, [], 1)
    assert desk.ask("rules", "add", "mine", "border", "--channel", "mail").code == 0
    assert "does not stand in the configuration file" in desk.ask("rules", "test", "mine", "--against", "live").err
