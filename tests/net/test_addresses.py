"""Where the door never leads: T1 to T6."""

from __future__ import annotations

import base64
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Document, FetchFailed, Request
from monitor.net.fetch import Net
from monitor.net.guard import AllowList, is_public
from tests.net.conftest import MakeNet
from tests.support.hostile import Hostile, Victims, answers, redirects

PRIVATE = [
    "127.0.0.1",
    "[::1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
]
DISGUISED = [
    "0x7f000001",
    "2130706433",
    "127.1",
    "0",
    "[::ffff:127.0.0.1]",
    "[::]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[::7f00:1]",
    "[fec0::1]",
    "[fe80::1]",
    "[fd00::1]",
    "[ff02::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "100.64.0.1",
    "192.0.0.8",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "127.0.0.1.",
]


def resolves(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], list[str]]) -> list[str]:
    """Put a name server of our own in place; return the list of names that were asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        asked.append(host)
        addresses = answer(host)
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [found for address in addresses for found in real(address, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("kind", ["feed", "page", "discovery", "robots"])
@pytest.mark.parametrize("host", PRIVATE)
async def test_t1_private_addresses_are_refused_before_connect(net: Net, victim: Victims, host: str, kind: Any) -> None:
    failed = await net.fetch(Request(url=f"http://{host}:{victim.port}/feed", kind=kind))
    assert isinstance(failed, FetchFailed)
    assert (failed.reason, failed.weight) == ("blocked_address", "hard")


@pytest.mark.parametrize("host", PRIVATE)
async def test_t1_and_t60_webhooks_to_private_addresses_are_refused(net: Net, victim: Victims, host: str) -> None:
    failed = await net.post(f"http://{host}:{victim.port}/hook", b"{}", {})
    assert isinstance(failed, FetchFailed)
    assert failed.reason == "blocked_address"


@pytest.mark.parametrize("host", DISGUISED)
async def test_t2_disguised_addresses_are_refused(net: Net, victim: Victims, host: str) -> None:
    failed = await net.fetch(Request(url=f"http://{host}:{victim.port}/", kind="feed"))
    assert isinstance(failed, FetchFailed)
    assert failed.reason in ("blocked_address", "bad_url", "dns")


@pytest.mark.parametrize("host", ["１２７.０.０.１", "127。0。0。1", "ⓛocalhost", "[fe80::1%25lo]"])
async def test_t2_other_scripts_are_refused(net: Net, victim: Victims, host: str) -> None:
    failed = await net.fetch(Request(url=f"http://{host}:{victim.port}/", kind="feed"))
    assert isinstance(failed, FetchFailed)
    assert failed.reason in ("blocked_address", "bad_url", "dns")


@pytest.mark.parametrize("host", PRIVATE + DISGUISED)
async def test_t3_redirects_to_private_addresses_are_refused_at_that_hop(
    net: Net, world: Hostile, victim: Victims, host: str
) -> None:
    world.on("/a", redirects("/b", 301))
    world.on("/b", redirects("/c", 307))
    world.on("/c", redirects(f"http://{host}:{victim.port}/secret"))
    failed = await net.fetch(Request(url=world.url("/a"), kind="feed"))
    assert isinstance(failed, FetchFailed)
    assert failed.reason in ("blocked_address", "dns")
    assert [hop.status for hop in failed.redirects] == [301, 307, 302]
    assert [request.path for request in world.seen] == ["/a", "/b", "/c"]


async def test_t3_secrets_and_validators_stay_with_their_host(make_net: MakeNet, world: Hostile) -> None:
    net = make_net(allow=("127.0.0.0/8",))
    world.on("/feed", redirects("/moved"))
    world.on("/moved", redirects(f"http://localhost:{world.port}/away"))
    net_url = f"http://user:p%40ss@{world.authority}/feed"
    request = Request(url=net_url, kind="feed", etag='"1"', last_modified="yesterday", headers={"X-Api-Key": "secret"})
    from tests.support.hostile import hostile

    async with hostile("127.0.0.3") as other:
        world.on("/moved", redirects(other.on("/away", answers(200, b"x", {"Set-Cookie": "a=b"}))))
        document = await net.fetch(request)
        assert isinstance(document, Document)
        (first,), (second,), (third,) = world.requests("/feed"), world.requests("/moved"), other.requests("/away")
    assert base64.b64decode(first.headers["authorization"].removeprefix("Basic ")) == b"user:p@ss"
    assert first.headers["if-none-match"] == '"1"'
    assert first.headers["if-modified-since"] == "yesterday"
    assert second.headers["authorization"] == first.headers["authorization"]
    assert second.headers["x-api-key"] == "secret"
    assert "if-none-match" not in second.headers
    assert not {"authorization", "x-api-key", "if-none-match", "cookie"} & set(third.headers)
    assert "p%40ss" not in document.final_url
    assert "set-cookie" not in document.headers


async def test_t3_userinfo_in_a_redirect_is_not_used(net: Net, world: Hostile) -> None:
    world.on("/a", redirects(f"http://evil:word@{world.authority}/b"))
    world.on("/b", answers(200, b"x"))
    assert isinstance(await net.fetch(Request(url=world.url("/a"), kind="feed")), Document)
    (second,) = world.requests("/b")
    assert "authorization" not in second.headers


@pytest.mark.parametrize(
    "form",
    [
        "http://127.0.0.1:{port}\\@{ok}/",
        "http://{ok}\\@127.0.0.1:{port}/",
        "http://{ok}#@127.0.0.1:{port}/",
        "http://{ok}?@127.0.0.1:{port}/",
        "http://{ok}%00.x/",
        "http://{ok}%2f@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}\t@{ok}/",
        "http://127.0.0.1:{port}\n/",
        "http://a@b@127.0.0.1:{port}/",
        "http://{ok}@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}@{ok}/",
        "http:\\\\127.0.0.1:{port}/",
        "http:///127.0.0.1:{port}/",
        "http:127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
    ],
)
async def test_t4_ambiguous_addresses_never_reach_the_victim(
    net: Net, world: Hostile, victim: Victims, form: str
) -> None:
    world.on("/", answers(200, b"ok"))
    fetched = await net.fetch(Request(url=form.format(port=victim.port, ok=world.authority), kind="feed"))
    if isinstance(fetched, FetchFailed):
        assert fetched.reason in ("bad_url", "blocked_address")
    else:
        assert world.requests("/")


BAD = [
    "file:///etc/passwd",
    "ftp://example.org/x",
    "gopher://127.0.0.1:70/",
    "data:text/html,x",
    "javascript:alert(1)",
    "feed:http://127.0.0.1/",
    "unix:/run/x.sock",
    "http://xn--/",
    "http://127.0.0.2:99999/",
    "http://127.0.0.2:0/",
    "http://127.0.0.2:-1/",
    "http://127.0.0.2:x/",
    "http://[",
    "http://[::1/",
    "http://",
    "http://\ud800.test/",
    "",
    "x",
    "http://a b/",
    "http://" + "a" * 70 + ".test/",
    "http://h/" + "a" * 70_000,
]


@pytest.mark.parametrize("url", BAD)
async def test_t5_what_is_no_web_address_is_a_typed_failure(net: Net, url: str) -> None:
    for failed in (await net.fetch(Request(url=url, kind="feed")), await net.post(url, b"", {})):
        assert isinstance(failed, FetchFailed)
        assert failed.reason in ("bad_url", "dns")


@pytest.mark.parametrize("url", [url for url in BAD if url not in ("", "x") and "\ud800" not in url])
async def test_t5_redirects_to_what_is_no_web_address(net: Net, world: Hostile, url: str) -> None:
    world.on("/a", redirects(url))
    failed = await net.fetch(Request(url=world.url("/a"), kind="feed"))
    assert isinstance(failed, FetchFailed)
    assert failed.reason in ("bad_url", "dns", "http_status", "too_many_redirects")  # "http://" means "here again"


async def test_untidy_addresses_are_tidied(net: Net, world: Hostile) -> None:
    world.on("/a%20b/%C3%BC", answers(200, b"x"))
    world.on("/moved", redirects("/a b/\u00fc".encode().decode("latin-1")))
    for path in ("/a b/ü", "/a%20b/%C3%BC", "/moved"):
        document = await net.fetch(Request(url=f" {world.url(path)}#part ", kind="feed"))
        assert isinstance(document, Document), path
        assert document.final_url == world.url("/a%20b/%C3%BC")


async def test_t6_a_name_that_changes_its_address_is_refused(
    make_net: MakeNet, world: Hostile, victim: Victims, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look-up that is judged is the one that is connected to: there is no second one to lie to."""
    net = make_net(allow=(f"127.0.0.2:{world.port}", f"127.0.0.2:{victim.port}"))
    answers_in_turn = iter([["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]])
    asked = resolves(monkeypatch, lambda _: next(answers_in_turn))
    world.on("/", answers(200, b"x", {"Connection": "close"}))
    assert isinstance(await net.fetch(Request(url=f"http://rebind.test:{world.port}/", kind="feed")), Document)
    assert len(asked) == 1
    for url in (f"http://rebind.test:{world.port}/", f"http://rebind.test:{victim.port}/"):
        failed = await net.fetch(Request(url=url, kind="feed"))
        assert isinstance(failed, FetchFailed)
        assert failed.reason == "blocked_address"


async def test_t6_a_mixed_answer_is_refused(
    net: Net, world: Hostile, victim: Victims, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves(monkeypatch, lambda _: ["127.0.0.2", "127.0.0.1"])
    failed = await net.fetch(Request(url=f"http://mixed.test:{world.port}/", kind="feed"))
    assert isinstance(failed, FetchFailed)
    assert failed.reason == "blocked_address"
    assert world.connections == 0


async def test_unknown_names_are_a_temporary_failure(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, lambda _: [])
    failed = await net.fetch(Request(url="http://nowhere.test/", kind="feed"))
    assert isinstance(failed, FetchFailed)
    assert (failed.reason, failed.weight) == ("dns", "temporary")


async def test_a_host_that_is_allowed_by_name(
    make_net: MakeNet, world: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves(monkeypatch, lambda _: ["127.0.0.2"])
    net = make_net(allow=("Intern.Example",))
    world.on("/", answers(200, b"x"))
    assert isinstance(await net.fetch(Request(url=f"http://intern.example:{world.port}/", kind="feed")), Document)
    failed = await net.fetch(Request(url=f"http://other.example:{world.port}/", kind="feed"))
    assert isinstance(failed, FetchFailed)


async def test_t8_a_proxy_may_be_local_and_targets_are_still_judged(
    make_net: MakeNet, world: Hostile, victim: Victims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{victim.port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{victim.port}")
    net = make_net(allow=(), proxy=f"http://u:p@{world.authority}")

    async def proxy(talk: Any) -> None:
        await talk.reply(200, b"through the proxy")

    world.behaviours["http://news.example/feed"] = proxy
    document = await net.fetch(Request(url="http://news.example/feed", kind="feed"))
    assert isinstance(document, Document)
    assert document.body == b"through the proxy"
    (request,) = world.seen
    assert "proxy-authorization" in request.headers
    for host in ("127.0.0.1", "0x7f.1", "2130706433", "localhost", "db.local", "intranet", "[::1]"):
        failed = await net.fetch(Request(url=f"http://{host}:{victim.port}/", kind="feed"))
        assert isinstance(failed, FetchFailed)
        assert failed.reason == "blocked_address", host
    assert len(world.seen) == 1


async def test_t8_proxies_of_the_environment_are_ignored(
    net: Net, world: Hostile, victim: Victims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{victim.port}")
    world.on("/", answers(200, b"x"))
    assert isinstance(await net.fetch(Request(url=world.url("/"), kind="feed")), Document)


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_public_addresses_are_a_part_of_what_python_calls_global(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_public(address):
        assert address.is_global
        assert not (address.is_multicast)
        assert not (address.is_loopback)
        assert not (address.is_link_local)
        assert not (address.is_reserved)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::1", "193.99.144.80"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("entry", ["", "a b", "10.0.0.0/33", "host:0", "host:x", "[::1", "1.2.3.4:70000", "a/b"])
def test_allow_lists_that_cannot_be_read(entry: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        AllowList.parse([entry])


def test_allow_list_entries() -> None:
    allow = AllowList.parse(
        ["127.0.0.2:80", "10.1.0.0/16", "[fd00::1]:443", "fd01::/16", "intern.example:8080", "all.example"]
    )
    yes = ipaddress.ip_address
    assert allow.has_address(yes("127.0.0.2"), 80)
    assert not allow.has_address(yes("127.0.0.2"), 81)
    assert allow.has_address(yes("10.1.2.3"), 5)
    assert not allow.has_address(yes("10.2.2.3"), 5)
    assert allow.has_address(yes("fd00::1"), 443)
    assert allow.has_address(yes("fd01::9"), 443)
    assert allow.has_name("INTERN.example.", 8080)
    assert not allow.has_name("intern.example", 80)
    assert allow.has_name("all.example", 80)
