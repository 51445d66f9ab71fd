"""``/feedback``: a reader's word on an alert. The link shows a button, which alone counts: mail scanners open links."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from monitor.core.feedback import Feedback
from monitor.errors import NotKnown, UsageError
from monitor.storage import labels

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from monitor.daemon.service import Daemon

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
_PAGE = """<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">
<meta name=robots content=noindex><title>monitor</title>
<style>:root{{color-scheme:light dark}}
body{{font:1.1rem/1.5 sans-serif;margin:3rem auto;max-width:30rem;padding:0 1rem}}
button{{font:inherit;padding:.6rem 1.2rem}}</style>{body}</html>"""


async def answer(daemon: Daemon, request: Request) -> Response:
    """The page with the button for GET, the label for POST."""
    alert_id, verdict = request.path_params["alert"], request.path_params["verdict"]
    feedback = _feedback(daemon)
    if feedback is None:
        return _page(404, "<p>Nothing is here.</p>")
    if not feedback.holds(alert_id, verdict, request.query_params.get("sign", "")):
        return _page(403, "<p>This link is not complete, or not ours.</p>")
    if request.method != "POST":
        said = escape(f"This alert was {verdict}")
        return _page(200, f"<p>Alert {escape(alert_id)}</p><form method=post><button>{said}</button></form>")
    try:
        await daemon.app.db.write(
            labels.label, alert_id, relevant=verdict == "relevant", who="link", now=daemon.app.now()
        )
    except (NotKnown, UsageError):
        return _page(404, "<p>This alert, or what it told of, is no longer kept.</p>")
    return _page(200, f"<p>Thank you: the alert counts as {escape(verdict)}.</p>")


def _feedback(daemon: Daemon) -> Feedback | None:
    return next((each.feedback for each in daemon.app.channels.values() if each.feedback is not None), None)


def _page(status: int, body: str) -> Response:
    from starlette.responses import HTMLResponse

    return HTMLResponse(_PAGE.format(body=body), status, headers=_HEADERS)
