"""Notices of the monitor's own troubles go to the channels named by ``operators``, gathered, through the outbox."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from monitor.core import messages
from monitor.model import Alert
from monitor.steps.alerting import new_id
from monitor.storage import alerts as alert_rows
from monitor.storage import notices as notice_rows
from monitor.storage import outbox
from monitor.storage.channels import disabled_channels
from monitor.telemetry import event
from monitor.wakeups import Task

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.app import App

MOST_LINES = 30


async def tell_operators(app: App) -> int:
    """Send the notices that nobody was told of yet as one message; how many they were.

    They count as told in the transaction that writes the outbox row: none is lost, none is told twice.
    """
    if not any(name in app.notifiers for name in app.settings.operators):
        return 0
    now = app.now()

    def plan(connection: Connection) -> tuple[int, tuple[tuple[int, str], ...]]:
        fresh = notice_rows.untold(connection)
        channels = reachable(app, disabled_channels(connection))
        if not fresh or not channels:
            return 0, ()
        lines = [f"{notice.at:%Y-%m-%d %H:%M} UTC  {notice.text}" for notice in fresh[:MOST_LINES]]
        if len(fresh) > MOST_LINES:
            lines.append(f"… and {len(fresh) - MOST_LINES} more: monitor doctor")
        alert = Alert(
            id=new_id(now), key=f"notice:{fresh[-1].id}", rule="operators", rule_version="", article_id=0,
            story_id=None, created_at=now, priority="normal", channels=tuple(channels), kind="notice",
            reason=f"{len(fresh)} notices",
        )  # fmt: skip
        title = fresh[0].text if len(fresh) == 1 else f"{len(fresh)} notices, the first: {fresh[0].text}"
        deliveries = [
            outbox.NewDelivery(
                alert_id=alert.id,
                channel=name,
                endpoint=app.notifiers[name].endpoint,
                message=messages.render_notice(
                    alert.id, "notice", title, lines, app.channels[name], at=now, more=("monitor doctor",)
                ),
            )
            for name in channels
        ]
        stored = alert_rows.save_alert(connection, alert, deliveries, now)
        notice_rows.mark_told(connection, fresh[-1].id)
        return len(fresh), stored.deliveries

    told, woken = await app.db.write(plan)
    app.wakeups.wake(Task("deliver", delivery_id, channel) for delivery_id, channel in woken)
    if told:
        event("notice", kind="operators_told", text=f"{told} notices sent to the operators")
    return told


def reachable(app: App, disabled: Container[str]) -> list[str]:
    """The operators' channels that are on; where none of them is, any other: better the wrong reader than none."""
    own = [name for name in app.settings.operators if name in app.notifiers and name not in disabled]
    return own or [name for name in app.notifiers if name not in disabled][:1]
