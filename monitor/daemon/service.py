"""``monitor run``: ticks that look for due rows, reload, drain, watchdog, health."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor import pipeline
from monitor.app import (
    App,
    build_app,
    channels_of,
    load_book,
    net_settings,
    notifiers_of,
    pace_of,
    pacers_of,
    sync,
    topic_sources,
)
from monitor.config import Settings
from monitor.core.stories import COPIES_WITHIN
from monitor.daemon.notify import ServiceManager
from monitor.daemon.operators import tell_operators
from monitor.daemon.pulse import Pulse
from monitor.daemon.standing import tell_standing
from monitor.errors import MonitorError, StorageError, StorageUnavailable
from monitor.net.fetch import Net
from monitor.sandboxed import load_topics
from monitor.steps.telling import tell_alert
from monitor.steps.watching import learn, watch
from monitor.storage import groups as group_rows
from monitor.storage import pruning, vitals
from monitor.storage import rules as rule_rows
from monitor.storage.engine import Database
from monitor.storage.overview import standing
from monitor.telemetry import event
from monitor.wakeups import Task, TaskKind

LOOK_SECONDS = 1
BEAT_SECONDS = 10
BOOK_SECONDS = 10
TELL_SECONDS = 60
WATCH_SECONDS = 30
STAND_SECONDS = 5
STAND_EVERY = 15 * 60.0
"""Seconds from one line on where the daemon stands to the next; the first comes when every feed was asked."""

SERVING_SECONDS = 10.0
DRAIN_SECONDS = 25.0
"""What is under way at SIGTERM may finish within this; systemd's TimeoutStopSec is longer."""

READING_SECONDS: dict[TaskKind, float] = {"poll_feed": 3.0, "ingest_article": 3.0}
"""Reading is cut off sooner: nothing of it shows outside, its rows stay due. A message cut off would be repeated."""

STALE_SECONDS = 45.0
"""A tick that has not come round for so long keeps the watchdog from being fed; less where the watchdog is shorter."""

FEEDS_STALE = timedelta(hours=12)
DELIVERY_STALE = timedelta(minutes=10)

Service = Callable[["Daemon"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the daemon does its work, and each reason why not."""

    well: bool
    reasons: tuple[str, ...]


class Daemon:
    """Runs one configuration over one database until it is told to stop.

    :param load: reads the configuration anew, for SIGHUP.
    :param services: run beside the ticks until the daemon stops, such as the health endpoint; one that listens sets
        ``serving`` when it does.
    """

    def __init__(
        self, settings: Settings, db: Database, load: Callable[[], Settings], services: Sequence[Service] = ()
    ) -> None:
        self._load = load
        self._db = db
        self._services = services
        self._manager = ServiceManager()
        self._patience = min(STALE_SECONDS, 0.75 * (self._manager.watchdog_seconds or STALE_SECONDS * 2))
        self._stood_at: float | None = None
        self._stop = asyncio.Event()
        self._ticks: dict[str, float] = {}
        self._fatal: StorageError | None = None
        self._rules_seen: object = None
        self._pulse = Pulse()
        self.serving = asyncio.Event()
        self.started_at = datetime.now(UTC)
        self._first = settings
        self.app: App

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT; then finish what is under way.

        :raises MonitorError: the database is in use or cannot be read, or the configuration is faulty.
        """
        faulthandler.enable()
        self._manager.say(STATUS="starting")
        self._db.hold_daemon_lock()
        self._db.write_now(vitals.release_leases)
        synced = sync(self._db, self._first, datetime.now(UTC))
        load_topics(topic_sources(self._first))
        self.app = build_app(self._first, self._db, crashed=self._crashed)
        for name in ("look", "outbox", "beat"):
            self._tick(name)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._keep(self._reload()))
        self._background: set[asyncio.Task[None]] = set()
        engine = asyncio.create_task(self.app.wakeups.run(pipeline.handlers(self.app)))
        services = [asyncio.create_task(self._serve(service)) for service in self._services]
        scheduler = self._scheduler()
        scheduler.start()
        await self._services_up(services)
        event("daemon_started", feeds_added=synced.added or None, feeds_removed=synced.removed or None)
        self._manager.say(READY=1, STATUS="running")
        try:
            await self._stop.wait()
        finally:
            self._manager.say(STOPPING=1, STATUS="finishing what is under way")
            scheduler.shutdown(wait=False)
            cut = await self.app.wakeups.stop(DRAIN_SECONDS, READING_SECONDS)
            await engine
            for task in (*services, *self._background):
                task.cancel()
            await asyncio.gather(*services, *self._background, return_exceptions=True)
            await self.app.aclose()
            event("daemon_stopped", cut_off=cut or None)
        if self._fatal is not None:
            raise self._fatal

    def stop(self) -> None:
        """As SIGTERM does."""
        self._stop.set()

    def _asked_to_stop(self) -> None:
        if self._stop.is_set():
            raise SystemExit(1)  # asked twice: at once; what was under way is found again at the next start
        event("daemon_stopping")
        self._stop.set()

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _services_up(self, services: Sequence[asyncio.Task[None]]) -> None:
        """Wait until a service listens, or has failed, which the log tells."""
        if services:
            up = asyncio.create_task(self.serving.wait())
            await asyncio.wait({up, *services}, timeout=SERVING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            up.cancel()

    async def _serve(self, service: Service) -> None:
        try:
            await service(self)
        except asyncio.CancelledError:
            raise
        except Exception as problem:  # noqa: BLE001 - an endpoint that fails must not stop the monitoring
            event("task_crashed", logging.ERROR, task="service", exc=problem)

    # --- ticks -------------------------------------------------------------------------------------

    def _scheduler(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(timezone=UTC)
        ticks: list[tuple[Callable[[], Awaitable[None]], float]] = [
            (self._look, LOOK_SECONDS),
            (self._outbox, LOOK_SECONDS),
            (self._beat, min(BEAT_SECONDS, self._patience / 3)),
            (self._refresh_book, BOOK_SECONDS),
            (self._tell, TELL_SECONDS),
            (self._watch, WATCH_SECONDS),
            (self._tell_well, 1),
            (self._stand, STAND_SECONDS),
            (self._prune, 3600),
        ]
        if self._manager.watchdog_seconds:
            ticks.append((self._feed_watchdog, min(30.0, self._manager.watchdog_seconds / 3)))
        for tick, seconds in ticks:
            scheduler.add_job(
                self._guarded, "interval", args=(tick,), seconds=seconds, max_instances=1, coalesce=True,
                misfire_grace_time=None, next_run_time=datetime.now(UTC),
            )  # fmt: skip
        return scheduler

    async def _guarded(self, tick: Callable[[], Awaitable[None]]) -> None:
        try:
            await tick()
        except asyncio.CancelledError:
            if not self._stop.is_set():  # the scheduler ends its ticks when it is shut down, and would log them
                raise
        except (StorageUnavailable, StorageError) as problem:
            self._note_storage(problem)
        except Exception as problem:  # noqa: BLE001 - a tick that fails comes round again
            event("task_crashed", logging.ERROR, task=getattr(tick, "__name__", "tick"), exc=problem)

    def _tick(self, name: str) -> None:
        self._ticks[name] = time.monotonic()

    async def _look(self) -> None:
        await self._wake("look", ("poll_feed", "ingest_article"))

    async def _outbox(self) -> None:
        """By itself: while it stands still no alert goes out, and the watchdog must see that."""
        await self._wake("outbox", ("deliver",))

    async def _wake(self, tick: str, kinds: tuple[TaskKind, ...]) -> None:
        try:
            if self.app.storage_fault is None:
                await pipeline.wake_due(self.app, kinds)
        finally:
            self._tick(tick)

    async def _beat(self) -> None:
        """A write that does nothing else than prove that writing works.

        After a failure there must be room for more than a word, and it frees what the tasks of that time had claimed.
        A database that refuses to write is no reason to be restarted by the watchdog; one that does not answer is.
        """
        try:
            await asyncio.to_thread(self._db.keep_daemon_lock)
            if self.app.storage_fault is not None:
                await self._db.write(vitals.take_room)
                await self._db.write(vitals.leave_room)
                await self._db.write(vitals.release_leases)
            await self._db.write(vitals.heartbeat, self.app.now())
        finally:
            self._tick("beat")
        if self.app.storage_fault is not None:
            self.app.storage_fault = None
            event("storage_back")

    async def _refresh_book(self) -> None:
        """Rules that were added or removed by command take effect here."""
        seen = await self._db.read(rule_rows.rules_stamp)
        if seen != self._rules_seen:
            self.app.book = await asyncio.to_thread(load_book, self._db, self.app.settings)
            self._rules_seen = seen
            for name, fault in self.app.book.faults.items():
                event("notice", logging.WARNING, kind="rule_fault", rule=name, text=str(fault))

    async def _watch(self) -> None:
        """What comes by the clock: spikes, silences, empty digests."""
        if self.app.storage_fault is not None:
            return
        await learn(self.app)
        for alert, deliveries in await self._db.write(watch, self.app):
            self.app.wakeups.wake(Task("deliver", delivery_id, channel) for delivery_id, channel in deliveries)
            tell_alert(alert)

    async def _tell_well(self) -> None:
        """Word to the dead man's switch, as long as all is well."""
        if self._pulse.due(self.app) and (await self.health()).well:
            await self._pulse.beat(self.app)

    async def _tell(self) -> None:
        await tell_operators(self.app)

    async def _stand(self) -> None:
        """Where the daemon stands, in one line of the log."""
        if self._stood_at is not None and time.monotonic() - self._stood_at < STAND_EVERY:
            return
        found = await self._db.read(standing)
        if found.unasked and self._stood_at is None and self._up() < timedelta(minutes=1):
            return
        self._stood_at = time.monotonic()
        tell_standing(found, self.app.now(), outage=self.app.outages.now)

    async def _prune(self) -> None:
        kept = self.app.settings.storage
        pruned = await asyncio.to_thread(
            partial(
                pruning.prune,
                self._db,
                self.app.now(),
                articles=kept.keep_articles,
                pages=kept.keep_pages,
                polls=kept.keep_polls,
                notices=kept.keep_polls,
                keys=COPIES_WITHIN,
                deliveries=kept.keep_deliveries,
            )
        )
        await self._db.write(group_rows.forget, self.app.now())
        if pruned != pruning.Pruned():
            event("pruned", articles=pruned.articles, pages=pruned.pages, polls=pruned.polls, keys=pruned.keys)

    async def _feed_watchdog(self) -> None:
        if not self.stale():
            self._manager.say(WATCHDOG=1)

    # --- trouble -----------------------------------------------------------------------------------

    def stale(self) -> list[str]:
        """The ticks that have not come round for too long."""
        now = time.monotonic()
        return [name for name, at in self._ticks.items() if now - at > self._patience]

    def _crashed(self, task: Task, problem: Exception) -> None:
        if isinstance(problem, StorageUnavailable | StorageError):
            self._note_storage(problem)
        else:
            event("task_crashed", logging.ERROR, task=f"{task.kind}:{task.id}", exc=problem, count="crashes_total")

    def _note_storage(self, problem: StorageUnavailable | StorageError) -> None:
        """Nothing more is begun. What passes is waited for; damage, or a daemon that took our place, is the end."""
        if self.app.storage_fault is None:
            event("storage_degraded", logging.ERROR, why=problem, count="storage_degraded_total")
        self.app.storage_fault = str(problem)
        if isinstance(problem, StorageError):
            self._fatal = self._fatal or problem
            self._stop.set()

    async def health(self) -> Health:
        """What `/health` says."""
        reasons = [f"the {name} tick has not come round for {self._patience:.0f} s" for name in self.stale()]
        if self.app.storage_fault is not None:
            reasons.append(f"the database cannot write: {self.app.storage_fault}")
        if self.app.outages.now:
            reasons.append("most hosts do not answer: our own network seems to be down")
        try:
            status = await self._db.read(vitals.status)
        except MonitorError as problem:
            return Health(well=False, reasons=(*reasons, str(problem)))
        now, up = self.app.now(), self._up()
        if status.oldest_due is not None and now - status.oldest_due > DELIVERY_STALE:
            reasons.append(f"an alert has been due since {status.oldest_due:%Y-%m-%d %H:%M} UTC")
        if status.feeds and up > FEEDS_STALE and (not status.last_success or now - status.last_success > FEEDS_STALE):
            reasons.append("no feed could be read for 12 hours")
        return Health(well=not reasons, reasons=tuple(reasons))

    def _up(self) -> timedelta:
        return self.app.now() - self.started_at

    # --- reload ------------------------------------------------------------------------------------

    async def _reload(self) -> None:
        """SIGHUP. A faulty configuration changes nothing."""
        self._manager.say(RELOADING=1, MONOTONIC_USEC=time.monotonic_ns() // 1000)
        try:
            await self._take(await asyncio.to_thread(self._load))
            event("config_reloaded", feeds=len(self.app.settings.feeds), rules=len(self.app.settings.rules))
            self._manager.say(READY=1, STATUS="running")
        except MonitorError as problem:
            for line in str(problem).splitlines():
                event("config_refused", logging.ERROR, fault=line)
            self._manager.say(READY=1, STATUS="running on the old configuration: the new one is refused")

    async def _take(self, settings: Settings) -> None:
        """Put ``settings`` in force: everything that may be faulty is made first, then all is exchanged at once."""
        app = self.app
        await asyncio.to_thread(load_topics, topic_sources(settings))
        net = Net(net_settings(settings))
        try:
            notifiers = notifiers_of(settings, net)
        except MonitorError:
            await net.aclose()
            raise
        await asyncio.to_thread(sync, self._db, settings, app.now())
        app.leased.clear()
        book = await asyncio.to_thread(load_book, self._db, settings)
        old_net, old_notifiers = app.net, app.notifiers
        app.settings, app.pace, app.channels = settings, pace_of(settings), channels_of(settings)
        app.pacers = pacers_of(settings)
        app.net, app.notifiers, app.book, app.topics = net, notifiers, book, topic_sources(settings)
        self._keep(self._retire(old_net, list(old_notifiers.values())))

    async def _retire(self, net: Net, notifiers: Sequence[object]) -> None:
        """Close what was exchanged once nothing can be using it any more."""
        await asyncio.sleep(self.app.settings.fetch.deadline.total_seconds() + 60)
        for notifier in notifiers:
            await notifier.aclose()  # type: ignore[attr-defined]
        await net.aclose()
