"""The tables of the parser, which are kept beside the grammar that they are made from."""

import base64
import io
import zlib

import lark
import pytest

from monitor.core.query import grammar, parse, tables

STALE = "the grammar or lark has changed: make grammar"


def shape(parser):
    """Terminals and rules, and how many states take each token: their numbers are other ones in every process."""
    data, memo = parser.memo_serialize([lark.lexer.TerminalDef, lark.grammar.Rule])
    parsing = data["parser"]["parser"]
    return memo, sorted(len(state) for state in parsing["states"].values()), sorted(parsing["tokens"].values())


def test_the_tables_are_those_of_the_grammar():
    version, checksum = grammar.origin()
    assert tables.ORIGIN[1] == checksum, STALE
    if tables.ORIGIN[0] != version:
        pytest.skip(f"the tables are by lark {tables.ORIGIN[0]}, here is {version}: make grammar")
    kept = lark.Lark.load(io.BytesIO(zlib.decompress(base64.b85decode(tables.PARSER))))
    assert shape(kept) == shape(grammar.made_anew()), STALE


@pytest.mark.parametrize("origin", [("0.1", tables.ORIGIN[1]), (tables.ORIGIN[0], 1)], ids=["lark", "grammar"])
def test_tables_of_another_lark_or_grammar_are_not_used(monkeypatch, origin):
    monkeypatch.setattr(tables, "ORIGIN", origin)
    monkeypatch.setattr(tables, "PARSER", "")
    grammar.parser.cache_clear()
    assert str(parse("visa NEAR/3 (ban* OR refus*)")) == "visa NEAR/3 (ban* OR refus*)"
    grammar.parser.cache_clear()
