"""What comes by the clock, over a real database with weeks of counts behind it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from monitor import pipeline
from monitor.core.alerts import Group
from monitor.core.messages import Channel
from monitor.core.rulebook import RuleBook, rule_version
from monitor.model import Duplicate, Hold, Rule, RuleMatch
from monitor.sandboxed import vocabulary
from monitor.steps.watching import learn, spike_of, watch
from monitor.storage import alerts, articles, counting, groups, notices, outbox, schema
from monitor.storage import rules as rule_rows
from monitor.storage import silences as silence_rows
from tests.storage.material import add_feed, analysis, ingest, new_entry, poll

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def a_rule(**words):
    rule = Rule(**{"name": "r", "query": "border", "channels": ("hook",), "origin": "config", "version": ""} | words)
    return Rule(**{field: getattr(rule, field) for field in Rule.__slots__} | {"version": rule_version(rule)})


@pytest.fixture
def house(database):
    """A database, and what the steps need of an app.

    ``report(at)`` stores an article of that time, ``count(at)`` one that the rule counted when it came.
    """
    feed = database.write_now(add_feed)
    numbers = iter(range(10_000))

    def report(at, *, found=None, backlog=False, **more):
        [article] = database.write_now(poll, feed, [new_entry(next(numbers), backlog=backlog)], at=at)
        database.write_now(ingest, article, found or analysis(published=at), at, **more)
        return article

    def count(at, rule="r"):
        held = Hold(rule=rule, reason="counted", detail="counted")
        return report(at, matches=[RuleMatch(rule=rule, rule_version="v", spans=())], holds=[held])

    def app(*rules, now=NOW):
        database.write_now(rule_rows.sync_config_rules, rules, NOW - 90 * DAY)
        hook = SimpleNamespace(endpoint="webhook at hook.example")
        return SimpleNamespace(
            db=database, book=RuleBook(rules, {}, vocabulary()), now=lambda: now, notifiers={"hook": hook},
            channels={"hook": Channel(name="hook", kind="webhook")}, pace=SimpleNamespace(alert_window=2 * DAY),
        )  # fmt: skip

    def answered(at):
        database.write_now(lambda connection: connection.execute(update(schema.feeds).values(last_success_at=at)))

    return SimpleNamespace(db=database, count=count, report=report, app=app, feed=feed, answered=answered)


def sent(house):
    return [(alert.kind, alert.reason) for alert in house.db.read_now(alerts.list_alerts)]


async def test_a_spike_is_told_once_with_what_is_usual(house):
    rule = a_rule(trigger="spike", at_least=5)
    for week in range(1, 9):
        house.count(NOW - week * 7 * DAY - HOUR)
        house.count(NOW - week * 7 * DAY - 30 * HOUR)
    app = house.app(rule)
    await learn(app)
    house.db.write_now(watch, app)
    assert sent(house) == []
    for minute in range(9):
        house.count(NOW - minute * timedelta(minutes=5))
    found = house.db.read_now(spike_of, rule, NOW)
    assert (found.reports, found.fires) == (9, True)
    assert 0.8 < found.expected < 1.2
    assert len(house.db.write_now(watch, app)) == 1
    house.db.write_now(watch, app)
    assert sent(house) == [("spike", "9 independent reports within 2 h, where 0.9 are usual")]
    [delivery] = house.db.read_now(outbox.list_deliveries)
    assert len(delivery.message.payload["data"]["items"]) == 9


async def test_a_spike_while_the_rule_learns_is_not_told(house):
    for minute in range(9):
        house.count(NOW - 3 * DAY - minute * timedelta(minutes=5))
        house.count(NOW - minute * timedelta(minutes=5))
    rule = a_rule(trigger="spike")
    app = house.app(rule)
    await learn(app)
    house.db.write_now(watch, app)
    assert sent(house) == []
    first = NOW - 3 * DAY - timedelta(minutes=40)
    assert house.db.read_now(spike_of, rule, NOW).learning_until == first + 14 * DAY


async def test_a_new_rule_counts_in_the_archive_what_it_would_have_counted(house):
    """Five weeks with a report at this hour and two at others, before there was a rule."""
    for week in range(1, 6):
        first = house.report(NOW - week * 7 * DAY - HOUR)
        copy = Duplicate(of=first, story_id=None, similarity=1.0, why="the same words")
        house.report(NOW - week * 7 * DAY - HOUR, placement=copy)
        house.report(NOW - week * 7 * DAY - HOUR, found=analysis(title="Football", body="Nothing else.", summary=""))
        house.report(NOW - week * 7 * DAY - HOUR, backlog=True)
        house.report(NOW - week * 7 * DAY - HOUR, found=analysis(published=NOW - 300 * DAY))
        house.report(NOW - week * 7 * DAY - 30 * HOUR)
        house.report(NOW - week * 7 * DAY - 60 * HOUR)
    rule = a_rule(trigger="spike", at_least=5)
    app = house.app(rule)
    assert house.db.read_now(spike_of, rule, NOW).learning_until is not None, "nothing is known yet"
    await learn(app)
    assert house.db.read_now(counting.counted, "r", [(NOW - 90 * DAY, NOW)]) == [15]
    for minute in range(6):
        house.count(NOW - minute * timedelta(minutes=5))
    found = house.db.read_now(spike_of, rule, NOW)
    assert (found.reports, found.fires, found.learning_until) == (6, True, None)
    assert 0.8 < found.expected < 1.0, "five weeks with one at this hour, and the mean of all hours"
    await learn(app)
    assert house.db.read_now(counting.counted, "r", [(NOW - 90 * DAY, NOW)]) == [21], "once"


async def test_a_changed_rule_counts_anew(house):
    for day in range(1, 30):
        house.report(NOW - day * DAY)
        house.report(NOW - day * DAY, found=analysis(title="Ferry", body="A ferry sank.", published=NOW - day * DAY))
    await learn(house.app(a_rule(trigger="spike")))
    ferry = a_rule(trigger="spike", query="ferry")
    app = house.app(ferry)
    assert house.db.read_now(counting.counted, "r", [(NOW - 90 * DAY, NOW)]) == [0]
    await learn(app)
    newest = house.db.read_now(counting.newest, "r", NOW - 90 * DAY, 100)
    assert {article.analysis.text.title for article in house.db.read_now(articles.load, newest).values()} == {"Ferry"}
    assert len(newest) == 29


async def test_a_rule_that_changed_meanwhile_is_not_counted_for(house):
    house.report(NOW - DAY)
    old = house.app(a_rule(trigger="spike"))
    house.app(a_rule(trigger="spike", query="ferry"))
    await learn(old)
    assert house.db.read_now(counting.not_counting).keys() == {"r"}


async def test_without_an_archive_a_rule_learns_from_now(house):
    rule = a_rule(trigger="spike")
    app = house.app(rule)
    await learn(app)
    assert house.db.read_now(counting.not_counting) == {}
    assert house.db.read_now(spike_of, rule, NOW + DAY).learning_until == NOW + 14 * DAY


def test_a_silence_is_told_once_and_again_only_after_a_report(house):
    rule = a_rule(trigger="silence-of", silent_for=6 * HOUR)
    app = house.app(rule)
    house.count(NOW - 7 * HOUR)
    assert house.db.write_now(watch, app) == (), "no feed could be read since"
    house.answered(NOW)
    assert len(house.db.write_now(watch, app)) == 1
    assert house.db.write_now(watch, house.app(rule, now=NOW + 9 * HOUR)) == ()
    assert sent(house) == [("silence", "no report for 6 h")]
    [delivery] = house.db.read_now(outbox.list_deliveries)
    lines = delivery.message.payload["data"]["message"]["lines"]
    assert lines[0] == "Nothing matches border since 2026-11-24 05:00 UTC."
    house.count(NOW + 10 * HOUR)
    house.answered(NOW + 17 * HOUR)
    assert len(house.db.write_now(watch, house.app(rule, now=NOW + 17 * HOUR))) == 1


def test_an_empty_digest_is_due_only_where_it_is_asked_for(house):
    wanted = a_rule(name="wanted", trigger="digest", schedule="0 7 * * *", send_empty=True)
    other = a_rule(name="other", trigger="digest", schedule="0 7 * * *")
    house.db.write_now(watch, house.app(wanted, other))
    [(group, waiting)] = house.db.read_now(groups.list_groups)
    assert (group.key, group.due_at, waiting) == ("wanted|digest", datetime(2026, 11, 25, 7, tzinfo=UTC), 0)


def test_operators_hear_an_hour_before_a_silence_ends_what_it_has_held(house):
    silence = house.db.write_now(
        silence_rows.add_silence,
        rule="r",
        query=None,
        starts_at=NOW - DAY,
        ends_at=NOW + 2 * HOUR,
        reason="drill",
        who="ana",
    )
    [article] = house.db.write_now(poll, house.feed, [new_entry(1)], at=NOW)
    held = Hold(rule="r", reason="silenced", detail="s", refers_to=str(silence.id))
    match = RuleMatch(rule="r", rule_version="v", spans=())
    house.db.write_now(ingest, article, analysis(), NOW, matches=[match], holds=[held])
    house.db.write_now(watch, house.app())
    assert house.db.read_now(notices.untold) == []
    for _ in range(2):
        house.db.write_now(watch, house.app(now=NOW + HOUR))
    [notice] = house.db.read_now(notices.untold)
    assert notice.text == "silence 1 of rule r ends at 2026-11-24 14:00 UTC (ana: drill); it has held 1 match"


async def test_a_group_that_crashes_is_put_off_and_the_others_are_sent(house):
    rules = [a_rule(name=name, trigger="each", wait=HOUR, channels=(name,)) for name in ("broken", "hook")]
    app = house.app(*rules, now=NOW + HOUR)
    app.notifiers["broken"] = object()  # a bug: it has no endpoint
    app.channels["broken"] = app.channels["hook"]
    app.db, app.pace = house.db, None
    for number, name in enumerate(("broken", "hook")):
        [article] = house.db.write_now(poll, house.feed, [new_entry(number)], at=NOW)
        held = Hold(rule=name, reason="waiting", detail="soon", refers_to=f"{name}|rule")
        group = Group(key=f"{name}|rule", rule=name, opened_at=NOW, due_at=NOW + HOUR)
        match = RuleMatch(rule=name, rule_version="v", spans=())
        house.db.write_now(ingest, article, analysis(), NOW, matches=[match], holds=[held], groups=[group])
    tasks = await pipeline.release_due(app)
    assert [task.lane for task in tasks] == ["hook"]
    assert [alert.rule for alert in house.db.read_now(alerts.list_alerts)] == ["hook"]
    assert house.db.read_now(groups.group, "broken|rule").due_at == NOW + 2 * HOUR
    [(article, count)] = [(group.key, waiting) for group, waiting in house.db.read_now(groups.list_groups)]
    assert (article, count) == ("broken|rule", 1)
