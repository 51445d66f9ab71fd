"""A local program takes the alert as JSON on standard input: no shell, a deadline, a bounded output."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.core.messages import encode
from monitor.model import Delivered, Message, Outcome, Rejected, RetryLater
from monitor.notifiers.base import Poster, said

OUTPUT_LIMIT = 64_000
_ENVIRONMENT = ("HOME", "LANG", "LC_ALL", "PATH", "TZ")
_SECONDS_TO_DIE = 5.0
_REFUSED = os.EX_DATAERR


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSettings:
    """``argv`` is the program and its arguments, handed over as they are."""

    argv: tuple[str, ...]
    deadline: timedelta = timedelta(seconds=20)


class CommandNotifier:
    """Exit status 0 is taken, 65 (EX_DATAERR) is refused for ever, all else is tried again.

    The program sees the alert's id as ``MONITOR_ALERT_ID`` and nothing of this process's environment but what a
    program needs to run.
    """

    kind = "command"

    def __init__(self, name: str, settings: CommandSettings) -> None:
        self.name = name
        self._settings = settings
        self.endpoint = f"command {Path(settings.argv[0]).name}"

    async def send(self, message: Message, *, now: datetime) -> Outcome:  # noqa: ARG002 - the payload has its time
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *self._settings.argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env={**environment, "MONITOR_ALERT_ID": message.id},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return RetryLater(reason=said(f"the program does not start: {error.__class__.__name__}"))
        try:
            async with asyncio.timeout(self._settings.deadline.total_seconds()):
                errors = await _talk(process, encode(message.payload))
                status = await process.wait()
        except TimeoutError:
            return RetryLater(reason=f"the program did not end within {self._settings.deadline.total_seconds():g} s")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await _bury(process)
        if status == 0:
            return Delivered(receipt="exit status 0")
        reason = said(f"exit status {status}: {errors}" if errors else f"exit status {status}")
        return (
            Rejected(reason=reason, status=status) if status == _REFUSED else RetryLater(reason=reason, status=status)
        )

    async def aclose(self) -> None:
        """Every program has ended with its send."""


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


def make(name: str, settings: Mapping[str, Any], poster: Poster) -> CommandNotifier:  # noqa: ARG001 - no network
    return CommandNotifier(name, CommandSettings(**settings))
