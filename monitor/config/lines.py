"""Where a key stands in a TOML text: ``tomllib`` tells values but no lines, which a fault needs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

Path = tuple[str | int, ...]

_SIGN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'"
    r"|\#[^\n]*|\n|[^\S\n]+|[\[\]{}=,.]|[^\s\[\]{}=,.#\"']+|.",
    re.DOTALL,
)  # fmt: skip


class LineMap:
    """Maps key paths such as ``("feeds", 3, "url")`` to line numbers, counted from 1. Values of lists have theirs too.

    Of a text that is no TOML it may map anything, and ends.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._tables: Counter[Path] = Counter()
        self._left = _signs(text)
        self._sign, self._line = "", 1
        self._next()
        here: Path = ()
        while self._sign:
            if self._sign == "\n":
                self._next()
            elif self._sign == "[":
                here = self._header()
            else:
                self._pair(here)

    def _next(self) -> None:
        self._sign, self._line = next(self._left, ("", self._line))

    def _header(self) -> Path:
        line = self._line
        self._next()
        is_array = self._sign == "["
        if is_array:
            self._next()
        path: Path = ()
        parts = self._keys("]")
        for depth, part in enumerate(parts):
            path = (*path, part)
            if is_array and depth == len(parts) - 1:
                self._tables[path] += 1
                self._lines.setdefault(path, line)
            if self._tables[path]:
                path = (*path, self._tables[path] - 1)
        self._lines.setdefault(path, line)
        while self._sign == "]":
            self._next()
        return path

    def _keys(self, end: str) -> list[str]:
        """The parts of a dotted key, up to ``end``."""
        parts = []
        while self._sign not in (end, "\n", ""):
            if self._sign != ".":
                parts.append(self._sign.strip("\"'"))
            self._next()
        return parts

    def _pair(self, table: Path) -> None:
        line = self._line
        path = (*table, *self._keys("="))
        self._lines.setdefault(path, line)
        if self._sign == "=":
            self._next()
            self._value(path)

    def _value(self, path: Path) -> None:
        if self._sign not in ("[", "{"):
            while self._sign not in (",", "]", "}", "\n", ""):
                self._next()
            return
        opened, number = self._sign, 0
        self._next()
        while self._sign not in ("]", "}", ""):
            if self._sign in ("\n", ","):
                self._next()
            elif opened == "{":
                self._pair(path)
            else:
                self._lines.setdefault((*path, number), self._line)
                self._value((*path, number))
                number += 1
        self._next()

    def line_of(self, path: Path) -> int:
        """The line of ``path``, or of the nearest key around it that is written."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]


def _signs(text: str) -> Iterator[tuple[str, int]]:
    """What a text is made of but for spaces and remarks, each with its line."""
    line = 1
    for found in _SIGN.finditer(text):
        sign = found[0]
        if sign == "\n" or not (sign.isspace() or sign.startswith("#")):
            yield sign, line
        line += sign.count("\n")
