"""One article with all that is known of it: gathered once, shown to a person or given to a program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from monitor.cli.output import Row, safe, shown
from monitor.core.quotes import speaker_of

if TYPE_CHECKING:
    from rich.text import Text as Styled
    from sqlalchemy import Connection

    from monitor.cli.screen import Screen
    from monitor.model import Alert, Article, Provenance, Story, TopicMatch
    from monitor.storage.alerts import Match
    from monitor.storage.articles import Version
    from monitor.storage.lookup import Lifecycle, PastEntry

REPORTS = 200
"""So many other reports of the story are read; a larger story says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The article and what stands around it. ``reports`` are others of its story; ``copies`` copy it.

    ``origin`` is where the text comes from, of all its copies: found by what these say now, whichever was seen first.
    """

    article: Article
    state: Lifecycle
    versions: Sequence[Version]
    entries: Sequence[PastEntry]
    original: Article | None
    origin: tuple[Provenance, Article] | None
    copies: Sequence[Article]
    story: Story | None
    reports: Sequence[Article]
    matches: Sequence[Match]
    alerts: Sequence[Alert]
    page: tuple[datetime, str] | None


def gather(connection: Connection, article: Article) -> View:
    """All of it, in one view of the database."""
    from monitor.storage import alerts, articles, lookup, stories

    state = lookup.lifecycle(connection, article.id)
    assert state is not None
    story = stories.story(connection, article.story_id) if article.story_id else None
    members = stories.story_articles(connection, article.story_id) if article.story_id else []
    copies = articles.copies_of(connection, [article.id]).get(article.id, [])
    others = [each for each in members if each != article.id][:REPORTS]
    first = article.duplicate_of or article.id
    alike = [first, *articles.copies_of(connection, [first]).get(first, [])][:REPORTS]
    loaded = articles.load(connection, [*dict.fromkeys([*others, *copies, *alike])])
    source = _source([loaded[each] for each in alike if each in loaded])
    return View(
        article=article,
        state=state,
        versions=articles.versions(connection, article.id),
        entries=lookup.entries_of(connection, article.id),
        original=loaded.get(article.duplicate_of) if article.duplicate_of else None,
        origin=None if source is None else (source, loaded[source.article_id]),
        copies=[loaded[each] for each in copies if each in loaded],
        story=story,
        reports=[loaded[each] for each in others if each in loaded],
        matches=alerts.matches(connection, article_id=article.id),
        alerts=alerts.list_alerts(connection, article_id=article.id),
        page=lookup.page_kept(connection, article.id),
    )


def _source(alike: Sequence[Article]) -> Provenance | None:
    """Where the text comes from that several articles have."""
    if len(alike) < 2:
        return None
    from monitor.core.duplicates.origins import origin  # most articles have no copies, and need none of it

    return origin(alike)


# --- for programs ----------------------------------------------------------------------------------


def brief(article: Article) -> Row:
    """An article in a line."""
    text = article.analysis.text
    return {
        "id": article.id,
        "url": article.url,
        "title": text.title,
        "feed": article.feed,
        "site": text.site,
        "lang": text.lang,
        "seen": article.seen,
        "published": text.published,
        "duplicate_of": article.duplicate_of,
    }


def as_row(view: View) -> Row:
    """Everything, as plain values."""
    article, analysis, text = view.article, view.article.analysis, view.article.analysis.text
    return {
        **brief(article),
        "canonical_url": article.canonical_url,
        "page_url": analysis.page_url,
        "state": article.state,
        "problem": view.state.problem,
        "summary": text.summary,
        "body": text.body,
        "body_status": analysis.body_status,
        "body_detail": analysis.body_detail,
        "authors": list(text.authors),
        "tags": list(text.tags),
        "image": analysis.image,
        "updated": analysis.updated,
        "edited": article.edited_at,
        "backlog": article.backlog,
        "version": article.version,
        "topics": [topic_row(topic) for topic in analysis.topics],
        "countries": [{"code": each.code, "mentions": each.mentions} for each in analysis.countries],
        "people": [{"name": each.name, "role": each.role, "org": each.org} for each in analysis.people],
        "quotes": [
            {"text": q.text, "speaker": q.speaker, "person": q.person, "start": q.start, "end": q.end}
            for q in analysis.quotes
        ],
        "facts": [
            {"kind": f.kind, "value": f.value, "text": f.text, "start": f.start, "end": f.end} for f in analysis.facts
        ],
        "similarity": article.similarity,
        "duplicate_reason": article.duplicate_reason,
        "origin": view.origin and origin_row(*view.origin),
        "copies": [brief(each) for each in view.copies],
        "story": None
        if view.story is None
        else {
            "id": view.story.id,
            "title": view.story.title,
            "articles": view.story.articles,
            "copies": view.story.copies,
            "sites": view.story.sites,
            "reports": [brief(each) for each in view.reports],
        },
        "versions": [version_row(each) for each in view.versions],
        "listed_by": [
            {"feed": each.feed, "first_seen": each.first_seen, "last_seen": each.last_seen} for each in view.entries
        ],
        "page_fetched": view.page[0] if view.page else None,
        "matches": [match_row(each) for each in view.matches],
        "alerts": [
            {"id": each.id, "rule": each.rule, "at": each.created_at, "channels": list(each.channels)}
            for each in view.alerts
        ],
    }


def origin_row(found: Provenance, article: Article) -> Row:
    """Where a text comes from."""
    return {
        "article": article.id,
        "feed": article.feed,
        "agency": found.agency,
        "credits": found.credits,
        "why": found.why,
    }


def topic_row(topic: TopicMatch) -> Row:
    return {
        "name": topic.name,
        "score": topic.score,
        "terms": [
            {"term": t.term, "field": t.field, "start": t.start, "end": t.end, "weight": t.weight} for t in topic.terms
        ],
    }


def version_row(version: Version) -> Row:
    return {name: getattr(version, name) for name in ("version", "at", "cause", "title", "summary", "body")}


def match_row(match: Match) -> Row:
    return {
        "rule": match.rule,
        "rule_version": match.rule_version,
        "article_version": match.article_version,
        "at": match.at,
        "alert": match.alert_id,
        "hold": match.hold,
        "detail": match.detail,
        "refers_to": match.refers_to,
        "spans": [{"field": s.field, "start": s.start, "end": s.end, "term": s.node} for s in match.spans],
    }


# --- for a person ----------------------------------------------------------------------------------


def draw(screen: Screen, view: View) -> None:
    """The article, section by section; what is empty is left out."""
    from rich.text import Text as Styled

    article, analysis = view.article, view.article.analysis
    text = analysis.text
    screen.indented(Styled(safe(text.title) or "(no title)", style="bold"), 0)
    screen.print(Styled(safe(article.url), style="blue"))
    _facts_table(screen, view)
    if text.summary and text.summary != text.body:
        screen.head("Summary (the feed's own)")
        screen.indented(Styled(safe(text.summary)), 2)
    if text.body:
        screen.head("Text")
        for paragraph in text.body.splitlines():
            screen.indented(Styled(safe(paragraph)), 2)
    _topics(screen, analysis.topics)
    _listed(screen, "People", ([each.name, each.role or "", each.org or ""] for each in analysis.people))
    _listed(
        screen,
        "Quotes",
        ([f"“{each.text}”", speaker_of(each) or "(nobody named)"] for each in analysis.quotes),
        join=" — ",
    )
    _listed(screen, "Dates and numbers in the lead", ([each.text, each.value] for each in analysis.facts), join=" = ")
    _versions(screen, view)
    _around(screen, view)
    _rules(screen, view)


def _facts_table(screen: Screen, view: View) -> None:
    from rich.table import Table
    from rich.text import Text as Styled

    article, analysis = view.article, view.article.analysis
    text = analysis.text
    body = analysis.body_status + (f": {analysis.body_detail}" if analysis.body_detail else "")
    told: list[tuple[str, str]] = [
        ("article", f"{article.id}, version {article.version}" + ("" if article.version else " (not analysed yet)")),
        ("feed", article.feed + (f" and {len(view.entries) - 1} more listings" if len(view.entries) > 1 else "")),
        ("site", text.site or ""),
        ("published", shown(text.published)),
        ("seen", shown(article.seen) + (" (backlog: never alerted)" if article.backlog else "")),
        ("edited", shown(article.edited_at)),
        ("authors", ", ".join(text.authors)),
        ("language", text.lang or ""),
        ("countries", ", ".join(f"{each.code} {each.mentions}" for each in analysis.countries)),
        ("tags", ", ".join(text.tags)),
        ("text from", body if body != "page" else "the page"),
        ("state", article.state + (f": {view.state.problem}" if view.state.problem else "")),
        ("", f"tried again at {shown(view.state.next_attempt_at)}" if view.state.next_attempt_at else ""),
    ]
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in told:
        if value and (name, value) != ("state", "done"):
            table.add_row(name, Styled(safe(value)))
    screen.print(table)


def _topics(screen: Screen, topics: Sequence[TopicMatch]) -> None:
    from rich.text import Text as Styled

    if topics:
        screen.head("Topics, with the terms that counted")
    for topic in topics:
        line = Styled(f"{topic.score:.2f} ", style="cyan").append(safe(topic.name), "bold")
        counted: dict[tuple[str, float, str], int] = {}
        for term in topic.terms:
            key = (term.term, term.weight, "title" if term.field == "title" else "")
            counted[key] = counted.get(key, 0) + 1
        for (word, weight, field), times in counted.items():
            said = f"{field}:{word}" if field else word
            said += f" ×{times}" if times > 1 else ""
            said += f" ({weight:+g})" if weight != 1 else ""
            line.append("  ").append(safe(said), "red" if weight < 0 else "")
        screen.indented(line, 2)


def _listed(screen: Screen, name: str, rows: Iterable[Sequence[str]], *, join: str = ", ") -> None:
    from rich.text import Text as Styled

    for number, row in enumerate(rows):
        if not number:
            screen.head(name)
        screen.indented(Styled(safe(join.join(each for each in row if each))), 2)


def _versions(screen: Screen, view: View) -> None:
    if len(view.versions) > 1:
        _listed(
            screen,
            f"Versions (monitor show {view.article.id} --diff)",
            ([f"{each.version}", shown(each.at), each.cause, each.title] for each in view.versions),
            join="  ",
        )


def one_line(article: Article) -> Styled:
    """An article in a line of a list."""
    from rich.text import Text as Styled

    text = article.analysis.text
    line = Styled(f"{article.id:>5}  ", style="cyan").append(f"{shown(article.seen)}  ", "dim")
    line.append(f"[{safe(text.lang or '?')}] {safe(text.title)}", "" if article.duplicate_of is None else "dim")
    return line.append(f"  {safe(article.feed)}" + (" (copy)" if article.duplicate_of else ""), "dim")


def _around(screen: Screen, view: View) -> None:
    from rich.text import Text as Styled

    article = view.article
    if article.duplicate_of is not None:
        screen.head(f"A copy of article {article.duplicate_of}")
        screen.indented(Styled(safe(article.duplicate_reason), style="dim"), 2)
        if view.original is not None:
            screen.indented(one_line(view.original), 2, hang=7)
    if view.origin is not None:
        found, whose = view.origin
        which = "this article" if whose.id == article.id else f"article {whose.id}"
        screen.head(f"Origin of the text: {safe(found.agency or whose.feed)}, {which}")
        screen.indented(Styled(safe(found.why), style="dim"), 2)
    if view.copies:
        screen.head("Copies of it")
        for each in view.copies:
            screen.indented(one_line(each), 2, hang=7)
    copied = {each.id for each in view.copies} | {article.duplicate_of}
    others = [each for each in view.reports if each.id not in copied]
    if view.story is not None and others:
        story = view.story
        from monitor.core.messages.card import story_line

        screen.head(f"Story {story.id}: {story_line(story)}")
        for each in others:
            screen.indented(one_line(each), 2, hang=7)
        if story.articles - 1 > len(view.reports):
            screen.indented(Styled(f"{story.articles - 1 - len(view.reports)} more: monitor stories {story.id}"), 2)


def _rules(screen: Screen, view: View) -> None:
    from rich.text import Text as Styled

    if view.matches:
        screen.head("Rules that matched")
    for match in view.matches:
        line = Styled(safe(match.rule), style="bold").append(f"  {shown(match.at)}  ", "dim")
        if match.alert_id:
            line.append(f"alert {match.alert_id}", "green")
        else:
            detail = f": {match.detail}" if match.detail else ""
            line.append(f"held, {match.hold}{safe(detail)}", "yellow")
        words = dict.fromkeys(_words(view, match))
        screen.indented(line.append("  ").append(", ".join(words), "dim"), 2)


def _words(view: View, match: Match) -> Iterable[str]:
    """The words that matched, where the text is still the one that they were found in."""
    from monitor.cli.highlight import parts_of

    if match.article_version == view.article.version:
        fields: dict[str, Any] = parts_of(view.article.analysis.text)
        for span in match.spans[:12]:
            yield safe(fields.get(span.field, "")[span.start : span.end])
