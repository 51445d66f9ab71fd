"""What a pass came to, in a person's words."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.nouns import numbered
from monitor.cli.output import as_json, safe

if TYPE_CHECKING:
    from monitor.daemon.single import Pass
    from monitor.storage.engine import Database


def print_summary(database: Database, state: Pass, since: datetime) -> None:
    """On a terminal a few lines, with every feed that could not be read and when it is tried again; else JSON."""
    from monitor.storage import feeds as feed_rows
    from monitor.storage import vitals

    polled, failing = database.read_now(feed_rows.polled_since, since)
    counts = database.read_now(vitals.counts_since, since)
    if not sys.stdout.isatty():
        problems = [
            {"feed": feed.spec.name, "url": feed.spec.url, "problem": feed.state.problem,
             "detail": feed.state.problem_detail, "next_poll_at": feed.state.next_poll_at}
            for feed in failing
        ]  # fmt: skip
        click.echo(as_json({"polled": polled, "failing": problems, **counts, "crashes": len(state.crashes)}))
        return
    click.echo(
        f"{numbered(polled, 'feed')} polled · {numbered(counts['articles'], 'new article')}, "
        f"{numbered(counts['duplicates'], 'copy', 'copies')} among them · {numbered(counts['alerts'], 'alert')} · "
        f"{counts['held']} held · {numbered(counts['delivered'], 'delivery', 'deliveries')}"
    )
    if counts["pending"]:
        click.echo(f"put off and tried again at the next pass: {numbered(counts['pending'], 'article')}")
    for state_of, said in (("waiting", "that wait to be sent"), ("dead", "given up")):
        if counts[state_of]:
            click.secho(f"messages {said}: {counts[state_of]}; monitor deliveries list shows them", fg="yellow")
    for feed in failing:
        again = f"{feed.state.next_poll_at.astimezone():%H:%M}" if feed.state.next_poll_at else "never"
        click.secho(f"  {safe(feed.spec.name)}: {safe(feed.state.problem_detail)} (again at {again})", fg="yellow")
    if state.crashes:
        click.secho(f"{numbered(len(state.crashes), 'task')} crashed: this is a bug; see the log above", fg="red")
