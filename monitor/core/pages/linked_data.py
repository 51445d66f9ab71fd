"""JSON-LD: the nodes of a page's linked data, which of them is its article, and plain text from their values."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = re.compile(r"<[a-zA-Z/][^<>]{0,500}>")
_BLOCK_TAG = re.compile(r"</?(?:p|div|br|li|h\d)\b[^<>]{0,500}>", re.IGNORECASE)
_ARTICLE_TYPES = re.compile(r"(?:Article|Posting|Report|Blog)$")


def nodes_of(source: str) -> list[dict[str, Any]]:
    """Every node of a JSON-LD block, graphs and lists flattened; what is not JSON after mild repair is none."""
    for repair in (str.strip, _repaired):
        try:
            return list(_nodes(json.loads(repair(source), strict=False)))
        except (ValueError, RecursionError):
            continue
    return []


def _repaired(source: str) -> str:
    source = re.sub(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$", "", source.strip())
    return re.sub(r",(\s*[}\]])", r"\1", source).strip().rstrip(";")


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value[:200]:
            yield from _nodes(item, depth)
    elif isinstance(value, dict):
        yield value
        if depth < 4:
            for key in ("@graph", "mainEntity", "mainEntityOfPage", "subjectOf"):
                if isinstance(value.get(key), dict | list):
                    yield from _nodes(value[key], depth + 1)


def types_of(node: dict[str, Any]) -> list[str]:
    types = node.get("@type")
    return [str(kind) for kind in types] if isinstance(types, list) else [str(types or "")]


def main_article(nodes: list[dict[str, Any]], url: str) -> dict[str, Any]:
    """The node of the page's own article: of several, the one that names this address, else the richest."""
    articles = [node for node in nodes if any(_ARTICLE_TYPES.search(kind) for kind in types_of(node))]
    path = _path(url)

    def rank(node: dict[str, Any]) -> tuple[bool, int]:
        ids = (node.get("url"), node.get("@id"), node.get("mainEntityOfPage"))
        named = (str(i.get("@id") or i.get("url") or "") if isinstance(i, dict) else str(i or "") for i in ids)
        is_here = len(path) > 1 and any(_path(name) == path for name in named)
        return is_here, sum(bool(node.get(key)) for key in ("headline", "datePublished", "author", "articleBody"))

    best = max(articles, key=rank, default={})
    by_id = {str(node["@id"]): node for node in nodes if node.get("@id") and len(node) > 1}
    return {
        key: _linked(value, by_id) if key in ("author", "creator", "publisher") else value
        for key, value in best.items()
    }


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def _linked(value: Any, by_id: dict[str, dict[str, Any]]) -> Any:
    """``value`` with references to nodes of the graph followed once."""
    if isinstance(value, list):
        return [_linked(item, by_id) for item in value[:50]]
    if isinstance(value, dict) and not value.get("name"):
        return by_id.get(str(value.get("@id")), value)
    return value


def text_of(value: Any) -> str:
    """One line of plain text from a JSON value or attribute."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if not isinstance(value, str):
        return ""
    if "&" in value:
        value = unescape(unescape(value))
    if "<" in value:
        value = _TAG.sub(" ", value)
    return " ".join(value.replace("\u00ad", "").split())


def body_of(article: dict[str, Any]) -> str:
    """JSON-LD's articleBody as paragraphs, and the updates of a live blog."""
    value = article.get("articleBody")
    parts = [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, str)]
    updates = article.get("liveBlogUpdate")
    for update in updates[:200] if isinstance(updates, list) else ():
        if isinstance(update, dict):
            parts += [str(update.get(key) or "") for key in ("headline", "articleBody")]
    text = unescape("\n".join(filter(None, parts)))
    text = unescape(_TAG.sub(" ", _BLOCK_TAG.sub("\n", text)))
    return "\n".join(line for line in (" ".join(raw.split()) for raw in text.splitlines()) if line)
