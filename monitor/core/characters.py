"""What characters are: letters, marks, joiners, letters of scripts that are written without spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, cached_property

MAX_MARKS = 6
"""More combining marks than this on one letter are ornament or an attack; no orthography stacks as many."""

_SPACELESS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # 々〆〇
    (0x3040, 0x312F),  # Kana, Bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),  # half-width Kana
)
FIRST_SPACELESS = chr(_SPACELESS[0][0])
_MIXED = ((0, 0x33FF), (0x4DC0, 0x4DFF), (0xA000, 0xABFF), (0xD7A4, 0xD7FF), (0xF900, 0xFFFF))
"""Where one character may be of another category than the next; between are Han, Hangul, and what is no character."""
_NO_CHARACTERS = (0xD800, 0xF8FF)  # surrogates, private use
_SPACELESS_ASTRAL = "\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
_WORD_ASTRAL = (
    "\U00010000-\U0001afef\U0001b170-\U0001cfff\U0001d165-\U0001d172\U0001d400-\U0001efff\U0001fbf0-\U0001fbf9"
)


APOSTROPHES = "'’‘‛`´ʼʻʹʽʾʿ′＇ꞌ"
QUIET = "\u00ad\u200c\u200d\u2060\ufeff"  # they join and are not seen: soft hyphen, ZWNJ, ZWJ, word joiner
_JOINERS = APOSTROPHES + QUIET + '"״׳·'


_PLAIN = re.compile(
    "[\0-\u02ff\u0370-\u0482\u048a-\u0590\u05be\u05d0-\u060f\u061b-\u063f\u0641-\u064a\u0660-\u066f\u0671-\u06d5"
    "\u1e00-\u20cf\u2100-\u214f\u3001-\u3004\u3008-\u3020\uac00-\ud7a3\uff08-\uff1e]*"
)
"""Characters among which there are no marks and no letters of a script without spaces: ``\\w`` tells what a word is."""
_PLAIN_TOKEN = re.compile(f"[^\\W_]+(?:[{re.escape(_JOINERS)}][^\\W_]+)*")


class Patterns:
    """Each compiled when it is first needed: the character classes take some milliseconds to gather, and as many each
    to compile.
    """

    def token_in(self, run: str) -> re.Pattern[str]:
        """What finds the words in what stands between two blanks, each with the joiners inside it."""
        return _PLAIN_TOKEN if _PLAIN.fullmatch(run) else self.token

    @cached_property
    def _kinds(self) -> bytearray:
        # for every character the first letter of its category, S for a letter of a script without spaces
        kinds = bytearray(b"L" * 0x10000)
        kinds[_NO_CHARACTERS[0] : _NO_CHARACTERS[1] + 1] = b"C" * (_NO_CHARACTERS[1] + 1 - _NO_CHARACTERS[0])
        for first, last in _MIXED:
            categories = "".join(map(unicodedata.category, map(chr, range(first, last + 1))))
            kinds[first : last + 1] = categories[::2].replace("S", "-").encode()
        kinds[0xFF9E:0xFFA0] = b"MM"
        for first, last in _SPACELESS:
            kinds[first : last + 1] = kinds[first : last + 1].replace(b"L", b"S")
        return kinds

    @cached_property
    def _spaceless(self) -> str:
        return _ranges(b"S", self._kinds)

    @cached_property
    def _letters(self) -> str:
        return _ranges(b"[LMN]", self._kinds)

    @cached_property
    def _mark(self) -> str:
        return f"[{_ranges(b'M', self._kinds)}]"

    @cached_property
    def token(self) -> re.Pattern[str]:
        word = f"[{self._letters}{_WORD_ASTRAL}]"
        one = f"[{self._spaceless}{_SPACELESS_ASTRAL}]{self._mark}*"
        return re.compile(f"{word}+(?:[{re.escape(_JOINERS)}]{word}+)*|{one}")

    @cached_property
    def not_word(self) -> re.Pattern[str]:
        return re.compile(f"[^{self._letters}{_WORD_ASTRAL}{self._spaceless}{_SPACELESS_ASTRAL}]+")

    @cached_property
    def spaceless(self) -> re.Pattern[str]:
        return re.compile(f"[{self._spaceless}{_SPACELESS_ASTRAL}]")

    @cached_property
    def stack(self) -> re.Pattern[str]:
        return re.compile(f"{self._mark}{{{MAX_MARKS + 1},}}")

    @cached_property
    def joiner(self) -> re.Pattern[str]:
        return re.compile(f"([{re.escape(_JOINERS)}])")


def _ranges(kind: bytes, kinds: bytearray) -> str:
    return "".join(f"{chr(run.start())}-{chr(run.end() - 1)}" for run in re.finditer(kind + b"+", kinds))


@cache
def patterns() -> Patterns:
    return Patterns()
