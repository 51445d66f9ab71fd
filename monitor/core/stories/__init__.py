"""Stories: which reports are of one event. ``place`` decides, ``story_keys`` is what candidates are looked up by."""

from monitor.core.duplicates.events import WINDOW
from monitor.core.stories.clustering import Index, cluster, cluster_json, compare_json
from monitor.core.stories.placing import (
    COPIES_WITHIN,
    LIMIT_COPIES,
    LIMIT_REPORTS,
    PER_KEY,
    place,
    rank,
    story_keys,
)

__all__ = [
    "COPIES_WITHIN",
    "LIMIT_COPIES",
    "LIMIT_REPORTS",
    "PER_KEY",
    "WINDOW",
    "Index",
    "cluster",
    "cluster_json",
    "compare_json",
    "place",
    "rank",
    "story_keys",
]
