"""A local program takes the alert as JSON on standard input: no shell, a deadline, a bounded output."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.core.messages import encode
from monitor.model import Delivered, Message, Outcome, Rejected, RetryLater
from monitor.notifiers.base import Poster, said
from monitor.notifiers.program import run

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
        seconds = self._settings.deadline.total_seconds()
        try:
            ended = await run(
                self._settings.argv, encode(message.payload), seconds=seconds, env={"MONITOR_ALERT_ID": message.id}
            )
        except TimeoutError:
            return RetryLater(reason=f"the program did not end within {seconds:g} s")
        except (OSError, ValueError) as error:
            return RetryLater(reason=said(f"the program does not start: {error.__class__.__name__}"))
        status, errors = ended.status, ended.errors
        if status == 0:
            return Delivered(receipt="exit status 0")
        reason = said(f"exit status {status}: {errors}" if errors else f"exit status {status}")
        return (
            Rejected(reason=reason, status=status) if status == _REFUSED else RetryLater(reason=reason, status=status)
        )

    async def aclose(self) -> None:
        """Every program has ended with its send."""


def make(name: str, settings: Mapping[str, Any], poster: Poster) -> CommandNotifier:  # noqa: ARG001 - no network
    return CommandNotifier(name, CommandSettings(**settings))
