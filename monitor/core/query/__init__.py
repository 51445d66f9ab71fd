"""One query language for topics, rules, search and back-tests.

======================  ==================================================================================
``parse(source)``       text -> `Query`, a typed tree; refuses with `monitor.errors.QueryError`
``str(query)``          the canonical text, which parses to the same tree
``Doc.of(text, ...)``   a document as queries see it
``evaluate``            one query, one document -> places, or ``None``
``QueryIndex``          many queries, one document: only candidates are evaluated
``preselect``           a query -> what an index can answer: never fewer documents than match
``explain``             the tree with true or false at every node, places, near misses
``lint``                what is probably not meant; ``slips`` of it alone; ``failing_examples`` of a rule
======================  ==================================================================================

An operator is added in four places: ``syntax`` (grammar), ``matching``, ``archive``, and ``explain`` where it can say
more than yes or no.

A module is loaded with the first of its names: a search, say, needs neither explanations nor lint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.loading import late_names

if TYPE_CHECKING:
    from monitor.core.query.archive import Selection, preselect
    from monitor.core.query.document import Doc
    from monitor.core.query.explanation import Explanation, explain
    from monitor.core.query.index import QueryIndex
    from monitor.core.query.linting import failing_examples, lint
    from monitor.core.query.matching import evaluate
    from monitor.core.query.mistakes import slips
    from monitor.core.query.syntax import parse
    from monitor.core.query.tree import Query
    from monitor.core.query.vocabulary import Vocabulary

__all__ = [
    "Doc",
    "Explanation",
    "Query",
    "QueryIndex",
    "Selection",
    "Vocabulary",
    "evaluate",
    "explain",
    "failing_examples",
    "lint",
    "parse",
    "preselect",
    "slips",
]

_NAMES = {
    "archive": "Selection preselect",
    "document": "Doc",
    "explanation": "Explanation explain",
    "index": "QueryIndex",
    "linting": "failing_examples lint",
    "matching": "evaluate",
    "mistakes": "slips",
    "syntax": "parse",
    "tree": "Query",
    "vocabulary": "Vocabulary",
}

if not TYPE_CHECKING:
    __getattr__ = late_names(__name__, _NAMES)
