"""What counts as a change of an article that was alerted, and how it is shown."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts.changes import changed_fields, changes, is_small, is_withdrawn
from tests.support.alerts import BODY, make_article

BEFORE = make_article()


def gone(detail="http_status: HTTP 404", status="error_page"):
    article = make_article(body="The feed's own words.")
    return replace(article, analysis=replace(article.analysis, body_status=status, body_detail=detail))


@pytest.mark.parametrize(("after", "fields"), [
    (make_article(), []),
    (make_article(title=BEFORE.analysis.text.title.upper() + "!"), []),  # the same words
    (make_article(title="Another title"), ["title"]),
    (make_article(body=BODY.replace("one hour", "one day")), ["lead"]),
    (gone(), []),  # the feed's text stands in for the page: that is no change by the publisher
])  # fmt: skip
def test_what_a_reader_would_notice(after, fields):
    assert [name for name, _ in changed_fields(BEFORE, after)] == fields


@pytest.mark.parametrize(("after", "withdrawn"), [
    (gone(), True),
    (gone("http_status: HTTP 410"), True),
    (gone("http_status: HTTP 403"), False),
    (gone("http_status: HTTP 404", "unreachable"), False),
    (make_article(), False),
])  # fmt: skip
def test_a_page_is_withdrawn_only_where_its_server_says_so(after, withdrawn):
    assert is_withdrawn(BEFORE, after) is withdrawn
    assert is_small(BEFORE, after) is not withdrawn
    assert not is_withdrawn(gone(), gone())


def test_what_changes_far_below_the_lead_is_small():
    long = BODY + "\n\n" + "More of it. " * 100
    assert is_small(make_article(body=long), make_article(body=long + "An update."))


def test_words_that_are_gone_and_words_that_are_new():
    found = changes("Twelve people were held", "Fourteen people were held overnight")
    assert [(change.operation, change.text) for change in found] == [
        ("gone", "Twelve"), ("new", "Fourteen"), ("same", "people were held"), ("new", "overnight"),
    ]  # fmt: skip


words = st.lists(st.sampled_from("a b c d e".split()), max_size=30).map(" ".join)


@given(words, words)
def test_the_changes_hold_both_texts(old, new):
    found = changes(old, new)
    assert " ".join(c.text for c in found if c.operation != "new") == old
    assert " ".join(c.text for c in found if c.operation != "gone") == new
