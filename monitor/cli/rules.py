"""``rules``: whom to tell of what, and what a rule would have done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, get_args

import click

from monitor.cli.common import Desk, desk_options, format_option, length_of, limit_option, now, span_options
from monitor.cli.feedback import precision
from monitor.cli.nouns import cell, heading, numbered
from monitor.cli.output import bars, chosen, every_day, safe, shown, write_rows
from monitor.cli.plans import apply_rules, plan
from monitor.errors import UsageError
from monitor.model import GroupBy, News, Trigger

if TYPE_CHECKING:
    from monitor.cli.backtest import Backtest
    from monitor.model import Rule

WEEK = timedelta(days=7)
COLUMNS = ("name", "origin", "enabled", "query", "channels", "matches_7d", "alerts_7d")
CASES = ("id", "seen", "decision", "title", "feed", "story", "detail", "url")

EARLY = "stopped early: the archive has more; shorten --since"


@click.group()
def rules() -> None:
    """Rules: those of the configuration file (read-only here) and those added by command.

    \b
    Example:
      monitor rules test central-asia-deportations --since 30d
    """


rules.add_command(plan)
rules.add_command(apply_rules)
rules.add_command(precision)


@rules.command("list")
@format_option
@desk_options
def list_(desk: Desk, *, form: str | None) -> None:
    """Rules with their origin, query, channels, and the matches and alerts of the last seven days.

    \b
    Example:
      monitor rules list
    """
    from monitor.storage import overview
    from monitor.storage import rules as rule_rows

    shape = chosen(form)
    counts = desk.db.read_now(overview.rule_counts, now() - WEEK)
    found = desk.db.read_now(rule_rows.list_rules)
    shown = []
    for rule in found:
        count = counts.get(rule.name, overview.RuleCounts())
        told: dict[str, Any] = {
            "name": rule.name, "origin": rule.origin, "enabled": rule.enabled, "query": rule.query,
            "channels": rule.channels, "matches_7d": count.matches, "alerts_7d": count.alerts,
        }  # fmt: skip
        if shape == "table" and not rule.enabled:
            told["enabled"] = cell(shape, "no", "yellow")
        if shape in {"json", "jsonl"}:
            told |= {
                "trigger": rule.trigger, "priority": rule.priority, "window": rule.window, "wait": rule.wait,
                "every": rule.every, "group_by": rule.group_by, "quiet": rule.quiet, "schedule": rule.schedule,
                "per_hour": rule.per_hour, "note": rule.note, "version": rule.version,
            }  # fmt: skip
        shown.append(told)
    none = "no rules yet: monitor rules add NAME QUERY; monitor once and monitor run take those of the configuration"
    write_rows(shown, COLUMNS, shape, empty=none)
    click.get_current_context().exit(0 if found else 1)


@rules.command()
@click.argument("name")
@click.argument("query")
@click.option("--channel", "channels", multiple=True, required=True, help="May be given several times.")
@click.option("--priority", type=click.Choice(("low", "normal", "high")), default="normal", show_default=True)
@click.option("--trigger", type=click.Choice(get_args(Trigger)), default="story", show_default=True)
@click.option("--follow-up", type=click.Choice(get_args(News)), multiple=True, help="What of a told story is told.")
@click.option("--window", default="24h", show_default=True, help="After so long without a word a story counts as new.")
@click.option("--wait", help="Collect before the first message of a group, such as 10m.")
@click.option("--every", help="At most one message of a group in this time, such as 2h.")
@click.option("--group-by", type=click.Choice(get_args(GroupBy)), help="What one message tells of; else a story.")
@click.option("--quiet", help='Held and told at the end: "22:00-07:00 Europe/Berlin".')
@click.option("--schedule", help='When a digest comes: "0 7 * * mon-fri Europe/Berlin".')
@click.option("--silent-for", help="Trigger silence-of: tell when nothing came for so long.")
@click.option("--per-hour", type=click.IntRange(1, 1000), default=20, show_default=True, help="Most alerts an hour.")
@click.option("--note", default="", help="For whoever gets the alert: what it is for.")
@desk_options
def add(desk: Desk, *, name: str, query: str, channels: tuple[str, ...], **given: Any) -> None:
    """Add a rule, or replace one that was added by command; a running daemon takes it within ten seconds.

    \b
    Example:
      monitor rules add uz-flights 'topic:deportation country:UZ "charter flight"' --channel mail
    """
    from monitor.cli.asking import names_of, near_miss, read_query
    from monitor.core.rulebook import rule_version
    from monitor.errors import NotKnown
    from monitor.storage import rules as rule_rows

    for channel in channels:
        if channel not in desk.settings.channels:
            raise NotKnown(f"there is no channel {channel!r}{near_miss(channel, desk.settings.channels)}")
    rule = validated(name, query, tuple(dict.fromkeys(channels)), given)
    read_query(desk, query, names_of(desk))
    rule = replace(rule, version=rule_version(rule))
    before = desk.db.read_now(rule_rows.rule, name)
    warnings = doubts(desk, rule)
    desk.db.write_now(rule_rows.add_rule, rule, now())
    for said in warnings:
        click.secho(f"warning: {said}", fg="yellow", err=True)
    verb = "replaced" if before else "added"
    click.echo(f"{verb} rule {name}: a running daemon takes it within ten seconds; monitor rules test {name}")


def validated(name: str, query: str, channels: tuple[str, ...], given: Mapping[str, Any]) -> Rule:
    """The rule, held to what the configuration file allows.

    :raises UsageError: with a line for each fault.
    """
    from pydantic import ValidationError

    from monitor.config.settings import RuleSettings
    from monitor.errors import UsageError
    from monitor.model import Rule

    given = {key: value for key, value in given.items() if value not in {None, ()}}
    for key in given.keys() & {"window", "wait", "every", "silent_for"}:
        length_of(given[key])
    try:
        told = RuleSettings(name=name, query=query, channels=channels, **given)
    except ValidationError as problem:
        lines = [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in problem.errors()]
        raise UsageError("\n".join(lines)) from None
    if faults := [said for _, said in told.faults()]:
        raise UsageError("\n".join(faults))
    return Rule(**told.model_dump(exclude={"should_match", "should_not_match"}), origin="command", version="")


def doubts(desk: Desk, rule: Rule) -> list[str]:
    """What is allowed in its query and probably not meant."""
    from monitor.cli.asking import names_of
    from monitor.core.query import lint, parse
    from monitor.sandboxed import topic_names, vocabulary
    from monitor.storage import feeds

    known = replace(
        vocabulary(),
        topics=topic_names(desk.topics),
        feeds=frozenset(feed.spec.name for feed in desk.db.read_now(feeds.list_feeds)),
    )
    return list(lint(parse(rule.query, names_of(desk), vocabulary=known), vocabulary=known))


@rules.command()
@click.argument("name")
@desk_options
def remove(desk: Desk, *, name: str) -> None:
    """Remove a rule that was added by command; its alerts stay.

    \b
    Example:
      monitor rules remove uz-flights
    """
    from monitor.cli.asking import find_rule
    from monitor.storage import rules as rule_rows

    find_rule(desk, name)
    desk.db.write_now(rule_rows.remove_rule, name)
    click.echo(f"removed rule {name}; its alerts stay")


@rules.command()
@click.argument("name", metavar="[RULE]", required=False)
@click.option("--query", help="A query in place of a rule.")
@click.option("--against", metavar="RULE", help="Also what is gained and lost against this rule, as it is in force.")
@span_options
@limit_option(5)
@format_option
@desk_options
def test(
    desk: Desk, *, name: str | None, query: str | None, against: str | None, since: datetime | None,
    until: datetime | None, limit: int, form: str | None,
) -> None:  # fmt: skip
    """What a rule or query matches in the archive (default: the last 30 days), and the alerts that would have gone out.

    The alerts are simulated: every match is decided in the order in which the articles came, as the daemon decides,
    but with today's rule, with no alert before the first day, without silences, and with all channels open.

    With --against live, RULE is taken as the configuration file has it, and held against the one in force; a --query
    stands in the place of the query of the rule that it is held against.

    \b
    Examples:
      monitor rules test central-asia-deportations --since 30d
      monitor rules test --query 'topic:sanctions country:RU' --since 2026-01-01
      monitor rules test --query 'earthquake* (dead OR killed)' --against disasters
      monitor rules test disasters --against live
    """
    from monitor.cli.asking import find_rule, names_known, names_of, read_query, remark
    from monitor.cli.backtest import run
    from monitor.model import Rule

    if (name is None) == (query is None):
        raise UsageError("name either a rule, or a query with --query")
    moment, shape = now(), chosen(form)
    live = find_rule(desk, name if against == "live" and name else against) if against else None
    if name:
        rule = _of_file(desk, name) if against == "live" else find_rule(desk, name)
    elif live:
        rule = replace(live, query=query or "")
    else:
        rule = Rule(name="query", query=query or "", channels=("any",), origin="command", version="")
    begin = since or moment - timedelta(days=30)

    def tested(rule: Rule) -> Backtest:
        parsed = read_query(desk, rule.query, names_of(desk))
        return run(desk, rule, parsed, since=begin, until=until, moment=moment)

    if query is not None:
        asked = read_query(desk, query, names_of(desk))
        remark(asked, names_known(desk, asked))
    found = tested(rule)
    found.against = tested(live) if live else None
    if shape != "table":
        write_rows([found.row(limit)] if shape in {"json", "jsonl"} else found.listed(), CASES, shape)
    elif found.matched or found.lost:
        show(found, rule, limit)
    else:
        click.echo(f"no article since {found.since:%Y-%m-%d} matches ({found.examined} were examined)", err=True)
    if not found.complete and not (shape == "table" and (found.matched or found.lost)):
        click.echo(EARLY, err=True)
    click.get_current_context().exit(0 if found.matched or found.lost else 1)


def _of_file(desk: Desk, name: str) -> Rule:
    from monitor.app import rule_of

    for rule in desk.settings.rules:
        if rule.name == name:
            return rule_of(rule)
    raise UsageError(f"rule “{name}” does not stand in the configuration file, so there is only the one in force")


def show(found: Backtest, rule: Rule, limit: int) -> None:
    """The result for a person."""
    partial = "" if found.complete else f" ({EARLY})"
    told = f"{numbered(len(found.matched), 'article')} in {numbered(len(found.stories), 'story', 'stories')}"
    click.secho(f"{told} match{'es' if len(found.matched) == 1 else ''}{partial}", bold=True)
    click.echo(f"  {safe(rule.query)}")
    heading("Matches by day (UTC)")
    for line in bars(every_day(found.days)):
        click.echo("  " + line)
    heading(f"Alerts that would have gone out: {len(found.alerted)}")
    click.secho(
        "  simulated in the order of arrival with today's rule: no alert before, no silences, all channels open",
        dim=True,
    )
    for reason, count in found.held.most_common():
        click.echo(f"  {count} held: {reason.replace('_', ' ')}")
    if found.messages != len(found.alerted):
        click.echo(f"  in {found.messages} messages")
    if found.against is not None:
        heading("Against the rule in force")
        click.echo(f"  matches {len(found.against.matched)} → {len(found.matched)}")
        click.echo(f"  alerts {len(found.against.alerted)} → {len(found.alerted)}")
        for what, cases in (("gained", found.gained), ("lost", found.lost)):
            for case in cases[::-1][:limit]:
                click.echo(f"  {what:6} {case.article.id} {safe(case.article.analysis.text.title)}")
            if len(cases) > limit:
                click.echo(f"  {len(cases) - limit} more {what}; --limit shows them")
    heading("Samples, newest first")
    for case in list(reversed(found.matched))[:limit]:
        mark = click.style("alert", fg="green") if case.alerted else click.style("held ", fg="yellow")
        article = case.article
        click.echo(f"  {mark} {shown(article.seen)} {click.style(safe(article.analysis.text.title), bold=True)}")
        click.echo(f"        {article.id} · {safe(article.feed)} · {safe(case.detail)}")
