"""Stories: the reports of one event."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, case, distinct, func, insert, select, update

from monitor.model import Story
from monitor.storage.schema import articles, stories

if TYPE_CHECKING:
    from monitor.model import Article, Placement, Text


def story_for(connection: Connection, placement: Placement, text: Text, seen: datetime) -> int | None:
    """The id of the story that an article of this ``text`` is placed in; where it starts one, the id of a new one that
    holds it alone.
    """
    from monitor.model import Starts  # what is told of a story needs no values of placing

    if not isinstance(placement, Starts):
        return placement.story_id
    return _new(connection, text.title, seen, sites=int(text.site is not None))


def _new(connection: Connection, title: str, seen: datetime, *, sites: int) -> int:
    row = {"title": title, "first_at": seen, "last_at": seen, "articles": 1, "copies": 0, "sites": sites}
    new: int = connection.execute(_NEW, row).scalar_one()
    return new


_NEW = insert(stories).returning(stories.c.id)


def recount(connection: Connection, story_id: int) -> None:
    """Set the story's counts and times by its articles; a story without any goes away."""
    if not connection.execute(_RECOUNT, {"story": story_id}).rowcount:
        connection.execute(stories.delete().where(stories.c.id == story_id))


_COUNTED = (
    select(
        articles.c.story_id,
        func.count().label("articles"),
        func.count(articles.c.duplicate_of).label("copies"),
        func.count(distinct(articles.c.site)).label("sites"),
        func.min(articles.c.seen).label("first_at"),
        func.max(articles.c.seen).label("last_at"),
    )
    .where(articles.c.story_id == bindparam("story"))
    .group_by(articles.c.story_id)
    .subquery("counted")
)
_RECOUNT = (
    update(stories)
    .where(stories.c.id == _COUNTED.c.story_id)
    .values({name: _COUNTED.c[name] for name in ("articles", "copies", "sites", "first_at", "last_at")})
)


def story(connection: Connection, story_id: int) -> Story | None:
    row = connection.execute(select(stories).where(stories.c.id == story_id)).first()
    return None if row is None else _of_row(row)


def with_one_more(connection: Connection, story: Story, article: Article, *, copy: bool) -> Story:
    """The story as it is when ``article``, which is not stored in it yet, has joined."""
    site = article.analysis.text.site
    known = select(articles.c.id).where(articles.c.story_id == story.id, articles.c.site == site).limit(1)
    return replace(
        story,
        first_at=min(story.first_at, article.seen),
        last_at=max(story.last_at, article.seen),
        articles=story.articles + 1,
        copies=story.copies + copy,
        sites=story.sites + (bool(site) and connection.scalar(known) is None),
    )


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
    return [_of_row(row) for row in connection.execute(statement)]


def story_articles(connection: Connection, story_id: int) -> list[int]:
    """The ids of the story's articles in the order in which they were seen."""
    statement = select(articles.c.id).where(articles.c.story_id == story_id).order_by(articles.c.seen, articles.c.id)
    return list(connection.scalars(statement))


def split(connection: Connection, article_ids: list[int], now: datetime) -> int:
    """Take articles out of their stories and make a story of them; its id."""
    before = set(connection.scalars(select(articles.c.story_id).where(articles.c.id.in_(article_ids)))) - {None}
    first = select(articles.c.title).where(articles.c.id.in_(article_ids))
    first = first.order_by(case((articles.c.duplicate_of.is_(None), 0), else_=1), articles.c.seen).limit(1)
    new = _new(connection, connection.scalar(first) or "", now, sites=0)
    connection.execute(update(articles).where(articles.c.id.in_(article_ids)).values(story_id=new))
    for story_id in (*before, new):
        recount(connection, story_id)
    return new


def _of_row(row: Row[Any]) -> Story:
    return Story(
        id=row.id,
        title=row.title,
        first_at=row.first_at,
        last_at=row.last_at,
        articles=row.articles,
        copies=row.copies,
        sites=row.sites,
    )
