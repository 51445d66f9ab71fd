"""The archive and the evaluator mean the same, on both databases."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection

from monitor.core.articles import doc_of
from monitor.core.indexing import index_text, terms
from monitor.core.query import tree
from monitor.core.query.archive import Term
from monitor.core.query.matching import evaluate
from monitor.core.query.syntax import parse
from monitor.core.text import tokenise
from monitor.model import Analysis, CountryMention, Duplicate, Person, Quote, Starts, Text, TopicMatch
from monitor.storage import articles, feeds, fulltext, search
from monitor.storage import pending as pending_rows
from monitor.storage.engine import Database
from tests.core.query import made
from tests.storage.material import HOUR, NOW, add_feed, analysis, ingest, new_entry, poll

TITLES = (
    "Border guards turn back migrants",
    "Ministers meet on border security",
    "Пограничники задержали мигрантов",
    "Le président de l'Ouzbékistan à Paris",
    "Oʻzbekiston va Qozogʻiston",
    "边境安全会议在北京举行",
    "北京的安全",
    "ประชุมความมั่นคงชายแดน",
    "حرس الحدود يوقف مهاجرين",
    "सीमा सुरक्षा पर बैठक",
    "국경 안보 회의",
    "Ελλάδα και Τουρκία",
    "საქართველოს საზღვარი",
    "Erdoğan ICE ice",
    "cross-border trade 2026",
)


@pytest.fixture
def archive(database: Database) -> Database:
    """Thirty articles in many scripts, of two feeds."""

    def fill(connection: Connection) -> None:
        ids = []
        for name, numbers in (("World", range(15)), ("Other Desk", range(15, 30))):
            feed_id = add_feed(connection, name, f"https://{name[:5].lower()}.example/feed")
            for number in numbers:
                entry = new_entry(number, host=f"https://www.{name[:5].lower()}.example")
                ids += poll(connection, feed_id, [entry], at=NOW + number * HOUR)
        for number, article_id in enumerate(ids):
            title = TITLES[number % 15]
            found = analysis(
                title=title,
                summary=TITLES[(number + 1) % 15] if number % 2 else "",
                body=f"{TITLES[(number + 2) % 15]}. {title} again, said the border minister. " * (1 + number % 3),
                authors=("Ann Frontier",) if number % 4 == 0 else (),
                url=f"https://{'www.world' if number < 15 else 'news.other'}.example/a/{number}",
                site=None,
                lang=("en", "ru", None)[number % 3],
                tags=("World News", "Straße") if number % 5 == 0 else (),
                published=NOW - number * HOUR if number % 7 else None,
                topics=(TopicMatch(name="border-security", score=0.5 + number / 100),) if number % 2 else (),
                countries=(CountryMention("UZ", 1), CountryMention("KZ", 1)) if number % 3 == 0 else (),
                people=(Person("Bo Both"),) if number % 6 == 0 else (),
                quotes=(Quote("border", "she", 0, 5, "Di Quoted" if number > 9 else None),) if number % 4 == 1 else (),
            )
            ingest(connection, article_id, found, at=NOW + number * HOUR)
        pending_rows.retry(connection, [ids[4]], NOW, cause="edited")
        ingest(connection, ids[4], analysis(title="Wholly new words", body="zebra"), at=NOW + 40 * HOUR, placement=None)

    database.write_now(fill)
    return database


def expected(database: Database, query, now=NOW) -> list[int]:
    """All articles, evaluated one by one, newest first."""

    def everything(connection: Connection) -> dict:
        return articles.load(connection, list(range(1, 100)))

    found = database.read_now(everything)
    return sorted((i for i, each in found.items() if evaluate(query, doc_of(each), now) is not None), reverse=True)


QUERIES = """
border
"border security"
"边境安全"
"安全会议"
安
title:border AND NOT title:security
border -security
migrant*
title:(border OR minister*)
migrants -body:migrants
border -body:(zebra OR migrant*)
lang:en -body:migrants
author:frontier
zebra
"turn back"
border NEAR/3 guards
"border minister"~4
=ICE
Oʻzbekiston
"cross border"
ความ
ATLEAST/3(border)
lang:ru
lang:ru border
country:UZ -migrant*
country:(UZ OR DE)
topic:border-security
topic:border-security>=0.6
border topic:border-security>=0.6 -country:KZ
feed:"other desk"
site:example
site:other.example
site:news.other.example border
site:world.example -lang:ru
tag:"world news"
tag:strasse
person:"bo both"
person:"di quoted"
is:duplicate
is:edited
has:quote border
published:>=2026-03-01
published:2026-02
seen:2d
seen:<2026-03-02 border
(lang:ru OR border) AND (country:KZ OR has:quote)
border -"border security"
lang:en -is:edited
url:"https://www.world.example/a/3"
border -(lang:en OR security)
nothingofthis
""".strip().splitlines()


def test_the_archive_finds_what_the_evaluator_holds_true(archive: Database) -> None:
    for source in QUERIES:
        query = parse(source)
        wanted = expected(archive, query)
        page = archive.read_now(search.newest, query, NOW, limit=100)
        assert [hit.article.id for hit in page.hits] == wanted, source
        assert page.next is None
        counted = archive.read_now(search.count, query, NOW)
        assert (counted.total, counted.complete) == (len(wanted), True), source
        best = archive.read_now(search.relevant, query, NOW, limit=100)
        assert sorted((hit.article.id for hit in best.hits), reverse=True) == wanted, source


def test_words_are_marked_whoever_decides(archive: Database) -> None:
    """Also where the database alone decides, as of a word or a country."""
    for source in (
        "border OR country:UZ",
        "(border OR lang:ru) seen:9999d",
        "border country:UZ",
        "country:UZ -zebra",
        "lang:en",
    ):
        query = parse(source)
        hits = archive.read_now(search.newest, query, NOW, limit=100).hits
        assert hits, source
        for hit in hits:
            assert hit.spans == evaluate(query, doc_of(hit.article), NOW), source


def test_queries_of_the_list_find_something(archive: Database) -> None:
    empty = [source for source in QUERIES if not expected(archive, parse(source))]
    assert empty == ["site:example", "is:duplicate", "nothingofthis"]


def test_counts_by_group_agree_whether_or_not_articles_are_read(archive: Database) -> None:
    for source in ("border", '"border security"', "has:quote"):
        query = parse(source)
        found = archive.read_now(articles.load, expected(archive, query))
        for by in ("day", "topic", "country", "feed", "lang"):
            counted = archive.read_now(search.count, query, NOW, by=by)
            assert counted.total == len(found)
            groups = Counter(group for article in found.values() for group in search._groups_of(article, by))
            assert counted.groups == groups


def test_pages_follow_each_other_without_gap_or_overlap(archive: Database) -> None:
    query = parse("border")
    found: list[int] = []
    before = None
    for _ in range(20):
        page = archive.read_now(search.newest, query, NOW, limit=4, before=before)
        found += [hit.article.id for hit in page.hits]
        before = page.next
        if before is None:
            break
    assert found == expected(archive, query)


def test_the_most_relevant_have_the_words_in_the_title(archive: Database) -> None:
    best = archive.read_now(search.relevant, parse("border security"), NOW, limit=2)
    assert all("border security" in hit.article.analysis.text.title for hit in best.hits)
    assert best.hits[0].spans


def test_ranking_says_how_many_there_would_have_been(archive: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    query = parse("border")
    there = len(expected(archive, query))
    assert archive.read_now(search.relevant, query, NOW, limit=2).selected is None
    monkeypatch.setattr(search, "RANKED", there)
    assert archive.read_now(search.relevant, query, NOW, limit=2).selected is None
    monkeypatch.setattr(search, "RANKED", 1)
    cut = archive.read_now(search.relevant, query, NOW, limit=2)
    assert cut.selected == there
    assert cut.examined <= 2


def test_pruned_and_pending_articles_are_not_found(archive: Database) -> None:
    feed_id = archive.read_now(feeds.find_feed, "World").id
    archive.write_now(poll, feed_id, [new_entry(500, title="zebra")])
    assert len(archive.read_now(search.newest, parse("zebra"), NOW).hits) == 1
    (pending,) = archive.write_now(poll, feed_id, [new_entry(501, title="zebra")])
    archive.write_now(pending_rows.set_aside, pending, "hung")
    assert len(archive.read_now(search.newest, parse("zebra"), NOW).hits) == 2


def fill_at_random(connection: Connection, chance: random.Random) -> None:
    feed_ids = [add_feed(connection, name, f"https://{name[:4]}.example/") for name in ("World News", "Desk")]
    for number in range(80):
        hours = timedelta(hours=chance.randrange(200))
        (article_id,) = poll(connection, chance.choice(feed_ids), [new_entry(number)], at=made.NOW - hours)

        def prose(most: int) -> str:
            return "".join(chance.choice(made.WRITTEN) + chance.choice("   .,") for _ in range(chance.randrange(most)))

        def some(*things):
            return tuple(chance.sample(things, chance.randrange(len(things) + 1)))

        text = Text(
            title=prose(6),
            summary=prose(4),
            body=prose(14),
            authors=some("Alfa Beta", "Gamma"),
            url=f"https://{chance.choice(('example.org', 'news.example.org', 'badexample.org'))}/{number}",
            lang=chance.choice((None, "en", "ru")),
            tags=some("World", "Asia"),
            published=chance.choice((None, made.NOW - hours)),
        )
        found = Analysis(
            text=text,
            topics=tuple(
                TopicMatch(name=name, score=chance.choice((0.5, 0.75))) for name in some("migration", "trade")
            ),
            countries=tuple(CountryMention(code, 1) for code in some("UZ", "KZ", "RU")),
            people=tuple(Person(name) for name in some("Tom Beta", "Ann Alfa")),
            quotes=some(Quote("x", None, 0, 1)),
        )
        copy = Duplicate(of=1, story_id=None, similarity=1.0, why="")
        ingest(connection, article_id, found, placement=copy if number and chance.random() < 0.3 else Starts())
        if chance.random() < 0.3:
            pending_rows.retry(connection, [article_id], NOW, cause="edited")
            ingest(connection, article_id, replace(found, text=replace(text, body=prose(14) + " x")), placement=None)


@pytest.mark.parametrize(("dialect", "compared"), [("sqlite", 0), ("postgresql", 0), ("postgresql", 14)])
def test_generated_queries_mean_the_same_in_the_archive(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, dialect: str, compared: int
) -> None:
    """The differential test; documents and queries share few words, so that most queries find something.

    PostgreSQL's windows are so narrow that a page takes several, of rows compared one by one and of the index of terms.
    """
    monkeypatch.setattr(fulltext, "WINDOW", 7)
    monkeypatch.setattr(fulltext, "COMPARED", compared)
    with Database.open(request.getfixturevalue(f"{dialect}_address")) as database:
        database.write_now(fill_at_random, random.Random(7))
        everything = list(database.read_now(articles.load, list(range(1, 100))).values())
        docs = {each.id: doc_of(each) for each in everything}

        @settings(
            max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
        )
        @given(made.roots)
        def same(root) -> None:
            query = tree.Query(root)
            wanted = sorted((i for i, doc in docs.items() if evaluate(query, doc, made.NOW) is not None), reverse=True)
            page = database.read_now(search.newest, query, made.NOW, limit=1000)
            assert [hit.article.id for hit in page.hits] == wanted, str(query)
            assert database.read_now(search.count, query, made.NOW).total == len(wanted), str(query)

        same()


def test_every_word_of_every_script_is_one_term_of_the_index(database: Database) -> None:
    text = " ".join(TITLES) + " Ⅻ ﬁsh 𝒳 ९९ שָׁלוֹם ՀայԱստան ꦗꦮ 𐐷𐐲 İstanbul naïve e\u0301 ﷺ"

    def fill(connection: Connection) -> int:
        feed_id = add_feed(connection)
        (article_id,) = poll(connection, feed_id, [new_entry(1)])
        ingest(connection, article_id, analysis(title="x", body=text, summary=""))
        return article_id

    article_id = database.write_now(fill)
    for word in set(terms(tokenise(text).words)):
        for fields in (("body",), search_fields):
            sql_ids = database.read_now(find, word, fields)
            assert sql_ids == [article_id], word
        assert database.read_now(find, word, ("author",)) == []


search_fields = ("title", "summary", "body")


def find(connection: Connection, word: str, fields: tuple[str, ...]) -> list[int]:
    words = fulltext.Words(connection, {})
    matching = words.matching([Term(word, fields)], [])
    pages = fulltext.newest_first(connection, "true", words.values, matching=matching, before=10**9, wanted=lambda: 10)
    return [article_id for ids in pages for article_id in ids]


def test_a_phrases_terms_are_among_those_of_every_text_that_has_it() -> None:
    text = "这是边境安全会议 border security ประชุม"
    body = set(index_text("", "", text, ()).body.split())
    for phrase in ("边境安全", "安全会议 border", "security ปร"):
        assert set(terms(tokenise(phrase).words)) <= body
    assert not set(terms(tokenise("安境").words)) <= body


def test_a_text_beyond_the_size_of_a_tsvector_is_stored_and_found(database: Database) -> None:
    """T18, T37: two million different letters; on PostgreSQL found although not all of it fits."""
    long = " ".join(f"wort{number}" for number in range(200_000))

    def fill(connection: Connection) -> None:
        feed_id = add_feed(connection)
        (article_id, other) = poll(connection, feed_id, [new_entry(1), new_entry(2)])
        ingest(connection, article_id, analysis(body=long))
        ingest(connection, other, analysis(body="short"))

    database.write_now(fill)
    for source in ("wort5", "wort199999", "wort19999*", "wort199999 -wort5x", "lang:en wort199999"):
        assert len(database.read_now(search.newest, parse(source), NOW).hits) == 1, source
    assert len(database.read_now(search.newest, parse("talks -wort199999"), NOW).hits) == 1
