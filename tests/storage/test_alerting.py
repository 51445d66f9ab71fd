"""What is told, held and waits, as it is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.alerts import Group, Release
from monitor.core.retry import after_attempt
from monitor.errors import NotKnown
from monitor.model import (
    CountryMention,
    Delivered,
    Hold,
    Rejected,
    RetryLater,
    Rule,
)
from monitor.storage import (
    alerts,
    articles,
    groups,
    outbox,
)
from monitor.storage import rules as rule_rows
from monitor.storage import silences as silence_rows
from monitor.storage.channels import disabled_channels, set_channel
from monitor.storage.engine import Database
from tests.storage.material import (
    HOUR,
    NOW,
    alert,
    analysis,
    delivery,
    ingest,
    match,
)


def test_an_alert_goes_out_with_its_match_and_its_messages_once(database: Database, ids: list[int]) -> None:
    first = alert(ids[0])
    saved = database.write_now(ingest, ids[0], matches=[match()], alerts=[first], deliveries=[delivery(), delivery()])
    assert saved.alerts == ("01a",)
    assert len(saved.deliveries) == 1
    again = alert(ids[1], number="01b", key=first.key)
    saved = database.write_now(
        ingest, ids[1], matches=[match()], alerts=[again], deliveries=[delivery("01b"), delivery("01b", endpoint="x")]
    )
    assert (saved.alerts, saved.deliveries) == ((), ())
    held = Hold(rule="borders", reason="silenced", detail="until noon", refers_to="7")
    database.write_now(ingest, ids[2], matches=[match()], holds=[held])
    assert database.read_now(alerts.list_alerts) == [first]
    by_article = {each.article_id: each for each in database.read_now(alerts.matches)}
    assert (by_article[ids[0]].alert_id, by_article[ids[0]].hold) == ("01a", None)
    assert by_article[ids[0]].spans == match().spans
    assert (by_article[ids[1]].hold, by_article[ids[1]].refers_to) == ("article_already_alerted", "01a")
    assert (by_article[ids[2]].hold, by_article[ids[2]].detail) == ("silenced", "until noon")
    assert len(database.read_now(alerts.matches, held=True)) == 2


def test_the_outbox_from_lease_to_receipt(database: Database, ids: list[int]) -> None:
    database.write_now(
        ingest, ids[0], matches=[match()], alerts=[alert(ids[0])], deliveries=[delivery(), delivery(endpoint="2")]
    )
    one, two = database.write_now(outbox.due_deliveries, NOW, 10)
    assert one.message == delivery().message
    assert database.write_now(outbox.due_deliveries, NOW, 10) == []
    later = RetryLater(reason="busy", status=503, recipients=("b@news.example",))
    after = after_attempt(1, later, now=NOW, jitter=0)
    database.write_now(outbox.save_attempt, one, later, after, at=NOW, elapsed=0.5)
    assert database.read_now(outbox.next_due) == after.next_attempt_at
    assert database.read_now(outbox.waiting_delivery, one.id, NOW) is None
    assert database.read_now(outbox.waiting_delivery, one.id, after.next_attempt_at).attempts == 1
    (again,) = database.write_now(outbox.due_deliveries, after.next_attempt_at, 10)
    assert (again.id, again.attempts, again.message.recipients) == (one.id, 1, ("b@news.example",))
    assert again.message.id == one.message.id
    done = Delivered(receipt="250 queued")
    database.write_now(
        outbox.save_attempt, again, done, after_attempt(2, done, now=NOW, jitter=0), at=NOW + HOUR, elapsed=0.1
    )
    kept, ledger = database.read_now(outbox.delivery, one.id)
    assert (kept.state, kept.attempts, kept.last_error) == ("sent", 2, None)
    assert [(each.outcome, each.status, each.detail) for each in ledger] == [
        ("retrylater", 503, "busy"),
        ("delivered", None, "250 queued"),
    ]
    never = Rejected(reason="410 Gone", status=410, disable=True)
    database.write_now(outbox.save_attempt, two, never, after_attempt(1, never, now=NOW, jitter=0), at=NOW, elapsed=0.1)
    assert dict(database.read_now(disabled_channels)) == {"mail": "410 Gone"}
    assert [each.id for each in database.read_now(outbox.list_deliveries, state="dead")] == [two.id]
    assert database.write_now(outbox.retry_deliveries, NOW + HOUR) == 1
    assert database.write_now(outbox.due_deliveries, NOW + 9 * HOUR, 9) == []  # the channel is off
    database.write_now(set_channel, "mail", None, NOW)
    (again,) = database.write_now(outbox.due_deliveries, NOW + 9 * HOUR, 9)
    assert again.message.id == two.message.id


def test_the_decision_sees_its_past(database: Database, ids: list[int]) -> None:
    saved = analysis(countries=(CountryMention("UZ", 3),))
    database.write_now(
        ingest,
        ids[0],
        saved,
        matches=[match(), match("other"), match("third")],
        alerts=[alert(ids[0], group_key="borders|story:1", story_id=1)],
        holds=[
            Hold(rule="other", reason="backlog", detail="old"),
            Hold(rule="third", reason="waiting", detail="soon", refers_to="third|story:1", news="first"),
        ],
        groups=[
            Group(key="borders|story:1", rule="borders", last_sent_at=NOW),
            Group(key="third|story:1", rule="third", opened_at=NOW, due_at=NOW + HOUR),
        ],
    )
    story = database.read_now(articles.article, ids[0]).story_id

    def past(rules=("borders", "other", "third"), article_id=ids[1], story_id=None, duplicate_of=None, now=NOW):
        return database.read_now(
            groups.history,
            rules,
            article_id=article_id,
            story_id=story_id,
            duplicate_of=duplicate_of,
            now=now,
            keys=("borders|story:1", "third|story:1"),
        )

    of_story = past(story_id=story)
    assert {(each.rule, each.alert_id, each.channels) for each in of_story.told} == {
        ("borders", "01a", ("mail",)),
        ("third", None, ()),
    }
    assert of_story.said[ids[0]].countries == {"UZ": 3}
    assert {key: group.due_at for key, group in of_story.groups.items()} == {
        "borders|story:1": None,
        "third|story:1": NOW + HOUR,
    }
    assert {each.rule for each in past(duplicate_of=ids[0]).told} == {"borders", "third"}
    assert past(duplicate_of=ids[0]).original_matched == {"borders", "other", "third"}
    assert past().told == ()
    assert dict(past().last_hour) == {"borders": 1}
    assert dict(past(now=NOW + HOUR).last_hour) == {}
    assert past(rules=("other",), story_id=story).told == ()
    assert past().acknowledged == {}
    assert database.write_now(groups.acknowledge, "01a", who="ana", now=NOW) == story
    assert past(story_id=story).acknowledged == {"borders": ""}
    with pytest.raises(NotKnown):
        database.write_now(groups.acknowledge, "none", who="ana", now=NOW)


def test_a_group_is_settled_with_all_that_waits_in_it(database: Database, ids: list[int]) -> None:
    key = "borders|rule"
    waits = Hold(rule="borders", reason="waiting", detail="soon", refers_to=key, news="first report")
    open_group = Group(key=key, rule="borders", opened_at=NOW, due_at=NOW + HOUR)
    for article_id in ids[:3]:
        database.write_now(ingest, article_id, matches=[match()], holds=[waits], groups=[open_group])
    assert database.read_now(groups.next_due) == NOW + HOUR
    assert database.read_now(groups.due_groups, NOW, 9) == []
    assert database.read_now(groups.due_groups, NOW + HOUR, 9) == [open_group]
    assert database.read_now(groups.list_groups) == [(open_group, 3)]
    one, two, three = database.read_now(groups.waiting, key)
    assert (one.article_id, one.news, one.rule_version) == (ids[0], "first report", "v1")
    sent = alert(one.article_id, kind="digest")
    silenced = Hold(rule="borders", reason="silenced", detail="until noon", refers_to="3")
    released = Release(
        group=replace(open_group, due_at=None, opened_at=None, last_sent_at=NOW),
        alert=sent,
        told=(one, two),
        held=((three, silenced),),
    )
    database.write_now(groups.settle, released, NOW + HOUR)
    database.write_now(alerts.save_alert, sent, [delivery()], NOW + HOUR)
    assert database.read_now(groups.next_due) is None
    assert database.read_now(groups.waiting, key) == []
    assert [article_id for article_id, _ in database.read_now(groups.items_of, "01a")] == ids[:2]
    kept = {each.article_id: (each.alert_id, each.hold) for each in database.read_now(alerts.matches)}
    assert kept == {ids[0]: ("01a", None), ids[1]: ("01a", None), ids[2]: (None, "silenced")}
    assert database.write_now(groups.forget, NOW + HOUR) == 0
    assert database.write_now(groups.forget, NOW + timedelta(days=90)) == 1


def test_a_match_that_was_sent_or_waits_keeps_that_when_its_article_is_read_again(
    database: Database, ids: list[int]
) -> None:
    database.write_now(ingest, ids[0], matches=[match()], alerts=[alert(ids[0])])
    again = Hold(rule="borders", reason="article_already_alerted", detail="told", refers_to="01a")
    database.write_now(ingest, ids[0], placement=None, matches=[match()], holds=[again])
    (kept,) = database.read_now(alerts.matches)
    assert (kept.alert_id, kept.hold) == ("01a", None)


def test_rules_and_saved_queries(database: Database) -> None:
    rule = Rule(
        name="borders",
        query="border*",
        channels=("mail", "hook"),
        origin="config",
        version="v1",
        window=timedelta(hours=6),
        enabled=False,
    )
    other = replace(rule, name="command", origin="command", version="v2")
    database.write_now(rule_rows.sync_config_rules, [rule], NOW)
    database.write_now(rule_rows.add_rule, other, NOW)
    assert database.read_now(rule_rows.list_rules) == [rule, other]
    changed = replace(rule, version="v3", query="frontier")
    database.write_now(rule_rows.sync_config_rules, [changed], NOW)
    assert database.read_now(rule_rows.rule, "borders") == changed
    with pytest.raises(NotKnown):
        database.write_now(rule_rows.remove_rule, "none")
    database.write_now(rule_rows.remove_rule, "command")
    database.write_now(rule_rows.sync_config_rules, [], NOW)
    assert database.read_now(rule_rows.list_rules) == []
    database.write_now(rule_rows.save_query, "mine", "a b", NOW)
    database.write_now(rule_rows.save_query, "mine", "a OR b", NOW)
    assert database.read_now(rule_rows.saved_queries) == {"mine": "a OR b"}


def test_silences_end(database: Database) -> None:
    words = {"rule": "borders", "query": None, "reason": "known", "who": "desk"}
    silence = database.write_now(silence_rows.add_silence, starts_at=NOW, ends_at=NOW + HOUR, **words)
    assert database.read_now(silence_rows.silences, NOW) == [silence]
    assert database.read_now(silence_rows.silences, NOW + HOUR) == []
    database.write_now(silence_rows.expire_silence, silence.id, NOW)
    assert database.read_now(silence_rows.silences, NOW) == []
    assert len(database.read_now(silence_rows.silences, NOW, ended=True)) == 1
    with pytest.raises(NotKnown):
        database.write_now(silence_rows.expire_silence, silence.id, NOW)
