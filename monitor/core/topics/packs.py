"""Topics as they are written in packs. Nothing here looks for them: to load what does takes a while."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import tomli

from monitor.core.query.tree import Age, And, Flag, Keyword, Node, Query, TopicScore, text_of, walk
from monitor.core.query.vocabulary import ANY_VOCABULARY, Vocabulary
from monitor.errors import ConfigError, QueryError

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANG = re.compile(r"[a-z]{2,3}")
WEIGHTS = {"terms": 1.0, "strong": 3.0, "against": -3.0}
_LISTS = (*WEIGHTS, "should_match", "should_not_match")
_VALUES: dict[str, type | tuple[type, ...]] = {
    "label": str,
    "iptc": str,
    "threshold": (int, float),
    "extend": bool,
    "enabled": bool,
}


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
    threshold: float = 0.5
    clauses: tuple[Clause, ...] = ()
    examples: tuple[Example, ...] = ()


Place = tuple[str | int, ...]
"""A key in the table of a topic, such as ``("ru", "terms", 2)``."""


class ReadQuery(Protocol):
    """A query's text to the query, as `core.query.parse` does it."""

    def __call__(self, source: str, names: Mapping[str, str], /, *, vocabulary: Vocabulary) -> Query: ...


def unread(source: str, _names: Mapping[str, str], *, vocabulary: Vocabulary) -> Query:  # noqa: ARG001 - as `parse`
    """A query that stands for one whose text is not looked at."""
    return Query(And(()), source)


def as_parsed(source: str, names: Mapping[str, str], *, vocabulary: Vocabulary) -> Query:
    """The query that a text says; the parser is loaded with the first."""
    from monitor.core.query.syntax import parse

    return parse(source, names, vocabulary=vocabulary)


def read_pack(
    sources: Iterable[tuple[str, str]],
    *,
    names: Mapping[str, str] | None = None,
    vocabulary: Vocabulary = ANY_VOCABULARY,
    read: ReadQuery = as_parsed,
) -> dict[str, Topic]:
    """Read sources of TOML, each with the name that errors give it; later ones override topic by topic.

    With ``read=unread`` the topics can be told of, but not asked for: to read the queries takes most of a second.
    Raises `ConfigError` that names source, topic, list and place.
    """
    topics: dict[str, Topic] = {}
    for source, text in sources:
        try:
            tables = tomli.loads(text).get("topics", {})
        except tomli.TOMLDecodeError as error:
            raise ConfigError(f"{source}: {error}") from None
        if not isinstance(tables, Mapping):
            raise ConfigError(f"{source}: topics: is a table of topics")
        for name, table in tables.items():
            read_topic(topics, name, table, source=source, names=names or {}, vocabulary=vocabulary, read=read)
    return topics


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
    read: ReadQuery = as_parsed,
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
    import difflib

    near = difflib.get_close_matches(key, known, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"


def _known_later(node: Node) -> bool:
    return isinstance(node, TopicScore | Age | Flag) or (isinstance(node, Keyword) and node.field == "person")
