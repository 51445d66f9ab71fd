"""The language of a text, from the text alone."""

from __future__ import annotations

import re

_SAMPLE = 500
"""Code points that are looked at: more changes no answer and costs time."""
_KNOWN_AS = {
    "ary": "ar", "arz": "ar", "fuv": "ff", "gug": "gn", "kik": "ki", "sdh": "ku", "uzs": "uz", "wuu": "zh", "yue": "zh",
}  # fmt: skip
"""The two letters of languages that the model tells apart more finely."""
_TOO_SHORT = 25
"""Below this many letters the model guesses, and a hint knows better."""
_PIDGIN = frozenset("dem dey dia dis don una wetin wey sey abi oga pesin pipol".split())
"""Words of Nigerian Pidgin that no English text has: short English texts and tables are taken for it."""
_PIDGIN_ENOUGH = 2
_WIDE = re.compile("[\u3040-\u9fff\uac00-\ud7af]")


def detect(text: str, hint: str | None = None) -> str | None:
    """ISO 639-1 code of the language of ``text``, ISO 639-3 where there is none of two letters. Uzbek is ``uz`` in
    both scripts.

    ``hint``, the claim of a feed or page, counts only where the text is too short to tell. ``None`` where there is
    neither text nor hint.
    """
    sample = " ".join(text[: 2 * _SAMPLE].split())[:_SAMPLE]
    letters = sum(map(str.isalpha, sample[:200]))
    if letters < _TOO_SHORT and letters + 3 * len(_WIDE.findall(sample, 0, 200)) < _TOO_SHORT and (hint or not letters):
        return hint[:2].lower() if hint else None
    from py3langid import classify

    code = str(classify(sample)[0])
    if code == "zxx":  # nothing of a language
        return hint[:2].lower() if hint else None
    if code == "pcm" and len(_PIDGIN.intersection(sample.lower().split())) < _PIDGIN_ENOUGH:
        return "en"
    return _KNOWN_AS.get(code, code)
