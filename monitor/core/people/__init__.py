"""Persons named with a role or office."""

from __future__ import annotations

from monitor.core.people.reading import people

__all__ = ["people"]
