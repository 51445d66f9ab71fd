"""The two commands of the README on machines that lack something: they say what to install, and touch nothing."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADVICE = "apt-get install git python3 python3-venv"
TOOLS = ("sh", "dirname", "cat", "cksum", "env")


@pytest.fixture
def checkout(tmp_path):
    """What the commands need of a clone."""
    folder = tmp_path / "clone"
    for name in ("deploy/run.sh", "deploy/setup.sh", "tests/run.sh", "pyproject.toml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def machine(tmp_path):
    """A PATH with the tools that every Debian has, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    return folder


def python3(folder: Path, *, fails_at: str) -> None:
    """A Python that fails where its program names ``fails_at``."""
    program = folder / "python3"
    program.write_text(f'#!/bin/sh\ncase "$*" in *{fails_at}*) exit 1;; esac\nexec {sys.executable} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def run(checkout: Path, command: str, machine: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine), "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        ["sh", command], cwd=checkout, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("command", ["deploy/run.sh", "tests/run.sh"])
@pytest.mark.parametrize("lacking", ["python", "version_info", "ensurepip"])
def test_what_is_missing_is_said_with_its_packages(checkout, machine, command, lacking):
    if lacking != "python":
        python3(machine, fails_at=lacking)
    done = run(checkout, command, machine)
    assert done.returncode == os.EX_UNAVAILABLE
    assert ADVICE in done.stderr
    assert ("no venv" in done.stderr) == (lacking == "ensurepip")
    assert not (checkout / ".venv").exists()


def test_what_is_set_up_is_not_set_up_again(checkout, machine):
    venv = checkout / ".venv"
    (venv / "bin").mkdir(parents=True)
    program = venv / "bin" / "monitor"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    stamp = subprocess.run(["cksum"], stdin=(checkout / "pyproject.toml").open(), capture_output=True, check=True)
    (venv / ".monitor-run").write_bytes(stamp.stdout)
    done = run(checkout, "deploy/run.sh", machine)
    assert (done.returncode, done.stdout) == (0, f"--config {checkout}/config.toml run\n")
