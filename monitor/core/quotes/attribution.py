"""Who says it: which cue word belongs to a passage, and who is the source of that cue.

Each cue word has a source, to its left ("the mayor said") or, right behind a passage, to its right ("said the mayor").
A passage takes the cue right behind it, else the nearest before it in the sentence, else the nearest behind it.
Nothing is guessed where no cue stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitor.core.people.names import is_personal, without_titles
from monitor.core.quotes import cues
from monitor.core.quotes.passages import Passage
from monitor.core.quotes.sources import left_source, may_speak, noun_phrase_ending, right_source, sentence_subject
from monitor.core.quotes.tokens import DASHES, Span, Tokens

_TRAILED = frozenset(",?!…，—-")
_ADVERBS_BEFORE_PARTICIPLE = frozenset(["not", "also", "once", "widely", "often", "n't", "been", "being", "later"])


class Attribution(NamedTuple):
    """The source of a passage, by its offsets in the body, or ``None``.

    ``cued``: a cue word of its own stands in its sentence; ``strong``: one of speech only, or right beside.
    """

    source: tuple[int, int] | None = None
    cued: bool = False
    strong: bool = False


def attribute(tokens: Tokens, body: str, inside: Sequence[Passage]) -> dict[int, Attribution]:
    """The attribution of each passage of one sentence, by the passage's index."""
    passages = [(place, token.passage) for place, token in enumerate(tokens) if token.passage >= 0]
    if not passages:
        return {}
    sentence = _Sentence(tokens)
    return {number: sentence.attribution(place, body[inside[number].end - 1]) for place, number in passages}


def introduced(tokens: Tokens) -> tuple[int, int] | None:
    """The source of a sentence that ends with a colon, and so speaks of what comes next."""
    for cue in reversed(_cues_in(tokens)):
        source = left_source(tokens, cue) or sentence_subject(tokens, cue)
        if source is not None:
            return _offsets(tokens, source)
    return _label(tokens, len(tokens) - 1)


def _offsets(tokens: Tokens, span: Span) -> tuple[int, int]:
    """Where a source stands in the body; titles before a name are not part of it."""
    first, last = span
    if tokens[last].is_cap:
        first += without_titles([token.text for token in tokens[first : last + 1]])
        first = _name_behind_noun(tokens, first, last)
        while last - first >= 2 and _is_acronym(tokens[first].text) and not tokens[last].text.isupper():
            first += 1  # "SG Anna Nowak", a body before a name
    return tokens[first].start, tokens[last].end


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isalpha() and word.isupper()


def _name_behind_noun(tokens: Tokens, first: int, last: int) -> int:
    """Where the name begins in "steward Ana Ruiz", "der Leiter Jan Roth": behind the noun; or ``first``, where what is
    before the name belongs to another: "a spokesman for candidate Ana Ruiz", "the Red Cross".
    """
    k = last
    while k > first and tokens[k - 1].is_cap:
        k -= 1
    before = tokens[first:k]
    if last - k < 1 or not before or not before[-1].is_word or before[-1].low in cues.DETERMINERS:
        return first
    if any(t.low in cues.PREPOSITIONS or t.is_cap or t.is_possessive or t.low in cues.LINKS for t in before):
        return first
    return k if is_personal([t.text for t in tokens[k : last + 1]]) else first


def _label(tokens: Tokens, colon: int) -> tuple[int, int] | None:
    """A name alone before a colon: "Ruiz:"."""
    words = tokens[:colon]
    if 1 <= colon <= 5 and tokens[colon].text == ":" and all(token.is_cap for token in words):
        return _offsets(tokens, (0, colon - 1))
    return None


# --- cues ------------------------------------------------------------------------------------------


def _cues_in(tokens: Tokens) -> list[int]:
    return [i for i, token in enumerate(tokens) if token.low in cues.CUES and _is_cue(tokens, i)]


def _is_cue(tokens: Tokens, index: int) -> bool:
    """Whether a word that can be a cue is one here, and not a noun, a name or an attribute."""
    low = tokens[index].low
    if index == 0:
        return low not in cues.BARE
    before = tokens[index - 1]
    if tokens[index].is_cap or (before.is_possessive and low in cues.NOUN_LIKE):
        return False
    if low in cues.STRONG:
        return not (low == "saying" and before.low in {"the", "a", "old"})
    if low in cues.NOUN_LIKE and before.is_word and not before.is_cap:
        return before.low in cues.PRONOUNS or before.low in cues.BEFORE_VERB or _ends_phrase(tokens, index - 1)
    if low in cues.BARE:
        return before.low in cues.PRONOUNS or before.low in {"to", "also", "and"} or before.low.endswith("s")
    return not (low.endswith(("ed", "ing")) and before.low in cues.DETERMINERS)


def _ends_phrase(tokens: Tokens, noun: int) -> bool:
    """Whether an article and this noun stand together: "the group claims", not "the claims" or "new claims"."""
    return noun >= 1 and tokens[noun - 1].low in cues.DETERMINERS and tokens[noun].low not in cues.DETERMINERS


def _is_passive(tokens: Tokens, cue: int) -> bool:
    low = tokens[cue].low
    if not (low.endswith("ed") or low in {"told", "written", "said"}):
        return False
    j = cue - 1
    while j >= 0 and tokens[j].low in _ADVERBS_BEFORE_PARTICIPLE:
        j -= 1
    return j >= 0 and (tokens[j].low in cues.BE or tokens[j].low.endswith(("'re", "’re")))


# --- one sentence ----------------------------------------------------------------------------------


class _Sentence:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.cues = _cues_in(tokens)
        self._sources: dict[int, Span | None] = {}

    def attribution(self, place: int, last: str) -> Attribution:
        """Of the passage at token ``place``, which ends with the character ``last``."""
        tokens = self.tokens
        ceiling = next((k for k in range(place + 1, len(tokens)) if tokens[k].passage >= 0), len(tokens))
        trailing = self._trailing(place, ceiling)
        before = [cue for cue in self.cues if cue < place]
        trailed = last in _TRAILED or (place + 1 < len(tokens) and tokens[place + 1].text == ",")
        if trailing is not None and (trailed or not before):
            return self._answer(trailing, strong=True)
        for cue in reversed(before):
            if (source := self.source(cue)) is not None:
                return self._answer(source, strong=tokens[cue].low in cues.STRONG)
        if (source := self._according()) is not None:
            return self._answer(source, strong=True)
        if before:
            return Attribution(cued=True)
        for cue in self.cues:
            if (source := self.source(cue)) is not None:
                return self._answer(source, strong=False)
        named = self._signature(place) or (_label(tokens, place - 1) if place else None) or self._before_colon(place)
        return Attribution(named, cued=True, strong=True) if named is not None else Attribution()

    def _answer(self, source: Span, *, strong: bool) -> Attribution:
        return Attribution(_offsets(self.tokens, source), cued=True, strong=strong)

    def _trailing(self, place: int, ceiling: int) -> Span | None:
        """The source of a cue right behind the passage, in either order: "said Ana Ruiz", "Ana Ruiz said"."""
        tokens = self.tokens
        j = place + 1
        while j < ceiling and (tokens[j].text in {",", ".", "-"} or tokens[j].text in DASHES):
            j += 1
        if j >= ceiling:
            return None
        cue = j + 1 if tokens[j].low in cues.AUXILIARIES else j
        if cue in self.cues:
            return None if tokens[cue].low.endswith("ing") else right_source(tokens, cue + 1, ceiling)
        for cue in self.cues:
            if j < cue < ceiling and not tokens[cue].low.endswith("ing") and not _is_passive(tokens, cue):
                source = left_source(tokens, cue, j)
                begins_here = source is not None and source[0] - j <= 1 and tokens[j].low not in cues.BREAKS
                if source is not None and begins_here and may_speak(tokens, source):
                    return self._antecedent(source, j)
                return None
        return None

    def source(self, cue: int) -> Span | None:
        """The source of a cue, wherever it stands in the sentence."""
        if cue not in self._sources:
            self._sources[cue] = None
            self._sources[cue] = self._find_source(cue)
        return self._sources[cue]

    def _find_source(self, cue: int) -> Span | None:
        tokens, low = self.tokens, self.tokens[cue].low
        if _is_passive(tokens, cue):
            by = next((k for k in range(cue + 1, min(len(tokens), cue + 4)) if tokens[k].low == "by"), -1)
            return right_source(tokens, by + 1, len(tokens)) if by >= 0 else None
        if low.endswith("ing"):
            return self._of_participle(cue) or self._inherited(cue)
        source = left_source(tokens, cue)
        if source is not None:
            source = self._antecedent(source, 0)
            if may_speak(tokens, source) or (low in cues.STRONG and tokens[source[1]].low not in cues.FUNCTION_CAPS):
                return self._outer(source)
        if cue and tokens[cue - 1].passage >= 0 and (source := right_source(tokens, cue + 1, len(tokens))) is not None:
            return source
        if low in cues.OTHER_LANGUAGES:
            source = right_source(tokens, cue + 1, len(tokens))
            if source is not None and may_speak(tokens, source):
                return source
        return self._inherited(cue)

    def _of_participle(self, cue: int) -> Span | None:
        """Of "attacked X for saying" and "with X saying", X: a participle need not speak of the sentence's subject."""
        tokens = self.tokens
        if cue == 0:
            return None
        before = tokens[cue - 1]
        if before.low == "for" and cue >= 2 and tokens[cue - 2].is_cap:
            return noun_phrase_ending(tokens, cue - 2, 0)
        if before.is_word and any(token.low == "with" for token in tokens[max(0, cue - 6) : cue - 1]):
            source = noun_phrase_ending(tokens, cue - 1, 0)
            return source if source is not None and may_speak(tokens, source) else None
        if before.low in cues.BE:
            source = left_source(tokens, cue)
            return self._antecedent(source, 0) if source is not None else None
        return None

    def _inherited(self, cue: int) -> Span | None:
        """The source of the cue before this one, else the subject of the sentence."""
        for earlier in reversed(self.cues):
            if earlier < cue and (source := self.source(earlier)) is not None:
                return source
        return sentence_subject(self.tokens, cue)

    def _antecedent(self, source: Span, floor: int) -> Span:
        """Of "who", the noun phrase before it."""
        tokens, (first, last) = self.tokens, source
        if first == last and tokens[first].low == "who":
            k = first - 2 if first > floor and tokens[first - 1].text == "," else first - 1
            return noun_phrase_ending(tokens, k, floor) or source
        return source

    def _outer(self, source: Span) -> Span:
        """Of a pronoun that a cue speaks of ("Ruiz says he felt"), the source of that cue."""
        tokens, (first, last) = self.tokens, source
        if first == last and tokens[first].low in cues.PERSONAL:
            outer = first - 2 if first and tokens[first - 1].low == "that" else first - 1
            if outer in self.cues:
                return self.source(outer) or source
        return source

    def _according(self) -> Span | None:
        tokens = self.tokens
        for index, token in enumerate(tokens):
            if token.low in cues.ACCORDING:
                start = index + 1
                if cues.ACCORDING[token.low]:
                    if start >= len(tokens) or tokens[start].low != cues.ACCORDING[token.low]:
                        continue
                    start += 1
                source = right_source(tokens, start, len(tokens))
                return source if source is not None and may_speak(tokens, source) else None
        return None

    def _before_colon(self, place: int) -> tuple[int, int] | None:
        """The person of whom a sentence speaks that ends with a colon before the passage: "Ana Ruiz was angry: “…”"."""
        if place < 3 or self.tokens[place - 1].text not in {":", "："}:
            return None
        subject = sentence_subject(self.tokens, place - 1)
        if subject is None or not is_personal([token.text for token in self.tokens[subject[0] : subject[1] + 1]][-2:]):
            return None
        return _offsets(self.tokens, subject)

    def _signature(self, place: int) -> tuple[int, int] | None:
        """A name behind a dash at the end: “…” — Ana Ruiz."""
        rest = self.tokens[place + 2 :]
        if not rest or len(rest) > 8 or self.tokens[place + 1].text not in DASHES:
            return None
        words = [token for token in rest if token.is_word]
        if 1 <= len(words) <= 5 and words[0].is_cap and words[-1].is_cap:
            return words[0].start, words[-1].end
        return None
