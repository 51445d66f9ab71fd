"""Quotations: direct speech with its place in the text and its speaker."""

from __future__ import annotations

from monitor.core.quotes.reading import quotes

__all__ = ["quotes"]
