"""What alerts tell of and what waits for one: groups, their items, what the decision looks back on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, or_, select, update

from monitor.core.alerts import Group, History, Told, Waiting, said
from monitor.errors import NotKnown, UsageError
from monitor.storage import dialect
from monitor.storage import schema as s
from monitor.storage.counting import counting_since
from monitor.storage.dialect import among, where_among
from monitor.storage.dialect import values as many
from monitor.storage.spans import spans

if TYPE_CHECKING:
    from monitor.core.alerts import Release, Said
    from monitor.model import Alert, Hold, Span

HOUR = timedelta(hours=1)
REPORTS = 40
"""So many of the newest told reports of a story are what a follow-up is judged against."""

_i, _a, _g = s.alert_items.c, s.alerts.c, s.alert_groups.c

_ALERTED = _a.kind.in_(("article", "digest"))
_LAST_HOUR = select(_a.rule, func.count()).where(_a.created_at > bindparam("hour"), _ALERTED).group_by(_a.rule)
_MATCHED = select(s.matches.c.rule).where(s.matches.c.article_id == bindparam("original"))
_GROUPS = select(s.alert_groups)
_TOLD_AT = func.coalesce(_a.created_at, _i.at).label("told_at")
_TOLD = select(
    _i.rule, _i.article_id, _i.story_id, _i.alert_id, _i.group_key, _TOLD_AT, _a.channels, _a.news
).outerjoin(s.alerts, _a.id == _i.alert_id)
_TOLD_OF_ARTICLES = _TOLD.where(_i.article_id.in_((bindparam("own"), bindparam("original"))))
_TOLD_OF_STORY = _TOLD.where(_i.story_id == bindparam("story"))


# --- what the decision looks back on ---------------------------------------------------------------


def history(
    connection: Connection,
    rules: Collection[str],
    *,
    article_id: int,
    story_id: int | None,
    duplicate_of: int | None,
    now: datetime,
    by_story: Collection[str] | None = None,
    keys: Collection[str] = (),
    spikes: Collection[str] = (),
) -> History:
    """What `core.alerts.decide` needs of the past: of ``rules``, those that match and those that may inhibit them.

    ``by_story`` are those of them for which it matters what was told of the story (``None``: all). ``keys`` are of the
    groups that they may use, ``spikes`` those of them that tell of spikes.
    """
    if not rules:
        return History()
    names = {"rules": many(connection, rules), "original": duplicate_of, "hour": now - HOUR}
    of_rules = rules if by_story is None else by_story
    told = _told(connection, of_rules, article_id=article_id, story_id=story_id, duplicate_of=duplicate_of)
    counts = where_among(connection, _LAST_HOUR, _a.rule, "rules")
    original = where_among(connection, _MATCHED, s.matches.c.rule, "rules")
    groups = where_among(connection, _GROUPS, _g.key, "keys")
    of_story = [each for each in told if story_id is not None and each.story_id == story_id]
    newest = sorted(of_story, key=lambda each: each.at)[-REPORTS:]
    return History(
        told=told,
        last_hour={row[0]: row[1] for row in connection.execute(counts, names)},
        original_matched=frozenset(connection.scalars(original, names) if duplicate_of else ()),
        groups={row.key: Group(**row._mapping) for row in connection.execute(groups, {"keys": many(connection, keys)})},  # noqa: SLF001
        said=_said(connection, {each.article_id for each in newest}),
        sites=_sites(connection, story_id) if of_story and story_id is not None else {},
        acknowledged=_acknowledged(connection, names, story_id) if of_story and story_id is not None else {},
        counting_since=counting_since(connection, spikes),
    )


def _told(
    connection: Connection,
    of_rules: Collection[str],
    *,
    article_id: int,
    story_id: int | None,
    duplicate_of: int | None,
) -> tuple[Told, ...]:
    ids = {"own": article_id, "original": duplicate_of or article_id}
    rows = list(connection.execute(_TOLD_OF_ARTICLES, ids))
    if story_id is not None and of_rules:
        of_story = where_among(connection, _TOLD_OF_STORY, _i.rule, "rules")
        rows += connection.execute(of_story, {"rules": many(connection, of_rules), "story": story_id})
    found = {
        (row.rule, row.article_id, row.alert_id): Told(
            rule=row.rule,
            article_id=row.article_id,
            story_id=row.story_id,
            at=row.told_at,
            alert_id=row.alert_id,
            group_key=row.group_key,
            channels=tuple(row.channels or ()),
            news=tuple(row.news or ()),
        )
        for row in rows
    }
    return tuple(found.values())


def _said(connection: Connection, ids: Collection[int]) -> dict[int, Said]:
    from monitor.storage import articles  # it stores matches by way of `alerts`, which is above this

    if not ids:
        return {}
    tiers = select(s.articles.c.id, s.feeds.c.tier).join(s.feeds, s.feeds.c.id == s.articles.c.feed_id)
    tier = {row.id: row.tier for row in connection.execute(tiers.where(s.articles.c.id.in_(ids)))}
    found = articles.load(connection, sorted(ids))
    return {article_id: said(article.analysis, tier.get(article_id, 2)) for article_id, article in found.items()}


def _sites(connection: Connection, story_id: int) -> dict[str, datetime]:
    a = s.articles.c
    statement = select(a.site, func.min(a.seen).label("first")).where(
        a.story_id == story_id, a.duplicate_of.is_(None), a.site.is_not(None)
    )
    return {row.site: row.first for row in connection.execute(statement.group_by(a.site))}


def _acknowledged(connection: Connection, names: Mapping[str, object], story_id: int) -> dict[str, str]:
    k = s.acknowledgements.c
    found = select(k.rule, k.news).where(among(connection, k.rule, "rules"), k.story_id == story_id)
    return {row.rule: row.news for row in connection.execute(found, names)}


# --- writing ---------------------------------------------------------------------------------------


def put_groups(connection: Connection, groups: Iterable[Group]) -> None:
    """Write groups as they are now."""
    rows = [asdict(group) for group in groups]
    if rows:
        connection.execute(dialect.upsert(connection, s.alert_groups, "key"), rows)


def put_items(
    connection: Connection,
    article_id: int,
    version: int,
    now: datetime,
    *,
    story_id: int | None,
    alerts: Iterable[Alert],
    queued: Iterable[Hold],
) -> None:
    """What alerts of an article tell, and what waits."""
    own = {"article_id": article_id, "article_version": version, "story_id": story_id, "at": now}
    rows = [
        own | {"rule": each.rule, "group_key": each.group_key, "alert_id": each.id, "news": each.reason}
        for each in alerts
    ]
    rows += [
        own | {"rule": each.rule, "group_key": each.refers_to, "alert_id": None, "news": each.news} for each in queued
    ]
    if rows:
        statement = dialect.upsert(connection, s.alert_items, "rule", "article_id", "article_version")
        connection.execute(statement, rows)


def last_hour(connection: Connection, rule: str, now: datetime) -> int:
    """How many alerts with articles a rule sent in the hour before now."""
    recent = and_(_a.rule == rule, _a.created_at > now - HOUR, _ALERTED)
    return connection.scalar(select(func.count()).select_from(s.alerts).where(recent)) or 0


# --- groups that are due ---------------------------------------------------------------------------


def next_due(connection: Connection) -> datetime | None:
    """When the next group is due."""
    due: datetime | None = connection.scalar(select(func.min(_g.due_at)))
    return due


def due_groups(connection: Connection, now: datetime, limit: int) -> list[Group]:
    """Groups whose messages are due, longest due first."""
    statement = select(s.alert_groups).where(_g.due_at <= now).order_by(_g.due_at, _g.key).limit(limit)
    return [Group(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001


def group(connection: Connection, key: str) -> Group | None:
    row = connection.execute(select(s.alert_groups).where(_g.key == key)).first()
    return None if row is None else Group(**row._mapping)  # noqa: SLF001


def put_off(connection: Connection, key: str, until: datetime) -> None:
    """Look at a group not before ``until``."""
    connection.execute(update(s.alert_groups).where(_g.key == key).values(due_at=until))


def waiting(connection: Connection, key: str) -> list[Waiting]:
    """What waits in a group. A story's worth and the topics are those of now."""
    best = select(func.max(s.article_topics.c.score)).where(s.article_topics.c.article_id == _i.article_id)
    statement = (
        select(
            _i.article_id, _i.article_version, _i.story_id, _i.at, _i.news, s.stories.c.sites, s.feeds.c.tier,
            s.matches.c.rule_version, best.scalar_subquery().label("score"),
        )
        .join(s.articles, s.articles.c.id == _i.article_id)
        .join(s.feeds, s.feeds.c.id == s.articles.c.feed_id)
        .outerjoin(s.stories, s.stories.c.id == _i.story_id)
        .outerjoin(
            s.matches,
            and_(
                s.matches.c.article_id == _i.article_id,
                s.matches.c.rule == _i.rule,
                s.matches.c.article_version == _i.article_version,
            ),
        )
        .where(_i.group_key == key, _i.alert_id.is_(None))
        .order_by(_i.at, _i.article_id)
    )  # fmt: skip
    return [
        Waiting(
            article_id=row.article_id,
            version=row.article_version,
            story_id=row.story_id,
            rule_version=row.rule_version or "",
            at=row.at,
            news=row.news,
            sites=row.sites or 1,
            tier=row.tier,
            score=row.score or 0.0,
        )
        for row in connection.execute(statement)
    ]


def settle(connection: Connection, released: Release, now: datetime) -> None:
    """Write what became of a group and of all that waited in it; the alert itself is stored by `alerts.save_alert`."""
    put_groups(connection, [released.group])
    held = [_named(item) | _why(hold.reason, hold.detail, hold.refers_to) for item, hold in released.held]
    _run(
        connection, delete(s.alert_items).where(_bound(s.alert_items)), released, [_named(i) for i, _ in released.held]
    )
    _run(connection, _HOLD, released, held)
    told = [_named(item) for item in released.told]
    if released.moved is not None:
        later, why = released.moved
        put_groups(connection, [later])
        move = update(s.alert_items).where(_bound(s.alert_items)).values(group_key=bindparam("new_group"))
        _run(connection, move, released, [each | {"new_group": later.key} for each in told])
        _run(connection, _HOLD, released, [each | _why("capped", why, later.key) for each in told])
    elif released.alert is not None:
        alert_id = released.alert.id
        tell = update(s.alert_items).where(_bound(s.alert_items)).values(alert_id=bindparam("by"), at=bindparam("when"))
        _run(connection, tell, released, [each | {"by": alert_id, "when": now} for each in told])
        sent = [each | {"by": alert_id} | _why(None, None, None) for each in told]
        _run(connection, _HOLD.values(alert_id=bindparam("by")), released, sent)


def _run(connection: Connection, statement: Any, released: Release, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, [row | {"of_rule": released.group.rule} for row in rows])


def _bound(table: Any) -> ColumnElement[bool]:
    """The rows of an item whose names are parameters."""
    c = table.c
    return and_(
        c.rule == bindparam("of_rule"),
        c.article_id == bindparam("of_article"),
        c.article_version == bindparam("of_version"),
    )


def _named(item: Waiting) -> dict[str, Any]:
    return {"of_article": item.article_id, "of_version": item.version}


def _why(reason: str | None, detail: str | None, refers_to: str | None) -> dict[str, Any]:
    return {"why": reason, "why_detail": detail, "why_refers_to": refers_to}


_HOLD = (
    update(s.matches)
    .where(_bound(s.matches))
    .values(hold=bindparam("why"), hold_detail=bindparam("why_detail"), hold_refers_to=bindparam("why_refers_to"))
)


def _of(columns: Any, rule: str, item: Waiting) -> ColumnElement[bool]:
    return and_(columns.rule == rule, columns.article_id == item.article_id, columns.article_version == item.version)


def spans_of(connection: Connection, rule: str, item: Waiting) -> tuple[Span, ...]:
    """Where a rule matched an article that waited."""
    kept = connection.scalar(select(s.matches.c.spans).where(_of(s.matches.c, rule, item)))
    return spans(kept or [])


def items_of(connection: Connection, alert_id: str) -> list[tuple[int, str]]:
    """The articles that an alert tells of, with what was new in each."""
    statement = select(_i.article_id, _i.news).where(_i.alert_id == alert_id).order_by(_i.at, _i.article_id)
    return [(row.article_id, row.news) for row in connection.execute(statement)]


def list_groups(connection: Connection) -> list[tuple[Group, int]]:
    """Groups in which something waits, first due first, and how much."""
    number = func.count(_i.article_id).label("number")
    statement = (
        select(s.alert_groups, number)
        .outerjoin(s.alert_items, and_(_i.group_key == _g.key, _i.alert_id.is_(None)))
        .where(_g.due_at.is_not(None))
        .group_by(_g.key)
        .order_by(_g.due_at)
    )
    return [
        (Group(**{name: row._mapping[name] for name in s.alert_groups.c.keys()}), row.number)  # noqa: SLF001, SIM118
        for row in connection.execute(statement)
    ]


GROUPS_KEPT = timedelta(days=60)
"""Longer than any ``window`` or ``every`` that makes sense."""


def forget(connection: Connection, now: datetime) -> int:
    """Drop groups in which nothing waits and nothing was sent for long."""
    old = or_(_g.last_sent_at.is_(None), _g.last_sent_at < now - GROUPS_KEPT)
    return connection.execute(delete(s.alert_groups).where(_g.due_at.is_(None), old)).rowcount


# --- acknowledgements ------------------------------------------------------------------------------


def acknowledge(connection: Connection, alert_id: str, *, who: str, now: datetime) -> int:
    """Somebody has the story of an alert in hand: its story's id. Only news of a higher kind is told of it from now on.

    :raises NotKnown: there is no such alert. UsageError: it tells of no story, or of several.
    """
    row = connection.execute(select(_a.rule, _a.story_id).where(_a.id == alert_id)).first()
    if row is None:
        raise NotKnown(f"there is no alert {alert_id}; monitor alerts list shows them")
    if row.story_id is None:
        raise UsageError(f"alert {alert_id} tells of no story, or of several; acknowledge one that tells of one")
    told = select(_a.news).where(_a.rule == row.rule, _a.story_id == row.story_id)
    kinds = sorted({kind for news in connection.scalars(told) for kind in news})
    connection.execute(
        dialect.upsert(connection, s.acknowledgements, "rule", "story_id"),
        {"rule": row.rule, "story_id": row.story_id, "news": " ".join(kinds), "at": now, "who": who},
    )
    story: int = row.story_id
    return story


# --- what came last --------------------------------------------------------------------------------


def last_alert(connection: Connection, rule: str, kind: str) -> datetime | None:
    """When a rule last sent an alert of a kind."""
    at: datetime | None = connection.scalar(select(func.max(_a.created_at)).where(_a.rule == rule, _a.kind == kind))
    return at


def last_answer(connection: Connection) -> datetime | None:
    """When any feed was last read."""
    at: datetime | None = connection.scalar(select(func.max(s.feeds.c.last_success_at)))
    return at
