"""Places at which a test has the program fail: ``MONITOR_FAIL=name:n:action``, several separated by commas.

The ``n``-th passage of the place kills the process (``kill``), raises ``FailpointError`` (``raise``), or stops the
thread for a minute (``sleep``). Without the variable a passage is one comparison.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import Literal, get_args

Place = Literal[
    "fetched",  # a feed's answer has come, nothing is stored
    "before_commit",
    "after_commit",  # before anybody is told
    "leased",  # rows are claimed, their tasks not yet woken
    "sent_before_mark",  # an endpoint took a message, the row does not know
    "marked",
    "migrate_step",
]

SLEEP_SECONDS = 60.0


class FailpointError(Exception):
    """What ``raise`` raises: an exception that no code expects."""


def _read(told: str) -> dict[tuple[str, int], str]:
    plan = {}
    for each in filter(None, told.split(",")):
        name, passage, action = each.split(":")
        if name not in get_args(Place) or action not in {"kill", "raise", "sleep"}:
            raise ValueError(f"MONITOR_FAIL: {each!r} names no failpoint or no action")
        plan[name, int(passage)] = action
    return plan


_plan = _read(os.environ.get("MONITOR_FAIL", ""))
_passed: Counter[str] = Counter()


def failpoint(place: Place) -> None:
    """Fail here if it is told so."""
    if not _plan:
        return
    _passed[place] += 1
    match _plan.get((place, _passed[place])):
        case "kill":
            import signal

            os.kill(os.getpid(), signal.SIGKILL)
        case "raise":
            raise FailpointError(place)
        case "sleep":
            time.sleep(SLEEP_SECONDS)
