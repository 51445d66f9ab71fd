"""Cards as chat services take them. Titles are literal text there: no mention, no link, no style of theirs works.

The limits are those of the services' own documents: Slack 50 blocks of 3,000 characters, Discord 2,000 a message and
256 / 4,096 / 1,024 / 6,000 in an embed, Teams 28 kB a message, Mattermost 16,383 characters a post.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from monitor.core.messages.card import Card, Piece, Report, smaller, when
from monitor.core.messages.mail import reported
from monitor.core.messages.webhook import encode
from monitor.model import Message

SLACK_SECTION = 3000
SLACK_BLOCKS = 50
DISCORD_CONTENT = 2000
DISCORD_EMBED = 6000
DISCORD_DESCRIPTION = 4096
DISCORD_TITLE = 256
DISCORD_FIELD = 1024
TEAMS_BYTES = 28_000
MATTERMOST_POST = 16_000

_MARKDOWN = re.compile(r"([\\`*_\[\]#!|~>])")
_COLOURS = {"high": 0xB3361F, "normal": 0x2F6F9F, "low": 0x97A1AD}
_LABELS = {"overflow": "Overflow", "drill": "Drill", "notice": "Notice", "silence": "Silence", "spike": "Spike"}


def slack(card: Card, channel: str, thread: str | None) -> Message:
    """Blocks of mrkdwn; ``text`` is the fall-back that notifications show."""
    for small in smaller(card):
        title = _fill(small.title, _slack_escape, SLACK_SECTION // 2)
        blocks = [
            _section(f"*<{_slack_link(small.link)}|{title}>*" if small.link else f"*{title}*"),
            _context(_slack_escape(_byline(small))),
            *(_section(_fill(passage, _slack_escape, SLACK_SECTION, "*")) for passage in small.passages),
        ]
        facts = "\n".join(f"*{_slack_escape(label)}*  {_slack_escape(value)}" for label, value in _facts(small))
        blocks += [_section(facts)] if facts else []
        reports = "\n".join(
            f"• <{_slack_link(r.url)}|{_slack_escape(r.title)}> {_slack_escape(reported(r))}"
            if r.url
            else f"• {_slack_escape(r.title)} {_slack_escape(reported(r))}"
            for r in small.reports
        )
        blocks += [_section(reports)] if reports else []
        blocks.append(_context(_slack_escape(_foot(small))))
        if len(blocks) <= SLACK_BLOCKS and all(len(_block_text(block)) <= SLACK_SECTION for block in blocks):
            break
    still = {"unfurl_links": False, "unfurl_media": False}
    rich = {"text": _fill(card.title, _slack_escape, SLACK_SECTION), "blocks": blocks, **still}
    return _message(card, channel, thread, rich, {"text": _plain(card, _slack_escape, SLACK_SECTION), **still})


def discord(card: Card, channel: str, thread: str | None) -> Message:
    """One embed; nobody is mentioned whatever the text says."""
    for small in smaller(card):
        embed: dict[str, Any] = {
            "title": _fill(small.title, _discord_escape, DISCORD_TITLE),
            "description": "\n\n".join(
                _fill(passage, _discord_escape, DISCORD_FIELD, "**") for passage in small.passages
            ),
            "color": _COLOURS.get(small.priority, _COLOURS["normal"]),
            "author": {"name": _fill((Piece(_byline(small)),), str, DISCORD_TITLE)},
            "fields": [
                {
                    "name": _fill((Piece(label),), _discord_escape, DISCORD_TITLE),
                    "value": _fill((Piece(value),), _discord_escape, DISCORD_FIELD),
                    "inline": False,
                }
                for label, value in _facts(small)
            ]
            + [
                {"name": "Also", "value": _markdown_report(report, _discord_escape, DISCORD_FIELD), "inline": False}
                for report in small.reports
            ],
            "footer": {"text": _fill((Piece(_foot(small)),), str, DISCORD_TITLE * 4)},
            "timestamp": f"{small.at:%Y-%m-%dT%H:%M:%SZ}",
        }
        if small.link:
            embed["url"] = small.link
        if _embed_size(embed) <= DISCORD_EMBED and _units(embed["description"]) <= DISCORD_DESCRIPTION:
            break
    nobody: dict[str, Any] = {"allowed_mentions": {"parse": []}}
    content = _plain(card, _discord_escape, DISCORD_CONTENT)
    return _message(card, channel, thread, {"embeds": [embed], **nobody}, {"content": content, **nobody})


def teams(card: Card, channel: str, thread: str | None) -> Message:
    """An Adaptive Card for a Workflows webhook; rich text runs, because plain text blocks would read Markdown."""
    for small in smaller(card):
        body = [
            _rich([_run(_byline(small), isSubtle=True, size="Small")]),
            _rich([_run(p.text, highlight=p.hit, weight="Bolder", size="Large") for p in small.title]),
            *(_rich([_run(p.text, highlight=p.hit) for p in passage]) for passage in small.passages),
            *(_rich([_run(f"{label}  ", weight="Bolder"), _run(value)]) for label, value in _facts(small)),
            *(
                _rich([_run(f"• {r.title} ({reported(r)})", size="Small", selectAction=_open(r))])
                for r in small.reports
            ),
            _rich([_run(_foot(small), isSubtle=True, size="Small")]),
        ]
        content: dict[str, Any] = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "msteams": {"width": "Full"},
            "fallbackText": small.heading,
            "body": body,
        }
        if small.link:
            content["actions"] = [{"type": "Action.OpenUrl", "title": "Read the article", "url": small.link}]
        if len(encode(_teams_message(content))) <= TEAMS_BYTES:
            break
    bare = {**content, "body": [_rich([_run(_plain(card, str, SLACK_SECTION))])]}
    return _message(card, channel, thread, _teams_message(content), _teams_message(bare))


def mattermost(card: Card, channel: str, thread: str | None) -> Message:
    """Markdown in one post."""
    for small in smaller(card):
        title = _fill(small.title, _mattermost_escape, 600)
        lines = [
            f"#### [{title}]({_markdown_link(small.link)})" if small.link else f"#### {title}",
            _mattermost_escape(_byline(small)),
            *(_fill(passage, _mattermost_escape, SLACK_SECTION, "**") for passage in small.passages),
            "\n".join(
                f"**{_mattermost_escape(label)}**  {_mattermost_escape(value)}  " for label, value in _facts(small)
            ),
            "\n".join(f"- {_markdown_report(report, _mattermost_escape, SLACK_SECTION)}" for report in small.reports),
            _mattermost_escape(_foot(small)),
        ]
        text = "\n\n".join(filter(None, lines))
        if _units(text) <= MATTERMOST_POST:
            break
    plain_text = _plain(card, _mattermost_escape, SLACK_SECTION)
    return _message(card, channel, thread, {"text": text}, {"text": plain_text})


def _message(card: Card, channel: str, thread: str | None, rich: Mapping[str, Any], bare: Mapping[str, Any]) -> Message:
    """``bare`` is what is sent where the service refuses the ``rich`` form."""
    payload = {"rich": rich, "plain": bare}
    return Message(id=card.id, channel=channel, subject=card.heading, text=card.heading, payload=payload, thread=thread)


def _plain(card: Card, escape: Callable[[str], str], limit: int) -> str:
    """Title, link and where to see more, in at most ``limit`` units."""
    tail = f"\n{card.link}" if card.link and len(card.link) < 1000 else ""
    tail += f"\n{escape(card.more[0])}" if card.more else ""
    return _fill(card.title, escape, limit - _units(tail)) + tail


# --- what all of them show -------------------------------------------------------------------------


def _byline(card: Card) -> str:
    label = _LABELS.get(card.kind) or card.rule
    return " · ".join(
        (label, *(("high priority",) if card.priority == "high" else ()), *(card.byline or (when(card.at),)))
    )


def _facts(card: Card) -> Iterator[tuple[str, str]]:
    if card.topics:
        yield "Topics", ", ".join(card.topics)
    if card.countries:
        yield "Countries", ", ".join(card.countries)
    for quote in card.quotes:
        yield quote.speaker or "Quoted", f"“{quote.text}”"
    if card.story:
        yield "Story", card.story


def _foot(card: Card) -> str:
    shortened = f"shortened: {', '.join(card.shortened)}" if card.shortened else ""
    return " · ".join(filter(None, (card.occasion, shortened, *card.more[:1])))


# --- bounds and escapes ----------------------------------------------------------------------------


def _units(text: str) -> int:
    """UTF-16 code units: the services count no more than these."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fill(marked: Iterable[Piece], escape: Callable[[str], str], limit: int, hit: str = "") -> str:
    """``marked`` escaped, with ``hit`` around matched words, in at most ``limit`` units, ``…`` where it is cut."""
    out: list[str] = []
    room = limit - 1
    for piece in marked:
        body = escape(piece.text)
        around = hit if piece.hit else ""
        size = _units(body) + 2 * _units(around)
        if size <= room:
            out.append(f"{around}{body}{around}")
            room -= size
            continue
        for character in piece.text:
            body = escape(character)
            room -= _units(body)
            if room < 0:
                break
            out.append(body)
        return "".join(out).rstrip() + "…"
    return "".join(out)


def _slack_escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _slack_link(url: str) -> str:
    return _slack_escape(url.replace("|", "%7C"))


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _block_text(block: Mapping[str, Any]) -> str:
    element = block["text"] if "text" in block else block["elements"][0]
    return str(element["text"])


def _markdown_escape(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _discord_escape(text: str) -> str:
    return _markdown_escape(text).replace("<", "\\<")


def _mattermost_escape(text: str) -> str:
    """Mattermost has no switch against mentions: a zero-width space parts the sign from the name."""
    return _markdown_escape(text).replace("@", "@\u200b")


def _markdown_report(report: Report, escape: Callable[[str], str], limit: int) -> str:
    """One line; without its link where that would not fit."""
    title, source = escape(report.title), escape(reported(report))
    linked = f"[{title}]({_markdown_link(report.url)}) {source}"
    return linked if report.url and _units(linked) <= limit else f"{title} {source}"


def _markdown_link(url: str) -> str:
    return url.replace("(", "%28").replace(")", "%29")


def _embed_size(embed: Mapping[str, Any]) -> int:
    texts = [embed["title"], embed["description"], embed["author"]["name"], embed["footer"]["text"]]
    texts += [text for field in embed["fields"] for text in (field["name"], field["value"])]
    return sum(map(_units, texts))


def _run(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **{name: value for name, value in style.items() if value}}


def _open(report: Report) -> dict[str, str] | None:
    return {"type": "Action.OpenUrl", "url": report.url} if report.url else None


def _rich(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": runs}


def _teams_message(content: Mapping[str, Any]) -> dict[str, Any]:
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}
