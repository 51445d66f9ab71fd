"""Undo gzip and br while the bytes come in, and stop at a limit.

A kilobyte of br can hold a gigabyte, so the limit is given to the decoder and not to its result.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCEPT_ENCODING = "gzip, br"

_RAW_SLACK = 64 * 1024
_STEP = 256 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_MEMBERS = 64  # each costs a call, and 20 bytes make an empty one


class TooLargeError(Exception):
    """The body passes its limit."""


class BadEncodingError(Exception):
    """The content coding is refused, damaged or cut short."""


class CutShortError(BadEncodingError):
    """The body ends in the middle of its content coding."""


class _Coding(Protocol):
    def decode(self, raw: bytes, limit: int) -> bytes:
        """Return at most ``limit`` bytes; what is left of ``raw`` is kept for the next call with ``b''``."""

    @property
    def hungry(self) -> bool:
        """Whether all that was given has been decoded."""

    @property
    def complete(self) -> bool:
        """Whether the coded stream has ended properly."""


class Body:
    """Collects one body: iterate over ``feed`` for each part as it comes, then take the whole from ``finish``.

    ``content_encoding`` is the header as sent; ``limit`` bounds the decoded size in bytes. All methods raise
    ``TooLargeError`` and ``BadEncodingError``.
    """

    def __init__(self, content_encoding: str | None, limit: int) -> None:
        codings = [name for part in (content_encoding or "").lower().split(",") if (name := part.strip())]
        codings = [name for name in codings if name != "identity"]
        if len(codings) > 1:
            raise BadEncodingError("stacked content codings")
        self._coding = _coding(codings[0]) if codings else None
        self._limit = limit
        self._raw = self.size = 0
        self._parts: list[bytes] = []

    def expect(self, content_length: str) -> None:
        """Refuse an honest ``Content-Length`` beyond the limit before anything is read."""
        if content_length.isdecimal() and int(content_length[:20]) > self._limit:
            raise TooLargeError

    def feed(self, raw: bytes) -> Iterator[int]:
        """Take in one part. Yields the decoded size so far, at least at every 256 kB, so that the caller can pause."""
        self._raw += len(raw)
        if self._raw > self._limit + _RAW_SLACK:  # also a flood that decodes to nothing
            raise TooLargeError
        if self._coding is None:
            self._keep(raw)
            yield self.size
            return
        self._keep(self._decode(raw))
        yield self.size
        while not self._coding.hungry:
            self._keep(self._decode(b""))
            yield self.size

    def _decode(self, raw: bytes) -> bytes:
        assert self._coding is not None
        try:
            return self._coding.decode(raw, min(_STEP, self._limit - self.size + 1))
        except BadEncodingError:
            raise
        except Exception as error:  # zlib.error, brotli.error
            raise BadEncodingError("damaged content coding") from error

    def finish(self) -> bytes:
        if self._coding is not None and self._raw and not self._coding.complete:
            raise CutShortError("the compressed body ends in the middle")
        return b"".join(self._parts)

    def beginning(self) -> bytes:
        """Return what fits in the limit, for documents that may be read in part."""
        return b"".join(self._parts)[: self._limit]

    def _keep(self, part: bytes) -> None:
        if part:
            self._parts.append(part)
        self.size += len(part)
        if self.size > self._limit:
            raise TooLargeError


def _coding(name: str) -> _Coding:
    if name in ("gzip", "x-gzip"):
        return _Gzip()
    if name == "br":
        return _Brotli()
    raise BadEncodingError("a content coding that was not offered")


class _Gzip:
    """One or several gzip members; zero bytes may pad the end, nothing else may follow."""

    def __init__(self) -> None:
        self._member = _member()
        self._members = 1
        self._rest = b""

    def decode(self, raw: bytes, limit: int) -> bytes:
        data = self._rest + raw
        if self._member.eof:
            data = _next_member(data)
            if len(data) < len(_GZIP_MAGIC):
                self._rest = data
                return b""
            self._members += 1
            if self._members > _GZIP_MEMBERS:
                raise BadEncodingError("too many gzip members")
            self._member = _member()
        part = self._member.decompress(data, limit)
        self._rest = self._member.unconsumed_tail or self._member.unused_data
        if self._member.eof:
            self._rest = _next_member(self._rest)
        return part

    @property
    def hungry(self) -> bool:
        return len(self._rest) < len(_GZIP_MAGIC) if self._member.eof else not self._rest

    @property
    def complete(self) -> bool:
        return self._member.eof and not self._rest.strip(b"\0")


def _next_member(rest: bytes) -> bytes:
    """What follows a gzip member, without the zeros that may pad it."""
    rest = rest.lstrip(b"\0")
    if rest and not _GZIP_MAGIC.startswith(rest[:2]):
        raise BadEncodingError("bytes after the end of the gzip stream")
    return rest


def _member() -> zlib._Decompress:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


class _Brotli:
    def __init__(self) -> None:
        import brotli

        self._decompressor = brotli.Decompressor()

    def decode(self, raw: bytes, limit: int) -> bytes:
        return bytes(self._decompressor.process(raw, output_buffer_limit=limit))

    @property
    def hungry(self) -> bool:
        return bool(self._decompressor.can_accept_more_data() or self._decompressor.is_finished())

    @property
    def complete(self) -> bool:
        return bool(self._decompressor.is_finished())
