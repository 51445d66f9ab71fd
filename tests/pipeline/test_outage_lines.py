"""An outage of our own is told once by each feed, with its next try, and not at each of its tries."""

import logging
from dataclasses import replace

from monitor.model import Feed, FeedSpec, FeedState, PollPlan
from monitor.steps.telling import _level


def test_a_feed_tells_of_an_outage_once():
    feed = Feed(id=1, spec=FeedSpec(url="https://a.example/", name="A"), origin="config", state=FeedState())
    plan = PollPlan(outcome="outage", state=replace(feed.state, reason="most hosts fail together"))
    assert _level(feed, plan, failing=True, began=False) == logging.INFO
    again = replace(feed, state=plan.state)
    assert _level(again, plan, failing=True, began=False) == logging.DEBUG
    assert _level(again, plan, failing=True, began=True) == logging.WARNING
    failed = PollPlan(outcome="failed", state=plan.state)
    assert _level(again, failed, failing=True, began=False) == logging.INFO
