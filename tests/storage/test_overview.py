from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.retry import after_attempt
from monitor.errors import DatabaseNewer, StorageError
from monitor.model import Delivered, Rejected
from monitor.storage import (
    alerts,
    articles,
    backup,
    feeds,
    notices,
    outbox,
    overview,
    pruning,
    schema,
    sqlite_file,
    vitals,
)
from monitor.storage.channels import ChannelCounts, channel_counts
from monitor.storage.engine import Database
from tests.storage.material import HOUR, NOW, add_feed, alert, delivery, ingest, match, new_entry, poll

DAY = timedelta(days=1)


@pytest.fixture
def ids(database: Database) -> list[int]:
    """Three articles, the first of which was alerted by mail and by webhook."""
    feed_id = database.write_now(add_feed)
    ids = database.write_now(poll, feed_id, [new_entry(n) for n in range(3)])
    told = alert(ids[0])
    sent = [delivery(), delivery(channel="hook", endpoint="hook")]
    page = articles.Page(fetched_at=NOW, final_url="u", content_type="text/html", packed=articles.pack(b"<p>"))
    database.write_now(ingest, ids[0], matches=[match()], alerts=[told], deliveries=sent, page=page)
    database.write_now(ingest, ids[1], matches=[match()])
    return ids


def answer(database: Database, number: int, outcome) -> None:
    found = database.read_now(outbox.delivery, number)[0]
    after = after_attempt(1, outcome, now=NOW, jitter=0.5)
    database.write_now(outbox.save_attempt, found, outcome, after, at=NOW, elapsed=0.1)


def test_numbers_of_feeds_rules_and_channels(database: Database, ids: list[int]) -> None:
    assert list(database.read_now(overview.feed_entries).values()) == [3]
    assert database.read_now(overview.rule_counts, NOW - DAY) == {"borders": overview.RuleCounts(2, 1)}
    assert database.read_now(overview.rule_counts, NOW + DAY) == {}
    waiting = ChannelCounts(waiting=1)
    assert database.read_now(channel_counts) == {"mail": waiting, "hook": waiting}
    answer(database, 1, Delivered())
    answer(database, 2, Rejected(reason="no"))
    assert database.read_now(channel_counts) == {
        "mail": ChannelCounts(last_sent=NOW),
        "hook": ChannelCounts(dead=1),
    }


def test_a_pass_tells_of_messages_that_wait_and_of_those_given_up(database: Database, ids: list[int]) -> None:
    def told() -> tuple[int, ...]:
        counts = database.read_now(vitals.counts_since, NOW - HOUR)
        return counts["delivered"], counts["waiting"], counts["dead"]

    assert told() == (0, 2, 0)
    answer(database, 1, Delivered())
    answer(database, 2, Rejected(reason="no such user"))
    assert told() == (1, 0, 1)


def test_titles(database: Database, ids: list[int]) -> None:
    found = database.read_now(overview.titles, [ids[0], 999])
    assert found == {ids[0]: ("Border talks", "https://news.example/a/1")}
    assert database.read_now(overview.titles, []) == {}


def test_what_would_be_pruned_is_what_is_pruned(database: Database, ids: list[int]) -> None:
    answer(database, 1, Delivered())
    database.write_now(notices.note, "kind", "said", NOW)
    ages = dict.fromkeys(("articles", "pages", "polls", "notices", "deliveries"), DAY)
    assert set(database.read_now(overview.prunable, NOW + HOUR, **ages).values()) == {0}
    assert set(database.read_now(overview.prunable, NOW + 9 * DAY).values()) == {0}
    told = database.read_now(overview.prunable, NOW + 9 * DAY, **ages)
    assert told == {"articles": 2, "pages": 1, "polls": 1, "notices": 1, "deliveries": 1}
    done = pruning.prune(database, NOW + 9 * DAY, **ages)
    assert {name: getattr(done, name) for name in told} == told
    left = database.read_now(outbox.list_deliveries)
    assert [each.state for each in left] == ["pending"], "what waits is kept"
    assert database.read_now(alerts.alert, "01a") is not None


def test_a_feed_that_is_disabled_while_it_is_polled_stays_disabled(database: Database) -> None:
    feed_id = database.write_now(add_feed)
    database.write_now(feeds.set_disabled, feed_id, "by command", NOW)
    database.write_now(poll, feed_id)
    assert database.read_now(feeds.feed, feed_id).state.disabled == "by command"
    database.write_now(feeds.set_disabled, feed_id, None, NOW)
    database.write_now(poll, feed_id)
    assert database.read_now(feeds.feed, feed_id).state.disabled is None


def test_the_schema_is_told_without_an_upgrade(database_address: str, tmp_path: Path) -> None:
    assert overview.schema_of(database_address) == schema.HEAD
    with pytest.raises(StorageError, match="no database here yet"):
        overview.schema_of(str(tmp_path / "none.db"))
    older = tmp_path / "older.db"
    with sqlite3.connect(older) as connection:
        connection.executescript(
            f"PRAGMA application_id = {sqlite_file.APPLICATION_ID};"
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('0000')"
        )
    connection.close()
    older.chmod(0o600)
    assert overview.schema_of(f"sqlite:///{older}") == "0000"


CRAFTED = {
    "trigger": "CREATE TRIGGER t AFTER INSERT ON notices BEGIN DELETE FROM alerts; END",
    "view": "CREATE VIEW v AS SELECT * FROM feeds",
    "table": "CREATE TABLE strange (a)",
    "program": "UPDATE meta SET value = 'other' WHERE name = 'program'",
    "no meta": "DELETE FROM meta",
}


@pytest.mark.parametrize("craft", CRAFTED.values(), ids=CRAFTED)
def test_crafted_backups_are_refused(sqlite_address: str, tmp_path: Path, craft: str) -> None:
    crafted, place = tmp_path / "crafted.db", tmp_path / "place.db"
    shutil.copy(sqlite_address, crafted)
    with sqlite3.connect(crafted) as connection:
        connection.execute(craft)
    connection.close()
    with pytest.raises(StorageError):
        backup.restore(crafted, place)
    assert not place.exists()


def test_a_backup_of_a_newer_version_is_refused(sqlite_address: str, tmp_path: Path) -> None:
    newer = tmp_path / "newer.db"
    shutil.copy(sqlite_address, newer)
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(DatabaseNewer):
        backup.restore(newer, tmp_path / "place.db")


def test_a_journal_without_its_database_is_not_applied_to_the_backup(sqlite_address: str, tmp_path: Path) -> None:
    copy, place = tmp_path / "backup.db", Path(sqlite_address)
    with Database.open(place) as database:
        database.write_now(notices.note, "kept", "in the backup", NOW)
        backup.backup(database, copy)
        database.write_now(notices.note, "lost", "after the backup", NOW)
        shutil.copy(f"{place}-wal", tmp_path / "wal")
    place.unlink()
    shutil.copy(tmp_path / "wal", f"{place}-wal")
    assert backup.restore(copy, place) is None
    assert (tmp_path / f"{place.name}.before-restore-1-wal").exists()
    with Database.open(place, check=True) as database:
        assert [each.text for each in database.read_now(notices.latest)] == ["in the backup"]
