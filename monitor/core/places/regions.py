"""Groups of countries that a query may name, by ISO 3166-1 alpha-2. Membership as of 2026."""

from __future__ import annotations


def _codes(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_BALTIC = "EE LV LT"
_NORDIC = "DK FI IS NO SE"
_BENELUX = "BE NL LU"
_VISEGRAD = "CZ HU PL SK"
_CENTRAL_ASIA = "KZ KG TJ TM UZ"
_CAUCASUS = "AM AZ GE"
_GULF = "BH KW OM QA SA AE"
_LEVANT = "IL JO LB PS SY"
_MAGHREB = "DZ LY MA MR TN EH"
_SAHEL = "BF ML MR NE TD"
_BALKANS = "AL BA BG HR GR XK ME MK RO RS SI"
_WESTERN_BALKANS = "AL BA XK ME MK RS"
_EU = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
_NATO = "AL BE BG CA HR CZ DK EE FI FR DE GR HU IS IT LV LT LU ME NL MK NO PL PT RO SK SI ES SE TR GB US"
_ASEAN = "BN KH ID LA MY MM PH SG TH TL VN"
_SOUTH_ASIA = "AF BD BT IN MV NP PK LK"
_EAST_ASIA = "CN HK JP KP KR MN MO TW"
_CENTRAL_AMERICA = "BZ CR GT HN NI PA SV"
_CARIBBEAN = "AG BS BB CU DM DO GD HT JM KN LC VC TT"
_SOUTH_AMERICA = "AR BO BR CL CO EC GY PY PE SR UY VE"
_HORN = "DJ ER ET SO"
_GREAT_LAKES = "BI CD RW TZ UG KE"
_WEST_AFRICA = "BJ BF CV CI GM GH GN GW LR ML MR NE NG SN SL TG"
_CENTRAL_AFRICA = "AO CM CF TD CG CD GQ GA ST"
_EAST_AFRICA = "BI KM DJ ER ET KE MG MW MU MZ RW SC SO SS TZ UG"
_SOUTHERN_AFRICA = "BW LS MW MZ NA SZ ZA ZM ZW"
_PACIFIC = "FJ FM KI MH NR PW PG SB TO TV VU WS"

REGIONS: dict[str, frozenset[str]] = {
    "central-asia": _codes(_CENTRAL_ASIA),
    "caucasus": _codes(_CAUCASUS),
    "baltics": _codes(_BALTIC),
    "nordics": _codes(_NORDIC),
    "benelux": _codes(_BENELUX),
    "visegrad": _codes(_VISEGRAD),
    "balkans": _codes(_BALKANS),
    "western-balkans": _codes(_WESTERN_BALKANS),
    "eastern-europe": _codes("BY BG CZ HU MD PL RO RU SK UA"),
    "western-europe": _codes(f"AT CH FR DE GB IE LI MC {_BENELUX}"),
    "southern-europe": _codes("AD CY ES GR IT MT PT SM VA"),
    "gulf": _codes(_GULF),
    "levant": _codes(_LEVANT),
    "maghreb": _codes(_MAGHREB),
    "middle-east": _codes(f"{_GULF} {_LEVANT} EG IQ IR TR YE"),
    "mena": _codes(f"{_GULF} {_LEVANT} {_MAGHREB} EG IQ IR TR YE SD"),
    "sahel": _codes(_SAHEL),
    "horn-of-africa": _codes(_HORN),
    "great-lakes": _codes(_GREAT_LAKES),
    "west-africa": _codes(_WEST_AFRICA),
    "central-africa": _codes(_CENTRAL_AFRICA),
    "east-africa": _codes(_EAST_AFRICA),
    "southern-africa": _codes(_SOUTHERN_AFRICA),
    "north-africa": _codes("DZ EG LY MA SD TN EH"),
    "sub-saharan-africa": _codes(f"{_WEST_AFRICA} {_CENTRAL_AFRICA} {_EAST_AFRICA} {_SOUTHERN_AFRICA} SD"),
    "africa": _codes(f"{_WEST_AFRICA} {_CENTRAL_AFRICA} {_EAST_AFRICA} {_SOUTHERN_AFRICA} DZ EG LY MA SD TN EH"),
    "south-asia": _codes(_SOUTH_ASIA),
    "southeast-asia": _codes(_ASEAN),
    "east-asia": _codes(_EAST_ASIA),
    "asia": _codes(f"{_CENTRAL_ASIA} {_CAUCASUS} {_SOUTH_ASIA} {_ASEAN} {_EAST_ASIA} {_GULF} {_LEVANT} IQ IR TR YE"),
    "north-america": _codes("CA MX US"),
    "central-america": _codes(_CENTRAL_AMERICA),
    "northern-triangle": _codes("GT HN SV"),
    "caribbean": _codes(_CARIBBEAN),
    "south-america": _codes(_SOUTH_AMERICA),
    "latin-america": _codes(f"MX {_CENTRAL_AMERICA} {_SOUTH_AMERICA} CU DO HT PR"),
    "pacific-islands": _codes(_PACIFIC),
    "oceania": _codes(f"{_PACIFIC} AU NZ"),
    "europe": _codes(f"{_EU} {_WESTERN_BALKANS} AD BY CH GB IS LI MC MD NO RU SM UA VA"),
    "eu": _codes(_EU),
    "eurozone": _codes("AT BE BG HR CY EE FI FR DE GR IE IT LV LT LU MT NL PT SK SI ES"),
    "schengen": _codes("AT BE BG HR CZ DK EE FI FR DE GR HU IS IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE CH"),
    "nato": _codes(_NATO),
    "five-eyes": _codes("AU CA GB NZ US"),
    "g7": _codes("CA FR DE IT JP GB US"),
    "g20": _codes("AR AU BR CA CN FR DE IN ID IT JP MX RU SA ZA KR TR GB US"),
    "brics": _codes("BR RU IN CN ZA EG ET ID IR AE"),
    "cis": _codes("AM AZ BY KZ KG RU TJ UZ"),
    "csto": _codes("AM BY KZ KG RU TJ"),
    "eaeu": _codes("AM BY KZ KG RU"),
    "sco": _codes("BY CN IN IR KZ KG PK RU TJ UZ"),
    "turkic-states": _codes("AZ KZ KG TR UZ"),
    "gcc": _codes(_GULF),
    "arab-league": _codes("AE BH DJ DZ EG IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SY TN YE"),
    "asean": _codes(_ASEAN),
    "african-union": _codes(f"{_WEST_AFRICA} {_CENTRAL_AFRICA} {_EAST_AFRICA} {_SOUTHERN_AFRICA} DZ EG LY MA SD TN EH"),
    "ecowas": _codes("BJ CV CI GM GH GN GW LR NG SN SL TG"),
    "alliance-of-sahel-states": _codes("BF ML NE"),
    "opec": _codes("DZ CG GQ GA IR IQ KW LY NG SA AE VE"),
    "post-soviet": _codes(f"{_CENTRAL_ASIA} {_CAUCASUS} {_BALTIC} BY MD RU UA"),
    "indo-pacific": _codes(f"AU NZ US {_EAST_ASIA} {_ASEAN} {_SOUTH_ASIA}"),
}
"""Name of a region or alliance, in the form that ``country:`` takes, to the codes of its members."""
