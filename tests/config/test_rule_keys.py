"""What rules, channels and the service may say of time: every fault with its line and what would be right."""

from pathlib import Path

import pytest

from monitor.app import pacers_of
from monitor.config import parse_settings
from monitor.errors import ConfigError

RULE = "[[rules]]\nname = 'a'\nquery = 'x'\n"


def settings(text):
    return parse_settings(text, Path("desk.toml"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("trigger = 'once'\n", "desk.toml:4: rules.a.trigger: "),
        ("trigger = 'digest'\n", "a digest needs a schedule"),
        ("trigger = 'digest'\nschedule = 'at seven'\n", "desk.toml:5: rules.a.schedule: 'at seven' is no schedule"),
        ("schedule = '0 7 * * *'\n", 'schedule belongs to rules with trigger "digest"; this one has "story"'),
        ("trigger = 'each'\nfollow_up = ['quote']\n", 'follow_up belongs to rules with trigger "story"'),
        ("trigger = 'digest'\nschedule = '0 7 * * *'\nwait = '5m'\n", 'wait belongs to rules with trigger "each" or'),
        ("trigger = 'silence-of'\n", 'needs silent_for, for example "6h"'),
        ("quiet = '22-7'\n", "desk.toml:4: rules.a.quiet: '22-7' are no quiet hours"),
        ("quiet = '22:00-07:00 Europa/Berlin'\n", "there is no time zone 'Europa/Berlin'"),
        ("follow_up = ['gossip']\n", "desk.toml:4: rules.a.follow_up"),
        ("wait = '60d'\n", "wait and every may be 30d at most"),
        ("inhibited_by = ['b']\n", "desk.toml:4: rules.a.inhibited_by: there is no 'b'"),
        ("inhibited_by = ['a']\n", "there is no 'a'"),
        ("trigger = 'spike'\nwithin = '5s'\n", "within must be between 1m and 7d"),
        ("once_per = 'story'\n", "unknown key 'rules.a.once_per'"),
    ],
)
def test_faults_of_rules(more, said):
    with pytest.raises(ConfigError) as fault:
        settings(RULE + more)
    assert said in str(fault.value)


def test_all_triggers_can_be_written():
    text = """
[[rules]]
name = "a"
query = "x"
follow_up = ["quote", "tier"]
wait = "10m"
every = "2h"
quiet = "22:00-07:00 Europe/Berlin"
inhibited_by = ["b"]
[[rules]]
name = "b"
query = "x"
trigger = "each"
group_by = "country"
[[rules]]
name = "c"
query = "x"
trigger = "digest"
schedule = "0 7 * * mon-fri Europe/Berlin"
send_empty = true
[[rules]]
name = "d"
query = "x"
trigger = "edited"
[[rules]]
name = "e"
query = "x"
trigger = "spike"
within = "3h"
at_least = 4
chance = 0.01
[[rules]]
name = "f"
query = "x"
trigger = "silence-of"
silent_for = "12h"
"""
    assert [rule.trigger for rule in settings(text).rules] == [
        "story", "each", "digest", "edited", "spike", "silence-of",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[service]\nheartbeat = 'ftp://x/'\n", "desk.toml:2: service.heartbeat: must be an http or https address"),
        ("[service]\nevery = '0s'\n", "desk.toml:2: service.every: must be 1s at least"),
        ("[channels.c]\ntype = 'slack'\nurl = 'https://x/'\nrate = 'fast'\n", "channels.c.rate: 'fast' is no rate"),
    ],
)
def test_faults_of_service_and_channels(text, said):
    with pytest.raises(ConfigError) as fault:
        settings(text)
    assert said in str(fault.value)


def test_the_rate_of_a_channel_is_its_own_or_that_of_its_kind():
    made = pacers_of(
        settings(
            "[channels.a]\ntype = 'slack'\nurl = 'https://x/'\n"
            "[channels.b]\ntype = 'discord'\nurl = 'https://x/'\nrate = '6/min'\n"
            "[channels.c]\ntype = 'webhook'\nurl = 'https://x/'\n"
        )
    )
    assert {name: pacer.rate for name, pacer in made.items()} == {"a": 1.0, "b": 0.1, "c": 0.0}
