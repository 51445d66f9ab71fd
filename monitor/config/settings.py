"""What ``config.toml`` may say, with every default. One class a table; unknown keys are refused.

The comments of the shipped ``config.toml`` are the manual of these fields.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from monitor.config.units import Duration, Rate, Size
from monitor.core.alerts.times import quiet_hours, schedule
from monitor.model import GroupBy, News, Trigger


class Table(BaseModel):
    """Base of all tables: immutable, strict about names."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)


class Secret(Table):
    """A secret in a file: an absolute path, or a name in ``$CREDENTIALS_DIRECTORY`` or beside the configuration."""

    file: str


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

    @model_validator(mode="after")
    def _ordered(self) -> PollingSettings:
        if not timedelta(seconds=1) <= self.least <= self.initial <= self.most <= timedelta(days=30):
            raise ValueError("polling needs 1s <= least <= initial <= most <= 30d")
        return self


class SandboxSettings(Table):
    """The killable workers that open untrusted bytes."""

    workers: int = Field(2, ge=1, le=64)
    deadline: Duration = timedelta(seconds=10)
    memory: Size = 768_000_000


class GroupSettings(Table):
    """What the feeds of a group share; a feed's own words win."""

    least: Duration | None = None
    most: Duration | None = None
    fetch_pages: bool = True


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

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
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

    @model_validator(mode="after")
    def _fits_its_trigger(self) -> RuleSettings:
        for key in sorted(self.model_fields_set & _OF_TRIGGER.keys()):
            if self.trigger not in _OF_TRIGGER[key]:
                wanted = " or ".join(f'"{trigger}"' for trigger in _OF_TRIGGER[key])
                raise ValueError(f'{key} belongs to rules with trigger {wanted}; this one has "{self.trigger}"')
        if self.trigger == "digest" and not self.schedule:
            raise ValueError('a digest needs a schedule, for example "0 7 * * mon-fri Europe/Berlin"')
        if self.trigger == "silence-of" and self.silent_for < timedelta(minutes=1):
            raise ValueError('trigger "silence-of" needs silent_for, for example "6h"')
        if not timedelta(minutes=1) <= self.within <= timedelta(days=7):
            raise ValueError("within must be between 1m and 7d")
        if max(self.wait, self.every) > timedelta(days=30):
            raise ValueError("wait and every may be 30d at most")
        return self


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


class WebhookChannel(Table):
    """JSON signed as Standard Webhooks 1.0; ``previous_secret`` signs too while receivers change over."""

    type: Literal["webhook"]
    url: str | Secret
    secret: Secret | None = None
    previous_secret: Secret | None = None
    rate: Rate | None = None
    enabled: bool = True


class ChatChannel(Table):
    """An incoming webhook of a chat service; its address is the secret."""

    type: Literal["slack", "teams", "discord", "mattermost"]
    url: str | Secret
    rate: Rate | None = None
    enabled: bool = True


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
    heartbeat: str | Secret | None = None
    every: Duration = timedelta(minutes=5)
    address: str = ""
    feedback_key: Secret | None = None

    @model_validator(mode="after")
    def _seldom(self) -> ServiceSettings:
        if bool(self.address) != (self.feedback_key is not None):
            raise ValueError("service.address and service.feedback_key are needed together")
        if self.address and not self.address.lower().startswith(("http://", "https://")):
            raise ValueError("service.address must be an http or https address")
        if self.every < timedelta(seconds=1):
            raise ValueError("service.every must be 1s at least")
        if isinstance(self.heartbeat, str) and not self.heartbeat.lower().startswith(("http://", "https://")):
            raise ValueError("service.heartbeat must be an http or https address")
        return self


class Settings(Table):
    """The whole configuration. ``path`` is the file that it was read from; ``base`` what relative paths start from."""

    storage: StorageSettings = StorageSettings()
    fetch: FetchSettings = FetchSettings()
    polling: PollingSettings = PollingSettings()
    sandbox: SandboxSettings = SandboxSettings()
    service: ServiceSettings = ServiceSettings()
    groups: dict[str, GroupSettings] = Field(default_factory=dict)
    feeds: tuple[FeedSettings, ...] = ()
    topics: TopicsSettings = TopicsSettings()
    queries: dict[str, str] = Field(default_factory=dict)
    rules: tuple[RuleSettings, ...] = ()
    channels: dict[str, Channel] = Field(default_factory=dict)
    operators: tuple[str, ...] = ()
    path: Path | None = Field(None, exclude=True)

    @property
    def base(self) -> Path:
        """The folder of the configuration file, or the working directory."""
        return self.path.parent if self.path else Path.cwd()
