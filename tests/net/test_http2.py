"""HTTP/2 over TLS, against a small server made of the h2 state machine."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import h2.config
import h2.connection
import h2.events

from monitor.model import Document, FetchFailed, NotModified, Request
from tests.net.conftest import MakeNet


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer ``/feed`` with a document or a 304, break the stream of ``/broken``, leave ``/silent`` open."""
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    connection.initiate_connection()
    writer.write(connection.data_to_send())
    while data := await reader.read(65536):
        for event in connection.receive_data(data):
            if not isinstance(event, h2.events.RequestReceived):
                continue
            headers = {bytes(name): bytes(value) for name, value in event.headers or ()}
            stream = event.stream_id or 0
            if headers[b":path"] == b"/broken":
                connection.reset_stream(stream)
            elif b"if-none-match" in headers:
                connection.send_headers(stream, [(":status", "304"), ("etag", '"1"')], end_stream=True)
            elif headers[b":path"] == b"/feed":
                connection.send_headers(stream, [(":status", "200"), ("etag", '"1"'), ("x-nul", "a\0b")])
                connection.send_data(stream, b"<rss>" * 1000, end_stream=True)
        writer.write(connection.data_to_send())
        await writer.drain()
    writer.close()


async def test_http2_is_spoken_where_it_is_offered(make_net: MakeNet, certificate: tuple[Path, ssl.SSLContext]) -> None:
    authority, context = certificate
    context.set_alpn_protocols(["h2"])
    connections = 0

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await serve(reader, writer)

    server = await asyncio.start_server(accept, "127.0.0.2", 0, ssl=context)
    base = f"https://127.0.0.2:{server.sockets[0].getsockname()[1]}"
    net = make_net(allow=("127.0.0.2",), ca_file=authority, per_host=10, deadline=5.0)
    try:
        documents = await asyncio.gather(*(net.fetch(Request(url=f"{base}/feed", kind="feed")) for _ in range(8)))
        for document in documents:
            assert isinstance(document, Document)
            assert document.body == b"<rss>" * 1000
            assert "x-nul" not in document.headers
        assert isinstance(await net.fetch(Request(url=f"{base}/feed", kind="feed", etag='"1"')), NotModified)
        broken = await net.fetch(Request(url=f"{base}/broken", kind="feed"))
        assert isinstance(broken, FetchFailed)
        assert broken.reason == "bad_response"
        hurried = make_net(allow=("127.0.0.2",), ca_file=authority, deadline=0.3)
        silent = await hurried.fetch(Request(url=f"{base}/silent", kind="feed"))
        assert isinstance(silent, FetchFailed)
        assert silent.reason == "timeout"
        assert isinstance(await net.fetch(Request(url=f"{base}/feed", kind="feed")), Document)
        assert connections == 3  # one for all that run together, one to try the broken stream again, one hurried
    finally:
        context.set_alpn_protocols(["http/1.1"])
        server.close()
