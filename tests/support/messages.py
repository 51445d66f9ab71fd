"""What messages are looked at with: a reader of HTML, a mail as it is parsed back, the schema of the webhook."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path

from jsonschema import Draft202012Validator

from monitor.notifiers.mail import EmailSettings, as_bytes

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
