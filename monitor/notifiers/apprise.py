"""Any other service, by the library Apprise (the extra ``apprise``).

The library is synchronous and opens connections of its own, so each message is sent by a process of its own, which is
killed at the deadline. The addresses, which are secrets, and the message go to it by standard input alone.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

from monitor.errors import ConfigError
from monitor.model import Delivered, Message, Outcome, RetryLater
from monitor.notifiers.base import Poster
from monitor.notifiers.program import run

_MOST_TEXT = 8000
"""Code points of the body; the library shortens further to what a service takes."""

_CHILD = """
import json, logging, sys
logging.disable(logging.CRITICAL)
import apprise
told = json.load(sys.stdin)
asset = apprise.AppriseAsset(app_id="monitor", secure_logging=True, http_redirects=False, allow_templates=False)
one = apprise.Apprise(asset=asset)
if not one.add(told["url"]):
    sys.exit(65)
taken = one.notify(title=told["title"], body=told["body"], body_format="text", interpret_escapes=False)
sys.exit(0 if taken else 75)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseSettings:
    """``url`` is an address as Apprise writes them, such as ``ntfys://host/topic``; it holds the secrets."""

    url: str = field(repr=False)
    deadline: timedelta = timedelta(seconds=20)


class AppriseNotifier:
    """The library says whether a service took the message, and not why not: what it does not take is tried again."""

    kind = "apprise"

    def __init__(self, name: str, settings: AppriseSettings) -> None:
        scheme, separator, _ = settings.url.partition("://")
        if not separator or not scheme.isalnum():
            raise ConfigError(f"channels.{name}: its url must be an address of Apprise, such as ntfys://host/topic")
        if find_spec("apprise") is None:
            raise ConfigError(f"channels.{name}: needs the library Apprise: pip install 'monitor-news[apprise]'")
        self.name = name
        self.endpoint = f"apprise {scheme}"
        self._settings = settings

    async def send(self, message: Message, *, now: datetime) -> Outcome:  # noqa: ARG002 - no service takes a time
        told = {"url": self._settings.url, "title": message.subject, "body": message.text[:_MOST_TEXT]}
        seconds = self._settings.deadline.total_seconds()
        try:
            ended = await run((sys.executable, "-I", "-c", _CHILD), json.dumps(told).encode(), seconds=seconds)
        except TimeoutError:
            return RetryLater(reason=f"the service did not take it within {seconds:g} s")
        except OSError as error:
            return RetryLater(reason=f"the process of Apprise does not start: {error.__class__.__name__}")
        match ended.status:  # what the process complains of may hold the address, and is told to nobody
            case 0:
                return Delivered(receipt="taken")
            case os.EX_DATAERR:  # an upgrade of the library may know the address again
                return RetryLater(reason="Apprise does not know such an address")
            case os.EX_TEMPFAIL:
                return RetryLater(reason="the service did not take it")
            case code:
                return RetryLater(reason=f"the process of Apprise ended with {code}")

    async def aclose(self) -> None:
        """Every process has ended with its send."""


def make(name: str, settings: Mapping[str, Any], poster: Poster) -> AppriseNotifier:  # noqa: ARG001 - its own door
    return AppriseNotifier(name, AppriseSettings(**settings))
