"""The pages behind signed links: a button, and what came of it. A link alone does nothing: mail scanners open links."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from monitor.core.feedback import Feedback
    from monitor.daemon.service import Daemon

NOT_OURS = "<p>This link is not complete, or not ours.</p>"

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
body{{font:1.1rem/1.5 sans-serif;margin:3rem auto;max-width:30rem;padding:0 1rem;overflow-wrap:anywhere}}
button{{font:inherit;padding:.6rem 1.2rem}}</style>{body}</html>"""


def feedback_of(daemon: Daemon) -> Feedback | None:
    """What signs the links, where there is an address for them."""
    return next((each.feedback for each in daemon.app.channels.values() if each.feedback is not None), None)


def page(status: int, body: str) -> Response:
    from starlette.responses import HTMLResponse

    return HTMLResponse(_PAGE.format(body=body), status, headers=_HEADERS)
