"""The unit as systemd reads it. `systemd-analyze` passes over unknown words with a warning: so it must be silent."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
DROP_INS = sorted((DEPLOY / "drop-ins").glob("*.conf"))
WORST_SCORE = 15  # tenths; a bare unit has 96

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="NO SYSTEMD: systemd-analyze is missing, the unit is not looked at"
)


def unit(folder: Path, *drop_ins: Path) -> Path:
    """The unit and drop-ins as an administrator has them, with a program that exists here."""
    path = folder / "monitor.service"
    text = (DEPLOY / "monitor.service").read_text()
    path.write_text(text.replace("/opt/monitor/bin/monitor", sys.executable))
    (folder / "monitor.service.d").mkdir()
    for drop_in in drop_ins:
        shutil.copy(drop_in, folder / "monitor.service.d")
    return path


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("drop_ins", [(), *((each,) for each in DROP_INS), tuple(DROP_INS)], ids=str)
def test_systemd_understands_every_word(tmp_path, drop_ins):
    found = analyze("verify", "--man=no", str(unit(tmp_path, *drop_ins)))
    assert (found.returncode, found.stderr) == (0, "")


def test_a_word_that_systemd_does_not_know_would_be_seen(tmp_path):
    wrong = tmp_path / "wrong.conf"
    wrong.write_text("[Service]\nRestart=allways\n")
    assert "allways" in analyze("verify", "--man=no", str(unit(tmp_path, wrong))).stderr


@pytest.mark.parametrize("drop_ins", [(), *((each,) for each in DROP_INS)], ids=str)
def test_the_sandbox_is_tight(tmp_path, drop_ins):
    found = analyze("security", "--offline=true", f"--threshold={WORST_SCORE}", str(unit(tmp_path, *drop_ins)))
    assert found.returncode == 0, found.stdout[-300:]
    assert re.search(r"Overall exposure level for monitor.service: (0|1)\.\d OK", found.stdout)


def test_a_bare_unit_would_be_refused(tmp_path):
    bare = tmp_path / "bare.service"
    bare.write_text(f"[Service]\nExecStart={sys.executable}\n")
    assert analyze("security", "--offline=true", f"--threshold={WORST_SCORE}", str(bare)).returncode != 0
