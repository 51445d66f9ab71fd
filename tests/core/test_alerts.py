from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts import History, PastAlert, alert_id, decide
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
    return PastAlert(id=name, rule=rule, article_id=article_id, story_id=story_id, created_at=NOW - ago)


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
    ("a further report after the window", {"placement": JOINS, "history": History(alerts=(told(24 * HOUR),))}),
    ("another story was alerted", {"placement": JOINS, "history": History(alerts=(told(HOUR, story_id=71),))}),
    ("another rule told of the story", {"placement": JOINS, "history": History(alerts=(told(HOUR, rule="other"),))}),
    (
        "each article, although its story was alerted",
        {"placement": JOINS, "rule": make_rule(once_per="article"), "history": History(alerts=(told(HOUR),))},
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
]

HELD = [
    ("rule_disabled", None, {"rule": make_rule(enabled=False)}),
    ("backlog", None, {"article": make_article(backlog=True)}),
    ("too_old", None, {"article": make_article(published=NOW - timedelta(days=2, seconds=1))}),
    ("too_old", None, {"article": make_article(published=datetime(1, 1, 1, tzinfo=UTC))}),
    ("duplicate", "a1", {"placement": COPY, "history": History(alerts=(told(HOUR),))}),
    ("duplicate", "a1", {"placement": COPY, "history": History(alerts=(told(900 * HOUR),))}),
    ("duplicate", "1", {"placement": COPY, "history": History(original_matched=frozenset({"border"}))}),
    ("duplicate", "a1", {"placement": replace(COPY, of=2), "history": History(alerts=(told(HOUR),))}),
    (
        "duplicate",
        "a1",
        {"placement": COPY, "rule": make_rule(once_per="article"), "history": History(alerts=(told(HOUR),))},
    ),
    ("story_already_alerted", "a1", {"placement": JOINS, "history": History(alerts=(told(23 * HOUR),))}),
    (
        "story_already_alerted",
        "new",
        {"placement": JOINS, "history": History(alerts=(told(30 * HOUR), told(HOUR, name="new")))},
    ),
    (
        "article_already_alerted",
        "a1",
        {"placement": JOINS, "history": History(alerts=(told(900 * HOUR, article_id=7),))},
    ),
    (
        "article_already_alerted",
        "a1",
        {"rule": make_rule(once_per="article"), "history": History(alerts=(told(900 * HOUR, article_id=7),))},
    ),
    ("silenced", "3", {"silences": [silence()]}),
    ("silenced", "3", {"silences": [silence(rule=None)]}),
    ("silenced", "4", {"silences": [silence(), silence(id=4, ends_at=NOW + 5 * HOUR)]}),
    ("silenced", "3", {"silences": [silence(starts_at=NOW)]}),
    ("silenced", "3", {"silences": [silence(), silence(id=4, ends_at=NOW + timedelta(minutes=1))]}),
    ("no_channel", None, {"rule": make_rule(channels=())}),
    ("no_channel", None, {"rule": make_rule(channels=("desq",))}),
    ("channel_disabled", None, {"rule": make_rule(channels=("old",))}),
    ("capped", "o9", {"history": History(last_hour={"border": 20}, overflowed={"border": "o9"})}),
]


@pytest.mark.parametrize(("name", "case"), SENT, ids=[name for name, _ in SENT])
def test_alerts(name, case):
    alerts, holds = run(**case)
    assert [a.kind for a in alerts] == ["article"]
    assert holds == ()
    assert alerts[0].channels == ("desk",)


@pytest.mark.parametrize(
    ("reason", "refers_to", "case"), HELD, ids=[f"{n}-{reason}" for n, (reason, *_) in enumerate(HELD)]
)
def test_holds(reason, refers_to, case):
    alerts, holds = run(**case)
    assert alerts == ()
    assert [(h.reason, h.refers_to) for h in holds] == [(reason, refers_to)]
    assert holds[0].detail


def test_a_rule_that_was_removed_holds_its_match():
    match = RuleMatch(rule="gone", rule_version="v", spans=())
    alerts, holds = decide(
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
    (alert,), _ = run(rule=make_rule(channels=("desk", "old", "desq", "desk")))
    assert alert.channels == ("desk",)
    assert alert.reason == (
        "first report of a new story; channel old is off: 410 Gone since 2026-10-01; channel desq is not known"
    )


def test_the_cap_holds_the_match_and_tells_once():
    (overflow,), (hold,) = run(history=History(last_hour={"border": 20}))
    assert (overflow.kind, overflow.channels) == ("overflow", ("desk",))
    assert (hold.reason, hold.refers_to) == ("capped", overflow.id)


def test_what_a_silence_holds_is_what_would_have_been_sent():
    _, (hold,) = run(placement=JOINS, history=History(alerts=(told(HOUR),)), silences=[silence()])
    assert hold.reason == "story_already_alerted"


def replay(times, rule, *, same_story=True):
    """Articles that come in at these hours, each decided with the history of those before it."""
    sent, keys, numbers = [], [], count(1)
    for number, hour in enumerate(times, start=100):
        now = NOW + hour * HOUR
        story = 70 if same_story else number
        history = History(
            alerts=tuple(a for a in sent if a.rule == rule.name and a.story_id == story),
            last_hour={rule.name: sum(now - a.created_at < HOUR for a in sent)},
        )
        article = make_article(number, story_id=story, published=now)
        placement = JOINS if same_story and number > 100 else Starts()
        match = RuleMatch(rule=rule.name, rule_version="v", spans=())
        alerts, _ = decide(
            article,
            placement,
            [match],
            {rule.name: rule},
            history=history,
            silences=[],
            channels=CHANNELS,
            now=now,
            new_id=lambda: f"id{next(numbers)}",
        )
        for alert in alerts:
            keys.append(alert.key)
            if alert.kind == "article":
                sent.append(PastAlert(id=alert.id, rule=rule.name, article_id=number, story_id=story, created_at=now))
    return sent, keys


def test_one_story_over_three_weeks_and_a_clock_change_alerts_once_a_day():
    sent, keys = replay(range(21 * 24), make_rule())
    assert len(sent) == 21
    assert len(set(keys)) == len(keys)


def test_a_rule_for_each_article_alerts_all_reports_of_one_story():
    sent, keys = replay(range(5), make_rule(once_per="article"))
    assert len(sent) == len(set(keys)) == 5


@given(hours=st.lists(st.floats(0, 500), max_size=40), window=st.floats(0.5, 200), same_story=st.booleans())
def test_keys_are_unique_and_alerts_of_a_story_keep_their_distance(hours, window, same_story):
    rule = make_rule(window=timedelta(hours=window), per_hour=3)
    sent, keys = replay(sorted(hours), rule, same_story=same_story)
    article_keys = [key for key in keys if not key.startswith("overflow")]
    assert len(set(article_keys)) == len(article_keys) == len(sent)
    if same_story:
        times = [a.created_at for a in sent]
        assert all(b - a >= rule.window for a, b in pairwise(times))


names = st.sampled_from(["a", "b", "c", "d", "removed"])
rules = st.fixed_dictionaries(
    {
        name: st.builds(
            make_rule,
            name=st.just(name),
            channels=st.lists(st.sampled_from(["desk", "hook", "old", "unknown"]), max_size=3).map(tuple),
            once_per=st.sampled_from(["story", "article"]),
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
    alerts=st.lists(past, max_size=5).map(tuple),
    last_hour=st.dictionaries(names, st.integers(0, 5)),
    overflowed=st.dictionaries(names, st.just("o1")),
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
)
def test_no_match_is_lost_and_none_is_both_sent_and_held(*, matched, all_rules, history, active, placement, article):
    numbers = count(1)
    matches = [RuleMatch(rule=name, rule_version="v", spans=()) for name in matched]
    alerts, holds = decide(
        article,
        placement,
        matches,
        all_rules,
        history=history,
        silences=active,
        channels=CHANNELS,
        now=NOW,
        new_id=lambda: f"id{next(numbers)}",
    )
    sent = [a.rule for a in alerts if a.kind == "article"]
    held = [h.rule for h in holds]
    assert sorted(sent + held) == sorted(matched)
    assert all(a.channels and set(a.channels) <= {"desk", "hook"} for a in alerts)
    assert len({a.key for a in alerts}) == len({a.id for a in alerts}) == len(alerts)
    overflowed = {a.rule for a in alerts if a.kind == "overflow"}
    assert overflowed == {h.rule for h in holds if h.reason == "capped" and h.rule not in history.overflowed}


def test_alert_ids_sort_by_time_and_have_no_point():
    early = [alert_id(NOW, noise) for noise in (0, 2**80 - 1, 2**200)]
    late = alert_id(NOW + timedelta(milliseconds=1), 0)
    assert all(name < late for name in early)
    assert all(len(name) == 26 and name.isalnum() for name in [*early, late])
    assert early[0] != early[1]
