"""robots.txt: honoured, asked once, and of little cost however it is written."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.model import Document, FetchFailed, Request
from monitor.net.fetch import Net
from monitor.net.robots import Robots, one_agent
from tests.net.conftest import MakeNet
from tests.support.hostile import Hostile, Talk, answers, redirects

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

ROBOTS = b"""\xef\xbb\xbf
User-agent: *
Disallow: /all-closed
User-agent: Other
User-agent: MONITOR
Disallow: /closed
Allow: /closed/open
Disallow: /*.pdf$
Crawl-delay: 0.2
"""


async def test_robots_are_honoured_for_pages_and_asked_once(net: Net, world: Hostile) -> None:
    world.on("/robots.txt", answers(200, ROBOTS))
    for path in ("/closed/a", "/closed/open", "/x.pdf", "/all-closed"):
        world.on(path, answers(200, b"page"))
    fetched = await asyncio.gather(
        *(net.fetch(Request(url=world.url(path))) for path in ("/closed/a", "/closed/open", "/x.pdf", "/all-closed"))
    )
    reasons = [item.reason if isinstance(item, FetchFailed) else "ok" for item in fetched]
    assert reasons == ["robots", "ok", "robots", "ok"]
    assert len(world.requests("/robots.txt")) == 1
    assert isinstance(await net.fetch(Request(url=world.url("/closed/a"), kind="feed")), Document)


async def test_robots_are_asked_again_where_a_redirect_leads(net: Net, world: Hostile) -> None:
    world.on("/robots.txt", answers(200, b"User-agent: *\nDisallow: /private"))
    world.on("/page", redirects("/private/page"))
    failed = await net.fetch(Request(url=world.url("/page")))
    assert isinstance(failed, FetchFailed)
    assert failed.reason == "robots"
    assert not world.requests("/private/page")


@pytest.mark.parametrize(
    "reply", [answers(404), answers(403), answers(410), redirects("/robots.txt"), answers(200, b"")]
)
async def test_no_robots_means_open(net: Net, world: Hostile, reply: Any) -> None:
    world.on("/robots.txt", reply)
    assert isinstance(await net.fetch(Request(url=world.on("/p", answers(200, b"page")))), Document)


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_unreachable_robots_mean_closed_for_a_while(net: Net, world: Hostile, status: int) -> None:
    world.on("/robots.txt", answers(status))
    url = world.on("/p", answers(200, b"page"))
    for _ in range(2):
        failed = await net.fetch(Request(url=url))
        assert isinstance(failed, FetchFailed)
        assert (failed.reason, failed.status, failed.weight) == ("robots", status, "soft")
        assert failed.retry_after is not None
        assert failed.retry_after > 60
    assert not world.requests("/p")
    assert len(world.requests("/robots.txt")) == 1


async def test_silent_robots_are_a_timeout_of_the_page(make_net: MakeNet, world: Hostile) -> None:
    async def silent(talk: Talk) -> None:
        await talk.silence()

    world.on("/robots.txt", silent)
    failed = await make_net(deadline=0.3).fetch(Request(url=world.url("/p")))
    assert isinstance(failed, FetchFailed)
    assert failed.reason == "timeout"


async def test_long_robots_are_read_in_part(net: Net, world: Hostile) -> None:
    world.on("/robots.txt", answers(200, b"User-agent: *\nDisallow: /closed\n" + b"# long\n" * 300_000))
    assert isinstance(await net.fetch(Request(url=world.on("/open", answers(200, b"page")))), Document)
    assert isinstance(await net.fetch(Request(url=world.on("/closed", answers(200, b"page")))), FetchFailed)


async def test_hostile_robots_cost_little(net: Net, world: Hostile) -> None:
    agents = "".join(f"User-agent: a{number}\nUser-agent: monitor{number}\n" for number in range(6_000))
    rules = "".join(f"Disallow: /{'*a' * 8}{number}$\n" for number in range(10_000))
    world.on(
        "/robots.txt",
        answers(200, (agents + "User-agent: monitor\n" + rules + "Disallow: /closed\n").encode()[:512_000]),
    )
    begun = time.process_time()
    await net.fetch(Request(url=world.on("/" + "a" * 4000, answers(200, b"page"))))
    assert time.process_time() - begun < 20  # minutes without the guard


async def test_crawl_delay_is_honoured_up_to_a_limit(make_net: MakeNet, world: Hostile) -> None:
    net = make_net(crawl_delay_most=0.3)
    world.on("/robots.txt", answers(200, b"User-agent: *\nCrawl-delay: 3600\nDisallow:"))
    world.on("/p", answers(200, b"page"))
    times: list[float] = []
    for _ in range(2):
        assert isinstance(await net.fetch(Request(url=world.url("/p"))), Document)
        times.append(time.monotonic())
    assert times[1] - times[0] > 0.25


async def test_robots_can_be_switched_off(make_net: MakeNet, world: Hostile) -> None:
    world.on("/robots.txt", answers(200, b"User-agent: *\nDisallow: /"))
    document = await make_net(robots=False).fetch(Request(url=world.on("/p", answers(200, b"page"))))
    assert isinstance(document, Document)


def test_other_agents_become_one_and_ours_stays() -> None:
    text = "User-agent: Foo\nuser agent : bar # x\nUser-Agent: Monitor/2\nuseragent: monitors\nDisallow: /a\nUser-agent: *\nDisallow: /b"
    assert one_agent(text, "monitor").splitlines() == [
        "user-agent: other-agent",
        "user-agent: other-agent# x",
        "user-agent: monitor",
        "user-agent: other-agent",
        "Disallow: /a",
        "user-agent: *",
        "Disallow: /b",
    ]


async def test_known_robots_hold_while_they_cannot_be_read_again(
    net: Net, world: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.net import robots

    world.on("/robots.txt", answers(200, b"User-agent: *\nDisallow: /closed"))
    world.on("/open", answers(200, b"page"))
    assert isinstance(await net.fetch(Request(url=world.url("/open"))), Document)
    world.on("/robots.txt", answers(500))
    later = time.monotonic() + 90_000
    monkeypatch.setattr(robots, "monotonic", lambda: later)
    assert isinstance(await net.fetch(Request(url=world.url("/open"))), Document)
    failed = await net.fetch(Request(url=world.url("/closed")))
    assert isinstance(failed, FetchFailed)
    assert failed.reason == "robots"
    assert len(world.requests("/robots.txt")) == 2


async def test_long_robots_do_not_gather_in_memory() -> None:
    asked: list[str] = []

    async def fetch(request: Request) -> Document:
        asked.append(request.url)
        body = b"User-agent: *\nDisallow: /closed\n" + b"# long\n" * 40_000
        return Document(url=request.url, final_url=request.url, status=200, headers={}, body=body, fetched_at=NOW)

    robots = Robots(fetch, "monitor/1")
    for number in range(30):
        site = f"https://{number}.example"
        assert not (await robots.allowed(f"{site}/closed", site)).allowed
    assert sum(known.size for known in robots._sites.values()) <= 2 * 1024 * 1024
    assert len(robots._sites) > 3
    await robots.allowed("https://29.example/", "https://29.example")
    assert len(asked) == 30
