"""Where the daemon stands, told plainly: how many feeds could be read, how many not, and when they are asked again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from monitor.telemetry import event

if TYPE_CHECKING:
    from monitor.storage.overview import Standing


def tell_standing(standing: Standing, now: datetime, *, outage: bool) -> None:
    """One line. Which feeds they are, and why, was told by a line each when they were asked.

    :param outage: most hosts do not answer.
    """
    event(
        "standing",
        feeds=standing.feeds,
        read=standing.read,
        not_reached=standing.failing,
        not_yet_asked=standing.unasked or None,
        next_try=_when(standing.next_try, now) if standing.failing else None,
        network="most hosts do not answer: this machine seems to be cut off" if outage else None,
        articles=standing.articles,
    )


def _when(at: datetime | None, now: datetime) -> str | None:
    """``07:12:32 UTC, in 4 min``."""
    if at is None:
        return None
    minutes = round((at - now).total_seconds() / 60)
    return f"{at:%H:%M:%S} UTC, " + (f"in {minutes} min" if minutes > 0 else "within a minute")
