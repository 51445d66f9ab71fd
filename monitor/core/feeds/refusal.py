"""What bytes are that are no feed, said so that a person knows what to do."""

from __future__ import annotations

import re
from html import unescape

from monitor.core.text import one_line
from monitor.model import FeedRejected

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_LOGIN = re.compile(
    r"type\s*=\s*[\"']?password|"
    r"<title[^>]*>[^<]{0,80}(?:log\s?in|sign\s?in|anmelden|connexion|iniciar sesi[oó]n|войти|вход)",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"just a moment\.\.\.|cf-chl|challenge-platform|g-recaptcha|h-?captcha|checking your browser|ddos protection by|"
    r"verify(?:ing)? (?:that )?you are (?:a )?human|enable javascript and cookies|_Incapsula_|px-captcha|access denied|"
    r"datadome",
    re.IGNORECASE,
)
_PAGE_ROOTS = frozenset(
    {
        "html",
        "head",
        "body",
        "title",
        "meta",
        "script",
        "style",
        "div",
        "p",
        "br",
        "b",
        "h1",
        "h2",
        "center",
        "table",
        "form",
    }
)


def no_feed(text: str, root: str, content_type: str | None) -> FeedRejected:
    """Why ``text``, which no reader of a format took, is no feed."""
    head = text[:200_000]
    kind = (content_type or "").partition(";")[0].strip().lower()
    if text[:1] in "{[":
        return FeedRejected(reason="not_a_feed", detail="JSON, but no JSON Feed")
    if root in _PAGE_ROOTS:
        title = one_line(unescape(found[1]), 120) if (found := _TITLE.search(head)) else ""
        named = f", titled “{title}”" if title else ""
        if _CHALLENGE.search(head):
            return FeedRejected(reason="html", detail=f"a page that asks whether we are a browser{named}, not a feed")
        if _LOGIN.search(head):
            return FeedRejected(reason="login_page", detail=f"a login page{named}, not a feed")
        return FeedRejected(reason="html", detail=f"a web page{named}, not a feed")
    if root in ("rss", "rdf", "feed", "channel"):
        return FeedRejected(reason="malformed", detail=f"begins like a feed (<{root}>), but nothing in it can be read")
    if root:
        return FeedRejected(reason="not_a_feed", detail=f"XML with the root <{one_line(root, 40)}>, not a feed")
    begin = one_line(text[:200], 60)
    return FeedRejected(
        reason="not_a_feed", detail=f"neither XML nor JSON{f' ({kind})' if kind else ''}: begins “{begin}”"
    )
