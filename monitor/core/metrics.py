"""Prometheus text (exposition format 0.0.4) of the database's numbers and the process's counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

GAUGES = {
    "feeds": "Feeds that are polled.",
    "articles": "Articles stored.",
    "pending": "Articles with work to be done.",
    "quarantined": "Articles set aside.",
    "stories": "Stories.",
    "alerts": "Alerts planned so far.",
    "waiting": "Messages in the outbox.",
    "dead": "Messages given up.",
}
MOMENTS = {
    "oldest_pending": "When the longest waiting article was first seen.",
    "oldest_waiting": "When the longest waiting message was written.",
    "last_poll": "When a feed was last asked.",
    "last_success": "When a feed was last read.",
}
COUNTERS = {
    "polls_total": "Polls by outcome.",
    "articles_total": "Articles ingested, by where their body came from.",
    "alerts_total": "Alerts planned, by rule.",
    "holds_total": "Matches held back, by reason.",
    "deliveries_total": "Attempts at delivery, by channel and outcome.",
    "quarantined_total": "Inputs set aside because they killed workers.",
    "no_worker_total": "Times that no worker process could be started.",
    "crashes_total": "Tasks that ended with a bug.",
    "storage_degraded_total": "Times that the database could not write.",
}


def exposition(size: int, numbers: Mapping[str, int | datetime | None], counted: Mapping[str, int]) -> str:
    """The page.

    :param size: of the database, in bytes.
    :param numbers: those of ``GAUGES`` and ``MOMENTS``.
    :param counted: counts since the start of the process, keyed ``name{label="value"}``.
    """
    lines = _metric("database_bytes", "Size of the database.", "gauge", [("", size)])
    for name, told in GAUGES.items():
        value = numbers.get(name)
        lines += _metric(name, told, "gauge", [("", value)] if isinstance(value, int) else [])
    for name, told in MOMENTS.items():
        moment = numbers.get(name)
        stamped = [("", moment.timestamp())] if isinstance(moment, datetime) else []
        lines += _metric(f"{name}_timestamp_seconds", told, "gauge", stamped)
    for name, told in COUNTERS.items():
        of_name = [(key[len(name) :], value) for key, value in sorted(counted.items()) if key.split("{")[0] == name]
        lines += _metric(name, told, "counter", of_name)
    return "\n".join(lines) + "\n"


def _metric(name: str, told: str, kind: str, values: Iterable[tuple[str, float]]) -> list[str]:
    return [
        f"# HELP monitor_{name} {told}",
        f"# TYPE monitor_{name} {kind}",
        *(f"monitor_{name}{labels} {value}" for labels, value in values),
    ]
