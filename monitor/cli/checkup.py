"""What ``doctor`` looks at: one function a question, each in words that a person can act on."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from monitor.cli.nouns import ago, numbered, progress, size
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.cli.common import Desk
    from monitor.config import Settings
    from monitor.config.reading import Reading
    from monitor.storage.engine import Database

Level = Literal["ok", "warning", "fault"]

ALIVE = timedelta(seconds=60)
"""A daemon writes every ten seconds; one that has not for so long does not work."""

LATE_ARTICLES = timedelta(hours=1)
LATE_MESSAGES = timedelta(minutes=10)
NO_SUCCESS = timedelta(hours=12)
AHEAD = timedelta(minutes=5)
"""A database whose times lie so far in the future was written by another clock."""

LITTLE, VERY_LITTLE = 1_000_000_000, 200_000_000
"""Bytes of free disk under which it is said."""

SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One answer: ``what`` was looked at, what was found, and what to do about it."""

    level: Level
    what: str
    text: str
    advice: str = ""
    more: tuple[str, ...] = ()


def checkup(desk: Desk, now: datetime) -> Iterator[Finding]:
    """Look at everything; what cannot be looked at is itself a finding, and the rest goes on."""
    try:
        from monitor.cli.faults import storage

        reading = desk.reading
    except MonitorError as problem:
        yield Finding(level="fault", what="configuration", text=str(problem))
        return
    settings = reading.settings
    yield from configuration(reading)
    if reading.faults:
        return
    yield from secrets(settings)
    for fault in storage(reading):
        yield Finding(level="fault", what="storage", text=f"{reading.path}:{fault.line}: {fault.said}")
    try:
        database = desk.db
    except MonitorError as problem:
        told = ("restore", "monitor once", "does not exist")  # words that say what to do
        advice = "" if any(word in str(problem) for word in told) else "restore a backup with: monitor restore BACKUP"
        yield Finding(level="fault", what="database", text=str(problem), advice=advice)
        return
    questions = (integrity, place, clock, daemon, feeds, articles, outbox, channels, rules, quarantine, notices)
    for question in questions:
        try:
            yield from question(database, settings, now)
        except MonitorError as problem:
            yield Finding(level="fault", what=question.__name__, text=str(problem))


def configuration(reading: Reading) -> Iterator[Finding]:
    from monitor.cli.faults import faults_of

    settings = reading.settings
    if faults := faults_of(reading, around=False):
        yield Finding(
            level="fault", what="configuration", text=faults[0], more=tuple(faults[1 : SHOWN + 1]),
            advice="set it right; monitor check names every fault with its line",
        )  # fmt: skip
        return
    told = ", ".join(
        numbered(len(each), noun)
        for each, noun in ((settings.feeds, "feed"), (settings.rules, "rule"), (settings.channels, "channel"))
    )
    yield Finding(level="ok", what="configuration", text=f"{settings.path or 'defaults'}: {told}")
    if settings.path is not None and settings.path.is_file() and settings.path.stat().st_mode & stat.S_IWOTH:
        yield Finding(
            level="fault", what="configuration", text=f"{settings.path} can be written by everybody",
            advice=f"chmod o-w {settings.path}",
        )  # fmt: skip
    if not settings.fetch.contact:
        yield Finding(
            level="warning", what="contact", text="fetch.contact is empty: sites cannot ask you to stop, so they block",
            advice='add to the configuration: [fetch] contact = "https://… or a mail address"',
        )  # fmt: skip
    if settings.channels and not settings.operators:
        yield Finding(
            level="warning", what="operators", text="nobody is told of the monitor's own troubles",
            advice='add to the configuration: operators = ["NAME OF A CHANNEL"]',
        )  # fmt: skip


def secrets(settings: Settings) -> Iterator[Finding]:
    """Every secret that an enabled channel names can be read, by this user alone."""
    from monitor.config import read_secret
    from monitor.config.settings import Secret
    from monitor.errors import ConfigError

    count = 0
    for name, channel in settings.channels.items():
        for key in type(channel).model_fields:
            secret = getattr(channel, key)
            if not isinstance(secret, Secret):
                continue
            count += 1
            try:
                read_secret(secret, settings)
            except ConfigError as problem:
                level: Level = "fault" if channel.enabled else "warning"
                yield Finding(level=level, what="secrets", text=f"channels.{name}.{key}: {problem}")
    yield Finding(
        level="ok",
        what="secrets",
        text=f"{numbered(count, 'is', 'are')} named; none is kept in the database or in a log",
    )


def integrity(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    from monitor.storage import vitals

    with progress("reading the database"):
        broken = database.read_now(vitals.integrity)
    if broken:
        yield Finding(
            level="fault", what="database", text="it is damaged", more=tuple(broken[:SHOWN]),
            advice="stop the daemon, then: monitor restore BACKUP",
        )  # fmt: skip
        return
    numbers = database.read_now(vitals.status)
    where = database.path or "PostgreSQL"
    yield Finding(
        level="ok", what="database",
        text=f"{where}: {size(numbers.size)}, {numbered(numbers.articles, 'article')}, "
        f"{numbered(numbers.alerts, 'alert')}, whole",
    )  # fmt: skip


def place(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    """Who may read the file, and how much room the disk has."""
    if database.path is None:
        return
    if database.path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        yield Finding(
            level="warning", what="database", text=f"{database.path} can be read by everybody",
            advice=f"chmod 600 {database.path}",
        )  # fmt: skip
    found = os.statvfs(database.path.parent)
    free = found.f_bavail * found.f_frsize
    level: Level = "fault" if free < VERY_LITTLE else "warning" if free < LITTLE else "ok"
    yield Finding(
        level=level, what="disk", text=f"{size(free)} free for {database.path.parent}",
        advice="" if level == "ok" else "make room, or keep less: storage.keep_* and monitor prune",
    )  # fmt: skip


def clock(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    from monitor.storage import vitals

    numbers = database.read_now(vitals.status)
    newest = max(filter(None, (numbers.last_poll, database.read_now(vitals.last_heartbeat))), default=None)
    if newest is not None and newest - now > AHEAD:
        yield Finding(
            level="fault", what="clock", text=f"the database was written {ago(newest, now)}: this clock has gone back",
            advice="set the clock (timedatectl); until then nothing is polled",
        )  # fmt: skip
        return
    synchronised = Path("/run/systemd/timesync/synchronized")
    if synchronised.parent.is_dir() and not synchronised.exists():
        yield Finding(
            level="warning", what="clock", text=f"{now:%Y-%m-%d %H:%M} UTC, not set by the network",
            advice="timedatectl set-ntp true",
        )  # fmt: skip
        return
    yield Finding(level="ok", what="clock", text=f"{now:%Y-%m-%d %H:%M} UTC")


def daemon(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    from monitor.storage import sqlite_file, vitals

    beat = database.read_now(vitals.last_heartbeat)
    if beat is not None and now - beat < ALIVE:
        yield Finding(level="ok", what="daemon", text=f"wrote {ago(beat, now)}")
        return
    holder = sqlite_file.lock_holder(database.path) if database.path else None
    if holder is not None:
        yield Finding(
            level="fault", what="daemon", text=f"process {holder} holds the database, but last wrote {ago(beat, now)}",
            advice="look at its log; then stop it and start it again",
        )  # fmt: skip
        return
    said = f"none has worked since {ago(beat, now)}" if beat else "none has ever run on this database"
    yield Finding(
        level="warning", what="daemon", text=said,
        advice="start it: systemctl start monitor, or monitor run; where a timer runs monitor once, all is well",
    )  # fmt: skip


def feeds(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    from monitor.cli.feed_health import kind_of, summary
    from monitor.storage import feeds as rows

    found = database.read_now(rows.list_feeds)
    if not found:
        yield Finding(
            level="warning", what="feeds", text="there are none",
            advice="monitor feeds add URL, monitor feeds import FILE.opml, or [[feeds]] in the configuration",
        )  # fmt: skip
        return
    failing = [feed for feed in found if kind_of(feed) not in {None, "disabled"} and feed.state.failures]
    last = max(filter(None, (feed.state.last_success_at for feed in found)), default=None)
    first = min(filter(None, (feed.state.first_polled_at for feed in found)), default=None)
    level: Level = "warning" if failing else "ok"
    advice = "monitor feeds health says what is wrong with each" if failing else ""
    since = last or first
    if first is not None and since is not None and now - since > NO_SUCCESS:
        level, advice = "fault", "none could be read for twelve hours: look at this machine's network, DNS and proxy"
    elif len(failing) * 2 > len(found):
        level, advice = "fault", "more than half fail: look at this machine's network, DNS and proxy first"
    worst = sorted(failing, key=lambda feed: -feed.state.failures)[:SHOWN]
    more = tuple(f"{feed.spec.name}: {feed.state.problem_detail}" for feed in worst)
    yield Finding(level=level, what="feeds", text=summary(found), more=more, advice=advice)


def articles(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    from monitor.storage import vitals

    numbers = database.read_now(vitals.status)
    text = f"{numbers.pending} wait to be read, {numbers.quarantined} are set aside"
    if numbers.oldest_pending is None or now - numbers.oldest_pending < LATE_ARTICLES:
        yield Finding(level="ok", what="articles", text=text)
        return
    yield Finding(
        level="warning", what="articles", text=f"{text}; the oldest was first seen {ago(numbers.oldest_pending, now)}",
        advice="where a daemon runs: more sandbox.workers, or fewer feeds; where none runs: monitor once",
    )  # fmt: skip


def outbox(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    from monitor.storage import outbox, vitals

    numbers = database.read_now(vitals.status)
    if numbers.dead:
        last = database.read_now(outbox.list_deliveries, state="dead", limit=SHOWN)
        yield Finding(
            level="warning", what="dead letters", text=f"given up: {numbered(numbers.dead, 'message')}",
            more=tuple(f"{each.id} {each.channel}: {each.last_error}" for each in last),
            advice="set the channel right (monitor channels test NAME), then: monitor deliveries retry --all-dead",
        )  # fmt: skip
    late = numbers.oldest_due is not None and now - numbers.oldest_due > LATE_MESSAGES
    yield Finding(
        level="fault" if late else "ok", what="outbox",
        text=f"waiting: {numbered(numbers.waiting, 'message')}"
        + (f", one was due {ago(numbers.oldest_due, now)}" if late else ""),
        advice="no daemon sends them: monitor run, or monitor once" if late else "",
    )  # fmt: skip


def channels(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    from monitor.storage.channels import disabled_channels

    off = database.read_now(disabled_channels)
    for name, why in off.items():
        yield Finding(
            level="fault" if name in settings.channels else "warning", what="channels", text=f"{name} is off: {why}",
            advice=f"set it right, then: monitor channels enable {name}",
        )  # fmt: skip
    if not settings.channels:
        yield Finding(
            level="warning", what="channels", text="there are none: alerts reach nobody",
            advice="add [channels.NAME] to the configuration",
        )  # fmt: skip
    elif not off:
        yield Finding(level="ok", what="channels", text=", ".join(settings.channels))


def rules(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    """Rules whose query is no longer understood, or that reach no channel, tell nobody anything."""
    from monitor.app import load_book

    book = load_book(database, settings)
    for name, fault in book.faults.items():
        yield Finding(
            level="fault", what="rules", text=f"{name} is not understood, so it never matches: {fault.message}",
            advice=f"monitor rules add {name} QUERY puts a better one in its place",
        )  # fmt: skip
    for rule in book.rules.values():
        if rule.enabled and not any(name in settings.channels for name in rule.channels):
            yield Finding(
                level="warning", what="rules", text=f"{rule.name} names no channel that exists: it alerts nobody",
                advice="give it a channel of: " + (", ".join(settings.channels) or "none yet"),
            )  # fmt: skip
    working = sum(rule.enabled for rule in book.rules.values()) - len(book.faults)
    yield Finding(level="ok" if working else "warning", what="rules", text=f"{working} are in force")


def quarantine(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    from monitor.storage import quarantine

    found = [each for each in database.read_now(quarantine.latest) if each.until is None or each.until > now]
    if not found:
        yield Finding(level="ok", what="quarantine", text="empty")
        return
    yield Finding(
        level="warning", what="quarantine", text=f"{len(found)} inputs killed workers or were refused",
        more=tuple(f"{each.kind} {each.url}: {each.reason}" for each in found[:SHOWN]),
        advice="each is tried again by itself after a day; please report their addresses as bugs",
    )  # fmt: skip


def notices(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    from monitor.storage import notices

    found = database.read_now(notices.latest, since=now - timedelta(days=1))
    more = tuple(f"{each.at:%Y-%m-%d %H:%M} UTC  {each.text}" for each in found[:SHOWN])
    text = f"{len(found)} in the last day" if found else "none in the last day"
    yield Finding(level="warning" if found else "ok", what="notices", text=text, more=more)
