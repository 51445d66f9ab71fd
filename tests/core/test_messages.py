"""Messages: what people and programs read, and what hostile text does not do to them."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from monitor.core.messages import (
    Channel,
    Item,
    Report,
    StoryInfo,
    encode,
    render,
    render_correction,
    render_digest,
    render_notice,
)
from monitor.core.messages.card import Piece, mark
from monitor.core.query.vocabulary import ANY_VOCABULARY
from monitor.core.rulebook import RuleBook
from monitor.model import Quote, Span, TopicMatch, TopicTerm
from tests.support.alerts import ALERT, BODY, NOW, RULE, STORY, TITLE, make_article, make_message
from tests.support.messages import KINDS, SCHEMA, VALIDATOR, Tree, parsed_mail

# --- what an analyst reads -------------------------------------------------------------------------


def test_the_mail_says_what_was_reported_where_and_why_it_came():
    message = make_message("email")
    html = "".join(Tree(message.html).text)
    for text in (message.text, html):
        for words in (
            "Valley Courier · R. Nazarov · 24 Nov 2026, 06:12 UTC · English",
            "first report of a new story",
            "3 reports by 2 sites, 1 of them a copy",
            "Пограничный переход закрыт",
            "Steppe Wire, 24 Nov 2026, 06:12 UTC",
            "Mirror, a copy",
            "Uzbekistan",
            "border security",
            "“a decision that nobody on this side was asked about”",
            "Aziza Karimova",
            "(deport* OR migrants) AND border NOT football",
            "For the Central Asia desk.",
            "monitor show 48213",
        ):
            assert words in text, words
    assert "https://valley-courier.example/2026/11/24/hand-over?a=1&b=2" in message.text


def test_what_a_follow_up_has_to_tell_stands_before_the_text():
    alert = {"reason": "follow-up: another number: 14 people (told: 12 people)", "news": ("number",)}
    message = make_message("email", alert=alert)
    assert message.text.index("\nFollow-up: another number: 14") < message.text.index("Border* guards")
    assert "Occasion" not in message.text
    assert message.html.index("Follow-up: another number: 14") < message.html.index("</mark> guards")


def test_a_feed_that_has_the_name_of_its_site_is_named_once():
    message = make_message("email", replace(make_article(site="Valley Courier"), feed="Valley Courier"))
    assert "\nValley Courier · R. Nazarov" in message.text


def test_a_story_of_one_report_is_not_spoken_of():
    alone = StoryInfo(story=replace(STORY.story, articles=1, copies=0, sites=1))
    channel = Channel(name="desk", kind="email", host="example.org")
    message = render(ALERT, make_article(), alone, channel, rule=RULE, spans=())
    assert "The story" not in message.text + message.html


def test_matched_words_stand_out_in_their_context():
    message = make_message("email")
    assert "agree to hand over *migrants* as *border* post closes" in message.text
    assert "the *deportation* of seasonal workers" in message.text
    assert Tree(message.html).marked == ["migrants", "border", "Border", "migrants", "deportation"]


def test_a_rule_for_a_topic_shows_the_words_that_counted_for_it():
    article = make_article()
    start = article.analysis.text.body.index("Trade in the valley")
    counted = TopicTerm(term="trade", field="body", start=start, end=start + 5, weight=1.0)
    topics = (
        TopicMatch(name="commerce", score=0.9, terms=(counted,)),
        TopicMatch(name="border-security", score=0.8),
    )
    article = replace(article, analysis=replace(article.analysis, topics=topics))
    cases = (("topic:commerce country:UZ", True), ("@prices", True), ("@all", True), ("topic:border-security", False))
    for query, wanted in cases:
        rule = replace(RULE, query=query)
        names = {"prices": "country:UZ topic:commerce>=0.5", "all": "topic:arms OR @prices"}
        named = RuleBook([rule], names, ANY_VOCABULARY).topics_of(rule.name)
        message = render(ALERT, article, STORY, Channel(name="desk", kind="email"), rule=rule, topics=named)
        assert ("*Trade* in the valley" in message.text) == ("<mark>Trade</mark>" in message.html) == wanted


def test_without_hits_in_the_body_the_lead_is_shown():
    article = make_article()
    channel = Channel(name="desk", kind="email", host="example.org")
    message = render(ALERT, article, None, channel, rule=RULE, spans=())
    assert "Tashkent. Border guards of the three republics" in message.text
    assert "The story" not in message.text


def test_a_feed_text_stands_in_for_a_missing_body():
    message = make_message("email", make_article(body="", summary="Short word of a border closed."))
    assert "Short word of a *border* closed." in message.text


def test_a_long_text_is_quoted_where_most_terms_are_said():
    filler = "Nothing of note happened in the capital on that day. " * 40
    hit = "The border police spoke of the deportation of migrants."
    message = make_message(
        "email", make_article(body=f"Lead.\n\n{filler}\n\n{'border ' * 3}\n\n{filler}\n\n{hit}\n\n{filler}")
    )
    assert "The *border* police spoke of the *deportation* of *migrants*." in message.text
    assert len(message.text) < 4000


def test_the_three_places_with_most_terms_are_quoted_in_the_order_of_the_text():
    filler = "Nothing of note happened in the capital on that day. " * 20
    places = [
        "One border here.",
        "A border for migrants, deported.",
        "A border again.",
        "Migrants at a border.",
        "The border is deportation.",
    ]
    text = make_message("email", make_article(body=f"\n\n{filler}\n\n".join(places))).text
    at = [
        text.find(words)
        for words in ("*border* for *migrants*", "*Migrants* at a *border*", "The *border* is *deportation*")
    ]
    assert -1 < at[0] < at[1] < at[2]
    assert "One" not in text
    assert "again" not in text


def test_quotations_with_a_speaker_come_first_and_what_is_left_out_is_said():
    article = make_article()
    said = [Quote(f"Words number {n} of a man in the street", None, 0, 5) for n in range(4)]
    quotes = (*said, Quote("Words of the governor herself", "Aziza Karimova", 0, 5))
    reports = tuple(Report(title=f"Report {n}", url=f"https://r.example/{n}", site="R") for n in range(7))
    article = replace(article, analysis=replace(article.analysis, quotes=quotes))
    text = make_message("email", article, story=replace(STORY, reports=reports)).text
    order = [text.find(words) for words in ("of the governor", "number 0", "number 1")]
    assert -1 < order[0] < order[1] < order[2]
    assert "number 2" not in text
    assert "Report 4" in text
    assert "Report 5" not in text
    assert "Shortened here: quotations, other reports." in text


def test_right_to_left_text_is_laid_out_by_its_own_direction():
    html = make_message("email", make_article(title="إغلاق المعبر الحدودي", lang="ar")).html
    assert '<h1 dir="auto" lang="ar">' in html


def test_high_priority_is_said():
    message = make_message("email", alert={"priority": "high"})
    assert message.headers["Importance"] == "high"
    assert "high priority" in message.html
    assert "high priority" in json.dumps(make_message("slack", alert={"priority": "high"}).payload)


def test_an_undated_article_says_so():
    assert "undated, seen 24 Nov 2026, 06:12 UTC" in make_message("email", make_article(published=None)).text


def make_digest(kind, *, count=4, **changes):
    alert = replace(
        ALERT, kind="digest", story_id=None, reason="digest: 4 reports since 2026-11-23 06:00 UTC", **changes
    )
    items = [
        Item(
            article=replace(
                make_article(title=f"Report {n}"), id=n, story_id=n // 2 + 1, url=f"https://news.example/{n}"
            ),
            news="another country: Kazakhstan" if n == 1 else "first report of a new story",
        )
        for n in range(count)
    ]
    return render_digest(alert, items, Channel(name="desk", kind=kind, host="example.org"), rule=RULE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_digest_lists_every_report_with_its_address(kind):
    message = make_digest(kind)
    whole = message.text + json.dumps(message.payload, ensure_ascii=False)
    for n in range(4):
        assert f"Report {n}" in whole.replace("\\", "")
        assert f"https://news.example/{n}" in whole
    assert message.thread == "rule-border-deportations"


def test_a_digest_reads_by_topic_then_story_the_best_first():
    message = make_digest("email")
    assert message.subject == "border-deportations: 4 reports in 2 stories"
    html = "".join(Tree(message.html).text)
    for text in (message.text, html):
        places = [text.index(f"Report {n}") for n in range(4)]
        assert places == sorted(places)
        assert "another country: Kazakhstan" in text
        assert "digest: 4 reports since" in text
    assert "\n  - Report 1" in message.text, "a further report of a story stands below its best"
    assert ("li", {"dir": "auto", "class": "further"}) in Tree(message.html).tags


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 1, 500])
def test_a_digest_of_any_length_fits_and_says_what_is_left_out(kind, count):
    message = make_digest(kind, count=count)
    size = len(encode(message.payload))
    assert size <= (28_000 if kind == "teams" else 20_000) * (
        2 if kind in {"slack", "teams", "discord", "mattermost"} else 1
    )
    if count == 500:
        assert (
            "440 more" in message.text + json.dumps(message.payload) or "items" in message.payload["data"]["truncated"]
        )


def test_a_correction_shows_what_is_gone_and_what_is_new():
    before = make_article(title="Twelve people held at the border")
    after = make_article(title="Fourteen people held at the border")
    alert = replace(ALERT, kind="correction", reason="an article that was alerted is changed by its publisher")
    mail = render_correction(alert, before, after, Channel(name="desk", kind="email", host="example.org"), rule=RULE)
    assert mail.subject == "Correction: Fourteen people held at the border"
    assert "Title: [-Twelve-] {+Fourteen+} people held at the border" in mail.text
    tags = [tag for tag, _ in Tree(mail.html).tags]
    assert "del" in tags
    assert "ins" in tags
    hook = render_correction(alert, before, after, Channel(name="hook", kind="webhook"), rule=RULE)
    VALIDATOR.validate(json.loads(encode(hook.payload)))
    assert hook.payload["data"]["changes"][0]["words"][0] == {"operation": "gone", "text": "Twelve"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_drill_is_marked(kind):
    channel = Channel(name="desk", kind=kind, host="example.org")
    message = render_notice("d1", "drill", "Test of channel desk", ["Nothing happened."], channel, at=NOW)
    assert "drill" in (message.subject + message.text + json.dumps(message.payload)).lower()
    assert "Nothing happened." in message.text + json.dumps(message.payload)


def test_a_message_is_the_same_each_time():
    assert all(make_message(kind) == make_message(kind) for kind in KINDS)


# --- the webhook's contract ------------------------------------------------------------------------


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_the_payload_keeps_the_published_schema():
    payload = json.loads(encode(make_message("webhook").payload))
    VALIDATOR.validate(payload)
    assert payload["type"] == "alert.article"
    assert payload["data"]["truncated"] == []
    for passage in payload["data"]["passages"]:
        for start, end in passage["marks"]:
            assert re.fullmatch("border|migrants|deportation", passage["text"][start:end], re.I)
    fields = {"title": TITLE, "body": BODY}
    assert {fields[m["field"]][m["start"] : m["end"]].lower() for m in payload["data"]["matches"]} == {
        "border",
        "migrants",
        "deportation",
    }


def test_messages_without_an_article_keep_the_schema():
    channel = Channel(name="hook", kind="webhook")
    notice = render_notice("n1", "notice", "Feed gone", ["HTTP 410"], channel, at=NOW, more=("monitor feeds health",))
    for message in (notice, make_digest("webhook"), make_digest("webhook", count=0), make_digest("webhook", count=500)):
        VALIDATOR.validate(json.loads(encode(message.payload)))
    assert notice.payload["data"]["message"] == {"title": "Feed gone", "lines": ["HTTP 410"]}


def test_the_schema_refuses_what_is_not_the_contract():
    payload = json.loads(encode(make_message("webhook").payload))
    for change in ({"extra": 1}, {"version": 2}, {"topics": [{"name": "x", "score": 7}]}):
        assert not VALIDATOR.is_valid({**payload, "data": {**payload["data"], **change}})


def test_the_guide_names_every_type_and_field():
    guide = (Path(__file__).parents[2] / "docs/webhooks.md").read_text()
    data = SCHEMA["properties"]["data"]["properties"]
    for word in (
        *SCHEMA["properties"]["type"]["enum"],
        *data,
        *data["alert"]["properties"],
        *data["article"]["properties"],
    ):
        assert f"`{word}`" in guide, word


# --- marks -----------------------------------------------------------------------------------------


@given(
    text=st.text(st.sampled_from("ab ж国🚧"), max_size=40),
    places=st.lists(st.tuples(st.integers(-5, 50), st.integers(-5, 50)), max_size=8),
    bounds=st.tuples(st.integers(0, 40), st.integers(0, 40)),
)
def test_marking_loses_and_doubles_nothing(text, places, bounds):
    start, end = sorted(min(bound, len(text)) for bound in bounds)
    pieces = mark(text, start, end, [Span("body", left, right) for left, right in places])
    assert "".join(piece.text for piece in pieces) == text[start:end]
    inside = {i for left, right in places for i in range(max(left, start), min(right, end))}
    at = start
    for piece in pieces:
        assert (
            set(range(at, at + len(piece.text))) <= inside
            if piece.hit
            else not inside & set(range(at, at + len(piece.text)))
        )
        at += len(piece.text)
    assert Piece("", hit=True) not in pieces


@given(
    title=st.text(max_size=80),
    body=st.text(max_size=400),
    places=st.lists(
        st.tuples(st.sampled_from(["title", "body", "summary", "author"]), st.integers(0, 400), st.integers(0, 60)),
        max_size=6,
    ),
    kind=st.sampled_from(KINDS),
)
def test_any_text_renders_in_every_form(title, body, places, kind):
    article = make_article(title=title, body=body, published=datetime(1, 1, 1, tzinfo=UTC))
    found = [Span(field, start, start + length) for field, start, length in places]
    channel = Channel(name="desk", kind=kind, host="example.org")
    message = render(ALERT, article, STORY, channel, rule=RULE, spans=found)
    encode(message.payload)
    if kind == "email":
        parsed_mail(message)
        Tree(message.html)
    if kind == "webhook":
        VALIDATOR.validate(json.loads(encode(message.payload)))
