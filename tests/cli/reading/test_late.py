"""Modules that are loaded when they are used: each in a process of its own, which has loaded nothing yet."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATE = "import sys; from monitor.cli.late import load_late; load_late('asyncio', 'iscoroutine')\n"
LOADED = "print('asyncio.events' in sys.modules)\n"


def printed(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", LATE + code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


def test_to_name_a_module_and_its_function_loads_nothing() -> None:
    assert printed("import asyncio; import asyncio as again; kept = asyncio.iscoroutine\n" + LOADED) == ["False"]


@pytest.mark.parametrize(
    "use",
    [
        "import asyncio; asyncio.run(asyncio.sleep(0))",
        "import asyncio.queues; asyncio.queues.Queue",
        "from asyncio import run, sleep; run(sleep(0))",
        "import asyncio; kept = asyncio.iscoroutine; assert not kept(1) and kept(asyncio.sleep(0)) is True",
        (
            "import concurrent.futures, threading, asyncio\n"
            "with concurrent.futures.ThreadPoolExecutor(8) as pool: list(pool.map(lambda _: asyncio.wait_for, range(50)))"
        ),
    ],
)
def test_the_first_use_loads_the_whole_module(use: str) -> None:
    same = "print(type(asyncio).__name__, asyncio is sys.modules['asyncio'])\n"
    assert printed(f"{use}\nimport asyncio\n{same}{LOADED}") == ["module True", "True"]


def test_what_is_not_in_the_module_is_said_to_be_missing() -> None:
    code = "import asyncio\ntry: asyncio.nothing\nexcept AttributeError as problem: print(problem)\n"
    assert printed(code) == ["module 'asyncio' has no attribute 'nothing'"]


def test_a_module_that_is_there_stays_as_it_is() -> None:
    code = "import json; before = json; load_late('json'); import json; print(json is before, type(json).__name__)"
    assert printed(code) == ["True module"]
