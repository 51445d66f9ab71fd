"""The fingerprint of a text: what the database finds its copies by, without reading another text.

MinHash (Broder 1997) over shingles of four words, or of eight characters in scripts without spaces, by rensa. A
fingerprint has 14 look-up keys, each one minimum: ten of the whole body, four of its opening alone. A copy of
resemblance J shares a given key with probability J, so all ten fail with (1 - J)^10: 0.0004 for a text of which three
sentences in ten were replaced (J = 0.54). A text cut down to a tenth has J = 0.1, but the opening is still whole: that
is what its four keys are for. Two texts on different things share no key, or a few by a common phrase: so candidates
are ordered by the number of shared keys, and every one is verified by `copies`.

Arithmetic of the index, for one item: a row (key, article) of SQLite's WITHOUT ROWID table is 3 + 4 + 3 bytes and 3 of
overhead in pages that are full to 9/10: about 14.2 bytes, because keys are signed 32-bit integers. 14 rows are 199
bytes, the signature (64 minima, one byte of each) 64: 263 bytes, of the 300 that are allowed. They fit a bigint.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from itertools import islice
from operator import eq

from monitor.core.text import is_spaceless, tokenise
from monitor.model import Fingerprint, Text

WORDS, CHARACTERS = 4, 8
"""Length of a shingle in words; in characters where the script has no spaces."""

SHORT = 24
"""Below so many words a text is a teaser: only an equal one, with an equal title, is its copy."""

MAX_WORDS = 8_000
"""Of a longer text only so many words are compared: the rest is a transcript, a table or a live blog."""

_PERMUTATIONS, _BODY_KEYS, _OPENING_KEYS = 64, 10, 4
_OPENING = 15  # shingle lengths: 60 words, 120 characters
_SEED = 20_260_101


def shingle_length(words: Sequence[str]) -> int:
    """4, or 8 where more than half of the opening is characters of a script without spaces."""
    head = words[:200]
    if "".join(head).isascii():
        return WORDS
    return CHARACTERS if sum(map(is_spaceless, head)) * 2 > len(head) else WORDS


def fingerprint(text: Text) -> Fingerprint:
    """The fingerprint of the body of ``text``. ``size`` is 0 for one that is too short: then the only key stands for
    title and body as they are. Blanks, case, quotation marks and other punctuation make no difference.
    """
    stream, words = tokenise(text.body).stream, tokenise(text.body).words[:MAX_WORDS]
    if len(words) < SHORT:
        whole = f"{tokenise(text.title).stream}\n{stream}"
        bands = (_key(_BODY_KEYS + _OPENING_KEYS, zlib.crc32(whole.encode())),) if whole != "\n" else ()
        return Fingerprint(bands=bands, signature=b"", size=0, content_hash=_hash(whole))
    length = shingle_length(words)
    shingles = list(map(" ".join, zip(*(islice(words, skip, None) for skip in range(length)), strict=False)))
    body = _minima(shingles, _PERMUTATIONS, _SEED)
    opening = _minima(shingles[: _OPENING * length], _OPENING_KEYS, _SEED + 1)
    return Fingerprint(
        bands=tuple(_key(n, value) for n, value in enumerate(body[:_BODY_KEYS] + opening)),
        signature=bytes(value & 0xFF for value in body),
        size=len(set(shingles)),
        content_hash=_hash(stream),
    )


def resemblance(a: Fingerprint, b: Fingerprint) -> float:
    """The estimated share of common shingles, 0..1, with a standard error of at most 0.06; 0 for short texts."""
    if not a.signature or not b.signature:
        return 0.0
    equal: float = sum(map(eq, a.signature, b.signature)) / _PERMUTATIONS
    return max(0.0, (equal - 1 / 256) / (1 - 1 / 256))


def _minima(shingles: list[str], count: int, seed: int) -> list[int]:
    import rensa  # who only reads of copies does not need it

    sketch = rensa.RMinHash(num_perm=count, seed=seed)
    sketch.update(shingles)
    values: list[int] = sketch.digest()
    return values


def _key(band: int, value: int) -> int:
    """A signed 32-bit integer that differs from band to band for one value."""
    mixed = (value * 0x9E37_79B1 + (band + 1) * 0x85EB_CA6B) & 0xFFFF_FFFF
    return mixed - 0x1_0000_0000 if mixed & 0x8000_0000 else mixed


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
