"""The composition root: settings to the parts of the program, wired once."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from monitor import __version__, sandboxed, telemetry
from monitor.config import Settings, database_url, read_secret
from monitor.config.settings import Channel as ChannelSettings
from monitor.config.settings import ChatChannel, EmailChannel, RuleSettings, Secret, WebhookChannel
from monitor.core.feedback import Feedback
from monitor.core.messages import Channel
from monitor.core.polling import Pace, outage_now
from monitor.core.rulebook import RuleBook, rule_version
from monitor.model import Feed, FeedSpec, Rule
from monitor.net.settings import NetSettings
from monitor.sandbox import Sandbox
from monitor.sandboxed import TopicSources, vocabulary
from monitor.storage import feeds as feed_rows
from monitor.storage import rules as rule_rows
from monitor.storage.engine import Database
from monitor.wakeups import Task, Wakeups
from monitor.wakeups.memory import MemoryWakeups

if TYPE_CHECKING:  # the libraries of HTTP and of mail take as long as a command that only asks for rules or topics
    from monitor.net.fetch import Net
    from monitor.notifiers import Notifier, Pacer

PAGES_IN_HAND = 32
"""So many pages are fetched ahead of the workers that read them, but for those whose servers are slow."""

FEED_WORKERS = 2
"""Processes that read feeds, a millisecond each: a second one so that a feed that is stuck does not stop the others.
They know neither language model nor topics, which cost more than hundreds of feeds."""

OUTAGE_MEMORY = 300.0
"""Seconds for which the last answer of a host says something about our own network."""


def user_agent(settings: Settings) -> str:
    """An honest name, with the operator's contact where the configuration gives one."""
    contact = settings.fetch.contact
    return f"monitor/{__version__}" + (f" (+{contact})" if contact else "")


def net_settings(settings: Settings) -> NetSettings:
    """The network door as the configuration wants it."""
    fetch = settings.fetch
    return NetSettings(
        user_agent=user_agent(settings),
        allow=fetch.allow,
        proxy=fetch.proxy,
        feed_bytes=fetch.feed_limit,
        page_bytes=fetch.page_limit,
        deadline=fetch.deadline.total_seconds(),
        per_host=fetch.per_host,
        spacing=fetch.spacing.total_seconds(),
        overall=fetch.concurrency,
        robots=fetch.robots,
    )


def pace_of(settings: Settings) -> Pace:
    """How often feeds are asked."""
    polling = settings.polling
    return Pace(
        least=polling.least,
        most=polling.most,
        initial=polling.initial,
        full_every=polling.full_every,
        alert_window=polling.alert_window,
    )


def topic_sources(settings: Settings) -> TopicSources:
    """Where the topics come from."""
    topics = settings.topics
    return TopicSources(
        pack=topics.pack,
        disable=topics.disable,
        own=topics.own,
        names=settings.queries,
        place=str(settings.path or "config.toml"),
    )


def feed_specs(settings: Settings) -> list[FeedSpec]:
    """The feeds of the file; what one leaves open is its group's."""
    specs = []
    for feed in settings.feeds:
        group = settings.groups.get(feed.group)
        specs.append(
            FeedSpec(
                url=feed.url,
                name=feed.name,
                group=feed.group,
                tags=feed.tags,
                lang=feed.lang,
                country=feed.country,
                tier=feed.tier,
                every_least=feed.least or (group.least if group else None),
                every_most=feed.most or (group.most if group else None),
                fetch_pages=(group.fetch_pages if group else True) if feed.fetch_pages is None else feed.fetch_pages,
                enabled=feed.enabled,
            )
        )
    return specs


def rule_of(rule: RuleSettings) -> Rule:
    """A rule of the file as a value."""
    told = rule.model_dump(exclude={"should_match", "should_not_match"})
    made = Rule(**told, origin="config", version="")
    return Rule(**told, origin="config", version=rule_version(made))


def channels_of(settings: Settings) -> dict[str, Channel]:
    """The channels as messages need them: kind, the domain that Message-IDs are made in, readers, links for feedback.

    :raises ConfigError: the key of the links cannot be read.
    """
    key = settings.service.feedback_key
    feedback = None if key is None else Feedback(settings.service.address, read_secret(key, settings).encode())
    return {
        name: Channel(
            name=name,
            kind=channel.type,
            host=channel.sender.rpartition("@")[2].rstrip(">") if isinstance(channel, EmailChannel) else "localhost",
            feedback=feedback,
            recipients=tuple(parseaddr(each)[1] for each in channel.recipients)
            if isinstance(channel, EmailChannel)
            else (),
        )
        for name, channel in settings.channels.items()
    }


def notifiers_of(settings: Settings, net: Net) -> dict[str, Notifier]:
    """One notifier for each enabled channel, its secrets read from their files.

    :raises ConfigError: a secret is not there, or a channel's settings do not hold together.
    """
    enabled = {name: channel for name, channel in settings.channels.items() if channel.enabled}
    return {name: notifier_of(name, channel, settings, net) for name, channel in enabled.items()}


def notifier_of(name: str, channel: ChannelSettings, settings: Settings, net: Net) -> Notifier:
    """The notifier of one channel.

    :raises ConfigError: as `notifiers_of`.
    """
    from monitor.notifiers import build

    secrets = {
        key: read_secret(value, settings) for key in type(channel).model_fields
        if isinstance(value := getattr(channel, key), Secret)
    }  # fmt: skip
    if isinstance(channel, ChatChannel | WebhookChannel) and isinstance(channel.url, str):
        secrets["url"] = channel.url
    table: dict[str, Any] = {key: getattr(channel, key) for key in type(channel).model_fields if key not in secrets}
    return build(name, channel.type, table, secrets, net)


def pacers_of(settings: Settings) -> dict[str, Pacer]:
    """How fast each channel is sent to."""
    from monitor.notifiers import DEFAULT_RATES, Pacer

    return {
        name: Pacer(DEFAULT_RATES.get(channel.type, 0.0) if channel.rate is None else channel.rate)
        for name, channel in settings.channels.items()
    }


@dataclass(slots=True)
class Outages:
    """The last answers of hosts, by which a failure of our own network is told from theirs."""

    clock: Callable[[], float] = time.monotonic
    recent: deque[tuple[float, str, bool]] = field(default_factory=lambda: deque(maxlen=2000))
    since: float | None = None

    def note(self, host: str, *, failed: bool) -> None:
        """``failed``: there was no answer at all."""
        now = self.clock()
        self.recent.append((now, host, failed))
        while self.recent and self.recent[0][0] < now - OUTAGE_MEMORY:
            self.recent.popleft()
        if failed == (self.since is not None):
            return  # a failure ends no outage, an answer begins none
        if not outage_now((host, failed) for _, host, failed in self.recent):
            if self.since is not None:
                telemetry.event("network_back", seconds=now - self.since)
            self.since = None
        elif self.since is None:
            self.since = now
            telemetry.event("network_outage", logging.WARNING, hosts=len({h for _, h, _ in self.recent}))

    @property
    def now(self) -> bool:
        """Whether most hosts fail together at present."""
        return self.since is not None


class Places:
    """So many may be in at once; who is kept waiting by others lends its place meanwhile."""

    def __init__(self, count: int) -> None:
        self._free = asyncio.Semaphore(count)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place."""
        async with self._free:
            yield

    @asynccontextmanager
    async def lent(self, after: float) -> AsyncIterator[None]:
        """Within `place`: others have the place once this has lasted ``after`` seconds; have one again at the end."""
        lent = False

        def lend() -> None:
            nonlocal lent
            lent = True
            self._free.release()

        timer = asyncio.get_running_loop().call_later(after, lend)
        try:
            yield
        finally:
            timer.cancel()
            if lent:
                await self._free.acquire()


@dataclass(slots=True)
class App:
    """The parts that the pipeline works with. ``settings`` and what follows from them change on reload alone."""

    settings: Settings
    db: Database
    net: Net
    feed_sandbox: Sandbox
    sandbox: Sandbox
    wakeups: Wakeups
    topics: TopicSources
    book: RuleBook
    pace: Pace
    channels: Mapping[str, Channel]
    notifiers: Mapping[str, Notifier]
    pacers: Mapping[str, Pacer] = field(default_factory=dict)
    outages: Outages = field(default_factory=Outages)
    in_hand: Places = field(default_factory=lambda: Places(PAGES_IN_HAND))
    leased: dict[int, Feed] = field(default_factory=dict)
    """Feeds by id as they were read when they were claimed: while the lease lasts nobody else polls them, and when it
    ends they are claimed, and so read, anew."""
    storage_fault: str | None = None
    """Why the database cannot write at present. Then no task is begun: its row stays due."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random
    """Spreads polls and retries; nothing secret hangs on it."""

    async def aclose(self) -> None:
        """Put everything away but the database, which is its opener's."""
        for notifier in self.notifiers.values():
            await notifier.aclose()
        await self.feed_sandbox.close()
        await self.sandbox.close()
        await self.net.aclose()


def open_database(settings: Settings, *, create: bool = True, check: bool = False, url: str | None = None) -> Database:
    """The configured database, or ``url``.

    :raises StorageError: it is damaged, foreign, or newer than this program.
    """
    return Database.open(url or database_url(settings), create=create, check=check)


def sync(db: Database, settings: Settings, now: datetime) -> feed_rows.SyncedFeeds:
    """Make the database's feeds and rules of origin ``config`` those of the file."""
    synced = db.write_now(feed_rows.sync_config_feeds, feed_specs(settings), now)
    db.write_now(rule_rows.sync_config_rules, [rule_of(rule) for rule in settings.rules], now)
    return synced


def load_book(db: Database, settings: Settings) -> RuleBook:
    """The rules of file and database, compiled."""
    rules = db.read_now(rule_rows.list_rules)
    names = {**db.read_now(rule_rows.saved_queries), **settings.queries}
    return RuleBook(rules, names, vocabulary())


def build_app(
    settings: Settings,
    db: Database,
    *,
    crashed: Callable[[Task, Exception], None],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> App:
    """All parts for ``settings``, over an open database whose feeds and rules are in step.

    :raises ConfigError: a secret, a channel or the network settings are faulty.
    """
    from monitor.net.fetch import Net

    net = Net(net_settings(settings))
    memory, deadline = settings.sandbox.memory // 1_000_000, settings.sandbox.deadline.total_seconds()
    sandbox = Sandbox(
        settings.sandbox.workers,
        memory_mb=memory,
        deadline=deadline,
        preload=sandboxed.PRELOAD,
        prepare=(sandboxed.prepare, (topic_sources(settings),)),
    )
    return App(
        settings=settings,
        db=db,
        net=net,
        feed_sandbox=Sandbox(FEED_WORKERS, memory_mb=memory, deadline=deadline),
        sandbox=sandbox,
        wakeups=MemoryWakeups(
            per_lane=settings.fetch.per_host, at_once=settings.fetch.concurrency * 4, crashed=crashed
        ),
        topics=topic_sources(settings),
        book=load_book(db, settings),
        pace=pace_of(settings),
        channels=channels_of(settings),
        notifiers=notifiers_of(settings, net),
        pacers=pacers_of(settings),
        now=now,
    )
