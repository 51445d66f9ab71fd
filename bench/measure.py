"""What a command costs: processor time and memory of its whole tree of processes, start-up included."""

from __future__ import annotations

import ctypes
import gzip
import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER: grandchildren whose parent ended are waited for here


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the processors (user and system), seconds of the clock."""

    cpu: float
    wall: float


def run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    allowed: Sequence[int] = (0,),
) -> Cost:
    """Run ``command`` to the end of all its processes. What it says is shown only if it fails.

    The server of the bench is left out: it is the child that was there before.
    """
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    before = _children()
    began = time.monotonic()
    everything = {**os.environ, **(env or {})}
    process = subprocess.Popen(command, cwd=cwd, env=everything, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    out = process.stdout.read()
    cpu = wall = 0.0
    status = None
    while left := _children() - before:
        for child in left:
            with suppress(ChildProcessError):
                _, ended, used = os.wait4(child, 0)
                cpu += used.ru_utime + used.ru_stime
                if child == process.pid:
                    status, wall = os.waitstatus_to_exitcode(ended), time.monotonic() - began
    process.returncode = status
    if status not in allowed:
        raise SystemExit(f"{' '.join(command)} ended with {status}:\n{out.decode(errors='replace')}")
    return Cost(cpu, wall)


def installed(folder: Path) -> dict[str, str]:
    """The environment of commands that are compiled, into ``folder``: as an installation is, whatever ours says."""
    env = {"PYTHONPATH": f"{HERE.parent}:{HERE}", "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder)}
    compiling = [sys.executable, "-m", "compileall", "-q", str(HERE.parent / "monitor"), str(HERE)]
    subprocess.run(compiling, env={**os.environ, **env}, check=True)
    return env


def _children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def median(costs: Sequence[Cost]) -> Cost:
    return Cost(statistics.median(cost.cpu for cost in costs), statistics.median(cost.wall for cost in costs))


def least(costs: Sequence[Cost]) -> Cost:
    """The least of each: what a command costs where nothing else is at work."""
    return Cost(min(cost.cpu for cost in costs), min(cost.wall for cost in costs))


@contextmanager
def server(
    *, feeds: int, items: int, rounds: int = 0, pages: bool = False, wearing: Path | None = None, port: int = 8931
) -> Iterator[str]:
    """The web of `world` in a process of its own; gives the address that it is told things at. Its pages are those of
    the folder ``wearing`` where one is given.
    """
    command = [sys.executable, str(HERE / "server.py"), f"--feeds={feeds}", f"--items={items}", f"--rounds={rounds}"]
    command += [f"--port={port}", *(["--pages"] if pages else []), *([f"--wearing={wearing}"] if wearing else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield f"http://127.10.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def pages_in(folder: Path) -> list[bytes]:
    """The pages of a folder and those below: files that end with ``.html`` or ``.html.gz``, in the order of names."""
    packed = [path.read_bytes() for path in sorted(folder.rglob("*.html*"))]
    return [gzip.decompress(page) if page.startswith(b"\x1f\x8b") else page for page in packed]


def tell(control: str, what: str) -> None:
    """``round/1``, ``etag/off``."""
    with urllib.request.urlopen(f"{control}/_{what}", timeout=10) as reply:
        reply.read()


def conditions() -> str:
    """How busy the machine is: what a figure of the clock is worth."""
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{os.cpu_count()} cores, load {load}, Python {sys.version.split()[0]}"
