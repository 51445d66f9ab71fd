"""Who says it: cue words around the passages of a paragraph, and the words beside a cue that name the source.

A sentence is taken as a row of tokens in which a passage is one token. Each cue word has a source, to its left
("the mayor said") or, right behind a passage, to its right ("said the mayor"). A passage takes the cue right behind
it, else the nearest before it, else the nearest behind it. Nothing is guessed where no cue stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.core.people.names import without_titles
from monitor.core.quotes import cues
from monitor.core.quotes.passages import Passage

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|\w+(?:['’.\-‐‑&]\w+)*['’]?|\.{3}|--|[^\w\s]")
_ABBREVIATIONS = frozenset(
    ["mr", "mrs", "ms", "dr", "prof", "sen", "rep", "gov", "gen", "col", "lt", "sgt", "capt", "cpl", "adm", "cmdr", "maj", "rev", "st", "jr", "sr", "vs", "no", "dept", "inc", "corp", "co", "ltd", "ft", "mt", "sens", "reps", "govs", "jan", "feb", "aug", "sept", "oct", "nov", "dec", "atty", "supt", "lic", "ing", "u.s", "u.k", "ph"]
)
_STOP = frozenset(".!?…。！？") | {"..."}
_DASH = frozenset("—–―") | {"--"}
_BOUNDARY = frozenset(",;:()[]") | _DASH | _STOP | {"…"}
_POSSESSIVE = ("'s", "’s", "s'", "s’")


@dataclass(slots=True)
class Token:
    """A word, a mark, or (``passage`` >= 0) a whole passage."""

    text: str
    low: str
    start: int
    end: int
    passage: int = -1

    @property
    def is_cap(self) -> bool:
        return self.passage < 0 and (self.text[0].isupper() or (self.text[0].isdigit() and self.text[-1].isupper()))

    @property
    def is_caseless(self) -> bool:
        return self.passage < 0 and self.text[0].isalpha() and self.text[0].lower() == self.text[0].upper()

    @property
    def is_word(self) -> bool:
        return self.passage < 0 and (self.text[0].isalnum())


@dataclass(slots=True)
class Attribution:
    """The source of a passage as written, or ``None``. ``cued``: a cue word of its own stands in its sentence."""

    source: tuple[int, int] | None = None
    cued: bool = False
    strong: bool = False


@dataclass(slots=True)
class Sentence:
    tokens: list[Token] = field(default_factory=list)
    colon: tuple[int, int] | None = None


def sentences(body: str, low: int, high: int, inside: Sequence[Passage]) -> list[list[Token]]:
    """The sentences of a paragraph as tokens; a passage that ends a sentence ends it here too."""
    result: list[list[Token]] = [[]]
    at = low
    for index, passage in enumerate(inside):
        _words(body, at, passage.opened, result)
        row = result[-1]
        row.append(Token("", "", passage.opened, passage.closed, index))
        at = passage.closed
        if _ends_sentence(body, passage, at, high):
            result.append([])
    _words(body, at, high, result)
    return [row for row in result if row]


def _words(body: str, start: int, end: int, result: list[list[Token]]) -> None:
    for found in _TOKEN.finditer(body, start, end):
        text = found.group()
        row = result[-1]
        if text in _STOP:
            before = row[-1] if row else None
            joined = before is not None and before.end == found.start()
            if text == "." and joined and before is not None and _is_abbreviation(before):
                row[-1] = Token(before.text + ".", before.low + ".", before.start, found.end())
                continue
            row.append(Token(text, text, found.start(), found.end()))
            if text not in {"…", "..."} or body[found.end() : found.end() + 3].strip()[:1].isupper():
                result.append([])
            continue
        low = text.lower()
        inverted = _INVERTED.fullmatch(low) if "-" in low else None
        if inverted is not None:  # French: "a-t-il", "explique-t-elle"
            verb, pronoun = found.start() + inverted.end(1), found.start() + inverted.start(2)
            row.append(Token(text[: inverted.end(1)], inverted[1], found.start(), verb))
            row.append(Token(text[inverted.start(2) :], inverted[2], pronoun, found.end()))
            continue
        row.append(Token(text, low, found.start(), found.end()))


_INVERTED = re.compile(r"(\w+?)(?:-t)?-(il|elle|ils|elles|on)")


def _is_abbreviation(token: Token) -> bool:
    return (
        token.low.rstrip(".") in _ABBREVIATIONS
        or (len(token.text) == 1 and token.text.isupper())
        or "." in token.text[:-1]
    )


def _ends_sentence(body: str, passage: Passage, at: int, high: int) -> bool:
    """Whether the passage ends with a full stop and what follows starts anew."""
    last = body[passage.end - 1]
    rest = body[at : min(high, at + 200)].lstrip()
    if not rest:
        return True
    if last in ".。" and not body[: passage.end].endswith("..."):
        return not (rest[0].islower() or rest[0] in ",;:—–―-(" or _cue_follows(rest, closing=True))
    if last in "?!…？！." or (last in "—–-"):
        return not (rest[0].islower() or rest[0] in ",;:—–―-(" or _cue_follows(rest, closing=False))
    return False


_SUBJECT_CUE = re.compile(
    r"([A-Z][\w.’'-]*)\s+(?:[A-Z][\w.’'-]*\s+){0,3}(?:\w+ly\s+|also\s+|then\s+|later\s+)?([a-zà-ÿ]+)\s?([.,]|$)?"
)


def _cue_follows(rest: str, *, closing: bool) -> bool:
    """Whether a name and a cue word follow; with ``closing``, and nothing behind them."""
    found = _SUBJECT_CUE.match(rest)
    if found is None or found[1].lower() in cues.FUNCTION_CAPS or found[2] not in cues.CUES:
        return False
    return not closing or found[3] is not None


# --- sources ---------------------------------------------------------------------------------------


def is_cue(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    low = token.low
    if token.passage >= 0 or low not in cues.CUES:
        return False
    if token.is_cap and index > 0:
        return False
    before = tokens[index - 1] if index else None
    if before is not None and _possessive(before) and low in cues.NOUN_LIKE:
        return False
    if low in cues.STRONG:
        return not (low == "saying" and before is not None and before.low in {"the", "a", "old"})
    if low in cues.NOUN_LIKE and before is not None and before.is_word and not before.is_cap:
        return (
            before.low in cues.PRONOUNS
            or before.low in {"also", "who", "and", "then", "further"}
            or (_is_noun_phrase_before(tokens, index))
        )
    if low in cues.BARE:
        return before is not None and (
            before.low in cues.PRONOUNS | {"to", "also", "and", "critics", "officials"} or before.low.endswith("s")
        )
    if low.endswith("ed") and before is not None and before.low in cues.DETERMINERS:
        return False
    return not (low.endswith("ing") and before is not None and before.low in cues.DETERMINERS)


def _is_noun_phrase_before(tokens: Sequence[Token], index: int) -> bool:
    """Whether a determiner and a noun stand right before: "the group claims", not "the claims" or "new claims"."""
    return (
        index >= 2
        and tokens[index - 1].is_word
        and tokens[index - 2].low in cues.DETERMINERS
        and tokens[index - 1].low not in cues.DETERMINERS
    )


def _is_passive(tokens: Sequence[Token], index: int) -> bool:
    low = tokens[index].low
    if not (low.endswith("ed") or low in {"told", "written", "said", "quoted"}):
        return False
    j = index - 1
    while j >= 0 and tokens[j].low in {"not", "also", "once", "widely", "often", "n't", "been", "being", "later"}:
        j -= 1
    return j >= 0 and (tokens[j].low in cues.BE or tokens[j].low.endswith(("'re", "’re")))


def left_source(tokens: Sequence[Token], cue: int, floor: int = 0) -> tuple[int, int] | None:
    """First and last token of the source before the cue, no farther left than ``floor``."""
    j = cue - 1
    while j >= floor:
        token = tokens[j]
        low = token.low
        if token.passage >= 0:
            return None
        if low in cues.SKIPPED or (low.endswith("ly") and not token.is_cap):
            j -= 1
        elif low == "to" and j - 1 >= floor and tokens[j - 1].low in cues.TO_VERBS:
            j -= 2
        elif low in cues.TO_VERBS:
            j -= 1
        else:
            break
    if j < floor:
        return None
    token = tokens[j]
    if token.text in {")", "]"}:
        while j > floor and tokens[j].text not in {"(", "["}:
            j -= 1
        j -= 1
        if j < floor:
            return None
        token = tokens[j]
    if token.text == "," or token.text in _DASH:
        return _before_aside(tokens, j, floor)
    if not token.is_word:
        return None
    return noun_phrase_ending(tokens, j, floor)


def _before_aside(tokens: Sequence[Token], comma: int, floor: int) -> tuple[int, int] | None:
    """The source before an aside between commas or dashes: "Ana Ruiz, the group's head, said"."""
    mark = tokens[comma].text
    k = comma - 1
    tried = 0
    while k > floor and tried < 4:
        if tokens[k].passage >= 0 and tried == 0 and k == comma - 1:
            return None
        if tokens[k].text == mark:
            aside = tokens[k + 1 : comma]
            before = noun_phrase_ending(tokens, k - 1, floor) if tokens[k - 1].is_word else None
            if tokens[k - 1].text in {")", "]"}:
                j = k - 1
                while j > floor and tokens[j].text not in {"(", "["}:
                    j -= 1
                before = noun_phrase_ending(tokens, j - 1, floor) if j > floor and tokens[j - 1].is_word else None
            if aside and 2 <= len(aside) <= 4 and all(t.is_cap for t in aside):
                inner = noun_phrase_ending(tokens, comma - 1, k + 1)
                if inner is not None and (
                    before is None or not tokens[before[1]].is_cap or tokens[before[0]].low in cues.OPENERS
                ):
                    return inner
            if before is not None and _may_speak(tokens, before):
                return before
            tried += 1
        k -= 1
    if tokens[comma - 1].is_word:
        return None
    return None


def _may_speak(tokens: Sequence[Token], span: tuple[int, int]) -> bool:
    first, last = tokens[span[0]], tokens[span[1]]
    if last.low in cues.PRONOUNS or last.is_caseless:
        return True
    if last.low in cues.TIME_WORDS | cues.FUNCTION_CAPS | cues.PREPOSITIONS or last.text[0].isdigit():
        return False
    if last.is_cap or ((first.low in cues.DETERMINERS or _possessive(first)) and span[0] < span[1]):
        return True
    return not last.low.endswith("ly") and (last.low.endswith("s") or any(t.is_cap for t in tokens[span[0] : span[1]]))


def _possessive(token: Token) -> bool:
    return token.low.endswith(_POSSESSIVE)


def noun_phrase_ending(tokens: Sequence[Token], last: int, floor: int) -> tuple[int, int] | None:
    """The noun phrase whose last word is ``last``: a pronoun, a name, or a description with its article."""
    if last < floor:
        return None
    token = tokens[last]
    if token.low in cues.PRONOUNS and not token.low.isupper():
        return last, last
    low = token.low
    for suffix in ("'s", "’s", "'d", "’d", "'ll", "’ll", "'ve", "’ve", "'re", "’re"):
        if low.endswith(suffix) and low[: -len(suffix)] in cues.PRONOUNS:
            return last, last
    if token.is_cap:
        return _name_ending(tokens, last, floor)
    if (low in cues.CUES and low not in cues.NOUN_LIKE) or low in cues.BREAKS or low in cues.PREPOSITIONS:
        return None
    return _description_ending(tokens, last, floor)


def _name_ending(tokens: Sequence[Token], last: int, floor: int) -> tuple[int, int] | None:
    first = last
    while first - 1 >= floor:
        before = tokens[first - 1]
        if (
            before.is_cap
            and not _possessive(before)
            and before.low not in cues.FUNCTION_CAPS
            and before.low not in cues.TIME_WORDS
        ):
            first -= 1
        elif (
            before.low in {"of", "for", "and", "&", "the"} | cues.PARTICLES
            and first - 2 >= floor
            and _name_goes_on(tokens, first - 2, before.low)
        ):
            first -= 2
        else:
            break
    if tokens[first].low in cues.FUNCTION_CAPS | cues.TIME_WORDS:
        first += 1
    if first > last:
        return None
    if first - 1 >= floor and tokens[first - 1].low in {"of", "for", "at", "from", "with", "in", "to"}:
        wider = _description_before_name(tokens, first - 1, floor)
        if wider is not None:
            return wider, last
    if first - 1 >= floor and tokens[first - 1].low in {"the", "a", "an", "los", "la", "el", "die", "der", "le"}:
        return first - 1 if tokens[first - 1].low == "the" and first == last else first, last
    return first, last


def _name_goes_on(tokens: Sequence[Token], index: int, link: str) -> bool:
    token = tokens[index]
    if not token.is_cap or _possessive(token) or token.low in cues.FUNCTION_CAPS or token.low in cues.TIME_WORDS:
        return False
    return link not in {"and", "the"} or (link == "and" and False)


def _description_before_name(tokens: Sequence[Token], preposition: int, floor: int) -> int | None:
    """Where "a spokesman for" begins, if a noun with an article stands before the preposition."""
    k = preposition - 1
    if k < floor or not tokens[k].is_word or tokens[k].is_cap or tokens[k].low in cues.CUES:
        return None
    for first in range(k, max(floor, k - 6) - 1, -1):
        token = tokens[first]
        if not token.is_word or token.low in cues.BREAKS or token.low in cues.OPENERS:
            return None
        if (token.low in cues.DETERMINERS or _possessive(token)) and first < k:
            if first - 1 >= floor and tokens[first - 1].low in cues.OPENERS:
                return None
            return first
    return None


def _description_ending(tokens: Sequence[Token], last: int, floor: int) -> tuple[int, int] | None:
    first = last
    start_of_determiner = -1
    while first >= floor and last - first < 14:
        token = tokens[first]
        if (
            token.passage >= 0
            or not token.is_word
            or token.low in cues.BREAKS
            or (token.low in cues.CUES and first != last and token.low not in cues.NOUN_LIKE)
        ):
            break
        if token.low in cues.DETERMINERS:
            start_of_determiner = first
            before = tokens[first - 1] if first - 1 >= floor else None
            if (
                before is None
                or before.low not in cues.PREPOSITIONS
                or before.low in cues.OPENERS - {"for", "from", "at", "in", "on", "with"}
            ):
                break
            if first - 2 < floor or not tokens[first - 2].is_word or tokens[first - 2].low in cues.DETERMINERS:
                break
        first -= 1
    chunk_start = first + 1 if start_of_determiner < 0 or start_of_determiner != first else first
    if start_of_determiner >= 0:
        return start_of_determiner, last
    while chunk_start < last and (
        tokens[chunk_start].low in cues.OPENERS | cues.PREPOSITIONS | cues.FUNCTION_CAPS | cues.TIME_WORDS
    ):
        chunk_start += 1
    if chunk_start > last or last - chunk_start > 8:
        return None
    return chunk_start, last


def right_source(tokens: Sequence[Token], start: int, ceiling: int) -> tuple[int, int] | None:
    """First and last token of the source that starts at ``start``, ending before ``ceiling``."""
    j = start
    while j < ceiling and (
        tokens[j].low in {"also", "then", "later", "again", "además", "также", "dann"}
        or (tokens[j].low.endswith("ly") and not tokens[j].is_cap)
    ):
        j += 1
    if j >= ceiling or not tokens[j].is_word:
        return None
    if tokens[j].low in cues.PRONOUNS and not (
        tokens[j].low in cues.DETERMINERS and j + 1 < ceiling and tokens[j + 1].is_word
    ):
        return j, j
    described = tokens[j].low in cues.DETERMINERS or _possessive(tokens[j])
    if tokens[j].low in cues.AFTER_NAME or tokens[j].low in cues.TIME_WORDS:
        return None
    last = j - 1
    named = False
    k = j
    while k < ceiling and k - j < 14:
        token = tokens[k]
        if not token.is_word:
            if token.text in {"&"}:
                k += 1
                continue
            break
        if token.low in cues.TIME_WORDS and k > j:
            break
        if token.is_cap:
            named = True
            last = k
        elif token.low in cues.PARTICLES and k + 1 < ceiling and tokens[k + 1].is_cap and (named or described):
            pass
        elif token.low in {"of", "for", "from", "at", "with", "in"} and k > j and k + 1 < ceiling:
            after = tokens[k + 1]
            linked = (
                after.is_cap
                or (after.low == "the" and k + 2 < ceiling)
                or (token.low in {"of", "for"} and after.is_word)
            )
            if (
                not linked
                or (named and not described and token.low != "of")
                or (
                    token.low in {"in", "with"}
                    and not (described and after.is_cap and after.low not in cues.TIME_WORDS)
                )
            ):
                break
            if token.low in {"from", "at"} and not (after.is_cap or (after.low == "the" and tokens[k + 2].is_cap)):
                break
        elif token.low in cues.AFTER_NAME or token.low in cues.BREAKS or (token.low in {"a", "an"} and k > j) or (token.low in cues.CUES and k > j and token.low not in cues.NOUN_LIKE | cues.BARE) or (named and not described) or (token.low.endswith("ing") and k > j):
            break
        else:
            last = k
        k += 1
    if last < j:
        return None
    if not named and not described and last - j > 4:
        return None
    if described and k + 2 < ceiling and tokens[k].text == "," and tokens[k + 1].is_cap and tokens[k + 2].is_cap:
        stop = k + 1
        while stop + 1 < ceiling and tokens[stop + 1].is_cap:
            stop += 1
        if stop + 1 >= ceiling or not tokens[stop + 1].is_word or tokens[stop + 1].low in cues.AFTER_NAME:
            return k + 1, stop
    return j, last


def sentence_subject(tokens: Sequence[Token], before: int) -> tuple[int, int] | None:
    """The noun phrase that the sentence starts with, behind an opening phrase and its comma."""
    j = 0
    while (
        j < before
        and tokens[j].passage < 0
        and (not tokens[j].is_word or tokens[j].low in {"and", "but", "so", "then", "still", "yet", "now"})
    ):
        j += 1
    if j < before and tokens[j].text.isupper() and len(tokens[j].text) > 3:
        dash = next((k for k in range(j, min(before, j + 9)) if tokens[k].text in _DASH), -1)
        j = dash + 1 if dash >= 0 else j
    if j < before and tokens[j].low in cues.OPENERS | cues.TIME_WORDS:
        comma = next((k for k in range(j, before) if tokens[k].text == ","), -1)
        if comma < 0:
            return None
        j = comma + 1
    if j >= before or not tokens[j].is_word:
        return None
    found = right_source(tokens, j, before)
    if found is None or not (
        tokens[found[1]].is_cap or tokens[found[0]].low in cues.PRONOUNS or tokens[found[0]].low in cues.DETERMINERS
    ):
        return None
    if found[1] + 1 < before and tokens[found[1] + 1].low in {"later", "ago", "earlier", "before", "after"}:
        comma = next((k for k in range(found[1], before) if tokens[k].text == ","), -1)
        found = right_source(tokens, comma + 1, before) if comma >= 0 else None
        if found is None:
            return None
    if not _may_speak(tokens, found):
        return None
    if tokens[found[0]].low in cues.DETERMINERS and not any(t.is_cap for t in tokens[found[0] : found[1] + 1]):
        return found[0], min(found[1], found[0] + 1)
    return found


# --- passages and cues -----------------------------------------------------------------------------


def attribute(tokens: Sequence[Token], body: str, inside: Sequence[Passage]) -> dict[int, Attribution]:
    """The attribution of each passage of one sentence, by the passage's index."""
    found = [i for i in range(len(tokens)) if is_cue(tokens, i)]
    places = [i for i, token in enumerate(tokens) if token.passage >= 0]
    sources: dict[int, tuple[int, int] | None] = {}
    result: dict[int, Attribution] = {}

    def source_of(cue: int) -> tuple[int, int] | None:
        if cue not in sources:
            sources[cue] = None
            sources[cue] = _source_of(tokens, cue, found, source_of)
        return sources[cue]

    for position, place in enumerate(places):
        ceiling = places[position + 1] if position + 1 < len(places) else len(tokens)
        passage = inside[tokens[place].passage]
        trailing = _trailing(tokens, place, ceiling, found)
        comma_ended = body[passage.end - 1] in ",?!…，—-" or (place + 1 < len(tokens) and tokens[place + 1].text == ",")
        answer: Attribution | None = None
        before = [cue for cue in found if cue < place]
        if trailing is not None and (comma_ended or not before):
            answer = Attribution(_span(tokens, trailing), cued=True, strong=True)
        if answer is None:
            for cue in reversed(before):
                source = source_of(cue)
                answer = Attribution(
                    _span(tokens, source) if source else None, cued=True, strong=tokens[cue].low in cues.STRONG
                )
                if source is not None:
                    break
        if answer is None or answer.source is None:
            according = _according(tokens)
            if according is not None and _may_speak(tokens, according):
                answer = Attribution(_span(tokens, according), cued=True, strong=True)
        if answer is None and trailing is not None:
            answer = Attribution(_span(tokens, trailing), cued=True, strong=True)
        if answer is None:
            after = [cue for cue in found if cue > place]
            for cue in after:
                source = source_of(cue)
                if source is not None:
                    answer = Attribution(_span(tokens, source), cued=True)
                    break
        result[tokens[place].passage] = answer or _signed(tokens, place) or _labelled(tokens, place) or Attribution()
    return result


def _span(tokens: Sequence[Token], span: tuple[int, int]) -> tuple[int, int]:
    first, last = span
    words = [t.text for t in tokens[first : last + 1]]
    if tokens[last].is_cap:
        first += without_titles(words)
    return tokens[first].start, tokens[last].end


def _trailing(tokens: Sequence[Token], place: int, ceiling: int, found: Sequence[int]) -> tuple[int, int] | None:
    """The source of a cue that stands right behind the passage, in either order."""
    j = place + 1
    while j < ceiling and (tokens[j].text in {",", ".", "-"} or tokens[j].text in _DASH):
        j += 1
    if j >= ceiling:
        return None
    if j in found or (tokens[j].low in {"has", "had", "a", "ha", "hat"} and j + 1 in found):
        cue = j if j in found else j + 1
        if not tokens[cue].low.endswith("ing"):
            return right_source(tokens, cue + 1, ceiling)
        return None
    for cue in found:
        if j < cue < ceiling and not _is_passive(tokens, cue):
            if tokens[cue].low.endswith("ing"):
                continue
            source = left_source(tokens, cue, j)
            if (
                source is not None
                and source[0] - j <= 1
                and tokens[j].low not in cues.BREAKS
                and _may_speak(tokens, source)
            ):
                return _before_relative(tokens, source, j)
            return None
    return None


def _before_relative(tokens: Sequence[Token], source: tuple[int, int], floor: int) -> tuple[int, int] | None:
    """ "who" stands for the noun phrase before it."""
    if source[0] == source[1] and tokens[source[0]].low == "who":
        k = source[0] - 1
        if k >= floor and tokens[k].text == ",":
            k -= 1
        if k >= floor and tokens[k].is_word:
            wider = noun_phrase_ending(tokens, k, floor)
            if wider is not None:
                return wider
    return source


def _source_of(tokens: Sequence[Token], cue: int, found: Sequence[int], source_of) -> tuple[int, int] | None:
    low = tokens[cue].low
    if _is_passive(tokens, cue):
        by = next((k for k in range(cue + 1, min(len(tokens), cue + 4)) if tokens[k].low == "by"), -1)
        return right_source(tokens, by + 1, len(tokens)) if by >= 0 else None
    if low.endswith("ing") and low not in {"king"}:
        before = tokens[cue - 1] if cue else None
        if before is not None and before.low == "for" and cue >= 2 and tokens[cue - 2].is_word:
            wider = noun_phrase_ending(tokens, cue - 2, 0)
            if wider is not None and tokens[cue - 2].is_cap:
                return wider
        if before is not None and before.is_word and any(t.low == "with" for t in tokens[max(0, cue - 6) : cue - 1]):
            accompanying = noun_phrase_ending(tokens, cue - 1, 0)
            if accompanying is not None and _may_speak(tokens, accompanying):
                return accompanying
        if before is not None and before.low in cues.BE:
            source = left_source(tokens, cue)
            if source is not None:
                return _before_relative(tokens, source, 0)
        for earlier in reversed(found):
            if earlier < cue and (source := source_of(earlier)) is not None:
                return source
        return sentence_subject(tokens, cue)
    source = left_source(tokens, cue)
    if source is not None:
        source = _before_relative(tokens, source, 0)
    if source is not None and (
        _may_speak(tokens, source) or (low in cues.STRONG and tokens[source[1]].low not in cues.FUNCTION_CAPS)
    ):
        if source[0] == source[1] and tokens[source[0]].low in cues.PERSONAL:
            for outer in (source[0] - 1, source[0] - 2):
                if outer in found and (outer == source[0] - 1 or tokens[outer + 1].low == "that"):
                    return source_of(outer) or source
        return source
    if cue and tokens[cue - 1].passage >= 0:
        source = right_source(tokens, cue + 1, len(tokens))
        if source is not None:
            return source
    if (
        low in cues.OTHER_LANGUAGES
        and (source := right_source(tokens, cue + 1, len(tokens))) is not None
        and _may_speak(tokens, source)
    ):
        return source
    for earlier in reversed(found):
        if earlier < cue and (source := source_of(earlier)) is not None:
            return source
    return sentence_subject(tokens, cue)


def _according(tokens: Sequence[Token]) -> tuple[int, int] | None:
    for index, token in enumerate(tokens):
        if token.passage < 0 and token.low in cues.ACCORDING:
            start = index + 1
            for word in cues.ACCORDING[token.low]:
                if start >= len(tokens) or tokens[start].low != word:
                    break
                start += 1
            else:
                return right_source(tokens, start, len(tokens))
    return None


def _signed(tokens: Sequence[Token], place: int) -> Attribution | None:
    """A name behind a dash, at the end: “…” — Ana Ruiz."""
    if place + 2 >= len(tokens) or tokens[place + 1].text not in _DASH:
        return None
    rest = tokens[place + 2 :]
    words = [t for t in rest if t.is_word]
    if 1 <= len(words) <= 5 and words[0].is_cap and words[-1].is_cap and len(rest) <= 8:
        return Attribution((words[0].start, words[-1].end), cued=True, strong=True)
    return None


def _labelled(tokens: Sequence[Token], place: int) -> Attribution | None:
    """A name and a colon before: Ruiz: “…”."""
    if place < 2 or tokens[place - 1].text != ":" or place > 6:
        return None
    words = tokens[: place - 1]
    if all(t.is_cap for t in words):
        first = without_titles([t.text for t in words])
        return Attribution((words[first].start, words[-1].end), cued=True, strong=True)
    return None


def introduced(tokens: Sequence[Token]) -> tuple[int, int] | None:
    """The source of a sentence that ends with a colon, and so speaks of what comes next."""
    found = [i for i in range(len(tokens)) if is_cue(tokens, i)]
    for cue in reversed(found):
        source = left_source(tokens, cue) or sentence_subject(tokens, cue)
        if source is not None:
            return _span(tokens, source)
    words = tokens[:-1]
    if tokens[-1].text == ":" and 1 <= len(words) <= 5 and all(t.is_cap for t in words):
        return _span(tokens, (0, len(words) - 1))
    return None
