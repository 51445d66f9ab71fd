"""Tables on terminals of any width: nothing is left out, and no word is cut in two."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rich.text import Text

from monitor.cli.output import Row, write_rows

COLUMNS = ("id", "at", "rule", "title", "priority", "channels", "last_error")
ROWS: list[Row] = [
    {
        "id": "01m87jbq84papqjym644xq9rwc",
        "at": datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
        "rule": "central-asia-deportations",
        "title": "The ministry of transport confirms a second charter and says that all seats are booked",
        "priority": Text("high", style="red"),
        "channels": ["mail", "hook"],
        "last_error": None,
    },
    {"id": "01m87jbq6e", "at": None, "rule": "disasters", "title": "碳" * 60, "priority": Text("low"), "channels": []},
]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_a_table_keeps_every_word_at_every_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    write_rows(ROWS, COLUMNS, "table")
    told = capsys.readouterr().out
    for word in (
        "01m87jbq84papqjym644xq9rwc",
        "central-asia-deportations",
        "disasters",
        "high",
        "mail, hook",
        "2026-03-04",
    ):
        assert word in told
    assert told.count("碳") == 60
    for word in str(ROWS[0]["title"]).split():
        assert word in told
    assert ("─" in told) == (width >= 120)  # a table only where there is room for one
    assert max(Text(line).cell_len for line in told.splitlines()) <= width
