"""When to ask a feed, what to ask, and what its answer comes to. Pure: ``now`` and ``jitter`` are arguments.

``FeedState.problem`` is one of ``unreachable refused rate_limited gone too_large`` (no document), ``not_a_feed empty
poison`` (a document that is none), ``cut_off`` (half a document), ``stale_304 undated moved`` and, of entries,
``remapped all_new unstable``. Kinds of notices are ``feed_silent feed_recovered feed_gone feed_moved identity_remap
old_entries_held many_entries all_new unstable``.
"""

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
