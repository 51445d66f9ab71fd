"""Slack, Discord, Teams and Mattermost: an incoming webhook takes the message as it was rendered for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from monitor.core.messages import encode
from monitor.model import Delivered, Document, FetchFailed, Message, Outcome, Rejected
from monitor.notifiers.base import Poster, checked_url, host_label
from monitor.notifiers.http import DEADLINE, outcome_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """The address of the incoming webhook is its secret."""

    url: str = field(repr=False)
    deadline: timedelta = DEADLINE


class ChatNotifier:
    """Where the service refuses the rich form, the plain one follows at once: an alert is not lost over its looks."""

    def __init__(self, kind: str, name: str, settings: ChatSettings, poster: Poster) -> None:
        self.kind = kind
        self.name = name
        url = checked_url(name, settings.url)
        self._url = _waiting(url) if kind == "discord" else url
        self.endpoint = host_label(kind, url)
        self._deadline = settings.deadline.total_seconds()
        self._poster = poster

    async def send(self, message: Message, *, now: datetime) -> Outcome:  # noqa: ARG002 - no chat takes a time
        reply = await self._post(message.payload["rich"])
        if reply.status not in {400, 413}:
            return outcome_of(reply)
        reply = await self._post(message.payload["plain"])
        if reply.status in {400, 413}:
            return Rejected(reason=f"HTTP {reply.status}: refused as a card and as plain text", status=reply.status)
        outcome = outcome_of(reply)
        return Delivered(receipt=f"{outcome.receipt}, as plain text") if isinstance(outcome, Delivered) else outcome

    async def _post(self, payload: Mapping[str, Any]) -> Document | FetchFailed:
        headers = {"content-type": "application/json"}
        return await self._poster.post(self._url, encode(payload), headers, self._deadline)

    async def aclose(self) -> None:
        """Nothing is held open here."""


def _waiting(url: str) -> str:
    """Discord reports a message that it does not save only to those who wait for it."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "wait"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("wait", "true")])))


def maker(kind: str) -> Callable[[str, Mapping[str, Any], Poster], ChatNotifier]:
    return partial(_make, kind)


def _make(kind: str, name: str, settings: Mapping[str, Any], poster: Poster) -> ChatNotifier:
    return ChatNotifier(kind, name, ChatSettings(**settings), poster)
