"""``check``: the configuration, its queries, topics and rules, and the examples that stand in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from monitor.cli.common import Desk, desk_options, now
from monitor.cli.nouns import numbered
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.config.reading import Reading
    from monitor.core.query import Query, Vocabulary
    from monitor.core.topics import TopicPack


def warnings_of(reading: Reading, pack: TopicPack) -> list[str]:
    """What is allowed and probably not meant, each with file and line."""
    from monitor.cli.faults import blocked

    found = {*blocked(reading), *_warnings(reading, pack)}
    return [f"{reading.path}:{line}: {said}" for line, said in sorted(found)]


def _warnings(reading: Reading, pack: TopicPack) -> Iterator[tuple[int, str]]:
    from dataclasses import replace

    from monitor.core.query import lint, parse, slips
    from monitor.sandboxed import vocabulary

    settings = reading.settings
    known: Vocabulary = replace(
        vocabulary(), topics=frozenset(pack.topics), feeds=frozenset(feed.name for feed in settings.feeds)
    )
    for name, text in settings.queries.items():
        for said in slips(parse(text, settings.queries, vocabulary=known), vocabulary=known):
            yield reading.line_of("queries", name), f"query {name!r}: {said}"
    queries: dict[str, Query] = {
        rule.name: parse(rule.query, settings.queries, vocabulary=known) for rule in settings.rules
    }
    for index, rule in enumerate(settings.rules):
        others = {
            other.name: queries[other.name]
            for other in settings.rules
            if other.name < rule.name and other.trigger == rule.trigger
        }
        for said in lint(queries[rule.name], vocabulary=known, others=others):
            yield reading.line_of("rules", index, "query"), f"rule {rule.name!r}: {said}"
        if rule.enabled and not rule.channels and rule.trigger != "edited":
            yield reading.line_of("rules", index, "name"), f"rule {rule.name!r} has no channels: it alerts nobody"


def examples_of(settings: Settings, pack: TopicPack) -> list[str]:
    """The examples of topics and rules that do not hold."""
    from monitor.core.places import countries
    from monitor.core.query import Doc, evaluate, parse
    from monitor.core.topics import check_examples
    from monitor.model import Text
    from monitor.sandboxed import vocabulary

    failed = check_examples(pack)
    for rule in settings.rules:
        query = parse(rule.query, settings.queries, vocabulary=vocabulary())
        for wanted, texts in ((True, rule.should_match), (False, rule.should_not_match)):
            for example in texts:
                text = Text(title="", body=example)
                codes = [mention.code for mention in countries(text)]
                plain = Doc.of(text, countries=codes)
                doc = Doc.of(text, countries=codes, topics={t.name: t.score for t in pack.match(plain)})
                if (evaluate(query, doc, now()) is not None) is not wanted:
                    verb = "does not match" if wanted else "matches"
                    failed.append(f"rule {rule.name!r} {verb} its example {example[:80]!r}")
    return failed


@click.command()
@desk_options
def check(desk: Desk) -> None:
    """Check the configuration: every fault with its line, of queries, topics, rules, secrets and channels too.

    All are told at once, with what would be right. Where there are none: warnings, and examples that do not hold.

    \b
    Example:
      monitor -c config.toml check
    """
    from monitor.app import topic_sources
    from monitor.cli.faults import checked
    from monitor.sandboxed import load_topics

    settings = checked(desk.reading)
    pack = load_topics(topic_sources(settings))
    for warning in warnings_of(desk.reading, pack):
        click.secho(f"warning: {warning}", fg="yellow" if sys.stdout.isatty() else None)
    failed = examples_of(settings, pack)
    for said in failed:
        click.secho(f"failed: {said}", fg="red" if sys.stdout.isatty() else None)
    counts = [
        numbered(len(settings.feeds), "feed"), numbered(len(pack.topics), "topic"),
        numbered(len(settings.rules), "rule"), numbered(len(settings.channels), "channel"),
    ]  # fmt: skip
    click.echo(f"{desk.reading.path}: {', '.join(counts)}")
    if failed:
        raise ConfigError(f"{numbered(len(failed), 'example')} {'does' if len(failed) == 1 else 'do'} not hold")
