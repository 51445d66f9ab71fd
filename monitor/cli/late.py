"""Modules of the standard library that are loaded when they are first used, not when they are first named.

SQLAlchemy names ``asyncio`` and ``importlib.metadata`` at its import, and a command that only reads uses neither: they
are a sixth of the quarter second in which it is to be done. Lark names ``tempfile`` and, with OpenSSL behind it,
``hashlib``, for a cache that is not used; ``email.utils`` names ``socket``; what reads the files of a package,
``zipfile``; pydantic, ``secrets``. `importlib.util.LazyLoader` does not help, because on Python 3.11 the second
``import`` of a name loads it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any

_LOADING = RLock()


class _Late(ModuleType):
    """A module whose first unknown attribute loads it, in its place: whoever holds it has the whole module then."""

    def __getattr__(self, name: str) -> Any:
        with _LOADING:
            if type(self) is _Late and not vars(self).get("__begun__"):
                _load(self)
        return ModuleType.__getattribute__(self, name)


def load_late(name: str, *functions: str, apart: bool = False) -> None:
    """Let ``import name`` give a module that is loaded when it is first used; nothing where it is there already.

    ``functions`` of it may be named before, as ``kept = module.function`` does: only their call loads it. So does
    ``from module import function`` of a package whose modules may stand ``apart``, imported before it is loaded itself.
    """
    spec = find_spec(name)
    if name in sys.modules or spec is None:
        return
    module = module_from_spec(spec)
    if not apart:
        vars(module).pop("__path__", None)  # to ask for a module inside it loads it first
    for function in functions:
        setattr(module, function, _called_late(module, function))
    module.__class__ = _Late
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


def _called_late(module: ModuleType, function: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        with _LOADING:
            if type(module) is _Late:
                _load(module)
        return getattr(module, function)(*args, **kwargs)

    return call


def _load(module: ModuleType) -> None:
    spec = module.__spec__
    assert spec is not None
    assert spec.loader is not None
    vars(module)["__begun__"] = True
    if spec.submodule_search_locations is not None:
        module.__path__ = spec.submodule_search_locations
    spec.loader.exec_module(module)
    del vars(module)["__begun__"]
    module.__class__ = ModuleType
