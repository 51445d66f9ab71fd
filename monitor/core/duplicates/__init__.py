"""Two texts: is one a copy of the other, do both report one event, or neither?

`fingerprints.fingerprint` is what the database finds candidates by, `verdict.compare` verifies.
"""
