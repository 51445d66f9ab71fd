"""Writing the full-text index: FTS5 on SQLite; on PostgreSQL the numbers of an article's terms, under a GIN index.

A tsvector would hold every word of the text once more, and its index a third time. Instead a number of four bytes
stands for a word, and ``index_terms`` says for which.
"""

from __future__ import annotations

from sqlalchemy import Connection, TextClause, text

from monitor.core.indexing import IndexText
from monitor.storage.dialect import is_sqlite, put, serialise

SEARCHED = ("title", "summary", "body")
"""The fields whose words are terms by themselves; a word of another field, or of one of the first two, is a term under
the field's name as well."""

_FTS_INSERT = text(
    "INSERT INTO article_index (rowid, title, summary, body, author) VALUES (:id, :title, :summary, :body, :author)"
)
_FTS_DELETE = text(
    "INSERT INTO article_index (article_index, rowid, title, summary, body, author) "
    "VALUES ('delete', :id, :title, :summary, :body, :author)"
)
NUMBERS = text("SELECT term, id FROM index_terms WHERE term = ANY(CAST(:terms AS TEXT[]))")
_NEW_TERMS = text(
    "INSERT INTO index_terms (term) SELECT unnest(CAST(:terms AS TEXT[])) ON CONFLICT DO NOTHING RETURNING term, id"
)
_ARTICLE = text(
    "INSERT INTO article_index (article_id, terms) VALUES (:id, :numbers) "
    "ON CONFLICT (article_id) DO UPDATE SET terms = excluded.terms"
)
_NO_ARTICLE = text("DELETE FROM article_index WHERE article_id = :id")


def index(connection: Connection, article_id: int, words: IndexText) -> None:
    """Make an article findable that is not in the index."""
    if is_sqlite(connection):
        put(connection, _FTS_INSERT, [{"id": article_id, **words.fields()}])
    else:
        numbers = _numbered(connection, _entries(words))
        connection.execute(_ARTICLE, {"id": article_id, "numbers": sorted(numbers)})


def unindex(connection: Connection, article_id: int, words: IndexText) -> None:
    """Take an article out of the index; ``words`` are those that it was indexed with (SQLite keeps no copy)."""
    if is_sqlite(connection):
        connection.execute(_FTS_DELETE, {"id": article_id, **words.fields()})
    else:
        connection.execute(_NO_ARTICLE, {"id": article_id})


def _entries(words: IndexText) -> set[str]:
    """What PostgreSQL's index holds of an article; see `SEARCHED`."""
    held = {name: found.split() for name, found in words.fields().items()}
    entries = {word for name in SEARCHED for word in held[name]}
    return entries.union(under(name, word) for name, found in held.items() if name != "body" for word in found)


def under(name: str, word: str) -> str:
    """A term that no word begins like."""
    return f":{name}:{word}"


def _numbered(connection: Connection, entries: set[str]) -> list[int]:
    """The numbers of the terms; those that are new get one, one transaction at a time."""
    known = _known(connection, NUMBERS, entries)
    if entries - known.keys():
        serialise(connection, "index terms")
        known |= _known(connection, NUMBERS, entries - known.keys())
    if entries - known.keys():
        known |= _known(connection, _NEW_TERMS, entries - known.keys())
    return list(known.values())


def _known(connection: Connection, statement: TextClause, entries: set[str]) -> dict[str, int]:
    return {row.term: row.id for row in connection.execute(statement, {"terms": list(entries)})}
