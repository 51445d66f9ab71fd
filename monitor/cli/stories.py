"""``stories``: the reports of one event, with their sources and timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.article_view import brief, origin_row
from monitor.cli.common import Desk, Whole, desk_options, format_option, limit_option, now, span_options
from monitor.cli.output import Row, chosen, safe, shown, write_rows
from monitor.errors import NotKnown, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.model import Article, Provenance, Story

LIST = ("id", "first", "last", "articles", "copies", "sites", "title")
SHOW = ("id", "seen", "published", "feed", "site", "lang", "duplicate_of", "title", "url")


class StoriesGroup(click.Group):
    """``stories`` alone lists, ``stories 12`` shows."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0].isdecimal():
            args = ["show", *args]
        elif not self.commands.keys() & set(args) and not {"-h", "--help"} & set(args):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=StoriesGroup)
def stories() -> None:
    """Stories: the reports of one event, gathered over days and languages.

    \b
    Examples:
      monitor stories --since 3d --least 3
      monitor stories 12
      monitor stories split 345
    """


@stories.command("list")
@click.option("--least", type=Whole(1), default=2, show_default=True, help="With at least so many articles.")
@click.option("--after", metavar="ID", type=Whole(1), help="Go on behind this story, the last of a page.")
@limit_option(20)
@span_options
@format_option
@desk_options
def list_stories(
    desk: Desk,
    *,
    least: int,
    after: int | None,
    limit: int,
    since: datetime | None,
    until: datetime | None,
    form: str | None,
) -> None:
    """List stories, latest report first. --since: reported on since then; --until: begun before.

    \b
    Example:
      monitor stories list --since 7d --least 3
    """
    from monitor.storage import stories as story_rows

    before = None
    if after is not None:
        last = desk.db.read_now(_story, after)
        before = (last.last_at, last.id)
    found = desk.db.read_now(
        story_rows.list_stories, since=since, until=until, before=before, least=least, limit=limit + 1
    )
    rows = [_row(story) for story in found[:limit]]
    how = chosen(form)
    write_rows(rows, LIST if how != "table" else LIST[:1] + LIST[2:], how)
    if len(found) > limit:
        click.secho(f"more: --after {found[limit - 1].id}", dim=True, err=how != "table")
    if not rows:
        click.echo("no stories; --least 1 shows those with one article too" if least > 1 else "no stories", err=True)
        raise click.exceptions.Exit(1)


def _row(story: Story) -> Row:
    return {
        "id": story.id,
        "title": story.title,
        "first": story.first_at,
        "last": story.last_at,
        "articles": story.articles,
        "copies": story.copies,
        "sites": story.sites,
    }


def _story(connection: Connection, story_id: int) -> Story:
    from monitor.storage import stories as story_rows

    found = story_rows.story(connection, story_id)
    if found is None:
        raise NotKnown(f"there is no story {story_id}; monitor stories lists them")
    return found


@stories.command("show")
@click.argument("story", type=Whole(1), metavar="ID")
@format_option
@desk_options
def show(desk: Desk, *, story: int, form: str | None) -> None:
    """Show one story: its sources, and its reports in the order in which they were seen.

    \b
    Example:
      monitor stories show 12
    """
    from monitor.storage import articles
    from monitor.storage import stories as story_rows

    def gather(connection: Connection) -> tuple[Story, list[Article]]:
        ids = story_rows.story_articles(connection, story)
        loaded = articles.load(connection, ids)
        return _story(connection, story), [loaded[each] for each in ids if each in loaded]

    found, members = desk.db.read_now(gather)
    how = chosen(form)
    if how == "table":
        _draw(found, members)
    elif how in {"json", "jsonl"}:
        answer: dict[str, Any] = _row(found) | {
            "reports": [_report(each) for each in members],
            "origins": [origin_row(each, article) for each, article in _origins(members)],
        }
        write_rows([answer], LIST, how)
    else:
        write_rows([brief(each) for each in members], SHOW, how)


def _origins(members: Sequence[Article]) -> list[tuple[Provenance, Article]]:
    """Where the texts come from that several of ``members`` have."""
    if not any(each.duplicate_of for each in members):
        return []
    from monitor.core.duplicates.origins import origins  # most stories have no copies, and need none of it

    by_id = {each.id: each for each in members}
    return [(each, by_id[each.article_id]) for each in origins(members).values()]


def _report(article: Article) -> Row:
    analysis = article.analysis
    return brief(article) | {
        "similarity": article.similarity,
        "duplicate_reason": article.duplicate_reason,
        "topics": [topic.name for topic in analysis.topics],
        "countries": [country.code for country in analysis.countries],
    }


def _draw(story: Story, members: Sequence[Article]) -> None:
    from collections import Counter

    from rich.text import Text as Styled

    from monitor.cli.article_view import one_line
    from monitor.cli.screen import Screen
    from monitor.core.messages.card import story_line

    screen = Screen()
    screen.indented(Styled(f"{story.id}  ", style="cyan").append(safe(story.title), "bold"), 0)
    told = f"{story_line(story)}; {shown(story.first_at)} to {shown(story.last_at)}"
    screen.indented(Styled(told, style="dim"), 0)
    for name, values in (
        ("topics", [topic.name for each in members for topic in each.analysis.topics]),
        ("countries", [country.code for each in members for country in each.analysis.countries]),
        ("sources", [each.feed for each in members]),
    ):
        if values:
            line = ", ".join(f"{value} {times}" for value, times in Counter(values).most_common(8))
            screen.indented(Styled(f"{name}: ", style="dim").append(safe(line)), 0)
    for origin, article in _origins(members):
        told = f"{origin.agency or article.feed}, article {article.id}, {origin.why}"
        screen.indented(Styled("origin: ", style="dim").append(safe(told)), 0)
    day = ""
    for each in members:
        if f"{each.seen.astimezone():%Y-%m-%d}" != day:
            day = f"{each.seen.astimezone():%Y-%m-%d}"
            screen.head(day)
        screen.indented(one_line(each), 0, hang=7)


@stories.command()
@click.argument("articles", metavar="ARTICLE...", nargs=-1, required=True, type=Whole(1))
@desk_options
def split(desk: Desk, *, articles: tuple[int, ...]) -> None:
    """Take articles out of their story and make a story of them.

    \b
    Example:
      monitor stories split 345 346
    """
    from monitor.storage import articles as article_rows
    from monitor.storage import stories as story_rows

    def work(connection: Connection) -> tuple[int, int]:
        loaded = article_rows.load(connection, articles)
        if missing := [each for each in articles if each not in loaded]:
            raise NotKnown(f"there is no article {', '.join(map(str, missing))}")
        homes = {each.story_id for each in loaded.values()}
        if len(homes) > 1 or None in homes:
            raise UsageError("the articles stand in different stories, or in none; split those of one story at a time")
        (home,) = homes
        assert home is not None
        if set(story_rows.story_articles(connection, home)) == set(articles):
            raise UsageError(f"these are all the articles of story {home}: nothing would be left of it")
        return home, story_rows.split(connection, list(articles), now())

    home, new = desk.db.write_now(work)
    click.echo(f"{len(articles)} taken out of story {home}; they are story {new} now")
