"""PostgreSQL's full-text index holds numbers of terms instead of the words of every article.

Revision ID: 0005
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from monitor.core.indexing import index_text
from monitor.storage import indexing

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A word was under weight A in the title and B in the summary; those of authors began with @.
OLD = """
SELECT i.article_id,
  CASE WHEN lexeme LIKE '@%' THEN ':author:' || substr(lexeme, 2) ELSE lexeme END AS term, weights
FROM words_before_0005 i, unnest(i.words) WHERE NOT i.partial
"""
EVERY = f"""
SELECT article_id, term FROM ({OLD}) each
UNION SELECT article_id, ':title:' || term FROM ({OLD}) each WHERE 'A' = ANY (weights) AND term NOT LIKE ':author:%'
UNION SELECT article_id, ':summary:' || term FROM ({OLD}) each WHERE 'B' = ANY (weights) AND term NOT LIKE ':author:%'
"""  # noqa: S608 - own words


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    op.execute("ALTER TABLE article_index RENAME TO words_before_0005")
    op.execute(
        'CREATE TABLE index_terms (term TEXT COLLATE "C" PRIMARY KEY, id INTEGER GENERATED ALWAYS AS IDENTITY NOT NULL)'
    )
    op.execute(
        "CREATE TABLE article_index ("
        "article_id BIGINT CONSTRAINT article_terms_pkey PRIMARY KEY REFERENCES articles ON DELETE CASCADE, "
        "terms INTEGER[] NOT NULL)"
    )
    # beside the row the terms would not count in what the planner thinks that reading them costs
    op.execute("ALTER TABLE article_index ALTER COLUMN terms SET STORAGE MAIN")
    op.execute(f"INSERT INTO index_terms (term) SELECT DISTINCT term FROM ({EVERY}) each ORDER BY 1")  # noqa: S608
    op.execute(
        "INSERT INTO article_index (article_id, terms) "  # noqa: S608 - own words
        f"SELECT article_id, array_agg(id ORDER BY id) FROM ({EVERY}) each JOIN index_terms USING (term) GROUP BY 1"
    )
    partial = sa.text(
        "SELECT a.id, a.title, a.authors, t.summary, t.body FROM articles a "
        "JOIN article_texts t ON t.article_id = a.id JOIN words_before_0005 w ON w.article_id = a.id WHERE w.partial"
    )
    for row in connection.execute(partial).all():
        indexing.index(connection, row.id, index_text(row.title, row.summary, row.body, json.loads(row.authors)))
    op.execute("DROP TABLE words_before_0005")
    op.execute(
        "CREATE INDEX ix_article_index_terms ON article_index USING gin (terms) WITH (gin_pending_list_limit = 512)"
    )
    op.execute("ANALYZE article_index")  # the planner would take it for empty
