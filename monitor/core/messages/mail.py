"""The mail of a card: plain text, HTML without remote content, and the headers that do not depend on the attempt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.core.messages.card import Card, Marked, Report, when
from monitor.core.text import one_line
from monitor.model import Message

if TYPE_CHECKING:
    from jinja2 import Template

SUBJECT_LIMIT = 200
_LABELS = {"overflow": "Overflow", "drill": "Drill", "notice": "Notice", "silence": "Silence", "spike": "Spike"}


def mail(card: Card, channel: str, thread: str | None, host: str) -> Message:
    """``host`` is the domain of the sender; all ids are made with it, so that they are the same at every attempt."""
    return Message(
        id=card.id,
        channel=channel,
        subject=header_text(f"{_LABELS[card.kind]}: {card.heading}" if card.kind in _LABELS else card.heading),
        text=text(card),
        html=html(card),
        headers=dict(_headers(card, thread, host)),
        thread=thread,
    )


def header_text(value: str) -> str:
    """One clean line that the mail package takes as it is: an encoded word in a title stays literal text."""
    return one_line(value, SUBJECT_LIMIT).replace("=?", "= ?")


def _headers(card: Card, thread: str | None, host: str) -> Iterator[tuple[str, str]]:
    yield "Message-ID", f"<{_atom(card.id)}@{host}>"
    yield "Date", format_datetime(card.at)
    if thread is not None:
        root = f"<{_atom(thread)}@{host}>"
        yield "In-Reply-To", root
        yield "References", root
    yield "List-Id", f"<{_atom(card.rule)}.monitor.{host}>"
    yield "Auto-Submitted", "auto-generated"
    yield "X-Monitor-Alert", _atom(card.id)
    if card.priority == "high":
        yield "Importance", "high"


def _atom(value: str) -> str:
    """``value`` as a dot-free atom of RFC 5322 in ASCII."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", value)[:100].strip("-") or "x"


def text(card: Card) -> str:
    """The plain text: matched words stand between asterisks."""
    return "\n\n".join("\n".join(block) for block in _blocks(card) if block) + "\n"


def _blocks(card: Card) -> Iterator[list[str]]:
    yield [_starred(card.title), *([card.link] if card.link else [])]
    yield [" · ".join(card.byline)] if card.byline else []
    yield [sentence(card.occasion)] if card.follow_up else []
    for passage in card.passages:
        yield [_starred(passage)]
    yield [
        f"{label}: {', '.join(names)}"
        for label, names in (("Topics", card.topics), ("Countries", card.countries))
        if names
    ]
    for quote in card.quotes:
        yield [f"“{quote.text}”" + (f" - {quote.speaker}" if quote.speaker else "")]
    for section in card.sections:
        yield [section.heading.upper(), *(line for report in section.reports for line in _report_lines(report))]
    if card.story:
        yield [f"The story: {card.story}", *(line for report in card.reports for line in _report_lines(report))]
    why = ((("Occasion", card.occasion),) if card.occasion and not card.follow_up else ()) + card.why
    yield ["-" * 40, *(f"{label}: {value}" for label, value in why)] if why else []
    if card.shortened:
        yield [f"Shortened here: {', '.join(card.shortened)}."]
    yield [f"Was it {verdict}? {address}" for verdict, address in card.verdicts]
    yield ["See more:", *(f"  {command}" for command in card.more)] if card.more else []


def _report_lines(report: Report) -> Iterator[str]:
    indent = "  " if report.further else ""
    yield f"{indent}- {report.title} ({reported(report)})"
    if report.news:
        yield f"{indent}  {report.news}"
    if report.url:
        yield f"{indent}  {report.url}"


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _starred(marked: Marked) -> str:
    return "".join(f"*{piece.text}*" if piece.hit else piece.text for piece in marked)


def reported(report: Report) -> str:
    """Who published the report and when."""
    return ", ".join(
        filter(None, (report.site, when(report.published) if report.published else "", "a copy" if report.copy else ""))
    )


def html(card: Card) -> str:
    label = _LABELS.get(card.kind) or card.rule
    if card.priority != "normal":
        label += f" · {card.priority} priority"
    return _template().render(
        card=card, label=label, site=card.byline[0] if card.byline else "", reported=reported, sentence=sentence
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    """Read once, like code. Sandboxed and escaping although no template comes from outside: two locks on one door."""
    from jinja2 import PackageLoader, StrictUndefined  # only mail needs it
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("monitor.core.messages", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("mail.html")
