"""`monitor check` tells all faults of a file at once, each with its line, what is wrong and what would be right."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.app import topic_sources
from monitor.cli.check import warnings_of
from monitor.cli.faults import checked, faults_of
from monitor.config import read, read_file
from monitor.errors import ConfigError
from monitor.sandboxed import load_topics

FEED = "[[feeds]]\nname = 'A'\nurl = 'https://a.example/feed'\n"
RULE = "[[rules]]\nname = 'a'\nquery = 'x'\n"
MAIL = "[channels.m]\ntype = 'email'\nhost = 'mail.example.org'\nsender = 'a@example.org'\n"
TO = "recipients = ['b@example.org']\n"


@pytest.fixture
def told(tmp_path):
    """What is said of a text, with the line and without the name of the file."""

    def tell(text):
        path = tmp_path / "desk.toml"
        path.write_text(text, encoding="utf-8")
        return [said.removeprefix(f"{path}:") for said in faults_of(read_file(path))]

    return tell


FAULTY = [
    # --- form
    ("[storage]\nurl = monitor.db\n", "2: not valid TOML: Invalid value", "texts stand in quotation marks"),
    ("[storage]\n[fetch]\n[storage]\n", "3: not valid TOML", "put the keys of both together"),
    ("[polling]\nleast '5m'\n", "2: not valid TOML", "write key = value"),
    ("[[channels]]\ntype = 'email'\n", "1: channels: ", "write [channels.NAME]"),
    ("[[groups]]\nleast = '5m'\n", "1: groups: ", "write [groups.NAME]"),
    ("[feeds]\nurl = 'x'\n", "1: feeds: ", "write [[feeds]], with two brackets"),
    ("[rules.a]\nquery = 'x'\n", "1: rules: ", "write [[rules]], with two brackets"),
    ("[[storage]]\nurl = 'x'\n", "1: storage: ", "write [storage], with one bracket"),
    ("storage = 'monitor.db'\n", "1: storage: a table is expected", "write [storage]"),
    ("channels = { m = 5 }\n", "1: channels.m: ", "write [channels.m]"),
    ("feeds = ['https://a.example/']\n", "1: feeds.1: a table is expected", "write [[feeds]]"),
    ("[topics]\nlabour = ['x']\n", "2: topics.labour: ", "a topic is a table"),
    # --- keys
    ("[storag]\n", "1: unknown key 'storag'", "did you mean 'storage'?"),
    ("\n[fetch]\nper_hosts = 2\n", "3: unknown key 'fetch.per_hosts'", "did you mean 'per_host'?"),
    (FEED + "langg = 'en'\n", "4: unknown key 'feeds.A.langg'", "did you mean 'lang'?"),
    (MAIL + TO + "secret = { file = 'x' }\n", "6: unknown key 'channels.m.secret'", "known: type, host, port"),
    ("[topics.labour]\nterm = ['x']\n", "2: topics.labour.term: unknown key", "did you mean 'terms'?"),
    ("[[feeds]]\nname = 'A'\n", "1: feeds.A: 'url' is missing", 'url = "https://example.org/feed.xml"'),
    ("[[feeds]]\nurl = 'https://a.example/'\n", "1: feeds.1: 'name' is missing", "write for example name ="),
    ("[channels.m]\nhost = 'x'\n", "1: channels.m: 'type' is missing", 'type = "email"'),
    ("[channels.w]\ntype = 'webhook'\nurl = {}\n", "3: channels.w.url: 'file' is missing", "file = "),
    # --- values
    ("[fetch]\nconcurrency = 'many'\n", "2: fetch.concurrency: 'many' is no whole number", ""),
    ("[fetch]\nconcurrency = 5000\n", "2: fetch.concurrency: 5000 is out of bounds", "at least 1 and at most 2000"),
    ("[fetch]\nrobots = 'perhaps'\n", "2: fetch.robots: 'perhaps' is neither true nor false", ""),
    ("[fetch]\ndeadline = 30\n", "2: fetch.deadline: 30 is no duration", 'write for example "90s"'),
    ("[fetch]\nfeed_limit = 'big'\n", "2: fetch.feed_limit: 'big' is no size", '"10MB"'),
    ("[fetch]\ncontact = 5\n", "2: fetch.contact: 5 is no text", "write it in quotation marks"),
    ("[fetch]\nallow = '10.0.0.0/8'\n", "2: fetch.allow: '10.0.0.0/8' is no list", 'write ["10.0.0.0/8"]'),
    ("[fetch]\nallow = [\n '10.0.0.0/8',\n 'a host',\n]\n", "4: fetch.allow: not a host, address or", "'a host'"),
    ("[fetch]\nallow = ['10.0.0.1/8']\n", "2: fetch.allow: not a host", "write '10.0.0.0/8'"),
    ("[fetch]\nallow = ['http://intranet/']\n", "2: fetch.allow: not a host", "write 'intranet'"),
    ("[fetch]\nallow = ['*.example.org']\n", "2: fetch.allow: not a host", "a wildcard is no host"),
    ("[fetch]\nproxy = 'socks5://127.0.0.1'\n", "2: fetch.proxy: the proxy is refused", "only http"),
    ("[polling]\nleast = '2h'\ninitial = '1h'\n", "1: polling: polling needs 1s <= least", "least is 2h, initial is 1h"),
    ("[groups.g]\nleast = '2h'\nmost = '1h'\n", "2: groups.g.least: least is 2h, longer than most", "1h"),
    ("[service]\nlisten = '0.0.0.0:80'\n", "2: service.listen: ", "use 127.0.0.1"),
    ("[service]\nlisten = 'here'\n", "2: service.listen: 'here' is no address", "127.0.0.1:8480"),
    ("[service]\naddress = 'https://a.example'\n", "1: service: address and feedback_key are needed together", ""),
    ("[[feeds]]\nname = 'A'\nurl = 'ftp://a/'\n", "3: feeds.A.url: 'ftp://a/' is no http or https address", ""),
    (FEED + "country = 'ZZ'\n", "4: feeds.A.country: there is no country 'ZZ'", "an ISO code such as 'UZ'"),
    (FEED + "country = 'Uzbekistan'\n", "4: feeds.A.country: ", "write 'UZ'"),
    (FEED + "lang = 'qq'\n", "4: feeds.A.lang: there is no language 'qq'", "an ISO 639 code"),
    (FEED + "lang = 'english'\n", "4: feeds.A.lang: ", "write 'en'"),
    (FEED + "tier = 7\n", "4: feeds.A.tier: 7 is out of bounds", "at least 1 and at most 3"),
    (MAIL + "recipients = []\n", "5: channels.m.recipients: it is empty", "write at least one"),
    (MAIL + "recipients = [\n 'b@example.org',\n 'desk at example.org']\n", "7: channels.m.recipients.2: ", "no mail address"),
    (MAIL.replace("a@example.org", "monitor") + TO, "4: channels.m.sender: 'monitor' is no mail address", "desk@"),
    (MAIL.replace("mail.", "smtp://mail.") + TO, "3: channels.m.host: ", '"mail.example.org"'),
    (MAIL + TO + "username = 'x'\n", "1: channels.m: username and password are needed together", ""),
    ("[channels.p]\ntype = 'slak'\n", "2: channels.p.type: there is no 'slak'", "did you mean 'slack'?"),
    ("[channels.s]\ntype = 'slack'\nurl = 'hooks.example/x'\n", "3: channels.s.url: must be an http", ""),
    # --- names
    (FEED + "group = 'wrold'\n[groups.world]\n", "4: feeds.A.group: there is no 'wrold'", "did you mean 'world'?"),
    (FEED + FEED.replace("'A'", "'B'"), "6: feed with url 'https://a.example/feed' stands already in line 3", ""),
    (FEED + FEED.replace("a.ex", "b.ex"), "5: feed with name 'A' stands already in line 2", ""),
    (RULE + RULE, "5: rule 'a' stands already in line 2", ""),
    (RULE + "channels = ['mial']\n" + MAIL.replace(".m]", ".mail]") + TO, "4: rules.a.channels: ", "mean 'mail'?"),
    (RULE + "inhibited_by = ['b']\n", "4: rules.a.inhibited_by: there is no 'b'", "known: none"),
    ("operators = ['x']\n", "1: operators: there is no 'x'", "known: none"),
    ("[topics]\ndisable = ['disaster']\n", "2: topics.disable: there is no topic 'disaster'", "mean 'disasters'?"),
    # --- queries, topics, rules
    ("[queries]\nca = 'country:ZZ'\n", "2: query 'ca': there is no country 'ZZ'", "Write an ISO code"),
    ("[queries]\nla = 'x AND lang:qq'\n", "2: query 'la': there is no language 'qq'", "an ISO 639 code"),
    (RULE.replace("'x'", "'lang:qq x'"), "3: rule 'a': there is no language 'qq'", "an ISO 639 code"),
    (RULE.replace("'x'", "'(x'"), "3: rule 'a': this parenthesis is not closed", "Add )"),
    (RULE.replace("'x'", "'@nope'"), "3: rule 'a': there is no query named 'nope'", ""),
    (RULE.replace("'a'", "'Big Rule'"), "2: rules.Big Rule.name: ", "small letters, digits and hyphens"),
    (RULE + "trigger = 'storry'\n", "4: rules.a.trigger: there is no 'storry'", "did you mean 'story'?"),
    (RULE + "trigger = 'digest'\n", "1: rules.a: a digest needs a schedule", "0 7 * * mon-fri"),
    (RULE + "silent_for = '6h'\n", "4: rules.a.silent_for: silent_for belongs to", '"silence-of"'),
    (RULE + "quiet = '22-7'\n", "4: rules.a.quiet: '22-7' are no quiet hours", "22:00-07:00"),
    ("[topics.labour]\nterms = ['x',\n '(y']\n", "3: topics.labour.terms[2]: this parenthesis", "Add )"),
    ("[topics.labour]\nagainst = ['x']\n", "1: topics.labour: needs at least one query in 'terms'", ""),
    # --- what stands around it
    (MAIL + TO + "username = 'x'\npassword = { file = 'gone' }\n", "7: channels.m.password: secret file 'gone' is not", ""),
    ("[channels.c]\ntype = 'command'\nargv = ['./gone']\n", "3: channels.c.argv: there is no program './gone'", "whole path"),
    ("[channels.c]\ntype = 'command'\nargv = ['gone-xyz']\n", "3: channels.c.argv: ", "in $PATH; write its whole path"),
    ("[storage]\nurl = '/nowhere/at/all/m.db'\n", "2: storage.url: there is no folder /nowhere/at/all", "mkdir -p"),
    ("[storage]\nurl = '/'\n", "2: storage.url: / is a folder", "write the name of a file in it"),
    ("[storage]\nurl = 'mysql://h/m'\n", "2: storage.url: mysql:// is no database of monitor", "postgresql"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "right"), FAULTY)
def test_a_fault_is_told_with_its_line_and_what_would_be_right(told, text, said, right):
    (only,) = told(text)
    assert only.startswith(said)
    assert right in only


def test_faults_of_all_stages_are_told_in_one_run(told):
    text = """operators = ["mial"]
[storage]
url = "/nowhere/at/all/monitor.db"
kep_pages = "3d"
[fetch]
allow = ["not a host"]
proxy = 5
[[feeds]]
name = "A"
url = "ftp://a.example/"
country = "ZZ"
tier = "high"
[topics.labour]
term = ["x"]
terms = ["( a"]
[queries]
ca = "lang:qq"
[[rules]]
name = "a"
query = "(x AND"
trigger = "digest"
channels = ["mail", "hok"]
[channels.mail]
type = "email"
host = "mail.example.org"
sender = "monitor"
recipients = []
username = "x"
password = { file = "gone" }
[channels.tell]
type = "command"
argv = ["./gone"]
[channels.pig]
type = "pigeon"
"""
    lines = [int(said.partition(":")[0]) for said in told(text)]
    assert lines == [1, 3, 4, 6, 7, 10, 11, 12, 14, 15, 17, 18, 20, 22, 26, 27, 29, 32, 34]


def test_what_comes_of_another_fault_is_not_told(told):
    assert len(told(RULE + "trigger = 'digest'\nschedule = 5\n")) == 1
    assert len(told("[polling]\nleast = 'soon'\n")) == 1
    assert len(told(MAIL + TO + "username = 'x'\npassword = 'y'\n")) == 1
    assert len(told("[queries]\nbad = 'country:ZZ'\n" + RULE.replace("'x'", "'@bad x'"))) == 1
    assert len(told(RULE + "channels = ['m']\n" + MAIL)) == 1


def test_of_a_text_that_is_no_toml_at_all_only_the_first_fault_is_told(told):
    (said,) = told("a = [\n1,\n" + "b = 2\n" * 40)
    assert said.startswith("3: not valid TOML")


def test_no_secret_is_told(told):
    written = (
        MAIL + TO + "username = 'x'\npassword = 'hunter2'\n[channels.s]\ntype = 'slack'\nurl = 'T0/B0/secretpart'\n"
    )
    said = "\n".join(told(written))
    assert "hunter2" not in said
    assert "secretpart" not in said
    assert 'password = { file = "NAME" }' in said


def test_a_channel_that_is_off_may_lack_its_secret(told):
    assert told(MAIL + TO + "username = 'x'\npassword = { file = 'gone' }\nenabled = false\n") == []


def test_a_secret_that_others_may_read_is_a_fault(told, tmp_path):
    secret = tmp_path / "key"
    secret.write_text("x")
    secret.chmod(0o644)
    (said,) = told(MAIL + TO + "username = 'x'\npassword = { file = 'key' }\n")
    assert "run: chmod 600" in said


def test_what_may_not_be_written_or_run_by_this_user_is_a_fault(told, tmp_path, monkeypatch):
    program = tmp_path / "tell"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o600)
    (said,) = told(f"[channels.c]\ntype = 'command'\nargv = ['{program}']\n")
    assert f"chmod +x {program}" in said
    monkeypatch.setattr("monitor.cli.faults.os.access", lambda path, mode: Path(path) != tmp_path)  # root may write
    (said,) = told("[storage]\nurl = 'monitor.db'\n")
    assert said.startswith(f"2: storage.url: {tmp_path} may not be written by this user")


def test_addresses_that_the_network_door_will_refuse_are_warned_of():
    text = "[fetch]\nallow = ['10.9.0.0/16']\n" + "".join(
        f"[[feeds]]\nname = 'f{at}'\nurl = 'http://{host}/'\n"
        for at, host in enumerate(["10.1.1.1", "10.9.1.1", "[::1]", "localhost:8080", "a.example", "2130706433"])
    )
    reading = read(text, Path("desk.toml"))
    warned = warnings_of(reading, load_topics(topic_sources(checked(reading, around=False))))
    assert [said.split(":")[1] for said in warned] == ["5", "11", "14", "20"]
    assert warned[0].endswith(
        "feeds.f0.url: 10.1.1.1 is not a public address, so it will not be asked; "
        'if it is your own: [fetch] allow = ["10.1.1.1"]'
    )


def test_faults_are_in_the_order_of_the_file_and_refuse_it():
    reading = read("[polling]\nmots = '1h'\n[storage]\nur = 'x'\n", Path("desk.toml"))
    with pytest.raises(ConfigError) as refused:
        checked(reading, around=False)
    assert [line.split(":")[1] for line in str(refused.value).splitlines()] == ["2", "4"]
    assert refused.value.exit_code == 78


_VALUES = ["5", "true", '"x"', "[]", '["a"]', "{}", "{ a = 1 }", "[{ name = 'x' }]", '{ file = "x" }', "2026-01-01"]
_HEADS = ["[storage]", "[fetch]", "[groups.a]", "[[feeds]]", "[[rules]]", "[topics.t]", "[topics.t.ru]", "[queries]"]
_HEADS += ["[channels.m]", "[[channels]]", "[feeds]", "[[topics]]", "[channels.m.url]", "[service]", "[[storage]]"]
_KEYS = "url name query type host recipients argv secret password enabled least allow heartbeat terms trigger x".split()
_TABLES = st.tuples(st.sampled_from(_HEADS), st.dictionaries(st.sampled_from(_KEYS), st.sampled_from(_VALUES)))


@given(st.lists(_TABLES, max_size=5))
def test_whatever_is_written_is_read_to_the_end(tables):
    text = "".join(head + "\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()) for head, keys in tables)
    reading = read(text, Path("desk.toml"))
    assert all(1 <= line <= text.count("\n") + 1 for line, _ in reading.faults)
    assert list(reading.faults) == sorted(set(reading.faults))
