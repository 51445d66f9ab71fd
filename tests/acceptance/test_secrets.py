"""T62: what is secret in the configuration is shown nowhere, however much goes wrong, and at the finest log."""

import asyncio
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.acceptance.test_alerting import rule
from tests.acceptance.test_daemon import rows, stage
from tests.acceptance.test_feedback import key_and_port, with_links
from tests.support.hostile import answers
from tests.support.newsroom import until
from tests.support.processes import descendants

SECRETS = {
    "key": "twenty-four bytes or more of chance",
    "hook-url": "T0kenInPath9f8e7d",
    "slack-url": "XoxbSlackT0ken42",
    "whsec": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwVGVzdGluZw==",
    "smtp": "corr3ct-horse-battery",
    "feed": "fe3dPassw0rd",
    "database": "dataB4sePassword",
}
ASKED = (
    ("doctor",), ("metrics",), ("feeds", "list"), ("feeds", "health"), ("feeds", "schedule"), ("channels", "list"),
    ("channels", "test", "post"), ("channels", "test", "chat"), ("channels", "test", "letters"),
    ("deliveries", "list"), ("alerts", "list"), ("check",), ("rules", "plan"),
)  # fmt: skip


def channels(tmp_path, room, mail):
    """One that cannot be reached, one that answers with what it was asked, one that wants no password in the clear."""
    echo = room.server.on(f"/services/{SECRETS['slack-url']}", answers(500, SECRETS["slack-url"].encode()))
    files = {
        "hook-url": f"http://127.0.0.9:9/{SECRETS['hook-url']}",
        "slack-url": echo,
        "whsec": SECRETS["whsec"],
        "smtp": SECRETS["smtp"],
    }
    for name, told in files.items():
        (tmp_path / name).write_text(told)
        (tmp_path / name).chmod(0o600)
    return f"""
[channels.post]
type = "webhook"
url = {{ file = "hook-url" }}
secret = {{ file = "whsec" }}
[channels.chat]
type = "slack"
url = {{ file = "slack-url" }}
[channels.letters]
type = "email"
host = "127.0.0.1"
port = {mail.port}
sender = "monitor@example.org"
recipients = ["ana@example.org"]
username = "monitor"
password = {{ file = "smtp" }}
[[feeds]]
name = "closed"
url = "http://reader:{SECRETS["feed"]}@{room.server.authority}/closed.xml"
"""


def told_of(pid):
    """What others on the machine, or a crash report, may see of a process."""
    return "".join(
        Path(f"/proc/{pid}/{file}").read_bytes().decode("utf-8", "replace") for file in ("environ", "cmdline")
    )


def shown(text, where):
    assert not [name for name, secret in SECRETS.items() if secret in text], f"{where}: {text}"


async def test_t62_no_secret_is_shown_anywhere(tmp_path):
    port = key_and_port(tmp_path)
    rules = rule(trigger="each", channels=["post", "chat", "letters"])
    async with stage(tmp_path, rules=rules) as (room, feed, _, mail, service):
        config = service.config.read_text() + channels(tmp_path, room, mail)
        config = config.replace("allow = [", 'allow = ["127.0.0.9:9", ')
        service.config.write_text(with_links(config, port, "https://monitor.example.org"))
        with service.log.open("ab") as log:
            service.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "monitor", "-v", "-c", str(service.config), "run", stdout=log, stderr=log
            )
        await service.started()
        await until(lambda: room.asked["/desk.xml"] >= 1, 20, "first poll")
        await asyncio.sleep(0.5)
        room.publish(feed, "kraken")
        failed = "SELECT DISTINCT channel FROM deliveries WHERE attempts > 0"
        await until(lambda: len(rows(service, failed)) == 3, 30, "an attempt at each channel")
        await until(lambda: rows(service, "SELECT 1 FROM feeds WHERE name = 'closed' AND polls > 0"), 20, "the feed")
        assert rows(service, "SELECT 1 FROM deliveries WHERE state = 'sent'") == []

        for path in ("health", "metrics"):
            address = f"http://127.0.0.1:{port}/{path}"
            shown((await asyncio.to_thread(urllib.request.urlopen, address, None, 20)).read().decode(), path)
        for pid in (service.process.pid, *descendants(service.process.pid)):
            shown(await asyncio.to_thread(told_of, pid), "the table of processes")
        database = f"postgresql://monitor:{SECRETS['database']}@127.0.0.9:9/monitor"
        for words in (*ASKED, ("deliveries", "show", "1")):
            for more in ([], ["--db", database] if words in {("doctor",), ("feeds", "list")} else []):
                line = [sys.executable, "-m", "monitor", "-v", "-c", str(service.config), *more, *words]
                ran = await asyncio.to_thread(
                    subprocess.run, line, capture_output=True, text=True, timeout=60, check=False
                )
                shown(ran.stdout + ran.stderr, " ".join(words))
        assert await service.stop() == 0
        log = service.log.read_text()
        assert "delivery_retry" in log
        shown(log, "log")
        kept = (tmp_path / "monitor.db").read_bytes()
        assert not [
            name for name in ("key", "hook-url", "slack-url", "whsec", "smtp") if SECRETS[name].encode() in kept
        ]
