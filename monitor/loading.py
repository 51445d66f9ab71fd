"""Packages that load a module with the first of its names: to make every class and table takes as long as a command."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def late_names(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's ``__getattr__``, by which it gives the names of its modules.

    ``modules`` are its modules with the names in each, parted by spaces. No name may be that of a module, which
    Python itself puts in the package when it is imported. To be hidden from a type checker, which would take any name
    for one that is there.
    """
    module_of = {name: module for module, names in modules.items() for name in names.split()}

    def give(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{module_of[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return give
