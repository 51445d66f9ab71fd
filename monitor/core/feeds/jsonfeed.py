"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
from typing import Any

from monitor.core.feeds.raw import Markup, RawEntry, RawFeed
from monitor.core.precheck import MAX_ITEMS


def claims(head: str, _root: str) -> bool:
    return head.startswith("{")


def read(text: str) -> RawFeed | None:
    """The feed, or ``None`` where the JSON is broken or something else. Wrong types count as missing."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        return None
    version = _string(data, "version")
    items = [item for item in data["items"] if isinstance(item, dict)]
    if "jsonfeed" not in version and not any(
        "content_html" in i or "content_text" in i or "date_published" in i for i in items
    ):
        return None
    feed = RawFeed(
        format="json11" if version.rstrip("/").endswith("1.1") else "json10",
        title=Markup(_string(data, "title"), html=False),
        link=_string(data, "home_page_url"),
        lang=_string(data, "language"),
        entries=[_entry(item) for item in items[:MAX_ITEMS]],
    )
    if len(items) > MAX_ITEMS:
        feed.notes.append(f"{len(items):,} items, read are the first {MAX_ITEMS:,}")
    return feed


def _entry(item: dict[str, Any]) -> RawEntry:
    html, text = _string(item, "content_html"), _string(item, "content_text")
    authors = item.get("authors")
    people = authors if isinstance(authors, list) else [item.get("author")]
    attachments = item.get("attachments")
    return RawEntry(
        guid=_string(item, "id"),
        guid_is_link=True,
        link=_string(item, "url") or _string(item, "external_url"),
        title=Markup(_string(item, "title"), html=False),
        summary=Markup(_string(item, "summary"), html=False),
        content=Markup(html) if html else Markup(text, html=False),
        authors=[_string(person, "name") for person in people if isinstance(person, dict)],
        published=_string(item, "date_published"),
        updated=_string(item, "date_modified"),
        tags=[tag for tag in item["tags"] if isinstance(tag, str)] if isinstance(item.get("tags"), list) else [],
        image=_string(item, "image") or _string(item, "banner_image"),
        enclosures=[_string(a, "url") for a in attachments if isinstance(a, dict)]
        if isinstance(attachments, list)
        else [],
        lang=_string(item, "language"),
    )


def _string(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
