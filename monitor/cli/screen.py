"""The terminal as rich sees it; imported only where something is drawn on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

LONG = 500
"""So many steps are long work."""


class Screen(Console):
    """Takes no markup, so that nothing of a feed is read as such; a reader that goes away is told like any other."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, highlight=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """As without rich: the program's entry ends quietly."""
        raise BrokenPipeError

    def indented(self, text: Text, by: int, *, hang: int = 0) -> None:
        """``text``, wrapped, without blanks at the ends of lines; lines after the first stand ``hang`` further in."""
        for number, line in enumerate(text.wrap(self, max(20, self.width - by - hang))):
            line.rstrip()
            self.print(Text(" " * (by + hang * (number > 0))).append_text(line))

    def head(self, text: str) -> None:
        """The name of a section."""
        self.print()
        self.print(Text(text, style="bold"))


@contextmanager
def progress(what: str, total: int, told: Callable[[str], None]) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, else a line for every tenth of long work; gives what is to hear of each step."""
    screen = Screen(stderr=True)
    if not screen.is_terminal:
        done = tenth = 0

        def line(step: int) -> None:
            nonlocal done, tenth
            done += step
            if total >= LONG and done * 10 // total > tenth:
                tenth = done * 10 // total
                told(f"{what}: {done:,} of {total:,}")

        yield line
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda step: bar.advance(task, step)
