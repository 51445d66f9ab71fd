"""The verdict on a pair: a copy, the same event, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from monitor.core.duplicates.copies import LEAST, find_copy, gap_between, title_words
from monitor.core.duplicates.events import Likeness, likenesses
from monitor.core.duplicates.fingerprints import resemblance
from monitor.model import Candidate


@dataclass(frozen=True, slots=True)
class Verdict:
    """``similarity`` is 0..1: of a duplicate, the share of the shorter text that stands in the other; of a story,
    the likeness of what the two name. ``why`` is one line for a person.
    """

    verdict: Literal["duplicate", "same-story", "different"]
    similarity: float
    why: str


def compare(a: Candidate, b: Candidate) -> Verdict:
    """The verdict on two articles; symmetric."""
    copy = find_copy(a, b)
    if copy.kind == "copy":
        return Verdict("duplicate", round(copy.similarity, 4), copy.why)
    if copy.kind != "none":
        return Verdict("different", round(copy.similarity, 4), copy.why)
    event = likenesses(a, [b], [gap_between(a, b)])[0]
    return Verdict("same-story" if event.same else "different", round(event.similarity, 4), event.why)


def may_be_copy(a: Candidate, b: Candidate, event: Likeness) -> bool:
    """A cheap look before `find_copy`: a common key, some resemblance, the same title or much the same opening.

    Texts that have a share c of the shorter in common resemble each other by c r / (1 + r - c r), where r is the ratio
    of their lengths; half of what that is for the least share of a copy is asked for, since it is estimated. Of the 64
    minima two agree by chance in one pair of forty: so little counts only where the openings are alike too.
    """
    first, second = a.fingerprint, b.fingerprint
    if first is None or second is None:
        return True
    if first.content_hash == second.content_hash or not set(first.bands).isdisjoint(second.bands):
        return True
    alike = resemblance(first, second)
    ratio = min(first.size, second.size) / max(first.size, second.size, 1)
    enough = max(0.02, LEAST * ratio / (1 + ratio - LEAST * ratio) / 2)
    if event.similarity >= 0.4 or (alike >= enough and (alike >= 0.05 or event.similarity >= 0.1)):
        return True
    return a.title == b.title or title_words(a.title) == title_words(b.title)
