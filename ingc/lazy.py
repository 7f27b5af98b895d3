"""Names of a package that are imported when they are first used (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` for a package; ``homes`` has each name's module.

    A name that was used once is an attribute like any other. Type checkers do not follow this: the
    package imports the same names for them below ``if TYPE_CHECKING``, and hides both functions.
    """
    namespace = vars(sys.modules[package])

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = namespace[name] = getattr(import_module(homes[name]), name)
        return value

    def listed() -> list[str]:
        return sorted({*namespace, *homes})

    return load, listed
