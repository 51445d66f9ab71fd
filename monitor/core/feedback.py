"""Signed links by which a reader says what an alert was worth."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

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
        return hmac.new(self.key, f"{alert_id}.{verdict}".encode(), "sha256").hexdigest()[:_SIGNED]

    def holds(self, alert_id: str, verdict: str, sign: str) -> bool:
        """Whether ``sign`` is ours, compared in constant time."""
        ours = self.sign(alert_id, verdict)
        return verdict in VERDICTS and hmac.compare_digest(ours.encode(), sign.encode("utf-8", "replace"))
