"""Where a key stands in a TOML text: ``tomllib`` tells values but no lines, which a fault needs."""

from __future__ import annotations

import re
from collections import Counter

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


class LineMap:
    """Maps key paths such as ``("feeds", 3, "url")`` to line numbers, counted from 1."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        tables: Counter[Path] = Counter()
        here: Path = ()
        quotes: str | None = None
        for number, line in enumerate(text.splitlines(), 1):
            if quotes:
                quotes = None if quotes in line else quotes
                continue
            if header := _HEADER.match(line):
                here = self._enter(_parts(header[2]), header[1] == "[[", tables)
                self._lines.setdefault(here, number)
            elif key := _KEY.match(line):
                self._lines.setdefault((*here, *_parts(key[1])), number)
                value = line[key.end() :]
                quotes = next((q for q in ('"""', "'''") if value.count(q) == 1), None)

    @staticmethod
    def _enter(parts: list[str], is_array: bool, tables: Counter[Path]) -> Path:
        path: Path = ()
        for depth, part in enumerate(parts):
            path = (*path, part)
            if is_array and depth == len(parts) - 1:
                tables[path] += 1
            if tables[path]:
                path = (*path, tables[path] - 1)
        return path

    def line_of(self, path: Path) -> int:
        """The line of ``path``, or of the nearest key around it that is written."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]
