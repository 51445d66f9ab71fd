"""Hits in their context: the words that matched, and the text around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from monitor.cli.output import safe
from monitor.core.text import excerpt

if TYPE_CHECKING:
    from rich.text import Text as Styled

    from monitor.model import Span, Text

MARK = "bold yellow"
WIDTH = 150

Piece = tuple[str, bool]
"""A part of a text, and whether it is one that matched."""


def parts_of(text: Text) -> dict[str, str]:
    """The text fields as spans name them."""
    return {"title": text.title, "summary": text.summary, "body": text.body, "author": "\n".join(text.authors)}


def pieces(text: str, ranges: Iterable[tuple[int, int]], start: int = 0, end: int | None = None) -> list[Piece]:
    """``text[start:end]`` cut at the bounds of ``ranges``; overlapping ones are one."""
    end = len(text) if end is None else end
    cut: list[Piece] = []
    at = start
    for each in sorted(ranges):
        first, last = max(each[0], at), min(each[1], end)
        if first >= last:
            continue
        if first > at:
            cut.append((text[at:first], False))
        cut.append((text[first:last], True))
        at = last
    if at < end:
        cut.append((text[at:end], False))
    return cut


def snippet(text: Text, spans: Sequence[Span], *, width: int = WIDTH) -> list[Piece]:
    """The first place in body or summary with its surroundings; without one the beginning of the text."""
    fields = parts_of(text)
    for name in ("body", "summary"):
        ranges = [(span.start, span.end) for span in spans if span.field == name]
        if ranges:
            held = fields[name]
            start, end = excerpt(held, *min(ranges), width)
            cut = pieces(held, ranges, start, end)
            return [("…", False)] * (start > 0) + cut + [("…", False)] * (end < len(held))
    lead = fields["summary"] or fields["body"]
    end = excerpt(lead, 0, 0, 2 * width)[1]
    return pieces(lead, [], 0, end) + [("…", False)] * (end < len(lead))


def in_context(text: str, start: int, end: int, *, width: int = 80) -> list[Piece]:
    """One place with its surroundings."""
    first, last = excerpt(text, start, end, width)
    return (
        [("…", False)] * (first > 0) + pieces(text, [(start, end)], first, last) + [("…", False)] * (last < len(text))
    )


def plain(cut: Iterable[Piece], *, marks: tuple[str, str] = ("", "")) -> str:
    """On one line, the matching words between ``marks``."""
    return re.sub(r"\s+", " ", "".join(f"{marks[0]}{text}{marks[1]}" if hit else text for text, hit in cut)).strip()


def styled(cut: Iterable[Piece], *, base: str = "", mark: str = MARK) -> Styled:
    """For a terminal, without anything that it would obey."""
    from rich.text import Text as Styled

    line = Styled(style=base)
    for text, hit in cut:
        line.append(re.sub(r"\s+", " ", safe(text)), mark if hit else None)
    return line


def title(text: Text, spans: Sequence[Span], *, base: str = "bold") -> Styled:
    """The headline with what matched in it."""
    cut = pieces(text.title or "(no title)", [(span.start, span.end) for span in spans if span.field == "title"])
    return styled(cut, base=base)
