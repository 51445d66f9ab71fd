from __future__ import annotations

import asyncio

from monitor.storage import outbox
from monitor.storage.channels import disabled_channels, set_channel
from tests.cli.operating.conftest import Answer, Desk, now
from tests.support.hostile import answers, hostile
from tests.support.sinks import mail_sink


def test_list_never_shows_the_secret_part_of_an_address(desk: Desk) -> None:
    desk.more('[channels.chat]\ntype = "slack"\nurl = { file = "chat-url" }\nenabled = false\n')
    desk.write(set_channel, "hook", "HTTP 410: gone", now())
    answer = desk.ask("channels", "list")
    rows = {row["name"]: row for row in answer.rows}
    assert rows["mail"]["endpoint"] == "desk@news.example by 127.0.0.1:25"
    assert (rows["mail"]["state"], rows["mail"]["waiting"], rows["mail"]["dead"]) == ("enabled", 0, 0)
    assert rows["mail"]["last_sent"]
    assert (rows["hook"]["state"], rows["hook"]["why"], rows["hook"]["dead"]) == ("disabled", "HTTP 410: gone", 1)
    assert rows["hook"]["endpoint"] == "webhook at hooks.example"
    assert (rows["chat"]["state"], rows["chat"]["endpoint"]) == ("off", "slack, file chat-url")
    assert "SECRETPATH" not in answer.out


def test_a_channel_that_left_the_configuration_is_still_shown(desk: Desk) -> None:
    text = desk.config.read_text("utf-8")
    desk.config.write_text(text.replace("channels.hook", "channels.new").replace(', "hook"]', "]"), encoding="utf-8")
    rows = {row["name"]: row for row in desk.ask("channels", "list").rows}
    assert rows["hook"]["state"] == "unknown"


def test_enable_after_a_410(desk: Desk) -> None:
    desk.write(set_channel, "hook", "HTTP 410", now())
    told = desk.ask("channels", "enable", "hook")
    assert told.code == 0
    assert "1 messages were given up" in told.out
    assert desk.read(disabled_channels) == {}
    assert "not switched off" in desk.ask("channels", "enable", "hook").out
    unknown = desk.ask("channels", "enable", "hok")
    assert unknown.code == 3
    assert "did you mean 'hook'" in unknown.err


async def drill(desk: Desk, name: str) -> Answer:
    return await asyncio.to_thread(desk.ask, "channels", "test", name)


async def test_a_drill_by_mail_is_marked_as_one(empty: Desk) -> None:
    async with mail_sink() as sink:
        text = empty.config.read_text("utf-8").replace("port = 25", f"port = {sink.port}")
        empty.config.write_text(text, encoding="utf-8")
        assert (await drill(empty, "mail")).code == 0
        (mail,) = sink.mails
        assert "Drill" in mail.message["Subject"]
        assert mail.message["Message-ID"]
        sink.on_data = "451 4.3.0 not now"
        later = await drill(empty, "mail")
        assert later.code == 75
        assert "not now" in later.out
        sink.on_data = "554 5.7.1 never"
        refused = await drill(empty, "mail")
        assert refused.code == 1
        assert "refused" in refused.out
    assert empty.read(outbox.list_deliveries) == [], "a drill leaves no row"


async def test_a_drill_by_webhook(empty: Desk) -> None:
    async with hostile() as server:
        text = empty.config.read_text("utf-8").replace("https://hooks.example/T0/SECRETPATH", server.url("/hook"))
        text = text.replace("[fetch]", f'[fetch]\nallow = ["{server.authority}"]')
        empty.config.write_text(text, encoding="utf-8")
        server.on("/hook", answers(204))
        taken = await drill(empty, "hook")
        assert taken.code == 0, taken.err
        (seen,) = server.requests("/hook")
        assert b"drill" in seen.body.lower()
        server.on("/hook", answers(503))
        assert (await drill(empty, "hook")).code == 75
        server.on("/hook", answers(410))
        gone = await drill(empty, "hook")
        assert gone.code == 1
        assert "monitor channels enable hook" in gone.out
    assert (await drill(empty, "hook")).code == 75, "nobody listens any more"


def test_a_drill_to_nobody(empty: Desk) -> None:
    assert empty.ask("channels", "test", "mial").code == 3


def test_a_missing_secret_is_said(empty: Desk) -> None:
    empty.more('[channels.chat]\ntype = "slack"\nurl = { file = "chat-url" }\n')
    answer = empty.ask("channels", "test", "chat")
    assert answer.code == 78
    assert "chat-url" in answer.err
