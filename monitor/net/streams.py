"""Byte streams over asyncio for httpcore: a bare socket, and TLS on top of it.

A bare socket through the loop's ``sock_*`` calls costs less than half of a transport with protocol and buffers.
Time limits are not kept here: one total deadline stands above each fetch.
"""

from __future__ import annotations

import asyncio
import select
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import socket
    import ssl


def _readable(connection: socket.socket) -> bool:
    """Whether an idle connection has something to say, which can only be its end."""
    if connection.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


class SocketStream(httpcore.AsyncNetworkStream):
    """A connected, non-blocking socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109, ARG002
        try:
            return await self._loop.sock_recv(self._connection, max_bytes)
        except OSError as error:
            raise httpcore.ReadError(_why(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002
        try:
            await self._loop.sock_sendall(self._connection, buffer)
        except OSError as error:
            raise httpcore.WriteError(_why(error)) from error

    async def aclose(self) -> None:
        self._connection.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
    ) -> httpcore.AsyncNetworkStream:
        try:
            reader, writer = await asyncio.open_connection(
                sock=self._connection, ssl=ssl_context, server_hostname=server_hostname
            )
        except BaseException:
            self._connection.close()
            raise
        return TLSStream(reader, writer)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return _readable(self._connection)
        return self._connection if info == "socket" else None


class TLSStream(httpcore.AsyncNetworkStream):
    """An encrypted connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109, ARG002
        try:
            return await self._reader.read(max_bytes)
        except OSError as error:
            raise httpcore.ReadError(_why(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002
        try:
            self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            raise httpcore.WriteError(_why(error)) from error

    async def aclose(self) -> None:
        # Aborted, not closed: a peer that never answers the farewell of TLS would hold the socket for half a minute.
        self._writer.transport.abort()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return self._reader.at_eof() or self._writer.transport.is_closing()
        return self._writer.get_extra_info(info)


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
