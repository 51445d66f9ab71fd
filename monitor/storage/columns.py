"""Column types that mean the same on SQLite and PostgreSQL.

Times and words are most of all values: their processors are given whole, or each value would pass two functions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Text, TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

RowId = BigInteger().with_variant(Integer(), "sqlite")
"""A key that counts up by itself: SQLite does so only for the type INTEGER."""


def stamp(moment: datetime | None) -> int | None:
    """A time as the number that stands for it, in columns and inside JSON."""
    return None if moment is None else (moment - EPOCH) // MICROSECOND


def moment(stamped: int | None) -> datetime | None:
    """The time that a number of `stamp` stands for."""
    return None if stamped is None else EPOCH + timedelta(microseconds=stamped)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time, kept as whole microseconds since 1970: exact, sortable, and the same number everywhere."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, _dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return stamp

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Callable[[int | None], datetime | None]:
        return moment


class Length(TypeDecorator[timedelta]):
    """A length of time in whole microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, _dialect: Dialect) -> int | None:
        return None if value is None else value // MICROSECOND

    def process_result_value(self, value: int | None, _dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=value)


class Words(TypeDecorator[str]):
    """Text that both databases take: without NUL (PostgreSQL refuses it) and lone surrogates (both do)."""

    impl = Text
    cache_ok = True

    def bind_processor(self, _dialect: Dialect) -> Callable[[str | None], str | None]:
        return _storable_or_none


class Json(TypeDecorator[Any]):
    """A small JSON value as compact text; it is never queried inside, so both databases keep the same bytes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        if value is None:
            return None
        dumped = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if "\\u0000" in dumped:
            dumped = json.dumps(_without_nul(value), ensure_ascii=False, separators=(",", ":"))
        return storable(dumped)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(each) for key, each in value.items()}
    return [_without_nul(each) for each in value] if isinstance(value, list | tuple) else value


class Unsigned(TypeDecorator[int]):
    """A 64-bit hash: any of its 64 bits may be set, but both databases only know signed numbers."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, _dialect: Dialect) -> int | None:
        return None if value is None else signed(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> int | None:
        return None if value is None else value % 2**64


def signed(number: int) -> int:
    """The signed number of the same 64 bits."""
    return (number + 2**63) % 2**64 - 2**63


def storable(text: str) -> str:
    if text.isascii():
        return text if "\0" not in text else text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode(errors="ignore").decode()
    return text if "\0" not in text else text.replace("\0", "")


def _storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


def address_key(url: str) -> bytes:
    """16 bytes that stand for an address of any length in a unique index."""
    return hashlib.blake2b(url.encode(errors="ignore"), digest_size=16).digest()
