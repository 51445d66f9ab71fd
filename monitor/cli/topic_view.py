"""Articles as topics see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.core.query import Doc
    from monitor.model import Article


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
