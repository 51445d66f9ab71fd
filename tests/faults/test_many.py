"""Many of the same trouble at once: waiting messages, failing feeds, too few descriptors, no network."""

import asyncio
import os
import re
import resource
import socket
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model import Alert, Message
from monitor.storage import alerts as alert_rows
from monitor.storage import outbox
from monitor.storage.engine import Database
from tests.support.desk import PATIENCE, Hook, desk
from tests.support.hostile import hostile
from tests.support.newsroom import Service, until

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """Of the process alone."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def fill_outbox(path, channel, count):
    """``count`` messages that wait for ``channel``."""
    now = datetime.now(UTC)

    def fill(connection):
        for number in range(count):
            alert = Alert(
                id=f"{channel}{number:06}", key=f"drill:{channel}:{number}", rule="drill", rule_version="",
                article_id=0, story_id=None, created_at=now, priority="normal", channels=(channel,), kind="notice",
                reason="drill",
            )  # fmt: skip
            body = {"type": "drill", "data": {}}
            message = Message(id=alert.id, channel=channel, subject="drill", text="drill", payload=body)
            new = outbox.NewDelivery(alert_id=alert.id, channel=channel, endpoint=channel, message=message)
            alert_rows.save_alert(connection, alert, [new], now)

    with Database.open(path) as database:
        database.write_now(fill)


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_t59_a_full_outbox_of_one_endpoint_is_drained_evenly_and_delays_no_other(tmp_path, count):
    async with desk(tmp_path) as stage:
        stage.room.feed("desk")
        await stage.start()
        await until(lambda: stage.count("feeds", "polls > 0") == 1, PATIENCE, "first poll")
        assert await stage.service.stop() == 0
        async with hostile("127.0.0.4") as slow:
            other = Hook(slow, stage.history, "slow")
            stage.extra = f'[channels.slow]\ntype = "webhook"\nurl = "{other.url}"'
            stage.allow = (slow.authority,)

            async def behave(talk):
                await asyncio.sleep(0.2)
                await other.take(talk)

            slow.on("/slow", behave)
            fill_outbox(stage.service.database, "slow", count)
            fill_outbox(stage.service.database, "hook", 20)
            await stage.start()
            await until(lambda: len(stage.history.read("hook")) == 20, PATIENCE, "those who answer have their messages")
            assert len(stage.history.read("slow")) < count
            before = resident_mb(stage.service.process.pid)
            await until(lambda: stage.count("deliveries", "state = 'sent'") == count + 20, 4 * PATIENCE, "all")
            assert slow.open_most <= 20, "no stampede: as many at once as per_host allows"
            assert resident_mb(stage.service.process.pid) < before + 60
            assert await stage.service.stop() == 0
        came = Counter(line["id"] for line in stage.history.read("slow"))
        assert len(came) == came.total() == count


async def test_t78_feeds_that_fail_or_come_and_go_are_warned_of_once_an_hour(tmp_path):
    feeds = 60
    async with desk(tmp_path) as stage:
        answers = Counter()
        for number in range(feeds):
            feed = stage.room.feed(f"desk{number}")
            well = stage.room.server.behaviours[f"/{feed.name}.xml"]

            async def behave(talk, number=number, well=well):
                answers[number] += 1
                if number % 2 and answers[number] % 2:
                    await well(talk)  # every other time
                else:
                    await talk.reply(500 if answers[number] % 3 else 404, b"no\r\nlevel=error forged")

            stage.room.server.on(f"/{feed.name}.xml", behave)
        await stage.start()
        await until(
            lambda: min(answers[n] for n in range(1, feeds, 2)) >= 6, PATIENCE, "six polls of each that comes and goes"
        )
        assert await stage.service.stop() == 0
        warned = Counter(re.findall(r"warning feed_failed feed=(\S+)", stage.log()))
        assert len(warned) == feeds
        assert max(warned.values()) == 1
        assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:]+Z ", line) for line in stage.log().splitlines()), (
            "one line a record"
        )


@asynccontextmanager
async def daemon_over(tmp_path, config):
    service = Service(tmp_path, config)
    await service.start()
    try:
        yield service
    finally:
        if service.process.returncode is None:
            assert await service.stop() == 0


def feed_tables(addresses):
    return "".join(f'[[feeds]]\nname = "f{n}"\nurl = "{url}"\nfetch_pages = false\n' for n, url in enumerate(addresses))


POLLING = """
[polling]
least = "2s"
initial = "2s"
most = "4s"
[service]
listen = ""
[fetch]
allow = ["127.0.0.0/8"]
spacing = "0s"
"""


async def idle_share(pid, seconds=8):
    """The share of one core that a process used over some seconds."""
    before = cpu_seconds(pid)
    await asyncio.sleep(seconds)
    return (cpu_seconds(pid) - before) / seconds


async def test_t79_a_network_that_is_down_keeps_nobody_busy(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.9", 0))  # bound and not listening: refused
        addresses = [f"http://127.0.0.9:{nobody.getsockname()[1]}/{n}.xml" for n in range(100)]
        async with daemon_over(tmp_path, POLLING + feed_tables(addresses)) as service:
            await service.started(PATIENCE)
            await until(lambda: "feed_failed" in service.log.read_text(), PATIENCE, "failures")
            await asyncio.sleep(8)
            assert await idle_share(service.process.pid) < 0.2
    assert "Traceback" not in service.log.read_text()


async def test_t79_few_descriptors_slow_the_daemon_down_and_do_not_stop_it(tmp_path):
    async with desk(tmp_path, least=3, most=6) as stage:
        for number in range(150):
            feed = stage.room.feed(f"desk{number}")
            stage.room.publish(feed)
        await stage.start()
        resource.prlimit(stage.service.process.pid, resource.RLIMIT_NOFILE, (64, 64))
        await until(lambda: stage.count("articles", "state = 'done'") == 150, PATIENCE, "all feeds are read")
        assert await idle_share(stage.service.process.pid) < 0.6
        assert await stage.service.stop() == 0
        assert "Traceback" not in stage.log()
