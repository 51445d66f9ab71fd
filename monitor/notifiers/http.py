"""What the reply to a POST means, for webhooks and chats alike. Only its status is ever used or told."""

from __future__ import annotations

from datetime import timedelta

from monitor.model import Delivered, Document, FetchFailed, Outcome, Rejected, RetryLater

DEADLINE = timedelta(seconds=20)
"""For one exchange; Standard Webhooks advises 15 to 30 seconds."""

_WORDS = {
    "bad_url": "the address is not valid",
    "blocked_address": "the address leads into a network that is not allowed",
    "dns": "the name of the host does not resolve",
    "connect": "no connection",
    "tls": "no trusted TLS connection",
    "timeout": "no reply in time",
    "too_large": "the reply is too large",
    "cut_off": "the reply breaks off",
    "bad_encoding": "the reply cannot be read",
    "bad_response": "the reply is not HTTP",
}


def outcome_of(reply: Document | FetchFailed) -> Outcome:
    """2xx is taken, whatever came of the body. 3xx is a failure and not followed. 410 switches the endpoint off."""
    status = reply.status
    if status is not None and 200 <= status < 300:
        return Delivered(receipt=f"HTTP {status}")
    if status == 410:
        return Rejected(reason="HTTP 410: the endpoint is gone for good", status=410, disable=True)
    if status == 413:
        return Rejected(reason="HTTP 413: the message is too large for the endpoint", status=413)
    if isinstance(reply, Document):
        return RetryLater(reason=f"HTTP {status}", status=status)
    if status is not None:
        return RetryLater(reason=f"HTTP {status}", status=status, retry_after=reply.retry_after)
    if reply.reason == "bad_url":
        return Rejected(reason=_WORDS["bad_url"])
    return RetryLater(reason=_WORDS.get(reply.reason, reply.reason))
