"""What a newcomer meets: empty lists say what to do, unknown names what was meant, and counts are grammar."""

from __future__ import annotations

import pytest

from monitor.cli.nouns import numbered
from tests.cli.operating.conftest import Desk


@pytest.mark.parametrize("form", ["table", "jsonl"])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("feeds", "list"), "no feeds yet: monitor feeds add ADDRESS"),
        (("feeds", "schedule"), "no feeds yet"),
        (("rules", "list"), "no rules yet: monitor rules add NAME QUERY"),
        (("alerts", "list"), "no alerts; what a rule would find says: monitor rules test RULE"),
        (("alerts", "list", "--held"), "nothing was held"),
        (("alerts", "waiting"), "nothing waits"),
        (("silence", "list"), "no silence is in force; --all"),
        (("deliveries", "list"), "no deliveries"),
    ],
)
def test_an_empty_list_says_so_and_what_to_do(empty: Desk, arguments: tuple[str, ...], said: str, form: str) -> None:
    answer = empty.ask(*arguments, "--format", form)
    assert answer.code == 1
    assert said in answer.err
    assert answer.out == ""


def test_no_saved_queries(empty: Desk) -> None:
    config = empty.folder / "config.toml"
    config.write_text(config.read_text().replace('[queries]\nborder = "border OR frontier"\n', ""))
    answer = empty.ask("search", "--saved")
    assert (answer.code, answer.out) == (1, "")
    assert "no saved queries: --save NAME keeps one" in answer.err


def test_the_health_of_no_feeds(empty: Desk) -> None:
    answer = empty.ask("feeds", "health", "--format", "table")
    assert (answer.code, answer.out) == (0, "")
    assert "no feeds yet" in answer.err


def test_rows_without_an_address_are_not_left_out_in_silence(desk: Desk) -> None:
    answer = desk.ask("rules", "list", "--format", "urls")
    assert answer.out == ""
    assert "1 of 1 have no address" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("channels", "test", "mial"),
        ("channels", "enable", "mial"),
        ("deliveries", "list", "--channel", "mial"),
        ("deliveries", "retry", "--all-dead", "--channel", "mial"),
        ("rules", "add", "r", "border", "--channel", "mial"),
    ],
)
def test_an_unknown_channel_is_exit_code_3_everywhere(desk: Desk, arguments: tuple[str, ...]) -> None:
    answer = desk.ask(*arguments)
    assert answer.code == 3
    assert "there is no channel 'mial'; did you mean 'mail'?" in answer.err


@pytest.mark.parametrize("meant", ["harbor", "HARBOUR", "arb"])
def test_a_feed_is_suggested_whatever_the_case_and_by_a_part_of_its_name(desk: Desk, meant: str) -> None:
    answer = desk.ask("feeds", "remove", meant)
    assert answer.code == 3
    assert "did you mean 'Harbour'?" in answer.err


def test_kinds_and_groups_that_there_are_none_of(desk: Desk) -> None:
    assert desk.ask("feeds", "list", "--problem", "unreachabel").code == 2
    answer = desk.ask("feeds", "list", "--group", "agencie")
    assert answer.code == 3
    assert "did you mean 'agencies'?" in answer.err


def test_a_database_that_is_not_there_yet_is_not_to_be_restored(empty: Desk) -> None:
    empty.path.unlink()
    table = empty.ask("doctor", "--format", "table").out
    assert "monitor once makes one" in table
    assert "restore" not in table
    assert "1 fault, " in table


def test_numbers_and_their_nouns() -> None:
    assert [numbered(n, "feed") for n in (0, 1, 2, 1000)] == ["0 feeds", "1 feed", "2 feeds", "1,000 feeds"]
    assert numbered(2, "story", "stories") == "2 stories"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--country", "ZZ"), "there is no country 'ZZ'; write an ISO code such as 'UZ'"),
        (("--lang", "english"), "there is no language 'english'; write 'en'"),
    ],
)
def test_codes_that_mean_nothing_are_refused_of_a_new_feed(desk: Desk, more: tuple[str, ...], said: str) -> None:
    answer = desk.ask("feeds", "add", "https://new.example/feed", *more)
    assert answer.code == 2
    assert said in answer.err


def test_a_new_feed_that_will_not_be_asked_is_warned_of(desk: Desk) -> None:
    answer = desk.ask("feeds", "add", "http://10.1.1.1/feed")
    assert answer.code == 0
    assert 'if it is your own: [fetch] allow = ["10.1.1.1"]' in answer.err


def test_a_folder_that_is_not_there_is_named_everywhere(empty: Desk) -> None:
    empty.config.write_text('[storage]\nurl = "/nowhere/at/all/monitor.db"\n', encoding="utf-8")
    table = empty.ask("doctor", "--format", "table").out
    assert "config.toml:2: storage.url: there is no folder /nowhere/at/all; make it: mkdir -p" in table
    assert "/nowhere/at/all does not exist; make it first" in empty.ask("feeds", "list").err
    assert "mkdir -p /nowhere/at/all" in empty.ask("once").err
