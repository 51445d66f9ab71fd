"""Frozen values that the rooms of the house hand to each other.

All times are aware UTC datetimes. Offsets are code points into the text they name. A value holds no
behaviour beyond what follows from its own fields.

A module is loaded with the first of its names: making all these classes takes as long as a short command.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.model.alerts import *  # noqa: F403
    from monitor.model.feeds import *  # noqa: F403
    from monitor.model.network import *  # noqa: F403
    from monitor.model.stories import *  # noqa: F403
    from monitor.model.texts import *  # noqa: F403

_NAMES = {
    "alerts": (
        "Alert AlertKind Delivered Delivery DeliveryState GroupBy Hold HoldReason Message News Outcome "
        "Rejected RetryLater Rule RuleMatch Silence Trigger"
    ),
    "feeds": (
        "ChangedEntry EntryKeys Feed FeedFault FeedRejected FeedSpec FeedState KnownEntry NewEntry Notice "
        "Origin ParsedEntry ParsedFeed PollPlan RedirectEvidence"
    ),
    "network": "Document FetchFailed FetchReason Fetched NotModified Redirect Request RequestKind Weight",
    "stories": "Candidate Duplicate Joins Placement Provenance Starts Story",
    "texts": (
        "Analysis Article BodyStatus CountryMention Extract Fact Fingerprint Person Quote Span Text TextField "
        "TopicMatch TopicTerm"
    ),
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names.split()}

if not TYPE_CHECKING:  # or a type checker would take any name for one that is there

    def __getattr__(name: str) -> Any:
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        return value
