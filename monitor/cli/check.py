"""``check``: the configuration, its queries, topics and rules, and the examples that stand in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from monitor.cli.common import Desk, desk_options, now
from monitor.errors import ConfigError, MonitorError, QueryError

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.config.lines import LineMap
    from monitor.core.query import Query, Vocabulary
    from monitor.core.topics import TopicPack


def faults_of(settings: Settings) -> list[str]:
    """What keeps a configuration from being used, beyond what reading it has found: faulty queries, topics, rules."""
    place = str(settings.path or "config.toml")
    lines = _lines(settings)
    return [f"{place}:{line}: {said}" for line, said in sorted(_faults(settings, lines))]


def _lines(settings: Settings) -> LineMap:
    from monitor.config.lines import LineMap

    there = settings.path is not None and settings.path.is_file()
    return LineMap(settings.path.read_text("utf-8") if there and settings.path else "")


def _faults(settings: Settings, lines: LineMap) -> Iterator[tuple[int, str]]:
    from monitor.app import topic_sources
    from monitor.core.query import parse
    from monitor.sandboxed import load_topics, vocabulary

    sources = topic_sources(settings)
    try:
        if sources.own or sources.disable:  # the shipped pack alone has no faults, and takes half a second to read
            load_topics(sources)
    except ConfigError as problem:
        yield lines.line_of(("topics",)), str(problem).split(": ", 1)[-1]
    known = vocabulary()
    for name, query in settings.queries.items():
        try:
            parse(query, settings.queries, vocabulary=known)
        except QueryError as problem:
            yield lines.line_of(("queries", name)), f"query {name!r}: {problem}"
    for index, rule in enumerate(settings.rules):
        try:
            parse(rule.query, settings.queries, vocabulary=known)
        except QueryError as problem:
            yield lines.line_of(("rules", index, "query")), f"rule {rule.name!r}: {problem}"


def warnings_of(settings: Settings, pack: TopicPack) -> list[str]:
    """What is allowed and probably not meant."""
    place, lines = str(settings.path or "config.toml"), _lines(settings)
    return [f"{place}:{line}: {said}" for line, said in sorted(_warnings(settings, pack, lines))]


def _warnings(settings: Settings, pack: TopicPack, lines: LineMap) -> Iterator[tuple[int, str]]:
    from dataclasses import replace

    from monitor.core.query import lint, parse
    from monitor.sandboxed import vocabulary

    known: Vocabulary = replace(
        vocabulary(), topics=frozenset(pack.topics), feeds=frozenset(feed.name for feed in settings.feeds)
    )
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
            yield lines.line_of(("rules", index, "query")), f"rule {rule.name!r}: {said}"
        if rule.enabled and not rule.channels and rule.trigger != "edited":
            yield lines.line_of(("rules", index, "name")), f"rule {rule.name!r} has no channels: it alerts nobody"


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
    """Check the configuration: every fault with its line; then queries, topics, rules, secrets, and their examples.

    \b
    Example:
      monitor -c config.toml check
    """
    from monitor.app import notifiers_of, topic_sources
    from monitor.net.fetch import Net
    from monitor.net.settings import NetSettings
    from monitor.sandboxed import load_topics

    settings = desk.settings
    if faults := faults_of(settings):
        raise ConfigError("\n".join(faults))
    pack = load_topics(topic_sources(settings))
    try:
        notifiers_of(settings, Net(NetSettings(user_agent="monitor", allow=settings.fetch.allow)))
    except (MonitorError, ValueError) as problem:
        raise ConfigError(f"{settings.path}: {problem}") from None
    for warning in warnings_of(settings, pack):
        click.secho(f"warning: {warning}", fg="yellow" if sys.stdout.isatty() else None)
    failed = examples_of(settings, pack)
    for said in failed:
        click.secho(f"failed: {said}", fg="red" if sys.stdout.isatty() else None)
    click.echo(
        f"{settings.path}: {len(settings.feeds)} feeds, {len(pack.topics)} topics, {len(settings.rules)} rules, "
        f"{len(settings.channels)} channels"
    )
    if failed:
        raise ConfigError(f"{len(failed)} examples do not hold")
