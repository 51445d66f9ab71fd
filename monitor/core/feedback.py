"""Signed links by which a reader says what an alert was worth, or wants no more of them."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from urllib.parse import urlencode

VERDICTS = ("relevant", "irrelevant")
_SIGNED = 32
"""Hexadecimal digits of the signature: 128 bits."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """``address`` is where readers reach the daemon's endpoint; ``key`` signs, so that nobody labels by guessing."""

    address: str
    key: bytes = field(repr=False)

    def links(self, alert_id: str) -> tuple[tuple[str, str], ...]:
        """Each verdict with its address."""
        base = self.address.rstrip("/")
        return tuple((each, f"{base}/feedback/{alert_id}/{each}?sign={self.sign(alert_id, each)}") for each in VERDICTS)

    def sign(self, alert_id: str, verdict: str) -> str:
        """HMAC-SHA256 over alert and verdict, shortened."""
        return self._signed(f"{alert_id}.{verdict}")

    def holds(self, alert_id: str, verdict: str, sign: str) -> bool:
        """Whether ``sign`` is ours, compared in constant time."""
        return verdict in VERDICTS and _same(self.sign(alert_id, verdict), sign)

    def unsubscribe(self, channel: str, rule: str, recipient: str) -> str:
        """Where ``recipient`` says that mails of ``rule`` are not wanted any more."""
        sign = self._signed(_no_more(channel, rule, recipient))
        asked = urlencode({"channel": channel, "rule": rule, "to": recipient, "sign": sign})
        return f"{self.address.rstrip('/')}/unsubscribe?{asked}"

    def unsubscribes(self, channel: str, rule: str, recipient: str, sign: str) -> bool:
        """Whether ``sign`` is ours, compared in constant time."""
        return _same(self._signed(_no_more(channel, rule, recipient)), sign)

    def _signed(self, said: str) -> str:
        return hmac.new(self.key, said.encode("utf-8", "replace"), "sha256").hexdigest()[:_SIGNED]


def _no_more(channel: str, rule: str, recipient: str) -> str:
    return f"unsubscribe\n{channel}\n{rule}\n{recipient}"


def _same(ours: str, sign: str) -> bool:
    return hmac.compare_digest(ours.encode(), sign.encode("utf-8", "replace"))
