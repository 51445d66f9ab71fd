"""``/feedback``: a reader's word on an alert."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from monitor.errors import NotKnown, UsageError
from monitor.storage import labels
from monitor.web.pages import NOT_OURS, feedback_of, page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from monitor.daemon.service import Daemon


async def answer(daemon: Daemon, request: Request) -> Response:
    """The page with the button for GET, the label for POST."""
    alert_id, verdict = request.path_params["alert"], request.path_params["verdict"]
    feedback = feedback_of(daemon)
    if feedback is None:
        return page(404, "<p>Nothing is here.</p>")
    if not feedback.holds(alert_id, verdict, request.query_params.get("sign", "")):
        return page(403, NOT_OURS)
    if request.method != "POST":
        said = escape(f"This alert was {verdict}")
        return page(200, f"<p>Alert {escape(alert_id)}</p><form method=post><button>{said}</button></form>")
    try:
        await daemon.app.db.write(
            labels.label, alert_id, relevant=verdict == "relevant", who="link", now=daemon.app.now()
        )
    except (NotKnown, UsageError):
        return page(404, "<p>This alert, or what it told of, is no longer kept.</p>")
    return page(200, f"<p>Thank you: the alert counts as {escape(verdict)}.</p>")
