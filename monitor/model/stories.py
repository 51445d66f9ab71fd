"""Stories, and where the text of a report comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Provenance:
    """Of several copies of one text the article that it comes from: ``agency`` where one is credited or on its site,
    how many of the others credit it, and why it is taken for the origin, in words.
    """

    article_id: int
    agency: str | None
    credits: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The reports of one event."""

    id: int
    title: str
    first_at: datetime
    last_at: datetime
    articles: int
    copies: int
    sites: int
