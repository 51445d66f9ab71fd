"""Which countries a text speaks of; names of countries in many languages; regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.loading import late_names

if TYPE_CHECKING:
    from monitor.core.places.mentions import countries, country_code, country_name, country_of_demonym, place_code
    from monitor.core.places.regions import REGIONS

__all__ = ["REGIONS", "countries", "country_code", "country_name", "country_of_demonym", "place_code"]

if not TYPE_CHECKING:
    __getattr__ = late_names(
        __name__,
        {"mentions": "countries country_code country_name country_of_demonym place_code", "regions": "REGIONS"},
    )
