"""Topics as the commands need them: the pack in force, and documents as topics see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.core.query import Doc
    from monitor.core.topics import TopicPack
    from monitor.model import Article
    from monitor.sandboxed import TopicSources


def pack_of(settings: Settings, *, to_be_told: bool = False) -> TopicPack:
    """The topics that are in force; ``to_be_told``: without the queries of the shipped pack.

    :raises ConfigError: one of them is faulty.
    """
    from monitor.sandboxed import load_topics

    return load_topics(sources_of(settings), to_be_told=to_be_told)


def sources_of(settings: Settings) -> TopicSources:
    """As `monitor.app.topic_sources`, without the network and the channels that are imported with it."""
    from monitor.sandboxed import TopicSources

    topics, place = settings.topics, str(settings.path or "config.toml")
    return TopicSources(pack=topics.pack, disable=topics.disable, own=topics.own, names=settings.queries, place=place)


def doc_for_topics(article: Article) -> Doc:
    """The article as it is when topics are looked for: before it has any, or a place."""
    from monitor.core.query import Doc

    analysis = article.analysis
    return Doc.of(
        analysis.text,
        countries=[each.code for each in analysis.countries],
        people=[each.name for each in analysis.people],
        has_quote=bool(analysis.quotes),
    )
