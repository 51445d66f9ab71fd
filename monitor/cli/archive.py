"""``export``, ``backup``, ``restore``, ``prune``: the archive out, kept, put back, and made smaller."""

from __future__ import annotations

import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from monitor.cli.common import Desk, desk_options, format_option, now, span_options
from monitor.cli.nouns import numbered, progress, size
from monitor.cli.output import as_json, chosen, write_rows
from monitor.errors import UsageError

ENDINGS = {"": "jsonl", "json": "jsonl", "jsonl": "jsonl", "ndjson": "jsonl", "csv": "csv", "parquet": "parquet"}


@click.command()
@click.argument("file")
@click.option("--format", "form", type=click.Choice(("jsonl", "csv", "parquet")), help="Default: by the file's ending.")
@click.option("--query", help="Only articles for which this query holds.")
@click.option("--raw", is_flag=True, help="CSV cells as they are, also what a spreadsheet takes for a formula.")
@span_options
@desk_options
def export(
    desk: Desk, *, file: str, form: str | None, query: str | None, raw: bool, since: datetime | None,
    until: datetime | None,
) -> None:  # fmt: skip
    """The archive as JSON lines, CSV or Parquet, oldest first, to FILE or - for standard output.

    Of text that a spreadsheet would take for a formula, a CSV cell gets a leading apostrophe; --raw leaves it out.

    \b
    Examples:
      monitor export archive.jsonl
      monitor export --query 'topic:sanctions' --since 30d sanctions.csv
      monitor export --format jsonl - | gzip > archive.jsonl.gz
    """
    from monitor.cli.asking import names_known, read_query, remark
    from monitor.cli.exporting import Walk, write

    ending = Path(file).suffix.lstrip(".").lower()
    shape = form or ENDINGS.get(ending)
    if shape is None:
        raise UsageError(f"{file}: an ending .{ending} does not say which format; take --format jsonl, csv or parquet")
    if raw and shape != "csv":
        raise UsageError("--raw is for CSV alone")
    if file != "-" and Path(file).exists():
        raise UsageError(f"{file} exists already; choose another name")
    parsed = read_query(desk, query) if query is not None else None
    if parsed is not None:
        remark(parsed, names_known(desk, parsed))
    walk = Walk(desk.db, parsed, now(), since=since, until=until)
    count = write(walk, file, shape, raw=raw)
    if file != "-":
        click.echo(f"{numbered(count, 'article')} written to {file}", err=True)
    click.get_current_context().exit(0 if count else 1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@desk_options
def backup(desk: Desk, *, file: Path) -> None:
    """One consistent copy of the database in FILE, a new file, while everything goes on; checked before it is named.

    \b
    Example:
      monitor backup /var/backups/monitor-$(date +%F).db
    """
    from monitor.storage import backup

    if file.exists():
        raise UsageError(f"{file} exists already; a backup never overwrites")
    if not file.absolute().parent.is_dir():
        raise UsageError(f"the folder {file.absolute().parent} does not exist")
    database = desk.db
    total = database.path.stat().st_size if database.path else 0
    part, done = backup.part_of(file), threading.Event()
    with progress("copying", total, "bytes") as told:

        def watch() -> None:
            while not done.wait(0.1):
                told(part.stat().st_size if part.exists() else 0)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            copied = backup.backup(database, file)
        finally:
            done.set()
            watcher.join()
    click.echo(f"{file}: {size(copied)}, checked; back with: monitor restore {file}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@desk_options
def restore(desk: Desk, *, file: Path, yes: bool) -> None:
    """Put a backup in the place of the database, after it was checked; what was there is kept beside it.

    It is refused while a daemon works on the database, and for a file that is damaged, crafted, or not of monitor.

    \b
    Example:
      monitor restore /var/backups/monitor-2026-01-31.db
    """
    from monitor.errors import StorageError
    from monitor.storage import backup, sqlite_file

    if desk.url.startswith(("postgresql:", "postgresql+psycopg:", "postgres:")):
        raise StorageError("PostgreSQL is restored with its own tools: pg_restore, or a base backup with its WAL")
    place = sqlite_file.path_of(desk.url)
    if place.exists() and not yes:
        if sys.stdin is None or not sys.stdin.isatty():
            raise UsageError(f"restore puts {file} in the place of {place}; say so with --yes")
        click.confirm(f"put {file} in the place of {place} (it is kept beside it)?", abort=True, err=True)
    if not place.parent.is_dir():
        raise UsageError(f"the folder {place.parent} does not exist")
    with progress("checking and copying"):
        kept = backup.restore(file, place)
    click.echo(f"{place} is now {file}")
    if kept is not None:
        click.echo(f"the database that was there: {kept}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be dropped, and drop nothing.")
@format_option
@desk_options
def prune(desk: Desk, *, dry_run: bool, form: str | None) -> None:
    """Drop what is older than the configuration's storage.keep_* values; a running daemon does so every hour.

    Of an article the text goes and its address stays, so that it is not taken for new. Alerts stay.

    \b
    Example:
      monitor prune --dry-run
    """
    from monitor.config.units import show_duration
    from monitor.storage import overview, pruning

    kept, shape, moment = desk.settings.storage, chosen(form), now()
    ages = {
        "articles": kept.keep_articles, "pages": kept.keep_pages, "polls": kept.keep_polls,
        "notices": kept.keep_polls, "deliveries": kept.keep_deliveries,
    }  # fmt: skip
    told: dict[str, Any]
    if dry_run:
        told = dict(desk.db.read_now(overview.prunable, moment, **ages))
    else:
        with progress("pruning"):
            done = pruning.prune(desk.db, moment, **ages)
        told = {name: getattr(done, name) for name in ages}
    if shape not in {"table", "csv", "md"}:
        click.echo(as_json({"dry_run": dry_run, **told}))
        return
    word = "would be dropped" if dry_run else "dropped"
    rows = (
        {"what": name, "older than": show_duration(age) if age else "kept for ever", word: told[name]}
        for name, age in ages.items()
    )
    write_rows(rows, ("what", "older than", word), shape)
