"""A worker that dies over a page costs no second request for it, and a page that kills workers is left out."""

from types import SimpleNamespace

import pytest

from monitor.app import Places
from monitor.errors import SandboxCrashed
from monitor.model import Document, FeedSpec
from monitor.steps.reading import fetch_page, understand
from monitor.storage import feeds as feed_rows
from monitor.storage import pending as pending_rows
from monitor.storage.engine import Database
from tests.storage.material import NOW, new_entry, poll


class Door:
    """Has one page for every address, and counts who asks."""

    def __init__(self):
        self.asked = []

    async def fetch(self, request):
        self.asked.append(request.url)
        return Document(
            url=request.url, final_url=request.url, status=200, headers={}, body=b"<p>page</p>", fetched_at=NOW
        )


class Sandbox:
    """Its first workers die; the others give back what they were asked to read."""

    def __init__(self, deaths):
        self.left = deaths

    async def run(self, function, material, topics):
        if self.left:
            self.left -= 1
            raise SandboxCrashed("the worker was killed")
        return material


@pytest.fixture
def app(tmp_path):
    with Database.open(tmp_path / "monitor.db") as database:
        feed = database.write_now(feed_rows.add_feed, FeedSpec(url="http://feeds.example/a.xml", name="A"), NOW)
        database.write_now(poll, feed.id, [new_entry(1)])
        yield SimpleNamespace(db=database, now=lambda: NOW, net=Door(), in_hand=Places(1), topics=None, sandbox=None)


async def read(app, deaths):
    app.sandbox = Sandbox(deaths)
    [(article_id, _)] = app.db.write_now(pending_rows.due_articles, NOW, 9)
    pending = app.db.read_now(pending_rows.pending_article, article_id, NOW)
    async with app.in_hand.place():
        document, no_page, detail = await fetch_page(app, pending)
    return article_id, await understand(app, pending, document, no_page, detail)


@pytest.mark.parametrize(("deaths", "no_page"), [(0, "page"), (1, "page"), (2, "poison")])
async def test_a_page_is_asked_for_once_however_many_workers_die_over_it(app, deaths, no_page):
    _, material = await read(app, deaths)
    assert app.net.asked == ["https://news.example/a/1"]
    assert material.no_page == no_page
    assert (material.page is None) == (no_page == "poison")


async def test_an_article_whose_own_text_kills_workers_is_set_aside(app):
    article_id, material = await read(app, 3)
    assert material is None
    assert len(app.net.asked) == 1
    assert app.db.read_now(pending_rows.pending_article, article_id, NOW) is None
