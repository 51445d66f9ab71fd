"""The words beside a cue that name the source: a pronoun, a name, or a description with its article."""

from __future__ import annotations

from monitor.core.people.names import TITLES
from monitor.core.quotes import cues
from monitor.core.quotes.tokens import DASHES, Span, Token, Tokens

_CLITICS = ("'s", "’s", "'d", "’d", "'ll", "’ll", "'ve", "’ve", "'re", "’re")
_LINKS = frozenset({"of", "for", "at", "from", "with", "in", "to"})
_NO_NAME = cues.FUNCTION_CAPS | cues.TIME_WORDS


def may_speak(tokens: Tokens, span: Span) -> bool:
    """Whether a phrase can be a source: no time, place of a clause, bare adverb or singular noun without article."""
    first, last = tokens[span[0]], tokens[span[1]]
    if last.low in cues.PRONOUNS or last.is_caseless:
        return True
    if last.low in _NO_NAME or last.low in cues.PREPOSITIONS or last.text[0].isdigit():
        return False
    if last.is_cap or ((first.low in cues.DETERMINERS or first.is_possessive) and span[0] < span[1]):
        return True
    return not last.is_adverb and (last.low.endswith("s") or any(t.is_cap for t in tokens[span[0] : span[1]]))


# --- to the left of a cue --------------------------------------------------------------------------


def left_source(tokens: Tokens, cue: int, floor: int = 0) -> Span | None:
    """The source before the cue, no farther left than ``floor``: over adverbs, auxiliaries, brackets and asides."""
    j = cue - 1
    while j >= floor and tokens[j].passage < 0:
        low = tokens[j].low
        if low in cues.SKIPPED or tokens[j].is_adverb or low in cues.TO_VERBS:
            j -= 1
        elif low == "to" and j > floor and tokens[j - 1].low in cues.TO_VERBS:
            j -= 2
        else:
            break
    j = _before_bracket(tokens, j, floor)
    if j < floor:
        return None
    if tokens[j].text == "," or tokens[j].text in DASHES:
        return _before_aside(tokens, j, floor)
    return noun_phrase_ending(tokens, j, floor)


def _before_bracket(tokens: Tokens, j: int, floor: int) -> int:
    if j >= floor and tokens[j].text in {")", "]"}:
        while j > floor and tokens[j].text not in {"(", "["}:
            j -= 1
        return j - 1
    return j


def _before_aside(tokens: Tokens, comma: int, floor: int) -> Span | None:
    """The source before an aside: "Ana Ruiz, the group's head, said"; or the name in it: "the head, Ana Ruiz, said"."""
    mark, tried = tokens[comma].text, 0
    if tokens[comma - 1].passage >= 0:
        return None
    for k in range(comma - 1, floor, -1):
        if tokens[k].text != mark:
            continue
        aside = tokens[k + 1 : comma]
        before = noun_phrase_ending(tokens, _before_bracket(tokens, k - 1, floor), floor)
        if 2 <= len(aside) <= 4 and all(t.is_cap for t in aside):
            named = noun_phrase_ending(tokens, comma - 1, k + 1)
            if named is not None and (before is None or _is_weaker(tokens, before)):
                return named
        if before is not None and may_speak(tokens, before):
            return before
        tried += 1
        if tried == 4:
            break
    return None


def _is_weaker(tokens: Tokens, span: Span) -> bool:
    """Whether a phrase is no name, so that a name beside it is the better source."""
    first, last = span
    belongs = first > 0 and tokens[first - 1].low in cues.PREPOSITIONS - _LINKS  # "la segretaria del Pd"
    return belongs or not tokens[last].is_cap or tokens[first].low in cues.OPENERS


def noun_phrase_ending(tokens: Tokens, last: int, floor: int) -> Span | None:
    """The noun phrase whose last word is ``last``."""
    if last < floor or not tokens[last].is_word:
        return None
    token = tokens[last]
    if token.low in cues.PRONOUNS or _is_pronoun_with_clitic(token):
        return last, last
    if token.is_cap:
        return _name_ending(tokens, last, floor)
    if (token.low in cues.CUES and token.low not in cues.NOUN_LIKE) or token.low in cues.BREAKS | cues.PREPOSITIONS:
        return None
    return _description_ending(tokens, last, floor)


def _is_pronoun_with_clitic(token: Token) -> bool:
    return any(token.low.endswith(c) and token.low[: -len(c)] in cues.PRONOUNS for c in _CLITICS)


def _is_name_part(token: Token) -> bool:
    return token.is_cap and not token.is_possessive and token.low not in _NO_NAME


def _is_capital_particle(tokens: Tokens, index: int) -> bool:
    """Whether it is the "De" of "De Vos" inside a sentence, where an article would have no capital."""
    token = tokens[index]
    return index > 0 and token.is_cap and token.low in cues.PARTICLES


def _name_ending(tokens: Tokens, last: int, floor: int) -> Span | None:
    first = last
    while first > floor:
        if _is_name_part(tokens[first - 1]) or _is_capital_particle(tokens, first - 1):
            first -= 1
        elif (
            first - 2 >= floor
            and (tokens[first - 1].low in cues.PARTICLES or tokens[first - 1].low in {"of", "for", "&"})
            and _is_name_part(tokens[first - 2])
        ):
            first -= 2
        else:
            break
    if tokens[first].low in _NO_NAME and not _is_capital_particle(tokens, first):
        first += 1
    if first > last:
        return None
    before = tokens[first - 1].low if first > floor else ""
    if before in _LINKS:
        described = _description_before(tokens, first - 1, floor)
        return (first if described is None else described), last
    if before == "the" and first == last:
        return first - 1, last
    return first, last


def _description_before(tokens: Tokens, preposition: int, floor: int) -> int | None:
    """Where "a spokesman for" begins, if a noun with an article stands before the preposition."""
    noun = preposition - 1
    if noun < floor or not tokens[noun].is_word or tokens[noun].is_cap or tokens[noun].low in cues.CUES:
        return None
    for first in range(noun, max(floor, noun - 6) - 1, -1):
        token = tokens[first]
        if not token.is_word or token.low in cues.BREAKS or token.low in cues.OPENERS:
            return None
        if first < noun and (token.low in cues.DETERMINERS or token.is_possessive):
            return None if first > floor and tokens[first - 1].low in cues.OPENERS else first
    return None


def _description_ending(tokens: Tokens, last: int, floor: int) -> Span | None:
    """A description: from its first article on, over "of", "for" and the like; else a few words without one."""
    first, article = last, -1
    while first >= floor and last - first < 14:
        token = tokens[first]
        is_verb = token.low in cues.CUES and first != last and token.low not in cues.NOUN_LIKE
        if not token.is_word or token.low in cues.BREAKS or is_verb:
            break
        if token.low in cues.DETERMINERS:
            article = first
            before = tokens[first - 1].low if first > floor else ""
            if before not in cues.PREPOSITIONS or before in cues.OPENERS - _LINKS - {"on"}:
                break
            if first - 2 < floor or not tokens[first - 2].is_word or tokens[first - 2].low in cues.DETERMINERS:
                break
        first -= 1
    if article >= 0:
        return article, last
    first += 1
    while first < last and (tokens[first].low in cues.OPENERS | cues.PREPOSITIONS or tokens[first].low in _NO_NAME):
        first += 1
    return (first, last) if first <= last <= first + 8 else None


# --- to the right of a cue -------------------------------------------------------------------------


def right_source(tokens: Tokens, start: int, ceiling: int) -> Span | None:
    """The source that starts at ``start`` and ends before ``ceiling``: "said Ana Ruiz", "said a state official"."""
    first = start
    while first < ceiling and (tokens[first].low in cues.ADVERBS or tokens[first].is_adverb):
        first += 1
    if first >= ceiling or not tokens[first].is_word:
        return None
    token = tokens[first]
    article = token.low in cues.DETERMINERS
    if token.low in cues.PRONOUNS and not (article and first + 1 < ceiling and tokens[first + 1].is_word):
        return first, first
    if token.low in cues.AFTER_NAME or token.low in cues.TIME_WORDS:
        return None
    described = article or token.is_possessive
    last, stop = _phrase_from(tokens, first, ceiling, described=described)
    named = any(t.is_cap for t in tokens[first : last + 1])
    if last < first or (not named and not described and last - first > 4):
        return None
    if described and stop + 2 < ceiling and tokens[stop].text == ",":
        return _name_beside(tokens, stop + 1, ceiling) or (first, last)
    return first, last


def _phrase_from(tokens: Tokens, first: int, ceiling: int, *, described: bool) -> tuple[int, int]:
    """The last token of the phrase that starts at ``first``, and the token at which reading stopped."""
    last, named, k = first - 1, False, first
    while k < min(ceiling, first + 14):
        token = tokens[k]
        inner = k > first
        if token.text == "&":
            pass
        elif not token.is_word or (inner and token.low in cues.TIME_WORDS):
            break
        elif token.is_cap:
            named, last = True, k
        elif token.low in cues.PARTICLES and k + 1 < ceiling and tokens[k + 1].is_cap and (named or described):
            pass
        elif inner and token.low in _LINKS - {"to"} and k + 1 < ceiling:
            if not _links(tokens, k, ceiling, named=named, described=described):
                break
        elif (
            token.low in cues.AFTER_NAME
            or token.low in cues.BREAKS
            or (named and not described)
            or (inner and (token.low in {"a", "an"} or token.low.endswith("ing") or _is_verb(token)))
        ):
            break
        else:
            last = k
        k += 1
    return last, k


def _is_verb(token: Token) -> bool:
    return token.low in cues.CUES and token.low not in cues.NOUN_LIKE and token.low not in cues.BARE


def _links(tokens: Tokens, k: int, ceiling: int, *, named: bool, described: bool) -> bool:
    """Whether a preposition goes on with the description: "at the State Department", not "at a news conference"."""
    low, after = tokens[k].low, tokens[k + 1]
    institution = after.is_cap or (after.low == "the" and k + 2 < ceiling and tokens[k + 2].is_cap)
    if named and not described and low != "of":
        return False
    if low in {"of", "for"}:
        return after.is_word
    if low in {"in", "with"}:
        return described and after.is_cap and after.low not in cues.TIME_WORDS
    return institution


def _name_beside(tokens: Tokens, first: int, ceiling: int) -> Span | None:
    """A name behind a description and its comma: "the group's director, Ana Ruiz"."""
    last = first
    while last < ceiling and tokens[last].is_cap:
        last += 1
    closed = last >= ceiling or not tokens[last].is_word or tokens[last].low in cues.AFTER_NAME
    return (first, last - 1) if last - first >= 2 and closed else None


# --- the subject of a sentence ---------------------------------------------------------------------


def sentence_subject(tokens: Tokens, before: int) -> Span | None:
    """The noun phrase that the sentence starts with, behind a dateline, or an opening phrase and its comma."""
    j = 0
    while j < before and tokens[j].passage < 0 and (not tokens[j].is_word or tokens[j].low in cues.CONNECTIVES):
        j += 1
    if j < before and len(tokens[j].text) > 3 and tokens[j].text.isupper():
        j = next((k + 1 for k in range(j, min(before, j + 9)) if tokens[k].text in DASHES), j)
    if j < before and (tokens[j].low in cues.OPENERS or tokens[j].low in cues.TIME_WORDS):
        j = _behind_comma(tokens, j, before)
    found = right_source(tokens, j, before) if j < before else None
    if found is not None and found[1] + 1 < before and tokens[found[1] + 1].low in cues.AFTER_A_TIME:
        j = _behind_comma(tokens, found[1], before)
        found = right_source(tokens, j, before) if j < before else None
    if found is None or not may_speak(tokens, found):
        return None
    first, last = found
    if first == last and last + 3 < before and tokens[last + 1].low in TITLES and tokens[last + 2].is_cap:
        return right_source(tokens, last + 2, before) or found  # "Teknik direktör Okan Buruk"
    if tokens[last].is_cap or tokens[first].low in cues.PRONOUNS:
        return found
    if tokens[first].low not in cues.DETERMINERS:
        return None
    return found if any(t.is_cap for t in tokens[first : last + 1]) else (first, min(last, first + 1))


def _behind_comma(tokens: Tokens, start: int, before: int) -> int:
    return next((k + 1 for k in range(start, before) if tokens[k].text == ","), before)
