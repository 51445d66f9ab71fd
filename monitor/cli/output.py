"""What commands print: a table for a person, JSON lines for a pipe, and never a control character of a feed."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from rich.text import Text

    from monitor.cli.screen import Screen

Format = Literal["table", "json", "jsonl", "csv", "md", "urls"]
FORMATS = ("table", "json", "jsonl", "csv", "md", "urls")

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
# What spreadsheets take for a formula, also behind spaces or as full-width forms (CWE-1236).
_FORMULA = re.compile(r"^[\s\"']*[=+\-@\t\r＝＋－＠]")

NARROW = 9
"""A column of text is at least so wide in a table, in characters; with less it is told in lines."""

Row = dict[str, Any]


def safe(text: str) -> str:
    """``text`` without what a terminal would obey: control and direction characters are shown as escapes."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def plain(value: Any) -> Any:
    """``value`` as JSON can say it: times in ISO 8601, durations in seconds."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return value


def shown(value: Any) -> str:
    """``value`` as a person reads it in a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, list | tuple):
        return ", ".join(shown(inner) for inner in value)
    return str(value)


def as_json(value: Any) -> str:
    """One line of JSON; what a terminal would obey is escaped, so the line is safe to look at too."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(plain(value), ensure_ascii=False))


def csv_cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula: such text gets a leading apostrophe."""
    text = safe(shown(value) if not isinstance(value, datetime) else str(plain(value)))
    return "'" + text if isinstance(value, str) and _FORMULA.match(text) else text


def chosen(given: str | None) -> Format:
    """The format asked for; else a table on a terminal and JSON lines into a pipe."""
    return given or ("table" if sys.stdout.isatty() else "jsonl")  # type: ignore[return-value]


def write_rows(rows: Iterable[Row], columns: Sequence[str], form: Format, *, raw: bool = False, empty: str = "") -> int:
    """Print ``rows``; tables, CSV and Markdown show ``columns`` alone, JSON all keys. How many rows there were.

    :param raw: CSV cells as they are, formulas too.
    :param empty: what is said on standard error where there are none.
    """
    count = _write(rows, columns, form, raw=raw)
    if not count and empty:
        click.echo(empty, err=True)
    return count


def _write(rows: Iterable[Row], columns: Sequence[str], form: Format, *, raw: bool) -> int:
    count = 0
    if form == "table":
        if listed := list(rows):
            _table(listed, columns)
        return len(listed)
    if form == "json":
        listed = list(rows)
        click.echo(_UNSAFE.sub("", json.dumps([plain(row) for row in listed], ensure_ascii=False, indent=1)))
        return len(listed)
    if form == "csv":
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
    if form == "md":
        click.echo("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    without = 0
    for row in rows:
        count += 1
        if form == "jsonl":
            click.echo(as_json(row))
        elif form == "csv":
            writer.writerow([plain(row.get(name)) if raw else csv_cell(row.get(name)) for name in columns])
        elif form == "md":
            cells = (safe(shown(row.get(name))).replace("|", "\\|").replace("\n", " ") for name in columns)
            click.echo("| " + " | ".join(cells) + " |")
        elif row.get("url"):
            click.echo(safe(str(row["url"])))
        else:
            without += 1
    if without:
        click.echo(
            f"{without:,} of {count:,} have no address, so urls leaves them out: take another --format", err=True
        )
    return count


def _table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """A table; where the terminal is too narrow for one, each row as lines of its own."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from monitor.cli.screen import Screen

    screen = Screen()
    cells = [
        [value if isinstance(value := row.get(name), Text) else Text(safe(shown(value))) for name in columns]
        for row in rows
    ]
    numeric = [all(isinstance(row.get(name), int | float | None) for row in rows) for name in columns]
    whole = [
        all(_is_whole(row.get(name), cells[n][i].plain) for n, row in enumerate(rows)) for i, name in enumerate(columns)
    ]
    widest = [max(cell.cell_len for cell in column) for column in zip(*cells, strict=True)]
    least = [
        max(*map(len, name.split("_")), longest if unbroken else min(longest, NARROW))
        for name, longest, unbroken in zip(columns, widest, whole, strict=True)
    ]
    if sum(least) + 2 * len(columns) > screen.width:
        _records(screen, cells, columns)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, header_style="bold")
    for name, number, unbroken, width in zip(columns, numeric, whole, least, strict=True):
        table.add_column(
            name.replace("_", " "),
            justify="right" if number else "left",
            overflow="fold",
            no_wrap=unbroken,
            min_width=width,
        )
    for row in cells:
        table.add_row(*row)
    screen.print(table)


def _records(screen: Screen, rows: Sequence[Sequence[Text]], columns: Sequence[str]) -> None:
    """Each row under the first of its values, a line for each of the others that there is."""
    from rich.text import Text

    names = [name.replace("_", " ") for name in columns]
    label = max(map(len, names[1:]), default=0)
    for first, *others in rows:
        head = first.copy()
        head.stylize("bold")
        screen.print(head)
        for name, value in zip(names[1:], others, strict=True):
            if value.plain:
                screen.indented(Text.assemble((f"{name:{label}}  ", "dim"), value), 2, hang=label + 2)


def _is_whole(value: Any, text: str) -> bool:
    """A number, a time or a word: not to be broken."""
    return isinstance(value, int | float | datetime) or (len(text) <= 32 and not any(each.isspace() for each in text))


def every_day(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The days from the first to the last, those of nothing among them."""
    if not counts:
        return []
    first, last = (date.fromisoformat(each) for each in (min(counts), max(counts)))
    days = ((first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1))
    return [(day, counts.get(day, 0)) for day in days]


def bars(counts: Sequence[tuple[str, int]], *, width: int = 40) -> list[str]:
    """A bar chart in lines of text: name, bar, count."""
    if not counts:
        return []
    widest = max(len(safe(name)) for name, _ in counts)
    most = max(count for _, count in counts) or 1
    lines = []
    for name, count in counts:
        eighths = round(count / most * width * 8)
        bar = "█" * (eighths // 8) + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[eighths % 8]
        lines.append(f"{safe(name):{widest}}  {bar or '▏'} {count:,}")
    return lines
