"""The demo played: two polls of the little news web, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.app import App, build_app, open_database, sync
from monitor.config import Settings, load_settings
from monitor.daemon.single import Pass, note_crash, once
from monitor.demo.newsweb import NewsWeb
from monitor.demo.sinks import HookSink, MailSink
from monitor.errors import UsageError
from monitor.storage import vitals
from monitor.storage.engine import Database

ACTS = ("first poll: everything is new, so it is stored and never alerted", "second poll: what is new since alerts")

_HEAD = """# Written by `monitor demo`. The web that it watched is gone; the database beside it is yours to ask.
[storage]
url = {db}
[fetch]
allow = {allow}
spacing = "0s"
[polling]
least = "1s"
initial = "1m"
[queries]
central-asia = "country:(UZ OR KZ OR KG OR TJ OR TM)"
[channels.mail]
type = "email"
host = "127.0.0.1"
port = {smtp}
encryption = "none"
sender = "monitor@demo.example"
recipients = ["desk@demo.example"]
[channels.hook]
type = "webhook"
url = {hook}
secret = {{ file = "hook-secret" }}
[[rules]]
name = "central-asia-deportations"
query = "topic:deportation @central-asia"
channels = ["mail", "hook"]
priority = "high"
[[rules]]
name = "disasters"
query = "topic:disasters (earthquake OR flood)"
channels = ["hook"]
"""


@dataclass
class Played:
    """What a demo left: its folder and settings, and what the sinks received."""

    folder: Path
    settings: Settings
    mails: list[Any] = field(default_factory=list)
    hooks: list[dict[str, Any]] = field(default_factory=list)
    refused_hooks: int = 0
    asked: dict[str, int] = field(default_factory=dict)
    passes: list[Pass] = field(default_factory=list)


def write_config(folder: Path, web: NewsWeb, mail: MailSink, hook: HookSink) -> Path:
    """The demo's configuration file and secret, in place of those of an earlier demo and its database."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("demo.db*"):
        old.unlink()
    secret = folder / "hook-secret"
    secret.touch(0o600)
    secret.write_text(hook.secret)
    text = _HEAD.format(
        db=json.dumps(str(folder.resolve() / "demo.db")),
        allow=json.dumps([*web.allow, hook.url.split("/")[2]]),
        smtp=mail.port,
        hook=json.dumps(hook.url),
    )
    for site in web.sites.values():
        text += f'[[feeds]]\nname = "{site.name}"\nurl = "{site.feed_url}"\nlang = "{site.lang}"\ntier = {site.tier}\n'
        text += f'country = "{site.country}"\n' if site.country else ""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def play(
    folder: Path,
    *,
    told: Callable[[str], None] = lambda _: None,
    progress: Callable[[Database, Pass], None] = lambda _database, _state: None,
) -> Played:
    """Serve, watch, serve the second act, watch again. A database of an earlier demo in ``folder`` is replaced.

    :param told: hears which act begins.
    :param progress: hears of the pass, a few times a second.
    :raises UsageError: a configuration that no demo wrote stands there.
    """
    config = folder / "config.toml"
    if config.exists() and not config.read_bytes().startswith(_HEAD.partition("\n")[0].encode()):
        raise UsageError(f"{config} is not of a demo and is left alone; name another folder with --folder")
    web, mail, hook = NewsWeb(datetime.now(UTC)), MailSink(), HookSink()
    await web.start()
    await mail.start()
    await hook.start()
    if (folder / "demo.db").exists():
        told(f"{folder}/demo.db, which an earlier demo left, is begun anew")
    settings = load_settings(write_config(folder, web, mail, hook))
    played = Played(folder=folder, settings=settings)
    database = open_database(settings)
    try:
        database.hold_daemon_lock()
        database.write_now(vitals.release_leases)
        sync(database, settings, datetime.now(UTC))
        state = Pass()
        app: App = build_app(settings, database, crashed=lambda task, problem: note_crash(state, task, problem))
        try:
            for number, act in enumerate(ACTS, 1):
                web.act = number
                told(act)
                state = Pass()
                played.passes.append(state)
                await once(app, state, every_feed=True, progress=lambda now: progress(database, now))
        finally:
            await app.aclose()
    finally:
        database.close()
        await web.stop()
        await hook.stop()
        await mail.stop()
    played.mails, played.hooks, played.refused_hooks, played.asked = mail.mails, hook.received, hook.refused, web.asked
    return played
