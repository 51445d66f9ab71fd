"""Whom an article concerns and what is told of it; groups that are due."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.core import messages
from monitor.core.alerts import Group, Release, Waiting, alert_id, decide, empty_digest, group_keys, release
from monitor.core.articles import doc_of
from monitor.core.duplicates.origins import copies_among
from monitor.core.messages import MOST_ITEMS, Item, Report, StoryInfo
from monitor.core.urls import site_of
from monitor.model import Alert, Article, Duplicate, Hold, Message, Placement, Rule, RuleMatch
from monitor.storage import alerts as alert_rows
from monitor.storage import articles as article_rows
from monitor.storage import dialect, outbox
from monitor.storage import groups as group_rows
from monitor.storage import silences as silence_rows
from monitor.storage import stories as story_rows
from monitor.storage.channels import disabled_channels
from monitor.storage.unsubscribed import unsubscribed

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.app import App
    from monitor.core.indexing import IndexText


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules that hold for an article come to."""

    matches: tuple[RuleMatch, ...] = ()
    alerts: tuple[Alert, ...] = ()
    holds: tuple[Hold, ...] = ()
    groups: tuple[Group, ...] = ()
    deliveries: tuple[outbox.NewDelivery, ...] = ()


def new_id(now: datetime) -> str:
    """A unique alert id that sorts by time."""
    return alert_id(now, int.from_bytes(os.urandom(10)))


def judge(
    connection: Connection,
    app: App,
    article: Article,
    placement: Placement,
    *,
    before: Article | None,
    tier: int,
    index: IndexText | None = None,
) -> Judged:
    """Match the rules, and decide. ``before`` is the article as it was stored, where its text has changed; ``index`` is
    what the full-text index is given of it.
    """
    now = app.now()
    edited = before is not None or article.edited_at is not None
    doc = doc_of(article, placement=placement, edited=edited, index=index)
    matches = app.book.match(doc, now)
    if before is not None:
        matches += _matched_before(app, before, matches, now)
    if not matches:
        return Judged()
    rules = app.book.rules
    inhibitors = {other for match in matches for other in rules[match.rule].inhibited_by}
    names = {match.rule for match in matches} | inhibitors
    left = who_left(connection, sorted(match.rule for match in matches))
    decision = decide(
        article,
        placement,
        matches,
        rules,
        history=group_rows.history(
            connection,
            sorted(names),
            article_id=article.id,
            story_id=article.story_id,
            duplicate_of=placement.of if isinstance(placement, Duplicate) else None,
            now=now,
            by_story=sorted(inhibitors | {match.rule for match in matches if rules[match.rule].trigger == "story"}),
            keys=[key for m in matches for key in group_keys(rules[m.rule], article, article.story_id)],
            spikes=[match.rule for match in matches if rules[match.rule].trigger == "spike"],
        ),
        silences=app.book.silenced_by(silence_rows.silences(connection, now), doc, now),
        channels=channel_faults(connection, app),
        left={name: without_readers(app, away) for name, away in left.items()},
        now=now,
        new_id=lambda: new_id(now),
        alert_window=app.pace.alert_window,
        tier=tier,
        before=before,
    )
    copy = isinstance(placement, Duplicate)
    story = story_info(connection, article, article.story_id, copy=copy) if decision.alerts else None
    spans = {match.rule: match.spans for match in matches}

    def message(alert: Alert, channel: messages.Channel) -> Message:
        rule = rules[alert.rule]
        if alert.kind == "correction" and before is not None:
            return messages.render_correction(alert, before, article, channel, rule=rule)
        return messages.render(
            alert, article, story, channel, rule=rule, spans=spans[alert.rule], topics=app.book.topics_of(alert.rule)
        )

    deliveries = [
        outbox.NewDelivery(alert_id=a.id, channel=name, endpoint=endpoint, message=message(a, channel))
        for a in decision.alerts for name, endpoint, channel in addressed(app, a, left.get(a.rule, {}))
    ]  # fmt: skip
    return Judged(tuple(matches), decision.alerts, decision.holds, decision.groups, tuple(deliveries))


def _matched_before(app: App, before: Article, matches: Sequence[RuleMatch], now: datetime) -> list[RuleMatch]:
    """Rules for changes also hold where the text that was replaced matches: what is no longer said is a change too."""
    now_too = {match.rule for match in matches}
    old = app.book.match(doc_of(before, edited=True), now)
    return [
        replace(match, spans=())
        for match in old
        if match.rule not in now_too and app.book.rules[match.rule].trigger == "edited"
    ]


def channel_faults(connection: Connection, app: App) -> dict[str, str | None]:
    """Each configured channel with the reason why it is switched off."""
    disabled = disabled_channels(connection)
    return {
        name: disabled.get(name) or (None if name in app.notifiers else "disabled in the configuration")
        for name in app.channels
    }


Left = Mapping[str, frozenset[str]]
"""By channel, the readers who want no more of a rule."""


def who_left(connection: Connection, rules: Collection[str]) -> dict[str, Left]:
    """Of each rule, who has unsubscribed from it."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for each in unsubscribed(connection, rules):
        of_rule = found.setdefault(each.rule, {})
        of_rule[each.channel] = of_rule.get(each.channel, frozenset()) | {each.recipient}
    return dict(found)


def without_readers(app: App, left: Left) -> dict[str, str]:
    """The channels that have no reader of a rule any more, with the reason."""
    return {
        name: f"all its readers have unsubscribed from the rule: {', '.join(app.channels[name].recipients)}"
        for name, away in left.items()
        if name in app.channels and away.issuperset(app.channels[name].recipients)
    }


def channels_for(connection: Connection, app: App, rule: str) -> dict[str, str | None]:
    """Each configured channel with the reason why it can tell nothing of ``rule``."""
    left = who_left(connection, [rule]).get(rule, {})
    return channel_faults(connection, app) | without_readers(app, left)


def addressed(app: App, alert: Alert, left: Left) -> Iterator[tuple[str, str, messages.Channel]]:
    """Where an alert goes: channel, endpoint, and the channel's form."""
    for name in alert.channels:
        notifier, channel = app.notifiers.get(name), app.channels.get(name)
        if notifier is not None and channel is not None:
            away = left.get(name, frozenset()).intersection(channel.recipients)
            yield name, notifier.endpoint, replace(channel, left=away) if away else channel


def story_info(
    connection: Connection, article: Article, story_id: int | None, *, copy: bool = False
) -> StoryInfo | None:
    """The article's story with its other reports, for the message.

    An article that is about to be stored in its story, perhaps as a ``copy``, is counted already.
    """
    if story_id is None or (story := story_rows.story(connection, story_id)) is None:
        return None
    members = story_rows.story_articles(connection, story_id)
    if article.id not in members:
        story = story_rows.with_one_more(connection, story, article, copy=copy)
    others = [other for other in members if other != article.id]
    loaded = article_rows.load(connection, others[:10])
    copies = copies_among([article, *loaded.values()])
    reports = tuple(
        Report(
            title=other.analysis.text.title,
            url=other.url,
            site=other.analysis.text.site or site_of(other.url),
            published=other.analysis.text.published,
            copy=other.id in copies,
        )
        for other in loaded.values()
    )
    return StoryInfo(story=story, reports=reports)


# --- groups that are due ---------------------------------------------------------------------------


def release_group(connection: Connection, app: App, key: str) -> tuple[Release, tuple[tuple[int, str], ...]] | None:
    """Send what has waited long enough in a group, in one transaction: what became of it, and id and channel of the new
    deliveries. ``None`` where it is not due any more.

    A group is looked at under the same lock as articles are placed, so that nothing joins it meanwhile.
    """
    dialect.serialise(connection, "place")
    now = app.now()
    group = group_rows.group(connection, key)
    if group is None or group.due_at is None or group.due_at > now:
        return None
    rule = app.book.rules.get(group.rule)
    items = _silenced(connection, app, group_rows.waiting(connection, group.key), now)
    past = group_rows.last_hour(connection, group.rule, now)
    released = release(
        group,
        rule,
        items,
        overflow=group_rows.group(connection, f"{group.rule}|overflow"),
        last_hour=past,
        channels=channels_for(connection, app, group.rule),
        now=now,
        new_id=lambda: new_id(now),
    )
    group_rows.settle(connection, released, now)
    if released.alert is None or rule is None:
        return released, ()
    deliveries = _messages(connection, app, released, rule)
    return released, alert_rows.save_alert(connection, released.alert, deliveries, now).deliveries


def _silenced(connection: Connection, app: App, items: list[Waiting], now: datetime) -> list[Waiting]:
    """The items with the silences that may hold them; only those with a query need the articles."""
    silences = silence_rows.silences(connection, now)
    if not any(silence.query for silence in silences):
        return [replace(item, silences=tuple(silences)) for item in items]
    articles = article_rows.load(connection, [item.article_id for item in items])
    return [
        replace(item, silences=tuple(app.book.silenced_by(silences, doc_of(articles[item.article_id]), now)))
        for item in items
        if item.article_id in articles
    ]


def _messages(connection: Connection, app: App, released: Release, rule: Rule) -> list[outbox.NewDelivery]:
    alert = released.alert
    assert alert is not None
    shown = released.told[:MOST_ITEMS]
    articles = article_rows.load(connection, [item.article_id for item in shown])
    told = [(item, articles[item.article_id]) for item in shown if item.article_id in articles]
    left = who_left(connection, [rule.name]).get(rule.name, {})
    if alert.kind == "article":
        item, article = told[0]
        story = story_info(connection, article, item.story_id)
        spans, topics = group_rows.spans_of(connection, rule.name, item), app.book.topics_of(rule.name)
        return [
            outbox.NewDelivery(
                alert_id=alert.id, channel=name, endpoint=endpoint,
                message=messages.render(alert, article, story, channel, rule=rule, spans=spans, topics=topics),
            )
            for name, endpoint, channel in addressed(app, alert, left)
        ]  # fmt: skip
    listed = [Item(article=article, news=item.news) for item, article in told]
    return digest_messages(app, alert, listed, rule, left=left, total=len(released.told))


def digest_messages(
    app: App,
    alert: Alert,
    items: Sequence[Item],
    rule: Rule,
    *,
    left: Left,
    lines: Sequence[str] = (),
    total: int | None = None,
) -> list[outbox.NewDelivery]:
    """One row for each channel of an alert that tells of ``total`` articles, of which ``items`` are the best."""
    return [
        outbox.NewDelivery(
            alert_id=alert.id, channel=name, endpoint=endpoint,
            message=messages.render_digest(alert, items, channel, rule=rule, lines=lines, total=total),
        )
        for name, endpoint, channel in addressed(app, alert, left)
    ]  # fmt: skip


def plan_empty_digests(connection: Connection, rules: Iterable[Rule], now: datetime) -> int:
    """Digests that are sent even when empty must be due without a match; how many were set."""
    missing = [
        empty_digest(rule, now)
        for rule in rules
        if rule.enabled and rule.trigger == "digest" and rule.send_empty
        and ((group := group_rows.group(connection, f"{rule.name}|digest")) is None or group.due_at is None)
    ]  # fmt: skip
    group_rows.put_groups(connection, missing)
    return len(missing)
