"""The daemon: a few fixed ticks over the pipeline, signals, the service manager."""

from monitor.daemon.service import Daemon, Health
from monitor.daemon.single import once

__all__ = ["Daemon", "Health", "once"]
