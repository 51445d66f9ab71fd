"""The disk is full, the file is damaged, a backup runs: what the daemon itself does about it."""

import asyncio
import json
import resource
import shutil
import sqlite3
from contextlib import closing
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.support.desk import PATIENCE, desk, judge
from tests.support.newsroom import Service, until


def health(port):
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_t39_a_full_disk_pauses_polling_and_says_so_and_work_resumes_by_itself(tmp_path):
    port = free_port()
    async with desk(tmp_path, listen=f"127.0.0.1:{port}") as stage:
        feed = stage.room.feed("desk")
        await stage.start()
        await until(lambda: stage.count("feeds", "polls > 0") == 1, PATIENCE, "first poll")
        stage.room.publish(feed, "minnow")
        await until(lambda: stage.count("articles", "state = 'done'") == 1, PATIENCE, "workers that have read a page")
        full = max(path.stat().st_size for path in tmp_path.glob("monitor.db*"))
        everything = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(stage.service.process.pid, resource.RLIMIT_FSIZE, (full, everything[1]))
        expected = {stage.room.page_url(feed, stage.room.publish(feed, "kraken")) for _ in range(20)}
        await until(lambda: "storage_degraded" in stage.log(), PATIENCE, "storage_degraded")
        assert "disk" in stage.log().split("storage_degraded", 1)[1].splitlines()[0]
        await asyncio.sleep(1)
        asked, stored = stage.room.asked["/desk.xml"], stage.count("articles")
        status, said = await asyncio.to_thread(health, port)
        assert status == 503
        assert "the database cannot write" in " ".join(said["reasons"])
        await asyncio.sleep(4)
        assert stage.room.asked["/desk.xml"] <= asked + 1, "polling pauses"
        assert stage.count("articles") == stored
        assert {line["article"] for line in stage.history.read("hook")} <= {
            row[0] for row in stage.rows("SELECT url FROM articles WHERE state = 'done'")
        }, "nobody is told of what is not stored"
        resource.prlimit(stage.service.process.pid, resource.RLIMIT_FSIZE, everything)
        await until(lambda: "storage_back" in stage.log(), PATIENCE, "storage_back")
        await until(lambda: len(judge(stage.history).mailed) == len(expected), PATIENCE, "all alerts")
        await until(lambda: stage.count("deliveries", "state != 'sent'") == 0, PATIENCE, "all marked")
        assert (await asyncio.to_thread(health, port))[0] == 200
        assert await stage.service.stop() == 0
        verdict = judge(stage.history)
        assert set(verdict.ids) == expected
        assert all(len(ids) == 1 for ids in verdict.ids.values())
        assert stage.log().count("storage_degraded") == 1
        assert stage.log().count("storage_back") == 1
        assert "Traceback" not in stage.log()


def spoil(kind, path):
    """Damage a database of ours in one way; the bytes it then has."""
    whole = path.read_bytes()
    if kind == "header":
        path.write_bytes(b"x" * 200 + whole[200:])
    elif kind == "middle":
        path.write_bytes(whole[:8192] + b"\xff" * 40_000 + whole[48_192:])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "random":
        path.write_bytes(bytes(range(256)) * 400)
    elif kind == "foreign":
        path.unlink()
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE songs (name)")
    elif kind == "newer":
        with closing(sqlite3.connect(path)) as ours:
            ours.execute("UPDATE alembic_version SET version_num = '9999'")
            ours.commit()
            ours.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


@pytest.mark.parametrize("kind", ["header", "middle", "empty", "random", "foreign", "newer"])
async def test_t40_a_database_that_cannot_be_trusted_is_refused_untouched(tmp_path, sqlite_template, kind):
    path = tmp_path / "monitor.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    (tmp_path / "monitor.db.lock").touch(0o600)
    spoiled = spoil(kind, path)
    path.chmod(0o600)
    service = Service(tmp_path, '[service]\nlisten = ""\n')
    await service.start()
    assert await asyncio.wait_for(service.process.wait(), PATIENCE) == 78
    assert path.read_bytes() == spoiled
    said = service.log.read_text()
    assert str(path) in said
    assert "monitor restore" in said or kind == "foreign"
    assert "Traceback" not in said


async def test_a_database_that_breaks_while_it_runs_ends_the_daemon_with_the_restore_command(tmp_path):
    async with desk(tmp_path) as stage:
        feed = stage.room.feed("desk")
        await stage.start()
        await until(lambda: stage.count("feeds", "polls > 0") == 1, PATIENCE, "first poll")
        with closing(sqlite3.connect(stage.service.database, timeout=20)) as other:
            other.execute("UPDATE feeds SET name = name")  # so that nobody trusts the pages that he remembers
            other.commit()
            for path, kept in ((stage.service.database, 4096), (tmp_path / "monitor.db-wal", 32)):
                with path.open("r+b") as file:
                    file.seek(kept)
                    file.write(b"\xff" * (path.stat().st_size - kept))
        for _ in range(30):
            stage.room.publish(feed, "kraken")
        assert await asyncio.wait_for(stage.service.process.wait(), PATIENCE) == 78
        assert "monitor restore" in stage.log()


async def test_t42_backups_during_ingest_are_whole_and_can_be_restored_and_run(tmp_path):
    async with desk(tmp_path) as stage:
        feed = stage.room.feed("desk")
        feed.shown = 1000
        await stage.start()
        await until(lambda: stage.count("feeds", "polls > 0") == 1, PATIENCE, "first poll")
        for number in range(3):
            for _ in range(20):
                stage.room.publish(feed, "kraken")
            await until(lambda seen=number: stage.count("articles") >= 20 * seen + 5, PATIENCE, "ingest")
            before = stage.count("articles", "state = 'done'")
            copy = tmp_path / f"backup{number}.db"
            code, _ = await stage.service.ask("backup", str(copy))
            assert code == 0
            with closing(sqlite3.connect(copy)) as kept:
                assert kept.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert kept.execute("SELECT count(*) FROM articles WHERE state = 'done'").fetchone()[0] >= before
        await until(lambda: len(judge(stage.history).mailed) == 60, PATIENCE, "all alerts")
        assert await stage.service.stop() == 0
        code, _ = await stage.service.ask("restore", "--yes", str(tmp_path / "backup1.db"))
        assert code == 0
        await stage.start()
        await until(lambda: stage.count("articles", "state = 'done'") == 60, PATIENCE, "what came after the backup")
        assert await stage.service.stop() == 0
        assert stage.rows("PRAGMA integrity_check") == [("ok",)]
