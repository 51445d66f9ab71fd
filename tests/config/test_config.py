"""Every fault is told with its line, what is wrong and what would be right."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import database_url, find_config, load_settings, parse_settings, read_secret
from monitor.config.lines import LineMap
from monitor.config.settings import Secret
from monitor.config.units import parse_duration, parse_size, show_duration
from monitor.errors import ConfigError

HERE = Path("desk.toml")


def refused(text):
    with pytest.raises(ConfigError) as caught:
        parse_settings(text, HERE)
    return str(caught.value).splitlines()


def test_the_shipped_configuration_is_sound():
    settings = load_settings(Path(__file__).parents[2] / "config.toml")
    assert len(settings.feeds) >= 40
    assert len({feed.lang for feed in settings.feeds}) >= 8
    assert {"central-asia", "middle-east", "eastern-europe", "africa", "latin-america"} <= set(settings.groups)


def test_an_empty_file_is_a_configuration():
    settings = parse_settings("", HERE)
    assert settings.polling.least == timedelta(minutes=5)
    assert settings.feeds == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[storag]\n", "desk.toml:1: unknown key 'storag'; did you mean 'storage'?"),
        ("\n[polling]\nleast = 5\n", "desk.toml:3: polling.least: 5 is no duration; write for example"),
        ("[polling]\nleast = '2h'\ninitial = '1h'\n", "desk.toml:1: polling: polling needs 1s <= least"),
        ("[[feeds]]\nname = 'A'\n", "desk.toml:1: feeds.A: 'url' is missing"),
        (
            "[[feeds]]\nname='A'\nurl='http://a/'\n[[feeds]]\nname='B'\nurl='http://b/'\ngrup='x'\n",
            "desk.toml:7: unknown key 'feeds.B.grup'; did you mean 'group'?",
        ),
        ("[[feeds]]\nname='A'\nurl='ftp://a/'\n", "desk.toml:3: feeds.A.url: 'ftp://a/' is no http or https address"),
        (
            "[[feeds]]\nname='A'\nurl='http://a/'\n[[feeds]]\nname='B'\nurl='http://a/'\n",
            "desk.toml:6: feed with url 'http://a/' stands already in line 3",
        ),
        (
            "[groups.asia]\n[[feeds]]\nname='A'\nurl='http://a/'\ngroup='aisa'\n",
            "desk.toml:5: feeds.A.group: there is no 'aisa'; did you mean 'asia'?",
        ),
        (
            "[[rules]]\nname='r'\nquery='a'\nchannels=['mial']\n[channels.mail]\ntype='command'\nargv=['x']\n",
            "desk.toml:4: rules.r.channels: there is no 'mial'; did you mean 'mail'?",
        ),
        ("[[rules]]\nname='Big Rule'\nquery='a'\n", "desk.toml:2: rules.Big Rule.name:"),
        (
            "[channels.x]\ntype='pigeon'\n",
            "desk.toml:2: channels.x.type: there is no 'pigeon'; known: email, webhook, ",
        ),
        (
            "[channels.x]\ntype='email'\nhost='h'\nsender='a@b'\nrecipients=['c@d']\nsendr='x'\n",
            "desk.toml:6: unknown key 'channels.x.sendr'; did you mean 'sender'?",
        ),
        ("[fetch]\nconcurrency = 'many'\n", "desk.toml:2: fetch.concurrency:"),
        ("operators = ['x']\n", "desk.toml:1: operators: there is no 'x'; known: none"),
        ("a = \n", "desk.toml:1: not valid TOML"),
        ("x = '''\n[storag]\n'''\n[storage]\nur = 'y'\n", "desk.toml:5: unknown key 'storage.ur'; did you mean 'url'?"),
    ],
)
def test_faults_say_where_what_and_what_would_be_right(text, said):
    assert any(line.startswith(said) for line in refused(text)), refused(text)


def test_all_faults_are_told_at_once_in_the_order_of_the_file():
    lines = refused("[storage]\nur='x'\n[polling]\nmots='1h'\n[fetch]\nper_host=0\n")
    assert [line.split(":")[1] for line in lines] == ["2", "4", "6"]


def test_topics_may_have_any_name_and_are_kept_as_written():
    settings = parse_settings("[topics]\ndisable=['disasters']\n[topics.labour]\nlabel='L'\nterms=['a']\n", HERE)
    assert settings.topics.disable == ("disasters",)
    assert settings.topics.own == {"labour": {"label": "L", "terms": ["a"]}}


def test_secrets_come_from_credentials_first_and_must_be_private(tmp_path, monkeypatch):
    settings = parse_settings("", tmp_path / "config.toml")
    with pytest.raises(ConfigError, match="is not there; looked in"):
        read_secret(Secret(file="key"), settings)
    beside = tmp_path / "key"
    beside.write_text("beside\n")
    beside.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_secret(Secret(file="key"), settings)
    beside.chmod(0o600)
    assert read_secret(Secret(file="key"), settings) == "beside"
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "key").write_text("given\n")
    (credentials / "key").chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert read_secret(Secret(file="key"), settings) == "given"
    (credentials / "empty").touch(0o600)
    with pytest.raises(ConfigError, match="is empty"):
        read_secret(Secret(file="empty"), settings)


def test_the_database_stands_in_the_state_directory_or_beside_the_file(tmp_path, monkeypatch):
    settings = parse_settings("", tmp_path / "config.toml")
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert database_url(settings) == str(tmp_path / "monitor.db")
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/monitor")
    assert database_url(settings) == "/var/lib/monitor/monitor.db"
    remote = parse_settings('[storage]\nurl = "postgresql+psycopg://h/m"\n', HERE)
    assert database_url(remote) == "postgresql+psycopg://h/m"


def test_a_place_that_cannot_be_looked_at_is_none():
    with pytest.raises(ConfigError, match="no such configuration file"):
        find_config("x" * 5000)


def test_the_file_is_looked_for_in_a_stated_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)
    with pytest.raises(ConfigError, match="no such configuration file"):
        find_config("gone.toml")
    (tmp_path / "config.toml").touch()
    assert find_config(None) == Path("config.toml")
    (tmp_path / "other.toml").touch()
    monkeypatch.setenv("MONITOR_CONFIG", str(tmp_path / "other.toml"))
    assert find_config(None) == tmp_path / "other.toml"


@given(st.integers(1, 10**7))
def test_a_duration_shown_is_read_back(seconds):
    assert parse_duration(show_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize("bad", [5, "5", "soon", "-1m", "1y", "", None, "5m!"])
def test_bad_durations_are_refused(bad):
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(bad)


def test_sizes():
    assert parse_size("10MB") == 10_000_000
    assert parse_size("64 kB") == 64_000
    with pytest.raises(ValueError, match="is no size"):
        parse_size("big")


@given(st.text(max_size=200))
def test_any_text_is_a_configuration_or_refused_with_its_line(text):
    LineMap(text)
    try:
        parse_settings(text, HERE)
    except ConfigError as problem:
        assert str(problem).startswith("desk.toml:")
