"""``rules plan`` and ``rules apply``: what the rules of the file would change, and the change made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.common import Desk, desk_options, format_option, now, span_options
from monitor.cli.output import Row, chosen, safe, write_rows

if TYPE_CHECKING:
    from monitor.model import Rule

COLUMNS = ("rule", "change", "what", "alerts_before", "alerts_after", "matches_before", "matches_after")
WEEK = timedelta(days=7)
MARKS = {"added": ("+", "green"), "changed": ("~", "yellow"), "removed": ("-", "red")}


def changes(desk: Desk) -> Iterator[tuple[str, Rule | None, Rule | None]]:
    """Rules of the file that differ from those in force: name, as it is, as it would be."""
    from monitor.app import rule_of
    from monitor.storage import rules as rule_rows

    before = {rule.name: rule for rule in desk.db.read_now(rule_rows.list_rules)}
    after = {rule.name: rule_of(rule) for rule in desk.settings.rules}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if new is None and old is not None and old.origin == "command":
            continue
        if old is None or new is None or old != new:
            yield name, old, new


def _written(value: object) -> str:
    if isinstance(value, tuple | list | frozenset):
        value = ", ".join(map(str, value))
    return str(value) if value or isinstance(value, int | float) else "none"


def differences(old: Rule | None, new: Rule | None) -> str:
    """What a change changes, in words."""
    if old is None or new is None:
        rule = new or old
        return rule.query if rule else ""
    told = [
        f"{field.name}: {_written(getattr(old, field.name))} → {_written(getattr(new, field.name))}"
        for field in fields(old)
        if field.name != "version" and getattr(old, field.name) != getattr(new, field.name)
    ]
    return "; ".join(told)


def effect(desk: Desk, rule: Rule | None, since: datetime, until: datetime | None) -> tuple[int, int]:
    """How many matches and alerts a rule would have had."""
    from monitor.cli.asking import names_of, read_query
    from monitor.cli.backtest import run

    if rule is None or not rule.enabled:
        return 0, 0
    found = run(desk, rule, read_query(desk, rule.query, names_of(desk)), since=since, until=until, moment=now())
    return len(found.matched), found.messages


@click.command()
@span_options
@format_option
@desk_options
def plan(desk: Desk, *, since: datetime | None, until: datetime | None, form: str | None) -> None:
    """What the rules of the file would change, and what that would have meant for the archive (default: 7 days).

    Nothing is changed. Alerts are simulated as by rules test. Exit code 1: the rules in force are those of the file.

    \b
    Example:
      monitor rules plan --since 30d
    """
    from monitor.cli.faults import checked

    checked(desk.reading, around=False)
    shape = chosen(form)
    begin = since or now() - WEEK
    shown: list[Row] = []
    for name, old, new in changes(desk):
        (matches_before, before), (matches_after, after) = (effect(desk, rule, begin, until) for rule in (old, new))
        shown.append(
            {
                "rule": name,
                "change": "added" if old is None else "removed" if new is None else "changed",
                "what": differences(old, new),
                "alerts_before": before, "alerts_after": after,
                "matches_before": matches_before, "matches_after": matches_after,
            }
        )  # fmt: skip
    if shape == "table":
        for row in shown:
            mark, colour = MARKS[str(row["change"])]
            click.secho(f"{mark} {row['rule']}", fg=colour, bold=True)
            click.echo(f"    {safe(str(row['what']))}")
            click.echo(
                f"    alerts {row['alerts_before']} → {row['alerts_after']}, matches {row['matches_before']} → "
                f"{row['matches_after']} since {begin:%Y-%m-%d}"
            )
        if not shown:
            click.echo("the rules in force are those of the file")
    else:
        write_rows(shown, COLUMNS, shape)
    click.get_current_context().exit(0 if shown else 1)


@click.command("apply")
@desk_options
def apply_rules(desk: Desk) -> None:
    """Put the rules of the file in force; a running daemon takes them within ten seconds.

    Queries that are new in the file, under [queries], need a reload of the daemon first.

    \b
    Example:
      monitor rules apply
    """
    from monitor.app import rule_of
    from monitor.cli.faults import checked
    from monitor.storage import rules as rule_rows

    checked(desk.reading, around=False)
    made = list(changes(desk))
    desk.db.write_now(rule_rows.sync_config_rules, [rule_of(rule) for rule in desk.settings.rules], now())
    for name, old, new in made:
        click.echo(f"{'added' if old is None else 'removed' if new is None else 'changed'} {name}")
    if not made:
        click.echo("the rules in force are those of the file")
