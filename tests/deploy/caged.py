"""Runs a program under the seccomp part of deploy/monitor.service: python -m tests.deploy.caged PROGRAM ARGUMENT ...

The unit's own words are read: SystemCallFilter=, RestrictAddressFamilies=, MemoryDenyWriteExecute=. The sets of calls are
systemd's, asked of ``systemd-analyze``. systemd itself is not needed, nor are privileges.
"""

import ctypes
import errno
import functools
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

UNIT = Path(__file__).parents[2] / "deploy" / "monitor.service"
ALLOW, FORBID = 0x7FFF0000, 0x00050000 | errno.EPERM
EQUAL, MASKED = 4, 7
WRITE, EXECUTE = 2, 4


class Compare(ctypes.Structure):
    """``struct scmp_arg_cmp`` of libseccomp."""

    _fields_ = (("argument", ctypes.c_uint), ("how", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


@functools.cache
def library() -> ctypes.CDLL:
    """libseccomp.

    :raises OSError: it is not installed.
    """
    found = ctypes.CDLL("libseccomp.so.2")
    found.seccomp_init.restype = ctypes.c_void_p
    found.seccomp_init.argtypes = [ctypes.c_uint32]
    found.seccomp_load.argtypes = [ctypes.c_void_p]
    found.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Compare),
    ]  # fmt: skip
    return found


def words(name: str) -> list[str]:
    """The values of a setting of the unit, a line each."""
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.M)


def calls(group: str) -> set[str]:
    """The system calls of one of systemd's sets."""
    told = subprocess.run(
        ["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, timeout=30, check=True
    )
    names = {line.strip() for line in told.stdout.splitlines()[1:] if line.strip() and not line.strip().startswith("#")}
    return {call for name in names for call in (calls(name) if name.startswith("@") else {name})}


def allowed() -> set[str]:
    """The calls that the unit allows; a line that begins with ~ takes away."""
    found: set[str] = set()
    for line in words("SystemCallFilter"):
        named = {call for group in line.removeprefix("~").split() for call in calls(group)}
        found = found - named if line.startswith("~") else found | named
    return found


def add(context: int, action: int, call: str, *comparisons: Compare) -> None:
    number = library().seccomp_syscall_resolve_name(call.encode())
    if number < 0:  # no such call on this machine
        return
    array = (Compare * len(comparisons))(*comparisons)
    if library().seccomp_rule_add_array(context, action, number, len(comparisons), array):
        raise OSError(f"no rule for {call}")


def close_the_cage() -> None:
    """From here on this process and its children may do what the service may."""
    permitted = allowed()
    families = [getattr(socket, name) for name in words("RestrictAddressFamilies")[0].split()]
    narrow = library().seccomp_init(ALLOW)
    for family in range(45):
        if family not in families:
            add(narrow, FORBID, "socket", Compare(0, EQUAL, family))
    if words("MemoryDenyWriteExecute") == ["yes"]:
        add(narrow, FORBID, "mmap", Compare(2, MASKED, WRITE | EXECUTE, WRITE | EXECUTE))
        add(narrow, FORBID, "mprotect", Compare(2, MASKED, EXECUTE, EXECUTE))
        add(narrow, FORBID, "pkey_mprotect", Compare(2, MASKED, EXECUTE, EXECUTE))
    wide = library().seccomp_init(FORBID)
    for call in permitted:
        add(wide, ALLOW, call)
    for context in (narrow, wide):
        if library().seccomp_load(context):
            raise OSError("the kernel does not take the filter")


if __name__ == "__main__":
    close_the_cage()
    os.execv(sys.argv[1], sys.argv[1:])
