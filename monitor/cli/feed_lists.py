"""``feeds import`` and ``feeds export``: subscription lists in OPML."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from monitor.cli.common import Desk, desk_options, now
from monitor.cli.nouns import numbered
from monitor.cli.output import as_json, safe

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.model import Feed, FeedSpec


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--group", help="Put all into this group; default: their folders.")
@click.option("--dry-run", is_flag=True, help="Say what would be added, and add nothing.")
@desk_options
def import_feeds(desk: Desk, *, file: IO[bytes], group: str | None, dry_run: bool) -> None:
    """Add the feeds of an OPML file, however malformed it is; those that are known stay as they are.

    \b
    Examples:
      monitor feeds import subscriptions.opml --dry-run
      curl -s https://example.org/list.opml | monitor feeds import -
    """
    from monitor.core.opml import MAX_BYTES, parse_opml
    from monitor.storage import feeds as rows

    read = parse_opml(file.read(MAX_BYTES + 1))
    known = desk.db.read_now(rows.list_feeds)
    new, there = sort_out(read.feeds, known)
    if group is not None:
        new = [replace(spec, group=group) for spec in new]
    if not dry_run and new:
        moment = now()

        def save(connection: Connection) -> None:
            for spec in new:
                rows.add_feed(connection, spec, moment)

        desk.db.write_now(save)
    _tell(new, there, read.notes, dry_run=dry_run)
    click.get_current_context().exit(0 if read.feeds else 1)


def sort_out(specs: tuple[FeedSpec, ...], known: list[Feed]) -> tuple[list[FeedSpec], list[tuple[FeedSpec, Feed]]]:
    """Those that are new, under names that nobody has yet; and those that are there, with the feed that they are."""
    from monitor.core.urls import url_key

    by_key = {url_key(url): feed for feed in known for url in (feed.listed_url, feed.spec.url)}
    names = {feed.spec.name for feed in known}
    new: list[FeedSpec] = []
    there: list[tuple[FeedSpec, Feed]] = []
    for spec in specs:
        if (feed := by_key.get(url_key(spec.url))) is not None:
            there.append((spec, feed))
            continue
        name, number = spec.name, 2
        while name in names:
            name, number = f"{spec.name} ({number})", number + 1
        names.add(name)
        new.append(replace(spec, name=name))
    return new, there


def _tell(new: list[FeedSpec], there: list[tuple[FeedSpec, Feed]], notes: tuple[str, ...], *, dry_run: bool) -> None:
    if not sys.stdout.isatty():
        click.echo(
            as_json(
                {
                    "new": [{"name": spec.name, "url": spec.url, "group": spec.group} for spec in new],
                    "known": [{"url": spec.url, "name": feed.spec.name} for spec, feed in there],
                    "notes": notes,
                    "dry_run": dry_run,
                }
            )
        )
        return
    for spec in new:
        click.echo(f"  {click.style('+', fg='green')} {safe(spec.name)}  {click.style(safe(spec.url), dim=True)}")
    verb = "would be added" if dry_run else "added"
    click.echo(f"{numbered(len(new), 'feed')} {verb}, {len(there)} known already, {numbered(len(notes), 'remark')}")
    for note in notes:
        click.secho(f"  {safe(note)}", fg="yellow")


@click.command("export")
@click.argument("file", default="-")
@click.option("--group", help="Only the feeds of a group.")
@desk_options
def export_feeds(desk: Desk, *, file: str, group: str | None) -> None:
    """All feeds as OPML 2.0, to FILE or standard output.

    \b
    Examples:
      monitor feeds export > subscriptions.opml
      monitor feeds export agencies.opml --group agencies
    """
    from monitor.core.opml import write_opml
    from monitor.errors import UsageError
    from monitor.storage import feeds as rows

    specs = [feed.spec for feed in desk.db.read_now(rows.list_feeds) if group in {None, feed.spec.group}]
    text = write_opml(specs, title="Feeds of monitor")
    if file == "-":
        click.echo(text, nl=False)
    else:
        try:
            with Path(file).open("x", encoding="utf-8") as new:
                new.write(text)
        except FileExistsError:
            raise UsageError(f"{file} exists already; choose another name, or: monitor feeds export > {file}") from None
        except OSError as problem:
            raise UsageError(f"{file}: {problem.strerror}") from None
        click.echo(f"{numbered(len(specs), 'feed')} written to {file}")
    click.get_current_context().exit(0 if specs else 1)
