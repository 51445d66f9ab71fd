"""Labelled texts, and how well topics do on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from monitor.cli.common import Desk
from monitor.cli.output import Row
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.core.query import Doc
    from monitor.core.topics import Clause, Topic, TopicPack

Pair = tuple[float, bool]
"""A topic's score in a text, and whether the text has the topic."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says of a text: with ``open``, a topic that ``topics`` does not name was not judged."""

    doc: Callable[[], Doc]
    topics: Mapping[str, bool]
    open: bool


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label and what the topics made of its text: scores, and the values of the clauses that counted."""

    label: Label
    scores: Mapping[str, float]
    values: Mapping[str, Mapping[Clause, float]] = field(default_factory=dict)

    @property
    def named(self) -> set[str]:
        return set(self.label.topics)

    def pair(self, topic: str) -> Pair | None:
        """``None``: nobody said whether the text has the topic."""
        if self.label.open and topic not in self.label.topics:
            return None
        return self.scores.get(topic, 0.0), self.label.topics.get(topic, False)


def read_labels(desk: Desk, lines: IO[str]) -> list[Label]:
    """The labels of a file of JSON lines.

    :raises UsageError: a line is none; it is named.
    """
    labels: list[Label] = []
    stored: dict[int, dict[str, bool]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = _object(json.loads(line))
            if "id" in record and "topic" in record:
                stored.setdefault(int(record["id"]), {})[str(record["topic"])] = _truth(record["label"])
            else:
                labels.append(_of_text(record))
        except json.JSONDecodeError as problem:
            fault = f"it is not JSON: {problem.msg}, at column {problem.colno}"
            raise UsageError(f"{lines.name}:{number}: {fault}") from None
        except (ValueError, TypeError, KeyError) as problem:
            said = f"{problem} is missing" if isinstance(problem, KeyError) else problem
            raise UsageError(f"{lines.name}:{number}: {said}") from None
    return labels + _of_articles(desk, stored)


def _object(record: Any) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise TypeError("it is no object")
    return record


def _truth(value: Any) -> bool:
    if isinstance(value, bool | int) and value in {0, 1}:
        return bool(value)
    raise ValueError(f"'label' is true or false, not {value!r}")


def _of_text(record: dict[str, Any]) -> Label:
    for key in ("title", "text", "lang"):
        if not isinstance(record.get(key), str | None):
            raise TypeError(f"{key!r} is no text")
    title, text, lang = record.get("title") or "", record.get("text") or "", record.get("lang")
    if not title and not text:
        raise ValueError("needs 'text' or 'title' (or 'id', 'topic' and 'label')")
    named = record["topics"]
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        raise ValueError("'topics' is a list of names")
    return Label(lambda: _doc(title, text, lang or None), dict.fromkeys(named, True), open=False)


def _doc(title: str, text: str, lang: str | None) -> Doc:
    """The text as the daemon would see it when it looks for topics."""
    from monitor.core import language, places
    from monitor.core.query import Doc
    from monitor.core.quotes import quotes
    from monitor.core.text import clean
    from monitor.model import Text

    held = Text(title=clean(title), body=clean(text), lang=lang or language.detect(f"{title}\n{text}"))
    codes = [mention.code for mention in places.countries(held)]
    return Doc.of(held, countries=codes, has_quote=bool(quotes(held)))


def _of_articles(desk: Desk, stored: Mapping[int, Mapping[str, bool]]) -> list[Label]:
    if not stored:
        return []
    from monitor.cli.topic_view import doc_for_topics
    from monitor.storage import articles

    loaded = desk.db.read_now(articles.load, list(stored))
    if missing := sorted(set(stored) - set(loaded)):
        raise UsageError(f"there is no article {', '.join(map(str, missing[:10]))}")
    return [Label(lambda article=loaded[each]: doc_for_topics(article), stored[each], open=True) for each in stored]  # type: ignore[misc]


def score(label: Label, pack: TopicPack, step: Callable[[int], None]) -> Labelled:
    """The label with what the topics make of its text."""
    found = pack.scores(label.doc())
    step(1)
    return Labelled(
        label,
        {name: one.score for name, one in found.items()},
        {name: {each.clause: each.value for each in one.counted} for name, one in found.items()},
    )


def judge(pairs: Sequence[Pair], threshold: float) -> Row:
    """Precision, recall and F1 (``None`` where there is nothing to divide by), and the numbers that they come from."""
    right = sum(has and score >= threshold for score, has in pairs)
    wrong = sum(not has and score >= threshold for score, has in pairs)
    missed = sum(has and score < threshold for score, has in pairs)
    return {
        "precision": _share(right, right + wrong),
        "recall": _share(right, right + missed),
        "f1": _share(2 * right, 2 * right + wrong + missed),
        "right": right,
        "wrong": wrong,
        "missed": missed,
        "texts": len(pairs),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def thresholds(present: float) -> list[float]:
    """Steps of 0.05, and the present one."""
    return sorted({present, *(round(step / 20, 2) for step in range(1, 20))})


def contributions(topic: Topic, labelled: Sequence[Labelled]) -> list[Row]:
    """A row a clause: where it counts, and F1 at the present threshold without it; what helps most first."""
    from monitor.core.topics import score_of

    values = [each.values.get(topic.name, {}) for each in labelled]
    truths = [each.label.topics.get(topic.name, False) for each in labelled]
    scores = [each.scores.get(topic.name, 0.0) for each in labelled]
    whole = judge(list(zip(scores, truths, strict=True)), topic.threshold)["f1"]
    rows: list[Row] = []
    for clause in dict.fromkeys(topic.clauses):
        counted = [truth for found, truth in zip(values, truths, strict=True) if clause in found]
        without = [
            (score_of(value for other, value in found.items() if other != clause) if clause in found else before, truth)
            for found, before, truth in zip(values, scores, truths, strict=True)
        ]
        f1 = judge(without, topic.threshold)["f1"]
        rows.append(
            {
                "clause": str(clause.query),
                "lang": clause.lang,
                "weight": clause.weight,
                "in_topic": sum(counted),
                "elsewhere": len(counted) - sum(counted),
                "f1_without": f1,
                "difference": None if f1 is None or whole is None else round(whole - f1, 4),
            }
        )
    return sorted(rows, key=lambda row: (-(row["difference"] or 0.0), -row["in_topic"]))
