from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Table

from monitor.storage import schema


def test_every_table_is_a_name_of_the_schema() -> None:
    files = [path.stem for path in Path(schema.__file__).parent.glob("[a-z]*.py")]
    tables = {
        name: value
        for module in files
        for name, value in vars(import_module(f"monitor.storage.schema.{module}")).items()
        if isinstance(value, Table)
    }
    assert tables.keys() == schema.metadata.tables.keys()
    assert all(getattr(schema, name) is table for name, table in tables.items())


@pytest.mark.parametrize(
    ("asked", "loaded"),
    [
        ("feeds", "followed"),
        ("entries", "polled"),
        ("deliveries", "sending"),
        ("metadata", "alerting base followed kept likeness polled sending texts upkeep"),
    ],
)
def test_a_table_loads_only_the_tables_of_its_kind(asked: str, loaded: str) -> None:
    code = (
        f"import sys; from monitor.storage.schema import {asked}; "
        "print(*sorted(name.split('.')[3] for name in sys.modules if name.startswith('monitor.storage.schema.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"base", *loaded.split()}
