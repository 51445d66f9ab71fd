"""What the commands share: the configuration, the database, options, times as people give them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import click

from monitor.cli.output import FORMATS
from monitor.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.config import Settings
    from monitor.config.reading import Reading
    from monitor.sandboxed import TopicSources
    from monitor.storage.engine import Database

F = TypeVar("F", bound=Callable[..., Any])

CENTURY = timedelta(days=36_525)
FAR = 10**9
"""A limit that nothing reaches."""


class Desk:
    """The configuration and the database of one command, opened when they are first used."""

    def __init__(self, config: str | None, db: str | None, verbose: int) -> None:
        self._config, self._url, self.verbose = config, db, verbose

    @cached_property
    def reading(self) -> Reading:
        """The configuration with all its faults. With ``--db`` alone a command needs no file: then it is the default.

        :raises ConfigError: there is none, or it cannot be read.
        """
        from monitor.config import read, read_file

        if self._path is not None:
            return read_file(self._path)
        from pathlib import Path

        return read("", Path("config.toml"))

    @cached_property
    def _path(self) -> Path | None:
        """The configuration file; ``None`` where there is none and ``--db`` names the database.

        :raises ConfigError: none is there.
        """
        from monitor.config import find_config
        from monitor.errors import ConfigError

        try:
            return find_config(self._config)
        except ConfigError:
            if self._url is None or self._config is not None:
                raise
            return None

    @cached_property
    def settings(self) -> Settings:
        """The configuration.

        :raises ConfigError: it has faults; their lines.
        """
        from monitor.config import sound

        return sound(self.reading)

    @cached_property
    def topics(self) -> TopicSources:
        """Where topics come from. For them alone the rest of the configuration is not checked.

        :raises ConfigError: there is none, or its topics cannot be read.
        """
        from monitor.config import topics_in
        from monitor.sandboxed import TopicSources

        if "settings" not in vars(self) and (path := self._path) and (found := topics_in(path)):
            topics, names = found
            return TopicSources(topics["pack"], tuple(topics["disable"]), topics["own"], names, str(path))
        told, place = self.settings.topics, str(self.settings.path or "config.toml")
        return TopicSources(told.pack, told.disable, told.own, self.settings.queries, place)

    @cached_property
    def url(self) -> str:
        """The database's address. For it alone the configuration is not checked: a fault in it stops no search."""
        if self._url:
            return self._url
        from monitor.config import database_url, find_config, stored_at

        if "reading" in vars(self) and not self.reading.faults:  # a long configuration takes a while to read again
            return database_url(self.settings)
        return stored_at(find_config(self._config)) or database_url(self.settings)

    @cached_property
    def db(self) -> Database:
        """The database, which must be there; closed when the command ends."""
        return self.open_database()

    def open_database(self, *, create: bool = False, check: bool = False) -> Database:
        """Open it; with ``create`` make it where there has never been one, and the folder that it stands in."""
        from pathlib import Path

        from monitor.storage.engine import Database

        folder = Path(self.url).parent
        if create and "://" not in self.url and folder.parent.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
        database = Database.open(self.url, create=create, check=check)
        click.get_current_context().call_on_close(database.close)
        return database


def desk_options(command: F) -> F:
    """``-c``, ``--db`` and ``-v``, which may stand before or behind the command's name; gives ``desk``."""
    from functools import wraps

    @click.option("-c", "--config", metavar="FILE", help="The configuration file.")
    @click.option("--db", metavar="URL", help="Another database than the configuration's.")
    @click.option("-v", "--verbose", count=True, help="Tell more on standard error.")
    @wraps(command)
    def with_desk(config: str | None, db: str | None, verbose: int, **given: Any) -> Any:
        before: dict[str, Any] = click.get_current_context().find_root().obj or {}
        desk = Desk(config or before.get("config"), db or before.get("db"), verbose + (before.get("verbose") or 0))
        return command(desk=desk, **given)

    return with_desk  # type: ignore[return-value]


def format_option(command: F) -> F:
    """``--format``; gives ``form``."""
    return click.option(
        "--format", "form", type=click.Choice(FORMATS), help="Default: a table on a terminal, JSON lines in a pipe."
    )(command)


def query_argument(command: F) -> F:
    """``QUERY``, which may be left out; gives ``query``. Words without quotation marks would lose their meaning."""

    def one(ctx: click.Context, _: click.Parameter, words: tuple[str, ...]) -> str | None:
        if len(words) > 1:
            told = " ".join(words).replace("'", "'\\''")
            raise click.UsageError(f"a query of several words is one argument: '{told}'", ctx)
        return words[0] if words else None

    return click.argument("query", metavar="[QUERY]", nargs=-1, callback=one)(command)


class Whole(click.IntRange):
    """A number, and no larger than a database takes one: whatever is beyond that is as good as that."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        number: int = super().convert(value, param, ctx)
        return max(-(2**62), min(number, 2**62))


def limit_option(default: int) -> Callable[[F], F]:
    """``--limit``."""
    return click.option("--limit", type=Whole(1), default=default, show_default=True, help="At most so many.")


class Moment(click.ParamType[datetime]):
    """An ISO date or time, or an age such as ``7d`` or ``36h``."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            if found := re.fullmatch(r"(\d+)\s*([smhdw])", value.strip().lower()):
                unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[found[2]]
                return datetime.now(UTC) - timedelta(**{unit: int(found[1])})
            when = datetime.fromisoformat(value)
            return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time; write for example 7d, 36h, 2026-01-31 or 2026-01-31T08:00", param, ctx)


def span_options(command: F) -> F:
    """``--since`` and ``--until``; a span that ends before it begins is wrong use, for nothing can be in it."""
    from functools import wraps

    @click.option("--since", type=Moment(), help="From this time on, or an age: 7d, 36h, 2026-01-31.")
    @click.option("--until", type=Moment(), help="Before this time.")
    @wraps(command)
    def within(since: datetime | None, until: datetime | None, **given: Any) -> Any:
        if since and until and until < since:
            raise UsageError(f"--until {until:%Y-%m-%d %H:%M} UTC is before --since {since:%Y-%m-%d %H:%M} UTC")
        return command(since=since, until=until, **given)

    return within  # type: ignore[return-value]


def length_of(text: str) -> timedelta:
    """A duration such as ``2h``.

    :raises UsageError: it is none, or would end when calendars have no more years.
    """
    from monitor.config.units import parse_duration

    try:
        length = parse_duration(text)
    except ValueError as problem:
        raise UsageError(str(problem)) from None
    if length > CENTURY:
        raise UsageError(f"{text!r} is longer than a hundred years")
    return length


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)
