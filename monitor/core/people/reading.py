"""From a text and its captions to the persons whom it names with a role or office."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.core.people.foreign import country_of, office_holders
from monitor.core.people.names import is_personal, plain
from monitor.core.people.roles import (
    ABBREVIATIONS,
    ARTICLES,
    NOT_NAMES,
    OF_ROLES,
    OFFICES_OF,
    ROLE_HEADS,
    ROLE_MODIFIERS,
    TITLES,
)
from monitor.core.text import fold
from monitor.model import Person, Text

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_][\w’'\u2010\u2011-]*(?:&\w+)?\.?|\d[\d,.]*\d|\d|[^\w\s]")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ROLE_WORDS = ROLE_HEADS | ABBREVIATIONS


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_PARTICLES = _words("de la le del da dos das do van von der den bin ibn al el ben ter zu di du y abu")
_LINKS = _words("of at for in with from to on")
_ARABIC_ARTICLES = frozenset({"al-", "el-", "as-", "ar-", "ad-", "an-"})
_NOT_FIRST = _words(
    """
    the of for and a an in but on at as when while after with by from to before if then former that meanwhile
    however also now later still earlier like unlike under even both although though because since where why
    how so yes no did does was is were has have had will would mr mrs ms monday tuesday wednesday thursday
    friday saturday sunday
    """
)
_STRUCTURED = re.compile(r"\s*[|•·]\s*")
_CAPTION_DASH = re.compile(r"\s+[\u2013\u2014-]\s+")
_LONGEST_CAPTION = 160


@dataclass(frozen=True, slots=True)
class _Found:
    """A person at an offset; ``given`` says whether more than the surname stands there."""

    at: int
    person: Person

    @property
    def surname(self) -> str:
        return fold(self.person.name.split()[-1])


class _Line:
    """The tokens of one paragraph."""

    def __init__(self, text: str, offset: int) -> None:
        self.text, self.offset = text, offset
        found = list(_TOKEN.finditer(text))
        self.words = [m.group() for m in found]
        self.spans = [m.span() for m in found]
        self.low = [w.lower().rstrip(".") for w in self.words]

    def cap(self, i: int) -> bool:
        return 0 <= i < len(self.words) and (self.words[i][0].isupper() or self.words[i][:3] in _ARABIC_ARTICLES)

    def between(self, first: int, last: int) -> str:
        """The text of the tokens ``first`` to ``last``, without a full stop that ends a sentence."""
        return " ".join(self.text[self.spans[first][0] : self.spans[last][1]].split())

    def joined(self, i: int) -> bool:
        """Whether only a blank stands between token ``i`` and the next."""
        return i + 1 < len(self.words) and self.text[self.spans[i][1] : self.spans[i + 1][0]].isspace()


def people(text: Text, captions: Sequence[str] = ()) -> tuple[Person, ...]:
    """Persons whom body or captions name with a role or office, in order of appearance, each once.

    Read are roles before a name ("Foreign Minister Ana Ruiz"), behind it ("Ana Ruiz, deputy chief of mission at ..."),
    before it with a comma ("the group's director, Ana Ruiz, said"), and captions ("Ana Ruiz Director | Institute"); in
    a dozen languages the commonest offices before a name. ``org`` is the body that the text itself gives for the role,
    as written. A surname takes the one full name that the text has for it. Nothing is inferred.
    """
    found: list[_Found] = []
    offset = 0
    for line in text.body.split("\n"):
        if line and not line.isspace():
            if len(line) <= _LONGEST_CAPTION and "|" in line:
                found += _in_caption(line, offset)
            if not _ROLE_WORDS.isdisjoint(_WORD.findall(line.lower())):
                found += _in_prose(_Line(line, offset))
            found += (_Found(offset + at, person) for at, person in office_holders(line, text.lang))
        offset += len(line) + 1
    for number, caption in enumerate(captions):
        at = offset + number * 1000
        found += _in_caption(caption, at) or _in_prose(_Line(caption, at))
    return _merged(found, text.body)


# --- prose -----------------------------------------------------------------------------------------


def _in_prose(line: _Line) -> Iterator[_Found]:
    words, low = line.words, line.low
    at, count = 0, len(words)
    while at < count:
        if low[at] in ROLE_HEADS or (low[at] in ABBREVIATIONS and words[at][-1] == "." and line.cap(at)):
            end, found = _around(line, at)
            yield from found
            at = end
        at += 1


def _around(line: _Line, head: int) -> tuple[int, list[_Found]]:
    """What a role word at ``head`` says; and the last token that was used."""
    last = _end_of_role(line, head)
    first = _start_of_role(line, head)
    name = _name_from(line, last + 1) if line.joined(last) and line.words[last][-1] not in "'’" else None
    if name is not None:
        role_first, org = _org_before(line, first)
        single = name[0] == name[1]
        if not single or _takes_surname(line, role_first, last):
            return name[1], [_found(line, name, (role_first, last), org)]
        return last, []
    behind = _behind_name(line, first, last)
    if behind is not None:
        return behind
    if last + 2 < len(line.words) and line.words[last + 1] == "," and line.cap(last + 2):
        named = _name_from(line, last + 2)
        if named is not None and named[1] > named[0] and _is_determined(line, first) and _closes(line, named[1]):
            role_first, org = _org_before(line, first)
            return named[1], [_found(line, named, (role_first, last), org)]
    return last, []


def _end_of_role(line: _Line, head: int) -> int:
    """The last token of a role that goes on with "of": chief of mission, secretary of state, minister of the interior."""
    low, count = line.low, len(line.words)
    while (
        head + 1 < count and low[head + 1] in ROLE_HEADS and line.joined(head) and line.cap(head) == line.cap(head + 1)
    ):
        head += 1
    if (
        head + 1 < count
        and low[head + 1] in {"general", "designate", "elect", "emeritus", "general-designate"}
        and line.joined(head)
    ):
        head += 1
    if head + 2 < count and low[head + 1] == "of":
        k = head + 2 + (low[head + 2] == "the")
        if k < count and (
            f"{low[head]} of {low[k]}" in OF_ROLES or (low[head] == "secretary" and low[k] in OFFICES_OF)
        ):
            if (
                low[k] in {"foreign", "internal", "home", "external", "national"}
                and k + 1 < count
                and low[k + 1] in {"affairs", "defense", "defence"}
            ):
                k += 1
            return k
    return head


def _start_of_role(line: _Line, head: int) -> int:
    first = head
    while (
        first and line.joined(first - 1) and line.low[first - 1] in ROLE_MODIFIERS and line.words[first - 1][-1] != "."
    ):
        if line.low[first - 1] == "house" and first > 1 and line.low[first - 2] == "white":
            break
        first -= 1
    while first < head and line.low[first] in {"and", "of"}:
        first += 1
    return first


def _name_from(line: _Line, start: int) -> tuple[int, int] | None:
    """First and last token of a personal name that starts at ``start``."""
    words, low, count = line.words, line.low, len(line.words)
    if not line.cap(start) or low[start] in NOT_NAMES:
        return None
    first, last, k = start, start, start
    while first < count and low[first] in ABBREVIATIONS | TITLES and line.joined(first) and line.cap(first + 1):
        first += 1
    k = last = first
    while k + 1 < count and line.joined(k) and (words[k][-1] != "." or len(words[k]) <= 3 or low[k] in {"jr", "sr"}):
        if line.cap(k + 1) and low[k + 1] not in NOT_NAMES and words[k][-2:] not in {"'s", "’s"}:
            k = last = k + 1
        else:
            particle = k + 1
            while particle < count and low[particle] in _PARTICLES and line.joined(particle):
                particle += 1
            if particle == k + 1 or not line.cap(particle):
                break
            k = last = particle
        if last - first >= 4:
            break
    if last + 1 < count and line.cap(last + 1) and low[last + 1] in NOT_NAMES and line.joined(last):
        return None  # "General Motors Company", "Justice Department"
    if not is_personal([words[i] for i in range(first, last + 1)]):
        return None
    return first, last


def _takes_surname(line: _Line, first: int, last: int) -> bool:
    """Whether the role is an office before which a surname alone is usual: President X, Sen. X, Foreign Minister X."""
    return line.cap(first) and line.cap(last) and (line.low[last] in TITLES or line.low[last] in ABBREVIATIONS)


def _org_before(line: _Line, first: int) -> tuple[int, str | None]:
    """Where the role starts once the body before it is cut off, and that body: "Uzbekistan's", "State Department"."""
    k = first
    while (
        k
        and line.joined(k - 1)
        and (line.cap(k - 1) or (line.low[k - 1] in {"of", "for", "&"} and k >= 2 and line.cap(k - 2) and k < first))
    ):
        previous = line.words[k - 1]
        if line.low[k - 1] in ABBREVIATIONS:
            break
        if (
            previous[-1] in ".'’"
            and "." not in previous[:-1]
            and line.low[k - 1] not in {"u.s", "u.k", "u.n"}
            and previous[-2:] not in {"s'", "s’"}
        ):
            break
        if line.low[k - 1] in ARTICLES:
            break
        k -= 1
        if previous[-2:] in {"'s", "’s"} and k < first - 1:
            break
    while k < first and line.low[k] in _NOT_FIRST:
        k += 1
    if k == first or (
        k > 1 and line.low[k - 1] == "and" and line.cap(k - 2) and not _is_possessive(line.words[first - 1])
    ):
        return first, None
    org = plain(line.between(k, first - 1)).rstrip("'’")
    return first, (country_of(org) or org) or None


def _is_possessive(word: str) -> bool:
    return word[-2:] in {"'s", "’s", "s'", "s’"}


def _is_determined(line: _Line, first: int) -> bool:
    return first > 0 and (
        line.low[first - 1] in ARTICLES or line.low[first - 1][-2:] in {"'s", "’s", "s'", "s’"} or line.cap(first - 1)
    )


def _closes(line: _Line, last: int) -> bool:
    return (
        last + 1 >= len(line.words)
        or line.words[last + 1] in ",.;:)—–"
        or line.low[last + 1] in {"said", "says", "told", "and"}
    )


def _behind_name(line: _Line, first: int, last: int) -> tuple[int, list[_Found]] | None:
    """A role behind a name and a comma or bracket: "Ana Ruiz, 45, a senior adviser at the institute,"."""
    role_first, org = _org_before(line, first)
    k = first - 1
    if org is not None:
        k = first - 1 - sum(1 for _ in _TOKEN.finditer(line.text, *_org_span(line, first)))
    while k >= 0 and (line.low[k] in ARTICLES or line.low[k] in {"who", "is", "was", "as"}):
        k -= 1
    if k < 1 or line.words[k] not in {",", "(", "—", "–"}:
        return None
    k -= 1
    if line.words[k][0].isdigit() and k >= 2 and line.words[k - 1] == ",":
        k -= 2
    if line.words[k] == ")":
        while k and line.words[k] != "(":
            k -= 1
        k -= 1
    if k < 1 or not line.cap(k):
        return None
    start = k
    while (
        start
        and line.joined(start - 1)
        and (line.cap(start - 1) or line.low[start - 1] in _PARTICLES)
        and line.low[start - 1] not in NOT_NAMES | ARTICLES
    ):
        if line.words[start - 1][-2:] in {"'s", "’s"}:
            break
        start -= 1
        if k - start >= 5:
            break
    while start < k and (
        line.low[start] in TITLES | ROLE_HEADS | ROLE_MODIFIERS | ABBREVIATIONS or line.low[start] in _PARTICLES
    ):
        start += 1
    if start == k or not is_personal([line.words[i] for i in range(start, k + 1)]):
        return None
    end = last
    if org is None:
        end, org = _org_behind(line, last)
    return end, [_found(line, (start, k), (role_first, last), org)]


def _org_span(line: _Line, first: int) -> tuple[int, int]:
    _, org = _org_before(line, first)
    assert org is not None
    start = line.text.rfind(org.split()[0], 0, line.spans[first - 1][1])
    return start, line.spans[first - 1][1]


def _org_behind(line: _Line, last: int) -> tuple[int, str | None]:
    """The body behind a role: "of the Institute for Peace", "at the U.S. Embassy in Uzbekistan"."""
    low, count = line.low, len(line.words)
    k = last + 1
    if k + 1 >= count or low[k] not in {"of", "at", "for", "with", "in", "to"} or not line.joined(last):
        return last, None
    first = k + 1
    while first < count and low[first] in {"the", "a", "an"}:
        first += 1
    end, k = -1, first
    while k < count and k - first < 12 and (k == first or line.joined(k - 1) or low[k] == "&"):
        if line.words[k][0].isupper() or line.words[k][0].isdigit():
            end = k
        elif low[k] in {"and", "for", "of", "the", "in", "on", "&", "at", "to", "de", "la"}:
            pass
        elif end >= 0 or not line.words[k][0].isalpha() or low[k] in {"who", "that", "which", "said", "told", "when", "he", "she"}:
            break
        else:
            return _plain_org(line, first, k, last)
        if line.words[k][-1] == "." and end == k and not _is_abbreviated(line.words[k]):
            break
        k += 1
    if end < 0:
        return last, None
    return end, line.between(first, end).rstrip(",'’") if _is_abbreviated(line.words[end]) else line.between(
        first, end
    ).rstrip(".,'’")


def _is_abbreviated(word: str) -> bool:
    return "." in word[:-1] or word in {"Inc.", "Corp.", "Co.", "Ltd.", "St.", "Dept."}


def _plain_org(line: _Line, first: int, k: int, last: int) -> tuple[int, str | None]:
    """A body that is no name: "a spokesman for the interior ministry". It ends at the next mark or clause."""
    end = k
    while end + 1 < len(line.words) and line.joined(end) and line.words[end + 1][0].isalpha() and end - first < 7:
        if line.low[end + 1] in {
            "who",
            "that",
            "which",
            "said",
            "says",
            "told",
            "and",
            "when",
            "in",
            "on",
            "has",
            "is",
            "was",
            "to",
            "at",
        }:
            break
        end += 1
        if line.words[end][-1] == ".":
            break
    return (end, line.between(first, end).rstrip(".")) if end >= first else (last, None)


def _found(line: _Line, name: tuple[int, int], role: tuple[int, int], org: str | None) -> _Found:
    who = plain(line.between(*name))
    if who.endswith(".") and not re.search(r"(?:\b[A-Z]|Jr|Sr)\.$", who):
        who = who[:-1]
    what = line.between(*role).rstrip(",")
    if what[-1] == "." and line.low[role[1]] not in ABBREVIATIONS:
        what = what[:-1]
    return _Found(line.offset + line.spans[name[0]][0], Person(who, what, org))


# --- captions --------------------------------------------------------------------------------------


def _in_caption(caption: str, at: int) -> list[_Found]:
    """ "Ana Ruiz Director of research | Institute", "Ana Ruiz - Director, Institute": name, role, body in this order."""
    parts = [p for p in _STRUCTURED.split(caption.strip()) if p]
    if not 1 <= len(parts) <= 3:
        return []
    head = parts[0]
    line = _Line(head, 0)
    for k in range(2, min(len(line.words), 7)):
        if line.low[k] not in ROLE_HEADS | ROLE_MODIFIERS and not (
            line.words[k] in ",–—-|" and k + 1 < len(line.words)
        ):
            continue
        start = k if line.words[k][0].isalpha() else k + 1
        name = [line.words[i] for i in range(k)]
        rest = line.low[start:]
        if (
            not all(w[0].isupper() or w.lower() in _PARTICLES for w in name)
            or not is_personal(name)
            or not ROLE_HEADS.intersection(rest)
        ):
            return []
        if len(parts) == 1 and (start == k or len(line.words) > 16):
            return []
        role, org = line.text[line.spans[start][0] :].strip(" ,."), parts[1] if len(parts) > 1 else None
        if org is None:
            role, org = _role_and_org(role)
        return [_Found(at, Person(line.between(0, k - 1), role, org))]
    if len(parts) >= 2:
        second = _Line(parts[1], 0)
        words = line.words
        if (
            2 <= len(words) <= 5
            and all(w[0].isupper() for w in words)
            and is_personal(words)
            and ROLE_HEADS.intersection(second.low)
        ):
            role, org = _role_and_org(parts[1].strip(" ,."))
            return [_Found(at, Person(" ".join(head.split()), role, parts[2] if len(parts) > 2 else org))]
    return []


def _role_and_org(role: str) -> tuple[str, str | None]:
    line = _Line(role, 0)
    for k, word in enumerate(line.low):
        if word in ROLE_HEADS and (k + 1 == len(line.words) or line.low[k + 1] not in ROLE_HEADS):
            last = _end_of_role(line, k)
            end, org = _org_behind(line, last)
            if org is None and last + 2 < len(line.words) and line.words[last + 1] == "," and line.cap(last + 2):
                org = role[line.spans[last + 2][0] :]
            return (line.between(0, last), org) if org is not None or end == last else (role, None)
    return role, None


# --- one person once -------------------------------------------------------------------------------


def _merged(found: list[_Found], body: str) -> tuple[Person, ...]:
    """Each person once, under the fullest name, with the first role; a body is added where a later mention gives it."""
    persons: list[Person] = []
    for each in sorted(found, key=lambda f: f.at):
        person = each.person
        if " " not in person.name:
            person = replace(person, name=_full_name(person.name, body) or person.name)
        twin = next((i for i, known in enumerate(persons) if _is_same(known.name, person.name)), None)
        if twin is None:
            persons.append(person)
            continue
        known = persons[twin]
        longer = person.name if len(person.name) > len(known.name) else known.name
        better = person if known.org is None and person.org is not None else known
        persons[twin] = replace(better, name=longer)
    return tuple(persons)


def _is_same(one: str, other: str) -> bool:
    mine, theirs = fold(one).split(), fold(other).split()
    if mine[-1] != theirs[-1]:
        return False
    return len(mine) == 1 or len(theirs) == 1 or mine[0] == theirs[0]


def _full_name(surname: str, body: str) -> str | None:
    """The one name in the body that ends with the surname and has a first name before it."""
    names = set()
    for found in re.finditer(rf"\b((?:[^\W\d_a-z][\w’'-]+\s+(?:[^\W\d_a-z]\.\s+)?)){re.escape(surname)}\b", body):
        first = found[1].split()[0]
        if (
            first[0].isupper()
            and fold(first) not in TITLES | NOT_NAMES | ROLE_HEADS | ABBREVIATIONS | ROLE_MODIFIERS
            and first[-1] != "."
        ):
            names.add(" ".join(found[0].split()))
    return names.pop() if len(names) == 1 else None
