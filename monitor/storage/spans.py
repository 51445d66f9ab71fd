"""Places in a text, and the terms of topics, as JSON columns hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monitor.model import Span, TopicTerm


def spans_json(spans: Sequence[Span]) -> list[list[Any]]:
    return [[span.field, span.start, span.end, span.node] for span in spans]


def spans(kept: list[list[Any]]) -> tuple[Span, ...]:
    return tuple(Span(*each) for each in kept)


def terms_json(terms: Sequence[TopicTerm]) -> list[list[Any]]:
    return [[term.term, term.field, term.start, term.end, term.weight] for term in terms]


def terms(kept: list[list[Any]]) -> tuple[TopicTerm, ...]:
    return tuple(
        TopicTerm(term=term, field=field, start=start, end=end, weight=weight)
        for term, field, start, end, weight in kept
    )
