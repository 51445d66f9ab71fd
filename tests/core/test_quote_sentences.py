"""Sentences around passages are read without those that hold none: what is left must be what reading all gives."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.quotes.passages import paragraphs, passages
from monitor.core.quotes.tokens import Token, _ends_sentence, _read, begins_with, last_sentence, sentences

PIECES = (
    *"“”\"«»'.!?…,:;- \u00a0。-—",
    *("...", "..", ". ", "? ", "… ", " U.S. ", "e.g.", "Mr. ", "J. ", "R.", "said ", "Ana Ruiz ", "no. 5 ", "a-t-il "),
    *("word " * 199, "word " * 201, "(", "例", "example.com", "3.5", "A", "b", "Yes. “No. Never,” she said. It was. "),
)
BODIES = st.lists(st.sampled_from(PIECES), max_size=40).map(lambda pieces: "".join([*pieces, "It"]))


def all_sentences(body: str, low: int, high: int, inside: list) -> list[list[Token]]:
    """Every sentence of a paragraph, the plain way."""
    result: list[list[Token]] = [[]]
    at = low
    for index, passage in enumerate(inside):
        _read(body, at, passage.opened, result)
        if len(result[-1]) >= 200:
            result.append([])
        result[-1].append(Token("", "", passage.opened, passage.closed, index))
        at = passage.closed
        if _ends_sentence(body, passage, at, high):
            result.append([])
    _read(body, at, high, result)
    return [row for row in result if row]


@given(BODIES)
def test_sentences_that_hold_a_passage_are_those_of_the_whole_paragraph(body: str) -> None:
    bounds = paragraphs(body)
    for (low, high), inside in zip(bounds, passages(body, bounds, single=False), strict=True):
        plain = all_sentences(body, low, high, inside)
        assert sentences(body, low, high, inside) == [row for row in plain if any(t.passage >= 0 for t in row)]
        if inside:
            assert begins_with(body, low, inside[0]) == (plain[0][0].passage >= 0)


@given(BODIES)
def test_the_last_sentence_is_that_of_the_whole_paragraph(body: str) -> None:
    told = body + " she said:"
    assert last_sentence(told, 0, len(told)) == all_sentences(told, 0, len(told), [])[-1]
