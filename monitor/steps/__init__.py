"""The steps of the pipeline, each in a file: what it reads, places, tells, and sets aside."""
