"""SQLite's own method: the N-th statement or commit fails, for N = 1, 2, 3 … until a whole cycle passes without it.

A cycle is a poll with new entries, their articles, matches, alerts, and the messages that follow.
"""

import itertools
import shutil
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event

from monitor.app import build_app, sync
from monitor.config import parse_settings
from monitor.daemon.single import Pass, once
from monitor.errors import StorageUnavailable
from monitor.storage import vitals
from monitor.storage.engine import Database
from tests.support.desk import desk, judge

ENTRIES, ALERTS = 4, 2
PASSES_IN_TROUBLE = 4


class Here:
    """A sandbox that is no process: what is tested here is the database."""

    async def run(self, function, *args, deadline=None, **named):
        return function(*args, **named)

    async def close(self):
        pass


class Trouble:
    """Fails the ``at``-th statement or commit on the writing side, or all from there on."""

    def __init__(self, database, at, *, lasting):
        self.at, self.lasting, self.passed, self.over = at, lasting, 0, False
        event.listen(database._write, "before_cursor_execute", self.statement)
        event.listen(database._write, "commit", self.step)

    def statement(self, connection, _cursor, statement, *_):
        if not statement.startswith(("ROLLBACK", "SAVEPOINT", "RELEASE")):
            self.step(connection)

    def step(self, connection):
        if self.over:
            return
        self.passed += 1
        if self.passed == self.at or (self.lasting and self.passed > self.at):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error


async def one_pass(app, clock):
    """As the daemon: after a fault, what the tasks of that time had claimed is free again."""
    clock.now += timedelta(seconds=10)
    try:
        await once(app, Pass())
    except StorageUnavailable:
        with suppress(StorageUnavailable):
            await app.db.write(vitals.release_leases)


async def cycle(folder, template, at, *, lasting):
    """Whether the fault at ``at`` was met. Invariants are asserted once the trouble is over."""
    folder.mkdir()
    shutil.copy(template, folder / "monitor.db")
    (folder / "monitor.db").chmod(0o600)
    async with desk(folder) as stage:
        feed = stage.room.feed("desk")
        settings = parse_settings(stage.config(), folder / "config.toml")
        crashes, clock = [], SimpleNamespace(now=datetime.now(UTC))
        with Database.open(folder / "monitor.db") as database:
            sync(database, settings, clock.now)
            app = build_app(
                settings, database, crashed=lambda _, problem: crashes.append(problem), now=lambda: clock.now
            )
            await app.feed_sandbox.close()
            await app.sandbox.close()
            app.feed_sandbox = app.sandbox = Here()
            await one_pass(app, clock)
            expected = set()
            for number in range(ENTRIES):
                entry = stage.room.publish(feed, "kraken" if number < ALERTS else "")
                expected |= {stage.room.page_url(feed, entry)} if number < ALERTS else set()
            trouble = Trouble(database, at, lasting=lasting)
            for _ in range(PASSES_IN_TROUBLE):
                await one_pass(app, clock)
            trouble.over = True
            database.write_now(vitals.release_leases)
            for _ in range(3):
                await one_pass(app, clock)
            await app.aclose()
        assert stage.count("entries") == stage.count("articles", "state = 'done'") == ENTRIES
        assert stage.count("deliveries", "state = 'sent'") == stage.count("deliveries") == 2 * ALERTS
        assert stage.rows("PRAGMA integrity_check") == [("ok",)]
        verdict = judge(stage.history)
        assert set(verdict.ids) == expected
        assert all(len(ids) == 1 for ids in verdict.ids.values())
        assert set(verdict.mailed) == {next(iter(ids)) for ids in verdict.ids.values()}
        assert not [problem for problem in crashes if not isinstance(problem, StorageUnavailable)]
        return trouble.passed >= at


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
@pytest.mark.parametrize(
    "numbers", [pytest.param((1, 23), id="some"), pytest.param((1, 1), id="all", marks=pytest.mark.slow)]
)
async def test_t43_the_nth_statement_fails(tmp_path, sqlite_template, numbers, lasting):
    for at in itertools.count(*numbers):
        if not await cycle(tmp_path / str(at), sqlite_template, at, lasting=lasting):
            assert at > 20, "the fault is met at all"
            return
