"""What comes by the clock and not by an article: spikes, silences, empty digests, silences of the operator that end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.core.alerts import WEEKS, Spike, silence_due, spike
from monitor.core.alerts.holding import longest_silence, open_channels
from monitor.core.alerts.words import count, length, when
from monitor.core.messages import MOST_ITEMS, Item
from monitor.core.query import Query, parse
from monitor.core.query.tree import Age, And
from monitor.model import Alert, AlertKind, Article, Rule
from monitor.steps.alerting import channels_for, digest_messages, new_id, plan_empty_digests, who_left
from monitor.storage import alerts as alert_rows
from monitor.storage import articles as article_rows
from monitor.storage import counting, search
from monitor.storage import groups as group_rows
from monitor.storage import notices as notice_rows
from monitor.storage import rules as rule_rows
from monitor.storage import silences as silence_rows
from monitor.telemetry import event

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.app import App

WEEK = timedelta(days=7)
PAGE = 200
"""So many hits of the archive are in memory at a time."""
WARN_BEFORE = timedelta(hours=1)
"""Operators hear so long before its end that a silence ends."""


Sent = tuple[Alert, tuple[tuple[int, str], ...]]
"""An alert, and id and channel of its deliveries."""


def watch(connection: Connection, app: App) -> tuple[Sent, ...]:
    """Look at all that is due by the clock, in one transaction; the alerts that are new."""
    now = app.now()
    sent: list[Sent | None] = []
    plan_empty_digests(connection, app.book.rules.values(), now)
    for rule in app.book.rules.values():
        if rule.enabled and rule.trigger == "spike":
            sent.append(_spike(connection, app, rule, now))
        elif rule.enabled and rule.trigger == "silence-of":
            sent.append(_silence(connection, app, rule, now))
    warn_of_ending_silences(connection, now)
    return tuple(filter(None, sent))


async def learn(app: App) -> None:
    """Let rules that are new or changed count in the archive, so that what is usual is known from the start."""
    for name, version in (await app.db.read(counting.not_counting)).items():
        rule = app.book.rules.get(name)
        if rule is None or rule.version != version or name in app.book.faults:
            continue  # not taken from the database yet, or not understood
        now = app.now()
        begun = await app.db.read(counting.archive_begins)
        since = now if begun is None else max(begun, now - WEEKS * WEEK - rule.within)
        reports = [] if begun is None else await app.db.read(reports_of, app, rule, since, now)
        if await app.db.write(counting.start, rule, since, reports):
            event("rule_counts", rule=name, reports=len(reports), since=f"{since:%Y-%m-%dT%H:%M:%SZ}")


def reports_of(
    connection: Connection, app: App, rule: Rule, since: datetime, now: datetime
) -> list[tuple[int, datetime]]:
    """What ``rule`` would have counted from ``since`` on: articles of the archive, and when each came."""
    query = parse(rule.query, app.book.names, vocabulary=app.book.vocabulary)
    lately = Query(And((query.root, Age("seen", now - since))), query.source)
    found: list[tuple[int, datetime]] = []
    before: int | None = None
    while True:
        page = search.newest(connection, lately, now, limit=PAGE, before=before)
        found += [(hit.article.id, hit.article.seen) for hit in page.hits if _counts(rule, hit.article, app)]
        if page.next is None:
            return found
        before = page.next


def _counts(rule: Rule, article: Article, app: App) -> bool:
    """As `core.alerts.decide` does when the article comes."""
    published = article.analysis.text.published
    too_old = published is not None and article.seen - published > app.pace.alert_window
    copy = article.duplicate_of is not None and rule.trigger == "spike"
    return not (article.backlog or too_old or copy)


def spike_of(connection: Connection, rule: Rule, now: datetime) -> Spike:
    """The rule's reports within its window against what is usual at this hour of the week."""
    (reports,) = counting.counted(connection, rule.name, [(now - rule.within, now)])
    first = counting.counting_since(connection, [rule.name]).get(rule.name, now)
    if reports < rule.at_least:
        return spike(reports, (), 0.0, counting_since=first, at_least=rule.at_least, chance=rule.chance, now=now)
    weeks = min(WEEKS, int((now - first) / WEEK))
    spans = [(now - rule.within - week * WEEK, now - week * WEEK) for week in range(1, weeks + 1)]
    begin = max(first, now - WEEKS * WEEK)
    (all_before,) = counting.counted(connection, rule.name, [(begin, now - rule.within)])
    windows = max((now - rule.within - begin) / rule.within, 1.0)
    return spike(
        reports,
        counting.counted(connection, rule.name, spans),
        all_before / windows,
        counting_since=first,
        at_least=rule.at_least,
        chance=rule.chance,
        now=now,
    )


def _spike(connection: Connection, app: App, rule: Rule, now: datetime) -> Sent | None:
    found = spike_of(connection, rule, now)
    last = group_rows.last_alert(connection, rule.name, "spike")
    if not found.fires or (last is not None and now - last < rule.window):
        return None
    counted = counting.newest(connection, rule.name, now - rule.within, MOST_ITEMS)
    articles = article_rows.load(connection, counted)
    reports = count(found.reports, "independent report", "independent reports")
    reason = f"{reports} within {length(rule.within)}, where {found.expected:.1f} are usual"
    lines = [
        "Usual is the mean of this hour of the week over the weeks before. Copies are not counted.",
        f"By chance {_once(found.chance)} such spans of time would have so many (Poisson).",
        f"The rule alerts where it is {_once(rule.chance)} or fewer.",
    ]
    items = [Item(article=articles[article_id]) for article_id in counted if article_id in articles]
    return _send(connection, app, rule, "spike", now.isoformat(), reason=reason, lines=lines, items=items)


def _once(chance: float) -> str:
    """A probability as people say it."""
    return f"one of {1 / chance:,.0f}" if chance > 1e-9 else "fewer than one of 1,000,000,000"


def _silence(connection: Connection, app: App, rule: Rule, now: datetime) -> Sent | None:
    last = counting.last(connection, rule.name)
    begin = rule_rows.rule_since(connection, rule.name)
    since = max(filter(None, (last, begin)), default=now)
    told = group_rows.last_alert(connection, rule.name, "silence")
    if told is not None and told >= since:
        return None
    answered = group_rows.last_answer(connection)
    if not silence_due(since, rule.silent_for, answered_at=answered, now=now):
        return None
    articles = article_rows.load(connection, counting.newest(connection, rule.name, since - timedelta(seconds=1), 1))
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
) -> Sent | None:
    """An alert that no single match stands behind; ``what`` is told once."""
    now = app.now()
    silences = [each for each in silence_rows.silences(connection, now) if each.query is None]
    reachable = open_channels(rule.channels, channels_for(connection, app, rule.name))
    if not reachable or longest_silence(silences, rule.name, now) is not None:
        return None
    alert = Alert(
        id=new_id(now), key=f"{kind}:{rule.name}:{what}", rule=rule.name, rule_version=rule.version,
        article_id=items[0].article.id if items else 0, story_id=None, created_at=now, priority=rule.priority,
        channels=reachable, kind=kind, reason=reason, group_key=f"{rule.name}|{kind}",
    )  # fmt: skip
    left = who_left(connection, [rule.name]).get(rule.name, {})
    deliveries = digest_messages(app, alert, items, rule, left=left, lines=lines)
    stored = alert_rows.save_alert(connection, alert, deliveries, now)
    return (alert, stored.deliveries) if stored.alerts else None


def warn_of_ending_silences(connection: Connection, now: datetime) -> int:
    """A notice for each silence that ends within the hour, with what it has held; how many."""
    ending = silence_rows.ending_silences(connection, now, now + WARN_BEFORE)
    for silence in ending:
        held = silence_rows.held_by(connection, silence)
        of = f"rule {silence.rule}" if silence.rule else f"query {silence.query}" if silence.query else "all rules"
        text = f"silence {silence.id} of {of} ends at {when(silence.ends_at)} ({silence.who}: {silence.reason})"
        notice_rows.note(connection, "silence_ends", f"{text}; it has held {count(held, 'match', 'matches')}", now)
    silence_rows.mark_warned(connection, [silence.id for silence in ending], now)
    return len(ending)
