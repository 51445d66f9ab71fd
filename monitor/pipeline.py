"""The way of an item, from a feed to an alert.

::

    wake_due          due feeds, articles, deliveries -> tasks
    poll_feed         feed row -> the network -> sandbox: parse -> known entries -> plan_poll -> save, wake articles
    ingest_article    article row -> the network: its page -> sandbox: analyse
                      then in one transaction: candidates, history -> place -> match rules -> decide -> save all
    deliver           outbox row -> notifier -> after_attempt -> save

A row is the truth, a task only wakes it: whatever dies on the way is found again by ``wake_due``. The work items of
ingestion are articles, which the poll's transaction makes unique by address: so a page is fetched once however many
feeds list it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never
from urllib.parse import urlsplit

from monitor import sandboxed
from monitor.core import messages
from monitor.core.alerts import alert_id, decide
from monitor.core.analysis import Material, Page
from monitor.core.messages import Report, StoryInfo
from monitor.core.polling import body_unchanged, document_keys, plan_poll, request_for
from monitor.core.retry import AfterAttempt, after_attempt
from monitor.core.rulebook import doc_of
from monitor.core.stories import COPIES_WITHIN, WINDOW, place, story_keys
from monitor.core.urls import site_of
from monitor.errors import SandboxError
from monitor.model import (
    Alert,
    Analysis,
    Article,
    BodyStatus,
    Candidate,
    Delivered,
    Delivery,
    Document,
    Duplicate,
    Feed,
    FeedRejected,
    Fetched,
    FetchFailed,
    Hold,
    Joins,
    KnownEntry,
    NotModified,
    Outcome,
    ParsedEntry,
    ParsedFeed,
    Placement,
    PollPlan,
    Rejected,
    Request,
    RuleMatch,
    Starts,
)
from monitor.storage import admin as admin_rows
from monitor.storage import alerts as alert_rows
from monitor.storage import articles as article_rows
from monitor.storage import dialect
from monitor.storage import feeds as feed_rows
from monitor.storage import stories as story_rows
from monitor.storage.indexing import index_text
from monitor.telemetry import event
from monitor.wakeups import Task, TaskKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sqlalchemy import Connection

    from monitor.app import App

DUE_AT_ONCE = 500
"""So many rows of each kind are woken by one look; while as many wait, nothing more is looked for."""

PAGE_RETRIES = (timedelta(seconds=30), timedelta(minutes=5))
"""Waits after which a page is tried again that failed for a passing reason; then the feed's text stands in."""

QUARANTINE = timedelta(hours=24)
"""An input that cost two workers their lives is left alone for so long."""
DEATHS = 2

NO_ANSWER = frozenset({"dns", "connect", "tls", "timeout"})
PASSING = NO_ANSWER | {"bad_response", "bad_encoding"}
PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 522, 524})


def new_id(now: datetime) -> str:
    """A unique alert id that sorts by time."""
    return alert_id(now, int.from_bytes(os.urandom(10)))


def host_of(url: str) -> str:
    """The host that an address is asked at, as lanes are named."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def handlers(app: App) -> Mapping[TaskKind, Callable[[int], Awaitable[None]]]:
    """What the engine does with each kind of task."""

    async def poll(row: int) -> None:
        await poll_feed(app, row)

    async def ingest(row: int) -> None:
        await ingest_article(app, row)

    async def send(row: int) -> None:
        await deliver(app, row)

    return {"poll_feed": poll, "ingest_article": ingest, "deliver": send}


async def wake_due(app: App, *, polls: bool = True) -> int:
    """Look for rows that are due, and wake them; how many. ``polls=False`` starts no new polls."""
    now = app.now()
    tasks: list[Task] = []
    due = await app.db.read(due_kinds, now)
    room = {kind for kind in due if app.wakeups.waiting(kind) < DUE_AT_ONCE}
    if polls and "poll_feed" in room:
        feeds = await app.db.write(feed_rows.due_feeds, now, DUE_AT_ONCE)
        tasks += [Task("poll_feed", feed.id, host_of(feed.spec.url)) for feed in feeds]
    if "ingest_article" in room:
        articles = await app.db.write(article_rows.due_articles, now, DUE_AT_ONCE)
        tasks += [Task("ingest_article", article_id, host_of(url)) for article_id, url in articles]
    if "deliver" in room:
        deliveries = await app.db.write(alert_rows.due_deliveries, now, DUE_AT_ONCE)
        tasks += [Task("deliver", delivery.id, delivery.channel) for delivery in deliveries]
    app.wakeups.wake(tasks)
    return len(tasks)


def due_kinds(connection: Connection, now: datetime) -> set[TaskKind]:
    """The kinds of which a row is due: a look that costs no write."""
    looks: dict[TaskKind, datetime | None] = {
        "poll_feed": feed_rows.next_due(connection),
        "ingest_article": article_rows.next_due(connection),
        "deliver": alert_rows.next_due(connection),
    }
    return {kind for kind, at in looks.items() if at is not None and at <= now}


# --- poll_feed -------------------------------------------------------------------------------------


async def poll_feed(app: App, feed_id: int) -> None:
    """Ask one feed, and save in one transaction all that its answer comes to."""
    feed = await app.db.read(feed_rows.feed, feed_id)
    if feed is None:
        return
    fetched = await app.net.fetch(request_for(feed, now=app.now(), pace=app.pace))
    app.outages.note(host_of(feed.spec.url), failed=isinstance(fetched, FetchFailed) and fetched.reason in NO_ANSWER)
    parsed = await parse(app, feed, fetched)
    known: list[KnownEntry] = []
    if isinstance(parsed, ParsedFeed) and parsed.entries:
        known = await app.db.read(feed_rows.known_entries, feed.id, document_keys(parsed.entries))
    now = app.now()
    plan = plan_poll(feed, fetched, parsed, known, pace=app.pace, now=now, jitter=app.jitter(), outage=app.outages.now)
    woken = await app.db.write(feed_rows.save_poll, feed.id, plan, poll_record(fetched, parsed, now))
    tell_poll(feed, plan)
    app.wakeups.wake(Task("ingest_article", article_id, host_of(url)) for article_id, url in woken)


async def parse(app: App, feed: Feed, fetched: Fetched) -> ParsedFeed | FeedRejected | None:
    """The entries of a document that is not yet known; ``None`` where there is nothing to parse."""
    if not isinstance(fetched, Document) or body_unchanged(feed, fetched):
        return None
    digest = digest_of(fetched.body)
    if known := await app.db.read(admin_rows.quarantined, "feed", digest, app.now()):
        return FeedRejected(reason="poison", detail=f"in quarantine until {known.until:%Y-%m-%d %H:%M}: {known.reason}")
    try:
        parsed: ParsedFeed | FeedRejected = await app.sandbox.run(
            sandboxed.parse_feed, fetched.body, fetched.final_url, fetched.content_type
        )
    except SandboxError as problem:
        await note_death(app, "feed", digest, feed.spec.url, problem)
        return FeedRejected(reason="poison", detail=str(problem))
    return parsed


def poll_record(fetched: Fetched, parsed: ParsedFeed | FeedRejected | None, now: datetime) -> feed_rows.PollRecord:
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
    return feed_rows.PollRecord(
        at=now,
        status=status or None,
        elapsed=fetched.elapsed,
        size=size,
        entries=len(parsed.entries) if isinstance(parsed, ParsedFeed) else 0,
        detail=detail,
    )


def tell_poll(feed: Feed, plan: PollPlan) -> None:
    """The poll in the log: a warning when a feed begins to fail, then one an hour at most (its waits grow)."""
    state, count = plan.state, f'polls_total{{outcome="{plan.outcome}"}}'
    failing = state.failures > 0 and state.problem is not None
    began = failing and feed.state.problem != state.problem
    event(
        "feed_failed" if failing else "feed_polled" if plan.new or plan.changed else "feed_unchanged",
        logging.WARNING if began else logging.INFO if failing or plan.new or plan.changed else logging.DEBUG,
        count=count,
        feed=feed.spec.name,
        outcome=plan.outcome,
        new=len(plan.new) or None,
        changed=len(plan.changed) or None,
        problem=state.problem_detail or None if failing else None,
        next=f"{state.next_poll_at:%H:%M:%S}" if state.next_poll_at else "never",
    )
    for notice in plan.notices:
        event("notice", logging.WARNING, kind=notice.kind, feed=feed.spec.name, text=notice.text)


# --- ingest_article --------------------------------------------------------------------------------


async def ingest_article(app: App, article_id: int) -> None:
    """Fetch the article's page, understand it, and save in one transaction all that follows."""
    pending = await app.db.read(article_rows.pending_article, article_id)
    if pending is None:
        return
    document, no_page, detail = await fetch_page(app, pending)
    if document is None and (wait := retry_wait(no_page, detail, pending.attempts)) is not None:
        await app.db.write(article_rows.postpone, article_id, app.now() + wait, detail)
        event("article_failed", article=article_id, url=pending.article.url, why=detail, again_in=wait)
        return
    analysis = await understand(app, pending, document, no_page, detail)
    if analysis is None:
        return
    page = await stored_page(document)
    saved = await app.db.write(place_and_match, app, pending, analysis, page)
    app.wakeups.wake(Task("deliver", delivery_id, channel) for delivery_id, channel in saved.deliveries)
    event(
        "article_ingested",
        logging.DEBUG,
        count=f'articles_total{{body="{analysis.body_status}"}}',
        article=article_id,
        url=pending.article.url,
        body=analysis.body_status,
        topics=",".join(topic.name for topic in analysis.topics) or None,
    )


async def fetch_page(app: App, pending: article_rows.PendingArticle) -> tuple[Document | None, BodyStatus, str]:
    """The page; or ``None``, and why the feed's own text has to stand in."""
    article, feed = pending.article, pending.feed
    if not feed.spec.fetch_pages or not article.url.lower().startswith(("http://", "https://")):
        return None, "feed", ""
    if pending.cause == "reprocess" and (kept := await app.db.read(article_rows.page, article.id)):
        body = article_rows.unpack(kept.packed)
        headers = {"content-type": kept.content_type} if kept.content_type else {}
        again = Document(
            url=article.url,
            final_url=kept.final_url,
            status=200,
            headers=headers,
            body=body,
            fetched_at=kept.fetched_at,
        )
        return again, "page", ""
    fetched = await app.net.fetch(Request(url=article.url, kind="page"))
    match fetched:
        case Document():
            return fetched, "page", ""
        case NotModified():
            return None, "unreachable", "the server says 304 to a request without validators"
        case FetchFailed(reason="robots"):
            return None, "robots", fetched.detail
        case FetchFailed():
            passing = fetched.reason in PASSING or fetched.status in PASSING_STATUS
            status: BodyStatus = "unreachable" if passing else "error_page"
            return None, status, f"{fetched.reason}: {fetched.detail}"
        case _:
            assert_never(fetched)


def retry_wait(no_page: BodyStatus, detail: str, attempts: int) -> timedelta | None:
    """How long until the page is tried again; ``None`` where the feed's text is taken now."""
    if no_page != "unreachable" or not detail or attempts >= len(PAGE_RETRIES):
        return None
    return PAGE_RETRIES[attempts]


async def understand(
    app: App,
    pending: article_rows.PendingArticle,
    document: Document | None,
    no_page: BodyStatus,
    detail: str,
) -> Analysis | None:
    """The analysis, made in the sandbox. A page that kills workers is left out; ``None``: tried again, or set aside."""
    article = pending.article
    page = None
    if document is not None:
        page = Page(body=document.body, url=document.final_url, content_type=document.content_type)
        if known := await app.db.read(admin_rows.quarantined, "page", digest_of(document.body), app.now()):
            page, no_page, detail = None, "poison", known.reason
    material = Material(
        entry=pending.entry or entry_of(article),
        url=article.url,
        page=page,
        no_page=no_page,
        no_page_detail=detail,
        published=article.analysis.text.published,
        feed_lang=pending.feed.spec.lang,
    )
    try:
        analysis: Analysis = await app.sandbox.run(sandboxed.analyse, material, app.topics)
    except SandboxError as problem:
        if page is None:
            await app.db.write(article_rows.set_aside, article.id, str(problem))
            event("input_quarantined", logging.WARNING, kind="text", article=article.id, why=str(problem))
        else:
            await note_death(app, "page", digest_of(page.body), article.url, problem)
            await app.db.write(article_rows.postpone, article.id, app.now(), str(problem))
        return None
    return analysis


def entry_of(article: Article) -> ParsedEntry:
    """What is stored of an article whose entry is gone, as an entry."""
    text = article.analysis.text
    return ParsedEntry(
        guid=None, url=article.url, title=text.title, summary=text.summary, content=text.body, authors=text.authors,
        tags=text.tags, published=text.published,
    )  # fmt: skip


async def stored_page(document: Document | None) -> article_rows.Page | None:
    """The page as it is kept, so that it can be read anew."""
    if document is None:
        return None
    return article_rows.Page(
        fetched_at=document.fetched_at,
        final_url=document.final_url,
        content_type=document.content_type,
        packed=article_rows.pack(document.body),
    )


def place_and_match(
    connection: Connection,
    app: App,
    pending: article_rows.PendingArticle,
    analysis: Analysis,
    page: article_rows.Page | None,
) -> article_rows.Saved:
    """In one transaction: where the article belongs, whom it concerns, what is sent and what is held.

    Two workers with two reports of one event must not both start a story, so this passes one at a time.
    """
    dialect.serialise(connection, "place")
    now = app.now()
    article = replace(pending.article, analysis=analysis)
    keys = keys_of(analysis)
    new_placement: Placement | None = None
    story_id = article.story_id
    if article.version == 0:
        new_placement = place(as_candidate(article), candidates(connection, article, keys, now), now=now)
        story_id = story_rows.story_for(connection, new_placement, analysis.text.title, article.seen)
    placement = new_placement or placement_of(article)
    article = replace(article, story_id=story_id)
    doc = doc_of(article, placement=placement, edited=is_edit(pending.article, analysis))
    matches = app.book.match(doc, now)
    alerts: tuple[Alert, ...] = ()
    holds: tuple[Hold, ...] = ()
    deliveries: list[alert_rows.NewDelivery] = []
    if matches:
        disabled = alert_rows.disabled_channels(connection)
        alerts, holds = decide(
            article,
            placement,
            matches,
            app.book.rules,
            history=alert_rows.history(
                connection,
                [match.rule for match in matches],
                article_id=article.id,
                story_id=story_id,
                duplicate_of=placement.of if isinstance(placement, Duplicate) else None,
                now=now,
            ),
            silences=app.book.silenced_by(alert_rows.silences(connection, now), doc, now),
            channels={
                name: disabled.get(name) or (None if name in app.notifiers else "disabled in the configuration")
                for name in app.channels
            },
            now=now,
            new_id=lambda: new_id(now),
            alert_window=app.pace.alert_window,
        )
        story = story_info(connection, article, story_id)
        deliveries = [delivery for alert in alerts for delivery in outbox(app, alert, article, story, matches)]
    saved = article_rows.save_ingest(
        connection,
        article.id,
        now=now,
        analysis=analysis,
        placement=new_placement,
        story_id=story_id,
        matches=matches,
        alerts=alerts,
        holds=holds,
        deliveries=deliveries,
        page=page,
        keys=keys,
        words=index_text(analysis.text.title, analysis.text.summary, analysis.text.body, analysis.text.authors),
    )
    tell_decision(article, alerts, holds)
    return saved


def is_edit(article: Article, analysis: Analysis) -> bool:
    """Whether the text was analysed before and reads otherwise now, or had changed already."""
    old, new = article.analysis.text, analysis.text
    differs = (old.title, old.summary, old.body) != (new.title, new.summary, new.body)
    return article.edited_at is not None or (article.version > 0 and differs)


def keys_of(analysis: Analysis) -> tuple[int, ...]:
    """By which reports of the same event find each other."""
    return story_keys(
        analysis.text,
        countries=[mention.code for mention in analysis.countries],
        people=[person.name for person in analysis.people],
    )


def as_candidate(article: Article) -> Candidate:
    """The article as placing sees it."""
    analysis = article.analysis
    return Candidate(
        article_id=article.id,
        title=analysis.text.title,
        text=analysis.text.body,
        site=analysis.text.site,
        url=article.url,
        published=analysis.text.published,
        seen=article.seen,
        fingerprint=analysis.fingerprint,
        story_id=article.story_id,
        countries=tuple(mention.code for mention in analysis.countries),
        topics=tuple(topic.name for topic in analysis.topics),
        lang=analysis.text.lang,
        people=tuple(person.name for person in analysis.people),
    )


def candidates(connection: Connection, article: Article, keys: tuple[int, ...], now: datetime) -> tuple[Candidate, ...]:
    """Stored articles that may be the same text or the same story, by indexed look-ups alone."""
    found: dict[int, Candidate] = {}
    if article.analysis.fingerprint is not None:
        alike = article_rows.duplicate_candidates(
            connection, article.analysis.fingerprint, but=article.id, since=now - COPIES_WITHIN
        )
        found.update((each.article_id, each) for each in alike)
    related = article_rows.story_candidates(connection, keys, but=article.id, since=now - WINDOW)
    found.update((each.article_id, each) for each in related)
    return tuple(found.values())


def placement_of(article: Article) -> Placement:
    """The place that an article has already."""
    if article.duplicate_of is not None:
        return Duplicate(
            of=article.duplicate_of,
            story_id=article.story_id,
            similarity=article.similarity or 1.0,
            why=article.duplicate_reason,
        )
    if article.story_id is not None:
        return Joins(story_id=article.story_id, similarity=1.0, why="placed before")
    return Starts()


def story_info(connection: Connection, article: Article, story_id: int | None) -> StoryInfo | None:
    """The article's story with its other reports, for the message."""
    if story_id is None or (story := story_rows.story(connection, story_id)) is None:
        return None
    others = [other for other in story_rows.story_articles(connection, story_id) if other != article.id]
    reports = tuple(
        Report(
            title=other.analysis.text.title,
            url=other.url,
            site=other.analysis.text.site or site_of(other.url),
            published=other.analysis.text.published,
            copy=other.duplicate_of is not None,
        )
        for other in article_rows.load(connection, others[:10]).values()
    )
    return StoryInfo(story=story, reports=reports)


def outbox(
    app: App, alert: Alert, article: Article, story: StoryInfo | None, matches: Iterable[RuleMatch]
) -> Iterable[alert_rows.NewDelivery]:
    """One row for each channel of the alert, its message rendered as it will be sent."""
    spans = next((match.spans for match in matches if match.rule == alert.rule), ())
    for name in alert.channels:
        notifier, channel = app.notifiers.get(name), app.channels.get(name)
        if notifier is not None and channel is not None:
            message = messages.render(alert, article, story, channel, rule=app.book.rules[alert.rule], spans=spans)
            yield alert_rows.NewDelivery(alert_id=alert.id, channel=name, endpoint=notifier.endpoint, message=message)


def tell_decision(article: Article, alerts: Iterable[Alert], holds: Iterable[Hold]) -> None:
    """What came of an article's matches, in the log."""
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


# --- deliver ---------------------------------------------------------------------------------------


async def deliver(app: App, delivery_id: int) -> None:
    """Make one attempt at one row of the outbox, and write down what came of it."""
    found = await app.db.read(alert_rows.delivery, delivery_id)
    if found is None or found[0].state not in {"pending", "retry"}:
        return
    delivery = found[0]
    notifier = app.notifiers.get(delivery.channel)
    started = time.monotonic()
    outcome: Outcome = Rejected(reason=f"there is no channel {delivery.channel!r} in the configuration any more")
    if notifier is not None:
        outcome = await notifier.send(delivery.message, now=app.now())
    elapsed = time.monotonic() - started
    now = app.now()
    after = after_attempt(delivery.attempts + 1, outcome, now=now, jitter=app.jitter())
    await app.db.write(save_attempt, delivery, outcome, after, (now, elapsed))
    event(
        {"sent": "delivered", "retry": "delivery_retry", "dead": "delivery_dead"}[after.state],
        {"sent": logging.INFO, "retry": logging.WARNING, "dead": logging.ERROR}[after.state],
        count=f'deliveries_total{{channel="{delivery.channel}",outcome="{after.state}"}}',
        delivery=delivery.id,
        alert=delivery.alert_id,
        channel=delivery.channel,
        why=after.error,
        again=f"{after.next_attempt_at:%H:%M:%S}" if after.next_attempt_at else None,
    )


def save_attempt(
    connection: Connection, delivery: Delivery, outcome: Outcome, after: AfterAttempt, at: tuple[datetime, float]
) -> None:
    """The ledger's line and the row's next state; a dead letter is itself a notice to the operator."""
    now, elapsed = at
    alert_rows.save_attempt(connection, delivery, outcome, after, at=now, elapsed=elapsed)
    if isinstance(outcome, Delivered) and outcome.refused:
        told = f"{delivery.channel}: refused for ever: {', '.join(outcome.refused)}; the others have the message"
        admin_rows.note(connection, "recipient_refused", told, now)
    if after.state == "dead":
        told = f"alert {delivery.alert_id} could not be delivered by {delivery.channel}: {after.error}"
        again = f"try again with: monitor deliveries retry {delivery.id}"
        admin_rows.note(connection, "delivery_dead", f"{told}; {again}", now)


# --- poison ----------------------------------------------------------------------------------------


def digest_of(body: bytes) -> str:
    """By which an input is recognised in quarantine."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


async def note_death(app: App, kind: str, digest: str, url: str, problem: SandboxError) -> None:
    """A worker died over an input; the second time it is put into quarantine."""
    now = app.now()

    def save(connection: Connection) -> int:
        deaths = admin_rows.deaths(connection, kind, digest) + 1
        until = now + QUARANTINE if deaths >= DEATHS else now
        return admin_rows.quarantine(
            connection,
            admin_rows.Quarantined(kind=kind, hash=digest, url=url, reason=str(problem), deaths=1, at=now, until=until),
        )

    if await app.db.write(save) >= DEATHS:
        event("input_quarantined", logging.WARNING, count="quarantined_total", kind=kind, url=url, why=str(problem))
