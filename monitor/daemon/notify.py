"""Word to the service manager by the sd_notify protocol (systemd's sd_notify(3)); silent where there is none."""

from __future__ import annotations

import os
import socket


class ServiceManager:
    """Takes ``$NOTIFY_SOCKET`` and ``$WATCHDOG_USEC`` out of the environment, so that no child process has them."""

    def __init__(self) -> None:
        self._address = os.environ.pop("NOTIFY_SOCKET", "")
        microseconds = os.environ.pop("WATCHDOG_USEC", "")
        owner = os.environ.pop("WATCHDOG_PID", "")
        mine = not owner or owner == str(os.getpid())
        self.watchdog_seconds = int(microseconds) / 1_000_000 if microseconds.isdigit() and mine else None

    def say(self, **words: str | int) -> None:
        """Send assignments such as ``READY=1``. A manager that does not listen is no reason to stop."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.connect(address)
                line.sendall("\n".join(f"{name}={value}" for name, value in words.items()).encode())
        except OSError:
            return
