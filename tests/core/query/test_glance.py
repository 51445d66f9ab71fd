"""A look at a text never denies what the evaluator affirms, and denies often enough to be worth it."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.core.query import Doc, Query, evaluate, parse
from monitor.core.query.glance import Sights, glance
from monitor.model import Text
from tests.core.query.made import NOW, documents, roots

SENTENCES = """Negotiators left alfa yesterday. Beta came|the officials met alfa. Beta said so|alfa's men, l'alfa, d'beta
gamma's d'approx. Beta|Alfa\nBeta\nalfa|“Alfa,” said Mr. Beta — delta|Ёлка и alfa|o'delta beta-gamma alfa_beta|U.S. alfa""".split(
    "|"
)

whole = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4).map(". ".join)


def denied(root, text):
    look = glance(root)
    texts = {"title": text.title, "summary": text.summary, "body": text.body, "author": "\n".join(text.authors)}
    return look is not None and not look(Sights(texts))


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(roots, documents())
def test_what_a_look_denies_the_evaluator_denies(root, document):
    text, doc, _ = document
    assert not denied(root, text) or evaluate(Query(root), doc, NOW) is None, str(Query(root))


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(roots, whole, st.sampled_from(SENTENCES))
def test_in_whole_sentences_too(root, body, title):
    text = Text(title=title, body=body)
    assert not denied(root, text) or evaluate(Query(root), Doc.of(text), NOW) is None, str(Query(root))


def test_what_is_seen_without_reading():
    text = Text(title="", body="Alfa one two three four beta, said the committee. Delta gamma\nDelta came")
    for source, seen in (
        ("alfa NEAR/3 beta", False),
        ("alfa NEAR/4 beta", True),
        ("beta ONEAR/9 alfa", False),
        ("alfa NEAR/9 beta", True),
        ('"alfa beta"', False),
        ('"four beta"', True),
        ('"alfa three"~1', False),
        ("alfa SENTENCE delta", False),
        ("alfa SENTENCE beta", True),
        ("ATLEAST/3(delta)", False),
        ("ATLEAST/2(del*)", True),
        ("alfa NEAR/9 delta OR gamma", True),
        ("(alfa OR two) NEAR/2 beta", True),
        ("(alfa OR one) NEAR/2 beta", False),
    ):
        assert denied(parse(source).root, text) is not seen, source
    assert not denied(parse("alfa NEAR/1 beta").root, Text(title="", body="álfa one two three four beta"))


def test_letters_are_looked_for_behind_the_beginning_too():
    far = parse("alfa NEAR/1 beta").root
    marks = "“Gamma” – delta… " * 20
    assert denied(far, Text(title="", body=f"{marks} Alfa’s “one” two BETA"))
    assert not denied(far, Text(title="", body=f"{marks} Alfa’s – “one” BETA"))
    assert not denied(far, Text(title="", body=f"{marks} alfa one two beta álfa beta"))
    assert denied(parse("ёлка NEAR/1 beta").root, Text(title="", body=f"{marks} ЁЛКА one two beta"))
    assert not denied(parse("елка NEAR/1 beta").root, Text(title="", body=f"{marks} ЁЛКА one beta"))
