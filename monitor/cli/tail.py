"""``tail``: articles as they are stored."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.asking import everything, names_known, read_query, remark
from monitor.cli.common import Desk, desk_options, format_option, now, query_argument
from monitor.cli.output import Format, chosen, write_rows
from monitor.cli.search import COLUMNS, print_hit, row_of
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.core.query import Query
    from monitor.storage.search import Hit

LATE = timedelta(minutes=1)
"""Who follows the archive looks back so far: work that began earlier may be committed later."""


@click.command()
@query_argument
@click.option("-n", "--lines", type=click.IntRange(0), default=10, show_default=True, help="So many of the past first.")
@format_option
@desk_options
def tail(desk: Desk, query: str | None, lines: int, form: str | None) -> None:
    """Follow articles as they are stored, all or those for which QUERY holds; an edited one comes again.

    Ends with Ctrl-C.

    \b
    Example:
      monitor tail 'topic:deportation' --lines 20
    """
    how = chosen(form)
    if how not in {"table", "jsonl", "urls"}:
        raise UsageError(f"tail has no end, so it cannot write {how}; use table, jsonl or urls")
    wanted = read_query(desk, query) if query is not None else everything()
    if query is not None:
        remark(wanted, names_known(desk, wanted))
    try:
        _follow(desk, wanted, lines, how)
    except KeyboardInterrupt:
        return


def _follow(desk: Desk, query: Query, lines: int, form: Format) -> None:
    from monitor.storage import search

    began = now()
    told: dict[tuple[int, int], datetime] = {}
    if lines:
        page = desk.db.read_now(search.newest, query, began, limit=lines)
        for hit in reversed(page.hits):
            told[hit.article.id, hit.article.version] = began
            _line(hit, form)
    for article_id, version, at in desk.db.read_now(search.arrivals, after=began - LATE):
        if at <= began:
            told[article_id, version] = at
    while True:
        moment = now()
        fresh = desk.db.read_now(search.arrivals, after=max(began, moment - LATE) - LATE)
        new = {(article_id, version): at for article_id, version, at in fresh if (article_id, version) not in told}
        for hit in desk.db.read_now(search.hits_among, query, moment, [article_id for article_id, _ in new]):
            _line(hit, form)
        told = {key: at for key, at in told.items() if at > moment - 3 * LATE} | new
        time.sleep(1)


def _line(hit: Hit, form: Format) -> None:
    """At once: whoever follows waits for it."""
    if form == "table":
        from monitor.cli.screen import Screen

        print_hit(Screen(), hit)
        return
    write_rows([row_of(hit)], COLUMNS, form)
    sys.stdout.flush()
