"""From the body of an article to its quotations."""

from __future__ import annotations

import re

from monitor.core.quotes import cues
from monitor.core.quotes.attribution import Attribution, attribute, sentences
from monitor.core.quotes.passages import Passage, paragraphs, passages, speaks_in_single_marks
from monitor.model import Quote, Text

_MARKS = re.compile("[“”„«»「『〝＂\"‘']")
_WORD = re.compile(r"\w+")
_SPACELESS = re.compile("[぀-ヿ㐀-鿿가-힯฀-๿]")
_NAME = re.compile(r"[^\W\d_][\w’'-]*(?:\.|(?=\s|$))")
_INTRODUCTION = re.compile(r"[:：]\s*$")
_SENTENCE_WORDS = 4
"""From so many words on a passage is speech even where nobody is named; shorter ones are often only terms."""


def quotes(text: Text) -> tuple[Quote, ...]:
    """Direct speech in ``text.body``, in order, each passage between marks its own quotation.

    ``speaker`` is the source in the words of the text: a name, a description ("a government official") or a pronoun;
    ``None`` where the text attributes it to nobody. ``person`` is the fullest name in the text of whom the speaker is,
    for a pronoun only where the paragraph leaves one candidate.
    """
    body = text.body
    if _MARKS.search(body) is None:
        return ()
    bounds = paragraphs(body)
    found: list[Quote] = []
    names = _Names(body)
    last_speaker: tuple[int, int] | None = None
    last_paragraph = -9
    for number, ((low, high), inside) in enumerate(zip(bounds, passages(body, bounds, single=speaks_in_single_marks(body)), strict=True)):
        if not inside:
            continue
        rows = sentences(body, low, high, inside)
        answers: dict[int, Attribution] = {}
        inherited: tuple[int, int] | None = None
        if number == last_paragraph + 1:
            inherited = last_speaker if rows[0][0].passage >= 0 else None
        if inherited is None and number and rows[0][0].passage >= 0:
            inherited = _introduction(body, bounds[number - 1])
        current = inherited
        for row in rows:
            attributed = attribute(row, body, inside)
            for index in sorted(attributed):
                answer = attributed[index]
                if answer.source is None and not answer.cued and row[0].passage == index and current is not None:
                    answer = Attribution(current, cued=False)
                elif answer.source is not None:
                    current = answer.source
                answers[index] = answer
        for index, passage in enumerate(inside):
            answer = answers.get(index, Attribution())
            if not _is_speech(body, passage, answer):
                continue
            speaker = body[slice(*answer.source)].strip() if answer.source else None
            found.append(Quote(body[passage.start : passage.end], speaker, passage.start, passage.end))
        if current is not None:
            last_speaker, last_paragraph = current, number
    return tuple(found)


class _Names:
    def __init__(self, body: str) -> None:
        self.body = body


def _introduction(body: str, before: tuple[int, int]) -> tuple[int, int] | None:
    """The source in the last sentence of the paragraph before, where that ends with a colon."""
    low, high = before
    if not _INTRODUCTION.search(body, low, high):
        return None
    rows = sentences(body, low, high, [])
    from monitor.core.quotes.attribution import introduced
    return introduced(rows[-1]) if rows else None


def _is_speech(body: str, passage: Passage, answer: Attribution) -> bool:
    said = body[passage.start : passage.end]
    if passage.opened and body[passage.opened - 1] == "=":
        return False
    spaceless = len(_SPACELESS.findall(said))
    words = len(_WORD.findall(said)) if not spaceless else spaceless // 2
    if words == 0:
        return False
    if passage.mark in "‘'":
        return words >= 2 and answer.source is not None and answer.strong
    if words > 1 and _is_title(said) and _NAMES_A_WORK.search(body, max(0, passage.opened - 40), passage.opened):
        return False
    if words >= _SENTENCE_WORDS:
        return answer.cued or not _is_title(said)
    return answer.source is not None and answer.cued


_NAMES_A_WORK = re.compile(
    r"(?:[’']s|\b(?:on|in|of|from|and|at|book|film|movie|show|program|programme|series|song|album|starred|hosts?|hosting)),?\s*$", re.IGNORECASE
)


def _is_title(said: str) -> bool:
    """Whether the words look like the title of a work: capitals on nearly all, no sentence in it."""
    words = _NAME.findall(said.rstrip(",.")) 
    long = [w for w in words if len(w) > 3]
    return bool(long) and said[-1] not in "!?…" and sum(w[0].isupper() for w in long) >= 0.8 * len(long) and words[0][0].isupper()
