"""Counts over the archive: what came in each day, in all and by topic, country, feed, language and site."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, Connection, distinct, func, select, type_coerce

from monitor.storage.columns import EPOCH, MICROSECOND
from monitor.storage.schema import alerts, article_countries, article_topics, articles, feeds, matches, quotes

DAY = 86_400_000_000

Group = Literal["topic", "country", "feed", "lang", "site"]
Daily = dict[str, dict[date, int]]
"""Of each name the counts by day; days without any are left out."""


def _day(column: Any) -> Any:
    """The number of the day of a stored time, since 1970 and in UTC."""
    return type_coerce(column, BigInteger).op("/")(DAY)


def by_day(connection: Connection, since: datetime, until: datetime) -> Daily:
    """Articles seen, copies and backlog among them; edits, alerts and holds of each day."""
    a, of_articles = articles.c, [articles.c.pruned_at.is_(None)]
    counted: dict[str, tuple[Any, list[Any]]] = {
        "articles": (a.seen, of_articles),
        "copies": (a.seen, [*of_articles, a.duplicate_of.is_not(None)]),
        "backlog": (a.seen, [*of_articles, a.backlog]),
        "edited": (a.edited_at, of_articles),
        "alerts": (alerts.c.created_at, []),
        "held": (matches.c.at, [matches.c.hold.is_not(None)]),
    }
    found: Daily = {}
    for name, (column, conditions) in counted.items():
        day = _day(column)
        statement = select(day, func.count()).where(column >= since, column < until, *conditions).group_by(day)
        found[name] = {_date(number): times for number, times in connection.execute(statement)}
    return found


def by_group(connection: Connection, group: Group, since: datetime, until: datetime) -> Daily:
    """Articles of each day by ``group``, the most frequent first; an article with several topics counts for each."""
    a = articles.c
    name, source = {
        "topic": (article_topics.c.topic, articles.join(article_topics, article_topics.c.article_id == a.id)),
        "country": (
            article_countries.c.country,
            articles.join(article_countries, article_countries.c.article_id == a.id),
        ),
        "feed": (feeds.c.name, articles.join(feeds, feeds.c.id == a.feed_id)),
        "lang": (func.coalesce(a.lang, ""), articles),
        "site": (func.coalesce(a.site, ""), articles),
    }[group]
    day = _day(a.seen)
    statement = (
        select(name, day, func.count())
        .select_from(source)
        .where(a.seen >= since, a.seen < until, a.pruned_at.is_(None))
        .group_by(name, day)
    )
    found: Daily = {}
    for value, number, times in connection.execute(statement):
        found.setdefault(value, {})[_date(number)] = times
    return dict(sorted(found.items(), key=lambda each: (-sum(each[1].values()), each[0])))


def totals(connection: Connection) -> dict[str, Any]:
    """The whole archive in numbers: articles, copies, languages, quotes, and the times of the first and last."""
    a = articles.c
    row = connection.execute(
        select(
            func.count().label("articles"),
            func.count(a.duplicate_of).label("copies"),
            func.count(a.edited_at).label("edited"),
            func.count(distinct(a.story_id)).label("stories"),
            func.count(distinct(a.lang)).label("languages"),
            func.count(distinct(a.site)).label("sites"),
            func.min(a.seen).label("first"),
            func.max(a.seen).label("last"),
        ).where(a.pruned_at.is_(None))
    ).one()
    said = connection.scalar(select(func.count()).select_from(quotes)) or 0
    sent = connection.scalar(select(func.count()).select_from(alerts)) or 0
    return {**row._mapping, "quotes": said, "alerts": sent}  # noqa: SLF001 - SQLAlchemy's public name for it


def _date(number: int) -> date:
    return (EPOCH + number * DAY * MICROSECOND).date()
