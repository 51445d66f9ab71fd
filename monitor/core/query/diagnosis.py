"""Why a text is no query, in the words of someone who writes queries."""

from __future__ import annotations

import re
from collections.abc import Mapping

from monitor.core.query.tree import DATE_FIELDS, KEYWORD_FIELDS, TEXT_FIELDS
from monitor.errors import QueryError


def nearest(name: str, known: Mapping[str, object] | tuple[str, ...], sign: str = "") -> str:
    from difflib import get_close_matches  # for errors only

    close = get_close_matches(name.lower(), list(known), 1, 0.6)
    return f"Did you mean {sign}{close[0]}?" if close else ""


def refusal(error: Exception, plain: str, source: str) -> QueryError:
    """What lark could not go on with, in the words of someone who writes queries."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken  # for errors only

    if isinstance(error, UnexpectedToken):
        token = error.token
        at_end = token.type == "$END"
        position = len(plain.rstrip()) if at_end else token.start_pos or 0
        found = "" if at_end else str(token)[:1] if token.type in {"VALUE", "QUOTED"} else str(token)
    else:
        assert isinstance(error, UnexpectedCharacters)
        position, found = error.pos_in_stream or 0, plain[(error.pos_in_stream or 0) :][:1]
    message, hint, position = _diagnose(plain, position, found)
    return QueryError(message, query=source, position=position, hint=hint)


_OPERATOR_BEFORE = re.compile(r"(?:\b(OR|AND|NOT|SENTENCE|O?NEAR(?:/[^\s()\"|]*)?)|(\|)|(-))\s*\(?\s*$")
_FIELD_BEFORE = re.compile(r"(\w+):\s*$")
_VALUES_BEFORE = re.compile(rf"\b({'|'.join(KEYWORD_FIELDS)}):\s*\([^()]*$", re.IGNORECASE)
_ALL_FIELDS = (*TEXT_FIELDS, *KEYWORD_FIELDS, *DATE_FIELDS, "is", "has")


def _diagnose(plain: str, position: int, found: str) -> tuple[str, str, int]:
    before = plain[:position]
    if found == '"':
        return "this quotation mark is not closed", 'Write "border guard" with a mark on both sides.', position
    if found == ":":
        start = position - len(re.search(r"[^\s()\"|:]*$", before)[0])  # type: ignore[index]
        name = plain[start:position]
        if not name:
            return "a colon stands right behind a field", "Write title:border, without a blank before the colon.", start
        hint = nearest(name, tuple(f"{one}:" for one in _ALL_FIELDS))
        return f"there is no field '{name}:'", hint or 'Put text with a colon into quotation marks: "12:30".', start
    if found == "~":
        return "~ belongs right behind a phrase", 'Write "border guard"~4', position
    if found == "@":
        return "@ needs the name of a query", "Write @border, and define border among the named queries.", position
    if found == "=":
        return "= needs a word or phrase right behind it", 'Write =ICE or ="Border Force"', position
    if found == "-":
        return "- needs a word right behind it", "Write -sport or NOT sport", position
    field = _FIELD_BEFORE.search(before)
    if field and (field[1].lower() in _ALL_FIELDS):
        return (
            f"{field[1]}: needs a value",
            f"Write {_EXAMPLES.get(field[1].lower(), f'{field[1].lower()}:word')}",
            position,
        )
    operator = _OPERATOR_BEFORE.search(before)
    name = next((one for one in operator.groups() if one), "") if operator else ""
    if found == ")" and not operator:
        if before.rstrip().endswith("("):
            return "there is nothing between the parentheses", "", position
        return "this parenthesis was not opened", "", position
    if not found or found == ")":
        if name:
            return f"something is missing after {name}", "", position
        opened = _unclosed(before)
        return "this parenthesis is not closed", "Add ) where the group ends.", opened
    if name and found in {"NOT", "-"}:
        return f"NOT cannot stand inside {name}", f"Write a NOT (a {name} b)", position
    if plain.startswith("ATLEAST", position):
        return "ATLEAST takes a number and a group", "Write ATLEAST/3(deport*)", position
    if re.match(r"OR$|\||AND$|SENTENCE$|O?NEAR", found):
        what = "at the beginning" if not before.strip() else f"right after {name}" if name else "here"
        hint = "Put operators into quotation marks to look for them as words." if not name else ""
        return f"{found} needs something before it: it cannot stand {what}", hint, position
    if values := _VALUES_BEFORE.search(before):
        listed = values[1].lower()
        return f"between the values of {listed}: stands OR", f"Write {listed}:(a OR b), OR in capitals.", position
    return f"'{found}' cannot stand here", "", position


_EXAMPLES = {
    "country": "country:UZ or country:(UZ OR KZ)",
    "lang": "lang:ru",
    "topic": "topic:deportation",
    "feed": 'feed:"Name of the feed"',
    "site": "site:example.org",
    "published": "published:>=2026-01-01",
    "seen": "seen:7d",
    "is": "is:duplicate",
    "has": "has:quote",
}


def _unclosed(before: str) -> int:
    """The position of the innermost parenthesis that is still open."""
    opened: list[int] = []
    for found in re.finditer(r'"[^"]*"|[()]', before):
        if found[0] == "(":
            opened.append(found.start())
        elif found[0] == ")" and opened:
            opened.pop()
    return opened[-1] if opened else max(0, len(before) - 1)
