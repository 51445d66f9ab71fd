"""The same look-up and placing over memory, for documents that come in order and are in no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from monitor.core.duplicates.events import WINDOW
from monitor.core.duplicates.fingerprints import fingerprint
from monitor.core.duplicates.verdict import compare
from monitor.core.stories.placing import (
    COPIES_WITHIN,
    LIMIT_COPIES,
    LIMIT_REPORTS,
    PER_KEY,
    place,
    rank,
    story_keys,
)
from monitor.model import Candidate, Duplicate, Joins, Placement, Text

_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Index:
    """Articles found by their bands and story keys; ``add`` places an article and keeps it."""

    articles: dict[int, Candidate] = field(default_factory=dict)
    bands: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    keys: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def candidates(self, article: Candidate, keys: Iterable[int]) -> list[Candidate]:
        """At most 3 x (``LIMIT_COPIES`` + ``LIMIT_REPORTS``) articles that may be the same text or the same story."""
        bands = article.fingerprint.bands if article.fingerprint else ()
        found = [
            *rank(self._hits(self.bands, bands, article.seen - COPIES_WITHIN), LIMIT_COPIES),
            *rank(self._hits(self.keys, keys, article.seen - WINDOW), LIMIT_REPORTS),
        ]
        origins = [origin for n in found if (origin := self.articles[n].duplicate_of) is not None]
        first = [story for n in found if (story := self.articles[n].story_id) is not None]
        return [self.articles[n] for n in dict.fromkeys(found + origins + first)]

    def add(self, article: Candidate, keys: Iterable[int], *, now: datetime) -> Placement:
        """Place ``article`` among those before it; a story is named by the article that starts it."""
        placement = place(article, self.candidates(article, keys), now=now)
        story_id = placement.story_id if isinstance(placement, Duplicate | Joins) else article.article_id
        duplicate_of = placement.of if isinstance(placement, Duplicate) else None
        self.articles[article.article_id] = replace(article, story_id=story_id, duplicate_of=duplicate_of)
        for band in article.fingerprint.bands if article.fingerprint else ():
            self.bands[band].append(article.article_id)
        for key in keys:
            self.keys[key].append(article.article_id)
        return placement

    def _hits(self, index: Mapping[int, list[int]], keys: Iterable[int], since: datetime) -> dict[int, list[int]]:
        return {
            key: [n for n in index[key][-PER_KEY:] if self.articles[n].seen >= since] for key in keys if key in index
        }


def cluster(articles: Iterable[Candidate]) -> Iterator[tuple[int, int | None, int]]:
    """(article, the one that it is a copy of, story) for each of ``articles``, in their order of arrival."""
    index = Index()
    for arrived in articles:
        text = Text(title=arrived.title, body=arrived.text)
        article = arrived if arrived.fingerprint else replace(arrived, fingerprint=fingerprint(text))
        keys = story_keys(text, countries=article.countries, people=article.people)
        index.add(article, keys, now=article.seen)
        stored = index.articles[article.article_id]
        assert stored.story_id is not None
        yield article.article_id, stored.duplicate_of, stored.story_id


# --- JSON lines ------------------------------------------------------------------------------------


def compare_json(record: Mapping[str, Any]) -> dict[str, Any]:
    """``{"id", "a": document, "b": document}`` to ``{"id", "verdict", "similarity", "why"}``."""
    verdict = compare(_candidate(record["a"], 1, _UNDATED), _candidate(record["b"], 2, _UNDATED))
    return {"id": record["id"], "verdict": verdict.verdict, "similarity": verdict.similarity, "why": verdict.why}


def cluster_json(records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Documents ``{"id", "title", "text", "published", "site", "url"}`` in order of arrival to
    ``{"id", "duplicate_of", "story"}``; a story bears the id of its first document.
    """
    names: dict[int, Any] = {}

    def arriving() -> Iterator[Candidate]:
        clock = _UNDATED
        for number, record in enumerate(records, 1):
            names[number] = record["id"]
            article = _candidate(record, number, clock)
            clock = max(clock, article.published or clock)
            yield replace(article, seen=clock)

    for number, duplicate_of, story in cluster(arriving()):
        of = names[duplicate_of] if duplicate_of is not None else None
        yield {"id": names[number], "duplicate_of": of, "story": str(names[story])}


def _candidate(record: Mapping[str, Any], number: int, seen: datetime) -> Candidate:
    text = Text(title=record.get("title") or "", body=record.get("text") or "")
    return Candidate(
        article_id=number,
        title=text.title,
        text=text.body,
        site=record.get("site"),
        url=record.get("url") or "",
        published=_time(record.get("published")),
        seen=seen,
        fingerprint=fingerprint(text),
        story_id=None,
        lang=record.get("lang"),
    )


def _time(value: object) -> datetime | None:
    """An ISO 8601 time as aware UTC; a plain date is its midnight; anything else is no time."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
