"""One line an event, without secrets, in the journal's form or with the time."""

import io
import logging

import pytest

from monitor import telemetry
from monitor.telemetry import EVENTS, METRICS, event, protect, redact, start_logging


@pytest.fixture
def lines(monkeypatch):
    monkeypatch.setattr(telemetry, "_SECRETS", set())
    root, ours = logging.getLogger(), logging.getLogger("monitor")
    before = root.handlers[:], root.level, ours.level
    stream = io.StringIO()
    start_logging(stream=stream)
    yield lambda: stream.getvalue().splitlines()
    root.handlers[:], level, own = before
    root.setLevel(level)
    ours.setLevel(own)


def test_an_event_is_one_line_of_facts(lines):
    event("feed_polled", feed="A desk", new=3, changed=None, text="two\nlines \x1b[2J", empty="")
    [line] = lines()
    assert line.split(" ", 2)[1:] == ["info", '   feed_polled feed="A desk" new=3 text="two lines [2J" empty=""']


def test_an_event_without_facts_has_no_blank_behind_it(lines):
    event("daemon_stopping")
    assert lines()[0].endswith("daemon_stopping")


def test_only_listed_events_exist(lines):
    with pytest.raises(ValueError, match="is not listed"):
        event("feed_pulled")
    assert all(told for told in EVENTS.values())


def test_secrets_and_userinfo_never_stand_in_a_record(lines):
    protect("s3cr3t-token")
    problem = RuntimeError("refused by http://me:pass@example.org/x?key=s3cr3t-token")
    event("task_crashed", logging.ERROR, task="deliver:1", exc=problem)
    text = "\n".join(lines())
    assert "RuntimeError" in text
    for secret in ("s3cr3t-token", "me:pass"):
        assert secret not in text
    assert redact("plain words") == "plain words"


def test_libraries_are_heard_from_warning_on(lines):
    logging.getLogger("httpx").info("GET http://me:pass@example.org/")
    logging.getLogger("sqlalchemy.engine").info("SELECT 1")
    logging.getLogger("httpx").warning("odd")
    assert [line.rsplit(" ", 1)[-1] for line in lines()] == ["odd"]


def test_debug_is_told_only_when_asked_for(lines):
    event("feed_unchanged", logging.DEBUG, count='polls_total{outcome="test"}')
    assert lines() == []
    assert METRICS['polls_total{outcome="test"}'] == 1


def test_under_systemd_each_line_has_the_journals_priority(monkeypatch, capsys):
    monkeypatch.setenv("JOURNAL_STREAM", "8:12345")
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        start_logging()
        event("storage_degraded", logging.ERROR, why="disk full")
        logging.getLogger("monitor").warning("one\ntwo")
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
    said = capsys.readouterr().err.splitlines()
    assert said == ['<3>storage_degraded why="disk full"', "<4>one", "<4>two"]
