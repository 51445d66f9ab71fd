"""The grammar of the query language, and the plain forms of what people paste."""

from __future__ import annotations

import base64
import io
import zlib
from functools import cache
from typing import TYPE_CHECKING

from monitor.core.query import tables

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = r"""
?start: or_
?or_: and_ (OR and_)*
?and_: not_ (AND? not_)*
?not_: sentence | (NOT | MINUS) not_ -> negation
?sentence: near | sentence SENTENCE near -> sentence
?near: atom | near NEAR atom -> near
?atom: "(" or_ ")"
     | WORD -> word
     | QUOTED -> quoted
     | EXACT -> exact
     | ATLEAST or_ ")" -> at_least
     | TEXT_FIELD atom -> in_field
     | KEYWORD_FIELD (_value | "(" _value (OR _value)* ")") -> keyword
     | DATE_FIELD VALUE -> date
     | FLAG_FIELD VALUE -> flag
     | NAME -> name
_value: VALUE | QUOTED

OR.9: /OR(?![^\s()"|])/ | "|"
AND.9: /AND(?![^\s()"|])/
NOT.9: /NOT(?![^\s()"|])/
SENTENCE.9: /SENTENCE(?![^\s()"|])/
NEAR.9: /O?NEAR(\/[^\s()"|]*)?(?![^\s()"|])/
ATLEAST.9: /ATLEAST(\/[^\s()"|]*)?\s*\(/
MINUS.8: /-(?=[^\s-])/
TEXT_FIELD.8: /(?i:title|summary|body|author):/
KEYWORD_FIELD.8: /(?i:feed|site|url|lang|country|topic|tag|person):/
DATE_FIELD.8: /(?i:published|seen):/
FLAG_FIELD.8: /(?i:is|has):/
QUOTED.7: /"(?:[^"]|(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea]))*"(~\d*)?/
EXACT.7: /=(?:"[^"]*"|[^\s()"|:=~-][^\s()"|:~]*)/
NAME.7: /@[\w.-]+/
WORD.1: /(?!OPERATOR(?![^\s()"|]))[^\s()"|:=@~-](?:[^\s()"|:~]|(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea]))*/
VALUE.1: /[^\s()"|]+/
%ignore /\s+/
""".replace("OPERATOR", r"(?:AND|OR|NOT|SENTENCE|O?NEAR(?:\/[^\s()\"|]*)?|ATLEAST\/[^\s()\"|]*)")

# One character for one character, so that positions stay those of the query as it was typed.
PLAIN_FORMS = str.maketrans(
    dict.fromkeys("“”„‟«»‹›＂「」『』〝〞", '"')
    | dict.fromkeys(
        "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u205f\u3000", " "
    )
    | dict.fromkeys("\ufeff\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", " ")
    | dict.fromkeys("‐‑‒–—−﹣－", "-")
    | dict(zip("（）：｜＝＠＊？＞＜～／", "()" + ":|=@*?><~/", strict=True))
)


@cache
def parser() -> Lark:
    """The parser of `GRAMMAR`, from `tables` where they were made from it by the lark that is installed: to make them
    anew takes as long as a short search.
    """
    from lark import Lark  # some commands never read a query, and all start faster without it

    if origin() == tables.ORIGIN:
        return Lark.load(io.BytesIO(zlib.decompress(base64.b85decode(tables.PARSER))))
    return made_anew()


def made_anew() -> Lark:
    """The parser from the grammar itself."""
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False)


def origin() -> tuple[str, int]:
    """What tables are made of: the version of lark, and a checksum of the grammar."""
    from lark import __version__

    return __version__, zlib.crc32(GRAMMAR.encode())


def source_of_tables() -> str:
    """What is to stand in ``tables.py``; ``make grammar`` writes it."""
    saved = io.BytesIO()
    made_anew().save(saved)
    packed = base64.b85encode(zlib.compress(saved.getvalue(), 9)).decode()
    version, checksum = origin()
    return "\n".join((
        '"""What lark makes of the grammar of queries; `grammar.parser` reads it. Written by: make grammar"""',
        "",
        f'ORIGIN = ("{version}", {checksum})',
        "PARSER = (",
        *(f'    "{packed[at : at + 112]}"' for at in range(0, len(packed), 112)),
        ")",
        "",
    ))  # fmt: skip
