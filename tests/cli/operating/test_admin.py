from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from monitor.model import FeedState
from monitor.storage import feeds, quarantine, schema, sqlite_file, vitals
from monitor.storage.channels import set_channel
from tests.cli.operating.conftest import CONFIG, Desk, now
from tests.cli.operating.test_feeds import no_controls


def findings(desk: Desk) -> dict[str, dict]:
    return {row["what"]: row for row in desk.ask("doctor").rows}


def test_db_status(desk: Desk) -> None:
    (told,) = desk.ask("db", "status").rows
    assert (told["schema"], told["feeds"], told["articles"], told["dead"]) == (schema.HEAD, 3, 3, 1)
    assert told["rows"]["entries"] == 3
    table = desk.ask("db", "status", "--format", "table").out
    assert "entries" in table
    assert "has never run on it" in table


def test_db_status_of_none(empty: Desk) -> None:
    answer = empty.ask("--db", str(empty.folder / "other.db"), "db", "status")
    assert answer.code == 78
    assert "no database here yet" in answer.err
    assert not (empty.folder / "other.db").exists()


def test_db_upgrade_has_nothing_to_do(desk: Desk) -> None:
    answer = desk.ask("db", "upgrade")
    assert answer.code == 0
    assert "nothing to do" in answer.out


def test_a_newer_schema_is_refused(desk: Desk) -> None:
    with sqlite3.connect(desk.path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for path in (("db", "status"), ("db", "upgrade"), ("feeds", "list")):
        answer = desk.ask(*path)
        assert answer.code == 78
        assert "newer" in answer.err


def test_metrics(desk: Desk) -> None:
    answer = desk.ask("metrics")
    assert answer.code == 0
    assert "monitor_articles 3" in answer.out
    assert "monitor_dead 1" in answer.out


def test_quick_is_by_the_heartbeat(desk: Desk) -> None:
    assert desk.ask("doctor", "--quick").code == 75
    desk.write(vitals.heartbeat, now())
    assert desk.ask("doctor", "--quick").code == 0
    desk.write(vitals.heartbeat, now() - timedelta(minutes=5))
    answer = desk.ask("doctor", "--quick")
    assert answer.code == 75
    assert "5 min ago" in answer.out


def test_the_doctor_of_a_desk_in_some_trouble(desk: Desk) -> None:
    desk.write(vitals.heartbeat, now())
    answer = desk.ask("doctor")
    found = findings(desk)
    assert answer.code == 0, "warnings are no fault"
    assert {what: row["level"] for what, row in found.items() if row["level"] != "ok"} == {
        "feeds": "warning", "dead letters": "warning", "notices": "warning",
    }  # fmt: skip
    assert found["dead letters"]["advice"]
    assert found["notices"]["more"]
    table = desk.ask("doctor", "--format", "table").out
    assert "0 faults, 3 warnings" in table
    assert no_controls(table)
    assert no_controls(answer.out)
    assert "SECRETPATH" not in table


def test_a_faulty_configuration_is_named_with_its_line(desk: Desk) -> None:
    desk.more("[storrage]\n")
    answer = desk.ask("doctor")
    assert answer.code == 1
    (row,) = answer.rows
    assert "config.toml:" in row["text"]
    desk.config.write_text(CONFIG.replace('query = "border"', 'query = "(border"'), encoding="utf-8")
    answer = desk.ask("doctor")
    assert answer.code == 1
    assert findings(desk)["configuration"]["level"] == "fault"


def test_a_damaged_database_is_named(desk: Desk) -> None:
    desk.path.write_bytes(b"x" * 5000)
    answer = desk.ask("doctor")
    assert answer.code == 1
    assert findings(desk)["database"]["level"] == "fault"


def test_secrets_that_others_may_read(desk: Desk) -> None:
    secret = desk.folder / "chat-url"
    secret.write_text("https://hooks.example/SECRET")
    secret.chmod(0o644)
    desk.more('[channels.chat]\ntype = "slack"\nurl = { file = "chat-url" }\n')
    rows = [row for row in desk.ask("doctor").rows if row["what"] == "secrets"]
    assert "chmod 600" in rows[0]["text"]
    secret.chmod(0o600)
    assert findings(desk)["secrets"]["level"] == "ok"


def test_channels_that_are_off(desk: Desk) -> None:
    desk.write(set_channel, "hook", "HTTP 410", now())
    found = findings(desk)["channels"]
    assert found["level"] == "fault"
    assert "monitor channels enable hook" in found["advice"]


def test_a_daemon_that_hangs(desk: Desk) -> None:
    desk.write(vitals.heartbeat, now() - timedelta(hours=1))
    assert findings(desk)["daemon"]["level"] == "warning"
    lock = sqlite_file.FileLock(desk.path)
    try:
        found = findings(desk)["daemon"]
    finally:
        lock.close()
    assert found["level"] == "fault"
    assert "holds the database" in found["text"]


def test_looking_for_the_daemon_does_not_keep_one_from_starting(desk: Desk) -> None:
    assert sqlite_file.lock_holder(desk.path) is None
    lock = sqlite_file.FileLock(desk.path)
    try:
        assert sqlite_file.lock_holder(desk.path)
    finally:
        lock.close()
    assert sqlite_file.lock_holder(desk.folder / "none.db") is None


def test_a_clock_that_has_gone_back(desk: Desk) -> None:
    desk.write(vitals.heartbeat, now() + timedelta(days=2))
    assert findings(desk)["clock"]["level"] == "fault"


def test_when_most_feeds_fail_the_network_is_suspected(desk: Desk) -> None:
    down = FeedState(problem="unreachable", failures=2.0, last_polled_at=now(), first_polled_at=now())
    for feed_id in (1, 2):
        desk.write(feeds.save_state, feed_id, down)
    found = findings(desk)["feeds"]
    assert found["level"] == "fault"
    assert "network" in found["advice"]


def test_inputs_in_quarantine(desk: Desk) -> None:
    poison = quarantine.Quarantined(
        kind="page", hash="h", url="https://news.example/\x1b[2J", reason="killed a worker", deaths=2, at=now(),
        until=now() + timedelta(days=1),
    )  # fmt: skip
    desk.write(quarantine.put, poison)
    found = findings(desk)["quarantine"]
    assert found["level"] == "warning"
    assert len(found["more"]) == 1


@pytest.mark.parametrize("path", [("feeds", "list"), ("alerts", "list"), ("deliveries", "list"), ("silence", "list")])
def test_an_empty_desk_answers_with_nothing_found(empty: Desk, path: tuple[str, ...]) -> None:
    answer = empty.ask(*path)
    assert (answer.code, answer.out) == (1, "")


def test_a_missing_configuration(empty: Desk) -> None:
    empty.config.unlink()
    assert empty.ask("feeds", "list").code == 78


@pytest.mark.postgresql
def test_the_same_commands_on_postgresql(empty: Desk, postgresql_address: str) -> None:
    """The operating commands over the other database."""
    add = empty.ask("--db", postgresql_address, "feeds", "add", "https://n.example/rss", "--name", "N")
    assert add.code == 0, add.err
    assert [row["name"] for row in empty.ask("--db", postgresql_address, "feeds", "list").rows] == ["N"]
    added = empty.ask("--db", postgresql_address, "rules", "add", "talks", "talks", "--channel", "mail")
    assert added.code == 0, added.err
    for path in (("rules", "list"), ("feeds", "schedule"), ("channels", "list"), ("prune", "--dry-run"), ("metrics",)):
        answer = empty.ask("--db", postgresql_address, *path)
        assert answer.code == 0, answer.err
    (told,) = empty.ask("--db", postgresql_address, "db", "status").rows
    assert told["rows"]["feeds"] == 1
    assert empty.ask("--db", postgresql_address, "backup", str(empty.folder / "c.db")).code == 78
    assert empty.ask("--db", postgresql_address, "restore", str(empty.folder / "c.db")).code == 78
    assert empty.ask("--db", postgresql_address, "db", "upgrade").code == 0
    doctor = empty.ask("--db", postgresql_address, "doctor")
    assert doctor.code == 0, doctor.out
