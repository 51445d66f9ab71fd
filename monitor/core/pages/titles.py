"""Which of a page's headlines is the article's title, without the site's name behind it."""

from __future__ import annotations

import re

_SEPARATORS = r"\s*[|｜•·‖»«:：]\s*|\s+[-–—~]\s+|\s*,\s+"

_BESIDES_LETTERS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Letters and digits only, in lower case: what two headlines are compared by."""
    return _BESIDES_LETTERS.sub("", text.casefold())


def choose_title(
    *, ld: str, og: str, h1: list[str], title: str, feed: str, site_names: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """The title, and every headline by which the page calls the article (to find it again in the text).

    JSON-LD, OpenGraph, the visible headline, ``<title>`` and the feed vote; the words that two or more share win. With
    no agreement the order is JSON-LD, visible headline, OpenGraph, feed, ``<title>``.
    """
    known = {plain(name) for name in site_names if name}
    shown = [without_site(line, known) for line in h1 if line and plain(line) not in known]
    candidates = {"ld": without_site(ld, known), "og": without_site(og, known), "feed": feed.strip()}
    candidates["title"] = without_site(title, known)
    tops = [
        line for line in shown if any(plain(line) == plain(other) for other in candidates.values() if other)
    ] or shown[:1]
    candidates["h1"] = tops[0] if tops else ""
    votes: dict[str, float] = {}
    for source, weight in (("ld", 1.1), ("h1", 1.0), ("og", 1.0), ("feed", 0.9), ("title", 0.4)):
        if key := plain(candidates[source]):
            votes[key] = votes.get(key, 0) + weight
    order = [candidates[source] for source in ("ld", "h1", "og", "feed", "title") if plain(candidates[source])]
    if not order:
        return next((line for line in (title, og, feed) if line), ""), ()
    best = max(order, key=lambda line: votes[plain(line)])
    bare = candidates["og"]
    if len(bare) >= 15 and best.endswith(bare) and best[: -len(bare)].rstrip().endswith((":", "：", ".")):
        best = bare  # the winner is the same headline behind a kicker
    return best, tuple(dict.fromkeys([*order, *shown]))


def without_site(line: str, known: set[str]) -> str:
    """``line`` without leading or trailing parts that are the site's name, as in "Headline - Section | Site"."""
    line = " ".join(line.split())
    for _ in range(3):
        cut = _cut(line, known)
        if cut == line:
            return line
        line = cut
    return line


def _cut(line: str, known: set[str]) -> str:
    parts = list(re.finditer(_SEPARATORS, line))
    for separator in reversed(parts):
        tail = line[separator.end() :]
        if len(tail) > 60:
            break
        if _is_site(tail, known) and len(line[: separator.start()]) >= 5:
            return line[: separator.start()].rstrip()
    for separator in parts[:1]:
        if (
            separator[0].strip() != ","
            and _is_site(line[: separator.start()], known)
            and len(line) - separator.end() >= 10
        ):
            return line[separator.end() :].lstrip()
    return line


def _is_site(text: str, known: set[str]) -> bool:
    words = plain(text)
    return bool(words) and any(
        words == name or (len(name) >= 4 and words.startswith(name) and len(words) <= len(name) + 12) for name in known
    )
