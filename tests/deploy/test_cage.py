"""The daemon does its work under the filters of its unit: feeds, pages, workers, database, mail, webhook, endpoint."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.acceptance.test_daemon import config_of, rows, stage
from tests.deploy.caged import library
from tests.support.newsroom import until

ROOT = Path(__file__).parents[2]


def caged(*program: str) -> list[str]:
    return [sys.executable, "-m", "tests.deploy.caged", *program]


def reason() -> str:
    """Why nothing can be tried here, or nothing."""
    if shutil.which("systemd-analyze") is None:
        return "NO SYSTEMD: systemd-analyze, which knows the sets of system calls, is missing"
    try:
        library()
    except OSError:
        return "NO SECCOMP: libseccomp is missing"
    done = subprocess.run(caged(sys.executable, "-c", ""), cwd=ROOT, capture_output=True, timeout=60, check=False)
    return "" if done.returncode == 0 else f"NO SECCOMP: {done.stderr.decode()[-200:]}"


@pytest.fixture(scope="module")
def cage() -> None:
    if told := reason():
        pytest.skip(told)


@pytest.mark.usefixtures("cage")
@pytest.mark.parametrize("forbidden", [
    "import os; os.nice(1)",
    "import os; os.chroot('/')",
    "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
])  # fmt: skip
def test_the_cage_holds(forbidden):
    done = subprocess.run(
        caged(sys.executable, "-c", forbidden), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert "PermissionError" in done.stderr


@pytest.mark.usefixtures("cage")
async def test_an_item_goes_all_the_way_within_the_cage(tmp_path, unused_tcp_port):
    async with stage(tmp_path) as (room, feed, hook, mail, service):
        listening = config_of(room, hook, mail).replace('listen = ""', f'listen = "127.0.0.1:{unused_tcp_port}"')
        service.config.write_text(listening)
        with service.log.open("ab") as log:
            service.process = await asyncio.create_subprocess_exec(
                *caged(sys.executable, "-m", "monitor", "-c", str(service.config), "run"),
                stdout=log, stderr=log, cwd=ROOT, env=os.environ,
            )  # fmt: skip
        await service.started()
        await until(lambda: room.asked["/desk.xml"] >= 1, 30, "first poll")
        await asyncio.sleep(0.5)
        room.publish(feed, "kraken")
        await until(lambda: hook.received and mail.mails, 30, "alert")
        [(body,)] = rows(service, "SELECT body_status FROM articles WHERE state = 'done'")
        assert body == "page", "the page was not read by a worker"
        address = f"http://127.0.0.1:{unused_tcp_port}/health"
        answer = await asyncio.to_thread(urllib.request.urlopen, address, timeout=20)
        assert json.load(answer)["well"] is True
        assert await service.stop() == 0
        assert "Traceback" not in service.log.read_text()
