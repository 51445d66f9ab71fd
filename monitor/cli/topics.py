"""``topics``: which there are, what each is made of, and how well they do on labelled texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import IO, TYPE_CHECKING

import click

from monitor.cli.asking import near_miss
from monitor.cli.common import Desk, desk_options, format_option, now
from monitor.cli.output import Format, Row, chosen, safe, write_rows
from monitor.errors import NotKnown, UsageError

if TYPE_CHECKING:
    from monitor.cli.labels import Labelled
    from monitor.core.topics import Topic, TopicPack

LABELS = click.File("r", encoding="utf-8", errors="replace")


@click.group()
def topics() -> None:
    """Topics: the shipped pack with the configuration's own laid over it.

    \b
    Examples:
      monitor topics list
      monitor topics show deportation
      monitor topics tune deportation labels.jsonl
    """


@topics.command("list")
@format_option
@desk_options
def list_topics(desk: Desk, *, form: str | None) -> None:
    """List the topics in force, with the articles of the last 7 days that have them.

    \b
    Example:
      monitor topics list --format csv
    """
    from monitor.sandboxed import read_topics
    from monitor.storage import statistics

    in_force = read_topics(desk.topics, to_be_told=True)
    moment = now()
    found = desk.db.read_now(statistics.by_group, "topic", moment - timedelta(days=7), moment)
    rows: list[Row] = [
        {
            "name": topic.name,
            "label": topic.label,
            "threshold": topic.threshold,
            "clauses": len(topic.clauses),
            "languages": sorted({clause.lang for clause in topic.clauses if clause.lang}),
            "week": sum(found.get(topic.name, {}).values()),
            "iptc": topic.iptc,
        }
        for topic in in_force.values()
    ]
    how = chosen(form)
    if not write_rows(rows, ("name", "label", "threshold", "clauses", "week"), how):
        click.echo("no topics are in force", err=True)
        raise click.exceptions.Exit(1)
    if stale := sorted(set(found) - set(in_force)):
        told = f"stored with articles but no longer in force: {', '.join(stale)}; see monitor reprocess topics"
        click.secho(safe(told), dim=True, err=how != "table")


def find_topic(topics: Mapping[str, Topic], name: str) -> Topic:
    """The topic of this name.

    :raises NotKnown: there is none.
    """
    if name not in topics:
        raise NotKnown(f"there is no topic {name!r}{near_miss(name, topics)}")
    return topics[name]


@topics.command()
@click.argument("name")
@format_option
@desk_options
def show(desk: Desk, *, name: str, form: str | None) -> None:
    """Show what a topic is made of: each clause, its weight, its language; and its examples.

    \b
    Example:
      monitor topics show deportation
    """
    from monitor.sandboxed import read_topics

    topic = find_topic(read_topics(desk.topics), name)
    clauses: list[Row] = [
        {"weight": clause.weight, "lang": clause.lang, "clause": str(clause.query)} for clause in topic.clauses
    ]
    how = chosen(form)
    if how == "table":
        from rich.text import Text as Styled

        from monitor.cli.screen import Screen

        screen = Screen()
        screen.print(Styled(safe(topic.name), style="bold").append(f"  {safe(topic.label)}"))
        iptc = f"; IPTC Media Topic {safe(topic.iptc)}" if topic.iptc else ""
        screen.print(Styled(f"threshold {topic.threshold:g}{iptc}", style="dim"))
        write_rows(clauses, ("weight", "lang", "clause"), how)
        for example in topic.examples:
            line = Styled("✓ " if example.wanted else "✗ ", style="green" if example.wanted else "red")
            screen.indented(line.append(safe(example.text)), 0, hang=2)
    elif how in {"json", "jsonl"}:
        examples = [{"text": each.text, "wanted": each.wanted, "lang": each.lang} for each in topic.examples]
        row: Row = {"name": topic.name, "label": topic.label, "iptc": topic.iptc, "threshold": topic.threshold}
        write_rows([row | {"clauses": clauses, "examples": examples}], (), how)
    else:
        write_rows(clauses, ("weight", "lang", "clause"), how)


def _labelled(desk: Desk, file: IO[str], pack: TopicPack) -> list[Labelled]:
    """The labels, with their texts scored; a progress bar while it lasts.

    :raises UsageError: a line is none, or there are none.
    """
    from monitor.cli.labels import read_labels, score
    from monitor.cli.screen import progress

    records = read_labels(desk, file)
    if not records:
        raise UsageError(f"{file.name}: no labels in it")
    with progress("texts", len(records), lambda line: click.echo(line, err=True)) as step:
        return [score(record, pack, step) for record in records]


@topics.command("test")
@click.argument("file", type=LABELS)
@format_option
@desk_options
def test_topics(desk: Desk, *, file: IO[str], form: str | None) -> None:
    """Hold the topics against labelled texts: precision, recall and F1 of each at its threshold.

    FILE has a JSON object a line: {"title", "text", "lang", "topics": ["deportation"]}, in which a topic that is not
    named is taken to be absent, or, of a stored article, {"id": 12, "topic": "deportation", "label": true}. Only
    topics that are named in the file are judged.

    \b
    Example:
      monitor topics test labels.jsonl
    """
    from monitor.cli.asking import near_miss
    from monitor.cli.labels import judge
    from monitor.sandboxed import load_topics

    pack = load_topics(desk.topics)
    labelled = _labelled(desk, file, pack)
    named = {name for each in labelled for name in each.named}
    rows: list[Row] = []
    for topic in pack.topics.values():
        if topic.name in named:
            pairs = [pair for each in labelled if (pair := each.pair(topic.name)) is not None]
            rows.append({"topic": topic.name, "threshold": topic.threshold} | judge(pairs, topic.threshold))
    columns = ("topic", "threshold", "precision", "recall", "f1", "right", "wrong", "missed")
    how = chosen(form)
    write_rows(rows, columns, how)
    for unknown in sorted(named - set(pack.topics)):
        hint = near_miss(unknown, pack.topics)
        click.secho(f"labels of a topic that does not exist: {safe(unknown)}{safe(hint)}", err=True, fg="yellow")
    if not rows:
        raise click.exceptions.Exit(1)


@topics.command()
@click.argument("name")
@click.argument("file", type=LABELS)
@format_option
@desk_options
def tune(desk: Desk, *, name: str, file: IO[str], form: str | None) -> None:
    """Show what other thresholds would do on labelled texts, and what each clause contributes: in how many texts that
    have the topic it counts, in how many that have not, and F1 without it. FILE is as for `monitor topics test`.

    \b
    Example:
      monitor topics tune deportation labels.jsonl
    """
    from monitor.cli.labels import contributions, judge, thresholds
    from monitor.sandboxed import load_topics

    pack = load_topics(desk.topics)
    topic = find_topic(pack.topics, name)
    labelled = _labelled(desk, file, pack)
    judged = [each for each in labelled if each.pair(name) is not None]
    if not judged:
        raise UsageError(f"{file.name}: no text is labelled for {name}")
    pairs = [pair for each in judged if (pair := each.pair(name)) is not None]
    if not any(truth for _, truth in pairs):
        click.secho(
            f"none of the {len(pairs)} texts has the topic {name}: recall and F1 say nothing", err=True, fg="yellow"
        )
    steps = [{"threshold": at, "now": at == topic.threshold} | judge(pairs, at) for at in thresholds(topic.threshold)]
    clauses = contributions(topic, judged)
    _write_tuning(topic, steps, clauses, chosen(form))


def _write_tuning(topic: Topic, steps: list[Row], clauses: list[Row], form: Format) -> None:
    columns = ("threshold", "precision", "recall", "f1", "right", "wrong", "missed")
    best = max(steps, key=lambda row: (row["f1"] or 0.0, -abs(row["threshold"] - topic.threshold)))
    if form in {"json", "jsonl"}:
        write_rows(
            [{"topic": topic.name, "best": best["threshold"], "thresholds": steps, "clauses": clauses}], (), form
        )
        return
    told = ("clause", "lang", "weight", "in_topic", "elsewhere", "f1_without", "difference")
    if form != "table":
        rows = [{"part": "threshold"} | row for row in steps] + [{"part": "clause"} | row for row in clauses]
        write_rows(rows, ("part", *columns, *told), form)
        return
    write_rows([row | {"": "← now" if row["now"] else "← best" if row is best else ""} for row in steps],
               (*columns, ""), form)  # fmt: skip
    used = [row for row in clauses if row["in_topic"] or row["elsewhere"]]
    write_rows(used, told, form)
    if len(used) < len(clauses):
        click.secho(f"{len(clauses) - len(used)} clauses counted in no text", dim=True)
