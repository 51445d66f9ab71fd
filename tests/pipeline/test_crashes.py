"""A bug in one task must cost only that task, and not come back at once for ever."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from monitor import pipeline
from monitor.errors import StorageUnavailable
from monitor.model import FeedSpec
from monitor.storage import feeds as feed_rows
from monitor.storage.engine import Database
from monitor.wakeups import Task

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


class BrokenDoor:
    def __init__(self, problem):
        self.problem = problem

    async def fetch(self, request):
        raise self.problem


@pytest.fixture
def app(tmp_path):
    with Database.open(tmp_path / "monitor.db") as database:
        spec = FeedSpec(url="http://feeds.example/a.xml", name="A")
        database.write_now(feed_rows.add_feed, spec, NOW)
        yield SimpleNamespace(db=database, now=lambda: NOW, pace=None, net=None, leased={}, storage_fault=None)


async def test_a_crashed_poll_is_put_off_and_says_why(app):
    from monitor.core.polling import Pace

    app.pace, app.net = Pace(), BrokenDoor(ZeroDivisionError("by zero"))
    with pytest.raises(ZeroDivisionError):
        await pipeline.handlers(app)["poll_feed"](Task("poll_feed", 1))
    [feed] = app.db.read_now(feed_rows.list_feeds)
    assert feed.state.next_poll_at == NOW + timedelta(hours=1)
    assert feed.state.reason == "a bug: ZeroDivisionError: by zero"


async def test_a_database_that_cannot_write_is_no_fault_of_the_row(app):
    from monitor.core.polling import Pace

    app.pace, app.net = Pace(), BrokenDoor(StorageUnavailable("disk full"))
    with pytest.raises(StorageUnavailable):
        await pipeline.handlers(app)["poll_feed"](Task("poll_feed", 1))
    [feed] = app.db.read_now(feed_rows.list_feeds)
    assert feed.state.next_poll_at == NOW
