from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import monitor.model


@pytest.mark.parametrize("module", sorted(path.stem for path in Path(monitor.model.__file__).parent.glob("[a-z]*.py")))
def test_every_value_of_the_model_is_a_name_of_the_package(module: str) -> None:
    values = import_module(f"monitor.model.{module}")
    body = ast.parse(Path(str(values.__file__)).read_text("utf-8")).body
    defined = {each.name for each in body if isinstance(each, ast.ClassDef)}
    defined |= {ast.unparse(each.targets[0]) for each in body if isinstance(each, ast.Assign)}
    assert defined, module
    for name in defined:
        assert getattr(monitor.model, name) is getattr(values, name), name


def test_what_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(AttributeError, match="Artcle"):
        monitor.model.Artcle  # type: ignore[attr-defined]  # noqa: B018


def test_a_value_loads_only_the_values_of_its_kind() -> None:
    code = (
        "import sys; from monitor.model import Feed; print(*[name for name in sys.modules if 'monitor.model.' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["monitor.model.feeds"]
