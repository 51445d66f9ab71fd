"""``feeds health``: what is wrong with which feed, since when, and what to do."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.common import Desk, desk_options, format_option, now
from monitor.cli.nouns import ago, span
from monitor.cli.output import Row, chosen, safe, write_rows
from monitor.core.urls import redact_url

if TYPE_CHECKING:
    from monitor.model import Feed

REMEDIES = {
    "unreachable": "tried again by itself; where it lasts for days, look for its new address: monitor feeds discover",
    "too_large": "it is not read: raise fetch.feed_limit, or look for a shorter feed: monitor feeds discover SITE",
    "cut_off": "what came was read, and the whole is asked for at each poll; where it lasts, tell the site",
    "not_a_feed": "the address answers with something else, often a web page: monitor feeds discover SITE",
    "stale_304": "its server repeats itself and hides what is new: ask the site, or find another feed of it",
    "empty": "a valid feed that lost its entries: the site may have another: monitor feeds discover SITE",
    "undated": "nothing: the time of the poll stands in; its entries may alert although they are old",
    "moved": "nothing: the new address is taken once the redirect has lasted; or write it down now",
    "rate_limited": "nothing: it is asked as rarely as it wants; for good, raise its least interval",
    "refused": "the site does not let us in: ask it, or set fetch.contact so that it knows who asks",
    "gone": "it is polled no more (410): remove it, or find its successor and: monitor feeds enable NAME",
    "poison": "its document kills the parser and is in quarantine; please report the address as a bug",
    "unstable": "its entries change their identity at each poll; new ones are recognised by their text",
    "all_new": "nothing yet: all entries looked new at once; if it happens again it counts as unstable",
    "remapped": "nothing: its entries changed their identity and were recognised",
    "disabled": "switched off by command: monitor feeds enable NAME",
}
ORDER = tuple(REMEDIES)
NO_FEEDS = (
    "no feeds yet: monitor feeds add ADDRESS; those of the configuration are taken by monitor once or monitor run"
)


def state_of(feed: Feed) -> str:
    """A word for a list: ``well``, ``waiting`` (never polled), ``off``, or the kind of problem."""
    if feed.state.problem:
        return feed.state.problem
    if feed.state.disabled or not feed.spec.enabled:
        return "off"
    return "waiting" if feed.state.last_polled_at is None else "well"


def kind_of(feed: Feed) -> str | None:
    """The kind of problem, ``None`` where there is none. What the file switches off is no problem."""
    return feed.state.problem or ("disabled" if feed.state.disabled else None)


def since(feed: Feed) -> datetime | None:
    """From when on the problem is known to be there; ``None`` where only the last document shows it."""
    state = feed.state
    match kind_of(feed):
        case "gone":
            return state.last_polled_at
        case "moved":
            return state.redirect.first_seen if state.redirect else None
        case "disabled" | "undated" | "unstable" | "all_new" | "remapped" | "empty" if not state.failures:
            return None
    return state.last_success_at or state.first_polled_at


@click.command()
@click.argument("name", required=False)
@click.option("--kind", type=click.Choice(ORDER), help="Only this kind of problem.")
@format_option
@desk_options
def health(desk: Desk, *, name: str | None, kind: str | None, form: str | None) -> None:
    """What is wrong with feeds, by kind of problem: since when, why, when it is tried next, and what to do. NAME is a
    name or an address; without it, of all.

    \b
    Examples:
      monitor feeds health
      monitor feeds health "Harbour Gazette"
      monitor feeds health --kind unreachable --format csv
    """
    from monitor.storage import feeds as rows

    shape, moment = chosen(form), now()
    if name is not None:
        from monitor.cli.feeds import find

        found = [find(desk, name)]
    else:
        found = desk.db.read_now(rows.list_feeds)
    troubled = [feed for feed in found if kind_of(feed) is not None and kind in {None, kind_of(feed)}]
    troubled.sort(key=lambda feed: (_rank(kind_of(feed)), feed.spec.name))
    if shape != "table":
        write_rows(map(row, troubled), ("name", "problem", "since", "detail", "next_poll_at", "advice", "url"), shape)
        return
    if not found:
        click.echo(NO_FEEDS, err=True)
        return
    for problem in dict.fromkeys(kind_of(feed) for feed in troubled):
        _tell(str(problem), [feed for feed in troubled if kind_of(feed) == problem], moment)
    if name is None:
        click.echo(summary(found))
    elif not troubled:
        click.echo(_untroubled(found[0], kind, moment))


def row(feed: Feed) -> Row:
    """A line of the answer to programs."""
    kind = kind_of(feed) or ""
    return {
        "name": feed.spec.name,
        "url": redact_url(feed.spec.url),
        "problem": kind,
        "since": since(feed),
        "detail": feed.state.problem_detail or feed.state.disabled or "",
        "failures": feed.state.failures,
        "next_poll_at": feed.state.next_poll_at if not feed.state.disabled else None,
        "advice": REMEDIES.get(kind, ""),
    }


def summary(found: list[Feed]) -> str:
    """One line about all feeds."""
    states = Counter(state_of(feed) for feed in found)
    told = [f"{states.pop('well', 0)} of {len(found)} feeds are well"]
    for word, name in (("waiting", "not polled yet"), ("off", "switched off")):
        if count := states.pop(word, 0):
            told.append(f"{count} {name}")
    told += [f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(states.items(), key=lambda s: _rank(s[0]))]
    return " · ".join(told)


def _untroubled(feed: Feed, kind: str | None, moment: datetime) -> str:
    state = state_of(feed)
    told = {"waiting": "not polled yet", "off": "switched off in the configuration file"}.get(state, "well")
    if kind_of(feed) is not None:
        told = f"not {kind}, but {str(kind_of(feed)).replace('_', ' ')}"
    if feed.state.last_success_at is not None:
        told += f" · last read {ago(feed.state.last_success_at, moment)}"
    if state != "off" and feed.state.next_poll_at is not None:
        told += f" · next try {_again(feed.state.next_poll_at, moment)}"
    return f"{safe(feed.spec.name)}  {told}"


def _rank(kind: str | None) -> int:
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _tell(problem: str, troubled: list[Feed], moment: datetime) -> None:
    click.secho(f"{problem.replace('_', ' ')} ({len(troubled)})", bold=True, fg="yellow")
    for feed in troubled:
        told = row(feed)
        began = f"for {span(moment - told['since'])}" if told["since"] else ""
        again = (
            "not tried again" if told["next_poll_at"] is None else f"next try {_again(told['next_poll_at'], moment)}"
        )
        click.echo(f"  {click.style(safe(feed.spec.name), bold=True)}  {safe(redact_url(feed.spec.url))}")
        click.echo("    " + " · ".join(part for part in (safe(told["detail"]), began, again) if part))
    if problem in REMEDIES:
        click.secho(f"  → {REMEDIES[problem]}", dim=True)
    click.echo()


def _again(at: datetime, moment: datetime) -> str:
    return "now" if at <= moment else ago(at, moment)
