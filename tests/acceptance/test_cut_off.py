"""A machine without a network: the daemon runs on, and says plainly what it could not reach and when it tries again."""

import re

from monitor.telemetry import EVENTS
from tests.support.newsroom import Service, newsroom, until

HOSTS = [f"127.0.0.{number}:9" for number in range(20, 27)]  # nobody listens at port 9


def config(hosts: list[str], extra: str = "") -> str:
    feeds = "".join(f'[[feeds]]\nname = "feed {host}"\nurl = "http://{host}/feed.xml"\n' for host in hosts)
    return f'[fetch]\nallow = ["127.0.0.0/8"]\n[service]\nlisten = ""\n{extra}{feeds}'


def told(service: Service, event: str) -> list[str]:
    assert event in EVENTS
    return re.findall(rf"^\S+ \w+ +{event} (.*)$", service.log.read_text(), re.M)


async def test_each_feed_that_cannot_be_reached_is_told_with_its_next_try(tmp_path):
    service = Service(tmp_path, config(HOSTS))
    await service.start()
    try:
        await until(lambda: service.log.exists() and told(service, "standing"), 60, "the line on where it stands")
        failed = told(service, "feed_failed")
        assert {re.search(r'feed="feed ([^"]+)"', line)[1] for line in failed} == set(HOSTS)
        assert all(re.search(r'problem="[^"]*refused', line, re.I) for line in failed)
        assert all(re.search(r"next=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line) for line in failed)
        [standing] = told(service, "standing")
        assert "feeds=7 read=0 not_reached=7 next_try=" in standing
        assert "cut off" in standing
        assert len(told(service, "network_outage")) == 1
        assert await service.stop() == 0
    finally:
        if service.process.returncode is None:
            await service.kill()


async def test_feeds_that_can_be_read_are_counted_too(tmp_path):
    async with newsroom() as room:
        feed = room.feed("desk")
        room.publish(feed)
        one = f'[[feeds]]\nname = "desk"\nurl = "{room.url(feed)}"\n'
        service = Service(tmp_path, config(HOSTS[:1], one))
        await service.start()
        try:
            await until(lambda: service.log.exists() and told(service, "standing"), 60, "the line on where it stands")
            [standing] = told(service, "standing")
            assert "feeds=2 read=1 not_reached=1 next_try=" in standing
            assert "cut off" not in standing
            assert await service.stop() == 0
        finally:
            if service.process.returncode is None:
                await service.kill()
