"""What readers say of an alert by the links of its mail and webhook, with the real daemon."""

import asyncio
import re
import socket
import urllib.error
import urllib.request

from tests.acceptance.test_alerting import ready, rule
from tests.acceptance.test_daemon import config_of, rows, stage
from tests.support.newsroom import until


def ask(url, *, post=False):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="POST" if post else "GET"), timeout=20) as reply:
            return reply.status, reply.read().decode(), reply.headers
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), refused.headers


async def test_a_link_shows_a_button_and_only_the_button_counts(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "key").write_text("twenty-four bytes or more of chance")
    (tmp_path / "key").chmod(0o600)
    rules = rule(trigger="each", channels=["hook", "mail"])
    async with stage(tmp_path, rules=rules) as (room, feed, hook, mail, service):
        service.config.write_text(
            config_of(room, hook, mail, rules=rules).replace(
                'listen = ""',
                f'listen = "127.0.0.1:{port}"\naddress = "http://127.0.0.1:{port}"\nfeedback_key = {{ file = "key" }}',
            )
        )
        await ready(room, service)
        room.publish(feed, "kraken")
        await until(lambda: hook.received and mail.mails, 20, "alert")
        links = hook.received[0][1]["data"]["feedback"]
        written = mail.mails[0].message.get_body(("plain",)).get_content()
        assert {link for link in re.findall(r"http://127\.0\.0\.1\S+", written) if "/feedback/" in link} == {
            *links.values()
        }
        status, page, headers = await asyncio.to_thread(ask, links["irrelevant"])
        assert status == 200
        assert "<form method=post>" in page
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert rows(service, "SELECT * FROM labels") == [], "a scanner that opens the link says nothing"
        forged = links["irrelevant"].replace("/irrelevant?", "/relevant?")
        assert (await asyncio.to_thread(ask, forged, post=True))[0] == 403
        assert (await asyncio.to_thread(ask, links["irrelevant"], post=True))[0] == 200
        assert rows(service, "SELECT rule, relevant, who FROM labels") == [("kraken", 0, "link")]
        [found] = (await service.ask("rules", "precision", "--format", "jsonl"))[1]
        assert (found["told"], found["irrelevant"], found["precision"]) == (1, 1, 0.0)
        assert "twenty-four" not in service.log.read_text()
        assert await service.stop() == 0
