"""What a message says, before any channel's own form: the article in an analyst's reading order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from monitor.core.alerts.changes import Change, changed_fields
from monitor.core.quotes import speaker_of
from monitor.core.text import clean, excerpt, one_line
from monitor.core.urls import is_http
from monitor.model import Alert, AlertKind, Article, Quote, Rule, Span, Story

TITLE_LIMIT = 300
LINK_LIMIT = 2000
PASSAGE_WIDTH = 260
MOST_PASSAGES = 3
MOST_QUOTES = 3
MOST_REPORTS = 5
MOST_TAGS = 8
QUOTE_LIMIT = 300
QUERY_LIMIT = 1000

_SENTENCE_ENDS = frozenset('.!?…。؟।»”"')

Kind = AlertKind


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; ``hit`` where a word of the rule's query stands."""

    text: str
    hit: bool = False


Marked = tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Another article of the same story, or one of a digest: ``further`` where its story's best stands before it."""

    title: str
    url: str
    site: str
    published: datetime | None = None
    copy: bool = False
    further: bool = False
    news: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The reports of a digest under one heading."""

    heading: str
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryInfo:
    """The story of the article, and its other reports, best first."""

    story: Story
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One message's content. All strings are clean; every limit that cut something is told in ``shortened``.

    ``follow_up``: the occasion says what is new in a story that was told.
    """

    id: str
    kind: Kind
    at: datetime
    priority: str
    rule: str
    title: Marked
    link: str | None = None
    lang: str | None = None
    occasion: str = ""
    follow_up: bool = False
    byline: tuple[str, ...] = ()
    passages: tuple[Marked, ...] = ()
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    story: str = ""
    reports: tuple[Report, ...] = ()
    sections: tuple[Section, ...] = ()
    changes: tuple[tuple[str, tuple[Change, ...]], ...] = ()
    why: tuple[tuple[str, str], ...] = ()
    more: tuple[str, ...] = ()
    verdicts: tuple[tuple[str, str], ...] = ()
    shortened: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The title as plain text."""
        return plain(self.title)


def plain(marked: Marked) -> str:
    return "".join(piece.text for piece in marked)


def article_card(alert: Alert, article: Article, story: StoryInfo | None, rule: Rule, spans: Sequence[Span]) -> Card:
    """The card of an article that ``rule`` matched at ``spans``."""
    analysis = article.analysis
    text = analysis.text
    title_spans = [span for span in spans if span.field == "title"]
    quotes = sorted(analysis.quotes, key=lambda quote: speaker_of(quote) is None)[:MOST_QUOTES]
    reports = story.reports[:MOST_REPORTS] if story else ()
    shortened = {
        "quotations": len(analysis.quotes) > MOST_QUOTES,
        "other reports": story is not None and len(story.reports) > MOST_REPORTS,
        "topics": len(analysis.topics) > MOST_TAGS,
        "countries": len(analysis.countries) > MOST_TAGS,
        "query": len(rule.query) > QUERY_LIMIT,
    }
    return Card(
        id=alert.id,
        kind=alert.kind,
        at=alert.created_at,
        priority=alert.priority,
        rule=one_line(rule.name, 80),
        title=_title(text.title, title_spans) or (Piece("(no title)"),),
        link=link(article.url),
        lang=text.lang if text.lang and re.fullmatch(r"[A-Za-z]{2,3}", text.lang) else None,
        occasion=one_line(alert.reason, 300),
        follow_up=bool(alert.news),
        byline=tuple(
            filter(
                None,
                dict.fromkeys(
                    (
                        one_line(article.feed, 80),
                        one_line(text.site or "", 80),
                        one_line(", ".join(text.authors), 100),
                        when(text.published) if text.published else f"undated, seen {when(article.seen)}",
                        _language(text.lang),
                    )
                ),
            )
        ),
        passages=tuple(_passages(article, spans)),
        topics=tuple(one_line(topic.name.replace("-", " "), 60) for topic in analysis.topics[:MOST_TAGS]),
        countries=tuple(_country(mention.code) for mention in analysis.countries[:MOST_TAGS]),
        quotes=tuple(
            replace(
                quote,
                text=one_line(quote.text, QUOTE_LIMIT),
                speaker=one_line(named, 80) if (named := speaker_of(quote)) else None,
            )
            for quote in quotes
        ),
        story=story_line(story.story) if story and story.reports else "",
        reports=tuple(
            replace(
                report,
                title=one_line(report.title, 160),
                site=one_line(report.site, 80),
                url=link(report.url) or "",
            )
            for report in reports
        ),
        why=tuple(
            (label, value)
            for label, value in (
                ("Rule", one_line(rule.name, 80)),
                ("Note", one_line(rule.note, 300)),
                ("Query", one_line(rule.query, QUERY_LIMIT)),
            )
            if value
        ),
        more=(
            f"monitor show {article.id}",
            f"monitor explain {article.id} --rule {one_line(rule.name, 80)}",
            f"monitor alerts show {alert.id}",
        ),
        shortened=tuple(name for name, cut in shortened.items() if cut),
    )


def words_of_topics(article: Article, topics: Collection[str]) -> tuple[Span, ...]:
    """Where the words stand that counted for those of ``topics`` that the article has."""
    return tuple(
        Span(term.field, term.start, term.end, term.term)
        for topic in article.analysis.topics
        if topic.name in topics
        for term in topic.terms
        if term.weight > 0
    )


def correction_card(alert: Alert, before: Article, article: Article, rule: Rule) -> Card:
    """An article that was alerted reads otherwise now, or is gone."""
    card = article_card(alert, article, None, rule, ())
    changed = tuple(
        (label, tuple(change._replace(text=one_line(change.text, 1000)) for change in words))
        for label, words in changed_fields(before, article)
    )
    lines = [f"{label.capitalize()}: {_written(words)}" for label, words in changed]
    return replace(
        card,
        title=(Piece("Correction: "), *card.title),
        passages=tuple((Piece(line),) for line in lines) or card.passages[:1],
        changes=changed,
        quotes=(),
        more=(f"monitor show {article.id} --diff", *card.more[2:]),
    )


def _written(words: tuple[Change, ...]) -> str:
    """The changes as plain text."""
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return " ".join(marks[change.operation].format(change.text) for change in words)


def notice_card(
    notice_id: str,
    kind: Kind,
    title: str,
    lines: Iterable[str],
    *,
    at: datetime,
    priority: str = "normal",
    rule: str = "operator",
    more: tuple[str, ...] = (),
) -> Card:
    """A card in plain words, with no article."""
    return Card(
        id=notice_id,
        kind=kind,
        at=at,
        priority=priority,
        rule=one_line(rule, 80),
        title=(Piece(one_line(title, TITLE_LIMIT)),),
        passages=tuple((Piece(one_line(line, 1000)),) for line in lines),
        more=more,
    )


def smaller(card: Card) -> Iterator[Card]:
    """The card, then ever smaller ones for channels with a limit; what is left out stands in ``shortened``."""
    yield card
    for name, change in (
        ("other reports", {"reports": ()}),
        ("quotations", {"quotes": ()}),
        ("passages", {"passages": card.passages[:1]}),
        ("topics", {"topics": (), "countries": ()}),
        ("query", {"why": tuple(pair for pair in card.why if pair[0] != "Query")}),
        ("passages", {"passages": ()}),
        ("link", {"link": None}),
    ):
        said = tuple(dict.fromkeys((*card.shortened, name)))
        card = replace(card, **change, shortened=said)
        yield card


def link(url: str) -> str | None:
    """The address where a message may point to it: http or https, of bearable length."""
    return url if len(url) <= LINK_LIMIT and is_http(url) and not set(url) & set(' <>"\\') else None


def report_time(time: datetime | None) -> str | None:
    """RFC 3339 in UTC with seconds."""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z") if time else None


def when(time: datetime) -> str:
    return f"{time.day} {time:%b %Y, %H:%M} UTC"


def mark(text: str, start: int, end: int, spans: Iterable[Span]) -> Marked:
    """``text[start:end]`` cut at the bounds of ``spans``, which may overlap and lie anywhere."""
    pieces: list[Piece] = []
    at = start
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        left, right = max(span.start, at), min(span.end, end)
        if left < right:
            pieces += [Piece(clean(text[at:left])), Piece(clean(text[left:right]), hit=True)]
            at = right
    pieces.append(Piece(clean(text[at:end])))
    return tuple(piece for piece in pieces if piece.text)


def _title(title: str, spans: Iterable[Span]) -> Marked:
    end = len(title) if len(title) <= TITLE_LIMIT else excerpt(title, 0, 0, 2 * TITLE_LIMIT)[1]
    marked = _on_one_line(mark(title, 0, end, spans))
    return marked if end == len(title) else (*marked, Piece("…"))


def _passages(article: Article, spans: Sequence[Span]) -> Iterator[Marked]:
    """The places that say most of the query's terms, in the order of the text, with the lead where there is room."""
    text = article.analysis.text
    field = "body" if text.body.strip() else "summary"
    source = text.body if field == "body" else text.summary
    hits = sorted((s for s in spans if s.field == field and 0 <= s.start < s.end <= len(source)), key=lambda s: s.start)
    windows: list[tuple[int, int]] = []
    terms: dict[int, set[str]] = {}
    for hit in hits:
        if not windows or hit.end > windows[-1][1]:
            start, end = excerpt(source, hit.start, hit.end, PASSAGE_WIDTH)
            if windows and start <= windows[-1][1] + 1 and end - windows[-1][0] <= 2 * PASSAGE_WIDTH:
                windows[-1] = (windows[-1][0], end)
            else:
                windows.append((max(start, windows[-1][1]) if windows else start, end))
        terms.setdefault(windows[-1][0], set()).add(hit.node or source[hit.start : hit.end].casefold())
    chosen = sorted(sorted(windows, key=lambda window: (-len(terms[window[0]]), window))[:MOST_PASSAGES])
    first = len(source) - len(source.lstrip())
    if source.strip() and len(chosen) < MOST_PASSAGES and (not chosen or chosen[0][0] > first):
        end = excerpt(source, first, first, 2 * PASSAGE_WIDTH)[1]
        end = min(end, chosen[0][0]) if chosen else end
        chosen.insert(0, (first, end))
    joined: list[tuple[int, int]] = []
    for start, end in chosen:
        if joined and not source[joined[-1][1] : start].strip(" ") and "\n" not in source[joined[-1][1] : start]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    for start, end in joined:
        marked = _on_one_line(mark(source, start, end, hits))
        before = () if _begins(source, start) else (Piece("… "),)
        after = () if _ends(source, end) else (Piece(" …"),)
        if marked:
            yield (*before, *marked, *after)


def _begins(text: str, start: int) -> bool:
    before = text[max(0, start - 3) : start].rstrip(" ")[-1:]
    return before in {"", "\n", *_SENTENCE_ENDS}


def _ends(text: str, end: int) -> bool:
    return text[end : end + 1] in {"", "\n"} or text[end - 1] in _SENTENCE_ENDS


def _on_one_line(marked: Marked) -> Marked:
    pieces = [Piece(piece.text.replace("\n", " ").replace("\t", " "), piece.hit) for piece in marked]
    if pieces:
        pieces[0] = Piece(pieces[0].text.lstrip(), pieces[0].hit)
        pieces[-1] = Piece(pieces[-1].text.rstrip(), pieces[-1].hit)
    return tuple(piece for piece in pieces if piece.text)


def story_line(story: Story) -> str:
    """How much was reported, as messages and commands alike say it: ``5 reports by 3 sites, 2 of them copies``."""
    copies = f", {story.copies} of them {'a copy' if story.copies == 1 else 'copies'}" if story.copies else ""
    return f"{count(story.articles, 'report', 'reports')} by {count(story.sites, 'site', 'sites')}{copies}"


def count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _country(code: str) -> str:
    from monitor.core.places import country_name  # its tables are read when a message first names a country

    return country_name(code) or one_line(code, 10)


@lru_cache(maxsize=512)
def _language(code: str | None) -> str:
    from pycountry import languages  # likewise

    language = languages.get(alpha_2=code) if code else None
    return str(language.name).partition(" (")[0] if language else code or ""
