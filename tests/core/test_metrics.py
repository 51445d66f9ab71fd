"""Prometheus text, line by line."""

import re
from datetime import UTC, datetime

from monitor.core.metrics import COUNTERS, GAUGES, exposition

SAMPLE = re.compile(r'^[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+$')


def test_every_metric_is_told_and_typed():
    at = datetime(2026, 5, 4, 12, tzinfo=UTC)
    text = exposition(
        4096,
        {"feeds": 3, "dead": 0, "last_poll": at, "last_success": None},
        {'polls_total{outcome="new"}': 2, 'polls_total{outcome="unchanged"}': 5, "crashes_total": 1},
    )
    lines = text.splitlines()
    assert "monitor_database_bytes 4096" in lines
    assert "monitor_feeds 3" in lines
    assert f"monitor_last_poll_timestamp_seconds {at.timestamp()}" in lines
    assert 'monitor_polls_total{outcome="new"} 2' in lines
    assert "monitor_crashes_total 1" in lines
    assert not any(line.startswith("monitor_last_success") for line in lines), "what is not known is not said"
    for line in lines:
        assert line.startswith("# ") or SAMPLE.match(line), line
    for name in (*GAUGES, *COUNTERS):
        assert sum(line.startswith(f"# TYPE monitor_{name} ") for line in lines) == 1
    assert text.endswith("\n")
