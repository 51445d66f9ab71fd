"""The sandbox under tasks that kill, hang and eat: T23."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import QueryError, SandboxCrashed, SandboxTimeout, SandboxUnavailable
from monitor.sandbox import _SIZE_BYTES, Sandbox, _work
from tests.sandbox import tasks
from tests.support.processes import descendants, is_gone, is_zombie, parent_of

WAYS = {"spawned": (), "forked": ("tests.sandbox.tasks",)}
"""What is preloaded, and so how workers come into being."""


@pytest.fixture(params=WAYS.values(), ids=WAYS)
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    made = Sandbox(2, memory_mb=512, deadline=20.0, preload=request.param)
    yield made
    await made.close()


async def until(true: Any, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_results_come_back(sandbox: Sandbox) -> None:
    assert await sandbox.run(tasks.add, 1, 2) == 3
    assert await asyncio.gather(*(sandbox.run(tasks.add, n, n) for n in range(50))) == [2 * n for n in range(50)]
    assert await sandbox.run(tasks.add, 1, second=5) == 6
    assert await sandbox.run(tasks.pid) != os.getpid()


async def test_large_arguments_and_results(sandbox: Sandbox) -> None:
    assert await sandbox.run(tasks.size, bytes(20_000_000)) == 20_000_000
    assert len(await sandbox.run(tasks.give, 20_000_000)) == 20_000_000


async def test_workers_are_reused_and_no_more_than_asked_for(sandbox: Sandbox) -> None:
    pids = await asyncio.gather(*(sandbox.run(tasks.pid) for _ in range(20)))
    assert 1 <= len(set(pids)) <= 2


async def test_workers_are_limited(sandbox: Sandbox) -> None:
    assert await sandbox.run(tasks.limits) == (512 * 1024 * 1024, 0)


@pytest.mark.parametrize(
    ("function", "args", "error", "says"),
    [
        (tasks.kill_myself, (signal.SIGKILL,), SandboxCrashed, "SIGKILL"),
        (tasks.kill_myself, (signal.SIGTERM,), SandboxCrashed, "SIGTERM"),
        (tasks.segfault, (), SandboxCrashed, "SIGSEGV"),
        (tasks.eat_memory, (), SandboxCrashed, "memory"),
        (tasks.size, (bytes(300_000_000),), SandboxCrashed, "memory"),
        (tasks.leave, (0,), SandboxCrashed, "without a result"),
        (tasks.leave, (3,), SandboxCrashed, "code 3"),
        (tasks.leave_politely, (), SandboxCrashed, "SystemExit"),
        (tasks.stuck_in_c, (), SandboxTimeout, "deadline"),
        (tasks.kill_myself, (signal.SIGSTOP,), SandboxTimeout, "deadline"),
        (tasks.ignore_signals_and_sleep, (), SandboxTimeout, "deadline"),
    ],
)
async def test_t23_only_the_task_of_the_dead_worker_fails(
    sandbox: Sandbox, function: Any, args: Any, error: type[Exception], says: str
) -> None:
    await sandbox.run(tasks.pid)
    deadline = 0.7 if error is SandboxTimeout else 20.0
    bad = asyncio.create_task(sandbox.run(function, *args, deadline=deadline))
    good = [asyncio.create_task(sandbox.run(tasks.sleep, 0.02)) for _ in range(30)]
    with pytest.raises(error, match=says) as raised:
        await bad
    assert "\n" not in str(raised.value)
    assert await asyncio.gather(*good) == ["slept"] * 30
    begun = time.monotonic()
    assert await asyncio.gather(sandbox.run(tasks.add, 1, 1), sandbox.run(tasks.add, 1, 1)) == [2, 2]
    assert time.monotonic() - begun < 5  # respawned in milliseconds, were the machine ours alone


async def test_t23_a_worker_killed_between_tasks_harms_no_task(sandbox: Sandbox) -> None:
    for _ in range(5):
        first = await sandbox.run(tasks.pid)
        os.kill(first, signal.SIGKILL)
        await until(lambda pid=first: is_gone(pid))
        assert await sandbox.run(tasks.add, 1, 2) == 3


async def test_t23_a_worker_stopped_between_tasks_costs_one_deadline(sandbox: Sandbox) -> None:
    stopped = await sandbox.run(tasks.pid)
    os.kill(stopped, signal.SIGSTOP)
    with pytest.raises(SandboxTimeout):
        await sandbox.run(tasks.size, bytes(5_000_000), deadline=0.5)
    assert await sandbox.run(tasks.add, 1, 2) == 3
    await until(lambda: is_gone(stopped))


@pytest.mark.parametrize("sandbox", [WAYS["forked"]], indirect=True)
async def test_t23_a_fork_server_that_dies_is_replaced(sandbox: Sandbox) -> None:
    worker = await sandbox.run(tasks.pid)
    os.kill(parent_of(worker), signal.SIGKILL)
    assert await sandbox.run(tasks.add, 1, 2) == 3
    with pytest.raises(SandboxCrashed):
        await sandbox.run(tasks.leave, 3)
    assert await sandbox.run(tasks.add, 1, 2) == 3


async def test_waiting_for_a_worker_is_not_part_of_the_deadline(sandbox: Sandbox) -> None:
    assert await asyncio.gather(*(sandbox.run(tasks.sleep, 0.1, deadline=1.0) for _ in range(40))) == ["slept"] * 40


async def test_what_a_function_raises(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxCrashed, match="fail raised ValueError: bad input") as raised:
        await sandbox.run(tasks.fail, "bad input")
    assert "tasks.py" in raised.value.__notes__[0]
    with pytest.raises(QueryError) as refused:
        await sandbox.run(tasks.refuse)
    assert (refused.value.position, refused.value.hint) == (5, "?")
    with pytest.raises(SandboxCrashed, match="AwkwardError"):
        await sandbox.run(tasks.fail_awkwardly)
    with pytest.raises(SandboxCrashed, match=r"pickle|local"):
        await sandbox.run(tasks.unpicklable)
    assert await sandbox.run(tasks.add, 1, 2) == 3


async def test_a_cancelled_task_kills_its_worker(sandbox: Sandbox) -> None:
    pid = await sandbox.run(tasks.pid)
    task = asyncio.create_task(sandbox.run(tasks.sleep, 60))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: is_gone(pid))
    assert await sandbox.run(tasks.add, 1, 2) == 3


@pytest.mark.parametrize("preload", WAYS.values(), ids=WAYS)
async def test_close_is_quick_and_leaves_no_process(preload: tuple[str, ...]) -> None:
    sandbox = Sandbox(2, deadline=60.0, preload=preload)
    pids = {await sandbox.run(tasks.pid)}
    running = asyncio.create_task(sandbox.run(tasks.stuck_in_c))
    await asyncio.sleep(0.2)
    begun = time.monotonic()
    await sandbox.close()
    assert time.monotonic() - begun < 5
    with pytest.raises(SandboxCrashed):
        await running
    with pytest.raises(SandboxUnavailable, match="closed"):
        await sandbox.run(tasks.add, 1, 2)
    await until(lambda: all(map(is_gone, pids)))
    await until(lambda: not any(map(is_zombie, descendants(os.getpid()))))


PROGRAM = """
    import asyncio, os, sys
    from monitor.sandbox import Sandbox
    from tests.sandbox import tasks

    async def main():
        sandbox = Sandbox(3, deadline=300.0, preload=tuple(sys.argv[1:]))
        print(await sandbox.run(tasks.pid), flush=True)
        busy = [asyncio.create_task(sandbox.run(what, *args)) for what, *args in
                ((tasks.stuck_in_c,), (tasks.kill_myself, 19), (tasks.sleep, 300))]
        await asyncio.sleep(1.0)
        print("busy", flush=True)
        await asyncio.gather(*busy)

    if __name__ == "__main__":
        asyncio.run(main())
"""


@pytest.mark.parametrize("preload", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_die_with_their_parent_however_it_ends(number: int, preload: tuple[str, ...], tmp_path: Path) -> None:
    """Three workers, one stuck in C, one stopped, one asleep: none outlives a parent that is killed."""
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root), "NOTIFY_SOCKET": "/nowhere"}
    command = [sys.executable, program, *preload]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline()
        assert parent.stdout.readline() == "busy\n"
        family = descendants(parent.pid)
        assert len(family) >= 4 + len(preload)  # three workers, resource tracker, fork server
        parent.send_signal(number)
        parent.wait(10)
        asyncio.run(until(lambda: all(map(is_gone, family))))


def test_a_worker_ends_quietly_where_an_answer_is_left_unread() -> None:
    """A parent that is killed at that moment resets the connection rather than closing it."""
    ours, theirs = socket.socketpair()
    worker = multiprocessing.get_context("spawn").Process(target=_work, args=(theirs, 512 << 20), daemon=True)
    with ours:
        with theirs:
            worker.start()
        task = pickle.dumps((tasks.add, (1, 2), {}))
        ours.sendall(len(task).to_bytes(_SIZE_BYTES) + task)
        assert ours.recv(1, socket.MSG_PEEK), "the answer has come, and stays unread"
    worker.join(20)
    assert worker.exitcode == 0


@pytest.mark.parametrize("preload", WAYS.values(), ids=WAYS)
def test_workers_do_not_inherit_what_is_ours(preload: tuple[str, ...]) -> None:
    program = """
        import asyncio, os, sys
        from monitor.sandbox import Sandbox
        from tests.sandbox import tasks

        async def main():
            sandbox = Sandbox(1, preload=tuple(sys.argv[1:]))
            found = await sandbox.run(tasks.environment)
            await sandbox.close()
            print(sorted({"NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY"} & set(found)), os.environ["NOTIFY_SOCKET"])

        asyncio.run(main())
    """
    environment = os.environ | {"NOTIFY_SOCKET": "/nowhere", "CREDENTIALS_DIRECTORY": "/secret"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *preload],
        env=environment, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == "[] /nowhere\n"


def test_a_sandbox_that_is_not_used_starts_nothing() -> None:
    before = descendants(os.getpid())
    Sandbox(8)
    assert descendants(os.getpid()) <= before
