"""Feeds, their documents, and a world with a clock of its own in which they are polled."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.core.polling import (
    Pace,
    document_keys,
    plan_poll,
)
from monitor.model import (
    Document,
    Feed,
    FeedRejected,
    FeedSpec,
    FeedState,
    Fetched,
    FetchFailed,
    KnownEntry,
    NotModified,
    ParsedEntry,
    ParsedFeed,
    PollPlan,
    Redirect,
)

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
URL = "https://news.example/feed"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PACE = Pace()


def entry(n: int | str, *, at: datetime | None = None, **changes: Any) -> ParsedEntry:
    values: dict[str, Any] = {
        "guid": f"tag:news.example,{n}",
        "url": f"https://news.example/articles/{n}",
        "title": f"The headline of article {n}",
        "summary": f"What article {n} says.",
        "published": at,
    }
    return ParsedEntry(**(values | changes))


def document(
    *,
    url: str = URL,
    final_url: str | None = None,
    body: bytes = b"x",
    redirects: tuple[Redirect, ...] = (),
    **headers: str,
) -> Document:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Document(
        url=url, final_url=final_url or url, status=200, headers=names, body=body, fetched_at=NOW, redirects=redirects
    )


def failed(status: int | None = None, **changes: Any) -> FetchFailed:
    values: dict[str, Any] = {
        "url": URL,
        "reason": "http_status" if status else "timeout",
        "detail": "no",
        "weight": "soft",
        "fetched_at": NOW,
        "status": status,
    }
    return FetchFailed(**(values | changes))


def feed_of(entries: Iterable[ParsedEntry], **changes: Any) -> ParsedFeed:
    return ParsedFeed(format="rss20", title="News", link="https://news.example/", entries=tuple(entries), **changes)


class World:
    """One feed with its store: what ``plan_poll`` says is applied as the database would."""

    def __init__(self, pace: Pace = PACE, **spec: Any) -> None:
        self.pace, self.now = pace, NOW
        self.feed = Feed(id=7, spec=FeedSpec(url=URL, name="News", **spec), origin="config", state=FeedState())
        self.store: dict[int, KnownEntry] = {}
        self.alerting: list[str] = []
        self.notices: list[str] = []
        self.ids = itertools.count(1)

    def poll(
        self,
        what: Sequence[ParsedEntry] | ParsedFeed | FeedRejected | Fetched | None,
        *,
        after: timedelta | None = None,
        jitter: float = 0.0,
        outage: bool = False,
        fetched: Fetched | None = None,
    ) -> PollPlan:
        if after is not None:
            self.now += after
        elif self.feed.state.next_poll_at:
            self.now = self.feed.state.next_poll_at
        parsed: ParsedFeed | FeedRejected | None = None
        if isinstance(what, Document | NotModified | FetchFailed):
            fetched = what
        elif isinstance(what, ParsedFeed | FeedRejected):
            parsed = what
        elif what is not None:
            parsed = feed_of(what)
        keys = {
            k
            for each in (document_keys(parsed.entries) if isinstance(parsed, ParsedFeed) else ())
            for k in (each.identity, each.guid, each.url, each.title)
            if k
        }
        known = [
            one
            for one in self.store.values()
            if keys & {one.keys.identity, one.keys.guid, one.keys.url, one.keys.title}
        ]
        plan = plan_poll(
            self.feed, fetched or document(), parsed, known, pace=self.pace, now=self.now, jitter=jitter, outage=outage
        )
        self._apply(plan)
        return plan

    def _apply(self, plan: PollPlan) -> None:
        for new in plan.new:
            assert all(new.keys.identity != one.keys.identity for one in self.store.values()), "stored twice"
            self.store[next(self.ids)] = KnownEntry(
                id=0, keys=new.keys, content_hash=new.content_hash, article_id=0, published=new.entry.published
            )
            if not new.backlog:
                self.alerting.append(new.entry.title)
        for changed in plan.changed:
            self.store[changed.known.id] = replace(changed.known, keys=changed.keys, content_hash=changed.content_hash)
        self.store = {number: replace(one, id=number) for number, one in self.store.items()}
        identities = [one.keys.identity for one in self.store.values()]
        assert len(identities) == len(set(identities))
        self.feed = replace(self.feed, state=plan.state)
        if plan.url:
            self.feed = replace(self.feed, spec=replace(self.feed.spec, url=plan.url))
        self.notices += [notice.kind for notice in plan.notices]


def started(entries: Sequence[ParsedEntry], **pace: Any) -> World:
    world = World(Pace(**pace))
    world.poll(entries)
    return world
