"""The way of an item, from a feed to an alert.

::

    wake_due          due feeds, articles, deliveries -> tasks; due groups of matches -> one message each
    poll_feed         feed row -> the network -> sandbox: parse -> known entries -> plan_poll -> save, wake articles
    ingest_article    article row -> the network: its page -> sandbox: analyse
                      then in one transaction: candidates, history -> place -> match rules -> decide -> save all
    deliver           outbox row -> notifier -> after_attempt -> save

A row is the truth, a task only wakes it: whatever dies on the way is found again by ``wake_due``. The work items of
ingestion are articles, which the poll's transaction makes unique by address: so a page is fetched once however many
feeds list it.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.core.polling import document_keys, plan_poll, request_for
from monitor.core.retry import AfterAttempt, after_attempt
from monitor.errors import SandboxUnavailable, StorageError, StorageUnavailable
from monitor.failpoints import failpoint
from monitor.model import Delivered, Delivery, FetchFailed, KnownEntry, Outcome, ParsedFeed, Rejected
from monitor.steps.reading import NO_ANSWER, fetch_page, parse, retry_wait, stored_page, understand
from monitor.steps.telling import poll_record, tell_attempt, tell_decision, tell_ingest, tell_poll, tell_release
from monitor.storage import entries as entry_rows
from monitor.storage import feeds as feed_rows
from monitor.storage import groups as group_rows
from monitor.storage import notices as notice_rows
from monitor.storage import outbox
from monitor.storage import pending as pending_rows
from monitor.storage import polling as poll_rows
from monitor.telemetry import event
from monitor.wakeups import Task, TaskKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from sqlalchemy import Connection

    from monitor.app import App

KINDS: tuple[TaskKind, ...] = ("poll_feed", "ingest_article", "deliver")

GROUPS_AT_ONCE = 50

DUE_AT_ONCE = 500
"""So many rows of each kind are woken by one look."""

WAITING_MOST = 20_000
"""While so many tasks of a kind wait, nothing more is looked for. Far above what one slow host or endpoint can gather,
or its rows would keep those of all others from being found."""


ROOM_SECONDS = 90.0
"""Shorter than the lease of a delivery."""

CRASH_WAIT = timedelta(hours=1)
WORKER_WAIT = timedelta(seconds=30)


def host_of(url: str) -> str:
    """The host that an address is asked at, as lanes are named."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def handlers(app: App) -> Mapping[TaskKind, Callable[[Task], Awaitable[None]]]:
    """What the engine does with each kind of task."""
    return dict.fromkeys(KINDS, partial(carry, app))


async def carry(app: App, task: Task) -> None:
    """One task. A row whose task crashes, which is a bug, is put off: it must not come back at once for ever.

    While the database cannot write nothing is begun, or pages would be fetched and alerts sent that no row knows of.
    """
    if app.storage_fault is not None:
        return
    put_off = {"poll_feed": poll_rows.put_off, "ingest_article": pending_rows.postpone, "deliver": outbox.put_off}
    try:
        match task.kind:
            case "poll_feed":
                await poll_feed(app, task.id)
            case "ingest_article":
                await ingest_article(app, task.id)
            case "deliver":
                await deliver(app, task.id, task.lane)
    except StorageUnavailable:
        raise
    except SandboxUnavailable as problem:
        await app.db.write(put_off[task.kind], task.id, app.now() + WORKER_WAIT, str(problem))
        event("no_worker", logging.ERROR, why=str(problem), count="no_worker_total")
    except Exception as problem:
        why = f"a bug: {type(problem).__name__}: {problem}"
        await app.db.write(put_off[task.kind], task.id, app.now() + CRASH_WAIT, why)
        raise


async def wake_due(app: App, kinds: Collection[TaskKind] = KINDS) -> int:
    """Look for rows of some kinds that are due, and wake them; how many. Groups of matches go with messages."""
    now = app.now()
    tasks: list[Task] = []
    due = await app.db.read(due_kinds, now, kinds)
    if "release" in due:
        tasks += await release_due(app)
    room = {kind for kind in KINDS if kind in due and app.wakeups.waiting(kind) < WAITING_MOST}
    if "poll_feed" in room:
        feeds = await app.db.write(poll_rows.due_feeds, now, DUE_AT_ONCE)
        app.leased |= {feed.id: feed for feed in feeds}
        tasks += [Task("poll_feed", feed.id, host_of(feed.spec.url)) for feed in feeds]
    if "ingest_article" in room:
        articles = await app.db.write(pending_rows.due_articles, now, DUE_AT_ONCE)
        tasks += [Task("ingest_article", article_id, host_of(url)) for article_id, url in articles]
    if "deliver" in room:
        deliveries = await app.db.write(outbox.due_deliveries, now, DUE_AT_ONCE, room=partial(room_of, app))
        tasks += [Task("deliver", delivery.id, delivery.channel) for delivery in deliveries]
    failpoint("leased")
    app.wakeups.wake(tasks)
    return len(tasks)


async def release_due(app: App) -> list[Task]:
    """Send the groups of matches that are due, each by itself: one that crashes, which is a bug, is put off."""
    from monitor.steps.alerting import release_group  # a pass that finds nothing new does without it

    tasks: list[Task] = []
    for group in await app.db.read(group_rows.due_groups, app.now(), GROUPS_AT_ONCE):
        try:
            done = await app.db.write(release_group, app, group.key)
        except (StorageError, StorageUnavailable):
            raise
        except Exception as problem:  # noqa: BLE001 - the other groups must not wait for this one
            event("task_crashed", logging.ERROR, task=f"release:{group.key}", exc=problem, count="crashes_total")
            await app.db.write(group_rows.put_off, group.key, app.now() + CRASH_WAIT)
            continue
        if done is not None:
            released, deliveries = done
            tell_release(group, released)
            tasks += [Task("deliver", delivery_id, channel) for delivery_id, channel in deliveries]
    return tasks


def room_of(app: App, channel: str) -> int:
    """How many more messages of a channel are worth being claimed: what it takes in a minute or two."""
    pacer = app.pacers.get(channel)
    most = DUE_AT_ONCE if pacer is None else pacer.quota(ROOM_SECONDS, DUE_AT_ONCE)
    return most - app.wakeups.waiting("deliver", channel)


def due_kinds(connection: Connection, now: datetime, kinds: Collection[TaskKind] = KINDS) -> set[str]:
    """The kinds of which a row is due: a look that costs no write. ``release``: a group of matches."""
    looks: dict[str, Callable[[Connection], datetime | None]] = {
        "poll_feed": poll_rows.next_due,
        "ingest_article": pending_rows.next_due,
        "deliver": outbox.next_due,
        "release": group_rows.next_due,
    }
    asked = {*kinds, *({"release"} if "deliver" in kinds else ())}
    return {kind for kind in looks if kind in asked and (at := looks[kind](connection)) is not None and at <= now}


async def poll_feed(app: App, feed_id: int) -> None:
    """Ask one feed, and save in one transaction all that its answer comes to."""
    feed = app.leased.pop(feed_id, None) or await app.db.read(feed_rows.feed, feed_id)
    if feed is None:
        return
    fetched = await app.net.fetch(request_for(feed, now=app.now(), pace=app.pace))
    failpoint("fetched")
    app.outages.note(host_of(feed.spec.url), failed=isinstance(fetched, FetchFailed) and fetched.reason in NO_ANSWER)
    parsed = await parse(app, feed, fetched)
    known: list[KnownEntry] = []
    if isinstance(parsed, ParsedFeed) and parsed.entries:
        known = await app.db.read(entry_rows.known_entries, feed.id, document_keys(parsed.entries))
    now = app.now()
    plan = plan_poll(feed, fetched, parsed, known, pace=app.pace, now=now, jitter=app.jitter(), outage=app.outages.now)
    record = poll_record(fetched, parsed, now)
    woken = await app.db.write(poll_rows.save_poll, feed.id, plan, record)
    tell_poll(feed, plan, record.detail)
    app.wakeups.wake(Task("ingest_article", article_id, host_of(url)) for article_id, url in woken)


async def ingest_article(app: App, article_id: int) -> None:
    """Take an article in hand: so many at once as the workers that read their pages can use."""
    async with app.in_hand.place():
        await read_and_place(app, article_id)


async def read_and_place(app: App, article_id: int) -> None:
    """Fetch the article's page, understand it, and save in one transaction all that follows."""
    from monitor.steps.placing import place_and_match  # a pass that finds nothing new does without it

    pending = await app.db.read(pending_rows.pending_article, article_id, app.now())
    if pending is None:
        return
    document, no_page, detail = await fetch_page(app, pending)
    if document is None and (wait := retry_wait(no_page, detail, pending.attempts)) is not None:
        await app.db.write(pending_rows.postpone, article_id, app.now() + wait, detail)
        event("article_failed", article=article_id, url=pending.article.url, why=detail, again_in=wait)
        return
    reading = await understand(app, pending, document, no_page, detail)
    if reading is None:
        return
    placed = await app.db.write(place_and_match, app, pending, reading, stored_page(document))
    app.wakeups.wake(Task("deliver", delivery_id, channel) for delivery_id, channel in placed.saved.deliveries)
    tell_ingest(pending.article, reading.analysis)
    alerts = [alert for alert in placed.judged.alerts if alert.id in placed.saved.alerts]
    tell_decision(placed.article, alerts, placed.judged.holds)


async def deliver(app: App, delivery_id: int, channel: str) -> None:
    """Make one attempt at one row of the outbox, and write down what came of it."""
    if pacer := app.pacers.get(channel):
        await pacer.turn()
    begun = await app.db.write(outbox.begin_attempt, delivery_id, app.now())
    if begun is None:  # it was sent already, or while it waited for its turn the endpoint asked for a pause
        return
    delivery, line = begun
    notifier = app.notifiers.get(channel)
    started = time.monotonic()
    outcome: Outcome = Rejected(reason=f"there is no channel {channel!r} in the configuration any more")
    if notifier is not None:
        outcome = await notifier.send(delivery.message, now=app.now())
    failpoint("sent_before_mark")
    elapsed = time.monotonic() - started
    now = app.now()
    after = after_attempt(delivery.attempts + 1, outcome, now=now, jitter=app.jitter())
    await app.db.write(save_attempt, delivery, outcome, after, (now, elapsed), begun=line)
    failpoint("marked")
    tell_attempt(delivery, after)


def save_attempt(
    connection: Connection,
    delivery: Delivery,
    outcome: Outcome,
    after: AfterAttempt,
    at: tuple[datetime, float],
    *,
    begun: int,
) -> None:
    """The ledger's line and the row's next state; a dead letter is itself a notice to the operator."""
    now, elapsed = at
    outbox.save_attempt(connection, delivery, outcome, after, at=now, elapsed=elapsed, begun=begun)
    if isinstance(outcome, Delivered) and outcome.refused:
        told = f"{delivery.channel}: refused for ever: {', '.join(outcome.refused)}; the others have the message"
        notice_rows.note(connection, "recipient_refused", told, now)
    if after.disable:
        told = f"channel {delivery.channel} is switched off: {after.error}; its messages wait"
        notice_rows.note(
            connection, "channel_off", f"{told}; on again with: monitor channels enable {delivery.channel}", now
        )
    if after.state == "dead":
        told = f"alert {delivery.alert_id} could not be delivered by {delivery.channel}: {after.error}"
        again = f"try again with: monitor deliveries retry {delivery.id}"
        notice_rows.note(connection, "delivery_dead", f"{told}; {again}", now)
