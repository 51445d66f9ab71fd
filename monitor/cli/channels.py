"""``channels``: where alerts go, and whether they work."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.common import Desk, desk_options, format_option, now
from monitor.cli.nouns import ago, cell
from monitor.cli.output import Row, chosen, safe, write_rows
from monitor.errors import NotKnown, UsageError

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.config.settings import Channel
    from monitor.model import Outcome
    from monitor.storage.channels import ChannelCounts

COLUMNS = ("name", "kind", "endpoint", "state", "why", "waiting", "dead", "last_sent")


@click.group()
def channels() -> None:
    """Channels: where alerts go, and whether they work.

    \b
    Example:
      monitor channels test mail
    """


@channels.command("list")
@format_option
@desk_options
def list_channels(desk: Desk, *, form: str | None) -> None:
    """Channels with their kind, endpoint, state, what waits for them, and when they last took a message.

    \b
    Example:
      monitor channels list
    """
    from monitor.storage.channels import ChannelCounts, channel_counts, disabled_channels
    from monitor.storage.unsubscribed import unsubscribed

    shape = chosen(form)
    counts = desk.db.read_now(channel_counts)
    away = desk.db.read_now(unsubscribed)
    off = desk.db.read_now(disabled_channels)
    configured = desk.settings.channels
    shown = [
        _channel_row(name, configured.get(name), off.get(name), counts.get(name, ChannelCounts()), shape)
        for name in [*configured, *sorted(name for name in counts if name not in configured)]
    ]
    for row in shown:
        row["unsubscribed"] = [f"{each.recipient} from {each.rule}" for each in away if each.channel == row["name"]]
    columns = COLUMNS if shape == "table" and not away else (*COLUMNS, "unsubscribed")
    none = "no channels yet: write [channels.NAME] in the configuration, then monitor channels test NAME"
    write_rows(shown, columns, shape, empty=none)
    click.get_current_context().exit(0 if shown else 1)


def _channel_row(name: str, channel: Channel | None, off: str | None, count: ChannelCounts, shape: str) -> Row:
    state, why, style = "enabled", "", "green"
    if channel is None:
        state, why, style = "unknown", "not in the configuration any more", "red"
    elif not channel.enabled:
        state, why, style = "off", "enabled = false in the configuration", "dim"
    elif off is not None:
        state, why, style = "disabled", off, "yellow"
    return {
        "name": name,
        "kind": channel.type if channel else "",
        "endpoint": endpoint(channel) if channel else "",
        "state": cell(shape, state, style),
        "why": why,
        "waiting": count.waiting,
        "dead": count.dead,
        "last_sent": count.last_sent if shape != "table" else ago(count.last_sent, now()),
    }


def endpoint(channel: Channel) -> str:
    """Where a channel sends to, without reading any secret: an address in a file is named by the file."""
    from urllib.parse import urlsplit

    told: dict[str, Any] = channel.model_dump(exclude={"password", "secret", "previous_secret"})
    match told["type"]:
        case "email":
            return f"{', '.join(told['recipients'])} by {told['host']}:{told['port']}"
        case "command":
            return f"command {told['argv'][0]}"
        case kind:
            url = told["url"]
            return f"{kind} at {urlsplit(url).hostname}" if isinstance(url, str) else f"{kind}, file {url['file']}"


@channels.command("test")
@click.argument("name")
@desk_options
def test_channel(desk: Desk, *, name: str) -> None:
    """Send a marked drill straight to a channel, past the outbox, and say what came of it.

    Exit code 0 if it was taken, 1 if it was refused, 75 if it may be taken later.

    \b
    Example:
      monitor channels test mail
    """
    channel = _configured(desk, name)
    started = time.monotonic()
    outcome = asyncio.run(_drill(desk.settings, name))
    elapsed = time.monotonic() - started
    _tell_outcome(name, endpoint(channel), outcome, elapsed)


def refuse_unknown(desk: Desk, name: str) -> None:
    """A channel may have messages although it has left the configuration.

    :raises NotKnown: it has neither.
    """
    from monitor.storage.channels import channel_counts

    if name not in desk.db.read_now(channel_counts):
        _configured(desk, name)


def _configured(desk: Desk, name: str) -> Channel:
    """The channel of this name.

    :raises NotKnown: there is none; it says which is nearest.
    """
    from monitor.cli.asking import near_miss

    configured = desk.settings.channels
    if name not in configured:
        raise NotKnown(f"there is no channel {name!r}{near_miss(name, configured)}")
    return configured[name]


async def _drill(settings: Settings, name: str) -> Outcome:
    """Send one message by the notifier that the daemon would use; a channel that is switched off is tried too.

    :raises ConfigError: its settings or secrets are faulty.
    """
    from monitor.app import channels_of, net_settings, notifiers_of
    from monitor.core.alerts import alert_id
    from monitor.core.messages import render_notice
    from monitor.net.fetch import Net

    channel = settings.channels[name].model_copy(update={"enabled": True})
    alone = settings.model_copy(update={"channels": {name: channel}})
    moment = now()
    message = render_notice(
        alert_id(moment, int.from_bytes(os.urandom(10))), "drill", f"Drill: channel {name} of monitor works",
        ["This is a test that was asked for on the command line; nothing has happened.", "Nobody has to do anything."],
        channels_of(alone)[name], at=moment,
    )  # fmt: skip
    async with Net(net_settings(settings)) as net:
        notifier = notifiers_of(alone, net)[name]
        try:
            return await notifier.send(message, now=moment)
        finally:
            await notifier.aclose()


def _tell_outcome(name: str, where: str, outcome: Outcome, elapsed: float) -> None:
    from monitor.model import Delivered, RetryLater

    context = click.get_current_context()
    if isinstance(outcome, Delivered):
        click.echo(
            f"{click.style('delivered', fg='green')} to {safe(where)} in {elapsed:.2f} s: {safe(outcome.receipt)}"
        )
        for recipient in outcome.refused:
            click.secho(f"refused for ever: {safe(recipient)}", fg="red")
        context.exit(1 if outcome.refused else 0)
    later = isinstance(outcome, RetryLater)
    word = click.style("not now" if later else "refused", fg="yellow" if later else "red")
    click.echo(f"{word} by {safe(where)} after {elapsed:.2f} s: {safe(outcome.reason)}")
    if not later and getattr(outcome, "disable", False):
        click.echo(f"the daemon would switch {name} off; once it is set right: monitor channels enable {name}")
    context.exit(75 if later else 1)


@channels.command("enable")
@click.argument("name")
@desk_options
def enable_channel(desk: Desk, *, name: str) -> None:
    """Switch a channel on again that its endpoint's 410 has switched off; what waits is sent.

    \b
    Example:
      monitor channels enable hook
    """
    from monitor.storage import outbox
    from monitor.storage.channels import disabled_channels, set_channel

    off = desk.db.read_now(disabled_channels)
    if name not in off:
        channel = _configured(desk, name)
        if not channel.enabled:
            raise UsageError(f"channel {name} has enabled = false in the configuration; change it there")
        click.echo(f"channel {name} is not switched off")
        return
    desk.db.write_now(set_channel, name, None, now())
    dead = len(desk.db.read_now(outbox.list_deliveries, state="dead", channel=name, limit=1000))
    click.echo(f"channel {name} is on again (it was off: {safe(off[name])}); what waits is sent")
    if dead:
        click.echo(f"{dead} messages were given up: monitor deliveries retry --all-dead --channel {name}")


@channels.command("subscribe")
@click.argument("name")
@click.argument("address")
@click.option("--rule", help="Mails of this rule alone; else of all that the reader has unsubscribed from.")
@desk_options
def subscribe_reader(desk: Desk, *, name: str, address: str, rule: str | None) -> None:
    """Send a reader of a mail channel again what the reader has unsubscribed from.

    \b
    Example:
      monitor channels subscribe mail ana@example.org
    """
    from monitor.storage.unsubscribed import subscribe

    if not desk.db.write_now(subscribe, name, address, rule):
        what = f"rule {rule}" if rule else "any rule"
        raise NotKnown(
            f"{address} has not unsubscribed from {what} by channel {name}; monitor channels list shows who has"
        )
    click.echo(f"{safe(address)} gets mails of {safe(f'rule {rule}' if rule else 'all rules')} again by {safe(name)}")
