"""What a page says: body, title, authors, dates, and whether it is an article at all."""

from monitor.core.pages.extraction import extract
from monitor.core.pages.plain import extract_text

__all__ = ["extract", "extract_text"]
