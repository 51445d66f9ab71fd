"""robots.txt as RFC 9309 has it: what a site lets us read, kept for a while."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from monitor.model import Document, FetchFailed, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from protego import Protego

    from monitor.model import Fetched

ROBOTS_BYTES = 500 * 1024  # the least that RFC 9309 (2.5) wants parsed; more is not read
_SITES_KEPT = 2000
_TEXT_KEPT = 2 * 1024 * 1024  # characters; parsed rules take up to 70 times as much memory
_KEPT_SECONDS = 24 * 3600.0
_FAILED_SECONDS = 1800.0
_SILENT_SECONDS = 300.0  # no reply at all may be our own network's fault
_PARSE_IN_THREAD = 20_000

_USER_AGENT_LINE = re.compile(r"^[ \t]*user[- ]?agent[ \t]*:?[ \t]*([^\r\n#]*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an address may be read. ``failure`` is why robots.txt itself could not be had.

    ``crawl_delay`` is in seconds, as the site asks; ``retry_after`` is when a temporary refusal may be over.
    """

    allowed: bool
    crawl_delay: float = 0.0
    failure: FetchFailed | None = None
    retry_after: float | None = None


class Robots:
    """Answers by site from a bounded cache. ``fetch`` gets robots.txt; ``user_agent`` is the whole header value."""

    def __init__(self, fetch: Callable[[Request], Awaitable[Fetched]], user_agent: str) -> None:
        self._fetch = fetch
        self._token = _product(user_agent)
        self._sites: OrderedDict[str, _Site] = OrderedDict()

    async def allowed(self, url: str, site: str) -> Verdict:
        """Return whether ``url`` may be read; ``site`` is its scheme, host and port: ``https://example.org``."""
        known = self._sites.get(site)
        if known is None:
            known = self._sites[site] = _Site()
        else:
            self._sites.move_to_end(site)
        async with known.lock:  # one request for all who wait for the same answer
            if known.expires <= monotonic():
                await self._refresh(known, site)
                self._forget()
        if known.failure is not None:
            return Verdict(False, failure=known.failure, retry_after=max(0.0, known.expires - monotonic()))
        if known.rules is None:
            return Verdict(True)
        delay = known.rules.crawl_delay(self._token) or 0.0
        return Verdict(known.rules.can_fetch(url, self._token), crawl_delay=delay)

    def _forget(self) -> None:
        """Drop the sites that were asked about longest ago, when many or long texts have gathered."""
        kept = sum(known.size for known in self._sites.values())
        while len(self._sites) > 1 and (len(self._sites) > _SITES_KEPT or kept > _TEXT_KEPT):
            kept -= self._sites.popitem(last=False)[1].size

    async def _refresh(self, known: _Site, site: str) -> None:
        reply = await self._fetch(Request(url=f"{site}/robots.txt", kind="robots"))
        match reply:
            case Document():
                known.size = len(reply.body)
                known.rules, known.failure = await self._parse(reply.body), None
            case FetchFailed() if _is_absent(reply):
                known.rules, known.failure, known.size = None, None, 0
            case FetchFailed() if known.rules is None:
                known.failure = reply
                known.expires = monotonic() + (_SILENT_SECONDS if reply.status is None else _FAILED_SECONDS)
                return
            case _:  # unreachable for now: what we know still holds
                known.expires = monotonic() + _FAILED_SECONDS
                return
        known.expires = monotonic() + _KEPT_SECONDS

    async def _parse(self, body: bytes) -> Protego:
        from protego import Protego

        text = one_agent(body[:ROBOTS_BYTES].decode("utf-8-sig", "replace"), self._token)
        if len(text) > _PARSE_IN_THREAD:
            return await asyncio.to_thread(Protego.parse, text)
        return Protego.parse(text)


class _Site:
    __slots__ = ("expires", "failure", "lock", "rules", "size")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.expires = 0.0
        self.size = 0
        self.rules: Protego | None = None
        self.failure: FetchFailed | None = None


def _is_absent(reply: FetchFailed) -> bool:
    """RFC 9309, 2.3.1: a 4xx means that there are no rules; too many redirects may be taken as the same."""
    if reply.reason == "too_many_redirects":
        return True
    return (
        reply.status is not None and (400 <= reply.status < 500 or reply.status in (204, 205)) and reply.status != 429
    )


def _product(user_agent: str) -> str:
    """Return the product token (RFC 9309, 2.2.1) without version and comment, in lower case."""
    return re.split(r"[/\s]", user_agent.strip(), maxsplit=1)[0].lower()


def one_agent(text: str, token: str) -> str:
    """Give all agents but ours and ``*`` one name: the parser's cost is agents times rules, so 20,000 agents hurt."""

    def rename(line: re.Match[str]) -> str:
        agent = _product(line[1])
        return f"user-agent: {agent if agent in ('*', token) else 'other-agent'}"

    return _USER_AGENT_LINE.sub(rename, text)
