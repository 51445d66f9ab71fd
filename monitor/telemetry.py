"""Logs and metrics. Every event has a name that stands in ``EVENTS``; secrets are cut out of every record.

A record is one line: ``event key=value …``. Under systemd (``$JOURNAL_STREAM``) it carries the journal's priority
prefix and no time; on a terminal or in a file it carries the time.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections import Counter
from typing import Any, TextIO

from monitor.core.text import one_line
from monitor.core.urls import redact_url

EVENTS = {
    "daemon_started": "the daemon is ready",
    "daemon_stopping": "SIGTERM or SIGINT came; what is under way is finished",
    "daemon_stopped": "all is put away",
    "config_reloaded": "SIGHUP: the new configuration is in force",
    "config_refused": "SIGHUP: the new configuration is faulty, the old one stays in force",
    "standing": "where the daemon stands: feeds read and not reached, and when those are asked again",
    "endpoint_failed": "health, metrics and links of mails are not served, and why; the rest goes on",
    "feed_polled": "a feed was read, with new or changed entries",
    "feed_unchanged": "a feed was asked and had nothing new",
    "feed_failed": "a feed could not be read; why, and when it is tried again",
    "article_ingested": "an article was analysed and stored",
    "article_failed": "an article could not be ingested now; when it is tried again",
    "no_worker": "no worker process can be started; what needed one is tried again",
    "input_quarantined": "an input killed its worker too often and is set aside",
    "alert_planned": "a rule matched and deliveries were written to the outbox",
    "alert_held": "a rule matched and nothing is sent, and why",
    "rule_counts": "a new or changed rule for spikes or silences counted its reports in the archive, so far back",
    "delivered": "an endpoint took a message",
    "delivery_retry": "an endpoint did not take a message; when it is tried again",
    "delivery_dead": "a message is given up until a person retries it",
    "notice": "something that the operator should know",
    "network_outage": "most hosts fail together: nothing is counted against feeds",
    "network_back": "hosts answer again",
    "storage_degraded": "the database cannot write; polling pauses",
    "storage_back": "the database writes again",
    "task_crashed": "a bug: a task ended with an exception; the others go on",
    "pruned": "what was older than the configuration keeps is gone",
    "loop_late": "the event loop was held",
}
"""Every event that the program logs, and what it means."""

METRICS: Counter[str] = Counter()
"""Counts since the start of the process, by event and outcome: ``polls_total{outcome="new"}``."""

_SECRETS: set[str] = set()
_URL = re.compile(r"\bhttps?://[^\s'\"<>]+", re.I)
_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_QUIET = ("httpx", "httpcore", "hpack", "apscheduler", "sqlalchemy", "trafilatura", "htmldate", "asyncio", "uvicorn")

_log = logging.getLogger("monitor")


def protect(secret: str) -> None:
    """From now on this string never appears in a log record."""
    if len(secret) >= 4:
        _SECRETS.add(secret)


def redact(text: str) -> str:
    """``text`` without protected secrets, and with its addresses free of user information and tokens."""
    for secret in _SECRETS:
        text = text.replace(secret, "***")
    return _URL.sub(lambda found: redact_url(found[0]), text)


class _Formatter(logging.Formatter):
    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        text = redact(text)
        if self._journal:
            # Each line needs the prefix, or the journal takes the rest as another record of default priority.
            prefix = f"<{_PRIORITY.get(record.levelno, 6)}>"
            return prefix + text.replace("\n", "\n" + prefix)
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        return f"{when} {record.levelname.lower():7} {text}"


def start_logging(*, verbose: int = 0, quiet: bool = False, stream: TextIO | None = None) -> None:
    """Send records to ``stream`` (standard error): INFO and above, with ``verbose`` also DEBUG of this program.

    ``quiet`` leaves only errors, for commands that tell a person what happened in their own way.

    Libraries are heard from WARNING on, whatever ``verbose`` says: at lower levels they log addresses with secrets.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Formatter(journal="JOURNAL_STREAM" in os.environ and stream is None))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that comes late is the watchdog's business
    _log.setLevel(logging.DEBUG if verbose else logging.ERROR if quiet else logging.INFO)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    text = one_line(str(value), 500)
    return f'"{text}"' if " " in text or not text else text


def event(
    name: str, level: int = logging.INFO, *, count: str = "", exc: BaseException | None = None, **facts: Any
) -> None:
    """Log one event, and count it under ``count`` (a metric's name with its labels) where given.

    :param facts: what happened, each shown as ``key=value``; ``None`` is left out.
    """
    if name not in EVENTS:
        raise ValueError(f"event {name!r} is not listed in EVENTS")
    if count:
        METRICS[count] += 1
    if _log.isEnabledFor(level):
        told = " ".join(f"{key}={_shown(value)}" for key, value in facts.items() if value is not None)
        _log.log(level, "%s", f"{name} {told}".rstrip(), exc_info=exc)
