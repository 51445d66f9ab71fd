"""Draws docs/demo.svg from a terminal in which the commands really run: make picture

The demo is played on a pseudo-terminal in a fresh folder, then its database is asked. What the terminal showed at the
end is drawn; nothing is typed by hand but the choice of what is left out, which the picture marks with "…".
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import sys
import tempfile
import termios
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 104
PICTURE = Path(__file__).with_name("demo.svg")
CONTROL = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])")
SEARCH = "search 'deport* country:UZ' --limit 3"


def run(command: list[str], folder: Path) -> str:
    """What ``command`` writes to a terminal of ``WIDTH`` columns.

    :raises SystemExit: it failed.
    """
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execve(command[0], command, {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, WIDTH, 0, 0))
    written = bytearray()
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the other side has closed
            break
        if not part:
            break
        written += part
    if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise SystemExit(f"{' '.join(command)} ended with {code}:\n{written.decode(errors='replace')}")
    return written.decode(errors="replace")


def screen(written: str) -> list[Text]:
    """The lines that stand there in the end, where lines were erased and written anew."""
    lines, row = [""], 0
    for part in re.split(r"(\n|\x1b\[\??[0-9;]*[A-Za-z])", written.replace("\r", "")):
        code = CONTROL.fullmatch(part)
        if part == "\n":
            row += 1
        elif code and code[2] == "A":
            row -= int(code[1] or 1)
        elif code and code[2] == "K":
            lines[row] = ""
        elif not code or code[2] == "m":
            lines[row] += part
        lines += [""] * (row + 1 - len(lines))
    return [Text.from_ansi(line) for line in lines]


def until(lines: Iterable[Text], heading: str, most: dict[str, int]) -> Iterator[Text]:
    """The lines before ``heading``; of the part under a heading of ``most`` only so many."""
    left = None
    for line in lines:
        if line.plain == heading:
            return
        left = most.get(line.plain, None if not line.plain else left)
        if left is not None:
            left -= 1
            if left == -1:
                yield Text("  …", style="dim")
            if left < 0:
                continue
        yield line


def draw(scenes: Iterable[tuple[str, Iterable[Text]]]) -> str:
    """The picture of prompts and what came of them."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for prompt, lines in scenes:
        console.print(Text.assemble(("$ ", "bold green"), (prompt, "bold")))
        for line in lines:
            console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
        console.print()
    svg = console.export_svg(title="monitor", unique_id="monitor")
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.S)  # no address of a font's server


def main() -> None:
    monitor = str(Path(sys.executable).with_name("monitor"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        played = screen(run([monitor, "demo"], folder))
        found = screen(run(["/bin/sh", "-c", f"{monitor} -c monitor-demo/config.toml {SEARCH}"], folder))
    parts = {"Articles by topic": 8, "A text on three sites is one text": 6, "The mail, as it arrived": 16}
    scenes = [
        ("monitor demo", until(played, "The webhook, as it arrived (its signature verified)", parts)),
        (f"monitor -c monitor-demo/config.toml {SEARCH}", found),
    ]
    PICTURE.write_text(draw(scenes), encoding="utf-8")


if __name__ == "__main__":
    main()
