"""The newcomer's page is true: every example is run on the article that it speaks of."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.query import Doc, Vocabulary, evaluate, explain, parse
from monitor.errors import QueryError
from monitor.model import Text

PAGE = (Path(__file__).parents[3] / "docs" / "query-language.md").read_text()
NOW = datetime(2026, 3, 20, tzinfo=UTC)
COUNTRIES = Vocabulary(country_code=lambda name: {"Kyrgyzstan": "KG"}.get(name, name if name.isupper() else None))


def article():
    lines = re.search(r"```text\ntitle:(.*?)```", PAGE, re.DOTALL)[1].splitlines()
    body = " ".join(line.removeprefix("text:").strip() for line in lines[6:] if line.strip())
    return Doc.of(
        Text(
            title=lines[0].strip(),
            body=body,
            lang="en",
            url="https://news.example.org/1",
            published=datetime(2026, 3, 14, 18, tzinfo=UTC),
        ),
        countries=("UZ", "KZ"),
        topics={"deportation": 0.72},
        seen=datetime(2026, 3, 14, 19, tzinfo=UTC),
    )


EXAMPLES = re.findall(r"```query\n(.*?)\n```", PAGE)
NAMES = {"removal": 'deport* OR remov* OR "charter flight"'}


def test_there_are_ten_examples():
    assert len(EXAMPLES) == 10


@pytest.mark.parametrize("source", EXAMPLES)
def test_an_example_matches_the_article(source):
    query = parse(source, NAMES, vocabulary=COUNTRIES)
    spans = evaluate(query, article(), NOW)
    assert spans is not None, "\n".join(explain(query, article(), NOW).lines())
    assert spans or "lang:" in source


@pytest.mark.parametrize(
    "source",
    ["borders", "tashkent NEAR/3 warsaw", "=Ice", "ATLEAST/4(flight)", "published:2025", "landed SENTENCE warsaw"],
)
def test_what_does_not_match(source):
    assert evaluate(parse(source), article(), NOW) is None


def test_the_refusal_is_as_shown():
    with pytest.raises(QueryError) as caught:
        parse("titel:border")
    assert f"```text\n{caught.value}\n```" in PAGE


def test_the_explanation_is_as_shown():
    shown = "\n".join(explain(parse("tashkent NEAR/3 warsaw"), article(), NOW).lines())
    assert f"```text\n{shown}\n```" in PAGE, shown
