"""What stands between an alert and its readers: quiet hours, the cap, silences, channels that are switched off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.core.alerts.times import quiet_hours, quiet_until
from monitor.core.alerts.words import when
from monitor.model import Hold, Rule, Silence

_HOUR = timedelta(hours=1)


def end_of_quiet(rule: Rule, at: datetime) -> datetime | None:
    """When the rule's quiet hours around ``at`` end; ``None`` where it may speak then."""
    if not rule.quiet or rule.priority == "high":
        return None
    return quiet_until(quiet_hours(rule.quiet), at)


def overflow_due(rule: Rule, now: datetime) -> datetime:
    """When what is beyond the cap is told."""
    return end_of_quiet(rule, now + _HOUR) or now + _HOUR


def longest_silence(silences: Sequence[Silence], rule: str, now: datetime) -> Silence | None:
    """Of the silences that hold ``rule`` now, the one that ends last."""
    active = [s for s in silences if s.rule in {None, rule} and s.starts_at <= now < s.ends_at]
    return max(active, key=lambda s: (s.ends_at, s.id), default=None)


def silenced_hold(rule: str, silence: Silence) -> Hold:
    detail = f"silenced by {silence.who} until {when(silence.ends_at)}: {silence.reason}"
    return Hold(rule=rule, reason="silenced", detail=detail, refers_to=str(silence.id))


def open_channels(wanted: Sequence[str], channels: Mapping[str, str | None]) -> tuple[str, ...]:
    """Those that take messages; ``channels`` gives each that is known, with the reason why it is off."""
    return tuple(name for name in dict.fromkeys(wanted) if channels.get(name, "unknown") is None)


def closed_channels(wanted: Sequence[str], channels: Mapping[str, str | None]) -> tuple[str, ...]:
    """Those that take none, each with the reason."""
    return tuple(
        f"channel {name} is off: {channels[name]}" if name in channels else f"channel {name} is not known"
        for name in dict.fromkeys(wanted)
        if channels.get(name, "unknown") is not None
    )
