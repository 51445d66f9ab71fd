"""Rows to values of the model and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from monitor.model import (
    Alert,
    Delivery,
    EntryKeys,
    Feed,
    FeedSpec,
    FeedState,
    KnownEntry,
    Message,
    ParsedEntry,
    RedirectEvidence,
    Rule,
    Silence,
    Span,
    Story,
    TopicTerm,
)
from monitor.storage.columns import EPOCH, MICROSECOND

STATE = tuple(field.name for field in fields(FeedState))
SPEC = tuple(field.name for field in fields(FeedSpec))


def stamp(moment: datetime | None) -> int | None:
    """A time inside a JSON column."""
    return None if moment is None else (moment - EPOCH) // MICROSECOND


def moment(stamped: int | None) -> datetime | None:
    return None if stamped is None else EPOCH + timedelta(microseconds=stamped)


# --- feeds -----------------------------------------------------------------------------------------


def feed(row: Row[Any]) -> Feed:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    state = {name: values[name] for name in STATE}
    state["redirect"] = _redirect(state["redirect"])
    spec = {name: values[name] for name in SPEC}
    spec["tags"] = tuple(spec["tags"])
    return Feed(
        id=row.id, spec=FeedSpec(**spec), origin=row.origin, state=FeedState(**state), listed_url=row.listed_url
    )


def state_columns(state: FeedState) -> dict[str, Any]:
    columns = {name: getattr(state, name) for name in STATE}
    if state.redirect is not None:
        seen = state.redirect
        columns["redirect"] = [seen.target, seen.count, stamp(seen.first_seen)]
    return columns


def _redirect(kept: list[Any] | None) -> RedirectEvidence | None:
    if kept is None:
        return None
    first = moment(kept[2])
    assert first is not None
    return RedirectEvidence(target=kept[0], count=kept[1], first_seen=first)


def spec_columns(spec: FeedSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in SPEC} | {"tags": list(spec.tags)}


# --- entries ---------------------------------------------------------------------------------------

_MOMENTS = ("published", "updated")
_TUPLES = ("authors", "tags", "enclosures", "truncated", "point")
_ENTRY = tuple((field.name, field.default) for field in fields(ParsedEntry))


def entry_json(entry: ParsedEntry) -> dict[str, Any]:
    kept = {name: value for name, default in _ENTRY if (value := getattr(entry, name)) != default}
    for name in _MOMENTS:
        if name in kept:
            kept[name] = stamp(kept[name])
    return kept


def entry(kept: dict[str, Any]) -> ParsedEntry:
    values: dict[str, Any] = {"guid": None, "url": None, "title": "", **kept}
    for name in _MOMENTS:
        if name in values:
            values[name] = moment(values[name])
    for name in _TUPLES:
        if name in values:
            values[name] = tuple(values[name])
    return ParsedEntry(**values)


def known_entry(row: Row[Any]) -> KnownEntry:
    return KnownEntry(
        id=row.id,
        keys=EntryKeys(identity=row.identity, guid=row.guid_key, url=row.url_key, title=row.title_key),
        content_hash=row.content_hash,
        article_id=row.article_id,
        published=row.published,
    )


# --- what is found in a text -----------------------------------------------------------------------


def spans_json(spans: Sequence[Span]) -> list[list[Any]]:
    return [[span.field, span.start, span.end, span.node] for span in spans]


def spans(kept: list[list[Any]]) -> tuple[Span, ...]:
    return tuple(Span(*each) for each in kept)


def terms_json(terms: Sequence[TopicTerm]) -> list[list[Any]]:
    return [[term.term, term.field, term.start, term.end, term.weight] for term in terms]


def terms(kept: list[list[Any]]) -> tuple[TopicTerm, ...]:
    return tuple(
        TopicTerm(term=term, field=field, start=start, end=end, weight=weight)
        for term, field, start, end, weight in kept
    )


# --- stories, rules, alerts, deliveries ------------------------------------------------------------


def story(row: Row[Any]) -> Story:
    return Story(
        id=row.id,
        title=row.title,
        first_at=row.first_at,
        last_at=row.last_at,
        articles=row.articles,
        copies=row.copies,
        sites=row.sites,
    )


_RULE = {field.name: field.default for field in fields(Rule)}


def rule_json(rule: Rule) -> dict[str, Any]:
    kept = {name: getattr(rule, name) for name in _RULE}
    return {name: value // MICROSECOND if isinstance(value, timedelta) else value for name, value in kept.items()}


def rule(kept: dict[str, Any]) -> Rule:
    values: dict[str, Any] = {}
    for name, default in _RULE.items():
        if name in kept:
            value = kept[name]
            if isinstance(default, timedelta):
                value = timedelta(microseconds=value)
            values[name] = tuple(value) if isinstance(value, list) else value
    return Rule(**values)


def alert(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        key=row.key,
        rule=row.rule,
        rule_version=row.rule_version,
        article_id=row.article_id,
        story_id=row.story_id,
        created_at=row.created_at,
        priority=row.priority,
        channels=tuple(row.channels),
        kind=row.kind,
        reason=row.reason,
        group_key=row.group_key,
        news=tuple(row.news),
    )


def alert_columns(alert: Alert) -> dict[str, Any]:
    return {field.name: getattr(alert, field.name) for field in fields(Alert)} | {
        "channels": list(alert.channels),
        "news": list(alert.news),
    }


def silence(row: Row[Any]) -> Silence:
    return Silence(
        id=row.id,
        rule=row.rule,
        query=row.query,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
        who=row.who,
    )


def message_json(message: Message) -> dict[str, Any]:
    kept = {field.name: getattr(message, field.name) for field in fields(Message)}
    return kept | {"payload": dict(message.payload), "headers": dict(message.headers)}


def delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        alert_id=row.alert_id,
        channel=row.channel,
        endpoint=row.endpoint,
        message=Message(**row.message | {"recipients": tuple(row.recipients)}),
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        last_error=row.last_error,
    )
