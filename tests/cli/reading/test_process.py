"""The console script as a process: exit codes, pipes, terminals, and what it imports."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from monitor.app import topic_sources
from monitor.cli.common import Desk
from monitor.config import database_url, load_settings, stored_at, topics_in
from monitor.errors import ConfigError
from tests.cli.reading.conftest import CONFIG, Cli

HEAVY = (
    "trafilatura",
    "feedparser",
    "httpx",
    "apscheduler",
    "numpy",
    "rensa",
    "py3langid",
    "alembic",
    "rich",
    "aiosmtpd",
    "ssl",
)
START = "from monitor.cli import main; main()"


def start(run: Cli, *args: str, code: str = START, **more) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-c", code, "-c", str(run.config), *args]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=run.folder, **more)


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["search", "zebra"], 0, b""),
        (["search", "quagga"], 1, b"nothing found"),
        (["search", "(zebra"], 2, b"^"),
        (["search", "zebra", "--limit", "many"], 2, b"--limit"),
        (["show", "99"], 3, b"there is no article 99"),
        (["trace", "https://nowhere.example/"], 3, b"never seen"),
        (["serach", "zebra"], 2, b"search"),
    ],
)
def test_exit_codes(run: Cli, args: list[str], code: int, told: bytes) -> None:
    process = start(run, *args)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert told in err
    assert b"Traceback" not in err


@pytest.mark.parametrize("form", ["jsonl", "table"])
def test_a_reader_that_has_enough_is_no_error(run: Cli, form: str) -> None:
    process = start(run, "search", "zebra OR deport* OR visas OR arancel*", "--copies", "--format", form)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=60) == 0
    assert b"Traceback" not in err
    assert b"Broken" not in err


def test_a_terminal_gets_colours_and_a_pipe_lines_of_json(run: Cli) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    arguments = [sys.executable, "-c", START, "-c", str(run.config), "search", "deported"]
    process = subprocess.Popen(arguments, stdout=theirs, stderr=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 65536):
            shown += block
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(ours)
    assert process.wait(timeout=60) == 0
    assert b"\x1b[1;33mdeported\x1b[0m" in shown, "what matched is marked"
    piped, _ = start(run, "search", "deported").communicate(timeout=60)
    assert piped.startswith(b'{"id"')


@pytest.mark.parametrize(
    "args",
    [
        ["search", "zebra lang:en"],
        ["search", "zebra", "--by", "country"],
        ["show", "1"],
        ["explain", "1", "-q", "zebra topic:nothing"],
        ["explain", "1", "-t", "deportation"],
        ["trace", "1"],
        ["stories", "1"],
        ["quotes"],
        ["stats"],
        ["topics", "list"],
        ["reprocess", "rules", "--format", "jsonl"],
    ],
)
def test_no_command_imports_what_it_does_not_need(run: Cli, args: list[str]) -> None:
    allowed = {"rich"} if args[0] == "reprocess" else set()
    code = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print(sorted({{m.split('.')[0] for m in sys.modules}} & set({HEAVY})), file=sys.stderr))\n"
        + START
    )
    process = start(run, *args, code=code)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    loaded = set(eval(err.splitlines()[-1]))
    assert loaded <= allowed


@pytest.mark.parametrize(
    ("args", "unwanted"),
    [
        (["search", "zebra"], "core.query.explanation core.query.linting core.query.index storage.lookup"),
        (["explain", "1", "-q", "zebra"], "core.query.linting core.rulebook storage.alerts model.rules"),
        (["show", "1"], "core.query model.polls model.placements model.deliveries"),
        (["topics", "list"], "storage.articles model.alerts model.feeds"),
        (["channels", "list"], "core.query model.alerts model.feeds"),
    ],
)
def test_no_command_loads_parts_of_ours_that_it_does_not_ask(run: Cli, args: list[str], unwanted: str) -> None:
    code = f"import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {START}"
    process = start(run, *args, code=code)
    _, err = process.communicate(timeout=60)
    loaded = set(err.decode().splitlines()[-1].split())
    assert "monitor.cli.common" in loaded
    assert not loaded & {f"monitor.{name}" for name in unwanted.split()}


def test_what_is_loaded_late_is_whole_when_it_is_used() -> None:
    code = (
        "import sys; from monitor.cli.late import load_late\n"
        "load_late('hashlib'); load_late('importlib.metadata', 'entry_points', apart=True)\n"
        "import hashlib; from importlib.metadata import entry_points; print('email' in sys.modules, '_hashlib' in sys.modules)\n"
        "import importlib.metadata._meta\n"
        "print(hashlib.sha256(b'').hexdigest()[:8], len(entry_points()) > 0, bool(importlib.metadata.version('click')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False False", "e3b0c442 True True"]


@pytest.mark.parametrize(
    "args", [["search", "zebra"], ["show", "1"], ["trace", "1"], ["quotes"], ["stats"], ["topics", "list"]]
)
def test_a_fault_elsewhere_in_the_configuration_stops_no_reading(run: Cli, args: list[str]) -> None:
    """And the configuration's tables, which take long to make, are not made for it."""
    run.config.write_text(run.config.read_text("utf-8").replace("[queries]", "[quarries]"), encoding="utf-8")
    process = start(
        run,
        *args,
        code=START.replace(
            "main()",
            "import sys, atexit; atexit.register(lambda: print('pydantic' in sys.modules, file=sys.stderr)); main()",
        ),
    )
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err.endswith(b"False\n")
    process = start(run, "channels", "list")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 78
    assert b"did you mean 'queries'?" in err


def test_the_topics_are_those_of_the_whole_configuration(run: Cli) -> None:
    def asked() -> Desk:
        return Desk(str(run.config), None, 0)

    sound = (
        CONFIG,
        "",
        '[topics]\ndisable = ["sport"]\npack = false\n[topics.x]\nterms = ["y @q"]\n[queries]\nq = "z"',
    )
    for text in sound:
        run.config.write_text(text, encoding="utf-8")
        assert topics_in(run.config) is not None
        assert asked().topics == topic_sources(load_settings(run.config))
    for faulty in (
        "[topics",
        "topics = 1",
        "[topics]\npack = 'perhaps'",
        "[topics]\ndisable = 1",
        "[queries]\nq = 1",
        "queries = 1",
    ):
        run.config.write_text(faulty, encoding="utf-8")
        assert topics_in(run.config) is None
        with pytest.raises(ConfigError, match=r"config\.toml:"):
            asked().topics  # noqa: B018 - it is a property


def test_the_database_is_where_the_whole_configuration_puts_it(run: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("", "[storage]", "[storage]\nurl = 'x.db'", "[storage]\nurl = 'postgresql:///x'", CONFIG):
        run.config.write_text(text, encoding="utf-8")
        assert stored_at(run.config) == database_url(load_settings(run.config))
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/monitor")
    assert stored_at(run.config) == database_url(load_settings(run.config)) == "/var/lib/monitor/monitor.db"
    for faulty in ("[storage", "storage = 1", "[storage]\nurl = 1"):
        run.config.write_text(faulty, encoding="utf-8")
        assert stored_at(run.config) is None


def test_a_query_of_several_arguments_is_shown_as_one(run: Cli) -> None:
    for command in ("search", "tail"):
        process = start(run, command, "deport*", "country:UZ")
        _, err = process.communicate(timeout=60)
        assert process.returncode == 2
        assert b"a query of several words is one argument: 'deport* country:UZ'" in err


def test_the_shell_completes_commands_and_options(run: Cli) -> None:
    for words, wanted in (
        ("monitor sea", "search"),
        ("monitor feeds he", "health"),
        ("monitor search --for", "--format"),
    ):
        asked = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_MONITOR_COMPLETE": "bash_complete"}
        code = f"import sys; sys.argv = ['monitor']; {START}"
        found = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **asked},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert f"plain,{wanted}" in found.stdout.splitlines()
