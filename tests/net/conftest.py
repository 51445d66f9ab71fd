from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from monitor.model import FetchFailed, Request
from monitor.net.fetch import Net
from monitor.net.settings import NetSettings
from tests.support.hostile import Hostile, Victims, hostile, victims

MakeNet = Callable[..., Net]


@pytest.fixture
async def world() -> AsyncIterator[Hostile]:
    async with hostile() as running:
        yield running


@pytest.fixture
async def victim() -> AsyncIterator[Victims]:
    """Whatever the test does, nobody may have come here."""
    async with victims() as running:
        yield running
        assert running.hits == 0


@pytest.fixture
async def make_net(world: Hostile) -> AsyncIterator[MakeNet]:
    """Make doors that are open for the hostile server's address and closed for all else that is not public."""
    async with AsyncExitStack() as doors:

        def make(**changes: Any) -> Net:
            plain = {"user_agent": "monitor/1 (+https://example.org/bot)", "allow": (world.authority,), "spacing": 0.0}
            door = Net(NetSettings(**{**plain, **changes}))
            doors.push_async_exit(door)
            return door

        yield make


@pytest.fixture
def net(make_net: MakeNet) -> Net:
    return make_net()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.2 that signs itself: its file, and a server's context with it (HTTP/2 offered)."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("TLS is not tested: there is no openssl command to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, file = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=monitor test",
         "-addext", "subjectAltName=IP:127.0.0.2", "-keyout", key, "-out", file],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return file, context


async def failure(net: Net, url: str, kind: Any = "feed", **options: Any) -> FetchFailed:
    """Fetch what must fail, and return how: in one line."""
    failed = await net.fetch(Request(url=url, kind=kind, **options))
    assert isinstance(failed, FetchFailed), failed
    assert "\n" not in failed.detail
    assert failed.detail
    return failed
