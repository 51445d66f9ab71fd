"""What comes by the clock and not by an article: spikes, silences, empty digests, silences of the operator that end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.core.alerts import WEEKS, Spike, silence_due, spike
from monitor.core.alerts.deciding import longest_silence, open_channels
from monitor.core.alerts.words import count, length, when
from monitor.core.messages import MOST_ITEMS, Item
from monitor.model import Alert, AlertKind, Rule
from monitor.steps.alerting import channel_faults, digest_messages, new_id, plan_empty_digests
from monitor.storage import admin as admin_rows
from monitor.storage import alerts as alert_rows
from monitor.storage import articles as article_rows
from monitor.storage import groups as group_rows
from monitor.storage import rules as rule_rows
from monitor.storage import silences as silence_rows
from monitor.telemetry import event

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.app import App

WEEK = timedelta(days=7)
WARN_BEFORE = timedelta(hours=1)
"""Operators hear so long before its end that a silence ends."""


def watch(connection: Connection, app: App) -> tuple[tuple[int, str], ...]:
    """Look at all that is due by the clock, in one transaction; id and channel of new deliveries."""
    now = app.now()
    woken: list[tuple[int, str]] = []
    plan_empty_digests(connection, app.book.rules.values(), now)
    for rule in app.book.rules.values():
        if rule.enabled and rule.trigger == "spike":
            woken += _spike(connection, app, rule, now)
        elif rule.enabled and rule.trigger == "silence-of":
            woken += _silence(connection, app, rule, now)
    warn_of_ending_silences(connection, now)
    return tuple(woken)


def spike_of(connection: Connection, rule: Rule, now: datetime) -> Spike:
    """The rule's reports within its window against what is usual at this hour of the week."""
    (reports,) = group_rows.counted(connection, rule.name, [(now - rule.within, now)])
    first, _ = group_rows.counted_between(connection, rule.name)
    if first is None:
        first = now
    if reports < rule.at_least:
        return spike(reports, (), 0.0, counting_since=first, at_least=rule.at_least, chance=rule.chance, now=now)
    weeks = min(WEEKS, int((now - first) / WEEK))
    spans = [(now - rule.within - week * WEEK, now - week * WEEK) for week in range(1, weeks + 1)]
    begin = max(first, now - WEEKS * WEEK)
    (all_before,) = group_rows.counted(connection, rule.name, [(begin, now - rule.within)])
    windows = max((now - rule.within - begin) / rule.within, 1.0)
    return spike(
        reports,
        group_rows.counted(connection, rule.name, spans),
        all_before / windows,
        counting_since=first,
        at_least=rule.at_least,
        chance=rule.chance,
        now=now,
    )


def _spike(connection: Connection, app: App, rule: Rule, now: datetime) -> tuple[tuple[int, str], ...]:
    found = spike_of(connection, rule, now)
    last = group_rows.last_alert(connection, rule.name, "spike")
    if not found.fires or (last is not None and now - last < rule.window):
        return ()
    counted = group_rows.counted_items(connection, rule.name, now - rule.within, MOST_ITEMS)
    articles = article_rows.load(connection, [article_id for article_id, _ in counted])
    reports = count(found.reports, "independent report", "independent reports")
    reason = f"{reports} within {length(rule.within)}, where {found.expected:.1f} are usual"
    lines = [
        "Usual is the mean of this hour of the week over the weeks before. Copies are not counted.",
        f"By chance so many come with probability {found.chance:.2g} (Poisson); the rule alerts up to {rule.chance:g}.",
    ]
    items = [Item(article=articles[article_id]) for article_id, _ in counted if article_id in articles]
    return _send(connection, app, rule, "spike", now.isoformat(), reason=reason, lines=lines, items=items)


def _silence(connection: Connection, app: App, rule: Rule, now: datetime) -> tuple[tuple[int, str], ...]:
    _, last = group_rows.counted_between(connection, rule.name)
    begin = rule_rows.rule_since(connection, rule.name)
    since = max(filter(None, (last, begin)), default=now)
    told = group_rows.last_alert(connection, rule.name, "silence")
    if told is not None and told >= since:
        return ()
    answered = group_rows.last_answer(connection)
    if not silence_due(since, rule.silent_for, answered_at=answered, now=now):
        return ()
    newest = group_rows.counted_items(connection, rule.name, since - timedelta(seconds=1), 1)
    articles = article_rows.load(connection, [article_id for article_id, _ in newest])
    lines = [f"Nothing matches {rule.query} since {when(since)}."]
    lines += [f"The last report: {article.analysis.text.title}" for article in articles.values()]
    lines += [f"Feeds could be read in this time, the last one at {when(answered)}."] if answered else []
    reason = f"no report for {length(rule.silent_for)}"
    return _send(connection, app, rule, "silence", since.isoformat(), reason=reason, lines=lines)


def _send(
    connection: Connection,
    app: App,
    rule: Rule,
    kind: AlertKind,
    what: str,
    *,
    reason: str,
    lines: list[str],
    items: Sequence[Item] = (),
) -> tuple[tuple[int, str], ...]:
    """An alert that no single match stands behind; ``what`` is told once."""
    now = app.now()
    silences = [each for each in silence_rows.silences(connection, now) if each.query is None]
    reachable = open_channels(rule.channels, channel_faults(connection, app))
    if not reachable or longest_silence(silences, rule.name, now) is not None:
        return ()
    alert = Alert(
        id=new_id(now), key=f"{kind}:{rule.name}:{what}", rule=rule.name, rule_version=rule.version,
        article_id=items[0].article.id if items else 0, story_id=None, created_at=now, priority=rule.priority,
        channels=reachable, kind=kind, reason=reason, group_key=f"{rule.name}|{kind}",
    )  # fmt: skip
    event("alert_planned", count=f'alerts_total{{rule="{rule.name}"}}', rule=rule.name, alert=alert.id, why=reason)
    deliveries = digest_messages(app, alert, items, rule, lines=lines)
    return alert_rows.save_alert(connection, alert, deliveries, now).deliveries


def warn_of_ending_silences(connection: Connection, now: datetime) -> int:
    """A notice for each silence that ends within the hour, with what it has held; how many."""
    ending = silence_rows.ending_silences(connection, now, now + WARN_BEFORE)
    for silence in ending:
        held = silence_rows.held_by(connection, silence)
        of = f"rule {silence.rule}" if silence.rule else f"query {silence.query}" if silence.query else "all rules"
        text = f"silence {silence.id} of {of} ends at {when(silence.ends_at)} ({silence.who}: {silence.reason})"
        admin_rows.note(connection, "silence_ends", f"{text}; it has held {count(held, 'match', 'matches')}", now)
    silence_rows.mark_warned(connection, [silence.id for silence in ending], now)
    return len(ending)
