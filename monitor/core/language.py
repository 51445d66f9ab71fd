"""The language of a text, from the text alone."""

from __future__ import annotations

_SAMPLE = 800
"""Code points that are looked at: more changes no answer and costs time."""
_TOO_SHORT = 25
"""Below this many letters the model guesses, and a hint knows better."""


def detect(text: str, hint: str | None = None) -> str | None:
    """ISO 639-1 code of the language of ``text``. Uzbek is ``uz`` in both scripts.

    ``hint``, the claim of a feed or page, counts only where the text is too short to tell. ``None`` where there is
    neither text nor hint.
    """
    sample = " ".join(text[: 2 * _SAMPLE].split())[:_SAMPLE]
    letters = sum(c.isalpha() for c in sample[:200])
    wide = sum("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" for c in sample[:200])
    if letters + 3 * wide < _TOO_SHORT and (hint or not letters):
        return hint[:2].lower() if hint else None
    from py3langid import classify

    return str(classify(sample)[0])[:2]


def load() -> None:
    """Load the model (96 MB), which else the first text does; it stays."""
    from py3langid import classify

    classify("")
