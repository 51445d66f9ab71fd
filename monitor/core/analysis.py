"""What one article says: page and feed entry to ``Analysis``, step by step, all of it pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from monitor.core import language, places
from monitor.core.datelines import dateline
from monitor.core.dates import facts
from monitor.core.duplicates.fingerprints import fingerprint
from monitor.core.material import Material
from monitor.core.pages.extraction import extract
from monitor.core.pages.furniture import blocks, without_furniture
from monitor.core.pages.plain import extract_text
from monitor.core.people import people
from monitor.core.query.document import Doc
from monitor.core.quotes import quotes
from monitor.core.text import clean, one_line
from monitor.core.topics import TopicPack
from monitor.core.urls import site_of
from monitor.model import Analysis, BodyStatus, Extract, Fact, Text

TITLE_LIMIT = 500


def analyse(material: Material, pack: TopicPack) -> Analysis:
    """The article of ``material``. The page's body is taken where it is one, and what a paywall shows where the feed
    has less; else the feed's own text stands in.
    """
    entry, page = material.entry, material.page
    if page is None:
        read = Extract(status=material.no_page, detail=material.no_page_detail)
    else:
        read = extract(
            page.body,
            url=page.url,
            content_type=page.content_type,
            feed_title=entry.title,
            feed_text=entry.text,
            want_date=entry.published is None,
        )
    from_page = read.status == "page" or (read.status == "paywall" and len(read.text) > len(entry.text))
    body = without_furniture(read.text, material.furniture) if from_page else entry.text
    address = page.url if page else material.url
    text = Text(
        title=one_line(read.title if from_page and read.title else entry.title or read.title, TITLE_LIMIT),
        summary=entry.summary if entry.summary != body else "",
        body=body,
        authors=read.authors if from_page and read.authors else entry.authors,
        url=material.url,
        site=site_of(address),
        lang=language.detect(f"{entry.title}\n{body}", hint=read.lang or entry.lang or material.feed_lang),
        tags=tuple(dict.fromkeys((*entry.tags, *read.tags))),
        published=(material.published if entry.published else read.published) or material.published,
    )
    return understand(
        text,
        pack,
        captions=read.caption_people,
        body_status=read.status if page or read.status != "page" else "feed",
        body_detail=read.detail,
        updated=read.updated or entry.updated,
        image=read.image or entry.image,
        page_url=read.canonical_url or (page.url if page else None),
        blocks=blocks(read.text) if from_page else (),
    )


def understand(
    text: Text,
    pack: TopicPack,
    *,
    captions: Sequence[str] = (),
    body_status: BodyStatus = "page",
    body_detail: str = "",
    updated: datetime | None = None,
    image: str | None = None,
    page_url: str | None = None,
    blocks: tuple[int, ...] = (),
) -> Analysis:
    """What a text speaks of. ``captions`` are lines beside pictures, read for people only."""
    where = places.countries(text)
    who = people(text, captions)
    said = quotes(text)
    found = Analysis(
        text=text,
        body_status=body_status,
        body_detail=body_detail,
        updated=updated,
        image=image,
        page_url=page_url,
        countries=where,
        people=who,
        quotes=said,
        facts=(*_written_in(text), *facts(text)),
        fingerprint=fingerprint(text),
        blocks=blocks,
    )
    codes = [mention.code for mention in where]
    doc = Doc.of(text, countries=codes, people=found.named, has_quote=bool(said))
    return replace(found, topics=pack.match(doc))


def _written_in(text: Text) -> tuple[Fact, ...]:
    found = dateline(text.body, text.lang)
    if found is None:
        return ()
    said = text.body[found.start : found.end]
    return (Fact(kind="dateline", value=found.country or "", text=said, start=found.start, end=found.end),)


def analyse_text(
    text: str, pack: TopicPack, *, title: str | None, url: str, published: datetime | None, lang: str | None
) -> Analysis:
    """What a text without markup says, such as one that was pasted; lines around it that are furniture are left out."""
    found_title, body, captions = extract_text(clean(text), clean(title) if title else None)
    told = Text(
        title=one_line(found_title, TITLE_LIMIT),
        body=body,
        url=url,
        site=site_of(url) if url else None,
        lang=language.detect(f"{found_title}\n{body}", hint=lang),
        published=published,
    )
    return understand(told, pack, captions=captions)
