"""Why a query holds of a document or not: its tree with true or false at every node, places, and near misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from monitor.core.query.document import Doc
from monitor.core.query.matching import in_order, matcher, time_of
from monitor.core.query.places import Place, occurrences, places
from monitor.core.query.tree import (
    SEARCHED,
    Age,
    And,
    AtLeast,
    Days,
    In,
    Keyword,
    Named,
    Near,
    Node,
    Not,
    Or,
    Query,
    Sentence,
    TopicScore,
    children,
    text_of,
)
from monitor.core.text import Tokens, sentences
from monitor.model import Span


@dataclass(frozen=True, slots=True)
class Explanation:
    """One node: its canonical text, whether it holds, its places, a remark, and the nodes below it."""

    text: str
    holds: bool
    spans: tuple[Span, ...] = ()
    note: str = ""
    parts: tuple[Explanation, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values: ``{"query", "holds", "note", "spans": [{"field", "start", "end", "node"}], "parts": [..]}``."""
        return {
            "query": self.text,
            "holds": self.holds,
            "note": self.note,
            "spans": [
                {"field": span.field, "start": span.start, "end": span.end, "node": span.node} for span in self.spans
            ],
            "parts": [part.as_json() for part in self.parts],
        }

    def lines(self, depth: int = 0) -> list[str]:
        """One line a node, indented by its depth: ``yes`` or ``no``, its text, its first places or the remark."""
        where = ", ".join(f"{span.field} {span.start}-{span.end}" for span in self.spans[:3])
        more = f" and {len(self.spans) - 3} more" if len(self.spans) > 3 else ""
        remarks = "; ".join(one for one in (where + more, self.note) if one)
        line = f"{'  ' * depth}{'yes' if self.holds else 'no '} {self.text}" + (f"   [{remarks}]" if remarks else "")
        return [line, *(inner for part in self.parts for inner in part.lines(depth + 1))]


def explain(
    query: Query, doc: Doc, now: datetime, topics: Mapping[str, Sequence[Span]] = MappingProxyType({})
) -> Explanation:
    """The whole tree of the query, held against the document; ages are reckoned from ``now``. ``topics`` are the places
    of what counted for each topic that was found: they stand for a topic that the query asks for.
    """
    return _Explainer(doc, now, topics).explain(query.root, SEARCHED)


class _Explainer:
    """Nodes that stand in the query several times are explained once."""

    def __init__(self, doc: Doc, now: datetime, topics: Mapping[str, Sequence[Span]]) -> None:
        self.doc, self.now, self.topics = doc, now, topics
        self.explained: dict[tuple[Node, tuple[str, ...]], Explanation] = {}

    def explain(self, node: Node, fields: tuple[str, ...]) -> Explanation:
        if (node, fields) not in self.explained:
            within = (node.field,) if isinstance(node, In) else fields
            parts = tuple(self.explain(part, within) for part in children(node))
            self.explained[node, fields] = self._explain(node, fields, parts)
        return self.explained[node, fields]

    def _explain(self, node: Node, fields: tuple[str, ...], parts: tuple[Explanation, ...]) -> Explanation:
        compiled = matcher(node, fields)
        holds = compiled.holds(self.doc, self.now)
        where = self.topics.get(node.name, ()) if isinstance(node, TopicScore) else compiled.spans(self.doc, self.now)
        return Explanation(
            text=text_of(node if fields == SEARCHED else In(fields[0], node)),
            holds=holds,
            spans=in_order(where) if holds else (),
            note=_note(node, fields, self.doc, self.now, holds=holds),
            parts=parts,
        )


def _note(node: Node, fields: tuple[str, ...], doc: Doc, now: datetime, *, holds: bool) -> str:
    match node:
        case Near() if not holds:
            return _nearest(node, fields, doc)
        case Sentence(left, right) if not holds:
            return _sentences_apart(left, right, fields, doc)
        case AtLeast(count, part):
            number = occurrences(part, doc, fields) if matcher(part, fields).holds(doc, now) else 0
            return f"{number} of {count}"
        case Keyword(name, _):
            held = sorted(key.partition(":")[2] for key in doc.keywords if key.startswith(f"{name}:"))
            return f"{name}: {', '.join(held) or 'none'}"
        case TopicScore(name, _):
            return f"score {doc.topics[name]:.2f}" if name in doc.topics else "the topic was not found"
        case Days(name, _, _):
            time = time_of(doc, name)
            return f"{name} {time:%Y-%m-%d}" if time else f"{name}: not known"
        case Age(name, _):
            time = time_of(doc, name)
            return f"{name} {(now - time).total_seconds() / 86400:.1f} days ago" if time else f"{name}: not known"
        case And() | Or() | Not() | Named() | In():
            return ""
    return "" if holds else "not found"


def _absent(sides: Sequence[tuple[Node, bool]]) -> str:
    return " and ".join(f"'{text_of(part)}'" for part, found in sides if not found) + " not found"


def _nearest(node: Near, fields: tuple[str, ...], doc: Doc) -> str:
    """The nearest pair in any field, for someone who wonders which distance would have done."""
    found = {name: (places(node.left, doc, name), places(node.right, doc, name)) for name in fields}
    sides = [(part, any(both[at] for both in found.values())) for at, part in enumerate((node.left, node.right))]
    if not all(present for _, present in sides):
        return _absent(sides)
    nearest = min(
        (
            (gap, name, min(here[0], there[0]), max(here[1], there[1]), here[0] > there[0])
            for name, (left, right) in found.items()
            for gap, here, there in _gaps(left, right)
        ),
        default=None,
    )
    if nearest is None:
        return "not both in one field"
    gap, name, first, last, reverse = nearest
    tokens = doc.tokens[name]
    order = " in the other order" if node.ordered and reverse else ""
    return f"nearest pair {gap} words apart{order}, {name} {tokens.start(first)}-{tokens.end(last)}"


def _gaps(left: list[Place], right: list[Place]) -> list[tuple[int, Place, Place]]:
    """The gaps between each right place and the left places next to it, in the order of the text."""
    merged = sorted([(place, 0) for place in left] + [(place, 1) for place in right], key=lambda one: one[0][:2])
    found: list[tuple[int, Place, Place]] = []
    latest: list[Place | None] = [None, None]
    for place, side in merged:
        other = latest[1 - side]
        if other is not None and other[1] < place[0]:
            here, there = (other, place) if side else (place, other)
            found.append((place[0] - other[1] - 1, here, there))
        latest[side] = place
    return found


def _sentences_between(tokens: Tokens, one: int, other: int) -> int:
    first, last = sorted((tokens.start(one), tokens.start(other)))
    return sum(first < begin <= last for begin, _ in sentences(tokens.text))


def _sentences_apart(left: Node, right: Node, fields: tuple[str, ...], doc: Doc) -> str:
    found = {name: (places(left, doc, name), places(right, doc, name)) for name in fields}
    sides = [(part, any(both[at] for both in found.values())) for at, part in enumerate((left, right))]
    if not all(present for _, present in sides):
        return _absent(sides)
    gaps = [
        _sentences_between(doc.tokens[name], here[0], there[0])
        for name, (before, after) in found.items()
        for _, here, there in _gaps(before, after)
    ]
    if not gaps:
        return "not both in one field"
    return f"nearest pair {min(gaps)} sentences apart" if min(gaps) else "only on the same words"
