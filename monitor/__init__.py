"""monitor: a media-monitoring daemon. The way of an item is told in ``monitor/pipeline.py``."""

__version__ = "0.1.0"
