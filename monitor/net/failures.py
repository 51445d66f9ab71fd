"""What the network does wrong, as a reason, a line for a person, and a weight."""

from __future__ import annotations

import os
import re
import ssl
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import httpcore

from monitor.net.guard import BlockedAddressError, UnknownNameError
from monitor.net.headers import one_line
from monitor.net.target import BadURLError

if TYPE_CHECKING:
    from monitor.model import FetchReason, Weight

_CUT = re.compile(r"without sending complete message body \((?:received (\d+) bytes, expected (\d+)|incomplete)")
_SOFT_STATUSES = frozenset({404, 408, 429})


class Failure(Exception):  # a failure on its way to becoming a value; it never leaves the door
    """A reply, or the want of one, that is no document. ``weight`` is worked out where it is not given."""

    def __init__(
        self,
        reason: FetchReason,
        detail: str,
        *,
        status: int | None = None,
        weight: Weight | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.reason: FetchReason = reason
        self.detail, self.status, self.retry_after = one_line(detail), status, retry_after
        self.weight: Weight = weight or _weight(reason, status)


def _weight(reason: FetchReason, status: int | None) -> Weight:
    """Return how much a failure counts (after Media Cloud's rss-fetcher)."""
    if reason == "dns":
        return "temporary"
    if reason == "timeout":
        return "soft"
    if reason == "http_status" and status is not None and (status in _SOFT_STATUSES or 500 <= status < 600):
        return "soft"
    return "hard"


def status_failure(status: int) -> Failure:
    if status in (204, 205, 206):
        return Failure("bad_response", f"HTTP {status} carries no whole document", status=status)
    if status < 200:
        return Failure("bad_response", f"HTTP {status} to a plain request", status=status)
    return Failure("http_status", f"HTTP {status}", status=status)


def as_failure(error: Exception, status: int | None) -> Failure:
    """Return what an exception of the network means; ``status`` is that of the reply it interrupted, if any."""
    match error:
        case Failure():
            return error
        case BadURLError():
            return Failure("bad_url", str(error))
        case BlockedAddressError():
            return Failure("blocked_address", str(error))
        case UnknownNameError():
            return Failure("dns", str(error))
        case ssl.SSLError():
            return Failure("tls", getattr(error, "verify_message", "") or error.reason or "TLS failed")
        case TimeoutError():
            return Failure("timeout", "no whole reply in time", status=status)
        case httpcore.ProxyError():
            return Failure("connect", f"the proxy refuses: {error}")
        case httpcore.ConnectError() | OSError():
            number = getattr(error, "errno", None)  # asyncio's own words name the address instead of the reason
            return Failure("connect", os.strerror(number) if number else str(error) or type(error).__name__)
        case httpcore.ReadError() | httpcore.WriteError():
            return Failure("bad_response", f"the connection broke: {error}", status=status)
        case httpcore.RemoteProtocolError() if found := _CUT.search(str(error)):
            told = f"after {int(found[1]):,} of {int(found[2]):,} bytes" if found[1] else "before its last part"
            return Failure("cut_off", f"the reply breaks off {told}", status=status)
        case httpcore.ProtocolError():
            return Failure("bad_response", f"not proper HTTP: {error}", status=status)
    where = traceback.extract_tb(error.__traceback__)[-1]  # its text may quote an address, so it is not told
    place = f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
    return Failure("bad_response", f"the reply could not be read ({place})", status=status)
