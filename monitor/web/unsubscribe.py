"""``/unsubscribe``: no more mails of a rule for one reader, by one click of the mail program (RFC 8058)."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from monitor.storage import notices
from monitor.storage.unsubscribed import unsubscribe
from monitor.web.pages import NOT_OURS, feedback_of, page

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection
    from starlette.requests import Request
    from starlette.responses import Response

    from monitor.daemon.service import Daemon


async def answer(daemon: Daemon, request: Request) -> Response:
    """The page with the button for GET; POST, of the button or of a mail program, is all that is needed."""
    channel, rule, recipient, sign = (request.query_params.get(key, "") for key in ("channel", "rule", "to", "sign"))
    feedback = feedback_of(daemon)
    if feedback is None:
        return page(404, "<p>Nothing is here.</p>")
    if not feedback.unsubscribes(channel, rule, recipient, sign):
        return page(403, NOT_OURS)
    who, what = escape(recipient), escape(rule)
    if request.method != "POST":
        return page(
            200, f"<p>{who} gets mails of the rule {what}.</p><form method=post><button>Send no more</button></form>"
        )
    await daemon.app.db.write(_unsubscribe, channel, rule, recipient, daemon.app.now())
    return page(200, f"<p>{who} gets no more mails of the rule {what}. Whoever runs monitor can undo it.</p>")


def _unsubscribe(connection: Connection, channel: str, rule: str, recipient: str, now: datetime) -> None:
    """The operators hear of it: somebody may have meant a single mail."""
    if unsubscribe(connection, channel, rule, recipient, now):
        again = f"undo it with: monitor channels subscribe {channel} {recipient} --rule {rule}"
        told = f"{recipient} wants no more mails of rule {rule} by channel {channel}; {again}"
        notices.note(connection, "unsubscribed", told, now)
