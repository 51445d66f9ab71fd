"""``reprocess``: today's topics, rules or extractor over the archive, with a report of what would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import click

from monitor.cli.common import Desk, Moment, desk_options, format_option, now
from monitor.cli.output import Row, chosen, safe, write_rows

if TYPE_CHECKING:
    from monitor.core.rulebook import RuleBook
    from monitor.core.topics import TopicPack
    from monitor.model import Analysis, Article, RuleMatch, TopicMatch
    from monitor.sandbox import Sandbox
    from monitor.storage.revision import KeptMatch

What = Literal["topics", "rules", "pages"]
BATCH = 200
SAMPLES = 3
NEAR = 0.005
"""Scores that differ by less are the same."""

Step = Callable[[int], None]


@dataclass(slots=True)
class Changes:
    """What changes under one name, a topic, a rule, or a source of texts: ids of articles by the kind of change."""

    before: int = 0
    after: int = 0
    ids: dict[str, list[int]] = field(default_factory=dict)

    def add(self, kind: str, article: Article) -> None:
        """One more article changes in this way."""
        self.ids.setdefault(kind, []).append(article.id)


@dataclass(slots=True)
class Report:
    """Changes by name; ``articles`` were looked at, ``written`` changed, ``overtaken`` read anew meanwhile."""

    columns: tuple[str, ...]
    names: dict[str, Changes] = field(default_factory=dict)
    articles: int = 0
    touched: int = 0
    written: int = 0
    overtaken: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    titles: dict[int, str] = field(default_factory=dict)

    def of(self, name: str) -> Changes:
        return self.names.setdefault(name, Changes())

    def sample(self, article: Article) -> None:
        self.titles[article.id] = article.analysis.text.title

    def wrote(self, done: bool) -> None:
        self.written += done
        self.overtaken += not done


@click.command()
@click.argument("what", type=click.Choice(("topics", "rules", "pages")))
@click.option("--since", type=Moment(), help="Only articles seen from this time on, or of an age: 7d, 2026-01-31.")
@click.option("--apply/--dry-run", "apply", default=False, help="Write the changes; without it only report them.")
@format_option
@desk_options
def reprocess(desk: Desk, *, what: What, since: datetime | None, apply: bool, form: str | None) -> None:
    """Run today's topics, rules or extractor over stored articles, and report what would change; --apply writes it.

    topics: found anew in the stored texts. rules: matches are added and dropped; nothing is ever alerted, and a match
    that was alerted stays. pages: read anew from the pages that are still kept, in the sandbox; another text becomes
    a new version, with topics, people and all else found in it.

    \b
    Examples:
      monitor reprocess topics --since 90d
      monitor reprocess rules --since 30d --apply
      monitor reprocess pages
    """
    from monitor.cli.screen import progress
    from monitor.storage import revision

    moment = now()
    total = desk.db.read_now(revision.count, since, with_page=what == "pages")
    work: dict[str, Callable[..., Report]] = {"topics": _topics, "rules": _rules, "pages": _pages}
    with progress(what, total, lambda line: click.echo(line, err=True)) as step:
        report = work[what](desk, since, moment, apply=apply, step=step)
    _tell(report, what, apply=apply, form=form)


def _articles(desk: Desk, since: datetime | None, step: Step) -> Iterator[list[Article]]:
    """The analysed articles, in batches."""
    from monitor.storage import articles

    last = 0
    while ids := desk.db.read_now(articles.ids_after, last, BATCH, since=since):
        loaded = desk.db.read_now(articles.load, ids)
        yield [loaded[each] for each in ids if each in loaded]
        last = ids[-1]
        step(len(ids))


# --- topics ----------------------------------------------------------------------------------------


def _topics(desk: Desk, since: datetime | None, moment: datetime, *, apply: bool, step: Step) -> Report:  # noqa: ARG001
    from monitor.cli.topic_view import doc_for_topics
    from monitor.sandboxed import load_topics
    from monitor.storage import revision

    pack: TopicPack = load_topics(desk.topics)
    report = Report(("topic", "before", "after", "gained", "lost", "other_score"))
    for batch in _articles(desk, since, step):
        changed: list[tuple[Article, tuple[TopicMatch, ...]]] = []
        for article in batch:
            report.articles += 1
            found = pack.match(doc_for_topics(article))
            if _differs(report, article, found):
                changed.append((article, found))
        report.touched += len(changed)
        if apply and changed:
            for done in desk.db.write_now(
                lambda connection, work: [revision.save_topics(connection, *each) for each in work], changed
            ):
                report.wrote(done)
    return report


def _differs(report: Report, article: Article, found: tuple[TopicMatch, ...]) -> bool:
    old = {each.name: each for each in article.analysis.topics}
    new = {each.name: each for each in found}
    for name in {**old, **new}:
        changes = report.of(name)
        changes.before += name in old
        changes.after += name in new
        if name not in old:
            changes.add("gained", article)
        elif name not in new:
            changes.add("lost", article)
        elif abs(old[name].score - new[name].score) >= NEAR:
            changes.add("other_score", article)
    differs = old != new
    if differs:
        report.sample(article)
    return differs


# --- rules -----------------------------------------------------------------------------------------


def _rules(desk: Desk, since: datetime | None, moment: datetime, *, apply: bool, step: Step) -> Report:
    from monitor.cli.asking import names_of
    from monitor.core.rulebook import RuleBook
    from monitor.sandboxed import vocabulary
    from monitor.storage import revision
    from monitor.storage import rules as rule_rows

    book = RuleBook(desk.db.read_now(rule_rows.list_rules), names_of(desk), vocabulary())
    for name, problem in book.faults.items():
        click.secho(safe(f"rule {name} is left out: {problem.message}"), err=True, fg="yellow")
    in_force = {name: rule.query for name, rule in book.rules.items() if rule.origin == "config"}
    of_file = {rule.name: rule.query for rule in desk.settings.rules}
    if waiting := ", ".join(sorted({name for name, _ in in_force.items() ^ of_file.items()})):
        told = f"the rules in force are run; the configuration file has others: {waiting} (monitor rules plan)"
        click.secho(safe(told), err=True, fg="yellow")
    report = Report(("rule", "before", "after", "gained", "lost", "alerted_kept"))
    for name, rule in book.rules.items():
        if rule.enabled and name not in book.faults:
            report.of(name)
    for batch in _articles(desk, since, step):
        stored = desk.db.read_now(revision.matches_of, [article.id for article in batch])
        changed = []
        for article in batch:
            report.articles += 1
            gained, lost = _compare(report, book, article, stored.get(article.id, {}))
            if gained or lost:
                report.sample(article)
                changed.append((article, gained, lost))
        report.touched += len(changed)
        if apply and changed:

            def save(connection: Any, work: Any) -> list[bool]:
                return [revision.save_matches(connection, a, moment, gained=g, lost=o) for a, g, o in work]

            for done in desk.db.write_now(save, changed):
                report.wrote(done)
    return report


def _compare(
    report: Report, book: RuleBook, article: Article, stored: dict[str, KeptMatch]
) -> tuple[list[RuleMatch], list[str]]:
    """Matches that are new, and rules that hold no more. Ages in a query are reckoned from when the text came."""
    from monitor.core.articles import doc_of

    found = {each.rule: each for each in book.match(doc_of(article), article.edited_at or article.seen)}
    gained, lost = [], []
    for name in report.names:
        changes = report.of(name)
        changes.before += name in stored
        changes.after += name in found
        if name in found and name not in stored:
            changes.add("gained", article)
            gained.append(found[name])
        elif name in stored and name not in found:
            changes.add("alerted_kept" if stored[name].alert_id else "lost", article)
            if stored[name].alert_id is None:
                lost.append(name)
    return gained, lost


# --- pages -----------------------------------------------------------------------------------------


def _pages(desk: Desk, since: datetime | None, moment: datetime, *, apply: bool, step: Step) -> Report:
    import asyncio

    from monitor import sandboxed
    from monitor.sandbox import Sandbox

    settings = desk.settings.sandbox
    report = Report(("text_from", "before", "after", "title", "text", "topics"))

    async def work() -> None:
        sandbox = Sandbox(
            settings.workers,
            memory_mb=settings.memory // 1_000_000,
            deadline=settings.deadline.total_seconds(),
            preload=sandboxed.PRELOAD,
            prepare=(sandboxed.prepare, (desk.topics,)),
        )
        try:
            await _read_pages(desk, sandbox, report, since, moment, apply=apply, step=step)
        finally:
            await sandbox.close()

    asyncio.run(work())
    return report


async def _read_pages(
    desk: Desk, sandbox: Sandbox, report: Report, since: datetime | None, moment: datetime, *, apply: bool, step: Step
) -> None:
    import asyncio

    from monitor.core.stories import story_keys
    from monitor.errors import SandboxError
    from monitor.storage import articles, revision

    last = 0
    while ids := desk.db.read_now(revision.page_ids_after, last, BATCH // 4, since=since):
        last = ids[-1]
        loaded = desk.db.read_now(articles.load, ids)
        held = [loaded[each] for each in ids if each in loaded]
        readings = await asyncio.gather(*(_reading(desk, sandbox, each, step) for each in held), return_exceptions=True)
        for article, read in zip(held, readings, strict=True):
            report.articles += 1
            if isinstance(read, SandboxError):
                report.failed[str(read).splitlines()[0][:80]] += 1
            elif isinstance(read, BaseException):
                raise read
            elif read is not None and _reads_otherwise(report, article, read):
                report.touched += 1
                if apply:
                    keys = story_keys(
                        read.text,
                        countries=[each.code for each in read.countries],
                        people=[each.name for each in read.people],
                    )
                    report.wrote(desk.db.write_now(revision.save_reading, article, read, keys, moment))


async def _reading(desk: Desk, sandbox: Sandbox, article: Article, step: Step) -> Analysis | None:
    """What the page of the article says today; ``None``: it was dropped meanwhile."""
    from monitor import sandboxed
    from monitor.core.material import Material, Page
    from monitor.model import ParsedEntry
    from monitor.storage import articles, revision

    kept = desk.db.read_now(articles.page, article.id)
    if kept is None:
        return None
    entry, lang = desk.db.read_now(revision.entry_and_lang, article.id)
    text = article.analysis.text
    material = Material(
        entry=entry or ParsedEntry(guid=None, url=article.url, title=text.title, summary=text.summary),
        url=article.url,
        page=Page(body=articles.unpack(kept.packed), url=kept.final_url, content_type=kept.content_type),
        published=text.published,
        feed_lang=lang,
    )
    try:
        read: Analysis = await sandbox.run(sandboxed.analyse, material, desk.topics)
    finally:
        step(1)
    return read


def _reads_otherwise(report: Report, article: Article, read: Analysis) -> bool:
    old = article.analysis
    name = old.body_status if old.body_status == read.body_status else f"{old.body_status} → {read.body_status}"
    changes = report.of(name)
    changes.before += len(old.text.body)
    changes.after += len(read.text.body)
    title, body = old.text.title != read.text.title, old.text.body != read.text.body
    topics = {each.name for each in old.topics} != {each.name for each in read.topics}
    for kind, differs in (("title", title), ("text", body), ("topics", topics)):
        if differs:
            changes.add(kind, article)
    if title or body or topics or old.body_status != read.body_status:
        report.sample(article)
        return True
    return False


# --- the report ------------------------------------------------------------------------------------


def _tell(report: Report, what: What, *, apply: bool, form: str | None) -> None:
    name, before, after, *kinds = report.columns
    rows: list[Row] = [
        {name: each, before: changes.before, after: changes.after}
        | {kind: len(changes.ids.get(kind, ())) for kind in kinds}
        | {"articles": changes.ids}
        for each, changes in sorted(report.names.items())
    ]
    how = chosen(form)
    write_rows(rows, report.columns, how)
    if how == "table":
        for line in _samples(report, kinds):
            click.echo(safe(line))
    for problem, times in report.failed.items():
        click.secho(f"{times} pages could not be read: {safe(problem)}", err=True, fg="yellow")
    told = f"{report.articles:,} articles, {report.touched:,} would change"
    if apply:
        told = f"{report.articles:,} articles, {report.written:,} changed"
        told += f", {report.overtaken:,} left alone because they were read anew meanwhile" if report.overtaken else ""
    elif report.touched:
        told += f"; nothing was written: monitor reprocess {what} --apply writes it"
    click.secho(told, err=how != "table")


def _samples(report: Report, kinds: list[str]) -> Iterator[str]:
    """A few articles of each change, to look at before it is applied."""
    for name, changes in sorted(report.names.items()):
        for kind in kinds:
            ids = changes.ids.get(kind, [])
            for each in ids[:SAMPLES]:
                yield f"{name}, {kind.replace('_', ' ')}: {each}  {report.titles.get(each, '')}"
            if len(ids) > SAMPLES:
                yield f"{name}, {kind.replace('_', ' ')}: and {len(ids) - SAMPLES} more"
