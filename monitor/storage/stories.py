"""Stories: the reports of one event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, case, distinct, func, insert, select, update

from monitor.model import Placement, Starts, Story
from monitor.storage import values
from monitor.storage.schema import articles, stories


def story_for(connection: Connection, placement: Placement, title: str, seen: datetime) -> int | None:
    """The id of the story that an article is placed in; a new one where it starts one."""
    if not isinstance(placement, Starts):
        return placement.story_id
    row = {"title": title, "first_at": seen, "last_at": seen, "articles": 0, "copies": 0, "sites": 0}
    new: int = connection.execute(_NEW, row).scalar_one()
    return new


_NEW = insert(stories).returning(stories.c.id)


def recount(connection: Connection, story_id: int) -> None:
    """Set the story's counts and times by its articles; a story without any goes away."""
    counted = connection.execute(_COUNTS, {"story": story_id}).one()
    if counted.articles:
        connection.execute(_COUNTED, {"story": story_id, **counted._mapping})  # noqa: SLF001
    else:
        connection.execute(stories.delete().where(stories.c.id == story_id))


_COUNTS = select(
    func.count().label("articles"),
    func.count(articles.c.duplicate_of).label("copies"),
    func.count(distinct(articles.c.site)).label("sites"),
    func.min(articles.c.seen).label("first_at"),
    func.max(articles.c.seen).label("last_at"),
).where(articles.c.story_id == bindparam("story"))
_COUNTED = (
    update(stories)
    .where(stories.c.id == bindparam("story"))
    .values({name: bindparam(name) for name in ("articles", "copies", "sites", "first_at", "last_at")})
)


def story(connection: Connection, story_id: int) -> Story | None:
    row = connection.execute(select(stories).where(stories.c.id == story_id)).first()
    return None if row is None else values.story(row)


def list_stories(
    connection: Connection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    before: tuple[datetime, int] | None = None,
    least: int = 1,
    limit: int = 50,
) -> list[Story]:
    """Stories with at least ``least`` articles, latest report first; ``before`` is (last_at, id) of the page's end."""
    statement = select(stories).where(stories.c.articles >= least)
    if since is not None:
        statement = statement.where(stories.c.last_at >= since)
    if until is not None:
        statement = statement.where(stories.c.first_at < until)
    if before is not None:
        at, story_id = before
        statement = statement.where((stories.c.last_at < at) | ((stories.c.last_at == at) & (stories.c.id < story_id)))
    statement = statement.order_by(stories.c.last_at.desc(), stories.c.id.desc()).limit(limit)
    return [values.story(row) for row in connection.execute(statement)]


def story_articles(connection: Connection, story_id: int) -> list[int]:
    """The ids of the story's articles in the order in which they were seen."""
    statement = select(articles.c.id).where(articles.c.story_id == story_id).order_by(articles.c.seen, articles.c.id)
    return list(connection.scalars(statement))


def split(connection: Connection, article_ids: list[int], now: datetime) -> int:
    """Take articles out of their stories and make a story of them; its id."""
    before = set(connection.scalars(select(articles.c.story_id).where(articles.c.id.in_(article_ids)))) - {None}
    first = select(articles.c.title).where(articles.c.id.in_(article_ids))
    first = first.order_by(case((articles.c.duplicate_of.is_(None), 0), else_=1), articles.c.seen).limit(1)
    new = story_for(connection, Starts(), connection.scalar(first) or "", now)
    assert new is not None
    connection.execute(update(articles).where(articles.c.id.in_(article_ids)).values(story_id=new))
    for story_id in (*before, new):
        recount(connection, story_id)
    return new
