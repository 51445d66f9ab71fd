"""Who is shown as the speaker of a quotation."""

from __future__ import annotations

from monitor.core.quotes import cues
from monitor.model import Quote


def speaker_of(quote: Quote) -> str | None:
    """Who is shown as the speaker: the person, else the source as worded, but nobody for a pronoun alone."""
    if quote.person or quote.speaker is None:
        return quote.person
    return None if quote.speaker.lower() in cues.PRONOUNS else quote.speaker
