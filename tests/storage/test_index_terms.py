"""PostgreSQL's index of the numbers of terms: what becomes of one that held words, and of a word that is new to two."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import psycopg
import pytest
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from monitor.core.indexing import index_text
from monitor.core.query.syntax import parse
from monitor.storage import indexing, search, upgrade
from monitor.storage.engine import Database
from tests.storage.material import NOW, add_feed, new_entry, poll

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


@pytest.mark.postgresql
def test_two_that_meet_a_new_word_at_once_give_it_one_number(postgresql_address):
    def two(connection):
        return poll(connection, add_feed(connection), [new_entry(1), new_entry(2)])

    def index(connection, article_id, wait_for, done):
        assert wait_for.wait(20)
        indexing.index(connection, article_id, index_text("unheard word", "", f"of {article_id}", ()))
        done.set()
        sleep(0.3)  # not committed yet: the other must wait, whoever comes first

    with Database.open(postgresql_address) as database, ThreadPoolExecutor(2) as pool:
        ids = database.write_now(two)
        first, second, last = Event(), Event(), Event()
        first.set()
        for work in [
            pool.submit(database.write_now, index, ids[0], first, second),
            pool.submit(database.write_now, index, ids[1], second, last),
        ]:
            work.result()
        held = database.read_now(lambda c: c.scalars(text("SELECT term FROM index_terms ORDER BY term")).all())
        assert held == [*sorted(map(str, ids)), ":title:unheard", ":title:word", "of", "unheard", "word"]
        terms = database.read_now(lambda c: c.scalars(text("SELECT terms FROM article_index")).all())
        assert [len(numbers) for numbers in terms] == [6, 6]
        assert len(set(terms[0]) & set(terms[1])) == 5
