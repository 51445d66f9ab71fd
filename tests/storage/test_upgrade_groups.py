"""A database of the first schema keeps what it told, and its rules mean the same in the new words."""

import json
import sqlite3
from contextlib import closing

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from monitor.storage import alerts, groups, upgrade
from monitor.storage import rules as rule_rows
from monitor.storage.engine import Database
from monitor.storage.sqlite_file import APPLICATION_ID


def first_schema(path):
    """The database as the first version left it."""
    config = Config()
    config.set_main_option("script_location", str(upgrade.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    engine = create_engine(f"sqlite:///{path}")
    steps = EnvironmentContext(config, scripts, fn=lambda current, _: scripts._upgrade_revs("0001", current))
    with engine.begin() as connection, steps:
        steps.configure(connection=connection)
        steps.run_migrations()
    engine.dispose()
    path.chmod(0o600)


def test_what_was_told_is_not_told_again_after_an_upgrade(tmp_path):
    path = tmp_path / "monitor.db"
    first_schema(path)
    rule = {"name": "old", "query": "border", "channels": ["mail"], "origin": "command", "version": "v"}
    with closing(sqlite3.connect(path)) as old, old:
        old.execute(f"PRAGMA application_id={APPLICATION_ID}")
        old.execute("INSERT INTO meta VALUES ('program', 'monitor')")
        old.execute(
            'INSERT INTO feeds (id, listed_key, listed_url, url, origin, created_at, name, "group", tags, tier, '
            "fetch_pages, enabled) VALUES (1, x'00', 'u', 'u', 'config', 0, 'F', 'default', '[]', 2, 1, 1)"
        )
        old.execute(
            "INSERT INTO stories (id, title, first_at, last_at, articles, copies, sites) VALUES (7, 't', 0, 0, 1, 0, 1)"
        )
        old.execute(
            "INSERT INTO articles (id, address, canonical_url, url, feed_id, seen, backlog, state, cause, title, authors, "
            "tags, body_status, story_id) VALUES (5, x'05', 'u', 'u', 1, 0, 0, 'done', 'new', 't', '[]', '[]', 'page', 7)"
        )
        old.execute(
            "INSERT INTO alerts (id, key, rule, rule_version, article_id, story_id, created_at, priority, channels, kind, "
            "reason) VALUES ('01a', 'story:7:1:old', 'old', 'v', 5, 7, 1000000, 'normal', '[\"mail\"]', 'article', 'first')"
        )
        old.execute(
            "INSERT INTO matches (article_id, rule, article_version, rule_version, at, spans, alert_id) "
            "VALUES (5, 'old', 1, 'v', 1000000, '[]', '01a')"
        )
        for name, words in (("old", {"once_per": "article"}), ("story", {"once_per": "story"}), ("plain", {})):
            definition = json.dumps(rule | {"name": name} | words)
            old.execute("INSERT INTO rules VALUES (?, 'command', 'v', 1, ?, 0)", (name, definition))
    with Database.open(path, check=True) as database:
        triggers = {each.name: each.trigger for each in database.read_now(rule_rows.list_rules)}
        assert triggers == {"old": "each", "story": "story", "plain": "story"}
        assert database.read_now(groups.items_of, "01a") == [(5, "")]
        when = database.read_now(alerts.alert, "01a").created_at
        past = database.read_now(groups.history, ["old"], article_id=6, story_id=7, duplicate_of=None, now=when)
        assert [(told.article_id, told.alert_id, told.channels) for told in past.told] == [(5, "01a", ("mail",))]
