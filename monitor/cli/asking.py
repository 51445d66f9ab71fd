"""What the reading commands have in common: queries with their names, articles by id or address, near misses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.common import Desk
from monitor.cli.output import safe
from monitor.errors import NotKnown, UsageError

if TYPE_CHECKING:
    from monitor.core.query import Query, Vocabulary
    from monitor.model import Article, Rule


def names_of(desk: Desk) -> dict[str, str]:
    """The queries that ``@name`` may refer to: saved ones, and those of the configuration, which win."""
    from monitor.storage import rules as rule_rows

    return {**desk.db.read_now(rule_rows.saved_queries), **desk.settings.queries}


def read_query(desk: Desk, source: str, names: Mapping[str, str] | None = None) -> Query:
    """A query of the command line.

    :raises QueryError: it is refused, with a caret under the place.
    """
    from monitor.core.query import parse
    from monitor.sandboxed import vocabulary

    if names is None:
        names = names_of(desk) if "@" in source else {}
    return parse(source, names, vocabulary=vocabulary())


def everything() -> Query:
    """The query that holds for every article: what was seen at all."""
    from monitor.core.query.tree import Age, Query

    return Query(Age("seen", timedelta(days=365_000)))


def names_known(desk: Desk, query: Query) -> Vocabulary:
    """The topics, feeds and languages that there are, of those kinds that ``query`` asks for."""
    from dataclasses import replace

    from monitor.core.query.tree import Keyword, TopicScore, walk
    from monitor.sandboxed import topic_names, vocabulary
    from monitor.storage import feeds

    known = vocabulary()
    nodes = list(walk(query.root))
    asked = {node.field for node in nodes if isinstance(node, Keyword)}
    if "feed" in asked:
        names = (feed.spec.name for feed in desk.db.read_now(feeds.list_feeds, removed=True))
        known = replace(known, feeds=frozenset(names))
    if "topic" in asked or any(isinstance(node, TopicScore) for node in nodes):
        known = replace(known, topics=topic_names(desk.topics))
    if "lang" in asked:
        from monitor.cli.faults import languages

        known = replace(known, languages=languages())
    return known


def remark(query: Query, known: Vocabulary | None = None) -> None:
    """Say what is probably not meant: operators in small letters, say, find other articles than those wanted."""
    from monitor.core.query import slips
    from monitor.core.query.vocabulary import ANY_VOCABULARY

    for told in slips(query, vocabulary=known or ANY_VOCABULARY):
        click.echo(f"  {safe(told)}", err=True)


def within(query: Query, now: datetime, since: datetime | None, until: datetime | None) -> Query:
    """``query``, for articles first seen from ``since`` on and before ``until``."""
    from monitor.core.query.tree import Age, And, Node, Not, Query

    parts: list[Node] = [query.root]
    if since is not None:
        parts.append(Age("seen", now - since))
    if until is not None:
        parts.append(Not(Age("seen", now - until)))
    return query if len(parts) == 1 else Query(And(tuple(parts)), query.source)


def also(query: Query, flag: str) -> Query:
    """``query``, for articles with the flag, such as ``is:duplicate``."""
    from monitor.core.query.tree import And, Flag, Query

    return Query(And((query.root, Flag(flag))), query.source)


def near_miss(name: str, known: Collection[str]) -> str:
    """The end of a sentence that says what was probably meant, or which there are."""
    import difflib

    folded = {one.casefold(): one for one in known}
    asked = name.casefold()
    near = (
        difflib.get_close_matches(asked, list(folded), 1, 0.5) or [one for one in folded if asked and asked in one][:1]
    )
    if near:
        return f"; did you mean {folded[near[0]]!r}?"
    if not known:
        return "; there are none"
    return f"; known: {', '.join(sorted(known)[:12])}{' …' if len(known) > 12 else ''}"


def wanted(given: str) -> int | str:
    """An article's id, or its address.

    :raises UsageError: it is neither.
    """
    if given.isdecimal():
        return min(int(given), 2**62)
    if "://" in given:
        return given
    raise UsageError(f"{given!r} is neither the id of an article nor an address such as https://example.org/report")


def find_article(desk: Desk, given: str) -> Article:
    """The article with this id or address.

    :raises NotKnown: there is none, or its text was dropped by ``prune``.
    """
    from monitor.storage import articles

    found = desk.db.read_now(articles.article, wanted(given))
    if found is not None:
        return found
    from monitor.storage import lookup  # makes many tables, which are needed for what is not there alone

    state = desk.db.read_now(lookup.lifecycle, wanted(given))
    if state is not None and state.pruned_at is not None:
        raise NotKnown(f"article {state.id} was dropped by prune; {state.canonical_url} was seen {state.seen:%Y-%m-%d}")
    if given.isdecimal():
        last = desk.db.read_now(lookup.ids_span)
        there = f"; ids go from {last[0]} to {last[1]}" if last else "; the archive is empty"
        raise NotKnown(f"there is no article {given}{there}")
    import difflib

    near = difflib.get_close_matches(given, desk.db.read_now(lookup.addresses_of_site, given), 1, 0.6)
    hint = f"; did you mean {safe(near[0])} ?" if near else f"; monitor trace {given} says why"
    raise NotKnown(f"no article with the address {given}{hint}")


def find_rule(desk: Desk, name: str) -> Rule:
    """The rule of this name.

    :raises NotKnown: there is none.
    """
    from monitor.storage import rules as rule_rows

    rules = {rule.name: rule for rule in desk.db.read_now(rule_rows.list_rules)}
    if name not in rules:
        raise NotKnown(f"there is no rule {name!r}{near_miss(name, rules)}")
    return rules[name]
