"""Hypothesis strategies: documents of few words and queries about them."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from monitor.core.query import Doc, tree
from monitor.model import Text
from tests.core.query.reference import Naive

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)

PLAIN = ["alfa", "alfabet", "beta", "gamma", "delta", "dom", "ёлка", "北", "京", "ice"]
WRITTEN = [
    *PLAIN,
    "Alfa",
    "ICE",
    "Béta",
    "alfa's",
    "l'alfa",
    "beta-gamma",
    "北京",
    "Ёлка",
    "d’Alfa",
    "del'ta",
    "ﬁ 𠮷京",
]
FOLDED = ["alfa", "alfabet", "beta", "gamma", "delta", "dom", "елка", "北", "京", "ice"]
PATTERNS = ["alf*", "alfa*", "alfa?et", "gam?a", "bet*", "del*a"]

prose = st.lists(
    st.tuples(st.sampled_from(WRITTEN), st.sampled_from([" ", " ", " ", " ", ". ", ", ", "\n\n"])), max_size=14
).map(lambda pieces: "".join(word + mark for word, mark in pieces).strip())

times = st.one_of(st.none(), st.integers(0, 200).map(lambda hours: NOW - timedelta(hours=hours)))


@st.composite
def documents(draw):
    """The same document as the product and as the reference see it."""
    host = draw(st.sampled_from(["", "example.org", "news.example.org", "badexample.org"]))
    text = Text(
        title=draw(prose),
        summary=draw(st.one_of(st.just(""), prose)),
        body=draw(prose),
        authors=tuple(draw(st.lists(st.sampled_from(["Alfa Beta", "Gamma"]), max_size=2))),
        url=f"https://{host}/x" if host else "",
        lang=draw(st.sampled_from([None, "en", "ru"])),
        tags=tuple(draw(st.lists(st.sampled_from(["World", "Asia"]), max_size=2))),
        published=draw(times),
    )
    known = {
        "topics": draw(
            st.dictionaries(st.sampled_from(["migration", "trade"]), st.sampled_from([0.5, 0.75]), max_size=2)
        ),
        "countries": draw(st.lists(st.sampled_from(["UZ", "KZ", "RU"]), max_size=2)),
        "people": draw(st.lists(st.sampled_from(["Tom Beta", "Ann Alfa"]), max_size=2)),
        "feed": draw(st.sampled_from(["World News", "Desk"])),
        "seen": draw(times),
    }
    flags = draw(st.sets(st.sampled_from(tree.FLAGS)))
    doc = Doc.of(
        text,
        **known,
        is_duplicate="is:duplicate" in flags,
        is_edited="is:edited" in flags,
        has_quote="has:quote" in flags,
    )
    return text, doc, Naive(text, **known, flags=flags)


words = st.sampled_from(FOLDED + PATTERNS).map(tree.Word)
phrases = st.builds(
    tree.Phrase,
    st.lists(st.sampled_from(FOLDED + PATTERNS[:3]), min_size=2, max_size=3).map(tuple),
    st.one_of(st.none(), st.integers(1, 4)),
)
exacts = st.sampled_from(["ICE", "ice", "Alfa", "Béta", "alfa beta", "北京"]).map(tree.Exact)


def _pair(inner):
    return st.one_of(
        st.builds(tree.Near, inner, inner, st.integers(1, 5), st.booleans()),
        st.builds(tree.Sentence, inner, inner),
    )


def _either(inner):
    return st.lists(inner, min_size=2, max_size=3).map(lambda parts: _flat(tree.Or, parts))


def _flat(kind, parts):
    return kind(tuple(one for part in parts for one in (part.parts if isinstance(part, kind) else (part,))))


placed = st.recursive(
    st.one_of(words, words, phrases, exacts), lambda inner: st.one_of(_pair(inner), _either(inner)), max_leaves=4
)
counted = st.builds(tree.AtLeast, st.integers(1, 3), placed)


def _joined(inner):
    return st.one_of(
        _either(inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: _flat(tree.And, parts)),
        inner.map(tree.Not),
    )


textual = st.recursive(st.one_of(placed, counted), _joined, max_leaves=3)
in_fields = st.builds(tree.In, st.sampled_from(tree.TEXT_FIELDS), textual)
here_but_not_there = st.builds(
    lambda here, there, word: tree.And((tree.In(here, word), tree.Not(tree.In(there, word)))),
    st.sampled_from(tree.SEARCHED),
    st.sampled_from(tree.SEARCHED),
    words,
)
days = st.builds(
    lambda field, first, length: tree.Days(
        field,
        first,
        (first + timedelta(days=length)) if first and length else None if first else date(2026, 3, 14),
    ),
    st.sampled_from(tree.DATE_FIELDS),
    st.one_of(st.none(), st.dates(date(2026, 3, 7), date(2026, 3, 15))),
    st.sampled_from([0, 1, 3]),
)
conditions = st.one_of(
    st.sampled_from(
        [
            tree.Keyword("country", ("UZ",)),
            tree.Keyword("country", ("KZ", "RU")),
            tree.Keyword("lang", ("ru",)),
            tree.Keyword("feed", ("world news",)),
            tree.Keyword("tag", ("asia",)),
            tree.Keyword("person", ("tom beta",)),
            tree.Keyword("site", ("example.org",)),
            tree.TopicScore("migration"),
            tree.TopicScore("trade", 0.6),
            tree.Age("seen", timedelta(days=2)),
            tree.Age("published", timedelta(hours=30)),
            *map(tree.Flag, tree.FLAGS),
        ]
    ),
    days,
)
_any_root = st.recursive(st.one_of(placed, placed, counted, in_fields, conditions), _joined, max_leaves=5)
roots = st.one_of(_any_root, _any_root, _any_root, here_but_not_there)
"""Trees in the form that the parser gives; some hold of documents only by what is not in them."""
