"""Commands of an operator while the real daemon works on the same database."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.support.newsroom import Service, newsroom, until

CONFIG = """
[fetch]
allow = [{host}]
spacing = "0s"
[polling]
least = "1s"
initial = "1s"
most = "2s"
[service]
listen = ""
[channels.file]
type = "command"
argv = ["/bin/sh", "-c", "cat >> '{folder}/told'"]
"""


async def test_feeds_and_rules_take_effect_and_the_database_is_guarded(tmp_path: Path) -> None:
    async with newsroom() as room, asyncio.timeout(120):
        wire, other = room.feed("wire"), room.feed("other")
        room.publish(wire)
        room.publish(other)
        service = Service(tmp_path, CONFIG.format(host=json.dumps(room.server.authority), folder=tmp_path))
        await service.start()
        try:
            await service.started()
            assert (await service.ask("doctor", "--quick"))[0] == 0

            assert (await service.ask("feeds", "add", room.url(wire), "--name", "Wire", "--every", "1s"))[0] == 0
            await until(lambda: room.asked["/wire.xml"] >= 2, 30, "polls of the added feed")
            assert (await service.ask("rules", "add", "kraken", "kraken", "--channel", "file"))[0] == 0
            await asyncio.sleep(11)  # the promise: a rule by command is in force within ten seconds
            room.publish(wire, "kraken")
            await until((tmp_path / "told").exists, 30, "the alert of the added rule")
            code, found = await service.ask("alerts", "list", "--rule", "kraken")
            assert (code, len(found)) == (0, 1)

            assert (await service.ask("feeds", "poll", "Wire", "--now"))[0] == 78
            backup = tmp_path / "copy.db"
            assert (await service.ask("backup", str(backup)))[0] == 0
            assert (await service.ask("restore", str(backup), "--yes"))[0] == 78

            assert (await service.ask("feeds", "disable", "Wire"))[0] == 0
            await asyncio.sleep(1)
            asked = room.asked["/wire.xml"]
            await asyncio.sleep(3)
            assert room.asked["/wire.xml"] <= asked + 1, "a disabled feed is polled no more"
            assert (await service.stop()) == 0
            assert (await service.ask("restore", str(backup), "--yes"))[0] == 0
        finally:
            if service.process is not None and service.process.returncode is None:
                await service.kill()
