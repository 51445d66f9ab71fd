"""When to ask a feed, what to ask, and what its answer comes to. Pure: ``now`` and ``jitter`` are arguments."""

from monitor.core.polling.answers import body_hash, body_unchanged, outage_now, request_for
from monitor.core.polling.explain import explain_schedule
from monitor.core.polling.identity import content_hash, document_keys, entry_keys
from monitor.core.polling.pace import Pace
from monitor.core.polling.plan import plan_poll

__all__ = [
    "Pace",
    "body_hash",
    "body_unchanged",
    "content_hash",
    "document_keys",
    "entry_keys",
    "explain_schedule",
    "outage_now",
    "plan_poll",
    "request_for",
]
