"""``search``: articles of the archive for which a query holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.asking import also, names_known, read_query, remark, within
from monitor.cli.common import Desk, Whole, desk_options, format_option, now, query_argument, span_options
from monitor.cli.highlight import plain, snippet, styled, title
from monitor.cli.output import Format, Row, as_json, bars, chosen, every_day, safe, shown, write_rows
from monitor.errors import NotKnown, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.cli.screen import Screen
    from monitor.core.query import Query
    from monitor.storage.search import Counts, Dimension, Hit

COLUMNS = ("id", "seen", "feed", "lang", "countries", "topics", "copies", "title", "snippet", "url")
DIMENSIONS = ("day", "topic", "country", "feed", "lang", "site")
SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Hits in order, the copies of each, how many copies were left out; ``next`` is the cursor for more.

    By relevance: ``further`` hits are not shown; where not all were ranked, ``ranked`` were of ``selected`` articles.
    """

    hits: Sequence[Hit]
    copies: dict[int, list[int]]
    left_out: int
    next: int | None
    complete: bool = True
    further: int = 0
    ranked: int = 0
    selected: int | None = None


@click.command()
@query_argument
@click.option("--sort", type=click.Choice(("newest", "relevance")), default="newest", show_default=True,
              help="Last seen first, or the best of 400 with words in the title and of the 400 newest.")  # fmt: skip
@span_options
@click.option("--limit", type=Whole(1), help=f"At most so many hits (default {SHOWN}) or groups (default all).")
@click.option("--after", type=Whole(1), metavar="ID", help="Go on behind this hit, the last of a page.")
@click.option("--copies", is_flag=True, help="Show copies too whose original is among the hits.")
@click.option("--count", is_flag=True, help="Only how many articles, copies among them.")
@click.option("--by", type=click.Choice(DIMENSIONS), help="How many of each, copies among them.")
@click.option("--save", metavar="NAME", help="Keep the query under this name, for @NAME in queries and rules.")
@click.option("--saved", is_flag=True, help="List the queries that @NAME may refer to.")
@click.option("--forget", metavar="NAME", help="Forget a saved query.")
@format_option
@desk_options
def search(
    desk: Desk,
    *,
    query: str | None,
    sort: str,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    after: int | None,
    copies: bool,
    count: bool,
    by: Dimension | None,
    save: str | None,
    saved: bool,
    forget: str | None,
    form: str | None,
) -> None:
    """Search the archive. One language serves searches, rules and topics; see docs/query-language.md.

    --since and --until speak of when an article was first seen here; the query's own published: speaks of the day that
    its publisher gives. A copy is left out, and counted, where its original is found too. Exit code 1: nothing found.

    \b
    Examples:
      monitor search 'deport* country:UZ' --since 7d
      monitor search '(border OR customs) NEAR/8 (clos* OR shut*)' --sort relevance
      monitor search 'topic:sanctions published:>=2026-01-01' --by country
      monitor search 'title:(visa* OR consul*)' --save visas ; monitor search '@visas lang:en'
    """
    if query is not None and (saved or forget):
        raise UsageError(f"{'--saved' if saved else '--forget'} takes no QUERY")
    if saved:
        return _list_saved(desk, form)
    if forget:
        return _forget(desk, forget)
    if query is None:
        raise UsageError("search needs a QUERY; for example: monitor search 'deport* country:UZ'")
    if after is not None and (count or by):
        raise UsageError("--after pages through hits; --count and --by reckon with all: narrow them with --until")
    moment = now()
    if save:
        _save(desk, save, query, moment)
    asked = read_query(desk, query)
    wanted = within(asked, moment, since, until)
    if count or by:
        counts = _count(desk, wanted, moment, by=by, limit=limit, form=form)
        if not counts.total:
            _nothing(desk, asked, complete=counts.complete)
        return remark(asked)
    if after is not None and sort == "relevance":
        raise UsageError("--after pages through --sort newest; for more of the most relevant give a higher --limit")
    found = desk.db.read_now(look, wanted, moment, sort=sort, limit=limit or SHOWN, before=after, copies=copies)
    _show(found, chosen(form), paged=sort == "newest")
    if not found.hits:
        _nothing(desk, asked, complete=found.complete)
    remark(asked)
    return None


def look(
    connection: Connection, query: Query, moment: datetime, *, sort: str, limit: int, before: int | None, copies: bool
) -> Found:
    """One page of hits."""
    from monitor.storage import articles, search

    hits: list[Hit] = []
    left_out, complete, further, ranked = 0, True, 0, 0
    selected: int | None = None
    if sort == "relevance":
        page = search.relevant(connection, query, moment, limit=search.RANKED)
        hits = list(page.hits)
        if not copies:
            hits, left_out = search.without_copies(connection, query, moment, hits)
        hits, further, before = hits[:limit], max(0, len(hits) - limit), None
        complete, ranked, selected = page.selected is None, page.examined, page.selected
    while sort == "newest" and len(hits) < limit:
        asked = limit - len(hits)
        page = search.newest(connection, query, moment, limit=asked, before=before)
        kept, dropped = list(page.hits), 0
        if not copies:
            kept, dropped = search.without_copies(connection, query, moment, kept)
        hits += kept
        left_out, before = left_out + dropped, page.next
        if before is None or len(page.hits) < asked:
            complete = before is None
            break
    of = articles.copies_of(connection, [hit.article.id for hit in hits])
    return Found(
        hits=hits,
        copies=of,
        left_out=left_out,
        next=before,
        complete=complete,
        further=further,
        ranked=ranked,
        selected=selected,
    )


def row_of(hit: Hit, copies: int = 0) -> Row:
    """A hit as programs get it."""
    article, analysis = hit.article, hit.article.analysis
    text = analysis.text
    return {
        "id": article.id,
        "url": article.url,
        "title": text.title,
        "snippet": plain(snippet(text, hit.spans)),
        "seen": article.seen,
        "published": text.published,
        "feed": article.feed,
        "site": text.site,
        "lang": text.lang,
        "countries": [each.code for each in analysis.countries],
        "topics": [each.name for each in analysis.topics],
        "story": article.story_id,
        "duplicate_of": article.duplicate_of,
        "copies": copies,
        "edited": article.edited_at,
        "spans": [{"field": s.field, "start": s.start, "end": s.end, "term": s.node} for s in hit.spans],
    }


def _show(found: Found, form: Format, *, paged: bool) -> None:
    rows = [row_of(hit, len(found.copies.get(hit.article.id, ()))) for hit in found.hits]
    notes = []
    if found.left_out:
        notes.append(f"{found.left_out} {'copy' if found.left_out == 1 else 'copies'} not shown; --copies shows them")
    if paged and found.next is not None:
        early = "" if found.complete else "the search stopped early; "
        notes.append(f"{early}more: --after {found.next}")
    if found.further:
        notes.append(f"{found.further:,} more of those that were ranked; a higher --limit shows them")
    if found.selected is not None:
        of = f"the {found.ranked:,} most promising of {found.selected:,} candidates"
        notes.append(f"not all were ranked: {of}; --since or a narrower query leaves fewer, --sort newest reaches all")
    if form == "json":
        answer = {"hits": rows, "next": found.next, "copies_not_shown": found.left_out, "complete": found.complete}
        if not paged:
            answer |= {"further": found.further, "ranked": found.ranked, "candidates": found.selected or found.ranked}
        click.echo(as_json(answer))
        return
    if form == "table":
        _print(found)
    else:
        write_rows(rows, COLUMNS, form)
    for note in notes:
        click.secho(note, dim=True, err=form != "table")


def _print(found: Found) -> None:
    from monitor.cli.screen import Screen

    screen = Screen()
    for hit in found.hits:
        print_hit(screen, hit, copies=len(found.copies.get(hit.article.id, ())))


def print_hit(screen: Screen, hit: Hit, *, copies: int = 0) -> None:
    """Three lines: the headline, what is known of it, the place in its context."""
    from rich.text import Text as Styled

    article, analysis = hit.article, hit.article.analysis
    head = Styled(f"{article.id:>5}  ", style="cyan").append_text(title(analysis.text, hit.spans))
    told = [
        shown(article.seen),
        article.feed,
        analysis.text.lang or "",
        " ".join(each.code for each in analysis.countries[:6]),
        ", ".join(each.name for each in analysis.topics[:4]),
        f"copy of {article.duplicate_of}" if article.duplicate_of else "",
        f"{copies} {'copy' if copies == 1 else 'copies'}" if copies else "",
        "edited" if article.edited_at else "",
    ]
    screen.print(head)
    screen.indented(Styled(" · ".join(safe(each) for each in told if each), style="dim"), 7)
    if cut := snippet(analysis.text, hit.spans):
        screen.indented(styled(cut), 7)


# --- counts ----------------------------------------------------------------------------------------


def _count(
    desk: Desk, query: Query, moment: datetime, *, by: Dimension | None, limit: int | None, form: str | None
) -> Counts:
    """How many there are, told; ``complete`` where all were counted, copies among them."""
    from dataclasses import replace

    from monitor.storage import search

    counts = desk.db.read_now(search.count, query, moment, by=by)
    copies = desk.db.read_now(search.count, also(query, "is:duplicate"), moment)
    how = chosen(form)
    groups = list(counts.groups.items())
    complete = counts.complete and copies.complete
    rows: list[Row] = [{by or "": name, "articles": number, "complete": complete} for name, number in groups[:limit]]
    columns: tuple[str, ...] = (by or "articles", "articles")
    if not by:
        rows = [{"articles": counts.total, "copies": copies.total, "complete": complete}]
        columns = tuple(rows[0])
    noun = "article" if counts.total == 1 else "articles"
    told = f"{'' if complete else 'at least '}{counts.total:,} {noun}, {copies.total:,} of them copies"
    if how == "table":
        drawn = every_day(counts.groups) if by == "day" and limit is None else groups[:limit]
        for line in bars([(name or "(none)", number) for name, number in drawn]):
            click.echo(line)
        click.secho(told, dim=bool(by))
    else:
        write_rows(rows, columns, how)
    if not complete:
        said = f"; {told}" if how != "table" else ""
        reason = f"the index alone does not decide this query, and only the newest {search.MOST:,} candidates were read"
        click.echo(f"not all were counted: {reason}{said}", err=True)
    if limit is not None and len(groups) > limit:
        click.secho(f"{len(groups) - limit} more groups not shown", dim=True, err=how != "table")
    return replace(counts, complete=complete)


def _nothing(desk: Desk, query: Query, *, complete: bool = True) -> None:
    """Say so, or that the search stopped before it found anything, with what is probably not meant in the query; leave
    with exit code 1.
    """
    early = "nothing found so far: not all were looked at; --since or a narrower query leaves fewer"
    click.echo("nothing found" if complete else early, err=True)
    remark(query, names_known(desk, query))
    raise click.exceptions.Exit(1)


# --- saved queries ---------------------------------------------------------------------------------


def _save(desk: Desk, name: str, query: str, moment: datetime) -> None:
    import re

    from monitor.storage import rules as rule_rows

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", name):
        raise UsageError(f"{name!r} is no name for a query; write for example central-asia")
    if name in desk.settings.queries:
        raise UsageError(f"@{name} stands in the configuration file; change it there")
    names = {**desk.db.read_now(rule_rows.saved_queries), **desk.settings.queries}
    read_query(desk, f"@{name}", {**names, name: query})  # refuses a query that names itself
    desk.db.write_now(rule_rows.save_query, name, query, moment)
    click.echo(f"saved as @{name}", err=True)


def _list_saved(desk: Desk, form: str | None) -> None:
    from monitor.storage import rules as rule_rows

    kept = desk.db.read_now(rule_rows.saved_queries)
    rows: list[Row] = [
        {"name": name, "query": query, "from": "config"} for name, query in desk.settings.queries.items()
    ]
    rows += [
        {"name": name, "query": query, "from": "command"}
        for name, query in kept.items()
        if name not in desk.settings.queries
    ]
    if not write_rows(rows, ("name", "query", "from"), chosen(form), empty="no saved queries: --save NAME keeps one"):
        raise click.exceptions.Exit(1)


def _forget(desk: Desk, name: str) -> None:
    """Not while a rule or another query names it: they would stop to mean anything."""
    from monitor.cli.asking import near_miss
    from monitor.storage import rules as rule_rows

    if name in desk.settings.queries:
        raise UsageError(f"@{name} stands in the configuration file; remove it there")
    kept = desk.db.read_now(rule_rows.saved_queries)
    if name not in kept:
        raise NotKnown(f"there is no saved query {name!r}{near_miss(name, kept)}")
    said = {f"@{other}": query for other, query in {**kept, **desk.settings.queries}.items() if other != name}
    said |= {f"rule {rule.name}": rule.query for rule in desk.db.read_now(rule_rows.list_rules)}
    if users := [
        user for user, query in said.items() if f"@{name}" in query.replace(")", " ").replace("(", " ").split()
    ]:
        raise UsageError(f"@{name} is used by {', '.join(users)}")
    desk.db.write_now(rule_rows.forget_query, name)
