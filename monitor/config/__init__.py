"""Reads ``config.toml``: every fault with file and line, what is wrong and what would be right."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli

from monitor.errors import ConfigError

if TYPE_CHECKING:  # pydantic and the tables made with it cost a tenth of a second, which reading commands do without
    from monitor.config.reading import Reading
    from monitor.config.settings import Secret, Settings

__all__ = [
    "Settings",
    "database_url",
    "find_config",
    "load_settings",
    "parse_settings",
    "read",
    "read_file",
    "read_secret",
    "sound",
    "stored_at",
    "topics_in",
    "topics_of",
]

_OF_ALL_TOPICS = ("pack", "disable")
PLACES = ("./config.toml", "/etc/monitor/config.toml")


def __getattr__(name: str) -> Any:
    if name == "Settings":
        from monitor.config.settings import Settings

        return Settings
    raise AttributeError(name)


def _is_file(path: Path) -> bool:
    """As ``Path.is_file``; what may not be looked at, such as ./config.toml in another user's folder, is not there."""
    try:
        return path.is_file()
    except OSError:
        return False


def find_config(given: str | None) -> Path:
    """The configuration file: ``given``, else ``$MONITOR_CONFIG``, ``./config.toml``, ``/etc/monitor/config.toml``.

    :raises ConfigError: none of them is there.
    """
    wanted = given or os.environ.get("MONITOR_CONFIG")
    if wanted:
        path = Path(wanted)
        if not _is_file(path):
            raise ConfigError(f"{wanted}: no such configuration file")
        return path
    for place in PLACES:
        if _is_file(Path(place)):
            return Path(place)
    raise ConfigError(f"no configuration: looked for {' and '.join(PLACES)}; name one with --config FILE")


def load_settings(path: Path) -> Settings:
    """The settings of one file.

    :raises ConfigError: with one line for each fault.
    """
    return sound(read_file(path))


def read_file(path: Path) -> Reading:
    """As ``read``, of a file.

    :raises ConfigError: it cannot be read, or is no text.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise ConfigError(f"{path}: cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        line = path.read_bytes()[: problem.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text") from None
    return read(text, path)


def parse_settings(text: str, path: Path) -> Settings:
    """As ``load_settings``, for a text in hand."""
    return sound(read(text, path))


def sound(reading: Reading) -> Settings:
    """The settings of a reading.

    :raises ConfigError: it has faults; one line for each.
    """
    if reading.faults:
        raise ConfigError("\n".join(reading.told()))
    return reading.settings


def read(text: str, path: Path) -> Reading:
    """All that is wrong with a configuration, and what of it is sound."""
    from monitor.config.reading import read as look

    return look(text, path)


def read_secret(secret: Secret, settings: Settings) -> str:
    """The words of a secret's file, without the line end.

    :raises ConfigError: it is not there, empty, or other users may read it.
    """
    places = [
        Path(folder) / secret.file for folder in (os.environ.get("CREDENTIALS_DIRECTORY"), settings.base) if folder
    ]
    path = next((place for place in places if _is_file(place)), None)
    if path is None:
        raise ConfigError(f"secret file {secret.file!r} is not there; looked in {' and '.join(map(str, places))}")
    try:
        value = path.read_text(encoding="utf-8").strip("\r\n")
        mode = path.stat().st_mode
    except OSError as problem:
        raise ConfigError(f"secret file {path}: {problem.strerror}") from None
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise ConfigError(f"secret file {path} may be read by others; run: chmod 600 {path}")
    if not value:
        raise ConfigError(f"secret file {path} is empty")
    return value


def database_url(settings: Settings) -> str:
    """The database's address; a relative path stands below ``$STATE_DIRECTORY``, else beside the configuration file."""
    return _placed(settings.storage.url, settings.base)


def stored_at(path: Path) -> str | None:
    """The address of the database of a configuration file, of which nothing else is looked at.

    ``None`` where the file cannot be read so far: ``load_settings`` says why.
    """
    try:
        url = tomli.loads(path.read_text(encoding="utf-8")).get("storage", {}).get("url", "monitor.db")
    except (OSError, ValueError, AttributeError):
        return None
    return _placed(url, path.parent) if isinstance(url, str) else None


def topics_of(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The ``[topics]`` of a file as `TopicsSettings` takes them: what is said of all, and the tables of ``own``."""
    known = {key: tables[key] for key in _OF_ALL_TOPICS if key in tables}
    return known | {"own": {key: value for key, value in tables.items() if key not in _OF_ALL_TOPICS}}


def topics_in(path: Path) -> tuple[dict[str, Any], dict[str, str]] | None:
    """The ``[topics]``, as `topics_of`, and the ``[queries]`` of a file, of which nothing else is looked at.

    ``None`` where they cannot be read so far: ``load_settings`` says why.
    """
    try:
        data = tomli.loads(path.read_text(encoding="utf-8"))
        topics, queries = topics_of({"pack": True, "disable": [], **data.get("topics", {})}), data.get("queries", {})
        texts = [*topics["disable"], *queries.values()]
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    sound = isinstance(topics["pack"], bool) and isinstance(topics["disable"], list)
    return (topics, queries) if sound and all(isinstance(text, str) for text in texts) else None


def _placed(url: str, beside: Path) -> str:
    if "://" in url:
        return url
    base = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return str((Path(base) if base else beside) / url)
