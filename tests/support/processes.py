"""What the kernel says of processes."""

from __future__ import annotations

from pathlib import Path


def _stat(pid: int) -> tuple[str, int] | None:
    """Return the state letter and the parent of a process; ``None`` where there is none."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return state, int(parent)


def is_gone(pid: int) -> bool:
    """Whether a process has ended; a zombie has."""
    stat = _stat(pid)
    return stat is None or stat[0] == "Z"


def is_zombie(pid: int) -> bool:
    stat = _stat(pid)
    return stat is not None and stat[0] == "Z"


def parent_of(pid: int) -> int:
    stat = _stat(pid)
    assert stat is not None
    return stat[1]


def descendants(pid: int) -> set[int]:
    """Return the processes that descend from one, zombies included."""
    parents = {int(path.name): _stat(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()}
    family, grown = {pid}, True
    while grown:
        children = {child for child, stat in parents.items() if stat is not None and stat[1] in family}
        grown = not children <= family
        family |= children
    return family - {pid}
