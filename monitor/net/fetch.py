"""The network door: every request to the outside world passes ``Net``.

What the network does is a value: ``Document``, ``NotModified`` or ``FetchFailed``. Exceptions are bugs.

A fetch goes hop by hop: address -> robots.txt (pages) -> turn at the host -> guarded connection -> status ->
bounded, incrementally decoded body. Redirects are followed here and not below, because each hop is judged anew.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Self, cast

import httpx

from monitor.model import Document, FetchFailed, NotModified, Redirect, Request
from monitor.net.decode import ACCEPT_ENCODING, BadEncodingError, Body, CutShortError, TooLargeError
from monitor.net.failures import Failure, as_failure, status_failure
from monitor.net.gate import Gate
from monitor.net.guard import AllowList, Guard
from monitor.net.headers import bounded_headers, retry_after
from monitor.net.robots import ROBOTS_BYTES, Robots
from monitor.net.target import BadURLError, Target, follow, parse_target, proxy_of
from monitor.net.transport import Transport

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import TracebackType

    from monitor.model import Fetched, RequestKind
    from monitor.net.settings import NetSettings

# Hundreds of replies come in at once; of those that grow large only a few may, so that together they stay bounded.
_LARGE_BODY = 512 * 1024
_LARGE_AT_ONCE = 8
_POST_DEADLINE = 20.0
_POST_REPLY_BYTES = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_RETRY_STATUSES = frozenset({429, 503})

_ANY = "*/*;q=0.5"
_ACCEPT: dict[RequestKind, str] = {
    "feed": f"application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, {_ANY}",
    "page": f"text/html, application/xhtml+xml, {_ANY}",
    "discovery": f"text/html, application/xhtml+xml, {_ANY}",
    "robots": f"text/plain, {_ANY}",
    "webhook": "*/*",
}


class Net:
    """One door for feeds, pages, robots.txt, discovery and webhooks: one a process, closed at its end.

    ``fetch`` and ``post`` never raise for what the network does; a cancelled task stays cancelled.
    """

    def __init__(self, settings: NetSettings) -> None:
        """Raise ``ValueError`` for an allow list or a proxy that cannot be read."""
        proxy = proxy_of(settings.proxy)
        self._settings = settings
        self._proxied = proxy is not None
        self._guard = Guard(AllowList.parse(settings.allow), proxy)
        self._transport = Transport(self._guard, self._tls_context, settings.proxy)
        self._gate = Gate(per_host=settings.per_host, spacing=settings.spacing, overall=settings.overall)
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)
        self._robots = Robots(self.fetch, settings.user_agent)
        for name in ("httpx", "httpcore", "hpack", "h2"):  # at DEBUG they write whole addresses with their secrets
            logging.getLogger(name).setLevel(logging.WARNING)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._transport.aclose()
        self._guard.close()

    @property
    def open_connections(self) -> int:
        return self._transport.open_connections

    async def fetch(self, request: Request) -> Fetched:
        """Get a document by GET, following redirects; a request by POST goes the way of ``post``.

        Validators are sent to exactly ``request.url``; ``request.headers`` and a user and password in the address
        to its origin only. A page is asked for only where robots.txt lets us.
        """
        if request.method == "POST":
            return await self.post(request.url, request.body or b"", request.headers)
        visit = _Visit(request)
        try:
            return await self._follow(visit)
        except Exception as error:  # noqa: BLE001  whatever a stranger's reply raises in the stack is one feed's failure
            return visit.failed(error)

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], deadline: float = _POST_DEADLINE
    ) -> Document | FetchFailed:
        """Send a message. A redirect is a failure with its status; 2xx is success, whatever becomes of its body.

        ``deadline`` is in seconds for all of it. At most 64 kB of the reply are read.
        """
        visit = _Visit(Request(url=url, kind="webhook", method="POST", body=body, headers=headers))
        try:
            target = parse_target(url)
            begun = monotonic()
            try:
                async with asyncio.timeout(deadline):
                    answer = await self._exchange(visit, target, self._headers(visit.request, target, target))
            except Exception:
                if visit.status is None or not 200 <= visit.status < 300:
                    raise
                answer = _Reply(visit.status, visit.headers)  # taken; how the reply ended does not matter
            finally:
                visit.elapsed = monotonic() - begun
            return visit.document(answer, target)
        except Exception as error:  # noqa: BLE001  see fetch
            return visit.failed(error)

    async def _follow(self, visit: _Visit) -> Document | NotModified:
        request = visit.request
        start = target = parse_target(request.url)
        budget, last_host = self._settings.deadline, ""
        while True:
            spacing = await self._robots_spacing(target) if request.kind == "page" and self._settings.robots else 0.0
            async with self._gate.turn(target.host, spacing, same_visit=target.host == last_host):
                begun = monotonic()
                try:
                    async with asyncio.timeout(budget):
                        reply = await self._exchange(visit, target, self._headers(request, start, target))
                finally:
                    spent = monotonic() - begun
                    budget -= spent
                    visit.elapsed += spent
            if reply.status == 304:
                return visit.not_modified(reply, target)
            if reply.location is None:
                return visit.document(reply, target)
            last_host = target.host
            target = self._next(visit, target, reply.location)

    def _next(self, visit: _Visit, target: Target, location: str) -> Target:
        """Return where a redirect leads, judged like any other address."""
        if len(visit.redirects) == self._settings.redirects:
            raise Failure("too_many_redirects", f"more than {self._settings.redirects} redirects", status=visit.status)
        try:
            following = follow(target, location)
        except BadURLError as error:
            raise Failure("bad_url", f"the redirect is refused: {error}", status=visit.status) from error
        assert visit.status is not None
        visit.redirects.append(Redirect(visit.status, str(following.url)))
        return following

    async def _robots_spacing(self, target: Target) -> float:
        """Return the site's crawl-delay as far as it is honoured; fail where robots.txt closes the address."""
        verdict = await self._robots.allowed(str(target.url), target.site)
        if verdict.allowed:
            return min(verdict.crawl_delay, self._settings.crawl_delay_most)
        cause = verdict.failure
        if cause is None:
            raise Failure("robots", f"robots.txt of {target.host} closes this address")
        if cause.status is None:  # the page would meet the same: a blocked address, an unknown name, silence
            raise Failure(cause.reason, f"robots.txt: {cause.detail}", retry_after=verdict.retry_after)
        raise Failure(
            "robots",
            f"robots.txt of {target.host} cannot be read: {cause.detail}",
            status=cause.status,
            weight="soft",
            retry_after=verdict.retry_after,
        )

    def _headers(self, request: Request, start: Target, target: Target) -> dict[str, bytes]:
        headers = {
            "user-agent": self._settings.user_agent,
            "accept": _ACCEPT[request.kind],
        }
        if start.shares_secrets_with(target):
            headers |= {name.lower(): value for name, value in request.headers.items()}
            if start.authorization:
                headers.setdefault("authorization", start.authorization)
        headers["accept-encoding"] = "identity" if request.kind == "webhook" else ACCEPT_ENCODING
        if target is start and request.etag:
            headers["if-none-match"] = request.etag
        if target is start and request.last_modified:
            headers["if-modified-since"] = request.last_modified
        return {name: value.encode() for name, value in headers.items()}

    async def _exchange(self, visit: _Visit, target: Target, headers: dict[str, bytes]) -> _Reply:
        """Send one request and read its reply; raise ``Failure`` for all but a document, a 304 and a redirect."""
        request = visit.request
        visit.status, visit.headers = None, {}
        if self._proxied:
            self._guard.check_name(target.host, target.port)
        response = await self._transport.handle_async_request(
            httpx.Request(request.method, target.url, headers=cast("dict[str, str]", headers), content=request.body)
        )
        try:
            status = visit.status = response.status_code
            visit.headers = bounded_headers(response.headers.multi_items())
            if request.kind == "webhook":
                return _Reply(status, visit.headers, await _answer(response))
            if status == 304 and ("if-none-match" in headers or "if-modified-since" in headers):
                async for _ in _parts(response):  # to its end, so that the connection can be kept
                    pass
                return _Reply(status, visit.headers)
            if status in _REDIRECTS and (locations := response.headers.get_list("location")):
                return _Reply(status, visit.headers, location=locations[0])
            if status not in (200, 203):
                raise status_failure(status)
            return _Reply(status, visit.headers, await self._read(response, request.kind))
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response, kind: RequestKind) -> bytes:
        whole = kind != "robots"  # a long robots.txt is read in part
        feed = kind in ("feed", "discovery")  # what is discovered may be a feed of any size that is polled
        limit = self._settings.feed_bytes if feed else self._settings.page_bytes if whole else ROBOTS_BYTES
        status = response.status_code
        try:
            body = Body(response.headers.get("content-encoding"), limit)
            if whole:
                body.expect(response.headers.get("content-length", ""))
            await self._collect(response, body)
            content = body.finish()
        except TooLargeError:
            if whole:
                raise Failure("too_large", f"more than {limit:,} bytes", status=status) from None
            content = body.beginning()
        except CutShortError as error:
            raise Failure("cut_off", str(error), status=status) from error
        except BadEncodingError as error:
            raise Failure("bad_encoding", str(error), status=status) from error
        if not content and kind in ("feed", "page"):
            raise Failure("bad_response", "an empty reply", status=status)
        return content

    async def _collect(self, response: httpx.Response, body: Body) -> None:
        async with AsyncExitStack() as held:
            small = True
            async for part in _parts(response):
                for size in body.feed(part):
                    if small and size > _LARGE_BODY:
                        small = False
                        await held.enter_async_context(self._large)

    def _tls_context(self) -> ssl.SSLContext:
        context = httpx.create_ssl_context(trust_env=False)
        if self._settings.ca_file is not None:
            context.load_verify_locations(self._settings.ca_file)
        return context


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    location: str | None = None


@dataclass(slots=True)
class _Visit:
    """One fetch under way. ``status`` and ``headers`` are of the last reply, for a failure after it began."""

    request: Request
    fetched_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    redirects: list[Redirect] = field(default_factory=list)
    elapsed: float = 0.0
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, reply: _Reply, target: Target) -> Document:
        return Document(
            url=self.request.url,
            final_url=str(target.url),
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
            fetched_at=self.fetched_at,
            redirects=tuple(self.redirects),
            elapsed=self.elapsed,
        )

    def not_modified(self, reply: _Reply, target: Target) -> NotModified:
        return NotModified(
            url=self.request.url,
            final_url=str(target.url),
            headers=reply.headers,
            fetched_at=self.fetched_at,
            redirects=tuple(self.redirects),
            elapsed=self.elapsed,
        )

    def failed(self, error: Exception) -> FetchFailed:
        failure = as_failure(error, self.status)
        wait = failure.retry_after
        if failure.status in _RETRY_STATUSES and failure.reason == "http_status":
            wait = retry_after(self.headers.get("retry-after"), datetime.now(UTC))
        return FetchFailed(
            url=self.request.url,
            reason=failure.reason,
            detail=failure.detail,
            weight=failure.weight,
            fetched_at=self.fetched_at,
            status=failure.status,
            retry_after=wait,
            headers=self.headers,
            redirects=tuple(self.redirects),
            elapsed=self.elapsed,
        )


def _parts(response: httpx.Response) -> httpx.AsyncByteStream:
    """Return the body as it comes, before httpx would decode it."""
    return cast("httpx.AsyncByteStream", response.stream)


async def _answer(response: httpx.Response) -> bytes:
    if not 200 <= response.status_code < 300:
        raise status_failure(response.status_code)
    answer = b""
    async for part in _parts(response):
        answer += part
        if len(answer) >= _POST_REPLY_BYTES:
            break
    return answer[:_POST_REPLY_BYTES]
