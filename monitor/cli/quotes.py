"""``quotes``: who said what about what."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.asking import names_known, read_query, remark
from monitor.cli.common import Desk, desk_options, format_option, limit_option, now, span_options
from monitor.cli.output import Row, chosen, safe, shown, write_rows
from monitor.core.quotes import speaker_of
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.storage.sayings import Saying, Sayings

COLUMNS = ("seen", "person", "speaker", "quote", "id", "feed", "title", "url")


@click.command()
@click.option("-s", "--speaker", metavar="NAME", help="Words of the speaker's name, in a row.")
@click.option("-a", "--about", metavar="QUERY", help="Words are looked for in the quotation, fields in its article.")
@click.option("--copies", is_flag=True, help="Quotations of copies too.")
@click.option("--after", metavar="ID:N", help="Go on behind this quotation, the last of a page.")
@limit_option(20)
@span_options
@format_option
@desk_options
def quotes(
    desk: Desk,
    *,
    speaker: str | None,
    about: str | None,
    copies: bool,
    after: str | None,
    limit: int,
    since: datetime | None,
    until: datetime | None,
    form: str | None,
) -> None:
    """List quotations, last seen first: direct speech with its source, as the article words it.

    \b
    Examples:
      monitor quotes --speaker 'interior ministry' --since 30d
      monitor quotes --about '(border OR visa*) country:UZ'
    """
    from monitor.storage import sayings

    if after is not None and not re.fullmatch(r"\d{1,18}:\d{1,9}", after):
        raise UsageError(f"--after {after}: write the article and the number of the quotation, as in 12:0")
    before = (int(after.partition(":")[0]), int(after.partition(":")[2])) if after else None
    if speaker is not None and not any(each.isalnum() for each in speaker):
        raise UsageError("--speaker needs a name")
    asked = read_query(desk, about) if about is not None else None
    found = desk.db.read_now(
        sayings.find, now(), speaker=speaker, about=asked, since=since,
        until=until, copies=copies, before=before, limit=limit,
    )  # fmt: skip
    how = chosen(form)
    rows = [_row(each) for each in found.found]
    if how == "table":
        _draw(rows)
    else:
        write_rows(rows, COLUMNS, how)
    if found.next is not None:
        click.secho(_more(found), dim=True, err=how != "table")
    if not rows:
        click.echo("nothing found", err=True)
        if asked is not None:
            remark(asked, names_known(desk, asked))
        raise click.exceptions.Exit(1)


def _more(found: Sayings) -> str:
    assert found.next is not None
    early = "" if found.complete else "the search stopped early; "
    return f"{early}more: --after {found.next[0]}:{found.next[1]}"


def _row(saying: Saying) -> Row:
    article, quote, text = saying.article, saying.quote, saying.article.analysis.text
    return {
        "quote": quote.text,
        "speaker": quote.speaker if speaker_of(quote) else None,
        "person": quote.person,
        "id": article.id,
        "number": saying.position,
        "start": quote.start,
        "end": quote.end,
        "title": text.title,
        "url": article.url,
        "feed": article.feed,
        "lang": text.lang,
        "seen": article.seen,
        "published": text.published,
        "story": article.story_id,
        "topics": [topic.name for topic in article.analysis.topics],
    }


def _draw(rows: list[Row]) -> None:
    from rich.text import Text as Styled

    from monitor.cli.screen import Screen

    screen = Screen()
    for row in rows:
        named = row["person"] or row["speaker"] or "nobody named"
        as_said = f" ({row['speaker']})" if row["person"] and row["speaker"] not in {None, row["person"]} else ""
        screen.indented(Styled(safe(named), style="bold").append(safe(as_said), "dim"), 0)
        screen.indented(Styled(f"“{safe(row['quote'])}”"), 2)
        where = Styled(f"{row['id']}  ", style="cyan").append(f"{shown(row['seen'])} · ", "dim")
        screen.indented(where.append(safe(f"{row['feed']} · {row['title']}"), "dim"), 2)
