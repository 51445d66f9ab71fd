"""The daemon: a few fixed ticks over the pipeline, signals, the service manager."""
