"""Alerts that tell of many articles: groups, what waits in them, acknowledgements; channels that ask for a pause.

Revision ID: 0002
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = "state IN ('pending', 'retry')"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("group_key", sa.Text(), nullable=False, server_default=""))
    op.add_column("alerts", sa.Column("news", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("channels", sa.Column("held_until", sa.BigInteger(), nullable=True))
    op.add_column("silences", sa.Column("warned_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "alert_groups",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("last_sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alert_groups")),
    )
    op.create_index(op.f("ix_alert_groups_due_at"), "alert_groups", ["due_at"], unique=False)
    op.create_table(
        "alert_items",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("article_id", ROW_ID, nullable=False),
        sa.Column("article_version", sa.Integer(), nullable=False),
        sa.Column("story_id", ROW_ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=True),
        sa.Column("news", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_alert_items_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rule", "article_id", "article_version", name=op.f("pk_alert_items")),
    )
    for columns in (["article_id"], ["rule", "story_id"], ["group_key", "alert_id"], ["alert_id"]):
        op.create_index(op.f(f"ix_alert_items_{'_'.join(columns)}"), "alert_items", columns, unique=False)
    op.create_table(
        "acknowledgements",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("story_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("news", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "story_id", name=op.f("pk_acknowledgements")),
    )
    op.create_index(
        "ix_deliveries_channel_due",
        "deliveries",
        ["channel", "next_attempt_at"],
        sqlite_where=sa.text(WAITING),
        postgresql_where=sa.text(WAITING),
    )
    op.execute(
        "INSERT INTO alert_items (rule, article_id, article_version, story_id, at, group_key, alert_id, news) "
        "SELECT m.rule, m.article_id, m.article_version, a.story_id, a.created_at, '', a.id, '' "
        "FROM matches m JOIN alerts a ON a.id = m.alert_id"
    )
    _rename_once_per()


def _rename_once_per() -> None:
    """Rules that were added by command; those of the file are read anew at every start."""
    rules = sa.table("rules", sa.column("name", sa.Text()), sa.column("definition", sa.Text()))
    connection = op.get_bind()
    for name, kept in connection.execute(sa.select(rules.c.name, rules.c.definition)).all():
        definition = json.loads(kept)
        definition["trigger"] = "each" if definition.pop("once_per", "story") == "article" else "story"
        changed = json.dumps(definition, ensure_ascii=False, separators=(",", ":"))
        connection.execute(rules.update().where(rules.c.name == name).values(definition=changed))
