"""Durations and sizes as people write them: ``90s``, ``5m``, ``2h``, ``7d``, ``2w``; ``64kB``, ``10MB``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"b": 1, "kb": 1000, "mb": 1000_000, "gb": 1000_000_000}


def parse_duration(value: Any) -> timedelta:
    """``"1h30m"`` to a timedelta; a bare number means nothing, so it is refused."""
    if isinstance(value, timedelta):
        return value
    text = str(value).strip().lower()
    if isinstance(value, str) and re.fullmatch(r"(?:\d+(?:\.\d+)?\s*[smhdw]\s*)+", text):
        found = re.findall(r"(\d+(?:\.\d+)?)\s*([smhdw])", text)
        try:
            return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in found))
        except OverflowError:
            raise ValueError(f"{value!r} is longer than any time") from None
    raise ValueError(f'{value!r} is no duration; write for example "90s", "15m", "6h" or "7d"')


def parse_size(value: Any) -> int:
    """``"10MB"`` to bytes, in powers of ten."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and (found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmg]?b)", value.strip().lower())):
        return int(float(found[1]) * _BYTES[found[2]])
    raise ValueError(f'{value!r} is no size; write for example "64kB" or "10MB"')


def parse_rate(value: Any) -> float:
    """``"30/min"`` to messages a second; units s, min, h."""
    if isinstance(value, float):
        return value
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*/\s*(s|min|h)", str(value).strip().lower())
    if found is None or float(found[1]) <= 0:
        raise ValueError(f'{value!r} is no rate; write for example "1/s" or "30/min"')
    return float(found[1]) / {"s": 1, "min": 60, "h": 3600}[found[2]]


def show_duration(value: timedelta) -> str:
    """The shortest form that ``parse_duration`` reads back: ``1h30m``."""
    left = round(value.total_seconds())
    if left <= 0:
        return "0s"
    shown = ""
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, _SECONDS[unit])
        shown += f"{count}{unit}" if count else ""
    return shown


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Rate = Annotated[float, BeforeValidator(parse_rate)]
Size = Annotated[int, BeforeValidator(parse_size)]
