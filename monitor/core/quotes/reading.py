"""From the body of an article to its quotations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.core.people.foreign import office_holders
from monitor.core.people.names import NameIndex
from monitor.core.quotes import cues
from monitor.core.quotes.arabic import arabic_source
from monitor.core.quotes.attribution import Attribution, attribute, introduced
from monitor.core.quotes.eastern import eastern_source
from monitor.core.quotes.passages import SINGLE, Passage, paragraphs, passages, speaks_in_single_marks
from monitor.core.quotes.tokens import begins_with, last_sentence, sentences
from monitor.model import Quote, Text

_MARKS = re.compile("[“”„«»「『〝＂\"‘']")
_WORD = re.compile(r"\w+")
_SPACELESS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_INTRODUCTION = re.compile(r"[:：]\s*$")
_NAMES_A_WORK = re.compile(
    r"(?:[’']s|\b(?:on|in|of|from|and|at|book|film|movie|show|program|programme|series|song|album|host|hosts)),?\s*$"
)
_HEADED = re.compile(r"\b(?:headlined|titled|entitled|headline|commentary|op-ed|essay),?\s*$")
"""Behind these words stands a heading, also where it is written as a sentence is."""
_SENTENCE_ENDS = re.compile(r"[.!?]\W*\s")
_BYLINE = re.compile(r"[\s,]*\bby (?:the )?[A-Z]")
_SMALL_IN_TITLES = frozenset("with from into over upon about after before under between against".split())
_LONG_ENOUGH = 4
"""From so many words on a passage is speech even where nobody is named; shorter ones are often only terms."""


def quotes(text: Text) -> tuple[Quote, ...]:
    """Direct speech in ``text.body``, in order; each passage between marks is a quotation of its own.

    A passage of a few words counts only where a cue word and a source stand in its sentence; so titles of works and
    words in scare quotes are left out. A passage with no cue of its own takes the speaker of the one before it in the
    paragraph, and a paragraph that begins with one that of the paragraph before.
    """
    body = text.body
    if _MARKS.search(body) is None:
        return ()
    bounds = paragraphs(body)
    found: list[tuple[Passage, tuple[int, int] | None, int]] = []
    speaking: tuple[int, int] | None = None
    spoke_in = -9
    by_paragraph = passages(body, bounds, single=speaks_in_single_marks(body))
    for number, ((low, high), inside) in enumerate(zip(bounds, by_paragraph, strict=True)):
        if not inside:
            continue
        rows = sentences(body, low, high, inside)
        current = None
        if begins_with(body, low, inside[0]):
            current = speaking if number == spoke_in + 1 else None
            if number and _INTRODUCTION.search(body, *bounds[number - 1]):
                current = introduced(last_sentence(body, *bounds[number - 1])) or current
        for row in rows:
            for index, given in sorted(attribute(row, body, inside).items()):
                answer, inside[index] = _transcribed(body, inside[index], given)
                if text.lang == "ar":
                    answer = arabic_source(body, low, high, inside[index]) or answer
                    if answer.cued and answer.source is None:  # "and added": who spoke before
                        answer = Attribution(current, cued=True, strong=True)
                if answer.source is None:
                    answer = eastern_source(body, low, high, inside[index]) or _inserted(body, inside[index]) or answer
                if answer.source is not None:
                    current = answer.source
                elif not answer.cued and row[0].passage == index and current is not None:
                    answer = Attribution(current)
                if _is_speech(body, inside[index], answer):
                    found.append((inside[index], answer.source, low))
        if current is not None:
            speaking, spoke_in = current, number
    return _named(body, found, text.lang)


_OPENING = 60


def _only_holder(body: str, start: int, end: int, lang: str | None) -> str | None:
    """Who opens a paragraph with an office, where nobody else of one is named up to ``end``; in English names tell."""
    holders = list(office_holders(body[start:end], lang))
    if holders and holders[0][0] <= _OPENING and len({person.name for _, person in holders}) == 1:
        return holders[0][1].name
    return None


def _named(
    body: str, found: Sequence[tuple[Passage, tuple[int, int] | None, int]], lang: str | None
) -> tuple[Quote, ...]:
    """The quotations, with the full name of each speaker where the text leaves no doubt."""
    sources = sorted({source for _, source, _ in found if source is not None})
    index = NameIndex(body, [s for s in sources if body[slice(*s)].lower() not in cues.PRONOUNS]) if sources else None
    result = []
    for passage, source, paragraph in found:
        speaker = person = None
        if source is not None and index is not None:
            speaker = " ".join(body[slice(*source)].split())
            if speaker.lower() in cues.PERSONAL:
                person = index.only_person_between(paragraph, source[0])
                person = person or _only_holder(body, paragraph, source[0], lang)
            elif speaker.lower() not in cues.PRONOUNS:
                person = index.full_name(speaker)
        result.append(Quote(body[passage.start : passage.end], speaker, passage.start, passage.end, person))
    return tuple(result)


_INSERTED = re.compile(r"[,!?…]\s*[—–]\s*([^\W\d_]+)\s+([^—–,.!?]{2,60}?)\s*[.,]\s*(?:[—–]|$)")


def _inserted(body: str, passage: Passage) -> Attribution | None:
    """A source put into the passage between dashes, as Russian and Spanish do: «…, — сказал Петров. — …»."""
    found = _INSERTED.search(body, passage.start, passage.end)
    if found is None or found[1].lower() not in cues.CUES:
        return None
    return Attribution(found.span(2), cued=True, strong=True)


_SPEAKER_LABEL = re.compile(r"([A-Z][A-Z.’' -]{2,30}):\s+")


def _transcribed(body: str, passage: Passage, answer: Attribution) -> tuple[Attribution, Passage]:
    """A turn of a transcript, whose label stands inside the marks: "RUIZ: We will see."."""
    label = _SPEAKER_LABEL.match(body, passage.start, passage.end)
    if label is None or label.end() >= passage.end:
        return answer, passage
    return Attribution(label.span(1), cued=True, strong=True), passage._replace(start=label.end())


def _is_speech(body: str, passage: Passage, answer: Attribution) -> bool:
    said = body[passage.start : passage.end]
    if passage.opened and body[passage.opened - 1] == "=":  # the value of an attribute in left-over markup
        return False
    written = _WORD.findall(said)
    spaceless = 0 if said.isascii() else len(_SPACELESS.findall(said))
    words = spaceless // 2 if spaceless else len(written)
    if words == 0:
        return False
    if passage.mark in SINGLE:
        return answer.source is not None and answer.strong
    titled = _is_title(said, written)
    if titled and words > 1 and _NAMES_A_WORK.search(body, max(0, passage.opened - 40), passage.opened):
        return False
    if _HEADED.search(body, max(0, passage.opened - 40), passage.opened) and not _SENTENCE_ENDS.search(said):
        return False
    if words < _LONG_ENOUGH:
        whole = said[0].isupper() and said[-1] in ".!?…"
        return answer.source is not None and (answer.cued or whole)
    goes_on = answer.source is not None and said[-1] in ".!?"
    return answer.cued or goes_on or not (titled or _BYLINE.match(body, passage.closed))


def _is_title(said: str, words: Sequence[str]) -> bool:
    """Whether the words look like the title of a work: capitals on nearly all that are not small, no exclamation."""
    if said[0].islower() or said[-1] in "!?…":
        return False
    long = [word for word in words if len(word) > 3 and word not in _SMALL_IN_TITLES]
    return bool(long) and sum(word[0].isupper() for word in long) >= 0.8 * len(long)
