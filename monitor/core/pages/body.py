"""The article's own words: the tree made ready, trafilatura over it, and what editors do not count as text taken out.

What is removed is removed by what it is on any site: never-text elements, blocks that their class or id calls furniture
(unless much of the page carries that mark), blocks that only point to other articles, the headline repeated. What is
added: the standfirst, where the page shows the text of its own description but the extractor took it for a header.
"""

from __future__ import annotations

import logging
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from lxml.etree import strip_elements
from trafilatura import bare_extraction
from trafilatura.settings import Extractor

from monitor.core.pages.titles import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.etree import _Element
    from lxml.html import HtmlElement

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it would warn of every page that yields nothing

Block = tuple[str, str]
"""Kind (``p``, ``head``, ``item``, ``row``, …) and text of one line of the article."""

_NEVER_TEXT = (
    "script", "style", "noscript", "template", "svg", "iframe", "figcaption", "dialog", "audio", "video", "canvas",
    "menu",
    "object", "embed", "map", "progress", "meter", "img", "picture", "source", "link", "meta", "select", "textarea",
    "button",
)  # fmt: skip
_NAVIGATION = ("nav", "footer")
_INLINE = ("b", "i", "em", "strong", "span", "a", "u")
_STANDFIRSTS = ("p", "h2", "h3", "div", "span", "strong")
_FEW, _LEAST, _MOST = 7, 30, 900
"""What holds a standfirst has fewer elements within it, and more and fewer code points."""
_MARKED = (
    "div", "section", "aside", "p", "ul", "ol", "li", "span", "figure", "details", "footer", "header", "a", "h2", "h3",
    "h4", "strong",
    "em",
)  # fmt: skip
_FURNITURE = re.compile(
    r"newsletter|(?:^|[\s_-])(?:caption|credits?|copyright|byline|read-?more|more-on|related|recommend\w*|recirc\w*|"
    r"promos?|promoted|promotion|teasers?|sponsor\w*|advert\w*|ads?|sign-?up|subscribe|subscription|social|share|"
    r"sharing|comments?|disqus|breadcrumbs?|author-?bio|about-author|bio|tags|topics|timestamp|dateline|print-only|"
    r"visually-?hidden|sr-only|screen-reader\w*|most-?(?:read|popular)|trending|poll|quiz|survey|outbrain|taboola|"
    r"info-?box|fact-?box|cookie|consent|embed\w*|toc|also-?read|inline-?link|article-?link)(?:$|[\s_-])",
    re.IGNORECASE,
)
_OF_COMMENTS = ("div", "section", "ol", "ul")
_COMMENTS = re.compile(
    r"^(?:(?:user|reader)s?[_-]?)?comments?(?:$|[_-]+(?:section|area|list|thread|wrapper|container))|^disqus",
    re.IGNORECASE,
)
_FURNITURE_SHARE = 0.35
"""A mark that this share of the page's text carries says nothing (``paywall`` on every paragraph)."""
_FURNITURE_LENGTH = 1500

_FURNITURE_LINE = re.compile(
    r"(?:read more|also read|read also|see also|related(?: (?:articles?|stories|news))?(?=:|$)|more on this|"
    r"les også|"
    r"läs också|læs også|lees ook|lesen sie (?:auch|mehr)|lies auch|mehr zum thema|lire aussi|à lire aussi|"
    r"lea también|lee también|te puede interesar|leia (?:também|mais)|leggi anche|czytaj (?:też|także|również|więcej)|"
    r"čtěte (?:také|též)|читайте также|читайте також|shuningdek o[ʻ'‘]qing|ayrıca okuyun|baca juga|اقرأ أيضا|"
    r"اقرأ المزيد|関連記事|相关阅读|相關新聞|관련기사)(?!\w).{0,160}(?<!\.)|"
    r"(?:advertisement|advertising|anzeige|publicité|"
    r"publicidad|pubblicità|reklama?|annonse|annons|реклама|広告|광고|廣告)|(?:photo|image|picture|foto|bild|fotos|"
    r"bilder|crédits?)\s?(?::|by\b|©).{0,160}|©.{0,160}|(?:sign up (?:for|to) (?:our|the|get|receive)|"
    r"subscribe to (?:our|the)|follow us on|join our|get the latest .{0,40}in your inbox)\b.{0,120}",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W_]")
_LABEL = re.compile(r"[^.!?]{2,40}[:：>»–]\s*")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SHORT = 250


def weight(text: str) -> int:
    """Length in letters, as if in an alphabet: a CJK sign or Hangul syllable counts three."""
    return len(text) + 2 * len(_WIDE.findall(text))


def article_text(
    tree: HtmlElement, *, headlines: Sequence[str], standfirsts: Sequence[str], article_body: str, feed_text: str
) -> str:
    """The text of the article, one paragraph a line; empty where there is none. ``tree`` is used up.

    Two extractions at most: with few false friends first; where that leaves most paragraphs of the page out, or gives
    less than the feed, a freer one; JSON-LD's ``article_body`` where both give less than half of it.
    """
    strip_elements(tree, *_NEVER_TEXT, *_NAVIGATION, with_tail=False)
    shown = _shown_standfirst(tree, standfirsts, headlines)
    prepare(tree)
    blocks = _extract(tree, precision=True)
    size = sum(weight(text) for _, text in blocks)
    whole = sum(weight(p.text_content()) for p in tree.iter("p"))
    if size < max(_SHORT, weight(feed_text)) or (size < whole / 2 and size < _without_comments(tree, whole, size) / 2):
        freer = _extract(tree, precision=False)
        if (freer_size := sum(weight(text) for _, text in freer)) > 1.3 * size:
            blocks, size = freer, freer_size
    if article_body and weight(article_body) > 2 * size and weight(article_body) > _SHORT:
        blocks = [("p", line) for line in article_body.split("\n")]
    blocks = [block for block in _without_headline(blocks, headlines) if not _FURNITURE_LINE.fullmatch(block[1])]
    if shown and plain(shown) not in plain(" ".join(text for _, text in blocks)):
        blocks.insert(0, ("p", shown))
    return "\n".join(text for _, text in blocks)


# --- before ----------------------------------------------------------------------------------------


def prepare(tree: HtmlElement) -> None:
    """Take out of ``tree`` what by its marks is not the article's text, and put right what misleads the extractor."""
    strip_elements(tree, "aside", with_tail=False)  # not before: some show their standfirst in one
    for element in [each for each in tree.iter(*_INLINE) if not len(each) and not (each.text or "").strip(" \t\r\n")]:
        element.drop_tag()  # the text behind an empty element would go with it
    _drop_furniture(tree)
    _join_parts(tree)
    for element in list(tree.iter("header")):
        if any(len(p.text_content()) > 40 and not is_pointer(p) for p in element.iter("p", "h2")):
            element.tag = "div"
    for element in list(tree.iter("p", "li", "h2", "h3", "h4", "h5", "h6")):
        if is_pointer(element):
            _drop(element)
    _unlink_paragraphs(tree)


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _drop_furniture(tree: HtmlElement) -> None:
    marked = []
    sizes: dict[str, int] = {}
    for element in tree.iter(*_MARKED):
        if mark := _furniture_mark(f"{element.get('class') or ''} {element.get('id') or ''}"):
            size = len(element.text_content())
            marked.append((element, mark, size))
            sizes[mark] = sizes.get(mark, 0) + size
    total = len(tree.text_content()) if marked else 0
    for element, mark, size in marked:
        if sizes[mark] < _FURNITURE_SHARE * total and size < _FURNITURE_LENGTH:
            _drop(element)


@lru_cache(maxsize=20_000)
def _furniture_mark(marks: str) -> str:
    """The word of class and id that calls an element furniture, or ``""``; a headline used as a name is no mark."""
    mark = next((word for word in marks.split() if _FURNITURE.search(word)), "") if _FURNITURE.search(marks) else ""
    return "" if mark.count("-") > 4 else mark


def _join_parts(tree: HtmlElement) -> None:
    """Put a text that is cut into several containers of one class (around advertisements) into the first of them."""
    paragraphs: dict[HtmlElement, list[int]] = {}
    for paragraph in tree.iter("p"):
        if (size := len(paragraph.text_content())) > 80:
            paragraphs.setdefault(paragraph.getparent(), []).append(size)
    parts: dict[tuple[str, str], list[HtmlElement]] = {}
    for parent, sizes in paragraphs.items():
        if len(sizes) >= 2 and parent.get("class"):
            parts.setdefault((parent.tag, parent.get("class")), []).append(parent)
    whole = sum(map(sum, paragraphs.values()))
    for first, *others in parts.values():
        if sum(sum(paragraphs[part]) for part in (first, *others)) < 0.4 * whole:
            continue
        home = next(first.iterancestors("article"), None)
        for part in others:
            if next(part.iterancestors("article"), None) is home and first not in part.iterancestors():
                first.extend(list(part))


def _unlink_paragraphs(tree: HtmlElement) -> None:
    """Beside two or more paragraphs of prose any paragraph is prose: the extractor shall not judge it by its links."""
    prose: dict[HtmlElement, int] = {}
    for paragraph in tree.iter("p"):
        text = paragraph.text_content()
        if weight(text) > 80 and sum(len(link.text_content()) for link in paragraph.iter("a")) < len(text) / 2:
            parent = paragraph.getparent()
            prose[parent] = prose.get(parent, 0) + 1
    for parent, count in prose.items():
        for paragraph in parent.iterchildren("p") if count >= 2 else ():
            for link in list(paragraph.iter("a")):
                link.drop_tag()


def is_pointer(element: HtmlElement) -> bool:
    """Is the block nothing but a link to another article, perhaps behind a short label ("Read also:")?"""
    inside = sum(len(" ".join(link.text_content().split())) for link in element.iter("a"))
    if inside < 20:
        return False
    whole = " ".join(element.text_content().split())
    outside = len(whole) - inside
    return outside <= 2 or (outside < min(40, inside) and inside > 25 and bool(_LABEL.match(whole)))


def _shown_standfirst(tree: HtmlElement, standfirsts: Sequence[str], headlines: Sequence[str]) -> str:
    """The page's description of the article as the page itself shows it, or ``""``."""
    wanted = {words[:12]: words[:120] for text in standfirsts if len(words := plain(text.rstrip(" .…"))) > 25}
    known = {plain(line) for line in headlines}
    initials = {words[0] for words in wanted}
    for element in tree.iter(*_STANDFIRSTS) if wanted else ():
        within, text = len(element), element.text or ""
        first = _first_letter(text)
        if within >= _FEW or (first not in initials and (first or not within)):
            continue
        if within:  # most have nothing within them, and then all of their text is at hand
            text = element.text_content()
        if not _LEAST < len(text) < _MOST or _first_letter(text) not in initials:
            continue
        start = wanted.get(plain(text[:80])[:12])
        if start and (words := plain(text)).startswith(start) and len(words) < 2.5 * len(start) and words not in known:
            return " ".join(text.split())
    return ""


def _first_letter(text: str) -> str:
    """The first letter or digit, in lower case, or ``""``."""
    first = _LETTER.search(text)
    return "" if first is None else first[0].casefold()[0]


# --- the extraction and after ------------------------------------------------------------------------


@cache
def _options(*, precision: bool) -> Extractor:
    return Extractor(output_format="python", fast=True, precision=precision, comments=False)


def _extract(tree: HtmlElement, *, precision: bool) -> list[Block]:
    document = bare_extraction(tree, options=_options(precision=precision))
    body = getattr(document, "body", None)
    return [] if body is None else list(_blocks(body))


def _without_comments(tree: HtmlElement, whole: int, size: int) -> int:
    """Of the weight of all paragraphs, the ``whole``, what is no reader's comment: these no extraction gives.

    Where that is less than half of the ``size`` that was extracted, the mark of comments stands on something else.
    """
    comments: set[HtmlElement] = set()
    for element in tree.iter(*_OF_COMMENTS):
        if _is_comments(f"{element.get('class') or ''} {element.get('id') or ''}"):
            first = next(element.iter("p"), None)
            if first is not None and first not in comments:  # else it lies within another one
                comments.update(element.iter("p"))
    written = whole - sum(weight(paragraph.text_content()) for paragraph in comments)
    return written if written >= size / 2 else whole


@lru_cache(maxsize=20_000)
def _is_comments(marks: str) -> bool:
    return any(_COMMENTS.search(word) for word in marks.split())


def _blocks(body: _Element) -> Iterator[Block]:
    for element in body:
        if element.tag in ("list", "table"):
            kind, part = ("item", "item") if element.tag == "list" else ("row", "row")
            lines = [(kind, " ".join(item.itertext())) for item in element.iter(part)]
        else:
            for line_break in element.iter("lb"):
                line_break.text = "\n"
            lines = [(str(element.tag), line) for line in "".join(element.itertext()).split("\n")]
        for kind, line in lines:
            if text := " ".join(line.split()):
                yield kind, text


def _without_headline(blocks: list[Block], headlines: Sequence[str]) -> list[Block]:
    """``blocks`` without the headline, and what stands before it, among the first."""
    known = {plain(line) for line in headlines if line}
    for place, (_, text) in enumerate(blocks[:4]):
        words = plain(text)
        behind_kicker = any(len(line) > 25 and words.endswith(line) and len(words) < len(line) + 60 for line in known)
        if (words in known or behind_kicker) and all(len(line) < 80 for _, line in blocks[:place]):
            return blocks[place + 1 :]
    return blocks


def captions(tree: HtmlElement) -> tuple[str, ...]:
    """Captions that set a person apart from an office ("Name Role | Organisation"); taken before ``prepare``."""
    lines = (" ".join(caption.text_content().split()) for caption in tree.iter("figcaption"))
    return tuple(dict.fromkeys(line for line in lines if "|" in line and len(line) < 200))[:10]


def visible_text(tree: HtmlElement) -> str:
    """All words that are left on a prepared page, in order."""
    root = tree.find(".//body")
    return " ".join((tree if root is None else root).text_content().split())
