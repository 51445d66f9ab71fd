"""Who is told what, when, and why not.

``decide`` judges the matches of one article, ``release`` a group that is due, ``spike`` and ``silence_due`` look at
counts. All of them are pure; what waits, waits on rows.
"""

from typing import TYPE_CHECKING

from monitor.loading import late_names

if TYPE_CHECKING:
    from monitor.core.alerts.deciding import decide, group_keys
    from monitor.core.alerts.ids import alert_id
    from monitor.core.alerts.news import RANK, Said, said
    from monitor.core.alerts.releasing import Release, Waiting, empty_digest, release
    from monitor.core.alerts.simulating import Simulation
    from monitor.core.alerts.values import QUEUED, Decision, Group, History, Told
    from monitor.core.alerts.watching import WEEKS, Spike, poisson_tail, silence_due, spike

__all__ = [
    "QUEUED",
    "RANK",
    "WEEKS",
    "Decision",
    "Group",
    "History",
    "Release",
    "Said",
    "Simulation",
    "Spike",
    "Told",
    "Waiting",
    "alert_id",
    "decide",
    "empty_digest",
    "group_keys",
    "poisson_tail",
    "release",
    "said",
    "silence_due",
    "spike",
]

if not TYPE_CHECKING:
    __getattr__ = late_names(
        __name__,
        {
            "deciding": "decide group_keys",
            "ids": "alert_id",
            "news": "RANK Said said",
            "releasing": "Release Waiting empty_digest release",
            "simulating": "Simulation",
            "values": "QUEUED Decision Group History Told",
            "watching": "WEEKS Spike poisson_tail silence_due spike",
        },
    )
