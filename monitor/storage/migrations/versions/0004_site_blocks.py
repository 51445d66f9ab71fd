"""Lines that recur on a site are found without a look at those that do not.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RECURS = "articles >= 5"


def upgrade() -> None:
    op.create_index(
        op.f("ix_site_blocks_recurring"),
        "site_blocks",
        ["site", "seen"],
        sqlite_where=sa.text(RECURS),
        postgresql_where=sa.text(RECURS),
    )
