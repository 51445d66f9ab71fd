"""``show``: one article with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from monitor.cli.article_view import as_row, draw, gather
from monitor.cli.asking import find_article
from monitor.cli.common import Desk, desk_options, format_option
from monitor.cli.output import Format, Row, chosen, safe, shown, write_rows
from monitor.errors import NotKnown

if TYPE_CHECKING:
    from monitor.cli.differences import Change
    from monitor.storage.articles import Version

COLUMNS = ("id", "seen", "published", "feed", "site", "lang", "title", "url", "body_status", "version", "state")
CONTEXT = 160


@click.command()
@click.argument("article", metavar="ID|URL")
@click.option("--text", "only_text", is_flag=True, help="Only the text, as stored.")
@click.option("--diff", is_flag=True, help="What changed from version to version, word by word.")
@format_option
@desk_options
def show(desk: Desk, *, article: str, only_text: bool, diff: bool, form: str | None) -> None:
    """Show one article: where it came from, what it says, topics with the terms that counted, countries, people,
    quotes, versions, its story and copies, the rules that matched and what was alerted or held.

    \b
    Examples:
      monitor show 12
      monitor show https://example.org/report --diff
      monitor show 12 --format json
    """
    found = find_article(desk, article)
    if only_text:
        click.echo(safe(found.analysis.text.body or found.analysis.text.summary))
        return
    view = desk.db.read_now(gather, found)
    how = chosen(form)
    if diff:
        _diff(view.versions, how)
    elif how == "table":
        from monitor.cli.screen import Screen

        draw(Screen(), view)
    else:
        write_rows([as_row(view)], COLUMNS, how)


def _diff(versions: Sequence[Version], form: Format) -> None:
    from itertools import pairwise

    if len(versions) < 2:
        raise NotKnown("there is only one version of this article")
    rows: list[Row] = []
    for old, new in pairwise(versions):
        for name in ("title", "summary", "body"):
            changed = _changes(getattr(old, name), getattr(new, name))
            if any(kind != "same" for kind, _ in changed):
                rows.append({"from": old.version, "to": new.version, "at": new.at, "field": name, "changes": changed})
    if form == "table":
        _draw_diff(rows)
        return
    for row in rows:
        row["diff"] = "".join(_marked(*change) for change in row["changes"])
        row["changes"] = [{"kind": kind, "text": text} for kind, text in row["changes"]]
    write_rows(rows, ("from", "to", "at", "field", "diff"), form)


def _changes(old: str, new: str) -> list[Change]:
    from monitor.cli.differences import changes

    return changes(old, new)


def _marked(kind: str, text: str) -> str:
    return {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}[kind].format(text)


def _shortened(text: str, *, first: bool, last: bool) -> str:
    """A long unchanged part, less its middle."""
    if len(text) <= 2 * CONTEXT:
        return text
    before = "" if first else text[:CONTEXT]
    return f"{before} … {'' if last else text[-CONTEXT:]}"


def _draw_diff(rows: Sequence[Row]) -> None:
    from rich.text import Text as Styled

    from monitor.cli.screen import Screen

    screen = Screen()
    colours = screen.color_system is not None
    for row in rows:
        screen.head(f"{row['field']}, version {row['from']} to {row['to']} ({shown(row['at'])})")
        line = Styled()
        changes: list[Change] = row["changes"]
        for number, (kind, text) in enumerate(changes):
            if kind == "same":
                line.append(safe(_shortened(text, first=number == 0, last=number == len(changes) - 1)))
            elif colours:
                if kind == "new" and number and changes[number - 1][0] == "gone" and not text[0].isspace():
                    line.append(" ")  # where nothing is struck through, or colours are not seen, two words stay two
                line.append(safe(text), "red strike" if kind == "gone" else "green")
            else:
                line.append(safe(_marked(kind, text)))
        screen.indented(line, 2)
