"""Messages: what people and programs read, and what hostile text does not do to them."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from monitor.core.messages import (
    Channel,
    Item,
    Report,
    StoryInfo,
    chat,
    encode,
    render,
    render_correction,
    render_digest,
    render_notice,
)
from monitor.core.messages.card import Piece, mark
from monitor.core.messages.mail import header_text
from monitor.model import CountryMention, Quote, Span, TopicMatch, TopicTerm
from monitor.notifiers.mail import EmailSettings, as_bytes
from tests.support.alerts import ALERT, BODY, NOW, RULE, STORY, TITLE, make_article, make_message

KINDS = ("email", "webhook", "slack", "discord", "teams", "mattermost", "command")
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/webhook-schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
SETTINGS = EmailSettings(host="mx.example.org", sender="Desk <monitor@example.org>", recipients=("a@example.org",))


class Tree(HTMLParser):
    """Every tag with its attributes, and the text; void elements are not closed."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.text, self.marked = [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)
        if self.open and self.open[-1] == "mark":
            self.marked.append(data)


def parsed_mail(message):
    return message_from_bytes(as_bytes(message, SETTINGS), policy=default)


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
    for query, wanted in (("topic:commerce country:UZ", True), ("topic:border-security", False)):
        rule = replace(RULE, query=query)
        message = render(ALERT, article, STORY, Channel(name="desk", kind="email"), rule=rule)
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


# --- mail format -----------------------------------------------------------------------------------


def test_t57_headers_and_parts():
    mail = parsed_mail(make_message("email"))
    assert mail["message-id"] == "<01kx3v9q6w8v3r5n2m7p4t1c0d@example.org>"
    assert mail["date"].datetime == NOW
    assert mail["in-reply-to"] == mail["references"] == "<story-991@example.org>"
    assert mail["list-id"] == "<border-deportations.monitor.example.org>"
    assert mail["auto-submitted"] == "auto-generated"
    assert (mail["from"], mail["to"]) == ("Desk <monitor@example.org>", "a@example.org")
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    message = make_message("email")
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == message.text
    assert html.get_content().replace("\r\n", "\n").strip() == message.html
    assert mail.defects == text.defects == html.defects == []


@pytest.mark.parametrize("title", [TITLE, "ж" * 400, "x" * 400, "国" * 400, "а б" * 200, ""])
def test_t57_the_line_is_seven_bit_and_short(title):
    data = as_bytes(make_message("email", make_article(title=title, body="ж" * 5000 + "x" * 5000)), SETTINGS)
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 998


def test_reports_of_one_story_share_a_thread_and_others_do_not():
    one = make_message("email", alert={"id": "a"})
    two = make_message("email", alert={"id": "b"})
    other = make_message("email", alert={"id": "c", "story_id": 992})
    assert one.headers["References"] == two.headers["References"] != other.headers["References"]
    assert len({m.headers["Message-ID"] for m in (one, two, other)}) == 3


HOSTILE_TITLES = [
    "Word\r\nBcc: evil@x.example",
    "Word\nSubject: other",
    "Word\x85Bcc: evil@x.example",
    "Word\u2028Bcc: evil@x.example\u2029x",
    "Word\x1c\x1d\x1e\x0b\x0cBcc: evil@x.example",
    "Wo\x00rd \x1b[31mred\x1b]8;;https://evil.example\x07",
    "\u202emoc.live\u202c \u2066x\u2069",
    "x" * 10_000,
    "слово " * 2000,
    "=?utf-8?q?Word=0D=0ABcc:_evil=40x.example?=",
    "=?utf-8?b?V29yZA0KQmNjOiBldmlsQHguZXhhbXBsZQ==?= =?utf-8?q??=",
    '"x" <evil@x.example>',
    "a@b.example, c@d.example;",
    "\ud800\udfff lone \udc00",
    "\ufffe\uffff\U0001ffff",
    "e" + "\u0301" * 10_000,
    "",
    " \t\n ",
    ":;,<>[]()\\\"'",
]


@pytest.mark.parametrize("title", HOSTILE_TITLES)
def test_t55_a_hostile_title_adds_no_header_and_no_recipient_and_is_delivered(title):
    article = make_article(title=title, body=title, site=title, authors=(title,))
    message = make_message("email", replace(article, feed=title), rule={"name": title or "x", "note": title})
    mail = parsed_mail(message)
    expected = {"from", "to", "subject", "message-id", "date", "in-reply-to", "references", "list-id", "auto-submitted"}
    expected |= {"x-monitor-alert", "mime-version", "content-type"}
    assert {name.lower() for name in mail.keys()} == expected  # noqa: SIM118 - a mail is no mapping
    assert len(mail.keys()) == len(expected)
    assert [address.addr_spec for address in mail["to"].addresses] == ["a@example.org"]
    assert len(mail["subject"]) <= 200
    assert mail["subject"].isprintable()
    assert mail["subject"] == message.subject
    assert not set(message.text + message.html) & set("\x00\x1b\x85\u2028\u202e\u2066\ud800\udc00")


@given(st.text(st.characters(), max_size=300))
@example("00000¡¡¡¡¡¡¡ࠀ𐀀𐀀𐀀𐀀𐀀 ¡ ¡")
def test_t55_any_text_makes_a_header_that_reads_back(title):
    value = header_text(title)
    mail = parsed_mail(replace(make_message("email"), subject=value))
    assert mail["subject"] == value
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", value)


# --- hostile text in HTML and chats ----------------------------------------------------------------

INJECTIONS = [
    "<script>alert(1)</script>",
    "</mark></h1><img src=https://evil.example/pixel.png onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "'><a href=javascript:alert(1)>",
    "{{7*7}} {{''.__class__.__mro__}} {% raw %}",
    "${7*7} %s %(x)s {0} {card}",
    "<!channel> <@U123> <https://evil.example|click>",
    "@everyone @here @channel <@&1>",
    "[x](javascript:alert(1)) ![i](https://evil.example/i.png)",
    "**bold** _it_ ~~no~~ `code` ||spoiler|| > quote\n# head",
    "＜script＞ &lt;script&gt; &#60;",
    "--></style><style>*{display:none}</style><!--",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_t61_text_stays_text_in_the_html(text):
    evil = f"border {text}"
    quote = Quote(evil, evil, 0, 5)
    article = make_article(title=evil, body=evil, site=evil, authors=(evil,), lang="en")
    article = replace(
        article,
        feed=evil,
        analysis=replace(
            article.analysis,
            quotes=(quote,),
            topics=(TopicMatch(name=evil, score=1.0),),
            countries=(CountryMention(evil, 1),),
        ),
    )
    story = replace(STORY, reports=(Report(title=evil, url="https://ok.example/", site=evil),))
    plain = Tree(make_message("email", story=replace(STORY, reports=STORY.reports[:1])).html)
    tree = Tree(make_message("email", article, story=story, rule={"note": evil, "query": evil}).html)
    assert {tag for tag, _ in tree.tags} <= {tag for tag, _ in plain.tags}
    for tag, attributes in tree.tags:
        assert not {
            name for name in attributes if name.startswith("on") or name in {"src", "srcset", "background", "action"}
        }
        if tag == "a":
            assert re.fullmatch(r"https://(ok|valley-courier)\.example/.*", attributes["href"])
    assert " ".join(evil.split()) in " ".join("".join(tree.text).split())


def test_t61_the_mail_has_no_remote_content():
    html = make_message("email").html
    assert not re.search(r"<(img|link|script|iframe|object|video|audio|form|input|svg)|url\(|@import|src=", html, re.I)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://x.example/" + "a" * 5000,
        'https://x.example/"onclick=x',
        "",
        "https://x.example/<b>",
        "https://x.example/\u202egpj.exe",
        "https://x.example/\ud800",
        "https://x.example/\x00\x85",
        "https://x.example/a b",
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_t61_what_is_no_bearable_web_address_is_not_linked(kind, url):
    article = replace(make_article(), url=url)
    story = replace(STORY, reports=(Report(title="Other", url=url, site="Site"),))
    message = make_message(kind, article, story=story)
    assert not url or url not in json.dumps([message.text, message.html, message.payload])


@pytest.mark.parametrize("text", INJECTIONS)
def test_t61_slack_gets_no_control_sequence(text):
    payload = make_message("slack", make_article(title=text, body=text + " border", site=text)).payload
    for form in (payload["rich"], payload["plain"]):
        whole = json.dumps(form, ensure_ascii=False)
        assert (
            re.findall(
                r"<(?!https://valley-courier\.example|https://steppe-wire\.example|https://mirror\.example)", whole
            )
            == []
        )


@pytest.mark.parametrize("text", INJECTIONS)
def test_t61_discord_mentions_nobody_and_reads_no_markdown(text):
    payload = make_message("discord", make_article(title=text, body=text, site=text)).payload
    for form in (payload["rich"], payload["plain"]):
        assert form["allowed_mentions"] == {"parse": []}
    assert unescaped(payload["rich"]["embeds"][0]["title"]) == ""


@pytest.mark.parametrize("text", INJECTIONS)
def test_t61_mattermost_mentions_nobody(text):
    payload = make_message("mattermost", make_article(title=text, body=text, site=text)).payload
    for form in (payload["rich"], payload["plain"]):
        assert not re.search(r"@[a-z]", form["text"])
    first_line = payload["rich"]["text"].split("\n")[0]
    title = re.fullmatch(r"#### \[(.*)\]\(https://valley-courier\.example[^)]*\)", first_line)[1]
    assert unescaped(title) == ""


def unescaped(text):
    """The Markdown signs that are not escaped."""
    return re.sub(r"[^*_`~|#\[\]>!]", "", re.sub(r"\\.", "", text))


@pytest.mark.parametrize("text", INJECTIONS)
def test_t61_teams_holds_feed_text_in_runs_alone(text):
    card = make_message("teams", make_article(title=text, body=text, site=text)).payload["rich"]["attachments"][0][
        "content"
    ]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert {run["type"] for block in card["body"] for run in block["inlines"]} == {"TextRun"}


# --- sizes -----------------------------------------------------------------------------------------


def huge(character):
    word = character * 12 + " border "
    article = make_article(title=word * 500, body=word * 20_000, site=word * 100, authors=(word,) * 100)
    analysis = replace(
        article.analysis,
        quotes=tuple(Quote(word * 300, word * 50, 0, 5) for _ in range(300)),
        topics=tuple(TopicMatch(name=f"topic-{n}", score=0.5) for n in range(40)),
        countries=tuple(CountryMention("UZ", 3) for _ in range(200)),
    )
    article = replace(article, url="https://x.example/" + "a" * 1900, feed=word * 100, analysis=analysis)
    reports = tuple(
        Report(title=word * 100, url=f"https://r.example/{'b' * 1900}{n}", site=word * 50, published=NOW)
        for n in range(100)
    )
    rule = {"query": word * 1000, "note": word * 1000}
    return article, {"story": replace(STORY, reports=reports), "rule": rule, "alert": {"reason": word * 100}}


CHARACTERS = ["x", "<", "&", '"', "\\", "*", "@", "ж", "国", "🚧", "\x00", "\u0301"]


@pytest.mark.parametrize("character", CHARACTERS)
def test_t53_slack_fits_its_limits(character):
    article, changes = huge(character)
    payload = make_message("slack", article, **changes).payload
    assert len(payload["rich"]["blocks"]) <= 50
    for block in payload["rich"]["blocks"]:
        text = block["text"]["text"] if block["type"] == "section" else block["elements"][0]["text"]
        assert 0 < len(text) <= 3000
    assert len(payload["plain"]["text"]) <= 3000
    assert "shortened" in json.dumps(payload["rich"])


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("length", [1900, 600])
def test_t53_discord_fits_its_limits(character, length):
    article, changes = huge(character)
    reports = [replace(report, url=report.url[:length]) for report in changes["story"].reports]
    changes |= {"story": replace(STORY, reports=tuple(reports))}
    payload = make_message("discord", article, **changes).payload
    (embed,) = payload["rich"]["embeds"]
    sizes = [
        units(embed["title"]),
        units(embed["description"]),
        units(embed["author"]["name"]),
        units(embed["footer"]["text"]),
    ]
    assert [size <= most for size, most in zip(sizes, (256, 4096, 256, 2048), strict=True)] == [True] * 4
    assert all(0 < units(f["name"]) <= 256 and 0 < units(f["value"]) <= 1024 for f in embed["fields"])
    assert sum(sizes) + sum(units(f["name"]) + units(f["value"]) for f in embed["fields"]) <= 6000
    assert len(embed["fields"]) <= 25
    assert units(payload["plain"]["content"]) <= 2000


def test_a_report_whose_link_is_too_long_for_discord_is_named_without_it():
    story = replace(STORY, reports=(Report(title="Far away", url="https://r.example/" + "b" * 1500, site="Site"),))
    (embed,) = make_message("discord", story=story).payload["rich"]["embeds"]
    assert [field["value"] for field in embed["fields"] if field["name"] == "Also"] == ["Far away Site"]


@given(
    pieces=st.lists(st.builds(Piece, st.text(st.sampled_from("ab*<🚧 "), max_size=30), st.booleans()), max_size=12),
    limit=st.integers(1, 120),
    escape=st.sampled_from([str, chat._slack_escape, chat._discord_escape, chat._mattermost_escape]),
)
def test_what_is_filled_in_keeps_its_limit_and_loses_nothing_below_it(pieces, limit, escape):
    whole = "".join(f"**{escape(piece.text)}**" if piece.hit else escape(piece.text) for piece in pieces)
    filled = chat._fill(pieces, escape, limit, "**")
    assert units(filled) <= limit
    assert filled == whole or (filled.endswith("…") and units(whole) >= limit)


@pytest.mark.parametrize("character", CHARACTERS)
def test_t53_teams_and_mattermost_fit_their_limits(character):
    article, changes = huge(character)
    for form in make_message("teams", article, **changes).payload.values():
        assert len(encode(form)) <= 28_000
    for form in make_message("mattermost", article, **changes).payload.values():
        assert units(form["text"]) <= 16_383


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("kind", ["webhook", "command"])
def test_t53_the_webhook_fits_and_names_what_was_cut(kind, character):
    article, changes = huge(character)
    payload = make_message(kind, article, **changes).payload
    assert len(encode(payload)) <= 20_000
    assert {"matches", "quotes", "story.reports"} <= set(payload["data"]["truncated"])
    assert payload["data"]["article"]["url"] == article.url
    VALIDATOR.validate(payload)


@pytest.mark.parametrize("kind", KINDS)
def test_t53_a_notice_of_many_lines_fits_and_says_that_it_is_shortened(kind):
    channel = Channel(name="desk", kind=kind, host="example.org")
    message = render_notice("n1", "notice", "Many", ["line " * 199] * 100, channel, at=NOW)
    if kind == "email":
        assert message.text.count("line") == 199 * 100
        return
    form = message.payload.get("rich", message.payload)
    assert len(encode(form)) <= 28_000
    assert re.search("shortened|truncated", json.dumps(form))
    if kind == "slack":
        assert len(form["blocks"]) <= 50
    if kind == "discord":
        assert units(form["embeds"][0]["description"]) <= 4096


def units(text):
    return len(text.encode("utf-16-le")) // 2


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
