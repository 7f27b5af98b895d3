"""The stages stand in one line, and no import runs back."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import ingc
from tests.loading import loaded_by, of_ingc

PACKAGE = Path(ingc.__file__).parent
FOUNDATION = {
    "collector",
    "diagnostics",
    "kinds",
    "lazy",
    "option_values",
    "options",
    "resources",
    "syntax",
    "target",
}
LINE = (
    "load",
    "k8s",
    "frontend",
    "merge",
    "resolve",
    "match",
    "plan",
    "emit",
    "prove",
)
BESIDE = (
    "routes",
    "ingresses",
    "reference",
    "alike",
    "compiler",
    "culprits",
    "model",
    "tenancy_report",
    "show",
    "reach",
    "departures",
    "migrate",
    "explain",
    "diff",
    "engine",
    "named",
    "routetest",
    "nginx",
    "output",
    "serve",
    "controller",
    "cli",
    "__init__",
    "__main__",
)
ALLOWED_BY_DESIGN = {
    # The IR is the currency of the line and stands above k8s, whose Secret holds its bytes type.
    "ir": FOUNDATION,
    # The oracle and the model prove something by agreeing, so they share the normaliser alone.
    "model": {"syntax"},
    "prove": FOUNDATION | {"ir", "model"} | set(LINE),
    "nginx": FOUNDATION,
    # Text and bytes into a folder, and whose group reads them.
    "output": FOUNDATION | {"ir", "nginx"},
    "routes": FOUNDATION | {"ir"},
    "tenancy_report": FOUNDATION | {"ir"},
    "show": FOUNDATION | {"ir", "routes"},
    # It reads the objects and where routes go, and knows nothing of how an nginx.conf is made.
    "reach": FOUNDATION | {"ir", "k8s"},
    # Nor does what reports where answers differ from ingress-nginx's.
    "departures": FOUNDATION | {"ir", "k8s", "frontend", "match"},
    # It reads what a compile gives, and knows nothing of the command line that prints it.
    "migrate": FOUNDATION | {"ir", "load", "k8s", "frontend", "compiler", "departures"},
    # It is the controller of anybody: the public library, and nothing behind it but names: those
    # of kinds, and of what lies in a folder of ours.
    "controller": {"__init__", "kinds", "output"},
    "named": FOUNDATION | {"engine"},
    # From the IR to the proof, for hosts that are alike.
    "alike": FOUNDATION | {"ir", "match", "model", "plan", "emit", "prove"},
}


def part_of(module: str) -> str:
    """``ingc.k8s.store`` → ``k8s``."""
    return module.split(".")[1] if "." in module else "__init__"


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            if node.module == "ingc":
                yield from (f"ingc.{alias.name}" for alias in node.names)
            else:
                yield node.module


def modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        inner = path.relative_to(PACKAGE).parts
        found.append((inner[0].removesuffix(".py"), path))
    return found


def allowed_for(part: str) -> set[str]:
    if part in ALLOWED_BY_DESIGN:
        return ALLOWED_BY_DESIGN[part] | {part}
    if part in FOUNDATION:
        return FOUNDATION
    if part in LINE:
        # What a stage gives to the next: load's Document, k8s's objects, the layout of plan.
        return FOUNDATION | {"ir"} | set(LINE[: LINE.index(part) + 1])
    return FOUNDATION | {"ir"} | set(LINE) | set(BESIDE)


def test_no_import_runs_back() -> None:
    wrong = []
    for part, path in modules():
        for name in imports_of(path):
            if name.split(".")[0] == "ingc" and part_of(name) not in allowed_for(part):
                wrong.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert not wrong


READING_BACK = {
    "answers.py",
    "belonging.py",
    "cookies.py",
    "expected.py",
    "effective.py",
    "escaped.py",
    "features",
    "frame.py",
    "logs.py",
    "modules.py",
    "samples.py",
    "server_names.py",
    "serving.py",
    "settings.py",
    "stream_block.py",
    "backend_headers.py",
    "unequal.py",
    "upstream_blocks.py",
    "values.py",
    "witness.py",
}
"""What goes from the directives in effect back to values, and from values to requests."""


def test_readers_know_nothing_of_how_a_text_was_made() -> None:
    folder = PACKAGE / "prove"
    own = {f"ingc.prove.{name.removesuffix('.py')}" for name in READING_BACK}
    seen = []
    for name in sorted(READING_BACK):
        path = folder / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else (path,):
            seen.append(file.name)
            for imported in imports_of(file):
                if imported.split(".")[0] != "ingc":
                    continue
                by_others = part_of(imported) in {"ir", "match", "model", "syntax", "target"}
                assert by_others or ".".join(imported.split(".")[:3]) in own, (file, imported)
    assert "tuning.py" in seen


def test_of_the_proof_the_check_of_the_layout_alone_knows_the_layout() -> None:
    """That, and what says whose a line is: where nginx would not start, or the text is wrong."""
    knows = {
        path.name
        for path in (PACKAGE / "prove").rglob("*.py")
        if any(name.startswith(("ingc.plan", "ingc.emit")) for name in imports_of(path))
    }
    assert knows == {"proof.py", "shape.py", "starting.py", "structure.py", "tracing.py"}


def test_nothing_but_the_command_line_imports_click() -> None:
    using = {part for part, path in modules() if "click" in set(imports_of(path))}
    assert using == {"cli"}


def test_the_matcher_never_sees_the_layout() -> None:
    for part, path in modules():
        if part == "match":
            assert not {"ingc.plan", "ingc.emit", "ingc.prove"} & set(imports_of(path))


HEAVY = {"click", "crossplane", "cryptography", "jinja2", "lark", "pcre2", "watchfiles", "yaml"}


def test_no_public_name_loads_a_heavy_library() -> None:
    """What needs one loads it when it is called."""
    assert not HEAVY & loaded_by("from ingc import *")


def test_importing_ingc_loads_no_stage() -> None:
    """Nor a foundation: each public name loads what it needs when it is first used."""
    assert of_ingc(loaded_by("import ingc")) == {"ingc", "ingc.explain", "ingc.lazy"}


def test_every_stage_says_what_it_does() -> None:
    for part in (
        *LINE,
        "diagnostics",
        "syntax",
        "model",
        "reach",
        "departures",
        "migrate",
        "explain",
        "routetest",
        "diff",
        "ingresses",
        "nginx",
        "output",
        "serve",
        "controller",
        "cli",
    ):
        tree = ast.parse((PACKAGE / part / "__init__.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), part


def test_files_and_functions_fit_in_a_head() -> None:
    too_long = []
    for _, path in modules():
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > 400:
            too_long.append(str(path))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                body = node.body[0].lineno
                if node.end_lineno - body > 50:
                    too_long.append(f"{path}:{node.name}")
    catalogue = str(PACKAGE / "diagnostics" / "catalogue")
    assert [name for name in too_long if not name.startswith(catalogue)] == []


def test_templates_hold_no_logic() -> None:
    from jinja2 import Environment, nodes

    folder = PACKAGE.parent / "templates"
    allowed = (nodes.Name, nodes.Getattr)
    for path in sorted(folder.rglob("*.j2")):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 60, path
        tree = Environment(autoescape=True).parse(text)
        forbidden = (nodes.Compare, nodes.BinExpr, nodes.Call, nodes.Filter, nodes.Assign)
        assert not list(tree.find_all(forbidden)), path
        for condition in tree.find_all(nodes.If):
            test = condition.test
            inner = test.node if isinstance(test, nodes.Not) else test
            assert isinstance(inner, allowed), path


def test_same_bytes_for_every_hash_seed(tmp_path: Path) -> None:
    code = (
        "import sys, json, ingc\n"
        "objects = json.load(open(sys.argv[1]))\n"
        "sys.stdout.write(ingc.compile(objects).config)\n"
    )
    source = tmp_path / "objects.json"
    source.write_text(_objects(), encoding="utf-8")
    outputs = set()
    for seed in ("0", "1", "42"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Asia/Tokyo"}
        done = subprocess.run(
            [sys.executable, "-c", code, str(source)],
            env=environment,
            cwd=tmp_path if seed == "1" else None,
            capture_output=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1


def _objects() -> str:
    import json

    return json.dumps([*_many()])


def _many() -> Iterator[dict[str, object]]:
    for number in range(12):
        backend = {"service": {"name": f"s{number % 5}", "port": {"number": 80}}}
        paths = [
            {"path": f"/{p}", "pathType": "Prefix", "backend": backend} for p in ("", "a", "a/b")
        ]
        rule = {"host": f"h{number % 7}.example.com", "http": {"paths": paths}}
        yield {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": f"w{number}", "namespace": f"n{number % 3}"},
            "spec": {"rules": [rule]},
        }


def test_same_bytes_for_every_order_of_objects() -> None:
    objects = list(_many())
    first = ingc.compile(objects)
    second = ingc.compile(reversed(objects))
    assert first.ok
    assert first.config == second.config
    assert first.ir == second.ir


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for type checkers and inside of functions count too."""
    imports = _module_graph()
    waiting = set(imports)
    while True:
        # What imports nothing that waits can be read; what is left at the end stands in circles.
        ready = {name for name in waiting if not imports[name] & waiting}
        if not ready:
            break
        waiting -= ready
    assert sorted(waiting) == []


def _module_graph() -> dict[str, set[str]]:
    """Return what each module imports; a name of a package leads to the module that has it."""
    paths = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    known = {name.removesuffix(".__init__"): path for name, path in paths.items()}
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        found[name] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in known:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    found[name].add(inner if inner in known else str(node.module))
        found[name] &= known.keys()
        found[name].discard(name)
    return found


def test_annotations_and_keys_import_nothing_of_each_other() -> None:
    """They share one machine, and it knows neither; what knows both stands above them."""
    allowed = {
        "annotations": {"declarations"},
        "configmap": {"declarations"},
        "declarations": set(),
    }
    for name, imported in _module_graph().items():
        folder = name.split(".")[2] if name.startswith("ingc.frontend.") else ""
        if folder in allowed:
            others = {
                item.split(".")[2]
                for item in imported
                if item.count(".") > 2 and item.startswith("ingc.frontend.")
            }
            assert others & set(allowed) <= allowed[folder] | {folder}, name
