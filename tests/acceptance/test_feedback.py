"""What readers say of an alert by the links of its mail and webhook, with the real daemon."""

import asyncio
import re
import socket
import urllib.error
import urllib.request

from tests.acceptance.test_alerting import ready, rule
from tests.acceptance.test_daemon import config_of, rows, stage
from tests.support.newsroom import until


def ask(url, *, post=False, body=None):
    try:
        request = urllib.request.Request(url, body, method="POST" if post else "GET")
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, reply.read().decode(), reply.headers
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), refused.headers


def key_and_port(tmp_path):
    (tmp_path / "key").write_text("twenty-four bytes or more of chance")
    (tmp_path / "key").chmod(0o600)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def with_links(config, port, address):
    listen = f'listen = "127.0.0.1:{port}"\naddress = "{address}"\nfeedback_key = {{ file = "key" }}'
    return config.replace('listen = ""', listen)


async def test_a_link_shows_a_button_and_only_the_button_counts(tmp_path):
    port = key_and_port(tmp_path)
    rules = rule(trigger="each", channels=["hook", "mail"])
    async with stage(tmp_path, rules=rules) as (room, feed, hook, mail, service):
        config = config_of(room, hook, mail, rules=rules)
        service.config.write_text(with_links(config, port, f"http://127.0.0.1:{port}"))
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


ADDRESS = "https://monitor.example.org/m"


def told(mail, name):
    """Who got mails of a rule."""
    return sorted(each.recipients for each in mail.mails if f"<{name}.monitor." in each.message["list-id"])


def link(mail, port, reader, name="kraken"):
    """The address in the header of a reader's mail, as the proxy would pass it on."""
    [one] = {
        (each.message["list-unsubscribe"], each.message["list-unsubscribe-post"])
        for each in mail.mails
        if each.recipients == (reader,) and f"<{name}.monitor." in each.message["list-id"]
    }
    assert one[1] == "List-Unsubscribe=One-Click"
    assert one[0].startswith(f"<{ADDRESS}/unsubscribe?")
    return one[0].strip("<>").replace(ADDRESS, f"http://127.0.0.1:{port}")


async def click(url):
    return (await asyncio.to_thread(ask, url, post=True, body=b"List-Unsubscribe=One-Click"))[0]


async def test_one_click_of_the_mail_program_unsubscribes_one_reader_from_one_rule(tmp_path):
    """RFC 8058: the program posts to the address of the header; a look at it changes nothing."""
    port, gone = key_and_port(tmp_path), "SELECT channel, rule, recipient FROM unsubscribed"
    rules = rule(trigger="each", channels=["mail"])
    rules += rule(name="all", query="kraken OR whale", trigger="each", channels=["mail"])
    async with stage(tmp_path, rules=rules) as (room, feed, hook, mail, service):
        config = config_of(room, hook, mail, rules=rules)
        config = config.replace('"desk@example.org"', '"Ana <ana@example.org>", "bo@example.org"')
        service.config.write_text(with_links(config, port, ADDRESS))

        async def publish(count):
            before = len(mail.mails)
            room.publish(feed, "kraken")
            await until(lambda: len(mail.mails) == before + count, 20, "mails")

        await ready(room, service)
        await publish(4)
        assert told(mail, "kraken") == told(mail, "all") == [("ana@example.org",), ("bo@example.org",)]
        assert len({each.message["message-id"] for each in mail.mails}) == 2, "one message of each rule, in two mails"
        url = link(mail, port, "ana@example.org")
        status, page, _ = await asyncio.to_thread(ask, url)
        assert (status, "<form method=post>" in page) == (200, True)
        assert rows(service, gone) == [], "a scanner that opens the link changes nothing"
        assert await click(url.replace("ana%40", "bo%40")) == 403
        assert await click(url) == 200
        assert rows(service, gone) == [("mail", "kraken", "ana@example.org")]
        await publish(3)
        assert told(mail, "kraken")[1:] == [("bo@example.org",)] * 2
        shown = {each["name"]: each for each in (await service.ask("channels", "list", "--format", "jsonl"))[1]}
        assert shown["mail"]["unsubscribed"] == ["ana@example.org from kraken"]
        assert await service.stop() == 0


async def test_where_all_have_unsubscribed_the_match_is_held_and_a_command_undoes_it(tmp_path):
    port = key_and_port(tmp_path)
    rules = rule(trigger="each", channels=["mail"])
    async with stage(tmp_path, rules=rules) as (room, feed, hook, mail, service):
        service.config.write_text(with_links(config_of(room, hook, mail, rules=rules), port, ADDRESS))
        await ready(room, service)
        room.publish(feed, "kraken")
        await until(lambda: len(mail.mails) == 1, 20, "a mail")
        for _ in range(2):
            assert await click(link(mail, port, "desk@example.org")) == 200
        notices = rows(service, "SELECT text FROM notices WHERE kind = 'unsubscribed'")
        assert len(notices) == 1, "however often it is clicked"
        assert "monitor channels subscribe mail desk@example.org --rule kraken" in notices[0][0]
        room.publish(feed, "kraken")
        held = "SELECT hold, hold_detail FROM matches WHERE hold IS NOT NULL"
        await until(lambda: rows(service, held), 20, "a hold")
        [(reason, detail)] = rows(service, held)
        assert reason == "channel_disabled"
        assert "all its readers have unsubscribed from the rule: desk@example.org" in detail
        assert (await service.ask("channels", "subscribe", "mail", "desk@example.org"))[0] == 0
        room.publish(feed, "kraken")
        await until(lambda: len(mail.mails) == 2, 20, "a mail again")
        assert await service.stop() == 0
