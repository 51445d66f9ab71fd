"""Topics: weighted queries whose counts make one score.

A pack is TOML, one table a topic::

    [topics.deportation]
    label = "Deportation and removals"
    iptc = "20000590"  # optional Media Topic id
    threshold = 0.5  # the default
    terms = ['"removal flight"']  # each a query, weight 1
    strong = ["ATLEAST/3(deportation*)"]  # weight 3
    against = ["deport* NEAR/6 stalin"]  # weight -3
    should_match = ["Forty deported to Tashkent"]
    should_not_match = ["Sports club signs striker"]
    [topics.deportation.ru]  # the same lists, for texts in one language
    terms = ["депортир*", "выдвор*"]

Lists of a topic count in every language, those of a language's table only in texts of that language, because a stem of
one language is another word in the next (``deport*`` is sport in Spanish); in a text of unknown language all count.
An example is a title or, after a line break, a title and a text. A later source replaces a topic of the same name;
with ``extend = true`` it adds to its lists and replaces its other values; ``enabled = false`` removes it.

The score. A clause that is words, phrases or NEAR counts its occurrences: ``t`` in the title, ``b`` in the body (or in
the summary, if there are more). A Boolean clause or ATLEAST counts once. With ``n`` tokens of text::

    hits     = TITLE * t + b * sqrt(min(1, USUAL / n))
    value    = weight * FULL * (1 - exp(-hits / FULL))
    evidence = max(0, sum of the values)
    score    = evidence / (evidence + HALF)

The score lies in 0..1; it grows with every occurrence for a topic and shrinks with every one against it. Each clause
saturates, so that several different words outweigh one that is repeated; a word in the title alone, four times one word
or three words once each make a score of about 0.5.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

from monitor.core.query.document import Doc
from monitor.core.query.index import QueryIndex
from monitor.core.query.matching import matcher
from monitor.core.query.places import apart, leaves, places
from monitor.core.query.syntax import parse
from monitor.core.query.tree import (
    SEARCHED,
    Age,
    And,
    Flag,
    In,
    Keyword,
    Node,
    Query,
    TopicScore,
    has_places,
    text_of,
    walk,
)
from monitor.core.query.vocabulary import ANY_VOCABULARY, Vocabulary
from monitor.errors import ConfigError, QueryError
from monitor.model import Span, TopicMatch, TopicTerm

TITLE = 4.0
"""Hits that one occurrence in the title is worth."""
USUAL = 500
"""Tokens of a text of usual length; in longer ones a word stands by chance more often."""
FULL = 5.0
"""The value that a clause of weight 1 tends to."""
HALF = 2.7
"""The evidence at which the score is one half."""

WEIGHTS = {"terms": 1.0, "strong": 3.0, "against": -3.0}
DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Clause:
    """One query of a topic; ``lang`` where it counts only in texts of this language."""

    query: Query
    weight: float
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A text that a topic must or must not be found in."""

    text: str
    wanted: bool
    lang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic of a pack."""

    name: str
    label: str
    iptc: str | None = None
    threshold: float = DEFAULT_THRESHOLD
    clauses: tuple[Clause, ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """What one clause gave: occurrences in title and text, its value, and the places."""

    clause: Clause
    title: int
    text: int
    value: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A topic's score in one document, with all clauses that counted."""

    topic: Topic
    score: float
    counted: tuple[Counted, ...]

    def as_match(self) -> TopicMatch:
        """The score with every term that counted, in the order of the text."""
        terms = {
            TopicTerm(term=span.node, field=span.field, start=span.start, end=span.end, weight=one.clause.weight): None
            for one in self.counted
            for span in one.spans
        }
        order = sorted(terms, key=lambda term: (SEARCHED.index(term.field), term.start, term.end, term.term))
        return TopicMatch(name=self.topic.name, score=round(self.score, 4), terms=tuple(order))


@dataclass(frozen=True, slots=True, eq=False)
class _Tally:
    """A clause of a topic, ready to be counted; one is told from another by what it is, not by what it says."""

    topic: Topic
    clause: Clause
    holds: Callable[[Doc, datetime], bool]

    @classmethod
    def of(cls, topic: Topic, clause: Clause) -> _Tally:
        return cls(topic, clause, matcher(clause.query.root).holds)


_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # no clause asks for the time: ages are refused when a pack is read


class TopicPack:
    """Topics by name. All clauses of all topics are held against a document through one index."""

    def __init__(self, topics: Mapping[str, Topic]) -> None:
        self.topics = dict(topics)

    @cached_property
    def _index(self) -> QueryIndex[_Tally]:
        tallies = [_Tally.of(topic, clause) for topic in self.topics.values() for clause in topic.clauses]
        return QueryIndex({one: one.clause.query for one in tallies})

    def match(self, doc: Doc) -> tuple[TopicMatch, ...]:
        """The topics over their thresholds, highest score first."""
        over = [one for one in self.scores(doc).values() if one.score >= one.topic.threshold]
        return tuple(one.as_match() for one in sorted(over, key=lambda one: (-one.score, one.topic.name)))

    def scores(self, doc: Doc) -> dict[str, Scored]:
        """Every topic of which a clause counted, over its threshold or not."""
        counted: dict[str, list[Counted]] = {}
        langs = {key.removeprefix("lang:") for key in doc.keywords if key.startswith("lang:")}
        for one in self._index.candidates(doc):
            lang = one.clause.lang
            if (lang is None or not langs or lang in langs) and one.holds(doc, _NO_TIME):
                counted.setdefault(one.topic.name, []).append(count(one.clause, doc))
        return {
            name: Scored(self.topics[name], score_of(one.value for one in found), tuple(found))
            for name, found in counted.items()
        }


def score_of(values: Iterable[float]) -> float:
    """The score of the values of a topic's clauses; see the module."""
    evidence = max(0.0, math.fsum(values))
    return evidence / (evidence + HALF)


def count(clause: Clause, doc: Doc) -> Counted:
    """What a clause gives in a document of which it holds."""
    node = clause.query.root
    within, part = (node.field, node.part) if isinstance(node, In) else (None, node)
    if not has_places(part) or within == "author":
        return _counted(clause, doc, 0, 1, matcher(node).spans(doc, _NO_TIME))
    found = {name: places(part, doc, name) for name in ([within] if within else SEARCHED)}
    number = {name: apart(there) for name, there in found.items()}
    text = max(("body", "summary"), key=lambda name: number.get(name, 0))
    spans = [
        Span(name, tokens.start(first), tokens.end(last), label)
        for name in ("title", text)
        if (tokens := doc.tokens[name])
        for place in found.get(name, ())
        for first, last, label in leaves(place)
    ]
    return _counted(clause, doc, number.get("title", 0), number.get(text, 0), spans)


def _counted(clause: Clause, doc: Doc, title: int, text: int, spans: list[Span]) -> Counted:
    length = max(len(doc.tokens["body"]), len(doc.tokens["summary"]), 1)
    hits = TITLE * title + text * math.sqrt(min(1.0, USUAL / length))
    value = clause.weight * FULL * -math.expm1(-hits / FULL)
    return Counted(clause, title, text, value, tuple(dict.fromkeys(spans)))


# --- reading packs ---------------------------------------------------------------------------------

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANG = re.compile(r"[a-z]{2,3}")
_LISTS = (*WEIGHTS, "should_match", "should_not_match")
_VALUES: dict[str, type | tuple[type, ...]] = {
    "label": str,
    "iptc": str,
    "threshold": (int, float),
    "extend": bool,
    "enabled": bool,
}


Place = tuple[str | int, ...]
"""A key in the table of a topic, such as ``("ru", "terms", 2)``."""


class ReadQuery(Protocol):
    """A query's text to the query, as `core.query.parse` does it."""

    def __call__(self, source: str, names: Mapping[str, str], /, *, vocabulary: Vocabulary) -> Query: ...


def unread(source: str, _names: Mapping[str, str], *, vocabulary: Vocabulary) -> Query:  # noqa: ARG001 - as `parse`
    """A query that stands for one whose text is not looked at."""
    return Query(And(()), source)


def load_pack(
    sources: Iterable[tuple[str, str]],
    *,
    names: Mapping[str, str] | None = None,
    vocabulary: Vocabulary = ANY_VOCABULARY,
    read: ReadQuery = parse,
) -> TopicPack:
    """Read sources of TOML, each with the name that errors give it; later ones override topic by topic.

    With ``read=unread`` the topics can be told of, but not asked for: to read the queries takes most of a second.
    Raises `ConfigError` that names source, topic, list and place.
    """
    topics: dict[str, Topic] = {}
    for source, text in sources:
        try:
            tables = tomllib.loads(text).get("topics", {})
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{source}: {error}") from None
        if not isinstance(tables, Mapping):
            raise ConfigError(f"{source}: topics: is a table of topics")
        for name, table in tables.items():
            read_topic(topics, name, table, source=source, names=names or {}, vocabulary=vocabulary, read=read)
    return TopicPack(topics)


class TopicRefused(ConfigError):
    """The topic ``name`` of ``source`` is refused. ``faults`` are where in its table something is wrong, and what."""

    def __init__(self, source: str, name: str, faults: Sequence[tuple[Place, str]]) -> None:
        self.faults = [(where, f"{'.'.join(['topics', name, *_words(where)])}: {said}") for where, said in faults]
        super().__init__("\n".join(f"{source}: {said}" for _, said in self.faults))


def _words(where: Place) -> list[str]:
    """``("ru", "terms", 2)`` as ``ru``, ``terms[3]``."""
    words = [str(part) for part in where if isinstance(part, str)]
    numbers = [f"[{part + 1}]" for part in where if isinstance(part, int)]
    return [*words[:-1], words[-1] + "".join(numbers)] if words else []


def read_topic(
    topics: dict[str, Topic],
    name: str,
    table: Any,
    *,
    source: str,
    names: Mapping[str, str],
    vocabulary: Vocabulary,
    read: ReadQuery = parse,
) -> None:
    """Put the topic of one table into ``topics``: in place of one that is there, added to it, or away with it.

    Raises `TopicRefused` with all that is wrong with the table.
    """
    if not _NAME.fullmatch(name) or not isinstance(table, Mapping):
        told = "a topic is a table with a name in kebab-case, such as border-security"
        raise TopicRefused(source, name, [((), told)])
    reader = _TopicReader(names, vocabulary, read)
    values = reader.read(table)
    enabled, extend = values.pop("enabled", True), values.pop("extend", False)
    old = topics.get(name) if extend else None
    if enabled and extend and old is None:
        reader.refuse(("extend",), "there is no topic to extend; without 'extend' it is a new one")
    if enabled and not extend and not reader.faults and not any(clause.weight > 0 for clause in reader.clauses):
        reader.refuse((), "needs at least one query in 'terms' or 'strong'")
    if reader.faults:
        raise TopicRefused(source, name, reader.faults)
    clauses, examples = tuple(reader.clauses), tuple(reader.examples)
    if not enabled:
        topics.pop(name, None)
    elif old is not None:
        topics[name] = replace(old, **values, clauses=old.clauses + clauses, examples=old.examples + examples)
    else:
        values.setdefault("label", name.replace("-", " ").capitalize())
        topics[name] = Topic(name=name, **values, clauses=clauses, examples=examples)


@dataclass(slots=True)
class _TopicReader:
    names: Mapping[str, str]
    vocabulary: Vocabulary
    read_query: ReadQuery
    clauses: list[Clause] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    faults: list[tuple[Place, str]] = field(default_factory=list)

    def refuse(self, where: Place, said: str) -> None:
        self.faults.append((where, said))

    def read(self, table: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in table.items():
            if key in _LISTS:
                self.take((key,), value, None)
            elif isinstance(value, Mapping) and _LANG.fullmatch(key):
                for inner, listed in value.items():
                    if inner in _LISTS:
                        self.take((key, inner), listed, key)
                    else:
                        self.refuse((key, inner), f"unknown key{_meant(inner, _LISTS)}")
            elif key not in _VALUES:
                also = "and tables of languages such as [topics.NAME.ru]"
                self.refuse((key,), f"unknown key{_meant(key, (*_LISTS, *_VALUES, also))}")
            elif not isinstance(value, _VALUES[key]) or (isinstance(value, float | int) and not 0 <= value <= 1):
                right = (
                    "a text"
                    if _VALUES[key] is str
                    else "true or false"
                    if _VALUES[key] is bool
                    else "a number from 0 to 1"
                )
                self.refuse((key,), f"{value!r} is not {right}")
            else:
                values[key] = value
        return values

    def take(self, where: tuple[str, ...], listed: Any, lang: str | None) -> None:
        if not isinstance(listed, list):
            self.refuse(where, 'is a list of strings, such as ["…", "…"]')
            return
        for number, text in enumerate(listed):
            if not isinstance(text, str):
                self.refuse((*where, number), f"{text!r} is no string")
            elif where[-1] not in WEIGHTS:
                self.examples.append(Example(text, where[-1] == "should_match", lang))
            elif (query := self.query(text, (*where, number))) is not None:
                self.clauses.append(Clause(query, WEIGHTS[where[-1]], lang))

    def query(self, text: str, where: Place) -> Query | None:
        try:
            query = self.read_query(text, self.names, vocabulary=self.vocabulary)
        except QueryError as error:
            self.refuse(where, str(error))
            return None
        for node in walk(query.root):
            if _known_later(node):
                self.refuse(where, f"'{text_of(node)}' is not known yet when topics are looked for")
        return query


def _meant(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"


def _known_later(node: Node) -> bool:
    return isinstance(node, TopicScore | Age | Flag) or (isinstance(node, Keyword) and node.field == "person")


def check_examples(pack: TopicPack) -> list[str]:
    """Run the examples of all topics; one line for each that fails."""
    faults: list[str] = []
    for topic in pack.topics.values():
        for example in topic.examples:
            found = pack.scores(Doc.example(example.text, example.lang)).get(topic.name)
            score = found.score if found else 0.0
            if (score >= topic.threshold) != example.wanted:
                wanted = "at least" if example.wanted else "less than"
                shown = f"{example.text!r} scores {score:.2f}"
                faults.append(f"topics.{topic.name}: {shown}; {wanted} {topic.threshold:g} is expected")
    return faults
