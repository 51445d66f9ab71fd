"""What spares work changes no answer: sentences told by signs alone, words that a document was told by several indexes."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.core.query import Query, QueryIndex, evaluate
from monitor.core.text import Tokens, sentences
from tests.core.query.made import NOW, documents, roots
from tests.core.query.reference import matches

thorough = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

signs = st.sampled_from(
    [
        "Mr",
        "U.S",
        "J",
        "alfa",
        "Beta",
        "3.5",
        "No",
        "д-р",
        "北",
        "‘",
        "’",
        '"',
        "»",
        ".",
        "…",
        "!",
        "?",
        "。",
        "\n",
        " ",
        " ",
    ]
)


@thorough
@given(st.lists(signs, max_size=16).map("".join))
def test_two_words_share_a_sentence_if_no_sentence_begins_between_them(text):
    tokens, begins = Tokens(text), [begin for begin, _ in sentences(text)]
    starts = [tokens.start(number) for number in range(len(tokens))]
    for first, here in enumerate(starts):
        for last in range(first + 1, len(starts)):
            apart = any(here < begin <= starts[last] for begin in begins)
            assert tokens.share_sentence(first, last) is not apart, (tokens.words[first], tokens.words[last])


@thorough
@given(st.lists(roots, min_size=1, max_size=4), st.lists(roots, min_size=1, max_size=4), documents(), documents())
def test_a_document_that_two_indexes_saw_answers_as_a_fresh_one(some, others, document, other):
    queries = {number: Query(root) for number, root in enumerate([*some, *others])}
    first = QueryIndex({number: queries[number] for number in range(len(some))})
    second = QueryIndex({number: queries[number] for number in range(len(some), len(queries))})
    for _, doc, naive in (document, other):
        found = {**first.match(doc, NOW), **second.match(doc, NOW), **first.match(doc, NOW)}
        assert sorted(found) == [number for number, query in queries.items() if matches(query, naive, NOW)]
        assert found == {n: spans for n, query in queries.items() if (spans := evaluate(query, doc, NOW)) is not None}
