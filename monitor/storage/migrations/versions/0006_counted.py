"""What rules count stands beside their matches, and since when each rule has been counting.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """The daemon fills the table from the archive for each rule that has no ``counting_since``."""
    op.create_table(
        "counted",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("article_id", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_counted_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rule", "article_id", name=op.f("pk_counted")),
    )
    op.create_index(op.f("ix_counted_article_id"), "counted", ["article_id"], unique=False)
    op.create_index(op.f("ix_counted_rule_at"), "counted", ["rule", "at"], unique=False)
    op.add_column("rules", sa.Column("counting_since", sa.BigInteger(), nullable=True))
