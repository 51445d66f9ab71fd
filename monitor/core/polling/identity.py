"""Which entries of a document are known, which are new: by guid, address and title, none of which feeds keep stable.

A guid that several entries share, or that comes back with another address *and* another title, is no guid. An address
that several entries share decides only together with the title. A title decides only together with the date. Every
stored entry is claimed at most once in a document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal

from monitor.core.urls import is_http, url_key
from monitor.model import EntryKeys, KnownEntry, ParsedEntry

SHORTEST_TITLE = 12
"""Characters below which a title and a date together do not make an entry recognisable ("Correction")."""

Via = Literal["identity", "guid", "url", "title"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An entry in a document: the keys to store, and the stored entry that it is (with how that was found), if any."""

    entry: ParsedEntry
    keys: EntryKeys
    known: KnownEntry | None = None
    via: Via | None = None


def entry_keys(entry: ParsedEntry) -> EntryKeys:
    """What the entry can be recognised by, seen alone. The guid and address keys forget scheme, ``www.``, tracking
    parameters and a last slash, so that a feed's move to https changes none of them.
    """
    guid = entry.guid.strip() if entry.guid else ""
    title = " ".join(entry.title.casefold().split())
    guid_key = _key("g", url_key(guid) if is_http(guid) else guid) if guid else None
    address_key = _key("u", url_key(entry.url)) if entry.url else None
    title_key = _key("t", title) if title else None
    identity = guid_key or address_key or title_key or _key("x", entry.text[:2000])
    return EntryKeys(identity=identity, guid=guid_key, url=address_key, title=title_key)


def document_keys(entries: Iterable[ParsedEntry]) -> tuple[EntryKeys, ...]:
    """``entry_keys`` for the entries of one document, in order: an identity that differing entries share is replaced by
    one of guid, address and title together, and a shared guid is dropped.
    """
    keys = [entry_keys(entry) for entry in entries]
    shared = Counter(each.identity for each in dict.fromkeys(keys))
    return tuple(_combined(each) if shared[each.identity] > 1 else each for each in keys)


def content_hash(entry: ParsedEntry) -> str:
    """Changes when the words of title, summary or content do; 32 hexadecimal digits."""
    words = "\x1f".join(" ".join(text.split()) for text in (entry.title, entry.summary, entry.content))
    return blake2b(words.encode("utf-8", "replace"), digest_size=16).hexdigest()


def recognise(entries: Sequence[ParsedEntry], known: Sequence[KnownEntry]) -> tuple[Sighting, ...]:
    """Each distinct entry once, in the document's order, with the stored entry that it is."""
    distinct: dict[EntryKeys, ParsedEntry] = {}
    for keys, entry in zip(document_keys(entries), entries, strict=True):
        distinct.setdefault(keys, entry)
    search = _Search(known, list(distinct))
    found: dict[EntryKeys, tuple[KnownEntry, Via]] = {}
    vias: tuple[Via, ...] = ("identity", "guid", "url", "title")
    for via in vias:
        for keys, entry in distinct.items():
            if keys not in found and (one := search.find(via, keys, entry)) is not None:
                found[keys] = one, via
    return tuple(
        Sighting(entry=entry, keys=search.storable(keys, None), known=None)
        if keys not in found
        else Sighting(entry=entry, keys=search.storable(keys, found[keys][0]), known=found[keys][0], via=found[keys][1])
        for keys, entry in distinct.items()
    )


class _Search:
    """The stored entries by each key, and which of them are still free."""

    def __init__(self, known: Sequence[KnownEntry], document: Sequence[EntryKeys]) -> None:
        self.by: dict[str, dict[str, list[KnownEntry]]] = {"identity": {}, "guid": {}, "url": {}, "title": {}}
        for one in known:
            for name, index in self.by.items():
                if key := getattr(one.keys, name):
                    index.setdefault(key, []).append(one)
        self.times = {name: Counter(getattr(keys, name) for keys in document) for name in self.by}
        self.claimed: set[int] = set()

    def find(self, via: Via, keys: EntryKeys, entry: ParsedEntry) -> KnownEntry | None:
        wanted = [getattr(keys, via)] + ([_combined(keys).identity] if via == "identity" else [])
        stored = [one for key in wanted if key for one in self.by[via].get(key, ())]
        candidates = [one for one in stored if one.id not in self.claimed]
        # the same title first, so that of several entries at one address each finds itself
        candidates.sort(key=lambda one: (one.keys.title != keys.title, one.keys.url != keys.url))
        for one in candidates:
            if self._same(via, keys, entry, one):
                self.claimed.add(one.id)
                return one
        return None

    def _same(self, via: Via, keys: EntryKeys, entry: ParsedEntry, one: KnownEntry) -> bool:
        same_title, same_url = keys.title == one.keys.title, keys.url == one.keys.url
        same_date = entry.published is not None and entry.published == one.published
        if via == "identity" and keys.identity[0] in "cx":
            return True
        if via == "url" or (via == "identity" and keys.identity[0] == "u"):
            alone = self.times["url"][keys.url] == 1 and len(self.by["url"].get(keys.url or "", ())) == 1
            return same_title or (alone and (keys.guid is None or one.keys.guid is None))
        if via == "title" or (via == "identity" and keys.identity[0] == "t"):
            if keys.guid is None and keys.url is None and one.keys.guid is None and one.keys.url is None:
                return True
            once = self.times["title"][keys.title] == 1 and len(self.by["title"].get(keys.title or "", ())) == 1
            return same_date and once and len(entry.title) >= SHORTEST_TITLE
        # by guid: whatever else changed, one of these stayed, or there is nothing to compare
        incomparable = keys.url is None or one.keys.url is None or keys.title is None or one.keys.title is None
        return same_title or same_url or same_date or incomparable

    def storable(self, keys: EntryKeys, known: KnownEntry | None) -> EntryKeys:
        """``keys``, or combined ones where another stored entry has this identity."""
        taken = self.by["identity"].get(keys.identity, ())
        if any(known is None or one.id != known.id for one in taken):
            keys = _combined(keys)
        return keys


def _combined(keys: EntryKeys) -> EntryKeys:
    if keys.identity.startswith("c"):
        return keys
    return replace(keys, identity=_key("c", f"{keys.guid} {keys.url} {keys.title}"), guid=None)


def _key(kind: str, text: str) -> str:
    return kind + blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()
