from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts import QUEUED, Group, History, Told, alert_id, decide
from monitor.model import Analysis, Article, Duplicate, Joins, Rule, RuleMatch, Silence, Span, Starts, Text

NOW = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHANNELS = {"desk": None, "hook": None, "old": "410 Gone since 2026-10-01"}


def make_rule(name="border", **changes):
    return Rule(
        **{"name": name, "query": "border", "channels": ("desk",), "origin": "config", "version": "v1"} | changes
    )


def make_article(article_id=7, story_id=70, published=NOW - HOUR, backlog=False):
    text = Text(title="Border post closed", body="The border post was closed.", published=published)
    return Article(
        id=article_id,
        url="https://news.example/7",
        canonical_url="https://news.example/7",
        feed_id=1,
        feed="News",
        seen=NOW,
        backlog=backlog,
        analysis=Analysis(text=text),
        story_id=story_id,
    )


def told(ago, *, rule="border", article_id=1, story_id=70, name="a1"):
    return Told(
        rule=rule, article_id=article_id, story_id=story_id, at=NOW - ago, alert_id=name, channels=("desk", "hook")
    )


def silence(**changes):
    words = {
        "id": 3,
        "rule": "border",
        "query": None,
        "starts_at": NOW - HOUR,
        "ends_at": NOW + HOUR,
        "reason": "drill week",
        "who": "ana",
    }
    return Silence(**words | changes)


def run(*, article=None, placement=None, rule=None, history=None, silences=(), channels=CHANNELS, now=NOW):
    rule = rule or make_rule()
    numbers = count(1)
    match = RuleMatch(rule=rule.name, rule_version=rule.version, spans=(Span("title", 0, 6),))
    return decide(
        article or make_article(),
        placement or Starts(),
        [match],
        {rule.name: rule},
        history=history or History(),
        silences=silences,
        channels=channels,
        now=now,
        new_id=lambda: f"id{next(numbers)}",
    )


COPY = Duplicate(of=1, story_id=70, similarity=0.93, why="same text, cut at the end")
JOINS = Joins(story_id=70, similarity=0.6, why="same people and places")

SENT = [
    ("the first report of a story", {}),
    ("a further report where nobody was told of the story", {"placement": JOINS}),
    ("a further report after the window", {"placement": JOINS, "history": History(told=(told(24 * HOUR),))}),
    ("another story was alerted", {"placement": JOINS, "history": History(told=(told(HOUR, story_id=71),))}),
    ("another rule told of the story", {"placement": JOINS, "history": History(told=(told(HOUR, rule="other"),))}),
    (
        "each article, although its story was alerted",
        {"placement": JOINS, "rule": make_rule(trigger="each"), "history": History(told=(told(HOUR),))},
    ),
    ("a copy of an article that the rule did not match", {"placement": COPY}),
    ("a silence that is over", {"silences": [silence(ends_at=NOW)]}),
    ("a silence that has not begun", {"silences": [silence(starts_at=NOW + timedelta(seconds=1))]}),
    ("a silence of another rule", {"silences": [silence(rule="other")]}),
    ("one below the cap", {"history": History(last_hour={"border": 19})}),
    ("published just within the window", {"article": make_article(published=NOW - timedelta(days=2))}),
    ("no date of publication", {"article": make_article(published=None)}),
    ("a date in the future", {"article": make_article(published=NOW + timedelta(days=36_500))}),
    ("one of two channels is off", {"rule": make_rule(channels=("desk", "old"))}),
    ("high priority breaks quiet hours", {"rule": make_rule(quiet="22:00-07:00", priority="high")}),
    ("outside of quiet hours", {"rule": make_rule(quiet="07:00-22:00")}),
    (
        "a rule that another inhibits, long after",
        {"rule": make_rule(inhibited_by=("loud",)), "history": History(told=(told(25 * HOUR, rule="loud"),))},
    ),
]

HELD = [
    ("rule_disabled", None, {"rule": make_rule(enabled=False)}),
    ("backlog", None, {"article": make_article(backlog=True)}),
    ("too_old", None, {"article": make_article(published=NOW - timedelta(days=2, seconds=1))}),
    ("too_old", None, {"article": make_article(published=datetime(1, 1, 1, tzinfo=UTC))}),
    ("duplicate", "a1", {"placement": COPY, "history": History(told=(told(HOUR),))}),
    ("duplicate", "a1", {"placement": COPY, "history": History(told=(told(900 * HOUR),))}),
    ("duplicate", "1", {"placement": COPY, "history": History(original_matched=frozenset({"border"}))}),
    ("duplicate", "a1", {"placement": replace(COPY, of=2), "history": History(told=(told(HOUR),))}),
    (
        "duplicate",
        "a1",
        {"placement": COPY, "rule": make_rule(trigger="each"), "history": History(told=(told(HOUR),))},
    ),
    ("story_already_alerted", "a1", {"placement": JOINS, "history": History(told=(told(23 * HOUR),))}),
    (
        "story_already_alerted",
        "new",
        {"placement": JOINS, "history": History(told=(told(30 * HOUR), told(HOUR, name="new")))},
    ),
    (
        "article_already_alerted",
        "a1",
        {"placement": JOINS, "history": History(told=(told(900 * HOUR, article_id=7),))},
    ),
    (
        "article_already_alerted",
        "a1",
        {"rule": make_rule(trigger="each"), "history": History(told=(told(900 * HOUR, article_id=7),))},
    ),
    ("silenced", "3", {"silences": [silence()]}),
    ("silenced", "3", {"silences": [silence(rule=None)]}),
    ("silenced", "4", {"silences": [silence(), silence(id=4, ends_at=NOW + 5 * HOUR)]}),
    ("silenced", "3", {"silences": [silence(starts_at=NOW)]}),
    ("silenced", "3", {"silences": [silence(), silence(id=4, ends_at=NOW + timedelta(minutes=1))]}),
    ("no_channel", None, {"rule": make_rule(channels=())}),
    ("no_channel", None, {"rule": make_rule(channels=("desq",))}),
    ("channel_disabled", None, {"rule": make_rule(channels=("old",))}),
    ("capped", "border|overflow", {"history": History(last_hour={"border": 20})}),
    (
        "inhibited",
        "a1",
        {"rule": make_rule(inhibited_by=("loud",)), "history": History(told=(told(HOUR, rule="loud"),))},
    ),
    ("waiting", "border|story:70", {"rule": make_rule(wait=HOUR)}),
    ("waiting", "border|feed:News", {"rule": make_rule(wait=HOUR, group_by="feed")}),
    ("waiting", "border|country:", {"rule": make_rule(wait=HOUR, group_by="country")}),
    ("quiet_hours", "border|quiet", {"rule": make_rule(quiet="22:00-07:00")}),
    ("digest", "border|digest", {"rule": make_rule(trigger="digest", schedule="0 7 * * *")}),
    ("counted", None, {"rule": make_rule(trigger="spike")}),
    ("duplicate", "1", {"placement": COPY, "rule": make_rule(trigger="spike")}),
    ("counted", None, {"placement": COPY, "rule": make_rule(trigger="silence-of", silent_for=HOUR)}),
    ("never_alerted", None, {"rule": make_rule(trigger="edited")}),
]


@pytest.mark.parametrize(("name", "case"), SENT, ids=[name for name, _ in SENT])
def test_alerts(name, case):
    alerts, holds, _ = run(**case)
    assert [a.kind for a in alerts] == ["article"]
    assert holds == ()
    assert alerts[0].channels == ("desk",)


@pytest.mark.parametrize(
    ("reason", "refers_to", "case"), HELD, ids=[f"{n}-{reason}" for n, (reason, *_) in enumerate(HELD)]
)
def test_holds(reason, refers_to, case):
    alerts, holds, _ = run(**case)
    assert alerts == ()
    assert [(h.reason, h.refers_to) for h in holds] == [(reason, refers_to)]
    assert holds[0].detail


def test_a_rule_that_was_removed_holds_its_match():
    match = RuleMatch(rule="gone", rule_version="v", spans=())
    alerts, holds, _ = decide(
        make_article(),
        Starts(),
        [match],
        {},
        history=History(),
        silences=[],
        channels=CHANNELS,
        now=NOW,
        new_id=lambda: "x",
    )
    assert (alerts, holds[0].reason) == ((), "rule_disabled")


def test_a_channel_that_is_off_is_named_in_the_alert():
    (alert,), _, _ = run(rule=make_rule(channels=("desk", "old", "desq", "desk")))
    assert alert.channels == ("desk",)
    assert alert.reason == (
        "first report of a new story; channel old is off: 410 Gone since 2026-10-01; channel desq is not known"
    )


def test_what_a_silence_holds_is_what_would_have_been_sent():
    _, (hold,), _ = run(placement=JOINS, history=History(told=(told(HOUR),)), silences=[silence()])
    assert hold.reason == "story_already_alerted"


names = st.sampled_from(["a", "b", "c", "d", "removed"])
rules = st.fixed_dictionaries(
    {
        name: st.builds(
            make_rule,
            name=st.just(name),
            channels=st.lists(st.sampled_from(["desk", "hook", "old", "unknown"]), max_size=3).map(tuple),
            trigger=st.sampled_from(["each", "story", "digest", "edited", "spike", "silence-of"]),
            schedule=st.just("0 7 * * *"),
            quiet=st.sampled_from(["", "22:00-07:00 Europe/Berlin"]),
            wait=st.sampled_from([timedelta(0), HOUR]),
            every=st.sampled_from([timedelta(0), HOUR]),
            inhibited_by=st.lists(st.sampled_from(["a", "b", "removed"]), max_size=2).map(tuple),
            per_hour=st.integers(1, 3),
            enabled=st.booleans(),
        )
        for name in "abcd"
    }
)
past = st.builds(
    lambda rule, article_id, story_id, hours: told(hours * HOUR, rule=rule, article_id=article_id, story_id=story_id),
    names,
    st.sampled_from([1, 7, 9]),
    st.sampled_from([70, 71, None]),
    st.integers(0, 60),
)
histories = st.builds(
    History,
    told=st.lists(past, max_size=5).map(tuple),
    last_hour=st.dictionaries(names, st.integers(0, 5)),
    groups=st.lists(names, unique=True).map(
        lambda rules: {
            f"{rule}|story:70": Group(key=f"{rule}|story:70", rule=rule, last_sent_at=NOW - HOUR) for rule in rules
        }
    ),
    acknowledged=st.dictionaries(names, st.sampled_from(["", "country", "tier quote"])),
    original_matched=st.frozensets(names),
)
silences = st.lists(
    st.builds(
        silence,
        rule=st.none() | names,
        starts_at=st.sampled_from([NOW - HOUR, NOW, NOW + HOUR]),
        ends_at=st.sampled_from([NOW, NOW + HOUR]),
    ),
    max_size=3,
)


@given(
    matched=st.lists(names, unique=True),
    all_rules=rules,
    history=histories,
    active=silences,
    placement=st.sampled_from([Starts(), JOINS, COPY, replace(COPY, story_id=None)]),
    article=st.builds(make_article, backlog=st.booleans(), story_id=st.sampled_from([70, None])),
    before=st.none() | st.builds(make_article),
)
def test_no_match_is_lost_and_none_is_both_sent_and_held(
    *, matched, all_rules, history, active, placement, article, before
):
    numbers = count(1)
    matches = [RuleMatch(rule=name, rule_version="v", spans=()) for name in matched]
    alerts, holds, groups = decide(
        article,
        placement,
        matches,
        all_rules,
        history=history,
        silences=active,
        channels=CHANNELS,
        now=NOW,
        new_id=lambda: f"id{next(numbers)}",
        before=before,
    )
    sent = [a.rule for a in alerts]
    held = [h.rule for h in holds]
    assert sorted(sent + held) == sorted(matched)
    assert all(a.channels and set(a.channels) <= {"desk", "hook"} for a in alerts)
    assert len({a.key for a in alerts}) == len({a.id for a in alerts}) == len(alerts)
    due = {group.key: group.rule for group in groups if group.due_at is not None}
    for hold in holds:
        if hold.reason in QUEUED:
            assert due[hold.refers_to] == hold.rule
        elif hold.refers_to in due:  # another rule tells of it, and its own report waits
            assert hold.reason == "inhibited"
            assert due[hold.refers_to] in all_rules[hold.rule].inhibited_by


def test_alert_ids_sort_by_time_and_have_no_point():
    early = [alert_id(NOW, noise) for noise in (0, 2**80 - 1, 2**200)]
    late = alert_id(NOW + timedelta(milliseconds=1), 0)
    assert all(name < late for name in early)
    assert all(len(name) == 26 and name.isalnum() for name in [*early, late])
    assert early[0] != early[1]
