"""What the pipeline writes down about its steps: the poll history, and events in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from monitor.core.alerts import Group, Release
from monitor.core.retry import AfterAttempt
from monitor.model import (
    Alert,
    Analysis,
    Article,
    Delivery,
    Document,
    Feed,
    FeedRejected,
    Fetched,
    FetchFailed,
    Hold,
    NotModified,
    ParsedFeed,
    PollPlan,
)
from monitor.storage import polling as poll_rows
from monitor.telemetry import event


def poll_record(fetched: Fetched, parsed: ParsedFeed | FeedRejected | None, now: datetime) -> poll_rows.PollRecord:
    """The line of the poll history."""
    match fetched:
        case Document():
            status, size, detail = fetched.status, len(fetched.body), ""
        case NotModified():
            status, size, detail = 304, 0, ""
        case FetchFailed():
            status, size, detail = fetched.status or 0, 0, f"{fetched.reason}: {fetched.detail}"
        case _:
            assert_never(fetched)
    if isinstance(parsed, FeedRejected):
        detail = f"{parsed.reason}: {parsed.detail}"
    return poll_rows.PollRecord(
        at=now,
        status=status or None,
        elapsed=fetched.elapsed,
        size=size,
        entries=len(parsed.entries) if isinstance(parsed, ParsedFeed) else 0,
        detail=detail,
    )


WARN_EVERY = 3600.0
_warned: dict[int, float] = {}
"""When a feed was last warned of, in seconds of the monotonic clock."""


def tell_poll(feed: Feed, plan: PollPlan, why: str) -> None:
    """The poll in the log: a warning when a feed begins to fail, but one an hour at most: some come and go.

    :param why: of a failure that does not count against the feed.
    """
    state, count = plan.state, f'polls_total{{outcome="{plan.outcome}"}}'
    failing = plan.outcome == "outage" or (state.failures > 0 and state.problem is not None)
    now = time.monotonic()
    began = failing and feed.state.problem != state.problem and now - _warned.get(feed.id, -WARN_EVERY) >= WARN_EVERY
    if began:
        _warned[feed.id] = now
    event(
        "feed_failed" if failing else "feed_polled" if plan.new or plan.changed else "feed_unchanged",
        _level(feed, plan, failing=failing, began=began),
        count=count,
        feed=feed.spec.name,
        outcome=plan.outcome,
        new=len(plan.new) or None,
        changed=len(plan.changed) or None,
        problem=state.problem_detail or why or None if failing else None,
        next=f"{state.next_poll_at:%Y-%m-%dT%H:%M:%SZ}" if state.next_poll_at else "never",
    )
    for notice in plan.notices:
        event("notice", logging.WARNING, kind=notice.kind, feed=feed.spec.name, text=notice.text)


def _level(feed: Feed, plan: PollPlan, *, failing: bool, began: bool) -> int:
    """Of an outage of our own each feed is told once, with its next try, and not at each try."""
    if began:
        return logging.WARNING
    again = plan.outcome == "outage" and feed.state.reason == plan.state.reason
    return logging.INFO if not again and (failing or plan.new or plan.changed) else logging.DEBUG


def tell_decision(article: Article, alerts: Iterable[Alert], holds: Iterable[Hold]) -> None:
    """What came of an article's matches, in the log. As all that is told of a transaction: once it is committed."""
    for alert in alerts:
        event(
            "alert_planned",
            count=f'alerts_total{{rule="{alert.rule}"}}',
            rule=alert.rule,
            article=article.id,
            alert=alert.id,
            channels=",".join(alert.channels),
            title=article.analysis.text.title,
        )
    for hold in holds:
        event(
            "alert_held",
            logging.DEBUG if hold.reason == "backlog" else logging.INFO,
            count=f'holds_total{{reason="{hold.reason}"}}',
            rule=hold.rule,
            article=article.id,
            why=hold.detail,
        )


def tell_release(group: Group, released: Release) -> None:
    """What came of a group that was due, in the log."""
    if released.alert is not None:
        event(
            "alert_planned",
            count=f'alerts_total{{rule="{group.rule}"}}',
            rule=group.rule,
            alert=released.alert.id,
            channels=",".join(released.alert.channels),
            articles=len(released.told),
            why=released.alert.reason,
        )
    for item, hold in released.held:
        event(
            "alert_held",
            count=f'holds_total{{reason="{hold.reason}"}}',
            rule=group.rule,
            article=item.article_id,
            why=hold.detail,
        )


def tell_alert(alert: Alert) -> None:
    """An alert that came by the clock."""
    count = f'alerts_total{{rule="{alert.rule}"}}'
    event("alert_planned", count=count, rule=alert.rule, alert=alert.id, why=alert.reason)


def tell_ingest(article: Article, analysis: Analysis) -> None:
    """An article was stored."""
    event(
        "article_ingested",
        logging.DEBUG,
        count=f'articles_total{{body="{analysis.body_status}"}}',
        article=article.id,
        url=article.url,
        body=analysis.body_status,
        topics=",".join(topic.name for topic in analysis.topics) or None,
    )


def tell_attempt(delivery: Delivery, after: AfterAttempt) -> None:
    """An attempt at delivery was made."""
    event(
        {"sent": "delivered", "retry": "delivery_retry", "dead": "delivery_dead"}[after.state],
        {"sent": logging.INFO, "retry": logging.WARNING, "dead": logging.ERROR}[after.state],
        count=f'deliveries_total{{channel="{delivery.channel}",outcome="{after.state}"}}',
        delivery=delivery.id,
        alert=delivery.alert_id,
        channel=delivery.channel,
        why=after.error,
        again=f"{after.next_attempt_at:%Y-%m-%dT%H:%M:%SZ}" if after.next_attempt_at else None,
    )
