"""Documents to values, in the sandbox: feeds to entries, pages to analyses. What kills workers is set aside."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from monitor import sandboxed
from monitor.core.material import Material, Page
from monitor.core.polling import body_unchanged
from monitor.core.urls import site_of
from monitor.errors import SandboxError
from monitor.model import (
    Article,
    BodyStatus,
    Document,
    Feed,
    FeedRejected,
    Fetched,
    FetchFailed,
    NotModified,
    ParsedEntry,
    ParsedFeed,
    Request,
)
from monitor.storage import articles as article_rows
from monitor.storage import pending as pending_rows
from monitor.storage import quarantine as quarantine_rows
from monitor.storage import site_blocks
from monitor.telemetry import event

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from monitor.app import App

PAGE_RETRIES = (timedelta(seconds=30), timedelta(minutes=5))
"""Waits after which a page is tried again that failed for a passing reason; then the feed's text stands in."""

SLOW_SECONDS = 2.0
"""A page that takes longer does not keep others from being fetched meanwhile."""

QUARANTINE = timedelta(hours=24)
"""An input that cost two workers their lives is left alone for so long."""
DEATHS = 2

NO_ANSWER = frozenset({"dns", "connect", "tls", "timeout"})
PASSING = NO_ANSWER | {"bad_response", "bad_encoding", "cut_off"}
PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 522, 524})


async def parse(app: App, feed: Feed, fetched: Fetched) -> ParsedFeed | FeedRejected | None:
    """The entries of a document that is not yet known; ``None`` where there is nothing to parse."""
    if not isinstance(fetched, Document) or body_unchanged(feed, fetched):
        return None
    digest = digest_of(fetched.body)
    if known := await app.db.read(quarantine_rows.held, "feed", digest, app.now()):
        return FeedRejected(reason="poison", detail=f"in quarantine until {known.until:%Y-%m-%d %H:%M}: {known.reason}")
    try:
        parsed: ParsedFeed | FeedRejected = await app.feed_sandbox.run(
            sandboxed.parse_feed, fetched.body, fetched.final_url, fetched.content_type
        )
    except SandboxError as problem:
        await note_death(app, "feed", digest, feed.spec.url, problem)
        return FeedRejected(reason="poison", detail=str(problem))
    return parsed


async def fetch_page(app: App, pending: pending_rows.PendingArticle) -> tuple[Document | None, BodyStatus, str]:
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
    async with app.in_hand.lent(SLOW_SECONDS):
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
    pending: pending_rows.PendingArticle,
    document: Document | None,
    no_page: BodyStatus,
    detail: str,
) -> sandboxed.Reading | None:
    """What the article says, read in the sandbox; ``None`` where its own text kills workers, and it is set aside.

    A page over which a worker dies is given to another one at once, since it must not be asked for twice; that of a
    second death is in quarantine, and the feed's text stands in.
    """
    look = pending.harmful or (document is not None and site_of(document.final_url) != pending.site)
    while True:
        page = None
        furniture = pending.furniture if document is not None else frozenset()
        if document is not None:
            page = Page(body=document.body, url=document.final_url, content_type=document.content_type)
        if document is not None and look:
            furniture, known = await app.db.read(known_of, document, app.now())
            if known is not None:
                page, no_page, detail = None, "poison", known.reason
        material = _material(pending, page, no_page, detail, furniture)
        try:
            reading: sandboxed.Reading = await app.sandbox.run(sandboxed.read, material, app.topics)
        except SandboxError as problem:
            article = pending.article
            if page is None:
                await app.db.write(pending_rows.set_aside, article.id, str(problem))
                event("input_quarantined", logging.WARNING, kind="text", article=article.id, why=str(problem))
                return None
            await note_death(app, "page", digest_of(page.body), article.url, problem)
            look = True
        else:
            return reading


def _material(
    pending: pending_rows.PendingArticle, page: Page | None, no_page: BodyStatus, detail: str, furniture: frozenset[int]
) -> Material:
    """All that is known of an article, for one reading."""
    article = pending.article
    return Material(
        entry=pending.entry or entry_of(article),
        url=article.url,
        page=page,
        no_page=no_page,
        no_page_detail=detail,
        published=article.analysis.text.published,
        feed_lang=pending.feed.spec.lang,
        furniture=furniture,
    )


def known_of(
    connection: Connection, document: Document, now: datetime
) -> tuple[frozenset[int], quarantine_rows.Quarantined | None]:
    """The furniture of the page's site, and whether the page must be left alone."""
    furniture = site_blocks.recurring(connection, site_of(document.final_url) or "", now)
    return furniture, quarantine_rows.held(connection, "page", digest_of(document.body), now)


def entry_of(article: Article) -> ParsedEntry:
    """What is stored of an article whose entry is gone, as an entry."""
    text = article.analysis.text
    return ParsedEntry(
        guid=None, url=article.url, title=text.title, summary=text.summary, content=text.body, authors=text.authors,
        tags=text.tags, published=text.published,
    )  # fmt: skip


def stored_page(document: Document | None) -> article_rows.Page | None:
    """The page as it is kept, so that it can be read anew."""
    if document is None:
        return None
    return article_rows.Page(
        fetched_at=document.fetched_at,
        final_url=document.final_url,
        content_type=document.content_type,
        packed=article_rows.pack(document.body),
    )


def digest_of(body: bytes) -> str:
    """By which an input is recognised in quarantine."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


async def note_death(app: App, kind: str, digest: str, url: str, problem: SandboxError) -> None:
    """A worker died over an input; the second time it is put into quarantine."""
    now = app.now()

    def save(connection: Connection) -> int:
        deaths = quarantine_rows.deaths(connection, kind, digest) + 1
        until = now + QUARANTINE if deaths >= DEATHS else now
        return quarantine_rows.put(
            connection,
            quarantine_rows.Quarantined(
                kind=kind, hash=digest, url=url, reason=str(problem), deaths=1, at=now, until=until
            ),
        )

    if await app.db.write(save) >= DEATHS:
        event("input_quarantined", logging.WARNING, count="quarantined_total", kind=kind, url=url, why=str(problem))
