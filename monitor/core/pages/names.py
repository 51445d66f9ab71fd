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
    r"^(?:(?:story|report|reported|reporting|written|words|text|tekst|texte|texto|testo|text und fotos?|article|"
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
_MODIFIERS = (
    r"chief|senior|staff|deputy|assistant|managing|associate|executive|special|guest|contributing|foreign|political|"
    r"diplomatic|"
    r"economics?|business|defen[cs]e|security|national|world|international|european?|asia|africa|middle east|health|"
    r"science|"
    r"climate|crime|sports?|data|video|news|digital|freelance|"
    r"freie[rs]?|leitende[rs]?|politische[rs]?|grand|envoyée?|специальный|собственный|главный"
)
_ROLE = re.compile(
    rf"(?:\s|^)(?:(?:{_MODIFIERS})\s+)*(?:correspondents?|reporters?|editors?|journalists?|writers?|columnists?|"
    rf"producers?|"
    r"fellow|professor|analyst|redakteur(?:in)?|redaktor(?:in)?|korrespondent(?:in)?|autorin|journaliste?|rédact\w+|"
    r"envoyée?|"
    r"correspondante?|redactora?|corresponsal|periodista|giornalista|inviat[oa]|корреспондент\w*|обозреватель|редактор|"
    r"muhabir\w*|editör\w*)\b.*",
    re.IGNORECASE,
)
_CJK_ROLE = re.compile(r"\s*(?:기자|특파원|선임기자|記者|记者|編集委員|特派員)\s*$")
_DATE_LIKE = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}|\b(?:updated|published|last modified|aktualisiert)\b", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^)]{0,60}\)?|\[[^\]]{0,60}\]?")
_INITIAL_AT_END = re.compile(r"\b\w\.$")
_EDGES = " ,;:|-–—·•*\"“”'«»"
_NO_NAME = {
    "", "admin", "administrator", "author", "editor", "guest", "none", "null", "unknown", "anonymous", "n/a", "user",
    "webmaster",
    "undefined", "true", "false", "share", "follow", "staff", "redaktion", "redaction", "redacción",
}  # fmt: skip


def clean_authors(raw: Iterable[str], *, site: str | None = None, limit: int = 20) -> tuple[str, ...]:
    """Names as they are written, in order, each once.

    Prefixes ("By"), addresses, handles and job titles are removed; "A and B" is two. The site's own name, and an office
    without a name, stay only where nobody else is named. At most ``limit``.
    """
    names: list[str] = []
    for value in raw:
        for name in _names(value):
            if not any(_same(name, other) for other in names):
                names.append(name)
    people = [name for name in names if not _is_site(name, site) and not _ROLE.search(name)]
    return tuple((people or names)[:limit])


def turned(name: str) -> str:
    """The given name first, where ``name`` is written as libraries do ("Surname, Given")."""
    surname, comma, given = name.partition(", ")
    return f"{given} {surname}" if comma and "," not in given else name


def _names(value: str) -> list[str]:
    value = _TAGS.sub(" ", unescape(unescape(value[:1000])))
    value = _HANDLE.sub(" ", _MAIL_OR_LINK.sub(" ", value))
    value = _PREFIX.sub("", " ".join(value.split()).strip(_EDGES), count=1)
    parts = (part for listed in _SPLIT.split(value) for part in listed.split(","))
    return [name for part in parts if (name := _name(part))]


def _name(value: str) -> str:
    value = _CJK_ROLE.sub("", _BRACKETS.sub(" ", value).strip())
    value = _PREFIX.sub("", " ".join(value.split()).strip(_EDGES), count=1)
    if not value.endswith((" Jr.", " Sr.")) and not _INITIAL_AT_END.search(value):
        value = value.rstrip(".")
    is_name = len(value) <= 70 and len(value.split()) <= 7 and any(c.isalpha() for c in value)
    if not is_name or value.lower() in _NO_NAME or _DATE_LIKE.search(value) or value.startswith("http"):
        return ""
    before = _ROLE.sub("", value).strip()
    # "Guardian staff reporter" is how a page may name its author: only two words or more before an office are a name
    return before if len(before.split()) > 1 else value


def _same(a: str, b: str) -> bool:
    return a.casefold() == b.casefold()


def _is_site(name: str, site: str | None) -> bool:
    def plain(text: str) -> str:
        return re.sub(r"\W+", "", text.casefold())

    return bool(site) and plain(name) in (plain(site or ""), plain(site or "") + "staff")
