"""Quotations: direct speech with its place in the text and its speaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.loading import late_names

if TYPE_CHECKING:
    from monitor.core.quotes.reading import quotes
    from monitor.core.quotes.speaker import speaker_of

__all__ = ["quotes", "speaker_of"]

if not TYPE_CHECKING:
    __getattr__ = late_names(__name__, {"reading": "quotes", "speaker": "speaker_of"})
