"""All rules that are in force, compiled to be held against articles together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.core.query import Doc, QueryIndex, evaluate, parse
from monitor.core.query.tree import TopicScore, walk
from monitor.errors import QueryError
from monitor.model import Rule, RuleMatch

if TYPE_CHECKING:
    from monitor.core.query import Query, Vocabulary
    from monitor.model import Silence


def rule_version(rule: Rule) -> str:
    """A short hash of all that a rule says; kept with every match, so that an alert can be explained later."""
    said = {
        field.name: value.total_seconds() if isinstance(value := getattr(rule, field.name), timedelta) else value
        for field in fields(Rule)
        if field.name not in {"version", "origin"}
    }
    return hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=6).hexdigest()


class RuleBook:
    """Rules by name, and one index over the queries of those that are enabled.

    A rule of the database whose query is no longer understood (a named query was removed) is left out, and stands in
    ``faults`` with the reason: it must not stop the others.
    """

    def __init__(self, rules: Iterable[Rule], names: Mapping[str, str], vocabulary: Vocabulary) -> None:
        self.rules = {rule.name: rule for rule in rules}
        self.names, self.vocabulary = names, vocabulary
        self.faults: dict[str, QueryError] = {}
        queries: dict[str, Query] = {}
        for rule in self.rules.values():
            if rule.enabled:
                try:
                    queries[rule.name] = parse(rule.query, names, vocabulary=vocabulary)
                except QueryError as problem:
                    self.faults[rule.name] = problem
        self._index = QueryIndex(queries)
        self._queries = queries

    def topics_of(self, name: str) -> frozenset[str]:
        """The topics of which the query of a rule speaks, in the named queries that it refers to as well."""
        query = self._queries.get(name)
        return (
            frozenset()
            if query is None
            else frozenset(node.name for node in walk(query.root) if isinstance(node, TopicScore))
        )

    def match(self, doc: Doc, now: datetime) -> list[RuleMatch]:
        """The rules that hold for a document, with the places."""
        return [
            RuleMatch(rule=name, rule_version=self.rules[name].version, spans=spans)
            for name, spans in self._index.match(doc, now).items()
        ]

    def silenced_by(self, silences: Iterable[Silence], doc: Doc, now: datetime) -> list[Silence]:
        """Those of ``silences`` that may hold the document's alerts back: without a query, or with one that holds.

        A silence whose query is no longer understood holds nothing back: better one mail too many.
        """
        holding = []
        for silence in silences:
            if silence.query is None:
                holding.append(silence)
                continue
            try:
                query = parse(silence.query, self.names, vocabulary=self.vocabulary)
            except QueryError:
                continue
            if evaluate(query, doc, now) is not None:
                holding.append(silence)
        return holding
