"""A program of its own that takes bytes on standard input: no shell, a deadline, a bounded output."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

OUTPUT_LIMIT = 64_000
_ENVIRONMENT = ("HOME", "LANG", "LC_ALL", "PATH", "TZ")
_SECONDS_TO_DIE = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A program's exit status, and the beginning of what it wrote to its standard error."""

    status: int
    errors: str = field(repr=False)


async def run(argv: Sequence[str], body: bytes, *, seconds: float, env: Mapping[str, str] | None = None) -> Ended:
    """Run ``argv`` with ``body`` on its standard input; when this returns or raises, its whole group is killed.

    It sees ``env`` and nothing of this process's environment but what a program needs to run. Raise ``OSError`` or
    ``ValueError`` where it does not start, ``TimeoutError`` where it has not ended within ``seconds``.
    """
    own = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**own, **(env or {})},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            errors = await _talk(process, body)
            return Ended(await process.wait(), errors)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await _bury(process)


async def _bury(process: asyncio.subprocess.Process) -> None:
    """Wait for a killed program. Its pipe is read to the end: asyncio sees no end of a pipe that it has paused."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS_TO_DIE):
            if process.stderr is not None:
                await _read(process.stderr)
            await process.wait()


async def _talk(process: asyncio.subprocess.Process, body: bytes) -> str:
    """Feed ``body`` while reading what the program complains of; a program may ignore its input."""
    if process.stdin is None or process.stderr is None:
        raise AssertionError
    _, errors = await asyncio.gather(_feed(process.stdin, body), _read(process.stderr))
    return errors


async def _feed(stdin: asyncio.StreamWriter, body: bytes) -> None:
    with suppress(ConnectionError):
        stdin.write(body)
        await stdin.drain()
    stdin.close()


async def _read(stream: asyncio.StreamReader) -> str:
    """The beginning of what comes; the rest is read and dropped, so that the program does not stand still."""
    kept = b""
    while chunk := await stream.read(OUTPUT_LIMIT):
        kept += chunk[: OUTPUT_LIMIT - len(kept)]
    return kept.decode("utf-8", "replace")
