"""The mail channel against a real SMTP server (aiosmtpd)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.errors import ConfigError
from monitor.model import Delivered, Rejected, RetryLater
from monitor.notifiers import build
from tests.support.alerts import NOW, TITLE, make_message
from tests.support.sinks import close_after_data, mail_sink, raw_mail_server, silent_after_data

TO = ("a@example.org", "b@example.org", "c@example.org")
PASSWORD = "corr3ct-horse/battery=staple"


class NoNet:
    async def post(self, url, body, headers, deadline):
        raise AssertionError("mail does not go over HTTP")


def notifier(sink_port, *, recipients=TO, secrets=None, **settings):
    table = {
        "type": "email",
        "enabled": True,
        "host": "127.0.0.1",
        "port": sink_port,
        "sender": "Monitor desk <monitor@example.org>",
    }
    table |= {"recipients": recipients, "deadline": timedelta(seconds=5)} | settings
    return build("desk", "email", table, secrets or {}, NoNet())


async def test_a_mail_is_taken_once_by_all_recipients():
    async with mail_sink() as sink:
        outcome = await notifier(sink.port).send(make_message("email"), now=NOW)
    assert outcome == Delivered(receipt="250 2.0.0 taken as 4711")
    (mail,) = sink.mails
    assert (mail.sender, mail.recipients) == ("monitor@example.org", TO)
    assert mail.message["subject"] == TITLE


@pytest.mark.parametrize("code", [421, 450, 451, 452])
async def test_t56_temporary_refusals_are_tried_again(code):
    async with mail_sink() as sink:
        channel, message = notifier(sink.port), make_message("email")
        sink.on_mail = f"{code} not now"
        assert isinstance(await channel.send(message, now=NOW), RetryLater)
        sink.on_mail, sink.on_data = "250 OK", f"{code} not now"
        outcome = await channel.send(message, now=NOW)
        assert isinstance(outcome, RetryLater)
        assert (outcome.status, set(outcome.recipients)) == (code, set(TO))
        sink.on_data = "250 OK"
        assert isinstance(await channel.send(message, now=NOW), Delivered)
    assert len(sink.mails) == 1


@pytest.mark.parametrize("code", [552, 554])
async def test_t56_a_final_refusal_of_the_mail_is_dead(code):
    async with mail_sink() as sink:
        sink.on_data = f"{code} no such thing here"
        outcome = await notifier(sink.port).send(make_message("email"), now=NOW)
    assert outcome == Rejected(reason=f"{code} no such thing here", status=code)


async def test_t56_one_of_three_recipients_is_refused_and_the_others_have_their_mail():
    async with mail_sink() as sink:
        sink.on_rcpt = {"b@example.org": "550 5.1.1 unknown"}
        outcome = await notifier(sink.port).send(make_message("email"), now=NOW)
    assert isinstance(outcome, Delivered)
    assert outcome.refused == ("b@example.org",)
    assert "b@example.org: 550" in outcome.receipt
    assert sink.mails[0].recipients == ("a@example.org", "c@example.org")


async def test_t56_a_greylisted_recipient_alone_gets_the_next_attempt():
    async with mail_sink() as sink:
        sink.on_rcpt = {"a@example.org": "550 unknown", "b@example.org": "451 4.7.1 greylisted"}
        channel, message = notifier(sink.port), make_message("email")
        first = await channel.send(message, now=NOW)
        assert isinstance(first, RetryLater)
        assert first.recipients == ("b@example.org",)
        sink.on_rcpt = {}
        second = await channel.send(replace(message, recipients=first.recipients), now=NOW + timedelta(minutes=5))
    assert isinstance(second, Delivered)
    assert [mail.recipients for mail in sink.mails] == [("c@example.org",), ("b@example.org",)]
    assert sink.mails[0].data == sink.mails[1].data


def with_links(message):
    return replace(message, unsubscribe={address: f"https://m.example/unsubscribe?to={address}" for address in TO})


async def test_each_reader_gets_a_link_of_their_own():
    async with mail_sink() as sink:
        sink.on_rcpt = {"b@example.org": "451 later"}
        outcome = await notifier(sink.port).send(with_links(make_message("email")), now=NOW)
    assert isinstance(outcome, RetryLater)
    assert outcome.recipients == ("b@example.org",)
    assert [mail.recipients for mail in sink.mails] == [("a@example.org",), ("c@example.org",)]
    for mail in sink.mails:
        assert mail.message["list-unsubscribe"] == f"<https://m.example/unsubscribe?to={mail.recipients[0]}>"
        assert mail.message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"


async def test_who_has_a_mail_of_their_own_gets_it_once_whatever_becomes_of_the_others():
    async with mail_sink() as sink:
        replies = ["250 OK", "451 full", "250 OK", "250 OK", "250 OK", "554 never"]

        async def in_turn(_):
            return replies.pop(0)

        sink.on_data = in_turn
        channel, message = notifier(sink.port), with_links(make_message("email"))
        first = await channel.send(message, now=NOW)
        assert isinstance(first, RetryLater)
        assert set(first.recipients) == {"b@example.org", "c@example.org"}
        again = replace(message, recipients=first.recipients)
        assert isinstance(await channel.send(again, now=NOW + timedelta(minutes=5)), Delivered)
        assert len(replies) == 2
        outcome = await channel.send(message, now=NOW)
    assert isinstance(outcome, Delivered)
    assert set(outcome.refused) == {"b@example.org", "c@example.org"}


async def test_without_https_there_is_a_link_but_no_click_for_programs():
    async with mail_sink() as sink:
        message = replace(make_message("email"), unsubscribe=dict.fromkeys(TO, "http://m.example/unsubscribe?to=x"))
        await notifier(sink.port).send(message, now=NOW)
    assert {mail.message["list-unsubscribe"] for mail in sink.mails} == {"<http://m.example/unsubscribe?to=x>"}
    assert {mail.message["list-unsubscribe-post"] for mail in sink.mails} == {None}


async def test_t56_all_recipients_refused_is_dead():
    async with mail_sink() as sink:
        sink.on_rcpt = dict.fromkeys(TO, "550 unknown")
        outcome = await notifier(sink.port).send(make_message("email"), now=NOW)
    assert isinstance(outcome, Rejected)
    assert sink.mails == []


@pytest.mark.parametrize(
    "answer", [close_after_data, silent_after_data], ids=["close after DATA", "no reply after dot"]
)
async def test_t56_unknown_fate_is_repeated_with_the_same_message_id(answer):
    async with mail_sink() as sink:
        sink.on_rcpt = {"a@example.org": "550 unknown"}
        sink.on_data = answer
        channel, message = notifier(sink.port, deadline=timedelta(seconds=1)), make_message("email")
        first = await channel.send(message, now=NOW)
        assert isinstance(first, RetryLater)
        assert set(first.recipients) == {"b@example.org", "c@example.org"}
        sink.on_data = "250 OK"
        second = await channel.send(replace(message, recipients=first.recipients), now=NOW + timedelta(seconds=5))
    assert isinstance(second, Delivered)
    assert sink.unanswered[0].message["message-id"] == sink.mails[0].message["message-id"]


async def test_t56_credentials_go_over_starttls_alone(certificate):
    file, context = certificate
    async with mail_sink(starttls=context) as sink:
        sink.password = PASSWORD
        channel = notifier(sink.port, username="desk", secrets={"password": PASSWORD}, ca_file=str(file))
        assert isinstance(await channel.send(make_message("email"), now=NOW), Delivered)
    assert sink.secrets_seen == [(PASSWORD, True)]
    assert sink.mails[0].encrypted


async def test_t56_tls_from_the_start(certificate):
    file, context = certificate
    async with mail_sink(tls=context) as sink:
        channel = notifier(sink.port, encryption="tls", ca_file=str(file))
        assert isinstance(await channel.send(make_message("email"), now=NOW), Delivered)
    assert sink.mails[0].encrypted


async def test_t56_a_wrong_password_is_a_dead_letter_that_does_not_show_it(certificate):
    file, context = certificate
    async with mail_sink(starttls=context) as sink:
        sink.password = "another"
        channel = notifier(sink.port, username="desk", secrets={"password": PASSWORD}, ca_file=str(file))
        outcome = await channel.send(make_message("email"), now=NOW)
    assert isinstance(outcome, Rejected)
    assert outcome.status == 535
    assert PASSWORD not in repr(outcome)


async def test_t56_starttls_stripped_sends_no_credentials():
    async with mail_sink() as sink:
        channel = notifier(sink.port, username="desk", secrets={"password": PASSWORD})
        outcome = await channel.send(make_message("email"), now=NOW)
    assert isinstance(outcome, RetryLater)
    assert "STARTTLS" in outcome.reason
    assert (sink.secrets_seen, sink.mails) == ([], [])


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
async def test_t56_an_untrusted_certificate_gets_nothing(certificate, encryption):
    _, context = certificate
    async with mail_sink(**{encryption: context}) as sink:
        outcome = await notifier(sink.port, encryption=encryption).send(make_message("email"), now=NOW)
    assert isinstance(outcome, RetryLater)
    assert "certificate" in outcome.reason
    assert sink.mails == []


async def test_t56_a_certificate_of_another_name_gets_nothing(certificate):
    file, context = certificate
    async with mail_sink(starttls=context) as sink:
        outcome = await notifier(sink.port, host="localhost", ca_file=str(file)).send(make_message("email"), now=NOW)
    assert isinstance(outcome, RetryLater)
    assert sink.mails == []


async def test_t56_a_plain_server_that_is_not_local_gets_nothing(monkeypatch):
    monkeypatch.setattr("monitor.notifiers.mail._is_loopback", lambda host: False)
    async with mail_sink() as sink:
        outcome = await notifier(sink.port).send(make_message("email"), now=NOW)
    assert isinstance(outcome, RetryLater)
    assert sink.mails == []


async def banner_drip(reader, writer):
    for byte in b"220 sink.example welcome" * 100:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.2)


async def no_banner(reader, writer):
    await asyncio.sleep(3600)


async def not_smtp(reader, writer):
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()
    await reader.read(100)


async def endless_banner(reader, writer):
    while True:
        writer.write(b"220-" + b"x" * 500 + b"\r\n")
        await writer.drain()


async def busy(reader, writer):
    writer.write(b"421 4.3.2 too busy\r\n")
    await writer.drain()


async def closes(reader, writer):
    """Says nothing and leaves."""


@pytest.mark.parametrize("talk", [banner_drip, no_banner, not_smtp, endless_banner, busy, closes])
async def test_t52_t56_a_strange_server_is_left_within_the_deadline(talk):
    async with raw_mail_server(talk) as port, asyncio.timeout(20):
        outcome = await notifier(port, deadline=timedelta(seconds=1)).send(make_message("email"), now=NOW)
    assert isinstance(outcome, RetryLater)
    assert set(outcome.recipients) == set(TO)


async def test_no_server_is_tried_again():
    async with mail_sink() as sink:
        port = sink.port
    outcome = await notifier(port).send(make_message("email"), now=NOW)
    assert isinstance(outcome, RetryLater)
    assert outcome.reason.startswith("no connection")


def test_a_password_in_the_clear_is_refused_at_the_start():
    with pytest.raises(ConfigError, match="in the clear"):
        notifier(25, username="desk", encryption="none", secrets={"password": PASSWORD})


@pytest.mark.parametrize(
    "bad", ["", "desk", "a@b\r\nBcc: x@evil.example", "a@b, c@d", "ä@example.org", "<>", "@example.org"]
)
def test_t55_what_is_no_mail_address_is_refused_at_the_start(bad):
    with pytest.raises(ConfigError):
        notifier(25, recipients=(bad,))
    with pytest.raises(ConfigError):
        notifier(25, sender=bad)


def test_a_missing_file_of_certificates_is_refused_at_the_start():
    with pytest.raises(ConfigError, match=r"missing\.pem"):
        notifier(25, ca_file="/nonexistent/missing.pem")
