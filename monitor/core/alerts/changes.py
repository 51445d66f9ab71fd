"""What changed in an article, word by word."""

from __future__ import annotations

import difflib
import re
from typing import Literal, NamedTuple

from monitor.core.text import excerpt, fold
from monitor.model import Article

LEAD = 600
"""Code points of the text that a reader sees first; what changes further down is no correction."""

Operation = Literal["same", "gone", "new"]


class Change(NamedTuple):
    """A run of words that is the same in both texts, or only in the old or the new one."""

    operation: Operation
    text: str


def changes(old: str, new: str) -> tuple[Change, ...]:
    """``old`` and ``new`` as one text with what is gone and what is new."""
    before, after = re.findall(r"\S+", old), re.findall(r"\S+", new)
    found: list[Change] = []
    for operation, i, j, m, n in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            found.append(Change("same", " ".join(after[m:n])))
            continue
        if i < j:
            found.append(Change("gone", " ".join(before[i:j])))
        if m < n:
            found.append(Change("new", " ".join(after[m:n])))
    return tuple(found)


def changed_fields(before: Article, after: Article) -> tuple[tuple[str, tuple[Change, ...]], ...]:
    """Title and lead where their words differ. A feed's text in place of a page's, or the other way, is no change."""
    pairs = [("title", before.analysis.text.title, after.analysis.text.title)]
    if (before.analysis.body_status == "page") == (after.analysis.body_status == "page"):
        pairs.append(("lead", lead(before), lead(after)))
    return tuple((name, changes(old, new)) for name, old, new in pairs if _words(old) != _words(new))


def is_withdrawn(before: Article, after: Article) -> bool:
    """Whether the page was there before, and its server says now that it is gone."""
    was, now = before.analysis, after.analysis
    gone = re.search(r"\bHTTP (?:404|410)\b", now.body_detail) is not None
    return was.body_status == "page" and now.body_status == "error_page" and gone


def is_small(before: Article, after: Article) -> bool:
    """Whether a reader of title and lead would notice nothing. A page that is gone is noticed."""
    return not is_withdrawn(before, after) and not changed_fields(before, after)


def lead(article: Article) -> str:
    """The beginning of the text."""
    text = article.analysis.text
    source = text.body if text.body.strip() else text.summary
    return source[: excerpt(source, 0, 0, 2 * LEAD)[1]] if len(source) > LEAD else source


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))
