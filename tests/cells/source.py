"""What the source of ingc says: who makes a type, and who names it."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path

import ingc
from ingc.frontend import wishes
from ingc.frontend.annotations.declare import Annotation
from ingc.ir.features.card import Kind, column_of, name_of
from ingc.kinds import OTHERS

ROOT = Path(ingc.__file__).parent
TREE = ROOT.parent

_ANNOTATIONS = {"tuning": ("proxy", "proxy_buffers", "logs", "reading")}
"""Where the annotations of a column stand, if not in one module of its name: nearly every
directive of a location is a `Tuning`, which `reading` makes of a declaration with ``sets=``."""


@cache
def _trees(place: str) -> tuple[ast.Module, ...]:
    path = ROOT / place
    paths = sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.exists() else []
    return tuple(ast.parse(item.read_text(encoding="utf-8")) for item in paths)


@cache
def called_in(place: str) -> frozenset[str]:
    """Return the names that a module or a folder of ingc calls."""
    return frozenset(
        node.func.id
        for tree in _trees(place)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )


@cache
def named_in_functions(place: str, verb: str) -> frozenset[str]:
    """Return the names and attributes in functions ``VERB_…`` of a module, and in those beside
    them that they call; comments and strings don't count.
    """
    bodies = {
        node.name: node
        for tree in _trees(place)
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    waiting = [name for name in bodies if name.startswith(f"{verb}_")]
    known: set[str] = set()
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in known:
            continue
        known.add(name)
        for node in ast.walk(bodies[name]):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
        waiting += [item for item in found if item in bodies]
    return frozenset(found)


def annotation_modules(column: str) -> tuple[str, ...]:
    """Return the modules of the frontend that a column's annotations stand in."""
    usual = tuple(f"frontend/annotations/{name}.py" for name in _ANNOTATIONS.get(column, (column,)))
    others = (f"frontend/{kind.column}/{column}.py" for kind in OTHERS)
    return (*usual, *(name for name in others if (ROOT / name).exists()))


def wishes_of(kind: Kind) -> list[str]:
    """Return the names of what an Ingress asks for and resolve makes a feature of."""
    return [
        name
        for name, item in inspect.getmembers(wishes, inspect.isclass)
        if getattr(item, "becomes", None) is kind
    ]


def function(floor: str, verb: str, kind: Kind) -> Callable[..., object] | None:
    """Return a feature's function in its column of a stage; ``None``: it has none."""
    try:
        module = importlib.import_module(f"ingc.{floor}.features.{column_of(kind)}")
    except ModuleNotFoundError:
        return None
    found = getattr(module, f"{verb}_{name_of(kind)}", None)
    return found if callable(found) else None


@cache
def annotations_of(column: str) -> tuple[str, ...]:
    """Return the names of the annotations that a column declares, without their prefix."""
    names = (
        f"ingc.{place.removesuffix('.py').replace('/', '.')}"
        for place in annotation_modules(column)
    )
    families = (getattr(importlib.import_module(name), "FAMILY", None) for name in names)
    return tuple(
        declared.name
        for family in families
        if family is not None
        for declared in family.declarations
        if isinstance(declared, Annotation) or declared.option
    )
