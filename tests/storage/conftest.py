"""What tests of several tables begin with."""

from __future__ import annotations

import pytest

from monitor.storage.engine import Database
from tests.storage.material import add_feed, new_entry, poll


@pytest.fixture
def ids(database: Database) -> list[int]:
    """Five articles with work to be done."""
    feed_id = database.write_now(add_feed)
    return database.write_now(poll, feed_id, [new_entry(n) for n in range(5)])
