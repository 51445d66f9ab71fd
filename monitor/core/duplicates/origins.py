"""Which of several copies of one text is the origin: the one that the others credit, or the earliest."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from monitor.core.datelines import dateline
from monitor.core.text import fold, tokenise
from monitor.model import Article, Provenance

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
_AGENCY_OF = {site: name for name, (sites, _) in _AGENCIES.items() for site in sites.split()}
_LABEL = 4  # so short a name of a site is a word like others
_ENDS = 400  # a credit stands in the dateline or below the text


def credit(text: str) -> str | None:
    """The agency that a text credits in its dateline or at its end."""
    head, tail = text[:_ENDS], text[-_ENDS // 2 :]
    found = [(match.start(), name) for name, pattern in _CREDITS.items() if (match := pattern.search(head))]
    found = found or [(match.start(), name) for name, pattern in _CREDITS.items() if (match := pattern.search(tail))]
    return min(found)[1] if found else None


def origin(copies: Sequence[Article]) -> Provenance | None:
    """The origin among all copies of one text: the one that most of the others credit, as author, in the dateline or at
    the end, by the name of its feed or site, or as the agency whose site it is on; without credit the earliest, at the
    same minute the longer. ``None`` for no copies.
    """
    if not copies:
        return None
    credited = Counter(name for copy in copies for name in _credited(copy, copies))
    if not credited:
        return Provenance(_earliest(copies).id, None, 0, "the earliest of the copies, none credits another")
    most = max(credited.values())
    best = {name for name, times in credited.items() if times == most}
    if own := [copy for copy in copies if copy.id in best]:
        found = _earliest(own)
        return Provenance(found.id, _AGENCY_OF.get(_site(found)), most, f"credited by {most}")
    agency = min(name for name in best if isinstance(name, str))
    return Provenance(_earliest(copies).id, agency, most, f"the earliest of the copies; {most} credit {agency}")


def origins(articles: Iterable[Article]) -> dict[int, Provenance]:
    """The origin of each text that several of ``articles`` are copies of, by the article that is stored as copied."""
    groups: defaultdict[int, list[Article]] = defaultdict(list)
    for article in articles:
        groups[article.duplicate_of or article.id].append(article)
    return {first: found for first, copies in groups.items() if len(copies) > 1 and (found := origin(copies))}


def copies_among(articles: Collection[Article]) -> frozenset[int]:
    """Those of ``articles`` whose text comes from another article, whichever of the two was stored first."""
    sources = origins(articles)
    found = ((article, sources.get(article.duplicate_of or article.id)) for article in articles)
    return frozenset(
        article.id
        for article, source in found
        if (source.article_id != article.id if source else article.duplicate_of is not None)
    )


def _credited(copy: Article, copies: Sequence[Article]) -> set[int | str]:
    """The copies of other feeds that ``copy`` names as its source; an agency that is not among them."""
    text, ends = copy.analysis.text, _Ends(copy)
    others = [other for other in copies if other.feed != copy.feed]
    written = dateline(text.body, text.lang)
    agency = credit("\n".join((*text.authors, text.body))) or (written.agency if written else None)
    found: set[int | str] = {
        other.id for other in others if ends.name(other) or (agency and _AGENCY_OF.get(_site(other)) == agency)
    }
    return found or ({agency} if agency and _AGENCY_OF.get(_site(copy)) != agency else set())


class _Ends:
    """Where a text says whose it is."""

    def __init__(self, article: Article) -> None:
        text = article.analysis.text
        self._authors = [_words(author) for author in text.authors]
        self._runs = [_words(part) for part in (text.body[:_ENDS], text.body[-_ENDS // 2 :])]

    def name(self, other: Article) -> bool:
        """Whether the other's feed or site is named: as an author, by two words or more, or by the site's address."""
        feed, label = _words(other.feed), fold(_site(other).split(".")[0]).replace("-", "")
        for words in (*self._authors, *self._runs):
            places = range(len(words))
            if any(words[n : n + len(feed)] == feed for n in places) and (len(feed) > 1 or words == feed):
                return True
            runs = ("".join(words[n : n + size]) for n in places for size in (1, 2, 3))
            if len(label) > _LABEL and label in runs:
                return True
        return False


def _words(text: str) -> list[str]:
    return tokenise(text).stream.split()


def _site(article: Article) -> str:
    return article.analysis.text.site or ""


def _earliest(copies: Iterable[Article]) -> Article:
    def when(copy: Article) -> datetime:
        return copy.analysis.text.published or copy.seen

    return min(copies, key=lambda copy: (when(copy), -len(copy.analysis.text.body), copy.id))
