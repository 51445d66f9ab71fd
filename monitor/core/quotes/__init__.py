"""Quotations: direct speech with its place in the text and its speaker."""

from __future__ import annotations

from monitor.core.quotes.reading import quotes, speaker_of

__all__ = ["quotes", "speaker_of"]
