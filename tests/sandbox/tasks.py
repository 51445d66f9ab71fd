"""What workers are given in the tests: it must be importable there."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

from monitor.errors import QueryError


def add(first: int, second: int) -> int:
    return first + second


def pid() -> int:
    return os.getpid()


def size(data: bytes) -> int:
    return len(data)


def give(count: int) -> bytes:
    return bytes(count)


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "slept"


def environment() -> dict[str, str]:
    inherited = Path("/proc/self/environ").read_text().split("\0")
    return dict(os.environ) | dict(item.split("=", 1) for item in inherited if "=" in item)


def limits() -> tuple[int, int]:
    import resource

    return resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CORE)[0]


def kill_myself(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(60)


def segfault() -> None:
    ctypes.string_at(0)


def leave(code: int) -> None:
    os._exit(code)


def leave_politely() -> None:
    sys.exit(0)


def eat_memory() -> int:
    eaten = []
    while True:
        eaten.append(bytes(16 * 1024 * 1024))


def stuck_in_c() -> bool:
    """Backtracks for ages without ever releasing the interpreter's lock."""
    return re.match(r"(a+)+$", "a" * 60 + "b") is not None


def ignore_signals_and_sleep() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)


def fail(text: str) -> None:
    raise ValueError(text)


def refuse() -> None:
    raise QueryError("no such thing", query="a AND", position=5, hint="?")


class AwkwardError(Exception):
    def __init__(self, one: Any, two: Any) -> None:
        super().__init__(f"{one} {two}")


def fail_awkwardly() -> None:
    raise AwkwardError(1, lambda: 2)


def unpicklable() -> Any:
    return lambda: 1
