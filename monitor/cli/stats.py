"""``stats``: what came in, by day, with sparklines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import click

from monitor.cli.common import Desk, desk_options, format_option, limit_option, now, span_options
from monitor.cli.nouns import numbered
from monitor.cli.output import Format, Row, chosen, safe, shown, write_rows

GROUPS = ("topic", "country", "feed", "lang", "site")
BARS = " ▁▂▃▄▅▆▇█"
WIDEST = 60
"""Days beyond so many are drawn several to a bar."""


@click.command()
@click.option("--by", type=click.Choice(GROUPS), help="Only this grouping; without it topics, countries and feeds.")
@limit_option(10)
@span_options
@format_option
@desk_options
def stats(desk: Desk, *, by: Any, limit: int, since: datetime | None, until: datetime | None, form: str | None) -> None:
    """Count articles by the day on which they were first seen (UTC), by default of the last 14 days: in all, copies,
    backlog, edits, alerts and holds; and the most frequent topics, countries and feeds.

    \b
    Examples:
      monitor stats
      monitor stats --by topic --since 30d --limit 50
      monitor stats --format jsonl
    """
    from monitor.storage import statistics

    until = until or now()
    since = since or until - timedelta(days=14)
    days = _days(since, until)
    counted = desk.db.read_now(statistics.by_day, since, until)
    groups = {
        group: desk.db.read_now(statistics.by_group, group, since, until)
        for group in ((by,) if by else ("topic", "country", "feed"))
    }
    how = chosen(form)
    if how == "table":
        whole = desk.db.read_now(statistics.totals)
        _draw(whole, days, {} if by else counted, groups, limit=limit)
        return
    rows = [] if by else [_row("all", name, found, days) for name, found in counted.items()]
    left_out = 0
    for group, found in groups.items():
        left_out += max(0, len(found) - limit)
        rows += [_row(group, name, each, days) for name, each in list(found.items())[:limit]]
    _write(rows, how, days)
    if left_out:
        click.echo(f"{left_out} more groups not shown; --limit shows them", err=True)


def _days(since: datetime, until: datetime) -> list[date]:
    first = since.astimezone(UTC).date()
    last = (until - timedelta(microseconds=1)).astimezone(UTC).date()
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def _row(by: str, name: str, found: Mapping[date, int], days: Sequence[date]) -> Row:
    counts = {day.isoformat(): found.get(day, 0) for day in days}
    return {"by": by, "name": name, "total": sum(found.values()), "days": counts}


def _write(rows: list[Row], form: Format, days: Sequence[date]) -> None:
    names = [day.isoformat() for day in days]
    flat = form in {"csv", "md"}
    write_rows([row | row["days"] for row in rows] if flat else rows, ("by", "name", "total", *names), form)


def sparkline(counts: Sequence[int]) -> str:
    """One character a number, its height in proportion to the greatest; long rows are summed up in pairs and so on."""
    size = -(-len(counts) // WIDEST)
    summed = [sum(counts[start : start + size]) for start in range(0, len(counts), size or 1)]
    most = max(summed, default=0)
    return "".join(BARS[-(-each * 8 // most)] if most else BARS[0] for each in summed)


def _draw(
    whole: Mapping[str, Any],
    days: Sequence[date],
    counted: Mapping[str, Mapping[date, int]],
    groups: Mapping[str, Mapping[str, Mapping[date, int]]],
    *,
    limit: int,
) -> None:
    from rich.table import Table
    from rich.text import Text as Styled

    from monitor.cli.screen import Screen

    screen = Screen()
    first = f"; first seen {shown(whole['first'])}, last {shown(whole['last'])}" if whole["first"] else ""
    screen.indented(Styled(
        f"The archive: {numbered(whole['articles'], 'article')} ({numbered(whole['copies'], 'copy', 'copies')}, "
        f"{whole['edited']:,} edited) of {numbered(whole['sites'], 'site')} in "
        f"{numbered(whole['languages'], 'language')}; {numbered(whole['stories'], 'story', 'stories')}, "
        f"{numbered(whole['quotes'], 'quotation')}, {numbered(whole['alerts'], 'alert')}{first}"), 0)  # fmt: skip
    width = len(sparkline([1] * len(days)))
    for head, rows in (("", counted), *groups.items()):
        if not rows:
            continue
        screen.head(f"By {head}" if head else f"{days[0]} to {days[-1]}")
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(overflow="fold")
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True, min_width=width, style="cyan")
        for name, found in list(rows.items())[: limit if head else None]:
            counts = [found.get(day, 0) for day in days]
            table.add_row(Styled(safe(name) or "(none)"), f"{sum(counts):,}", sparkline(counts))
        screen.print(table)
        if head and len(rows) > limit:
            screen.print(Styled(f"{len(rows) - limit} more; --by {head} --limit {len(rows)} shows them", style="dim"))
