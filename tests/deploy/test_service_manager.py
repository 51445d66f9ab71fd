"""What the daemon tells the service manager, heard on a socket of our own as systemd would."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
import time
from contextlib import asynccontextmanager, closing
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.newsroom import Service, newsroom, until
from tests.support.processes import descendants

QUIET = '[service]\nlisten = ""\n'
NAPPING = """[polling]
least = "1s"
initial = "1s"
most = "1s"
[fetch]
allow = ["{host}"]
spacing = "0s"
[[feeds]]
name = "desk"
url = "{url}"
"""


class Manager:
    """Hears what is said on ``$NOTIFY_SOCKET``: (seconds, words)."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(self.address)
        self._line.setblocking(False)
        self.heard: list[tuple[float, dict[str, str]]] = []
        asyncio.get_running_loop().add_reader(self._line, self._hear)

    def _hear(self) -> None:
        words = dict(line.split("=", 1) for line in self._line.recv(4096).decode().splitlines())
        self.heard.append((time.monotonic(), words))

    def times(self, name: str) -> list[float]:
        return [at for at, words in self.heard if name in words]

    def order(self) -> list[str]:
        """The words of state in the order in which they came."""
        return [name for _, words in self.heard for name in words if name in {"READY", "RELOADING", "STOPPING"}]

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._line)
        self._line.close()


@asynccontextmanager
async def managed(tmp_path: Path, config: str, **environment: str):
    manager = Manager(tmp_path)
    service = Service(tmp_path, config)
    try:
        await service.start(NOTIFY_SOCKET=manager.address, **environment)
        yield manager, service
    finally:
        if service.process.returncode is None:
            await service.kill()
        manager.close()


async def test_ready_reload_watchdog_and_stopping_are_told_in_their_time(tmp_path):
    async with managed(tmp_path, QUIET, WATCHDOG_USEC="6000000") as (manager, service):
        await until(lambda: manager.times("READY"), 30, "READY=1")
        with closing(sqlite3.connect(service.database)) as database:
            assert database.execute("SELECT count(*) FROM feeds").fetchone() == (0,), "ready before the database was"
        assert "daemon_started" in service.log.read_text()
        service.reload()
        await until(lambda: manager.order()[1:] == ["RELOADING", "READY"], 20, "RELOADING=1, then READY=1")
        assert all("MONOTONIC_USEC" in words for _, words in manager.heard if "RELOADING" in words)
        service.reload("[storage]\nurl = 3\n")
        await until(lambda: manager.order()[3:] == ["RELOADING", "READY"], 20, "a refused reload is told to be over")
        assert "refused" in manager.heard[-1][1].get("STATUS", "") or any(
            "refused" in words.get("STATUS", "") for _, words in manager.heard
        )
        await until(lambda: len(manager.times("WATCHDOG")) >= 4, 30, "WATCHDOG=1")
        assert await service.stop() == 0
        assert manager.order()[-1] == "STOPPING"
        gaps = [later - earlier for earlier, later in pairwise(manager.times("WATCHDOG"))]
        assert max(gaps) < 6, "the manager would have killed it"


async def test_ready_means_that_the_endpoint_answers(tmp_path, unused_tcp_port):
    async with managed(tmp_path, f'[service]\nlisten = "127.0.0.1:{unused_tcp_port}"\n') as (manager, service):
        await until(lambda: manager.times("READY"), 30, "READY=1")
        reader, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
        writer.write(b"GET /health HTTP/1.0\r\n\r\n")
        assert b"200 OK" in await asyncio.wait_for(reader.readline(), 20)
        writer.close()
        assert await service.stop() == 0


async def test_an_endpoint_whose_port_is_taken_stops_nothing_else(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with managed(tmp_path, f'[service]\nlisten = "127.0.0.1:{port}"\n') as (manager, service):
            await until(lambda: manager.times("READY"), 30, "READY=1")
            log = service.log.read_text()
            assert "endpoint_failed" in log
            assert "Address already in use" in log
            assert await service.stop() == 0


async def test_a_database_that_is_refused_is_never_ready(tmp_path):
    (tmp_path / "monitor.db").write_bytes(b"no database" * 1000)
    async with managed(tmp_path, QUIET) as (manager, service):
        assert await asyncio.wait_for(service.process.wait(), 30) == 78
        assert manager.times("READY") == []


async def test_no_child_process_can_speak_for_the_daemon(tmp_path):
    async with newsroom() as room:
        feed = room.feed("desk")
        room.publish(feed)
        config = NAPPING.format(host=room.server.authority, url=room.url(feed)) + QUIET
        async with managed(tmp_path, config, WATCHDOG_USEC="60000000") as (_, service):
            await until(
                lambda: service.database.exists() and "feed_polled" in service.log.read_text(), 30, "a worker at work"
            )
            children = descendants(service.process.pid)
            assert children, "the sandbox has no process"
            assert not any(knows_manager(child) for child in children)
            assert await service.stop() == 0


def knows_manager(pid: int) -> bool:
    return b"NOTIFY_SOCKET" in Path(f"/proc/{pid}/environ").read_bytes()


async def stops_being_fed(manager: Manager, patience: float) -> bool:
    """Whether no WATCHDOG=1 comes for ``patience`` seconds, looked for during four times as long."""
    end = time.monotonic() + 4 * patience
    while time.monotonic() < end:
        if time.monotonic() - manager.times("WATCHDOG")[-1] > patience:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_a_writer_that_hangs_lets_the_watchdog_bite(tmp_path):
    async with managed(tmp_path, QUIET, WATCHDOG_USEC="4000000") as (manager, service):
        await until(lambda: len(manager.times("WATCHDOG")) >= 3, 30, "WATCHDOG=1")
        with closing(sqlite3.connect(service.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await stops_being_fed(manager, 4)
            other.execute("ROLLBACK")
        fed = len(manager.times("WATCHDOG"))
        await until(lambda: len(manager.times("WATCHDOG")) > fed, 40, "WATCHDOG=1 once writing works again")


@asynccontextmanager
async def blocked(tmp_path, what):
    """A daemon of which ``what`` stands still once the flag is there."""
    (tmp_path / "config.toml").write_text(QUIET)
    manager, flag, log = Manager(tmp_path), tmp_path / "hold", tmp_path / "log"
    environment = os.environ | {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "4000000"}
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.deploy.blocked", str(tmp_path / "config.toml"), str(flag), what,
            stdout=out, stderr=out, env=environment, cwd=Path(__file__).parents[2],
        )  # fmt: skip
    try:
        await until(lambda: len(manager.times("WATCHDOG")) >= 2, 30, "WATCHDOG=1")
        yield manager, flag, process
    finally:
        if process.returncode is None:
            process.kill()
        manager.close()


async def test_an_outbox_that_is_not_looked_at_lets_the_watchdog_bite(tmp_path):
    """T72. All else goes on: the loop turns, feeds are looked for, the database is written to."""
    beats = "SELECT value FROM meta WHERE name = 'heartbeat'"
    async with blocked(tmp_path, "outbox") as (manager, flag, _):
        flag.touch()
        assert await stops_being_fed(manager, 4)
        with closing(sqlite3.connect(tmp_path / "monitor.db")) as database:
            last = database.execute(beats).fetchone()
            await until(lambda: database.execute(beats).fetchone() != last, 20, "a heartbeat in the database")
        assert time.monotonic() - manager.times("WATCHDOG")[-1] > 4, "still not fed"
        flag.unlink()
        fed = len(manager.times("WATCHDOG"))
        await until(lambda: len(manager.times("WATCHDOG")) > fed, 30, "WATCHDOG=1 once messages are looked for again")


async def test_an_event_loop_that_hangs_lets_the_watchdog_bite_and_tells_where(tmp_path):
    async with blocked(tmp_path, "loop") as (manager, flag, process):
        flag.touch()
        assert await stops_being_fed(manager, 4)
        process.send_signal(signal.SIGABRT)  # as systemd does then
        assert await asyncio.wait_for(process.wait(), 20) == -signal.SIGABRT
    told = (tmp_path / "log").read_text()
    assert "blocked.py" in told
    assert "in hold" in told
    assert "monitor-writer" in told or told.count("hread 0x") > 1, "the stacks of all threads"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
async def test_a_manager_that_does_not_listen_stops_nothing(tmp_path, address):
    service = Service(tmp_path, QUIET)
    await service.start(NOTIFY_SOCKET=address)
    try:
        await service.started()
        assert await service.stop() == 0
    finally:
        if service.process.returncode is None:
            await service.kill()
