"""`monitor demo` from end to end: what a newcomer sees in the first minute."""

import pytest

from monitor.demo.report import report
from monitor.demo.stage import play
from monitor.errors import UsageError
from monitor.storage import alerts
from monitor.storage.engine import Database


@pytest.fixture
async def played(tmp_path_factory, tmp_path, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("STATE_DIRECTORY", str(elsewhere))  # a demo keeps to its own folder, in a service too
    acts = []
    found = await play(tmp_path, told=acts.append)
    assert len(acts) == 2
    assert not list(elsewhere.iterdir())
    return found


async def test_the_demo_shows_what_it_promises(played):
    assert all(state.crashes == [] for state in played.passes)
    seen = report(played)
    topics = dict(seen.topics)
    assert topics["deportation"] >= 5
    assert {"sanctions", "border-security", "armed-conflict"} <= set(topics)
    copies = "\n".join(seen.copies)
    assert "origin: Meridian Wire" in copies
    assert "Silk Road Ledger" in copies
    assert "The Harbour Gazette" in copies
    assert any("[ru]" in line for line in seen.story)
    assert any("[uz]" in line for line in seen.story)
    assert any("version 2" in line for line in seen.edits)
    assert any("Tongi Xabar" in line for line in seen.failing)

    assert played.mails, "no mail came"
    assert "second charter" in str(played.mails[0]["Subject"])
    assert played.refused_hooks == 0, "a signature did not verify"
    assert {hook["data"]["alert"]["rule"] for hook in played.hooks} >= {"central-asia-deportations", "disasters"}
    ids = [hook["data"]["alert"]["id"] for hook in played.hooks]
    assert len(ids) == len(set(ids)), "an alert came twice"

    pages = {path: count for path, count in played.asked.items() if "/news/" in path}
    edited = [path for path, count in pages.items() if count > 1]
    assert [path.rsplit("/", 1)[-1] for path in edited] == ["consulate-visa-suspension"], "a page was fetched twice"

    with Database.open(played.folder / "demo.db", create=False) as database:
        held = {match.hold for match in database.read_now(lambda connection: alerts.matches(connection, held=True))}
    assert "backlog" in held, "what was there before the first poll never alerts"


async def test_a_configuration_that_no_demo_wrote_is_left_alone(tmp_path):
    (tmp_path / "config.toml").write_text("# mine\n")
    with pytest.raises(UsageError, match="is not of a demo and is left alone"):
        await play(tmp_path)
    assert (tmp_path / "config.toml").read_text() == "# mine\n"
    assert [each.name for each in tmp_path.iterdir()] == ["config.toml"]


async def test_a_second_demo_says_that_it_begins_anew(played):
    acts = []
    await play(played.folder, told=acts.append)
    assert acts[0].endswith("demo.db, which an earlier demo left, is begun anew")
