"""``alerts label`` and ``rules precision``: what people say of alerts, and what it says of rules."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import click

from monitor.cli.common import Desk, Moment, Whole, desk_options, format_option, now
from monitor.cli.output import Row, chosen, write_rows

COLUMNS = ("rule", "told", "relevant", "irrelevant", "precision")
MONTH = timedelta(days=30)


@click.command("label")
@click.argument("alert_id", metavar="ID")
@click.argument("verdict", type=click.Choice(("relevant", "irrelevant")))
@click.option("--article", type=Whole(), help="Only one of the articles that it tells of.")
@click.option("--who", help="Who says so; else the name of the account.")
@desk_options
def label_alert(desk: Desk, *, alert_id: str, verdict: str, article: int | None, who: str | None) -> None:
    """Say whether an alert was relevant; rules precision counts it.

    \b
    Example:
      monitor alerts label 01m865jh80gnnz07vtrf65s71s irrelevant
    """
    import getpass

    from monitor.storage import alerts, labels

    number = desk.db.write_now(
        labels.label,
        desk.db.read_now(alerts.full_id, alert_id),
        relevant=verdict == "relevant",
        who=who or getpass.getuser(),
        now=now(),
        article_id=article,
    )
    click.echo(f"{number} {'article is' if number == 1 else 'articles are'} labelled {verdict}")


@click.command("labels")
@click.option("--topic", required=True, help="Of articles that have this topic.")
@desk_options
def list_labels(desk: Desk, *, topic: str) -> None:
    """Labels as JSON lines, as topics test and topics tune read them.

    \b
    Example:
      monitor alerts labels --topic deportation > labels.jsonl
    """
    from monitor.storage import labels

    found = desk.db.read_now(labels.of_topic, topic)
    for article, relevant in found:
        click.echo(json.dumps({"id": article, "topic": topic, "label": relevant}))
    if not found:
        click.echo("no alert has a label yet: monitor alerts label ID relevant", err=True)
    click.get_current_context().exit(0 if found else 1)


@click.command()
@click.option("--since", type=Moment(), help="From this time on, or an age: 7d, 36h, 2026-01-31.")
@format_option
@desk_options
def precision(desk: Desk, *, since: datetime | None, form: str | None) -> None:
    """How many of each rule's alerts people found relevant (default: the last 30 days).

    \b
    Example:
      monitor rules precision --since 30d
    """
    from monitor.storage import labels

    shown: list[Row] = [
        {
            "rule": each.rule, "told": each.told, "relevant": each.relevant, "irrelevant": each.irrelevant,
            "precision": None if each.precision is None else round(each.precision, 3),
        }
        for each in desk.db.read_now(labels.precision, since or now() - MONTH)
    ]  # fmt: skip
    write_rows(shown, COLUMNS, chosen(form), empty="no alerts since then")
    click.get_current_context().exit(0 if shown else 1)
