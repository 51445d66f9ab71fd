"""Where the names of a gazetteer stand in a title or a body, written as names are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple

from monitor.core.places.gazetteer import ALONE, Gazetteer, Keys, Name
from monitor.core.text import Tokens, tokenise


class Hit(NamedTuple):
    """A name, by its first and last word, and where it stands in the text."""

    first: int
    last: int
    name: Name
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """The title or the body, with all names in it."""

    tokens: Tokens
    hits: list[Hit]

    @classmethod
    def of(cls, part: str, names: Gazetteer) -> Part:
        tokens = tokenise(part)
        return cls(tokens, _hits(tokens, names))


def _hits(tokens: Tokens, names: Gazetteer) -> list[Hit]:
    words = tokens.words
    key_of = names.keys.__getitem__
    hits: list[Hit] = []
    free = 0
    begun = list(map(names.beginning.__getitem__, words))
    for at in compress(range(len(words)), begun):
        if at < free:
            continue
        by_second: Any = begun[at]
        following = key_of(words[at + 1]) if at + 1 < len(words) else ALONE
        for name in by_second.get(following) or by_second[ALONE]:
            size = len(name.words)
            if size > 2 and tuple(map(key_of, words[at : at + size])) != name.words:
                continue
            hit = Hit(at, at + size - 1, name, tokens.start(at), tokens.end(at + size - 1))
            if _is_written_so(tokens, hit, names.keys):
                hits.append(hit)
                free = at + size
                break
    return hits


_APOSTROPHE = re.compile("['’‘ʼ]")


def _is_written_so(tokens: Tokens, hit: Hit, keys: Keys) -> bool:
    """Whether the words stand together, with the capitals that the name wants."""
    name, start, end = hit.name, hit.start, hit.end
    size, last = len(name.words), tokens.words[hit.last]
    written = tokens.text[start:end]
    if keys.suffixes and last != name.words[-1]:
        apart = _APOSTROPHE.search(written)
        if apart is None and last in keys.suffixed:
            return False
        written = written[: apart.start()] if apart else written
    if size > 1:
        if "\n\n" in written or (len(written) - sum(map(len, name.words)) > 3 * size + 12):
            return False
        if any(c in written for c in ';:!?()\u201c\u201d"'):
            return False
    if name.small:
        return True
    first = written[0]
    if name.capitals:
        if not written.isupper():
            return False
        return (
            "." in written or written not in {"US", "DRC", "ROK", "GDR", "FRG"} or not _shouts(tokens.text, start, end)
        )
    if first.islower():
        return False
    if size > 1 and len(name.words[0]) == 1 and name.words[0].isascii():
        return "." in written
    return size > 1 or len(written) > 3 or not (written.isupper() and name.kind == "d")


def _shouts(text: str, start: int, end: int) -> bool:
    """Whether the words around are all capitals, so that "US" may be "us"."""
    around = text[max(0, start - 40) : start] + text[end : end + 40]
    return not any(c.islower() for c in around) and any(c.isalpha() for c in around)
