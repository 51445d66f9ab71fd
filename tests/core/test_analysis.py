"""Page and entry to what an article says: which text stands in for which, and that the steps come together."""

from datetime import UTC, datetime

from monitor.core.analysis import analyse, analyse_text
from monitor.core.material import Material, Page
from monitor.core.topics import load_pack
from monitor.model import ParsedEntry

WHEN = datetime(2026, 5, 4, 8, tzinfo=UTC)
PACK = load_pack([("own.toml", '[topics.ferries]\nterms = ["ferry", "ferries"]\nstrong = ["title:ferry"]\n')])
SAID = [
    "The ferry between Batumi and Varna starts again on Monday, the Georgian transport ministry said, after a long pause.",
    '"The ferry belongs to both harbours," said Nino Beridze, deputy transport minister of Georgia, at the quay.',
    "Bulgaria will pay for the repair of the ramp. Two ferries a week are planned until the autumn, the ministry said.",
]
ENTRY = ParsedEntry(
    guid="1", url="https://news.example/ferry", title="Ferry to Varna starts again", summary="The ferry starts again.",
    authors=("Desk",), published=WHEN, tags=("Transport",),
)  # fmt: skip


def page(markup):
    return Page(body=markup.encode(), url="https://news.example/ferry", content_type="text/html; charset=utf-8")


def article(paragraphs):
    said = "".join(f"<p>{each}</p>" for each in paragraphs)
    return f"<!doctype html><html lang=en><head><title>x</title></head><body><article><h1>{ENTRY.title}</h1>{said}</article></body></html>"


def test_the_page_is_the_text_and_all_steps_read_it():
    found = analyse(Material(entry=ENTRY, url=ENTRY.url, page=page(article(SAID)), published=WHEN), PACK)
    assert found.body_status == "page"
    assert found.text.title == "Ferry to Varna starts again"
    assert "ramp" in found.text.body
    assert (found.text.lang, found.text.published, found.text.site) == ("en", WHEN, "news.example")
    assert {mention.code for mention in found.countries} >= {"GE", "BG"}
    assert [topic.name for topic in found.topics] == ["ferries"]
    [quote] = found.quotes
    assert found.text.body[quote.start : quote.end] == quote.text
    assert "Beridze" in (quote.person or quote.speaker)
    assert any(person.name == "Nino Beridze" for person in found.people)
    assert found.fingerprint.bands


def test_without_a_page_the_feeds_text_stands_in_and_says_why():
    found = analyse(
        Material(entry=ENTRY, url=ENTRY.url, no_page="robots", no_page_detail="robots.txt", published=WHEN), PACK
    )
    assert (found.body_status, found.body_detail) == ("robots", "robots.txt")
    assert found.text.body == "The ferry starts again."
    assert found.text.summary == "", "one text is not counted twice"


def test_a_wall_does_not_become_the_article():
    wall = "<!doctype html><html><head><title>Just a moment...</title></head><body><p>Checking your browser</p></body></html>"
    found = analyse(Material(entry=ENTRY, url=ENTRY.url, page=page(wall), published=WHEN), PACK)
    assert found.body_status != "page"
    assert found.text.body == "The ferry starts again."


def test_pasted_text_is_read_too():
    found = analyse_text("\n\n".join([ENTRY.title, *SAID]), PACK, title=None, url="", published=None, lang=None)
    assert found.text.title == ENTRY.title
    assert found.text.body.startswith("The ferry between Batumi")
    assert found.text.site is None
