"""What a page says: body, title, authors, dates, and whether it is an article at all.

``extraction.extract`` reads a page, ``plain.extract_text`` a text without markup. Nothing is imported here, because the
extractor takes half a second to import and ``furniture`` is needed without it.
"""
