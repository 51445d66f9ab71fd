"""One reading of a configuration file: all that is wrong with it, and what of it is sound.

The sound part is looked at further, by what knows queries, secrets and channels: so one run tells all faults.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import tomli
from pydantic import ValidationError

from monitor.config import topics_of
from monitor.config.lines import LineMap
from monitor.config.lines import Path as KeyPath
from monitor.config.settings import Settings, Table
from monitor.config.wording import fault_of, named, near, written

_ROWS = ("feeds", "rules")
_SYNTAX_FAULTS = 10
_RIGHT = {
    "Invalid value": "texts stand in quotation marks, true and false are written small",
    "Expected '=' after a key": "write key = value; a table is [name]",
    "Cannot overwrite a value": "the key stands twice",
    "twice": "put the keys of both together",
    "Unclosed array": "a list ends with ]",
    "Expected newline or end of document": "one key a line",
}


_STAND_INS: dict[str, Any] = {
    "name": "",
    "url": "https://stand-in.example/",
    "query": "unwritten",
    "host": "stand-in.example",
    "sender": "stand-in@stand-in.example",
    "recipients": ["stand-in@stand-in.example"],
    "argv": ["true"],
}


class Fault(NamedTuple):
    """``line`` counts from 1; ``said`` is what is wrong and what would be right."""

    line: int
    said: str


@dataclass(frozen=True, slots=True)
class Reading:
    """``settings`` are of the sound part; ``faults`` what is wrong with the rest, in the order of the file.

    ``data`` is the whole, faults included; ``rows`` say which of its feeds and rules are the sound ones.
    """

    path: Path
    data: Mapping[str, Any]
    settings: Settings
    faults: tuple[Fault, ...]
    lines: LineMap
    rows: Mapping[str, list[int]]

    def line_of(self, *path: str | int) -> int:
        """The line of a key of ``settings``, such as ``"feeds", 3, "url"``."""
        return self.lines.line_of(self.written(*path))

    def written(self, *path: str | int) -> KeyPath:
        """Where a key of ``settings`` stands in ``data``."""
        if len(path) > 1 and isinstance(path[1], int) and (rows := self.rows.get(str(path[0]))):
            return (path[0], rows[path[1]], *path[2:])
        return path

    def told(self, more: Iterable[Fault] = ()) -> list[str]:
        """Its faults and ``more``, each with file and line, in the order of the file."""
        return [f"{self.path}:{line}: {said}" for line, said in sorted({*self.faults, *more})]


def read(text: str, path: Path) -> Reading:
    """Look at a configuration. Nothing is raised: what is faulty is among ``Reading.faults``."""
    data, faults, sound_text = _parsed(text)
    if isinstance(topics := data.get("topics"), dict):
        data["topics"] = topics_of(topics)
    lines = LineMap(sound_text)
    sieve = _Sieve(data, path)
    while (settings := sieve.settings()) is None:
        pass
    faults += [Fault(lines.line_of(_in_file(place)), said) for place, said in sieve.faults]
    reading = Reading(path, data, settings, tuple(faults), lines, {key: [*rows] for key, rows in sieve.rows.items()})
    every = sorted({*faults, *_in_tables(reading, sieve.out), *_between_tables(reading)})
    return Reading(path, data, settings, tuple(every), lines, reading.rows)


def _in_file(place: KeyPath) -> KeyPath:
    return (place[0], *place[2:]) if place[:2] == ("topics", "own") else place


def _parsed(text: str) -> tuple[dict[str, Any], list[Fault], str]:
    """What a text says, without the lines that are no TOML; of a text of which no part can be told from it, nothing."""
    lines = text.split("\n")
    faults: list[Fault] = []
    while True:
        try:
            return tomli.loads("\n".join(lines)), faults, "\n".join(lines)
        except tomli.TOMLDecodeError as problem:
            said = str(problem)
        found = re.search(r"\(at line (\d+)", said)
        number = int(found[1]) if found else len(lines)
        right = next((right for wrong, right in _RIGHT.items() if wrong in said), "")
        faults.append(Fault(number, f"not valid TOML: {said}" + (f"; {right}" if right else "")))
        if len(faults) > _SYNTAX_FAULTS or not lines[number - 1].strip():
            return {}, faults[:1], ""  # what follows the first comes of it
        lines[number - 1] = ""


class _Sieve:
    """Takes out of a configuration what the validator refuses, until it refuses nothing."""

    def __init__(self, data: Mapping[str, Any], path: Path) -> None:
        self._whole, self._path = data, path
        self._kept: dict[str, Any] = dict(data)
        self.rows: dict[str, dict[int, Any]] = {
            key: dict(enumerate(data[key])) for key in _ROWS if isinstance(data.get(key), list)
        }
        self.out: set[KeyPath] = set()
        self._stood_in: set[KeyPath] = set()
        self.faults: list[tuple[KeyPath, str]] = []

    def settings(self) -> Settings | None:
        """The settings, or ``None`` after another round of taking out."""
        now = self._kept | {key: list(rows.values()) for key, rows in self.rows.items()}
        try:
            return Settings.model_validate({**now, "path": self._path})
        except ValidationError as problem:
            errors = problem.errors()
        out: set[KeyPath] = set()
        for error in errors:
            place = self._original(written(error, now))
            again = {**error, "loc": place}
            if error["type"] != "missing":
                self.faults.append(fault_of(again, self._whole))
                out.add(place)
                continue
            if place not in self.out:
                self.faults.append(fault_of(again, self._whole))
            if place[-1] in _STAND_INS and place not in self._stood_in:
                self._stand_in(place)
            else:
                out.add(place[:-1])
        before = self._kept, {key: dict(rows) for key, rows in self.rows.items()}
        for place in sorted(out, key=len):
            self._take_out(place)
        if out and before == (self._kept, self.rows):  # each round takes out something, or there were no last one
            self._take_out(min(out)[:1])
        self.out |= out
        return None

    def _stand_in(self, place: KeyPath) -> None:
        """Put something in the place of what is missing, so that the rest of its table is looked at too."""
        self._stood_in.add(place)
        value = _STAND_INS[str(place[-1])]
        if place[0] in self.rows:
            row = self.rows[str(place[0])]
            number = int(place[1])
            unique = f"{number + 1}" if place[-1] == "name" else f"{value}{number + 1}"
            row[number] = {**row[number], place[-1]: unique}
        else:
            self._kept = _with(self._kept, place, value)

    def _original(self, place: KeyPath) -> KeyPath:
        if len(place) > 1 and isinstance(place[1], int) and place[0] in self.rows:
            return (place[0], list(self.rows[str(place[0])])[place[1]], *place[2:])
        return place

    def _take_out(self, place: KeyPath) -> None:
        """Take out the key at ``place``, of a list within a table the whole list."""
        if place[0] in self.rows and len(place) > 1 and isinstance(place[1], int):
            rows, row = self.rows[str(place[0])], place[1]
            rows[row] = _without(rows.get(row), place[2:])
            if rows[row] is None:
                del rows[row]
            return
        self.rows.pop(str(place[0]), None)
        self._kept = _without(self._kept, place) or {}


def _with(table: Any, place: KeyPath, value: Any) -> Any:
    """A copy of ``table`` with ``value`` at ``place``."""
    if not place:
        return value
    return {**table, place[0]: _with(table.get(place[0], {}), place[1:], value)}


def _without(table: Any, place: KeyPath) -> Any:
    """A copy of ``table`` without what stands at ``place``; ``None`` where that is all of it."""
    if not place or isinstance(place[0], int) or not isinstance(table, dict):
        return None
    if place[0] not in table:
        return table
    inner = _without(table[place[0]], place[1:])
    rest = {key: value for key, value in table.items() if key != place[0]}
    return rest if inner is None else {**rest, place[0]: inner}


def _in_tables(reading: Reading, out: Collection[KeyPath]) -> Iterator[Fault]:
    """What the tables themselves find, but for what comes of keys that were taken ``out``."""
    for place, table in _tables((), reading.settings):
        gone = {str(path[-1]) for path in out if path[:-1] == reading.written(*place)}
        for inner, said in table.faults():
            path = (*place, *inner)
            if not any(re.search(rf"\b{re.escape(key)}\b", said) for key in gone):
                yield Fault(reading.line_of(*path), f"{named(reading.written(*path), reading.data)}: {said}")


def _tables(place: KeyPath, value: Any) -> Iterator[tuple[KeyPath, Table]]:
    if isinstance(value, Table):
        yield place, value
        for key in type(value).model_fields:
            yield from _tables((*place, key), getattr(value, key))
    elif isinstance(value, tuple | dict):
        named_or_numbered: dict[Any, Any] = value if isinstance(value, dict) else dict(enumerate(value))
        for part, each in named_or_numbered.items():
            yield from _tables((*place, part), each)


def _between_tables(reading: Reading) -> Iterator[Fault]:
    """Names that do not exist, and things told twice. Also what is faulty itself has its name."""
    settings, data = reading.settings, reading.data
    told: dict[tuple[str, str], int] = {}
    groups = ["default", *_names(data.get("groups"))]
    channels, rules = _names(data.get("channels")), _names(data.get("rules"))
    for index, feed in enumerate(settings.feeds):
        for key, value in (("url", feed.url), ("name", feed.name)):
            line = reading.line_of("feeds", index, key)
            if (key, value) in told:
                yield Fault(line, f"feed with {key} {value!r} stands already in line {told[key, value]}")
            told.setdefault((key, value), line)
        if feed.group not in groups:
            line = reading.line_of("feeds", index, "group")
            yield Fault(line, _unknown(f"feeds.{feed.name}.group", feed.group, groups))
    for index, rule in enumerate(settings.rules):
        line = reading.line_of("rules", index, "name")
        if ("rule", rule.name) in told:
            yield Fault(line, f"rule {rule.name!r} stands already in line {told['rule', rule.name]}")
        told.setdefault(("rule", rule.name), line)
        others = [name for name in rules if name != rule.name]
        for key, names, known in (("inhibited_by", rule.inhibited_by, others), ("channels", rule.channels, channels)):
            for at, name in enumerate(names):
                if name not in known:
                    line = reading.line_of("rules", index, key, at)
                    yield Fault(line, _unknown(f"rules.{rule.name}.{key}", name, known))
    for at, name in enumerate(settings.operators):
        if name not in channels:
            yield Fault(reading.line_of("operators", at), _unknown("operators", name, channels))


def _names(tables: Any) -> list[str]:
    if isinstance(tables, dict):
        return list(tables)
    rows = tables if isinstance(tables, list) else []
    return [row["name"] for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)]


def _unknown(where: str, name: str, known: Iterable[str]) -> str:
    return f"{where}: there is no {name!r}{near(name, known)}"
