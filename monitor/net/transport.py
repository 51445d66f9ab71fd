"""Kept-alive connections by origin, as an httpx transport.

httpcore's own pool looks at every connection for every request, which makes a busy pool quadratic. Here an origin
has its own short list, and how many run at once is the gate's business.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from functools import cached_property, partial
from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING, cast

import httpcore
import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable
    from types import ModuleType

    from monitor.net.guard import Guard

# httpcore looks for sniffio for every connection, and a search that fails is never remembered: half of the cost of a
# request. Where it is not installed, say so once.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = cast("ModuleType", None)

_KEPT = 512
_KEPT_SECONDS = 20.0

Origin = tuple[bytes, bytes, int | None]


class Transport(httpx.AsyncBaseTransport):
    """Sends one request over a kept or a new connection; raises what httpcore and ssl raise.

    ``tls`` makes the TLS context at the first need of it. ``proxy`` is an ``http://`` address.
    """

    def __init__(self, guard: Guard, tls: Callable[[], ssl.SSLContext], proxy: str | None = None) -> None:
        self._guard = guard
        self._make_context = tls
        self._proxy = httpx.Proxy(proxy) if proxy else None
        self._connections: dict[Origin, list[httpcore.AsyncConnectionInterface]] = {}
        self._idle: OrderedDict[httpcore.AsyncConnectionInterface, tuple[Origin, float]] = OrderedDict()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        origin = (url.raw_scheme, url.raw_host, url.port)
        wire = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=cast("httpx.AsyncByteStream", request.stream),
            extensions=request.extensions,
        )
        again = False
        while True:
            connection = None if again else self._kept(origin)
            kept = connection is not None
            connection = connection or self._new(origin, wire.url.origin)
            try:
                reply = await connection.handle_async_request(wire)
            except httpcore.ConnectionNotAvailable:
                continue
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                await self._release(origin, connection)
                # The server may close a kept connection just as we use it: ask once more on a new one.
                if not kept or request.method != "GET":
                    raise
                again = True
            except BaseException:
                await self._release(origin, connection)
                raise
            else:
                return httpx.Response(
                    reply.status,
                    headers=reply.headers,
                    stream=_Body(reply, partial(self._release, origin, connection)),
                    extensions=reply.extensions,
                )

    async def aclose(self) -> None:
        in_use = (connection for connections in self._connections.values() for connection in connections)
        for connection in {*in_use, *self._idle}:
            await connection.aclose()
        self._connections.clear()
        self._idle.clear()

    @property
    def open_connections(self) -> int:
        return sum(map(len, self._connections.values()))

    def _kept(self, origin: Origin) -> httpcore.AsyncConnectionInterface | None:
        for connection in self._connections.get(origin, ()):
            if connection.is_available() and not connection.has_expired():
                self._idle.pop(connection, None)
                return connection
        return None

    def _new(self, origin: Origin, where: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
        factory = self._secure if where.scheme == b"https" else self._plain
        connection = factory.create_connection(where)
        self._connections.setdefault(origin, []).append(connection)
        return connection

    async def _release(self, origin: Origin, connection: httpcore.AsyncConnectionInterface) -> None:
        now = monotonic()
        if connection.is_closed():
            self._idle.pop(connection, None)
            self._forget(origin, connection)
        elif connection.is_idle():
            self._idle[connection] = (origin, now + _KEPT_SECONDS)
            self._idle.move_to_end(connection)
        while self._idle:
            oldest, (its_origin, until) = next(iter(self._idle.items()))
            if len(self._idle) <= _KEPT and until > now:
                break
            del self._idle[oldest]
            self._forget(its_origin, oldest)
            await oldest.aclose()

    def _forget(self, origin: Origin, connection: httpcore.AsyncConnectionInterface) -> None:
        connections = self._connections.get(origin, [])
        if connection in connections:
            connections.remove(connection)
        if not connections:
            self._connections.pop(origin, None)

    @cached_property
    def _plain(self) -> httpcore.AsyncConnectionPool:
        return self._factory(None)

    @cached_property
    def _secure(self) -> httpcore.AsyncConnectionPool:
        return self._factory(self._make_context())

    def _factory(self, context: ssl.SSLContext | None) -> httpcore.AsyncConnectionPool:
        """Return a pool that is used only as the maker of its connections."""
        if self._proxy is None:
            return httpcore.AsyncConnectionPool(ssl_context=context, http2=True, network_backend=self._guard)
        return httpcore.AsyncHTTPProxy(
            proxy_url=httpcore.URL(str(self._proxy.url)),
            proxy_auth=self._proxy.raw_auth,
            ssl_context=context,
            http2=True,
            network_backend=self._guard,
        )


class _Body(httpx.AsyncByteStream):
    def __init__(self, reply: httpcore.Response, release: Callable[[], Awaitable[None]]) -> None:
        self._reply, self._release = reply, release

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in cast("AsyncIterator[bytes]", self._reply.stream):
            yield part

    async def aclose(self) -> None:
        await self._reply.aclose()
        await self._release()
