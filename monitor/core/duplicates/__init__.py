"""Two texts: is one a copy of the other, do both report one event, or neither?

``fingerprint`` is what the database finds candidates by, ``compare`` verifies.
"""

from monitor.core.duplicates.copies import find_copy
from monitor.core.duplicates.fingerprints import fingerprint, resemblance
from monitor.core.duplicates.origins import copies_among, origin, origins
from monitor.core.duplicates.profiles import Profile, profile
from monitor.core.duplicates.verdict import Verdict, compare

__all__ = [
    "Profile",
    "Verdict",
    "compare",
    "copies_among",
    "find_copy",
    "fingerprint",
    "origin",
    "origins",
    "profile",
    "resemblance",
]
