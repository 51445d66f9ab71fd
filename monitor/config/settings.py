"""What ``config.toml`` may say, with every default. One class a table; unknown keys are refused.

The comments of the shipped ``config.toml`` are the manual of these fields.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator

from monitor.config.units import Duration, Rate, Size, show_duration
from monitor.core.alerts.times import quiet_hours, schedule
from monitor.core.mailboxes import mail_address
from monitor.core.urls import is_http
from monitor.model import GroupBy, News, Trigger

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""Pydantic else reads the metadata of all that is installed, for plugins, of which none is to see a configuration."""

TableFault = tuple[tuple[str | int, ...], str]
"""Where in its table a fault stands, and what is said of it."""


class Table(BaseModel):
    """Base of all tables: immutable, strict about names."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)

    def faults(self) -> Iterator[TableFault]:
        """What is wrong although each key is what may stand there."""
        yield from ()


class Secret(Table):
    """A secret in a file: an absolute path, or a name in ``$CREDENTIALS_DIRECTORY`` or beside the configuration."""

    file: str = Field(min_length=1)


Address = Annotated[
    Annotated[str, Tag("text")] | Annotated[Secret, Tag("secret")],
    Discriminator(lambda value: "text" if isinstance(value, str) else "secret"),
]
"""An http or https address as it is, or the file that holds it."""


def _of_address(key: str, address: str | Secret | None) -> Iterator[TableFault]:
    if isinstance(address, str) and not is_http(address):  # it may be a secret, so it is not told
        yield (key,), 'must be an http or https address, such as "https://example.org/hook"'


class StorageSettings(Table):
    """Where everything is kept, and for how long (``None``: for ever)."""

    url: str = "monitor.db"
    keep_articles: Duration | None = None
    keep_pages: Duration | None = timedelta(days=30)
    keep_polls: Duration | None = timedelta(days=30)
    keep_deliveries: Duration | None = timedelta(days=365)


class FetchSettings(Table):
    """Limits and manners on the network."""

    contact: str = ""
    allow: tuple[str, ...] = ()
    proxy: str | None = None
    deadline: Duration = timedelta(seconds=30)
    feed_limit: Size = 10_000_000
    page_limit: Size = 2_000_000
    concurrency: int = Field(100, ge=1, le=2000)
    per_host: int = Field(2, ge=1, le=20)
    spacing: Duration = timedelta(seconds=1)
    robots: bool = True


class PollingSettings(Table):
    """How often feeds are asked."""

    least: Duration = timedelta(minutes=5)
    most: Duration = timedelta(hours=6)
    initial: Duration = timedelta(minutes=30)
    full_every: Duration = timedelta(hours=24)
    alert_window: Duration = timedelta(days=2)

    def faults(self) -> Iterator[TableFault]:
        if not timedelta(seconds=1) <= self.least <= self.initial <= self.most <= timedelta(days=30):
            told = ", ".join(f"{key} is {show_duration(getattr(self, key))}" for key in ("least", "initial", "most"))
            yield (), f"polling needs 1s <= least <= initial <= most <= 30d; {told}"


class SandboxSettings(Table):
    """The killable workers that open untrusted bytes."""

    workers: int = Field(2, ge=1, le=64)
    deadline: Duration = timedelta(seconds=10)
    memory: Size = 768_000_000


def _of_pace(least: timedelta | None, most: timedelta | None) -> Iterator[TableFault]:
    if least is not None and most is not None and least > most:
        yield ("least",), f"least is {show_duration(least)}, longer than most, which is {show_duration(most)}"


class GroupSettings(Table):
    """What the feeds of a group share; a feed's own words win."""

    least: Duration | None = None
    most: Duration | None = None
    fetch_pages: bool = True

    def faults(self) -> Iterator[TableFault]:
        yield from _of_pace(self.least, self.most)


class FeedSettings(Table):
    """One ``[[feeds]]``."""

    url: str
    name: str
    group: str = "default"
    tags: tuple[str, ...] = ()
    lang: str | None = None
    country: str | None = None
    tier: int = Field(2, ge=1, le=3)
    least: Duration | None = None
    most: Duration | None = None
    fetch_pages: bool | None = None
    enabled: bool = True

    def faults(self) -> Iterator[TableFault]:
        if not self.name.strip():
            yield ("name",), "a feed needs a name"
        if not is_http(self.url):
            yield ("url",), f"{self.url!r} is no http or https address"
        yield from _of_pace(self.least, self.most)


class TopicsSettings(Table):
    """Which topics are looked for: the shipped pack, less ``disable``, with ``[topics.NAME]`` laid over it."""

    pack: bool = True
    disable: tuple[str, ...] = ()
    own: dict[str, Any] = Field(default_factory=dict)


_OF_TRIGGER = {
    "follow_up": ("story",), "further_sources": ("story",),
    "schedule": ("digest",), "send_empty": ("digest",),
    "silent_for": ("silence-of",),
    "within": ("spike",), "at_least": ("spike",), "chance": ("spike",),
    "wait": ("each", "story"), "every": ("each", "story"), "group_by": ("each", "story"),
    "quiet": ("each", "story", "edited"),
}  # fmt: skip
"""Keys that mean something for some triggers only: elsewhere they are refused rather than ignored."""


class RuleSettings(Table):
    """One ``[[rules]]``: whom to tell of what. `model.Rule` says what the fields mean."""

    name: str
    query: str
    channels: tuple[str, ...] = ()
    priority: Literal["low", "normal", "high"] = "normal"
    trigger: Trigger = "story"
    follow_up: tuple[News, ...] = ("sources", "country", "number", "tier")
    further_sources: int = Field(5, ge=1, le=1000)
    window: Duration = timedelta(hours=24)
    wait: Duration = timedelta(0)
    every: Duration = timedelta(0)
    group_by: GroupBy = "story"
    quiet: str = ""
    schedule: str = ""
    send_empty: bool = False
    silent_for: Duration = timedelta(0)
    within: Duration = timedelta(hours=2)
    at_least: int = Field(5, ge=2, le=100_000)
    chance: float = Field(0.001, gt=0, lt=1)
    inhibited_by: tuple[str, ...] = ()
    per_hour: int = Field(20, ge=1, le=1000)
    note: str = ""
    enabled: bool = True
    should_match: tuple[str, ...] = ()
    should_not_match: tuple[str, ...] = ()

    @field_validator("quiet")
    @classmethod
    def _quiet(cls, written: str) -> str:
        if written:
            quiet_hours(written)
        return written

    @field_validator("schedule")
    @classmethod
    def _schedule(cls, written: str) -> str:
        if written:
            schedule(written)
        return written

    def faults(self) -> Iterator[TableFault]:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", self.name):
            yield ("name",), f"{self.name!r} is no name of a rule; write small letters, digits and hyphens, 64 at most"
        for key in sorted(self.model_fields_set & _OF_TRIGGER.keys()):
            if self.trigger not in _OF_TRIGGER[key]:
                wanted = " or ".join(f'"{trigger}"' for trigger in _OF_TRIGGER[key])
                yield (key,), f'{key} belongs to rules with trigger {wanted}; this one has "{self.trigger}"'
        if self.trigger == "digest" and not self.schedule:
            yield (), 'a digest needs a schedule, for example "0 7 * * mon-fri Europe/Berlin"'
        if self.trigger == "silence-of" and self.silent_for < timedelta(minutes=1):
            yield ("silent_for",), 'trigger "silence-of" needs silent_for, for example "6h"'
        if not timedelta(minutes=1) <= self.within <= timedelta(days=7):
            yield ("within",), "within must be between 1m and 7d"
        for key, length in (("wait", self.wait), ("every", self.every)):
            if length > timedelta(days=30):
                yield (key,), f"wait and every may be 30d at most; {key} is {show_duration(length)}"


class EmailChannel(Table):
    """Mail over SMTP. Encryption is ``starttls`` unless said otherwise."""

    type: Literal["email"]
    host: str
    port: int = Field(587, ge=1, le=65535)
    encryption: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: Secret | None = None
    sender: str
    recipients: tuple[str, ...] = Field(min_length=1)
    rate: Rate | None = None
    enabled: bool = True

    def faults(self) -> Iterator[TableFault]:
        if not self.host.strip() or "/" in self.host or ":" in self.host:
            yield ("host",), f'{self.host!r} is no name of a server; write for example "mail.example.org"'
        places = [(("sender",), self.sender)]
        for place, mailbox in [*places, *((("recipients", at), each) for at, each in enumerate(self.recipients))]:
            if mail_address(mailbox) is None:
                yield place, f'{mailbox!r} is no mail address; write for example "desk@example.org"'
        if self.username is not None and self.encryption == "none":
            yield ("encryption",), "a password is never sent in the clear; encryption must be starttls or tls"
        if (self.username is None) != (self.password is None):
            yield (), "username and password are needed together"


class WebhookChannel(Table):
    """JSON signed as Standard Webhooks 1.0; ``previous_secret`` signs too while receivers change over."""

    type: Literal["webhook"]
    url: Address
    secret: Secret | None = None
    previous_secret: Secret | None = None
    rate: Rate | None = None
    enabled: bool = True

    def faults(self) -> Iterator[TableFault]:
        yield from _of_address("url", self.url)


class ChatChannel(Table):
    """An incoming webhook of a chat service; its address is the secret."""

    type: Literal["slack", "teams", "discord", "mattermost"]
    url: Address
    rate: Rate | None = None
    enabled: bool = True

    def faults(self) -> Iterator[TableFault]:
        yield from _of_address("url", self.url)


class AppriseChannel(Table):
    """Any service that Apprise knows; its address is the secret."""

    type: Literal["apprise"]
    url: Secret
    deadline: Duration = timedelta(seconds=20)
    rate: Rate | None = None
    enabled: bool = True


class CommandChannel(Table):
    """A local program that takes the alert as JSON on standard input."""

    type: Literal["command"]
    argv: tuple[str, ...] = Field(min_length=1)
    deadline: Duration = timedelta(seconds=20)
    rate: Rate | None = None
    enabled: bool = True


Channel = Annotated[
    EmailChannel | WebhookChannel | ChatChannel | AppriseChannel | CommandChannel, Field(discriminator="type")
]


class ServiceSettings(Table):
    """The health and metrics endpoint of the daemon; an empty ``listen`` turns it off.

    ``heartbeat`` is an address that is told every ``every`` that all is well, and nothing otherwise.
    ``address`` is where readers reach ``/feedback`` of that endpoint; ``feedback_key`` signs its links.
    """

    listen: str = "127.0.0.1:8480"
    heartbeat: Address | None = None
    every: Duration = timedelta(minutes=5)
    address: str = ""
    feedback_key: Secret | None = None

    def faults(self) -> Iterator[TableFault]:
        if bool(self.address) != (self.feedback_key is not None):
            yield (), "address and feedback_key are needed together"
        if self.address:
            yield from _of_address("address", self.address)
        if self.every < timedelta(seconds=1):
            yield ("every",), "must be 1s at least"
        yield from _of_address("heartbeat", self.heartbeat)


_ABSENT: Any = Field(default_factory=dict, validate_default=True)
"""A table that is not there is an empty one: to make its defaults here would build a validator for it alone."""


class Settings(Table):
    """The whole configuration. ``path`` is the file that it was read from; ``base`` what relative paths start from."""

    storage: StorageSettings = _ABSENT
    fetch: FetchSettings = _ABSENT
    polling: PollingSettings = _ABSENT
    sandbox: SandboxSettings = _ABSENT
    service: ServiceSettings = _ABSENT
    groups: dict[str, GroupSettings] = Field(default_factory=dict)
    feeds: tuple[FeedSettings, ...] = ()
    topics: TopicsSettings = _ABSENT
    queries: dict[str, str] = Field(default_factory=dict)
    rules: tuple[RuleSettings, ...] = ()
    channels: dict[str, Channel] = Field(default_factory=dict)
    operators: tuple[str, ...] = ()
    path: Path | None = Field(None, exclude=True)

    @property
    def base(self) -> Path:
        """The folder of the configuration file, or the working directory."""
        return self.path.parent if self.path else Path.cwd()
