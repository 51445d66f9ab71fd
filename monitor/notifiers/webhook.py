"""Webhooks after Standard Webhooks 1.0 (https://www.standardwebhooks.com): signed JSON, success is 2xx alone."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from standardwebhooks.webhooks import Webhook

from monitor.core.messages import encode
from monitor.errors import ConfigError
from monitor.model import Message, Outcome
from monitor.notifiers.base import Poster, checked_url, host_label
from monitor.notifiers.http import DEADLINE, outcome_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """``secret`` is base64 of 24 to 64 bytes, after ``whsec_`` or bare; ``previous_secret`` signs too for a while."""

    url: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    previous_secret: str | None = field(default=None, repr=False)
    deadline: timedelta = DEADLINE


class WebhookNotifier:
    """The id is the message's at every attempt, the timestamp that of the attempt."""

    kind = "webhook"

    def __init__(self, name: str, settings: WebhookSettings, poster: Poster) -> None:
        self.name = name
        self._url = checked_url(name, settings.url)
        self.endpoint = host_label(self.kind, self._url)
        secrets = (settings.secret, settings.previous_secret)
        self._signers = tuple(Webhook(_key(name, secret)) for secret in secrets if secret is not None)
        self._deadline = settings.deadline.total_seconds()
        self._poster = poster

    async def send(self, message: Message, *, now: datetime) -> Outcome:
        body = encode(message.payload)
        headers = dict(self._headers(message.id, body, now))
        return outcome_of(await self._poster.post(self._url, body, headers, self._deadline))

    def _headers(self, message_id: str, body: bytes, now: datetime) -> Iterator[tuple[str, str]]:
        yield "content-type", "application/json"
        yield "webhook-id", message_id
        yield "webhook-timestamp", str(int(now.timestamp()))
        if self._signers:
            signatures = (signer.sign(message_id, now, body.decode()) for signer in self._signers)
            yield "webhook-signature", " ".join(signatures)

    async def aclose(self) -> None:
        """Nothing is held open here."""


def _key(name: str, secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.strip().removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not 24 <= len(key) <= 64:
        text = "a webhook secret is base64 of 24 to 64 random bytes, as `openssl rand -base64 32` makes it"
        raise ConfigError(f"channels.{name}: {text}")
    return key


def make(name: str, settings: Mapping[str, Any], poster: Poster) -> WebhookNotifier:
    return WebhookNotifier(name, WebhookSettings(**settings), poster)
