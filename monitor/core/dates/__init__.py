"""Dates as pages write them, and the days and numbers that a text speaks of."""

from monitor.core.dates.days import days_in
from monitor.core.dates.facts import facts
from monitor.core.dates.written import has_time, has_zone, parse_date

__all__ = ["days_in", "facts", "has_time", "has_zone", "parse_date"]
