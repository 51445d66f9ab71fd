"""T7: one module reaches the network over HTTP, and nobody else has the means."""

from __future__ import annotations

import ast
from pathlib import Path

import monitor

ROOT = Path(monitor.__file__).parent
CLIENTS = {"httpx", "httpcore", "h2", "h11", "aiohttp", "requests", "urllib3", "urllib.request", "http.client"}
# Libraries that parse for us and would also fetch for us.
FETCHERS = {"trafilatura.downloads", "trafilatura.fetch_url", "trafilatura.fetch_response", "feedparser.http"}


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_t7_only_the_door_imports_a_client() -> None:
    for file in ROOT.rglob("*.py"):
        found = imported(file)
        assert not FETCHERS & found, file
        if file.parent != ROOT / "net":
            assert not {name for name in found if name in CLIENTS or name.partition(".")[0] in CLIENTS}, file
