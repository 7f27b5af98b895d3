"""Names that are imported when they are first used are there for programs and type checkers."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import ingc
import ingc.explain.story
import ingc.load

each_package = pytest.mark.parametrize(
    "package", [sys.modules[name] for name in ("ingc", "ingc.explain", "ingc.load")]
)
EAGER = {"Document"}
"""Of `ingc.load`, which stages use that read no file."""


def _source(package: ModuleType) -> list[ast.AST]:
    assert package.__file__
    return list(ast.walk(ast.parse(Path(package.__file__).read_text(encoding="utf-8"))))


def _homes(package: ModuleType) -> dict[str, str]:
    """The table that ``lazy_names`` is given."""
    (table,) = (
        node.args[1]
        for node in _source(package)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "lazy_names"
    )
    homes: dict[str, str] = ast.literal_eval(table)
    return homes


def _for_checkers(package: ModuleType) -> dict[str, str]:
    """What is imported below ``if TYPE_CHECKING``."""
    (block,) = (
        node.body
        for node in _source(package)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    imports = [node for node in block if isinstance(node, ast.ImportFrom)]
    assert len(imports) == len(block)
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@each_package
def test_programs_and_type_checkers_find_the_same_names_in_the_same_modules(package: Any) -> None:
    assert _homes(package) == _for_checkers(package)
    assert sorted(_homes(package)) == sorted(set(package.__all__) - EAGER)


@each_package
def test_every_name_is_the_one_of_its_module(package: Any) -> None:
    for name, home in _homes(package).items():
        assert getattr(package, name) is getattr(importlib.import_module(home), name)


@each_package
def test_another_name_is_an_error_that_names_the_module(package: Any) -> None:
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no .* 'comple'"):
        _ = package.comple
    with pytest.raises(ImportError, match="cannot import name 'comple'"):
        exec(f"from {package.__name__} import comple")  # noqa: S102


def test_names_are_listed_before_they_are_used() -> None:
    code = "import sys, ingc; print(*dir(ingc)); assert 'ingc.compiler' not in sys.modules"
    assert {*ingc.__all__, "__all__", "__doc__", "__version__"} <= set(_run(code).split())


@pytest.mark.parametrize("home", sorted(set(_homes(ingc).values())))
def test_each_module_can_be_the_first_to_be_loaded(home: str) -> None:
    names = [name for name, module in _homes(ingc).items() if module == home]
    _run(f"from ingc import {', '.join(names)}")


def test_a_star_imports_all_of_them() -> None:
    assert _run("from ingc import *\nprint(*globals())").split()[-len(ingc.__all__) :] == (
        ingc.__all__
    )


@pytest.mark.parametrize("first", ["", "ingc.explain", "ingc.explain.api", "ingc.explain.story"])
def test_a_module_never_stands_in_the_place_of_a_name(first: str) -> None:
    code = (
        f"import sys, {first or 'ingc'}\n"
        "import ingc\n"
        "assert ingc.explain is sys.modules['ingc.explain.api'].explain\n"
        "import ingc.cli.explain, ingc.diff.render\n"
        "from ingc import explain, story\n"
        "assert ingc.explain is explain is sys.modules['ingc.explain.api'].explain\n"
        "assert ingc.story is story is sys.modules['ingc.explain.api'].story\n"
    )
    _run(code)


@each_package
def test_no_other_name_is_that_of_a_module(package: Any) -> None:
    folder = Path(package.__file__).parent
    modules = {path.stem for path in folder.iterdir()}
    assert modules & set(package.__all__) <= ({"explain"} if package is ingc else set())
