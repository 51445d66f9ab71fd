"""``silence``: holding alerts back for a while, with a reason."""

from __future__ import annotations

import getpass
import os
from datetime import timedelta

import click

from monitor.cli.common import Desk, Whole, desk_options, format_option, length_of, now
from monitor.cli.nouns import cell
from monitor.cli.output import chosen, safe, write_rows

IN_FORCE, ENDED = ("in force", "green"), ("ended", "dim")


@click.group()
def silence() -> None:
    """Hold alerts back for a while; what is held stays visible with its reason.

    \b
    Example:
      monitor silence add --rule disasters --for 2h --reason "drill in the capital"
    """


@silence.command("add")
@click.option("--rule", help="Only the alerts of this rule.")
@click.option("--query", help="Only articles for which this query holds.")
@click.option("--for", "length", required=True, metavar="DURATION", help="How long: 2h, 1d12h.")
@click.option("--reason", required=True, help="Stands with every alert that it holds back.")
@click.option("--who", help="Default: the name of this user.")
@click.option("--everything", is_flag=True, help="Silence all rules; needed where neither rule nor query is named.")
@desk_options
def add_silence(
    desk: Desk, *, rule: str | None, query: str | None, length: str, reason: str, who: str | None, everything: bool
) -> None:
    """Hold back the alerts of a rule, of articles that match a query, or both.

    \b
    Examples:
      monitor silence add --rule disasters --for 2h --reason "drill in the capital"
      monitor silence add --query 'country:UZ flood*' --for 1d --reason "known, desk is on it"
    """
    from monitor.cli.asking import find_rule, names_known, names_of, read_query, remark
    from monitor.core.text import clean, one_line
    from monitor.errors import UsageError
    from monitor.storage import silences as silence_rows

    lasts = length_of(length)
    if lasts <= timedelta(0):
        raise UsageError("a silence must last longer than nothing")
    if not one_line(clean(reason), 300):
        raise UsageError("say why: --reason")
    if rule is None and query is None and not everything:
        raise UsageError("name a --rule or a --query; --everything silences all rules")
    if rule is not None:
        find_rule(desk, rule)
    if query is not None:
        asked = read_query(desk, query, names_of(desk))
        remark(asked, names_known(desk, asked))
    start = now()
    made = desk.db.write_now(
        silence_rows.add_silence, rule=rule, query=query, starts_at=start, ends_at=start + lasts,
        reason=one_line(clean(reason), 300), who=one_line(clean(who or _user()), 80),
    )  # fmt: skip
    target = f"rule {rule}" if rule else "all rules"
    about = f" for articles that match {query}" if query else ""
    click.echo(f"silence {made.id}: {target}{safe(about)} until {made.ends_at.astimezone():%Y-%m-%d %H:%M}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


@silence.command("list")
@click.option("--all", "ended", is_flag=True, help="Also those that have ended.")
@format_option
@desk_options
def list_silences(desk: Desk, *, ended: bool, form: str | None) -> None:
    """Silences in force, first to end first.

    \b
    Example:
      monitor silence list --all
    """
    from monitor.storage import silences as silence_rows

    shape, moment = chosen(form), now()
    found = desk.db.read_now(silence_rows.silences, moment, ended=ended)
    write_rows(
        (
            {
                "id": each.id, "state": cell(shape, *(IN_FORCE if each.ends_at > moment else ENDED)),
                "rule": each.rule, "query": each.query, "starts_at": each.starts_at, "ends_at": each.ends_at,
                "who": each.who, "reason": each.reason,
            }
            for each in found
        ),
        ("id", "state", "rule", "query", "ends_at", "who", "reason"),
        shape, empty="no silences" if ended else "no silence is in force; --all shows those of the past too",
    )  # fmt: skip
    click.get_current_context().exit(0 if found else 1)


@silence.command("expire")
@click.argument("silence_id", metavar="ID", type=Whole())
@desk_options
def expire_silence(desk: Desk, *, silence_id: int) -> None:
    """End a silence now.

    \b
    Example:
      monitor silence expire 3
    """
    from monitor.storage import silences as silence_rows

    desk.db.write_now(silence_rows.expire_silence, silence_id, now())
    click.echo(f"silence {silence_id} has ended")
