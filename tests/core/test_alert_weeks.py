"""Who is told what, when, and why not, over weeks: the decision played with a clock of its own."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts import QUEUED, Simulation
from monitor.model import (
    Analysis,
    Article,
    CountryMention,
    Duplicate,
    Fact,
    Joins,
    Quote,
    Rule,
    Starts,
    Text,
)

START = datetime(2026, 10, 19, 6, 0, tzinfo=UTC)  # a Monday; summer time ends in Berlin on the 25th
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def a_rule(**changes):
    words = {"name": "border", "query": "border", "channels": ("desk",), "origin": "config", "version": "v1"}
    return Rule(**words | {"follow_up": ("sources", "country", "quote", "number", "tier")} | changes)


class Play:
    """Articles come at times after ``START``; ``told()`` gives the messages as (hours, articles)."""

    def __init__(self, **changes):
        self.played = Simulation(a_rule(**changes))
        self.stories = {}
        self.number = 0

    def report(self, after, story=1, *, countries=(), quotes=(), deaths=None, tier=2, site=None, copy_of=None):
        self.number += 1
        now = START + after
        facts = (Fact(kind="number", value=str(deaths), text=f"{deaths} people", start=0, end=9),) if deaths else ()
        analysis = Analysis(
            text=Text(
                title=f"Report {self.number}", body="x", site=site or f"site{self.number}.example", published=now
            ),
            countries=tuple(CountryMention(code, 3) for code in countries),
            quotes=tuple(Quote(text, who, 0, 1, who) for who, text in quotes),
            facts=facts,
        )
        article = Article(
            id=self.number, url="u", canonical_url="u", feed_id=1, feed="News", seen=now, backlog=False,
            analysis=analysis, story_id=story, duplicate_of=copy_of,
        )  # fmt: skip
        if copy_of:
            placement = Duplicate(of=copy_of, story_id=story, similarity=0.95, why="the same words")
        else:
            placement = Joins(story_id=story, similarity=0.6, why="same event") if story in self.stories else Starts()
        self.stories[story] = True
        self.played.add(article, placement, now, tier=tier)
        return self.number

    def told(self):
        self.played.finish()
        by_alert = {alert.id: alert for alert in self.played.alerts}
        items = {}
        for article, alert in self.played.sent.items():
            items.setdefault(alert, []).append(article)
        return [((by_alert[name].created_at - START) / HOUR, sorted(ids)) for name, ids in items.items()]

    def why(self, article):
        return self.played.held[article].reason, self.played.held[article].detail


# --- a story, and what is new in it ----------------------------------------------------------------

NEWS = [
    ("another country", {"countries": ("UZ", "KZ")}, "another country: Kazakhstan"),
    ("a new quotation", {"quotes": (("Aziza Karimova", "nobody on this side was asked"),)}, "Aziza Karimova"),
    ("a changed number", {"deaths": 14}, "14 people (told: 12 people)"),
    ("a source of a higher tier", {"tier": 1}, "a source of tier 1"),
]


@pytest.mark.parametrize(("name", "more", "words"), NEWS, ids=[name for name, *_ in NEWS])
def test_a_follow_up_is_told_only_when_something_is_new(name, more, words):
    play = Play()
    play.report(0 * HOUR, countries=("UZ",), deaths=12)
    same = play.report(1 * HOUR, countries=("UZ",), deaths=12)
    play.report(2 * HOUR, **{"countries": ("UZ",), "deaths": 12} | more)
    again = play.report(3 * HOUR, **{"countries": ("UZ",), "deaths": 12} | more)
    assert play.told() == [(0, [1]), (2, [3])], name
    assert words in play.played.alerts[1].reason
    assert play.played.alerts[1].reason.startswith("follow-up: ")
    for article in (same, again):
        assert play.why(article)[0] == "story_already_alerted"
        assert "nothing new since the alert of 2026-10-19" in play.why(article)[1]


def test_news_that_the_rule_does_not_follow_up_is_held_and_named():
    play = Play(follow_up=("number",))
    play.report(0 * HOUR, countries=("UZ",))
    held = play.report(1 * HOUR, countries=("UZ", "KZ"), tier=1)
    assert play.told() == [(0, [1])]
    assert "another country: Kazakhstan; a source of tier 1" in play.why(held)[1]


def test_so_many_further_independent_sources_are_news_once():
    play = Play(further_sources=3)
    play.report(0 * HOUR)
    for hour in range(1, 7):
        play.report(hour * HOUR)
        play.report(hour * HOUR + MINUTE, copy_of=1)
    assert play.told() == [(0, [1]), (3, [6]), (6, [12])]
    assert Counter(hold.reason for hold in play.played.held.values()) == {"duplicate": 6, "story_already_alerted": 4}


def test_a_quotation_cut_otherwise_is_no_news():
    said = "nobody on this side of the border was ever asked"
    play = Play(follow_up=("quote",))
    play.report(0 * HOUR, quotes=(("Aziza Karimova", said),))
    play.report(1 * HOUR, quotes=(("Aziza Karimova", said[:35]),))
    assert play.told() == [(0, [1])]


def test_one_story_over_three_weeks_is_told_anew_after_a_day_without_a_word():
    play = Play()
    for hour in range(0, 21 * 24, 3):
        play.report(hour * HOUR, site="one.example")
    told = play.told()
    assert [at for at, _ in told] == [24 * day for day in range(21)]


def test_each_report_for_a_rule_that_wants_each():
    play = Play(trigger="each")
    for minute in range(5):
        play.report(minute * MINUTE)
    play.report(6 * MINUTE, copy_of=1)
    assert [ids for _, ids in play.told()] == [[1], [2], [3], [4], [5]]
    assert play.why(6)[0] == "duplicate"


# --- wait, every, groups ---------------------------------------------------------------------------


def test_wait_collects_before_the_first_message_and_every_paces_the_others():
    play = Play(trigger="each", wait=10 * MINUTE, every=2 * HOUR)
    for minute in (0, 4, 9, 30, 60, 300):
        play.report(minute * MINUTE)
    assert play.told() == [(1 / 6, [1, 2, 3]), (1 / 6 + 2, [4, 5]), (5, [6])]
    kinds = [alert.kind for alert in play.played.alerts]
    assert kinds == ["digest", "digest", "article"]


def test_reports_that_come_while_the_first_waits_join_it_and_news_waits_for_its_turn():
    play = Play(wait=10 * MINUTE, every=2 * HOUR)
    play.report(0 * MINUTE, countries=("UZ",))
    play.report(5 * MINUTE, countries=("UZ",))
    play.report(20 * MINUTE, countries=("UZ", "KZ"))
    nothing = play.report(30 * MINUTE, countries=("UZ", "KZ"))
    play.report(40 * MINUTE, countries=("UZ", "KG"))
    assert play.why(3) == ("waiting", "collected for one message at 2026-10-19 08:10 UTC")
    assert play.told() == [(1 / 6, [1, 2]), (1 / 6 + 2, [3, 5])]
    assert play.why(nothing)[0] == "story_already_alerted"


@pytest.mark.parametrize(("group_by", "messages"), [("rule", 1), ("country", 2), ("story", 3), ("feed", 1)])
def test_what_is_told_together(group_by, messages):
    play = Play(trigger="each", wait=HOUR, group_by=group_by)
    play.report(0 * MINUTE, 1, countries=("UZ",))
    play.report(1 * MINUTE, 2, countries=("UZ",))
    play.report(2 * MINUTE, 3, countries=("KZ",))
    told = play.told()
    assert len(told) == messages
    assert sorted(article for _, ids in told for article in ids) == [1, 2, 3]


def test_a_storm_is_told_in_one_message_after_the_cap():
    play = Play(per_hour=3)
    for number in range(30):
        play.report(number * MINUTE, story=number)
    told = play.told()
    assert [len(ids) for _, ids in told] == [1, 1, 1, 27]
    assert told[-1][0] == pytest.approx(1 + 3 / 60)
    assert play.played.alerts[-1].kind == "overflow"
    assert "27 reports beyond the rule's cap of 3 alerts an hour" in play.played.alerts[-1].reason


def test_a_group_that_is_due_beyond_the_cap_is_told_with_the_others():
    play = Play(trigger="each", per_hour=1, wait=10 * MINUTE)
    play.report(0 * MINUTE, 1)
    play.report(1 * MINUTE, 2)
    play.report(2 * MINUTE, 3)
    assert [ids for _, ids in play.told()] == [[1], [2, 3]]
    assert play.played.alerts[-1].kind == "overflow"


# --- the clock on the wall -------------------------------------------------------------------------


def test_a_week_of_quiet_nights_with_the_change_of_the_clocks():
    """Stories at every hour; those of 22:00 to 07:00 in Berlin come in one message at 07:00 there."""
    play = Play(quiet="22:00-07:00 Europe/Berlin", per_hour=1000)
    for hour in range(7 * 24):
        play.report(hour * HOUR, story=hour)
    told = play.told()
    together = [(at, len(ids)) for at, ids in told if len(ids) > 1]
    mornings = [(START + at * HOUR).strftime("%d %H:%M") for at, _ in together]
    assert mornings[:6] == ["20 05:00", "21 05:00", "22 05:00", "23 05:00", "24 05:00", "25 06:00"]
    assert [number for _, number in together][:6] == [9, 9, 9, 9, 9, 10], "one night has an hour more"
    assert sum(len(ids) for _, ids in told) == 7 * 24
    morning = next(alert for alert in play.played.alerts if alert.kind == "digest")
    assert morning.reason == "9 reports held in the quiet hours 22:00-07:00 Europe/Berlin"


def test_high_priority_breaks_the_quiet_hours():
    play = Play(quiet="22:00-07:00 Europe/Berlin", priority="high")
    play.report(17 * HOUR)
    assert play.told() == [(17, [1])]


def test_what_waits_into_the_night_is_told_in_the_morning():
    play = Play(quiet="22:00-07:00", wait=2 * HOUR)
    play.report(15 * HOUR)  # 21:00, due at 23:00
    assert play.told() == [(25, [1])]


def test_what_is_beyond_the_cap_does_not_break_the_quiet_hours():
    play = Play(trigger="each", per_hour=1, quiet="22:00-07:00")
    for minute in range(3):
        play.report(15.5 * HOUR + minute * MINUTE)  # 21:30: an hour later is night
    assert play.told() == [(15.5, [1]), (25, [2, 3])]


def test_a_digest_comes_by_the_clock_and_tells_each_report_once():
    play = Play(trigger="digest", schedule="0 7 * * mon-fri Europe/Berlin")
    for hour in range(0, 14 * 24, 6):
        play.report(hour * HOUR, story=hour % 5)
    told = play.told()
    times = [(START + at * HOUR).strftime("%a %d %H:%M") for at, _ in told]
    assert times == [
        "Tue 20 05:00", "Wed 21 05:00", "Thu 22 05:00", "Fri 23 05:00", "Mon 26 06:00", "Tue 27 06:00", "Wed 28 06:00",
        "Thu 29 06:00", "Fri 30 06:00", "Mon 02 06:00",
    ]  # fmt: skip
    assert sorted(article for _, ids in told for article in ids) == list(range(1, 14 * 4 + 1))
    assert {alert.kind for alert in play.played.alerts} == {"digest"}


# --- whatever comes --------------------------------------------------------------------------------

moments = st.lists(
    st.tuples(
        st.integers(0, 6000), st.integers(0, 4), st.sampled_from([(), ("UZ",), ("UZ", "KZ"), ("DE",)]), st.booleans()
    ),
    max_size=40,
).map(sorted)


@given(
    moments,
    st.fixed_dictionaries(
        {
            "trigger": st.sampled_from(["each", "story", "digest"]),
            "schedule": st.just("0 7 * * mon-fri Europe/Berlin"),
            "wait": st.sampled_from([0 * HOUR, 10 * MINUTE, 3 * HOUR]),
            "every": st.sampled_from([0 * HOUR, HOUR, 30 * HOUR]),
            "window": st.sampled_from([HOUR, DAY]),
            "group_by": st.sampled_from(["story", "rule", "country", "topic", "feed"]),
            "quiet": st.sampled_from(["", "22:00-07:00 Europe/Berlin"]),
            "priority": st.sampled_from(["normal", "high"]),
            "per_hour": st.integers(1, 4),
        }
    ),
)
def test_no_match_is_lost_none_is_both_sent_and_held_and_none_is_sent_twice(reports, changes):
    play = Play(**changes)
    for minute, story, countries, copies in reports:
        first = next((a for a, s in getattr(play, "first", {}).items() if s == story), None)
        number = play.report(minute * MINUTE, story, countries=countries, copy_of=first if copies else None)
        if first is None:
            play.first = {**getattr(play, "first", {}), number: story}
    told = play.told()
    sent = [article for _, ids in told for article in ids]
    assert len(sent) == len(set(sent))
    assert set(sent).isdisjoint(play.played.held)
    assert set(sent) | set(play.played.held) == set(range(1, len(reports) + 1))
    assert not any(hold.reason in QUEUED for hold in play.played.held.values()), "nothing waits for ever"
    keys = [alert.key for alert in play.played.alerts]
    assert len(keys) == len(set(keys))
    for alert in play.played.alerts:
        before = alert.created_at - HOUR
        recent = [
            a for a in play.played.alerts
            if a.kind in {"article", "digest"} and before < a.created_at <= alert.created_at
        ]  # fmt: skip
        assert len(recent) <= changes["per_hour"] + (changes["trigger"] == "digest") + bool(changes["quiet"])
