"""``monitor run CONFIG`` of which, as soon as ``FILE`` appears, one thing stands still, named by the third argument.

``loop``: the event loop, for a minute. ``outbox``: the look for messages, while the file is there.
"""

import asyncio
import sys
import time
from pathlib import Path

from monitor.app import open_database
from monitor.config import load_settings
from monitor.daemon.service import Daemon
from monitor.telemetry import start_logging

config, flag = map(Path, sys.argv[1:3])
what = sys.argv[3]


async def hold(daemon: Daemon) -> None:
    daemon.serving.set()
    while not flag.exists():  # noqa: ASYNC110 - a file has no event
        await asyncio.sleep(0.05)
    time.sleep(60)  # noqa: ASYNC251 - this is the fault


class StuckOutbox(Daemon):
    async def _outbox(self) -> None:
        while flag.exists():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)
        await super()._outbox()


if __name__ == "__main__":  # the sandbox's processes import this file
    start_logging()
    settings = load_settings(config)
    kind, services = (Daemon, [hold]) if what == "loop" else (StuckOutbox, [])
    asyncio.run(kind(settings, open_database(settings), lambda: settings, services).run())
