"""What runs inside the sandbox: the only functions that open bytes of strangers.

Each call takes one document and gives plain values back. The topics, which cost a moment to compile, are kept by the
worker for as long as the next call asks for the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.core.duplicates.profiles import Profile
    from monitor.core.indexing import IndexText
    from monitor.core.material import Material
    from monitor.core.query.vocabulary import Vocabulary
    from monitor.core.topics import Topic, TopicPack
    from monitor.model import Analysis, FeedRejected, ParsedEntry, ParsedFeed

PRELOAD = ("monitor.core.analysis", "monitor.core.feeds", "monitor.core.indexing", "monitor.core.stories", "rensa")
"""Modules that the fork server imports, so that a worker that was killed is replaced in a moment."""


@dataclass(frozen=True, slots=True)
class TopicSources:
    """Where topics come from: the shipped pack or not, less ``disable``, with the operator's ``own`` laid over it."""

    pack: bool = True
    disable: tuple[str, ...] = ()
    own: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    place: str = "config.toml"


def vocabulary() -> Vocabulary:
    """The names of countries and regions that queries may use."""
    from monitor.core import places
    from monitor.core.query.vocabulary import Vocabulary

    regions = {name: tuple(sorted(codes)) for name, codes in places.REGIONS.items()}
    return Vocabulary(country_code=_country_code, regions=regions)


def _country_code(name: str) -> str | None:
    from monitor.core import places  # most queries name no country

    return places.country_code(name)


def load_topics(sources: TopicSources) -> TopicPack:
    """The topics that are in force, ready to be looked for.

    :raises ConfigError: as `read_topics`.
    """
    from monitor.core.topics import TopicPack

    return TopicPack(read_topics(sources))


def read_topics(sources: TopicSources, *, to_be_told: bool = False) -> dict[str, Topic]:
    """The topics that are in force; ``to_be_told``: without the queries of the shipped pack, which have no faults.

    :raises ConfigError: a topic's query is faulty, or a topic to leave out does not exist.
    """
    from monitor.core.topics import read_pack, read_topic, unread
    from monitor.core.topics.packs import as_parsed
    from monitor.errors import ConfigError

    known = vocabulary()
    shipped = _shipped() if sources.pack else []
    read = unread if to_be_told else as_parsed
    topics = read_pack(shipped, names=sources.names, vocabulary=known, read=read)
    for name in sources.disable:
        if name not in topics:
            raise ConfigError(f"{sources.place}: topics.disable: there is no topic {name!r}")
        del topics[name]
    for name, table in sources.own.items():
        read_topic(topics, name, table, source=sources.place, names=sources.names, vocabulary=known)
    return topics


def _shipped() -> list[tuple[str, str]]:
    """The files of the pack, each with the name that errors give it."""
    from importlib import resources

    folder = resources.files("monitor") / "data" / "topics"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return [(f"topics/{file.name}", file.read_text("utf-8")) for file in files if file.name.endswith(".toml")]


def topic_names(sources: TopicSources) -> frozenset[str]:
    """The names of the topics in force, without a look at their queries, which takes a second."""
    import tomli

    shipped = {name for _, text in (_shipped() if sources.pack else []) for name in tomli.loads(text)["topics"]}
    off = {name for name, table in sources.own.items() if not table.get("enabled", True)}
    return frozenset((shipped - {*sources.disable} | sources.own.keys()) - off)


_compiled: tuple[TopicSources, TopicPack] | None = None


def compiled(sources: TopicSources) -> TopicPack:
    """As ``load_topics``, kept from one task to the next."""
    global _compiled  # noqa: PLW0603 - a cache of one: a worker knows the topics of its last task
    if _compiled is None or _compiled[0] != sources:
        _compiled = (sources, load_topics(sources))
    return _compiled[1]


def prepare(sources: TopicSources) -> None:
    """Analyse a line: it loads all that every analysis needs, seconds that workers forked afterwards need not spend."""
    analyse_any(Loose(title="Border talks", text="They met in Tashkent.", url="https://example.org/"), sources)


def parse_feed(body: bytes, url: str, content_type: str | None) -> ParsedFeed | FeedRejected:
    """A feed's bytes to its entries."""
    from monitor.core.feeds import parse_feed as parse

    return parse(body, url=url, content_type=content_type)


def analyse(material: Material, sources: TopicSources) -> Analysis:
    """An article's page and entry to what it says."""
    from monitor.core.analysis import analyse as read

    return read(material, compiled(sources))


@dataclass(frozen=True, slots=True)
class Reading:
    """An analysis, and what it is found by later: ``keys`` by reports of the same event, which are then compared with
    what it ``names``; ``words`` by searches.
    """

    analysis: Analysis
    keys: tuple[int, ...]
    names: Profile
    words: IndexText


def read(material: Material, sources: TopicSources) -> Reading:
    """An article's page and entry to all that is stored of it, reckoned here where its words are at hand."""
    from monitor.core.duplicates.profiles import profile
    from monitor.core.indexing import index_text
    from monitor.core.stories import story_keys

    analysis = analyse(material, sources)
    text = analysis.text
    names = profile(text.title, text.body)
    return Reading(
        analysis=analysis,
        keys=story_keys(
            text,
            countries=[mention.code for mention in analysis.countries],
            people=[person.name for person in analysis.people],
            named=names,
        ),
        names=names,
        words=index_text(text.title, text.summary, text.body, text.authors),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """A document that no feed brought: the bytes of a ``page`` (of HTML, or of plain text), or a ``text``."""

    page: bytes | None = None
    content_type: str | None = None
    text: str = ""
    title: str | None = None
    entry: ParsedEntry | None = None
    url: str = ""
    lang: str | None = None
    published: datetime | None = None


_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|meta|article|div|p|title|script)\b", re.IGNORECASE)


def analyse_any(loose: Loose, sources: TopicSources) -> Analysis:
    """As ``analyse``, for a document in hand. Bytes without markup are read as plain text."""
    from monitor.core.analysis import analyse as read
    from monitor.core.analysis import analyse_text
    from monitor.core.material import Material, Page
    from monitor.model import ParsedEntry

    pack = compiled(sources)
    entry = loose.entry or ParsedEntry(guid=None, url=None, title="")
    if loose.page is not None and _MARKUP.search(loose.page[:100_000]):
        page = Page(body=loose.page, url=loose.url, content_type=loose.content_type)
        return read(
            Material(entry=entry, url=loose.url, page=page, published=loose.published, feed_lang=loose.lang), pack
        )
    text = loose.text if loose.page is None else loose.page.decode("utf-8", "replace")
    title = loose.title if loose.page is None else entry.title or None
    return analyse_text(text, pack, title=title, url=loose.url, published=loose.published, lang=loose.lang)
