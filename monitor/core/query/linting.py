"""What is probably wrong with a query that can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.core.query.document import Doc
from monitor.core.query.explanation import explain
from monitor.core.query.index import USUAL, required
from monitor.core.query.mistakes import slips
from monitor.core.query.tree import (
    And,
    AtLeast,
    In,
    Keyword,
    Named,
    Near,
    Node,
    Not,
    Or,
    Query,
    Sentence,
    children,
)
from monitor.core.query.vocabulary import ANY_VOCABULARY, Vocabulary


def lint(
    query: Query, *, vocabulary: Vocabulary = ANY_VOCABULARY, others: Mapping[str, Query] | None = None
) -> list[str]:
    """One line for each thing that is probably not meant.

    ``others`` are further queries by name, to find those that mean the same.
    """
    found = slips(query, vocabulary=vocabulary)
    terms = [words for _, words in required(query.root)]
    if not terms:
        found.append("nothing in it is required (only dates, flags and NOT), so it is evaluated for every document")
    elif all(map(_is_usual, terms)):
        found.append(f"evaluated for most documents: the rarest that it requires is {', '.join(sorted(terms[0])[:5])}")
    meaning = meaning_of(query.root)
    found += [
        f"means the same as {name}" for name, other in (others or {}).items() if meaning_of(other.root) == meaning
    ]
    return list(dict.fromkeys(found))


def meaning_of(node: Node) -> object:
    """A value that is equal for queries that differ only in order, repetition, names of parts or double NOT."""
    match node:
        case And(parts) | Or(parts):
            kind = "and" if isinstance(node, And) else "or"
            inner = [meaning_of(part) for part in parts]
            flat = frozenset(
                one for part in inner for one in (part[1] if isinstance(part, tuple) and part[0] == kind else (part,))
            )
            return next(iter(flat)) if len(flat) == 1 else (kind, flat)
        case Not(Not(part)):
            return meaning_of(part)
        case Named(_, part):
            return meaning_of(part)
        case Near(left, right, distance, False):
            return "near", distance, frozenset((meaning_of(left), meaning_of(right)))
        case Near(left, right, distance, True):
            return "onear", distance, meaning_of(left), meaning_of(right)
        case AtLeast(count, part):
            return "atleast", count, meaning_of(part)
        case Sentence(left, right):
            return "sentence", frozenset((meaning_of(left), meaning_of(right)))
        case Keyword(name, values):
            return "keyword", name, frozenset(values)
        case In(name, part):
            return "in", name, meaning_of(part)
        case Not(part):
            return "not", meaning_of(part)
    return (type(node).__name__, *(meaning_of(child) for child in children(node))) if children(node) else node


def failing_examples(
    query: Query, *, should_match: Sequence[str] = (), should_not_match: Sequence[str] = (), now: datetime
) -> list[str]:
    """A report for each example text (see `Doc.example`) of which the query says the opposite of what is wanted."""
    faults: list[str] = []
    for wanted, texts in ((True, should_match), (False, should_not_match)):
        for text in texts:
            told = explain(query, Doc.example(text), now)
            if told.holds != wanted:
                verb = "does not match but should" if wanted else "matches but should not"
                faults.append("\n    ".join([f"{text!r} {verb}:", *told.lines()]))
    return faults


def _is_usual(terms: frozenset[str]) -> bool:
    return any(term in USUAL or term.startswith("lang:") for term in terms)
