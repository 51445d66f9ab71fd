"""Reads ``config.toml``: every fault with file and line, what is wrong and what would be right."""

from __future__ import annotations

import difflib
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from monitor.errors import ConfigError

if TYPE_CHECKING:  # pydantic and the tables made with it cost a tenth of a second, which reading commands do without
    from monitor.config.lines import LineMap
    from monitor.config.settings import Secret, Settings

__all__ = ["Settings", "database_url", "find_config", "load_settings", "parse_settings", "read_secret", "stored_at"]

PLACES = ("./config.toml", "/etc/monitor/config.toml")
_TOPIC_TABLE_KEYS = ("pack", "disable")


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
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise ConfigError(f"{path}: cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        line = path.read_bytes()[: problem.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text") from None
    return parse_settings(text, path)


def parse_settings(text: str, path: Path) -> Settings:
    """As ``load_settings``, for a text in hand."""
    from pydantic import ValidationError

    from monitor.config.lines import LineMap
    from monitor.config.settings import Settings

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigError(f"{path}:{_line_in(str(problem))}: not valid TOML: {problem}") from None
    if isinstance(topics := data.get("topics"), dict):
        data["topics"] = {key: topics[key] for key in _TOPIC_TABLE_KEYS if key in topics} | {
            "own": {key: value for key, value in topics.items() if key not in _TOPIC_TABLE_KEYS}
        }
    lines = LineMap(text)
    try:
        settings = Settings.model_validate({**data, "path": path})
    except ValidationError as problem:
        faults = sorted({_fault(error, data, lines) for error in problem.errors()})
        raise ConfigError("\n".join(f"{path}:{line}: {said}" for line, said in faults)) from None
    if faults := sorted(_cross_faults(settings, lines)):
        raise ConfigError("\n".join(f"{path}:{line}: {said}" for line, said in faults))
    return settings


def _line_in(problem: str) -> int:
    words = problem.replace(",", " ").split()
    return int(words[words.index("line") + 1]) if "line" in words else 1


def _fault(error: Mapping[str, Any], data: Mapping[str, Any], lines: LineMap) -> tuple[int, str]:
    path = _written(error["loc"], data)
    shown = _named(path, data) or "the file"
    line = lines.line_of(tuple(part for part in path if part != "own"))
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _known_keys(path[:-1]), 1, 0.5)
        return line, f"unknown key {shown!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    said = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if error["type"] == "missing":
        return line, f"{_named(path[:-1], data)}: {str(path[-1])!r} is missing"
    return line, f"{shown}: {said}"


def _named(path: tuple[str | int, ...], data: Mapping[str, Any]) -> str:
    """``path`` for people: an entry of a list by its name, where it has one."""
    here: Any = data
    words: list[str] = []
    for part in path:
        known = isinstance(here, list | dict) and (part in here or (isinstance(part, int) and part < len(here)))
        here = here[part] if known else None
        name = here.get("name") if isinstance(part, int) and isinstance(here, dict) else None
        words.append(name if isinstance(name, str) and name else str(part))
    return ".".join(words)


def _written(location: tuple[str | int, ...], data: Mapping[str, Any]) -> tuple[str | int, ...]:
    """The part of pydantic's location that stands in the file: tags of unions are left out."""
    here: Any = data
    path: list[str | int] = []
    for index, part in enumerate(location):
        last = index == len(location) - 1
        if isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        elif isinstance(here, dict) and (part in here or last):
            here = here.get(part)
        else:
            continue
        path.append(part)
    return tuple(path)


def _known_keys(path: tuple[str | int, ...]) -> list[str]:
    """The keys that may stand below ``path``."""
    from monitor.config.settings import Settings

    kinds: list[Any] = [Settings]
    for part in path:
        if isinstance(part, int):
            continue
        kinds = [inner for kind in kinds for inner in _models(_annotation(kind, part))]
    return [key for kind in kinds for key in getattr(kind, "model_fields", {})]


def _annotation(kind: Any, part: str) -> Any:
    fields = getattr(kind, "model_fields", {})
    return fields[part].annotation if part in fields else kind


def _models(annotation: Any) -> Iterator[Any]:
    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _cross_faults(settings: Settings, lines: LineMap) -> Iterator[tuple[int, str]]:
    """Faults between tables: names that do not exist, and things told twice."""
    urls: dict[str, int] = {}
    names: dict[str, int] = {}
    for index, feed in enumerate(settings.feeds):
        line = lines.line_of(("feeds", index, "url"))
        if not feed.url.lower().startswith(("http://", "https://")):
            yield line, f"feeds.{feed.name}.url: {feed.url!r} is no http or https address"
        for told, said, value in ((urls, "url", feed.url), (names, "name", feed.name)):
            if value in told:
                yield line, f"feed with {said} {value!r} stands already in line {told[value]}"
            told[value] = line
        if feed.group != "default" and feed.group not in settings.groups:
            yield line, _unknown(f"feeds.{feed.name}.group", feed.group, settings.groups)
    rules: set[str] = set()
    for index, rule in enumerate(settings.rules):
        line = lines.line_of(("rules", index, "name"))
        if rule.name in rules:
            yield line, f"rule {rule.name!r} stands twice"
        rules.add(rule.name)
        for other in rule.inhibited_by:
            if other == rule.name or other not in {each.name for each in settings.rules}:
                known = [each.name for each in settings.rules if each.name != rule.name]
                where = f"rules.{rule.name}.inhibited_by"
                yield lines.line_of(("rules", index, "inhibited_by")), _unknown(where, other, dict.fromkeys(known))
        for channel in rule.channels:
            if channel not in settings.channels:
                yield (
                    lines.line_of(("rules", index, "channels")),
                    _unknown(f"rules.{rule.name}.channels", channel, settings.channels),
                )
    for channel in settings.operators:
        if channel not in settings.channels:
            yield lines.line_of(("operators",)), _unknown("operators", channel, settings.channels)


def _unknown(where: str, name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known) or 'none'}"
    return f"{where}: there is no {name!r}{hint}"


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
        url = tomllib.loads(path.read_text(encoding="utf-8")).get("storage", {}).get("url", "monitor.db")
    except (OSError, ValueError, AttributeError):
        return None
    return _placed(url, path.parent) if isinstance(url, str) else None


def _placed(url: str, beside: Path) -> str:
    if "://" in url:
        return url
    base = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return str((Path(base) if base else beside) / url)
