"""Briefs of which most is a closing sentence that many reports share."""

from monitor.core.duplicates.verdict import compare
from tests.support.reports import candidate

CLOSING = "This is a developing story and it will be updated as our reporters on the ground learn more about it from officials."


def test_a_closing_sentence_that_dominates_two_briefs_makes_no_copy():
    a = candidate(f"A ferry ran aground off Tarn. {CLOSING}", "Breaking", number=1)
    b = candidate(f"Fire destroyed a mill in Odel. {CLOSING}", "Just in", number=2)
    assert compare(a, b).verdict != "duplicate"


def test_a_brief_with_a_closing_sentence_that_is_printed_again_is_a_copy():
    told = "A ferry ran aground off Tarn Point before dawn and forty passengers were taken ashore by fishermen."
    a = candidate(f"{told} {CLOSING}", "Ferry runs aground", number=1)
    b = candidate(f"Update: {told} {CLOSING}", "Forty taken off stranded ferry", number=2)
    assert compare(a, b).verdict == "duplicate"
