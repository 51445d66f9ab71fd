"""A hostile HTTP server on raw sockets, and victims that nobody may reach.

No HTTP library stands between a test and the wire: a behaviour writes the bytes that it likes, as slowly as it
likes. The server binds 127.0.0.2, which tests allow; victims bind 127.0.0.1 and ::1, which nobody allows, and
count who comes.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

ADDRESS = "127.0.0.2"


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Talk:
    """The server's side of one connection while a behaviour answers one request."""

    request: Seen
    _writer: asyncio.StreamWriter
    closed: bool = False

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def reply(
        self, status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None, *, length: bool = True
    ) -> None:
        lines = [f"HTTP/1.1 {status} X"]
        if length and status not in (204, 304):
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        await self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        if not length:
            self.close()

    async def drip(self, data: bytes, every: float) -> None:
        """Send byte by byte, ``every`` seconds."""
        for index in range(len(data)):
            await self.send(data[index : index + 1])
            await asyncio.sleep(every)

    async def silence(self) -> None:
        await asyncio.sleep(3600)

    def close(self) -> None:
        self.closed = True

    def reset(self) -> None:
        """End with RST instead of FIN."""
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        self.closed = True


Behaviour = Callable[[Talk], Awaitable[None]]


def answers(status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Behaviour:
    """A behaviour that always gives the same reply and keeps the connection."""

    async def behave(talk: Talk) -> None:
        await talk.reply(status, body, headers)

    return behave


def sends(data: bytes) -> Behaviour:
    """A behaviour that writes these bytes as they are, then closes."""

    async def behave(talk: Talk) -> None:
        await talk.send(data)
        talk.close()

    return behave


def redirects(location: str, status: int = 302) -> Behaviour:
    return answers(status, b"", {"Location": location})


@dataclass(slots=True)
class Hostile:
    """The running server. ``behaviours`` are by path without query; an unknown path gets 404."""

    host: str
    port: int
    scheme: str = "http"
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    open_most: int = 0

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"

    def url(self, path: str) -> str:
        return f"{self.scheme}://{self.authority}{path}"

    def on(self, path: str, behaviour: Behaviour) -> str:
        """Give a path its behaviour and return its address."""
        self.behaviours[path] = behaviour
        return self.url(path)

    def requests(self, path: str) -> list[Seen]:
        return [request for request in self.seen if request.path.partition("?")[0] == path]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        try:
            while True:
                request = await _read_request(reader)
                self.seen.append(request)
                behaviour = self.behaviours.get(request.path.partition("?")[0], answers(404))
                talk = Talk(request, writer)
                await behaviour(talk)
                if talk.closed:
                    break
        except (OSError, EOFError, ValueError):
            pass  # the other side left
        finally:
            self.open_now -= 1
            writer.close()


async def _read_request(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(method, path, headers, body)


@asynccontextmanager
async def hostile(host: str = ADDRESS, tls: object = None) -> AsyncIterator[Hostile]:
    """Run a server for the time of a ``with``; ``tls`` is an ``ssl.SSLContext``."""
    world = Hostile(host, 0, "https" if tls else "http")
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(world._talk(reader, writer))
        talks.add(task)
        task.add_done_callback(talks.discard)

    server = await asyncio.start_server(accept, host, 0, ssl=tls, limit=2**20, backlog=1024)  # type: ignore[arg-type]
    world.port = server.sockets[0].getsockname()[1]
    try:
        yield world
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


@dataclass(slots=True)
class Victims:
    """Listeners on 127.0.0.1 and ::1 (where the machine has it) at one port. ``hits`` must stay 0."""

    port: int = 0
    hits: int = 0


@asynccontextmanager
async def victims() -> AsyncIterator[Victims]:
    target = Victims()

    def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target.hits += 1
        writer.close()

    servers = [await asyncio.start_server(accept, "127.0.0.1", 0)]
    target.port = servers[0].sockets[0].getsockname()[1]
    with suppress(OSError):  # no IPv6 here
        servers.append(await asyncio.start_server(accept, "::1", target.port))
    try:
        yield target
    finally:
        for server in servers:
            server.close()
