"""What ``config.toml`` may say, with every default. One class a table; unknown keys are refused.

The comments of the shipped ``config.toml`` are the manual of these fields.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.config.units import Duration, Size


class Table(BaseModel):
    """Base of all tables: immutable, strict about names."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


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


class RuleSettings(Table):
    """One ``[[rules]]``: whom to tell of what."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    query: str
    channels: tuple[str, ...] = ()
    priority: Literal["low", "normal", "high"] = "normal"
    once_per: Literal["story", "article"] = "story"
    window: Duration = timedelta(hours=24)
    per_hour: int = Field(20, ge=1, le=1000)
    note: str = ""
    enabled: bool = True
    should_match: tuple[str, ...] = ()
    should_not_match: tuple[str, ...] = ()


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
    enabled: bool = True


class WebhookChannel(Table):
    """JSON signed as Standard Webhooks 1.0; ``previous_secret`` signs too while receivers change over."""

    type: Literal["webhook"]
    url: str | Secret
    secret: Secret | None = None
    previous_secret: Secret | None = None
    enabled: bool = True


class ChatChannel(Table):
    """An incoming webhook of a chat service; its address is the secret."""

    type: Literal["slack", "teams", "discord", "mattermost"]
    url: str | Secret
    enabled: bool = True


class CommandChannel(Table):
    """A local program that takes the alert as JSON on standard input."""

    type: Literal["command"]
    argv: tuple[str, ...] = Field(min_length=1)
    deadline: Duration = timedelta(seconds=20)
    enabled: bool = True


Channel = Annotated[EmailChannel | WebhookChannel | ChatChannel | CommandChannel, Field(discriminator="type")]


class ServiceSettings(Table):
    """The health and metrics endpoint of the daemon; an empty ``listen`` turns it off."""

    listen: str = "127.0.0.1:8480"


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
