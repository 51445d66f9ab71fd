"""``monitor run CONFIG`` with a service that holds the event loop for a minute once ``FILE`` appears."""

import asyncio
import sys
import time
from pathlib import Path

from monitor.app import open_database
from monitor.config import load_settings
from monitor.daemon.service import Daemon
from monitor.telemetry import start_logging

config, flag = map(Path, sys.argv[1:])


async def hold(daemon: Daemon) -> None:
    daemon.serving.set()
    while not flag.exists():  # noqa: ASYNC110 - a file has no event
        await asyncio.sleep(0.05)
    time.sleep(60)  # noqa: ASYNC251 - this is the fault


if __name__ == "__main__":  # the sandbox's processes import this file
    start_logging()
    settings = load_settings(config)
    asyncio.run(Daemon(settings, open_database(settings), lambda: settings, [hold]).run())
