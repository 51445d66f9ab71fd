"""Authors: from bylines as pages write them to names."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAGS = re.compile(r"<[^<>]{0,500}>")
_MAIL_OR_LINK = re.compile(r"\S+@\S+\.\S+|(?:https?:)?//\S+|\bwww\.\S+")
_HANDLE = re.compile(r"(?:^|\s)@\w+")
_PREFIX = re.compile(
    r"(?:(?:story|report|reported|reporting|written|words|text|tekst|texte|texto|testo|text und fotos?|article|"
    r"analysis|"
    r"published|posted|geschrieben|verfasst|écrit|escrito|scritto)\s+)?"
    r"(?:by|von|par|por|di|da|af|av|door|by:|von:|autor(?:en|es)?|auteurs?|authors?|autore|autorzy|автор(?:ы)?|"
    r"автори?|текст|"
    r"yazan|muallif|муаллиф|words|tekst|texte|text|reporters?|oleh|penulis|बाय|द्वारा|بقلم|كتب|文|記者|记者)\s*[:：]?\s+",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:[;|•·/&+\n\t]|\s(?:and|und|et|och|og|en|ja|oraz|ve|va|ва|dan|и|та|і|y|e|с)\s(?=\w)|\s[–—-]\s|،|、|，)\s*",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:correspondents?|reporters?|editors?|journalists?|writers?|columnists?|producers?|fellow|professor|"
    r"analyst|staff writer|"
    r"redakteur(?:in)?|redaktor(?:in)?|korrespondent(?:in)?|autorin|journaliste?|rédact\w+|envoyé\w*|"
    r"correspondant\w*|redactora?|"
    r"corresponsal|periodista|giornalista|inviat[oa]|корреспондент\w*|обозреватель|редактор|muhabir\w*|editör\w*|"
    r"기자|특파원|記者|记者|編集委員|特派員)\b",
    re.IGNORECASE,
)
_CJK_ROLE = re.compile(r"\s*(?:기자|특파원|선임기자|記者|记者|編集委員|特派員)\s*$")
_PLACE = re.compile(r"\s+(?:in|aus|à|en|a|at|from)\s+[^\W\d_a-zà-ÿ].*$")
_DATE_LIKE = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}|\b(?:updated|published|last modified|aktualisiert)\b", re.IGNORECASE)
_NO_NAME = {
    "", "admin", "administrator", "author", "editor", "guest", "none", "null", "unknown", "anonymous", "n/a", "user",
    "webmaster",
    "undefined", "true", "false", "share", "follow", "staff", "redaktion", "redaction", "redacción",
}  # fmt: skip


def clean_authors(raw: Iterable[str], *, site: str | None = None, limit: int = 20) -> tuple[str, ...]:
    """Names as they are written, in order, each once.

    Prefixes ("By"), addresses, handles and job titles are removed; "A and B" is two. The site's own name stays only
    where nobody else is named. At most ``limit``.
    """
    names: list[str] = []
    for value in raw:
        for name in _names(value):
            if not any(_same(name, other) for other in names):
                names.append(name)
    people = [name for name in names if not _is_site(name, site)]
    return tuple((people or names)[:limit])


def _names(value: str) -> list[str]:
    value = _TAGS.sub(" ", unescape(unescape(value[:1000])))
    value = _HANDLE.sub(" ", _MAIL_OR_LINK.sub(" ", value))
    value = re.sub(r"\s+", " ", value.replace("\xa0", " ")).strip(" ,;:|-–—·•")
    value = _PREFIX.sub("", value, count=1) if _PREFIX.match(value) else value
    parts = []
    for part in _SPLIT.split(value):
        parts += _by_comma(part)
    return [name for part in parts if (name := _name(part))]


def _by_comma(value: str) -> list[str]:
    """Split a list at its commas; "Surname, Given" is turned round."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if len(parts) == 2 and all(
        " " not in part and part.isalpha() and part[:1].isupper() and part.isascii() for part in parts
    ):
        return [f"{parts[1]} {parts[0]}"]
    return parts


def _name(value: str) -> str:
    value = re.sub(r"\([^)]{0,60}\)?|\[[^\]]{0,60}\]?", " ", value)
    value = _CJK_ROLE.sub("", value.strip())
    value = _PREFIX.sub("", value, count=1) if _PREFIX.match(value) else value
    value = (
        " ".join(value.split()).strip(" ,;:.|-–—·•*\"“”'«»")
        if not re.search(r"\b\w\.$", value)
        else value.strip(" ,;:|-–—·•*")
    )
    if (
        len(value) > 70
        or len(value.split()) > 7
        or value.lower() in _NO_NAME
        or _DATE_LIKE.search(value)
        or value.startswith("http")
    ):
        return ""
    if _ROLE.search(value):
        rest = _ROLE.split(value)[0].strip()
        # "Guardian staff reporter" is how the page names its author: only a name before a title is cut free
        return value if len(rest.split()) != 2 or not rest.istitle() else rest
    return value if any(c.isalpha() for c in value) else ""


def _same(a: str, b: str) -> bool:
    return a.casefold() == b.casefold()


def _is_site(name: str, site: str | None) -> bool:
    def plain(text: str) -> str:
        return re.sub(r"\W+", "", text.casefold())

    return bool(site) and plain(name) in (plain(site or ""), plain(site or "") + "staff")
