"""All rules in force, held against one article."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.core.query import Doc, Vocabulary
from monitor.core.rulebook import RuleBook, rule_version
from monitor.model import Rule, Silence, Text

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def rule(name, query, **more):
    return Rule(name=name, query=query, channels=(), origin="config", version="1", **more)


def doc(body, **more):
    return Doc.of(Text(title="", body=body), **more)


def silence(number, query=None, rule_name=None):
    return Silence(
        id=number, rule=rule_name, query=query, starts_at=NOW, ends_at=NOW + timedelta(hours=1), reason="", who=""
    )


def test_rules_that_hold_are_named_with_their_places_and_version():
    book = RuleBook([rule("kraken", "kraken"), rule("minnow", "minnow")], {}, Vocabulary())
    [match] = book.match(doc("The kraken wakes."), NOW)
    assert (match.rule, match.rule_version) == ("kraken", "1")
    [span] = match.spans
    assert (span.field, span.start, span.end) == ("body", 4, 10)


def test_a_disabled_rule_does_not_match_but_is_known():
    book = RuleBook([rule("kraken", "kraken", enabled=False)], {}, Vocabulary())
    assert book.match(doc("kraken"), NOW) == []
    assert "kraken" in book.rules


def test_a_rule_that_is_no_longer_understood_stops_no_other():
    book = RuleBook([rule("lost", "@gone"), rule("kraken", "kraken")], {}, Vocabulary())
    assert [match.rule for match in book.match(doc("kraken"), NOW)] == ["kraken"]
    assert "gone" in str(book.faults["lost"])


def test_named_queries_are_part_of_a_rule():
    book = RuleBook([rule("sea", "@monsters storm")], {"monsters": "kraken OR leviathan"}, Vocabulary())
    assert book.match(doc("A leviathan in the storm"), NOW)
    assert not book.match(doc("A leviathan"), NOW)


def test_a_silence_holds_by_its_query_or_for_all():
    book = RuleBook([], {}, Vocabulary())
    found = book.silenced_by(
        [silence(1), silence(2, "kraken"), silence(3, "minnow"), silence(4, "(kraken")], doc("kraken"), NOW
    )
    assert [each.id for each in found] == [1, 2], "a silence that is not understood holds nothing back"


def test_the_version_follows_what_a_rule_says_and_not_where_it_stands():
    one = rule("kraken", "kraken")
    assert rule_version(one) == rule_version(replace(one, origin="command", version="other"))
    assert rule_version(one) != rule_version(replace(one, query="kraken OR squid"))
    assert rule_version(one) != rule_version(replace(one, window=timedelta(hours=1)))
