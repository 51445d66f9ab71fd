"""The command channel with real programs."""

import asyncio
import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from monitor.model import Delivered, Rejected, RetryLater
from monitor.net.fetch import Net
from monitor.notifiers import build
from tests.support.alerts import NOW, make_article, make_message


def channel(program, *arguments, seconds=10):
    argv = (sys.executable, "-c", program, *arguments)
    return build("local", "command", {"argv": argv, "deadline": timedelta(seconds=seconds)}, {}, Net.__new__(Net))


WRITES = "import os, sys, json; json.dump([sys.stdin.read(), sys.argv, dict(os.environ)], open(sys.argv[1], 'w'))"


async def test_the_program_gets_the_json_its_arguments_and_a_bare_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("MONITOR_DATABASE_PASSWORD", "corr3ct")
    out, odd = tmp_path / "out", "$(touch /tmp/never); `id` && x > y"
    message = make_message("command", make_article(title="Граница\x00 закрыта; $(id)"))
    assert await channel(WRITES, str(out), odd).send(message, now=NOW) == Delivered(receipt="exit status 0")
    body, argv, environment = json.loads(out.read_text())
    assert json.loads(body) == json.loads(json.dumps(message.payload))
    assert argv[2] == odd
    assert environment["MONITOR_ALERT_ID"] == message.id
    assert set(environment) <= {"HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "TZ", "MONITOR_ALERT_ID"}


async def test_exit_statuses():
    later = await channel("import sys; sys.exit('disk\\x1b[31m full\\nand more')").send(
        make_message("command"), now=NOW
    )
    assert later == RetryLater(reason="exit status 1: disk[31m full and more", status=1)
    never = await channel("import sys; sys.exit(65)").send(make_message("command"), now=NOW)
    assert never == Rejected(reason="exit status 65", status=65)


async def test_a_program_that_reads_nothing_is_served():
    big = replace(make_message("command"), payload={"x": "a" * 1_000_000})
    assert isinstance(await channel("pass").send(big, now=NOW), Delivered)


async def test_the_children_of_a_program_that_is_too_slow_die_with_it(tmp_path):
    out = tmp_path / "pid"
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid)); time.sleep(60)"
    )
    outcome = await channel(program, str(out), seconds=2).send(make_message("command"), now=NOW)
    assert isinstance(outcome, RetryLater)
    child = int(out.read_text())
    async with asyncio.timeout(10):
        while runs(child):  # noqa: ASYNC110 - the kernel tells nobody but its parent, which is gone
            await asyncio.sleep(0.01)  # the signal is sent; a busy machine takes its time to end a process


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


async def test_a_missing_program_is_tried_again():
    missing = build("local", "command", {"argv": ("/nonexistent",)}, {}, Net.__new__(Net))
    outcome = await missing.send(make_message("command"), now=NOW)
    assert outcome == RetryLater(reason="the program does not start: FileNotFoundError")
    assert missing.endpoint == "command nonexistent"
