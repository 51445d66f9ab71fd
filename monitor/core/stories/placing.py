"""Where a new article belongs: a copy of a stored one, a further report in a story, or the first of its own.

The storage finds candidates by indexed keys alone, in this way (`Index` does the same over dicts):

1. rows of the article's ``fingerprint.bands`` seen within ``COPIES_WITHIN``, of each key the newest ``PER_KEY``;
2. rows of the article's ``story_keys`` seen within ``WINDOW``, of each key the newest ``PER_KEY``;
3. ``rank`` of each of the two, the first ``LIMIT_COPIES`` and ``LIMIT_REPORTS``;
4. the articles that these are duplicates of, and the first article of each of their stories.

So a key that furniture or a frequent name has made common costs ``PER_KEY`` rows and counts for little.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.core.duplicates.copies import find_copy
from monitor.core.duplicates.events import Likeness, likenesses, surnames
from monitor.core.duplicates.profiles import Profile, profile
from monitor.core.duplicates.verdict import may_be_copy
from monitor.model import Candidate, Duplicate, Joins, Placement, Starts, Text

COPIES_WITHIN = timedelta(days=30)
PER_KEY, LIMIT_COPIES, LIMIT_REPORTS = 30, 16, 40

_PAIRS, _WORDS, _PEOPLE, _NUMBERS = 8, 4, 2, 2


def story_keys(
    text: Text, *, countries: Sequence[str] = (), people: Sequence[str] = (), named: Profile | None = None
) -> tuple[int, ...]:
    """At most 17 signed 32-bit keys by which reports of one event find each other: the eight heaviest pairs of words,
    the four heaviest words; and, for reports in another language, two surnames, two numbers, the two main countries.
    ``countries`` are codes, most mentioned first; ``people`` are names; ``named`` is the text's profile, if at hand.
    """
    named = named or profile(text.title, text.body)
    strongest = named.strongest
    pairs = [f for f in strongest if " " in f][:_PAIRS]
    words = [f for f in strongest if " " not in f][:_WORDS]
    surname = [f"person {name}" for name in sorted(surnames(tuple(people[:_PEOPLE])))]
    numbers = [f"number {n}" for n in sorted(named.numbers, key=lambda n: (-len(n), n)) if len(n) > 2][:_NUMBERS]
    places = [" ".join(["countries", *sorted(countries[:2])])] if len(countries) > 1 else []
    return tuple(dict.fromkeys(map(_key, (*pairs, *words, *surname, *numbers, *places))))


def rank(hits: Mapping[int, Sequence[int]], limit: int) -> list[int]:
    """The articles found by several keys, most telling first: a key counts 1 / sqrt(2 + the articles it found)."""
    scores: defaultdict[int, float] = defaultdict(float)
    for articles in hits.values():
        weight = 1 / math.sqrt(2 + len(articles))
        for article in articles:
            scores[article] += weight
    return sorted(scores, key=lambda article: (-scores[article], -article))[:limit]


def place(
    article: Candidate, candidates: Sequence[Candidate], *, now: datetime, named: Profile | None = None
) -> Placement:
    """Where ``article`` belongs among ``candidates``; the order of these makes no difference. ``named`` is its profile,
    where that is at hand.

    A duplicate is a copy of the article that ``of`` names, which is no copy itself unless that one is not among the
    candidates or this is no copy of it. An article joins the story with the report most like it, if that is like
    enough for the time between them, and if it is like the story's first report too, or like most of those at hand: so
    a story cannot drift from report to report. The same form filled in anew keeps an article out of a story.
    """
    likes = likenesses(article, candidates, [_gap(article, c, now) for c in candidates], named=named)
    near = {candidate.article_id: like for candidate, like in zip(candidates, likes, strict=True)}
    forms: set[int] = set()
    copies: list[tuple[bool, float, datetime, int, str]] = []
    for candidate in candidates:
        if not may_be_copy(article, candidate, near[candidate.article_id]):
            continue
        copy = find_copy(article, candidate)
        if copy.kind == "copy":
            of_copy = candidate.duplicate_of is not None
            copies.append((of_copy, -round(copy.similarity, 2), candidate.seen, candidate.article_id, copy.why))
        elif copy.kind != "none" and candidate.story_id is not None:
            forms.add(candidate.story_id)
    if copies:
        _, similarity, _, of, why = min(copies)
        story_id = next(c.story_id for c in candidates if c.article_id == of)
        return Duplicate(of=of, story_id=story_id, similarity=-similarity, why=why)

    stories: defaultdict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.story_id is not None and candidate.story_id not in forms:
            stories[candidate.story_id].append(candidate)
    joined = [
        joins for story_id, members in sorted(stories.items()) if (joins := _join(story_id, members, near)) is not None
    ]
    return max(joined, key=lambda joins: (joins.similarity, -joins.story_id)) if joined else Starts()


def _join(story_id: int, members: Sequence[Candidate], near: Mapping[int, Likeness]) -> Joins | None:
    reports = [m for m in members if m.duplicate_of is None] or list(members)
    best = max(reports, key=lambda m: (near[m.article_id].same, near[m.article_id].similarity, -m.article_id))
    found = near[best.article_id]
    if not found.same:
        return None
    alike = {m.article_id for m in reports if near[m.article_id].similarity >= found.enough / 2}
    if min(m.article_id for m in reports) not in alike and len(alike) * 2 <= len(reports):
        return None
    of_all = f"; it is like {len(alike)} of {len(reports)} reports of the story" if len(reports) > 1 else ""
    why = f"with article {best.article_id} {found.why}{of_all}"
    return Joins(story_id=story_id, similarity=round(found.similarity, 4), why=why)


def _gap(article: Candidate, other: Candidate, now: datetime) -> timedelta | None:
    """The time between two reports; a date in the future is no date, and then the time of arrival stands for it."""
    if article.published is None and other.published is None and article.seen == other.seen:
        return None
    return abs(_when(article, now) - _when(other, now))


def _when(article: Candidate, now: datetime) -> datetime:
    return article.published if article.published is not None and article.published <= now else article.seen


def _key(feature: str) -> int:
    return int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=4).digest(), "big", signed=True)
