"""Articles as queries see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.indexing import words_of
from monitor.core.query.document import Doc

if TYPE_CHECKING:
    from monitor.core.indexing import IndexText
    from monitor.model import Article, Placement


def doc_of(
    article: Article,
    *,
    placement: Placement | None = None,
    edited: bool | None = None,
    index: IndexText | None = None,
) -> Doc:
    """The article as queries see it; ``placement`` and ``edited`` where they are newer than the article's own;
    ``index`` is what the full-text index holds of it, where that is at hand.
    """
    is_duplicate = article.duplicate_of is not None
    if placement is not None:
        from monitor.model import Duplicate  # articles that are stored already need no values of placing

        is_duplicate = isinstance(placement, Duplicate)
    analysis = article.analysis
    return Doc.of(
        analysis.text,
        topics={topic.name: topic.score for topic in analysis.topics},
        countries=[mention.code for mention in analysis.countries],
        people=analysis.named,
        feed=article.feed,
        is_duplicate=is_duplicate,
        is_edited=article.edited_at is not None if edited is None else edited,
        has_quote=bool(analysis.quotes),
        seen=article.seen,
        words=None if index is None else words_of(index),
    )
