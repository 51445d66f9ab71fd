"""The language of a text, from the text alone."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

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
_NOTHING = "zxx"
"""What the model calls a text that is of no language, such as a table."""
_ENOUGH_WORDS = 24
_SURE = 0.9
"""Every third word of a sample decides where the model gives its answer this probability. Of two thousand texts on
which it gave more, it was right about all but markup without words.
"""
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
    code = _classified(sample)
    if code == _NOTHING:
        return hint[:2].lower() if hint else None
    if code == "pcm" and len(_PIDGIN.intersection(sample.lower().split())) < _PIDGIN_ENOUGH:
        return "en"
    return _KNOWN_AS.get(code, code)


def _classified(sample: str) -> str:
    """The model's answer. Its tables are many times larger than the caches of a processor, so that every place of them
    that is looked at costs: for most texts every third word is enough.
    """
    words = sample.split(" ")
    if len(words) >= _ENOUGH_WORDS:
        code, probability = _model().classify(" ".join(words[::3]))
        if probability >= _SURE and code != _NOTHING:
            return str(code)
    return str(_model().classify(sample)[0])


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
