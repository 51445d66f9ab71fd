"""``feeds``: which there are, when they are polled, what is wrong with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from monitor.cli.common import Desk, desk_options, format_option, length_of, now
from monitor.cli.feed_health import NO_FEEDS, ORDER, health, state_of
from monitor.cli.feed_lists import export_feeds, import_feeds
from monitor.cli.feed_search import add, discover
from monitor.cli.nouns import ago, cell, heading, numbered, span
from monitor.cli.output import Row, bars, chosen, safe, write_rows
from monitor.core.urls import redact_url

if TYPE_CHECKING:
    from monitor.model import Feed


@click.group()
def feeds() -> None:
    """Feeds: those of the configuration file (read-only here) and those added by command.

    \b
    Example:
      monitor feeds list --problem
    """


for command in (add, import_feeds, export_feeds, discover, health):
    feeds.add_command(command)

T = TypeVar("T")

COLUMNS = ("name", "group", "origin", "state", "last_success_at", "next_poll_at", "entries")
STYLES = {"well": "green", "waiting": "dim", "off": "dim"}


@feeds.command("list")
@click.option(
    "--problem", is_flag=False, flag_value="any", metavar="[KIND]", type=click.Choice(("any", *ORDER)),
    help="Only those with a problem, or with this one.",
)  # fmt: skip
@click.option("--group", help="Only those of a group.")
@format_option
@desk_options
def list_(desk: Desk, *, form: str | None, problem: str | None, group: str | None) -> None:
    """Feeds with their state, last success, next poll and number of entries.

    \b
    Examples:
      monitor feeds list --group agencies
      monitor feeds list --problem
      monitor feeds list --problem unreachable
    """
    from monitor.cli.asking import near_miss
    from monitor.errors import NotKnown
    from monitor.storage import feeds as rows
    from monitor.storage import overview

    shape, moment = chosen(form), now()
    found = desk.db.read_now(rows.list_feeds)
    entries = desk.db.read_now(overview.feed_entries)
    if group is not None:
        groups = {feed.spec.group for feed in found}
        if group not in groups and group not in desk.settings.groups:
            raise NotKnown(f"there is no group {group!r}{near_miss(group, {*groups, *desk.settings.groups})}")
        found = [feed for feed in found if feed.spec.group == group]
    if problem is not None:
        found = [feed for feed in found if feed.state.problem and problem in {"any", feed.state.problem}]
    among = "" if group is None else f" of the group {group}"
    none = f"no feed{among} has such a problem" if problem else f"no feed{among}" if among else NO_FEEDS
    columns = COLUMNS if shape == "table" else (*COLUMNS, "detail", "url")
    count = write_rows((_row(feed, entries, shape, moment) for feed in found), columns, shape, empty=none)
    click.get_current_context().exit(0 if count else 1)


def _row(feed: Feed, entries: dict[int, int], shape: str, moment: datetime) -> Row:
    state = state_of(feed)
    told: Row = {
        "name": feed.spec.name,
        "url": redact_url(feed.spec.url),
        "group": feed.spec.group,
        "origin": feed.origin,
        "state": cell(shape, state, STYLES.get(state, "yellow")),
        "last_success_at": feed.state.last_success_at,
        "next_poll_at": None if feed.state.disabled or not feed.spec.enabled else feed.state.next_poll_at,
        "entries": entries.get(feed.id, 0),
    }
    if shape == "table":
        told["last_success_at"] = ago(feed.state.last_success_at, moment)
        told["next_poll_at"] = ago(told["next_poll_at"], moment) if told["next_poll_at"] else ""
    if shape in {"json", "jsonl"}:
        told |= {
            "listed_url": redact_url(feed.listed_url),
            "problem": feed.state.problem, "detail": feed.state.problem_detail,
            "disabled": feed.state.disabled, "lang": feed.spec.lang, "country": feed.spec.country,
            "tags": feed.spec.tags, "tier": feed.spec.tier, "format": feed.state.format,
        }  # fmt: skip
    return told


def find(desk: Desk, name: str) -> Feed:
    """The feed of this name or address.

    :raises NotKnown: there is none; it says which is nearest.
    """
    from monitor.cli.asking import near_miss
    from monitor.errors import NotKnown
    from monitor.storage import feeds as rows

    try:
        return desk.db.read_now(rows.find_feed, name)
    except NotKnown:
        every = desk.db.read_now(rows.list_feeds)
        known = [redact_url(feed.spec.url) if "://" in name else feed.spec.name for feed in every]
        raise NotKnown(f"there is no feed {name!r}{near_miss(name, known)}") from None


@feeds.command()
@click.argument("name")
@desk_options
def remove(desk: Desk, name: str) -> None:
    """Poll a feed no more; its articles stay. NAME is a name or an address.

    \b
    Example:
      monitor feeds remove "Harbour Gazette"
    """
    from monitor.storage import feeds as rows

    feed = find(desk, name)
    desk.db.write_now(rows.remove_feed, feed.spec.url, now())
    click.echo(f"removed {safe(feed.spec.name)}; its articles stay")


@feeds.command()
@click.argument("name")
@click.option("--reason", default="by command", show_default=True)
@desk_options
def disable(desk: Desk, name: str, reason: str) -> None:
    """Stop polling a feed until it is enabled again; works for feeds of the file too.

    \b
    Example:
      monitor feeds disable "Harbour Gazette" --reason "moves to another address in May"
    """
    from monitor.storage import feeds as rows

    feed = find(desk, name)
    desk.db.write_now(rows.set_disabled, feed.id, reason or "by command", now())
    click.echo(f"{safe(feed.spec.name)} is polled no more; again with: monitor feeds enable NAME")


@feeds.command()
@click.argument("name")
@desk_options
def enable(desk: Desk, name: str) -> None:
    """Poll a feed again that was disabled, by command or by the server's 410; its failures are forgotten.

    \b
    Example:
      monitor feeds enable "Harbour Gazette"
    """
    from monitor.errors import UsageError
    from monitor.storage import feeds as rows

    feed = find(desk, name)
    if not feed.spec.enabled:
        raise UsageError(f"“{feed.spec.name}” has enabled = false in the configuration file; change it there")
    if feed.state.disabled is None:
        click.echo(f"{safe(feed.spec.name)} is not disabled")
        return
    desk.db.write_now(rows.set_disabled, feed.id, None, now())
    click.echo(f"{safe(feed.spec.name)} is polled again, from now on")


@feeds.command()
@click.argument("names", nargs=-1)
@click.option("--now", "at_once", is_flag=True, help="Poll in this process, where no daemon works on the database.")
@format_option
@desk_options
def poll(desk: Desk, *, names: tuple[str, ...], at_once: bool, form: str | None) -> None:
    """Make feeds due now, all without NAME; the daemon takes them within seconds.

    With --now they are polled here, and what came is ingested, alerted and delivered before this returns.

    \b
    Examples:
      monitor feeds poll "Harbour Gazette"
      monitor feeds poll --now
    """
    from monitor.storage import feeds as rows

    chosen_feeds = [find(desk, name) for name in names] or desk.db.read_now(rows.list_feeds)
    off = [feed for feed in chosen_feeds if feed.state.disabled or not feed.spec.enabled]
    wanted = [feed for feed in chosen_feeds if feed not in off]
    for feed in off if names else ():
        click.echo(f"{safe(feed.spec.name)} is not polled: {safe(feed.state.disabled or 'switched off')}", err=True)
    if not wanted:
        if not off:
            click.echo(NO_FEEDS, err=True)
        click.get_current_context().exit(1)
    if not at_once:
        count = desk.db.write_now(rows.poll_now, [feed.id for feed in wanted], now())
        due = f"{numbered(count, 'feed')} {'is' if count == 1 else 'are'} due now"
        click.echo(f"{due}; a running daemon takes them within seconds, else: monitor once")
        return
    from monitor.cli.feed_polls import poll_here

    shape = chosen(form)
    polled = poll_here(desk, wanted)
    write_rows(
        (row | {"outcome": cell(shape, row["outcome"], "yellow" if row["detail"] else "green")} for row in polled),
        ("name", "outcome", "status", "entries", "new", "changed", "detail", "next_poll_at"),
        shape,
    )


@feeds.command()
@click.argument("name", required=False)
@click.option("--explain", is_flag=True, help="All that the next poll was decided by.")
@click.option("--within", "length", metavar="DURATION", default="24h", show_default=True, help="How far to look ahead.")
@format_option
@desk_options
def schedule(desk: Desk, *, name: str | None, explain: bool, length: str, form: str | None) -> None:
    """When feeds are polled next, and why then.

    \b
    Examples:
      monitor feeds schedule
      monitor feeds schedule "Harbour Gazette" --explain
    """
    from monitor.storage import feeds as rows

    shape, moment = chosen(form), now()
    found = [find(desk, name)] if name else desk.db.read_now(rows.list_feeds)
    found.sort(key=lambda feed: (feed.state.next_poll_at is None, feed.state.next_poll_at or moment))
    if not found:
        click.echo(NO_FEEDS, err=True)
        click.get_current_context().exit(1)
    if explain:
        _explain(desk, found, shape, moment)
        return
    ahead, never = length_of(length), datetime.max.replace(tzinfo=UTC)
    shown = [feed for feed in found if name or _at(feed, moment, never) <= moment + ahead]
    later = len(found) - len(shown)
    write_rows(
        [_plan(feed, moment, shape) for feed in shown], ("name", "next_poll_at", "due", "every", "reason"), shape
    )
    if shape != "table":
        return
    if later:
        click.echo(f"{later} more later than {span(ahead)} from now, or never")
    if not name and shown:
        heading("Polls ahead")
        for line in timeline([_at(feed, moment, moment) for feed in shown], moment):
            click.echo("  " + line)


def _at(feed: Feed, moment: datetime, never: T) -> datetime | T:
    """When it is polled next; ``never`` where it is not."""
    if feed.state.disabled or not feed.spec.enabled:
        return never
    return max(feed.state.next_poll_at or moment, moment)


def _plan(feed: Feed, moment: datetime, shape: str) -> Row:
    at = _at(feed, moment, None)
    due = "never" if at is None else "now" if at <= moment else ago(at, moment)
    every: Any = feed.state.interval
    return {
        "name": feed.spec.name,
        "url": redact_url(feed.spec.url),
        "next_poll_at": at,
        "due": cell(shape, due, "green" if due == "now" else ""),
        "every": span(every) if every and shape not in {"json", "jsonl"} else every,
        "reason": feed.state.disabled or feed.state.reason or "it has not been polled yet",
    }


def timeline(moments: list[datetime], start: datetime, *, parts: int = 12) -> list[str]:
    """How many polls fall into each part of the time from ``start`` to the last of them, as bars."""
    step = max((max(moments) - start) / parts, timedelta(minutes=1))
    counts = [0] * parts
    for at in moments:
        counts[min(int((at - start) / step), parts - 1)] += 1
    last = max(index for index, count in enumerate(counts) if count)
    named = [(f"{(start + step * index).astimezone():%a %H:%M}", counts[index]) for index in range(last + 1)]
    return [line if count else name for line, (name, count) in zip(bars(named), named, strict=True)]


def _explain(desk: Desk, found: list[Feed], shape: str, moment: datetime) -> None:
    from monitor.app import pace_of
    from monitor.cli.output import as_json
    from monitor.core.polling import explain_schedule

    pace = pace_of(desk.settings)
    for number, feed in enumerate(found):
        lines = explain_schedule(feed, pace, moment)
        if shape != "table":
            click.echo(as_json({"name": feed.spec.name, "url": redact_url(feed.spec.url), "schedule": lines}))
            continue
        if number:
            click.echo()
        click.secho(safe(feed.spec.name), bold=True)
        for line in lines:
            click.echo("  " + safe(line))
