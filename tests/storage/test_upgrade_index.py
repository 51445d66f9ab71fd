"""An archive on PostgreSQL whose index held the words of every text finds the same by the numbers of their terms."""

import psycopg
import pytest
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from monitor.core.query.syntax import parse
from monitor.storage import search, upgrade
from monitor.storage.engine import Database
from tests.storage.material import NOW

SEEN = int(NOW.timestamp() * 1_000_000)
VECTORS = {
    1: "'border':1A,3 'guards':2A '@ann':4 '@frontier':5 'zebra':3",
    2: "'border':2B 'talks':1A,3 'titles':3",
    3: "'border':1A",  # the rest did not fit
}


@pytest.fixture
def old_address(postgresql_server):
    """A database as version 0004 left it, with three articles."""
    with psycopg.connect(postgresql_server, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS before_0005")
        server.execute("CREATE DATABASE before_0005")
    address = postgresql_server.replace("/monitor?", "/before_0005?")
    config = Config()
    config.set_main_option("script_location", str(upgrade.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:", 1))
    steps = EnvironmentContext(config, scripts, fn=lambda current, _: scripts._upgrade_revs("0004", current))
    with engine.begin() as connection, steps:
        steps.configure(connection=connection)
        steps.run_migrations()
        connection.execute(text("INSERT INTO meta VALUES ('program', 'monitor')"))
        connection.execute(
            text(
                'INSERT INTO feeds (listed_key, listed_url, url, origin, created_at, name, "group", tags, tier, '
                "fetch_pages, enabled) VALUES ('\\x00', 'u', 'u', 'config', 0, 'F', 'default', '[]', 2, true, true)"
            )
        )
        for number, vector in VECTORS.items():
            connection.execute(
                text(
                    "INSERT INTO articles (id, address, canonical_url, url, feed_id, seen, backlog, state, cause, title, "
                    "authors, tags, body_status, version) VALUES (:id, CAST(:address AS BYTEA), 'u', 'u', 1, :seen, false, "
                    "'done', 'new', :title, :authors, '[]', 'page', 1)"
                ),
                {
                    "id": number,
                    "address": bytes([number]),
                    "seen": SEEN,
                    "title": ("Border guards", "Talks", "Border")[number - 1],
                    "authors": '["Ann Frontier"]' if number != 2 else "[]",
                },
            )
            connection.execute(
                text("INSERT INTO article_texts VALUES (:id, :summary, :body)"),
                {
                    "id": number,
                    "summary": "border" if number == 2 else "",
                    "body": ("border zebra", "talks titles", "much more")[number - 1],
                },
            )
            connection.execute(
                text("INSERT INTO article_index VALUES (:id, CAST(:words AS TSVECTOR), :partial)"),
                {"id": number, "words": vector, "partial": number == 3},
            )
    engine.dispose()
    return address


@pytest.mark.postgresql
def test_an_index_of_words_becomes_one_of_numbers(old_address):
    with Database.open(old_address) as database:
        for source, wanted in (
            ("border", [3, 2, 1]),
            ("title:border", [3, 1]),
            ("summary:border", [2]),
            ("body:border", [1]),
            ("author:ann", [3, 1]),
            ("title:tit*", []),
            ("tit*", [2]),
            ("more", [3]),
            ("border NOT zebra", [3, 2]),
        ):
            found = database.read_now(search.newest, parse(source), NOW)
            assert [hit.article.id for hit in found.hits] == wanted, source
            assert database.read_now(search.count, parse(source), NOW).total == len(wanted), source
        held = database.read_now(lambda c: set(c.scalars(text("SELECT term FROM index_terms"))))
        assert {"border", ":title:border", ":summary:border", ":author:frontier", "more"} <= held
        assert not any(term.startswith((":title::", "@")) for term in held)
