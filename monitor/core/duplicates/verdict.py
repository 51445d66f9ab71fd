"""The verdict on a pair: a copy, the same event, or neither; and which of several copies is the origin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from monitor.core.duplicates.copies import find_copy, gap_between, title_words
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


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a text comes from: the article, the agency that the copies credit (if any), and why, in words."""

    article_id: int
    agency: str | None
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

    Of the 64 minima two agree by chance in one pair of forty: so little counts only where the openings are alike too.
    """
    first, second = a.fingerprint, b.fingerprint
    if first is None or second is None:
        return True
    if first.content_hash == second.content_hash or not set(first.bands).isdisjoint(second.bands):
        return True
    alike = resemblance(first, second)
    if alike >= 0.05 or event.similarity >= 0.4 or (alike >= 0.02 and event.similarity >= 0.1):
        return True
    return a.title == b.title or title_words(a.title) == title_words(b.title)


# --- origin ----------------------------------------------------------------------------------------

_AGENCIES = {
    "Reuters": ("reuters.com", r"\(?\bReuters\b\)?"),
    "AP": ("apnews.com", r"\(AP\)|\bAssociated Press\b"),
    "AFP": ("afp.com", r"\(AFP\)|\bAgence France-Presse\b"),
    "dpa": ("dpa.com", r"\(dpa\b[^)]{0,10}\)|\bDeutsche Presse-Agentur\b"),
    "EFE": ("efe.com", r"\(EFE\)|\bAgencia EFE\b"),
    "ANSA": ("ansa.it", r"\(ANSA\)"),
    "TASS": ("tass.com tass.ru", r"/\s?(?:TASS|ТАСС)\s?[/.]|\(TASS\)|\bТАСС\b"),
    "RIA Novosti": ("ria.ru", r"\bРИА Новости\b|\bRIA Novosti\b"),
    "Interfax": ("interfax.com interfax.ru", r"\(Interfax\)|\bИнтерфакс\b|\bINTERFAX\b"),
    "Xinhua": ("news.cn xinhuanet.com", r"\(Xinhua\)|新华社"),
    "Kyodo": ("kyodonews.net", r"\(Kyodo\)|共同通信"),
    "Yonhap": ("yna.co.kr", r"\(Yonhap\)|연합뉴스"),
    "PTI": ("ptinews.com", r"\(PTI\)|\bPress Trust of India\b"),
    "ANI": ("aninews.in", r"\[?\(?\bANI\)\]?"),
    "Anadolu": ("aa.com.tr", r"\bAnadolu Agency\b|\bAnadolu Ajansı\b|\(AA\)"),
    "UPI": ("upi.com", r"\(UPI\)"),
}
_CREDITS = {name: re.compile(pattern) for name, (_, pattern) in _AGENCIES.items()}
_SITES = {site: name for name, (sites, _) in _AGENCIES.items() for site in sites.split()}
_ENDS = 400  # a credit stands in the dateline or below the text


def credit(text: str) -> str | None:
    """The agency that a text credits in its dateline or at its end."""
    head, tail = text[:_ENDS], text[-_ENDS // 2 :]
    found = [(match.start(), name) for name, pattern in _CREDITS.items() if (match := pattern.search(head))]
    found = found or [(match.start(), name) for name, pattern in _CREDITS.items() if (match := pattern.search(tail))]
    return min(found)[1] if found else None


def origin(copies: Sequence[Candidate]) -> Origin | None:
    """Which of several copies of one text is the origin: the agency's own one that the others credit, else the
    earliest; at the same minute the longer. ``None`` for no copies.
    """
    if not copies:
        return None
    credited = [found for copy in copies if (found := credit(copy.text))]
    agency = max(sorted(set(credited)), key=credited.count) if credited else None
    first = _earliest(copies)
    if agency is None:
        return Origin(first.article_id, None, "the earliest of the copies, none credits an agency")
    own = [copy for copy in copies if copy.site is not None and _SITES.get(copy.site) == agency]
    if own:
        return Origin(_earliest(own).article_id, agency, f"{agency}'s own, credited by {credited.count(agency)}")
    return Origin(first.article_id, agency, f"the earliest of the copies; {credited.count(agency)} credit {agency}")


def _earliest(copies: Iterable[Candidate]) -> Candidate:
    def when(copy: Candidate) -> datetime:
        return copy.published or copy.seen

    return min(copies, key=lambda copy: (when(copy), -len(copy.text), copy.article_id))
