"""The real daemon, real feeds and pages over HTTP, a real mail server and webhook receiver; each test is a script."""

import asyncio
import json
import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import timedelta

import pytest

from tests.support.hostile import Talk, hostile
from tests.support.newsroom import Service, newsroom, until
from tests.support.sinks import mail_sink

KRAKEN = """
[[rules]]
name = "kraken"
query = "kraken"
channels = ["hook", "mail"]
trigger = "each"
"""


class Hook:
    """A webhook receiver; ``status`` is what it answers."""

    def __init__(self, server):
        self.server = server
        self.url = server.url("/hook")
        self.status = 204
        self.received = []
        server.on("/hook", self._take)

    async def _take(self, talk: Talk) -> None:
        self.received.append((talk.request.headers["webhook-id"], json.loads(talk.request.body)))
        await talk.reply(self.status, b"")


@asynccontextmanager
async def stage(tmp_path, **more):
    """A newsroom with one feed, a hook, a mail sink and a daemon that is configured for them but not started."""
    async with newsroom() as room, hostile("127.0.0.3") as hooks, mail_sink() as mail:
        hook = Hook(hooks)
        feed = room.feed("desk")
        service = Service(tmp_path, config_of(room, hook, mail, **more))
        try:
            yield room, feed, hook, mail, service
        finally:
            if service.process is not None and service.process.returncode is None:
                await service.kill()


def config_of(room, hook, mail, *, rules=KRAKEN, extra=""):
    hosts = json.dumps([room.server.authority, hook.url.split("/")[2]])
    feeds = "".join(f'[[feeds]]\nname = "{name}"\nurl = "{room.url(feed)}"\n' for name, feed in room.feeds.items())
    return f"""
operators = ["hook"]
[fetch]
allow = {hosts}
spacing = "0s"
[polling]
least = "1s"
initial = "1s"
most = "2s"
[service]
listen = ""
[channels.hook]
type = "webhook"
url = "{hook.url}"
[channels.mail]
type = "email"
host = "127.0.0.1"
port = {mail.port}
encryption = "none"
sender = "monitor@example.org"
recipients = ["desk@example.org"]
{extra}
{rules}
{feeds}
"""


def rows(service, query):
    with closing(sqlite3.connect(service.database)) as database:
        return database.execute(query).fetchall()


async def test_an_item_that_appears_is_alerted_once_by_mail_and_webhook(tmp_path):
    async with stage(tmp_path) as (room, feed, hook, mail, service):
        for _ in range(5):
            room.publish(feed, "kraken", age=timedelta(hours=1))
        await service.start()
        await service.started()
        await until(lambda: len(rows(service, "SELECT 1 FROM articles WHERE state = 'done'")) == 5, 30, "backlog")
        assert hook.received == [], "what was there before the first poll never alerts"
        entry = room.publish(feed, "kraken")
        await until(lambda: hook.received and mail.mails, 20, "alert")
        room.publish(feed, "minnow")
        await until(lambda: len(rows(service, "SELECT 1 FROM articles WHERE state = 'done'")) == 7, 20, "the last item")
        await asyncio.sleep(1)
        [(hook_id, payload)] = hook.received
        [sent] = mail.mails
        assert payload["data"]["article"]["url"] == room.page_url(feed, entry)
        story = payload["data"]["story"]
        assert (story["articles"], story["sites"]) == (len(story["reports"]) + 1, 1), "its own report is counted"
        assert hook_id in sent.message["Message-ID"]
        assert entry.title in str(sent.message["Subject"])
        assert await service.stop() == 0
        assert "Traceback" not in service.log.read_text()
        held = rows(service, "SELECT hold, count(*) FROM matches GROUP BY hold")
        assert sorted(held, key=str) == [("backlog", 5), (None, 1)]
        assert max(count for path, count in room.asked.items() if not path.endswith(".xml")) == 1, "a page twice"


async def test_a_restart_sends_nothing_again_and_loses_nothing(tmp_path):
    async with stage(tmp_path) as (room, feed, hook, mail, service):
        await service.start()
        await service.started()
        await until(lambda: room.asked["/desk.xml"] >= 1, 20, "first poll")
        await asyncio.sleep(0.5)
        room.publish(feed, "kraken")
        await until(lambda: len(hook.received) == 1 and len(mail.mails) == 1, 20, "alert")
        assert await service.stop() == 0
        room.publish(feed, "kraken")
        await service.start()
        await until(lambda: len(hook.received) == 2 and len(mail.mails) == 2, 30, "the item of the pause")
        await asyncio.sleep(2)
        assert len({hook_id for hook_id, _ in hook.received}) == len(hook.received) == 2
        assert await service.stop() == 0


async def test_a_second_daemon_on_the_database_is_refused(tmp_path):
    async with stage(tmp_path) as (_, _, _, _, service):
        await service.start()
        await service.started()
        other = Service(tmp_path, service.config.read_text())
        other.log = tmp_path / "other.log"
        await other.start()
        assert await asyncio.wait_for(other.process.wait(), 30) == 78
        assert "another monitor" in other.log.read_text()
        assert await service.stop() == 0


async def test_a_reload_takes_new_rules_and_a_faulty_one_changes_nothing(tmp_path):
    async with stage(tmp_path, rules="") as (room, feed, hook, mail, service):
        await service.start()
        await service.started()
        await until(lambda: room.asked["/desk.xml"] >= 2, 20, "polls")
        room.publish(feed, "kraken")
        await until(lambda: rows(service, "SELECT 1 FROM articles WHERE state = 'done'"), 20, "item")
        assert hook.received == []
        service.reload(config_of(room, hook, mail))
        await until(lambda: "config_reloaded" in service.log.read_text(), 20, "reload")
        room.publish(feed, "kraken")
        await until(lambda: len(hook.received) == 1, 20, "alert by the new rule")
        service.reload(config_of(room, hook, mail, rules='[[rules]]\nname = "bad"\nquery = "(kraken"\n'))
        await until(lambda: "config_refused" in service.log.read_text(), 20, "refusal")
        assert "config.toml:" in service.log.read_text().split("config_refused", 1)[1]
        room.publish(feed, "kraken")
        await until(lambda: len(hook.received) == 2, 20, "alert by the old rule")
        assert await service.stop() == 0


async def test_a_dead_receiver_delays_only_itself_and_gets_its_message_later(tmp_path):
    async with stage(tmp_path) as (room, feed, hook, mail, service):
        await service.start()
        await service.started()
        await until(lambda: room.asked["/desk.xml"] >= 1, 20, "first poll")
        await asyncio.sleep(0.5)
        hook.status = 503
        room.publish(feed, "kraken")
        await until(lambda: len(mail.mails) == 1, 20, "mail")
        await until(lambda: len(hook.received) >= 1, 20, "first attempt")
        hook.status = 204
        await until(
            lambda: rows(service, "SELECT 1 FROM deliveries WHERE channel = 'hook' AND state = 'sent'"), 30, "retry"
        )
        assert len({hook_id for hook_id, _ in hook.received}) == 1, "a repeat has the same id"
        assert len(mail.mails) == 1
        assert await service.stop() == 0


@pytest.mark.parametrize(("body", "problem"), [
    (b"<!doctype html><html><body><form><input type=password></form></body></html>", "not_a_feed"),
    (b'{"error": "no"}', "not_a_feed"),
    (b"", "unreachable"),
])  # fmt: skip
async def test_what_is_no_feed_is_a_problem_that_is_told(tmp_path, body, problem):
    async with stage(tmp_path) as (room, _, _, _, service):

        async def behave(talk: Talk) -> None:
            await talk.reply(200, body, {"Content-Type": "text/html"})

        room.server.on("/desk.xml", behave)
        await service.start()
        await until(
            lambda: service.database.exists() and "feed_failed" in service.log.read_text(), 30, "failure in the log"
        )
        assert rows(service, "SELECT problem FROM feeds") == [(problem,)]
        assert await service.stop() == 0
