"""Messages on the line: mail format, hostile text, and the limits of each channel."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.messages import (
    Channel,
    Item,
    Report,
    chat,
    encode,
    render,
    render_correction,
    render_digest,
    render_notice,
)
from monitor.core.messages.card import Piece
from monitor.core.messages.mail import header_text
from monitor.model import CountryMention, Quote, TopicMatch
from monitor.notifiers.mail import as_bytes
from tests.support.alerts import ALERT, NOW, RULE, STORY, TITLE, make_article, make_message
from tests.support.messages import KINDS, SETTINGS, VALIDATOR, Tree, parsed_mail

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
@example("https://news.example/" + "a" * 80 + " is down; two, three words more")
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


# --- every kind of message -------------------------------------------------------------------------


def every_kind(words):
    """A mail of each kind with these words wherever a feed or a person may write some."""
    channel = Channel(name="desk", kind="email", host="example.org")
    rule = replace(RULE, note=words, query=words)
    article = make_article(title=words, body=words, site=words, authors=(words,))
    article = replace(article, feed=words)
    items = [Item(article=replace(article, id=n, story_id=n // 2 + 1), news=words) for n in range(4)]
    for kind in ("digest", "overflow", "spike", "silence"):
        alert = replace(ALERT, kind=kind, reason=words)
        yield render_digest(alert, items, channel, rule=rule, lines=[words], total=9)
    changed = replace(ALERT, kind="correction", reason=words)
    yield render_correction(changed, make_article(title="Before", body="Before."), article, channel, rule=rule)
    for kind in ("notice", "drill"):
        yield render_notice("n1", kind, words, [words], channel, at=NOW)
    yield render(replace(ALERT, news=("number",), reason=f"follow-up: {words}"), article, STORY, channel, rule=rule)


@pytest.mark.parametrize("text", INJECTIONS)
def test_t61_text_stays_text_in_mails_of_every_kind(text):
    for plain, evil in zip(every_kind("words"), every_kind(f"words {text}"), strict=True):
        tree = Tree(evil.html)
        assert {tag for tag, _ in tree.tags} <= {tag for tag, _ in Tree(plain.html).tags} | {"ins", "del"}
        for tag, attributes in tree.tags:
            assert not [name for name in attributes if name.startswith("on") or name in {"src", "srcset", "background"}]
            assert tag != "a" or attributes["href"].startswith("https://")
        assert not re.search(r"<(img|link|script|iframe|form|svg)|url\(|@import", re.sub(r"&lt;.*?&gt;", "", evil.html))


@pytest.mark.parametrize("title", HOSTILE_TITLES)
def test_t55_hostile_words_add_no_header_to_mails_of_any_kind(title):
    for plain, evil in zip(every_kind("words"), every_kind(title or "x"), strict=True):
        mail = parsed_mail(evil)
        assert {name.lower() for name in mail.keys()} == {name.lower() for name in parsed_mail(plain).keys()}  # noqa: SIM118
        assert mail["subject"] == evil.subject
        assert mail["subject"].isprintable()
