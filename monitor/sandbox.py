"""Untrusted bytes are opened in worker processes that can be killed.

``Sandbox.run`` gives a function and its arguments to a worker and waits for the result. A worker that passes its
deadline is killed, one that dies or runs out of memory is replaced, and in each case only its own task fails: every
worker has its own socket, so there is no lock and no queue that a death could leave in disorder.

Workers that share what is heavy are forked by Python's fork server, in which modules are already imported and what all
tasks need is already made; others are interpreters of their own, which start sooner than that server. The kernel kills
them when this process ends, however it ends.
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import gc
import multiprocessing
import multiprocessing.forkserver
import os
import pickle
import resource
import select
import signal
import socket
import threading
import traceback
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from monitor.errors import MonitorError, SandboxCrashed, SandboxTimeout, SandboxUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.context import ForkServerContext, ForkServerProcess, SpawnContext, SpawnProcess

T = TypeVar("T")

_SIZE_BYTES = 8
_REPLY_MOST = 64 * 1024 * 1024
_OUT_OF_MEMORY = 77  # exit code of a worker that met its memory limit
_SECONDS_TO_FALL = 0.2
"""A fork server that is being killed takes no more connections, and is replaced once it has ended."""
_SECONDS_TO_DIE = 5.0

# What belongs to this process alone: its line to the service manager and the way to its secrets.
_OWN_ENVIRONMENT = (
    "NOTIFY_SOCKET",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "CREDENTIALS_DIRECTORY",
    "LISTEN_FDS",
    "LISTEN_PID",
)
# Worker processes are the parallelism; a thread pool of a numeric library in each of them only takes address space.
# rensa's allocator reserves a gibibyte of addresses at import, which the limit of a worker counts.
_PREPARE = "MONITOR_SANDBOX_PREPARE"
_ENVIRONMENT_MOST = 100_000  # bytes of one variable; with more to prepare, each worker does it for itself
_WORKER_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MIMALLOC_ARENA_RESERVE": "64MiB"}


# A start looks after all children, and so may read the one code of a process from under whoever waits for it.
_one_at_a_time = threading.Lock()


class Sandbox:
    """A pool of killable workers, started one by one when they are first needed.

    ``memory_mb`` bounds the address space of each worker, ``deadline`` is in seconds for one task from the moment
    in which a worker has it, ``preload`` names modules that workers find imported, ``prepare`` is a function with its
    arguments that the fork server calls once: what it keeps in memory, workers share. Without ``preload`` there is no
    fork server. Use it from one event loop.
    """

    def __init__(
        self,
        workers: int,
        *,
        memory_mb: int = 768,
        deadline: float = 10.0,
        preload: tuple[str, ...] = (),
        prepare: tuple[Callable[..., object], tuple[Any, ...]] | None = None,
    ) -> None:
        self._memory = memory_mb * 1024 * 1024
        self._deadline = deadline
        self._preload = preload
        self._prepare = base64.b85encode(pickle.dumps(prepare)).decode() if prepare else ""
        self._turns = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._closed = False

    async def run(self, function: Callable[..., T], *args: Any, deadline: float | None = None, **named: Any) -> T:
        """Return ``function(*args, **named)`` as worked out by a worker. All is pickled: the function is importable.

        Raise ``SandboxTimeout`` or ``SandboxCrashed`` where the worker fails; what the function itself raises is
        passed on if it is a ``MonitorError`` and is ``SandboxCrashed`` with its traceback as a note otherwise.
        """
        name = getattr(function, "__qualname__", type(function).__name__)
        seconds = self._deadline if deadline is None else deadline
        async with self._turns:
            task = pickle.dumps((function, args, named), pickle.HIGHEST_PROTOCOL)  # not before: it doubles a page
            worker = await self._take()
            try:
                async with asyncio.timeout(seconds):
                    reply = await worker.ask(task)
            except TimeoutError:
                worker.process.kill()
                await self._end(worker)
                raise SandboxTimeout(f"{name} passed its deadline of {seconds:g} s") from None
            except (OSError, EOFError):
                raise SandboxCrashed(f"the worker of {name} {await self._end(worker)}") from None
            except BaseException:
                self._all.discard(worker)
                worker.process.kill()
                worker.disconnect()
                raise
            self._idle.append(worker)
        result: T | _Raised = pickle.loads(reply)  # noqa: S301  from our own worker
        if isinstance(result, _Raised):
            raise result.error(name)
        return result

    async def close(self) -> None:
        """Kill all workers; a task that is under way fails. Takes seconds at most."""
        self._closed = True
        for worker in self._all:
            worker.process.kill()  # whoever waits for it sees its socket end
        for worker in list(self._all):
            await asyncio.to_thread(worker.ended)
        while self._idle:
            self._idle.pop().disconnect()

    async def _take(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive():
                return worker
            await self._end(worker)  # it died between two tasks, which is no fault of the next one
        if self._closed:
            raise SandboxUnavailable("the sandbox is closed")
        try:
            worker = await self._start()
        except (OSError, EOFError):
            await asyncio.sleep(_SECONDS_TO_FALL)
            try:
                worker = await self._start()
            except (OSError, EOFError) as error:
                raise SandboxUnavailable(f"no worker can be started: {error}") from error
        self._all.add(worker)
        return worker

    async def _start(self) -> _Worker:
        if self._preload:
            _start_fork_server(self._preload, self._prepare)
            return await asyncio.to_thread(_Worker, multiprocessing.get_context("forkserver"), self._memory)
        with _environment():
            return _Worker(multiprocessing.get_context("spawn"), self._memory)

    async def _end(self, worker: _Worker) -> str:
        """Take leave of a worker that has ended or been killed; return how it ended."""
        self._all.discard(worker)
        worker.disconnect()
        return _ending(await asyncio.to_thread(worker.ended))


class _Worker:
    """The parent's end of one worker."""

    def __init__(self, context: ForkServerContext | SpawnContext, memory: int) -> None:
        """Start a process; by the fork server it blocks until that is prepared."""
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._socket.setblocking(False)
            self.process: ForkServerProcess | SpawnProcess = context.Process(
                target=_work, args=(theirs, memory), name="monitor-sandbox", daemon=True
            )
            with _one_at_a_time:
                self.process.start()

    def ended(self) -> int | None:
        """Wait for the process to end and return its code; it is killed if it takes too long."""
        with _one_at_a_time:
            self.process.join(_SECONDS_TO_DIE)
            if self.process.exitcode is None:
                self.process.kill()
            return self.process.exitcode

    async def ask(self, task: bytes) -> bytearray:
        """Return the worker's reply; raise ``OSError`` or ``EOFError`` where it has gone."""
        await asyncio.get_running_loop().sock_sendall(self._socket, len(task).to_bytes(_SIZE_BYTES) + task)
        size = int.from_bytes(await self._exactly(_SIZE_BYTES))
        if size > _REPLY_MOST:
            raise EOFError
        return await self._exactly(size)

    async def _exactly(self, size: int) -> bytearray:
        loop, reply, filled = asyncio.get_running_loop(), bytearray(size), 0
        with memoryview(reply) as view:
            while filled < size:
                count = await loop.sock_recv_into(self._socket, view[filled:])
                if not count:
                    raise EOFError
                filled += count
        return reply

    def is_alive(self) -> bool:
        """Whether an idle worker still waits: it has nothing to say but its end."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def disconnect(self) -> None:
        self._socket.close()


class _Raised:
    """What a function raised, as it travels from the worker."""

    def __init__(self, exception: BaseException) -> None:
        self._own = exception if isinstance(exception, MonitorError) else None
        self._text = f"{type(exception).__name__}: {str(exception)[:500]}"
        self._trace = "".join(traceback.format_exception(exception, limit=-20))[-5000:]

    def error(self, name: str) -> MonitorError:
        error = self._own or SandboxCrashed(f"{name} raised {self._text}")
        error.add_note(self._trace)
        return error


def _ending(code: int | None) -> str:
    if code == _OUT_OF_MEMORY:
        return "ran out of memory"
    if code is not None and code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return "ended without a result" if code == 0 else f"ended with code {code}"


def _start_fork_server(preload: tuple[str, ...], prepare: str) -> None:
    """Start the fork server if it does not run, without what is ours in its environment."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["__main__", __name__, *preload])
    with _environment(prepare):
        multiprocessing.forkserver.ensure_running()


@contextmanager
def _environment(prepare: str = "") -> Iterator[None]:
    own = {name: value for name in _OWN_ENVIRONMENT if (value := os.environ.pop(name, None)) is not None}
    added = {name: value for name, value in _WORKER_ENVIRONMENT.items() if name not in os.environ}
    if len(prepare) < _ENVIRONMENT_MOST:
        added[_PREPARE] = prepare
    os.environ.update(added)
    try:
        yield
    finally:
        os.environ.update(own)
        for name in added:
            del os.environ[name]


# --- in the fork server and in the worker -------------------------------------------------------------


def _prepare_workers() -> None:
    """Do once what every worker would else do for itself; a fault is left to the task that meets it."""
    if task := os.environ.pop(_PREPARE, ""):
        function, args = pickle.loads(base64.b85decode(task))  # noqa: S301  from our own parent
        with suppress(MonitorError):
            function(*args)
        gc.collect()
        gc.freeze()  # a collection in a worker would touch, and so copy, all that it shares


_prepare_workers()


def _work(connection: socket.socket, memory: int) -> None:
    """Answer tasks until the other end closes, or is reset: a parent that is killed leaves an answer unread."""
    _confine(memory)
    with suppress(ConnectionError), connection, connection.makefile("rb") as reader:
        while len(head := reader.read(_SIZE_BYTES)) == _SIZE_BYTES:
            try:
                reply = _answer(reader.read(int.from_bytes(head)))
            except MemoryError:
                os._exit(_OUT_OF_MEMORY)  # nothing that needs memory can be trusted now, not even an orderly end
            connection.sendall(len(reply).to_bytes(_SIZE_BYTES) + reply)


def _answer(task: bytes) -> bytes:
    try:
        function, args, named = pickle.loads(task)  # noqa: S301  from our own parent
        return pickle.dumps(function(*args, **named), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        raise
    except BaseException as exception:  # noqa: BLE001  also SystemExit: the function's end is not the worker's
        return _pickled(exception)


def _pickled(exception: BaseException) -> bytes:
    try:
        raised = pickle.dumps(_Raised(exception))
        pickle.loads(raised)  # noqa: S301  an exception may pickle and yet not come back
    except Exception:  # noqa: BLE001
        return pickle.dumps(_Raised(SandboxCrashed(f"{type(exception).__name__}: {exception}")))
    return raised


def _confine(memory: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    _die_with_parent()


def _die_with_parent() -> None:
    """Have the kernel send SIGKILL when the parent's end of the sentinel pipe closes.

    The usual ``PR_SET_PDEATHSIG`` would watch the fork server; a thread that watches the pipe would never run while
    C code holds the interpreter's lock.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    pipe = parent.sentinel
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([pipe], [], [], 0)[0]:  # it ended before we asked
        os._exit(0)
