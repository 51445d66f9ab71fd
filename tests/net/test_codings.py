"""Compressed replies: bombs, junk, ends in the middle, and what is honest."""

from __future__ import annotations

import gzip
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Document, Request
from monitor.net.decode import BadEncodingError, Body, TooLargeError
from monitor.net.fetch import Net
from tests.net.conftest import failure
from tests.support.hostile import Hostile, answers

MEGABYTE = 1024 * 1024


def gzip_bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()


def brotli_bomb(megabytes: int) -> bytes:
    packer = brotli.Compressor(quality=5)
    return b"".join(packer.process(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.finish()


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_t9_bombs_cost_little_memory(coding: str, tmp_path: Path) -> None:
    """A gigabyte in a reply of a megabyte or less: the reader grows by no more than 40 MB."""
    bomb = tmp_path / "bomb"
    bomb.write_bytes(gzip_bomb(1024) if coding == "gzip" else brotli_bomb(1024))
    program = """
        import asyncio, pathlib, resource, sys
        from monitor.model import FetchFailed, Request
        from monitor.net.fetch import Net
        from monitor.net.settings import NetSettings
        from tests.support.hostile import answers, hostile

        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

        async def main():
            coding, path = sys.argv[1:]
            async with hostile() as world:
                world.on("/small", answers(200, b"x"))
                url = world.on("/bomb", answers(200, pathlib.Path(path).read_bytes(), {"Content-Encoding": coding}))
                async with Net(NetSettings(user_agent="t", allow=(world.authority,), spacing=0)) as net:
                    await net.fetch(Request(url=world.url("/small"), kind="feed"))
                    before = peak()
                    for kind in ("feed", "page") * 3:
                        failed = await net.fetch(Request(url=url, kind=kind))
                        assert isinstance(failed, FetchFailed) and failed.reason == "too_large", failed
                    print(peak() - before)

        asyncio.run(main())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), coding, str(bomb)],
        capture_output=True, text=True, timeout=60, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert int(done.stdout) <= 40


GZIPPED = gzip.compress(b"<rss>" * 100, mtime=0)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip, gzip", gzip.compress(GZIPPED, mtime=0)),
        ("gzip,br", GZIPPED),
        ("deflate", zlib.compress(b"<rss>")),
        ("deflate", zlib.compress(b"<rss>")[2:-4]),
        ("zstd", b"\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00"),
        ("x-foo", b"<rss>"),
        ("gzip", GZIPPED + b"garbage"),
        ("gzip", GZIPPED + b"g"),
        ("gzip", b"<rss>"),
        ("gzip", GZIPPED[:-8] + bytes(8)),
        ("gzip", gzip.compress(b"", mtime=0) * 1000),
        ("br", b"<rss>"),
        ("br", b""),
    ],
)
async def test_t9_and_t10_codings_that_are_refused(net: Net, world: Hostile, coding: str, body: bytes) -> None:
    url = world.on("/feed", answers(200, body, {"Content-Encoding": coding, "ETag": '"1"'}))
    failed = await failure(net, url)
    assert failed.reason == ("bad_encoding" if body else "bad_response")
    assert {request.headers["accept-encoding"] for request in world.seen} == {"gzip, br"}


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", GZIPPED),
        ("x-gzip", GZIPPED),
        ("GZIP", GZIPPED),
        ("identity", b"<rss>" * 100),
        ("identity, gzip", GZIPPED),
        ("gzip", GZIPPED + bytes(600)),
        ("gzip", gzip.compress(b"<rss>" * 60, mtime=0) + gzip.compress(b"<rss>" * 40, mtime=0)),
        ("br", brotli.compress(b"<rss>" * 100)),
    ],
)
async def test_codings_that_are_taken(net: Net, world: Hostile, coding: str, body: bytes) -> None:
    document = await net.fetch(
        Request(url=world.on("/feed", answers(200, body, {"Content-Encoding": coding})), kind="feed")
    )
    assert isinstance(document, Document)
    assert document.body == b"<rss>" * 100


@given(st.binary(max_size=3000), st.sampled_from(["gzip", "br", None]), st.integers(1, 700), st.integers(0, 3000))
def test_decoding_in_any_pieces_gives_the_body_or_says_that_it_is_too_large(
    content: bytes, coding: str | None, piece: int, limit: int
) -> None:
    raw = {"gzip": gzip.compress, "br": brotli.compress, None: bytes}[coding](content)
    body = Body(coding, limit)
    try:
        for start in range(0, len(raw), piece):
            list(body.feed(raw[start : start + piece]))
        assert body.finish() == content
        assert len(content) <= limit
    except TooLargeError:
        assert len(content) > limit
        assert content.startswith(body.beginning())


@given(st.binary(max_size=400), st.sampled_from(["gzip", "br"]))
def test_decoding_junk_never_raises_anything_else(junk: bytes, coding: str) -> None:
    body = Body(coding, 1000)
    try:
        list(body.feed(junk))
        body.finish()
    except (BadEncodingError, TooLargeError):
        pass


@pytest.mark.parametrize(
    ("coding", "body"),
    [("gzip", GZIPPED[:-9]), ("gzip", GZIPPED[:5]), ("br", brotli.compress(b"<rss>" * 100)[:-3])],
)
async def test_codings_that_end_in_the_middle_are_cut_off(net: Net, world: Hostile, coding: str, body: bytes) -> None:
    failed = await failure(net, world.on("/feed", answers(200, body, {"Content-Encoding": coding})))
    assert (failed.reason, failed.detail) == ("cut_off", "the compressed body ends in the middle")
