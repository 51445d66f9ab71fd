"""Topics as the commands need them: the pack in force, and documents as topics see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.core.query import Doc
    from monitor.core.topics import TopicPack
    from monitor.model import Article


def pack_of(settings: Settings) -> TopicPack:
    """The topics that are in force.

    :raises ConfigError: one of them is faulty.
    """
    from monitor.app import topic_sources
    from monitor.sandboxed import load_topics

    return load_topics(topic_sources(settings))


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
