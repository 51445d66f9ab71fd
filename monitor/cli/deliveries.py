"""``deliveries``: the ledger of sends, and dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from monitor.cli.alerts import STATES, attempts_rows, show_attempts
from monitor.cli.channels import channels, refuse_unknown
from monitor.cli.common import FAR, Desk, Whole, desk_options, format_option, limit_option, now
from monitor.cli.nouns import ago, cell, fields, heading, numbered, tell_limit
from monitor.cli.output import Row, as_json, chosen, safe, write_rows
from monitor.errors import NotKnown, UsageError
from monitor.model import DeliveryState

if TYPE_CHECKING:
    from monitor.model import Delivery

__all__ = ["channels", "deliveries"]

COLUMNS = ("id", "created_at", "channel", "state", "attempts", "next_attempt_at", "subject", "last_error")
TABLE = ("id", "written", "channel", "state", "attempts", "subject", "last_error")


@click.group()
def deliveries() -> None:
    """The ledger of sends: what waits, what was sent, what was given up.

    \b
    Example:
      monitor deliveries list --dead
    """


@deliveries.command("list")
@click.option("--dead", is_flag=True, help="Only what was given up.")
@click.option("--state", type=click.Choice(get_args(DeliveryState)))
@click.option("--channel", help="Only of one channel.")
@limit_option(50)
@format_option
@desk_options
def list_deliveries(
    desk: Desk, *, dead: bool, state: DeliveryState | None, channel: str | None, limit: int, form: str | None
) -> None:
    """Messages of the outbox, newest first.

    \b
    Examples:
      monitor deliveries list --dead
      monitor deliveries list --channel mail --state retry
    """
    from monitor.storage import outbox

    if dead and state not in {None, "dead"}:
        raise UsageError("--dead and --state contradict each other")
    if channel is not None:
        refuse_unknown(desk, channel)
    shape = chosen(form)
    found = desk.db.read_now(outbox.list_deliveries, state="dead" if dead else state, channel=channel, limit=limit + 1)
    columns = TABLE if shape == "table" else COLUMNS
    write_rows((_row(each, shape) for each in found[:limit]), columns, shape, empty="no deliveries")
    tell_limit(len(found), limit)
    click.get_current_context().exit(0 if found else 1)


def _row(delivery: Delivery, shape: str) -> Row:
    waits = delivery.next_attempt_at if delivery.state in {"pending", "retry"} else None
    told = {
        "id": delivery.id,
        "alert": delivery.alert_id,
        "created_at": delivery.created_at,
        "channel": delivery.channel,
        "endpoint": delivery.endpoint,
        "state": cell(shape, delivery.state, STATES.get(delivery.state, "")),
        "attempts": delivery.attempts,
        "next_attempt_at": waits,
        "subject": delivery.message.subject,
        "last_error": delivery.last_error,
    }
    if shape == "table":
        moment = now()
        told["written"] = ago(delivery.created_at, moment)
        if waits is not None:
            told["state"] = cell(shape, f"{delivery.state} {ago(waits, moment)}", STATES.get(delivery.state, ""))
    return told


@deliveries.command("show")
@click.argument("delivery_id", metavar="ID", type=Whole())
@click.option("--message", "with_message", is_flag=True, help="Also the text as it is sent.")
@format_option
@desk_options
def show_delivery(desk: Desk, *, delivery_id: int, with_message: bool, form: str | None) -> None:
    """One message with every attempt to send it.

    \b
    Example:
      monitor deliveries show 17
    """
    from monitor.storage import outbox

    found = desk.db.read_now(outbox.delivery, delivery_id)
    if found is None:
        raise NotKnown(f"there is no delivery {delivery_id}; monitor deliveries list shows the last ones")
    delivery, attempts = found
    if chosen(form) != "table":
        told = _row(delivery, "json") | {"attempts_made": attempts_rows(attempts), "text": delivery.message.text}
        click.echo(as_json(told))
        return
    moment = now()
    waits = delivery.state in {"pending", "retry"} and delivery.next_attempt_at
    fields(
        [
            ("delivery", str(delivery.id)),
            ("alert", delivery.alert_id),
            ("subject", delivery.message.subject),
            ("to", f"{delivery.channel}: {delivery.endpoint}"),
            ("only", ", ".join(delivery.message.recipients)),
            ("state", delivery.state),
            ("written", f"{delivery.created_at.astimezone():%Y-%m-%d %H:%M:%S} ({ago(delivery.created_at, moment)})"),
            ("next attempt", ago(delivery.next_attempt_at, moment) if waits else ""),
            ("last error", delivery.last_error or ""),
            ("again with", f"monitor deliveries retry {delivery.id}" if delivery.state == "dead" else ""),
        ]
    )
    heading("Attempts" if attempts else "No attempt yet")
    show_attempts(attempts, indent=2)
    if with_message:
        heading("Message")
        for line in delivery.message.text.splitlines():
            click.echo(f"  │ {safe(line)}")


@deliveries.command()
@click.argument("ids", metavar="ID...", nargs=-1, type=Whole())
@click.option("--all-dead", is_flag=True, help="All that were given up.")
@click.option("--channel", help="With --all-dead: only of this channel.")
@desk_options
def retry(desk: Desk, *, ids: tuple[int, ...], all_dead: bool, channel: str | None) -> None:
    """Take dead letters to a new series of attempts; the message keeps its id.

    \b
    Examples:
      monitor deliveries retry 17 18
      monitor deliveries retry --all-dead --channel mail
    """
    from monitor.storage import outbox
    from monitor.storage.channels import disabled_channels

    if bool(ids) == all_dead:
        raise UsageError("name the deliveries, or --all-dead")
    wanted: list[int] | None = list(ids) if ids else None
    for each in ids:
        found = desk.db.read_now(outbox.delivery, each)
        if found is None:
            raise NotKnown(f"there is no delivery {each}; monitor deliveries list --dead shows what was given up")
        if found[0].state != "dead":
            raise UsageError(f"delivery {each} is not dead but {found[0].state}; nothing was changed")
    if channel is not None:
        refuse_unknown(desk, channel)
        dead = desk.db.read_now(outbox.list_deliveries, state="dead", channel=channel, limit=FAR)
        wanted = [each.id for each in dead if wanted is None or each.id in wanted]
    count = desk.db.write_now(outbox.retry_deliveries, now(), ids=wanted) if wanted != [] else 0
    due = f"{numbered(count, 'message')} {'is' if count == 1 else 'are'} due again"
    click.echo(f"{due}; a running daemon sends them within seconds, else: monitor once")
    off = desk.db.read_now(disabled_channels)
    for name in off if count else ():
        click.secho(f"channel {name} is off: its messages wait until: monitor channels enable {name}", fg="yellow")
    click.get_current_context().exit(0 if count else 1)
