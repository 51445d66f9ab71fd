"""Frozen values that the rooms of the house hand to each other.

All times are aware UTC datetimes. Offsets are code points into the text they name. A value holds no
behaviour beyond what follows from its own fields.

A module is loaded with the first of its names: making all these classes takes as long as a short command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.loading import late_names

if TYPE_CHECKING:
    from monitor.model.alerts import *  # noqa: F403
    from monitor.model.deliveries import *  # noqa: F403
    from monitor.model.entries import *  # noqa: F403
    from monitor.model.feeds import *  # noqa: F403
    from monitor.model.network import *  # noqa: F403
    from monitor.model.placements import *  # noqa: F403
    from monitor.model.polls import *  # noqa: F403
    from monitor.model.rules import *  # noqa: F403
    from monitor.model.stories import *  # noqa: F403
    from monitor.model.texts import *  # noqa: F403

_NAMES = {
    "alerts": "Alert AlertKind Hold HoldReason Silence",
    "deliveries": "Delivered Delivery DeliveryState Message Outcome Rejected RetryLater",
    "entries": "FeedFault FeedRejected ParsedEntry ParsedFeed",
    "feeds": "Feed FeedSpec FeedState Origin RedirectEvidence",
    "network": "Document FetchFailed FetchReason Fetched NotModified Redirect Request RequestKind Weight",
    "placements": "Candidate Duplicate Joins Placement Starts",
    "polls": "ChangedEntry EntryKeys KnownEntry NewEntry Notice PollPlan",
    "rules": "GroupBy News Rule RuleMatch Trigger",
    "stories": "Provenance Story",
    "texts": (
        "Analysis Article BodyStatus CountryMention Extract Fact Fingerprint Person Quote Span Text TextField "
        "TopicMatch TopicTerm"
    ),
}

if not TYPE_CHECKING:
    __getattr__ = late_names(__name__, _NAMES)
