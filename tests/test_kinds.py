"""Every kind of object with rules x every floor: each is there, and nothing else mentions it.

A card (`ingc.kinds.card.RuleKind`) names the columns of a kind: its own, and those of the features
that it brings. This walks over all of ingc, and finds what mentions the kind outside of them: by
import, by literal, by word, by a name in the code, and by a feature that the kind alone requests.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import io
import pickle
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingc.kinds import KINDS, OTHERS, USUAL, Brought, Floor, RuleKind, kind_named
from tests.cells.source import TREE

LISTS = {"ingc/kinds/table.py": 1, "ingc/diagnostics/catalogue/index.py": 2}
"""What lists all kinds, or all areas of diagnostics: so many lines of it mention each kind."""
OF_EVERY_FEATURE = frozenset(
    {
        "ingc/ir/features/table.py",
        "ingc/explain/compiled/words.py",
        "ingc/frontend/wishes.py",
        "ingc/resolve/features/table.py",
    }
)
"""Where each feature stands, whoever requests it."""
WALKED = ("ingc", "grammar", "templates")
GENERATED = "ingc/cli/completion_words.json"

Mention = tuple[int, str]
"""A line, and what it has of a kind."""


def places(kind: RuleKind) -> list[Path]:
    """Return the modules, folders and pages that a card names, below the tree."""
    found = [_below(floor, kind.column) for floor in kind.floors]
    for brought in kind.brings:
        found += [_below(floor, brought.column) for floor in brought.floors]
        if brought.read:
            found.append(Path(f"ingc/frontend/{kind.column}/{brought.column}.py"))
    return found


def _below(floor: Floor, column: str) -> Path:
    """Return where a floor has a column: a file, or a folder."""
    path = Path(floor.value.format(column))
    module = path.with_name(f"{path.name}.py")
    return module if not path.suffix and (TREE / module).exists() else path


def missing(kind: RuleKind) -> list[str]:
    """Return the floors that a card names and that are not there."""
    return [f"{kind.name}: {place} is missing" for place in places(kind) if not _exists(place)]


def _exists(place: Path) -> bool:
    path = TREE / place
    return any(path.iterdir()) if path.is_dir() else path.is_file()


def files_of(kind: RuleKind) -> list[str]:
    """Return every file that belongs to a kind, as its card says."""
    found: set[Path] = set()
    for place in places(kind):
        path = TREE / place
        inner = path.rglob("*") if path.is_dir() else [path]
        found |= {item for item in inner if item.is_file() and "__pycache__" not in item.parts}
    return sorted(str(item.relative_to(TREE)) for item in found)


def strangers(kind: RuleKind) -> list[str]:
    """Return what mentions a kind outside its columns."""
    own, found = set(files_of(kind)), []
    for path in sorted(item for name in WALKED for item in (TREE / name).rglob("*")):
        name = str(path.relative_to(TREE))
        if path.suffix not in (".py", ".json", ".jinja", ".j2", ".lark"):
            continue
        if name not in own and name != GENERATED:
            found += _judge(name, path.read_text(encoding="utf-8"), kind)
    return found


def _judge(name: str, text: str, kind: RuleKind) -> list[str]:
    if not name.endswith(".py"):
        met = [(0, found) for found in _words(text, kind)]
    else:
        met = list(mentions(text, kind))
    lines = {line for line, _ in met}
    if len(lines) > LISTS.get(name, 0) or 0 in lines:
        return [f"{name}:{line} {what}" for line, what in met]
    return []


def mentions(text: str, kind: RuleKind) -> Iterator[Mention]:
    """Yield what a module has of a kind."""
    tree = ast.parse(text)
    yield from _imports(tree, kind)
    exported = _exported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value == kind.name and node not in exported:
            yield node.lineno, f'has the literal "{kind.name}"'
    skipped = {(node.lineno, node.col_offset) for node in exported}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and kind.column in token.string.lower():
            yield token.start[0], f"has the name {token.string}"
        elif token.type not in (tokenize.NAME, tokenize.OP) and token.start not in skipped:
            for word in _words(token.string, kind):
                yield token.start[0], word


def _imports(tree: ast.Module, kind: RuleKind) -> Iterator[Mention]:
    for node in ast.walk(tree):
        found: list[Mention] = []
        if isinstance(node, ast.Import):
            found = [(item.lineno, item.name) for item in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = ((item.lineno, f"{node.module}.{item.name}") for item in node.names)
            found = [(node.lineno, node.module), *inner]
        for line, name in found:
            if name.startswith("ingc.") and kind.column in name.split("."):
                yield line, f"imports {name}"


def _words(text: str, kind: RuleKind) -> Iterator[str]:
    for found in re.finditer(kind.mentions, text, re.IGNORECASE):
        yield f'has the word "{found[0]}"'


def _exported(tree: ast.Module) -> set[ast.Constant]:
    """Return the literals by which a module names its exports: the IR has a class of a name that
    a kind has too.
    """
    found: set[ast.Constant] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            inner = ast.walk(node.value)
            found |= {item for item in inner if isinstance(item, ast.Constant)}
        pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
        for key, value in pairs:
            if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                found |= {key} if str(value.value).startswith("ingc.") else set()
    return found


def users(brought: Brought, kind: RuleKind) -> list[str]:
    """Return what names a type that a kind brings outside its column."""
    column = re.compile(rf"(?:^|/){brought.column}\.py$")
    own = {*files_of(kind), *OF_EVERY_FEATURE}
    types = [rf"\b{name}\b" for name in brought.types]
    pattern = re.compile("|".join(types)) if types else None
    return [
        f"{name} names {found[0]}"
        for path in sorted((TREE / "ingc").rglob("*.py"))
        if pattern is not None
        and (name := str(path.relative_to(TREE))) not in own
        and not column.search(name)
        and (found := pattern.search(path.read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_floor_of_a_kind_is_missing(kind: RuleKind) -> None:
    assert not missing(kind)


@pytest.mark.parametrize("kind", OTHERS, ids=lambda kind: kind.name)
def test_nothing_outside_its_columns_mentions_a_kind(kind: RuleKind) -> None:
    assert not strangers(kind)


@pytest.mark.parametrize("kind", OTHERS, ids=lambda kind: kind.name)
def test_a_feature_that_a_kind_brings_stays_in_its_column(kind: RuleKind) -> None:
    assert not [line for brought in kind.brings for line in users(brought, kind)]


@pytest.mark.parametrize("kind", OTHERS, ids=lambda kind: kind.name)
def test_each_list_has_each_kind_once(kind: RuleKind) -> None:
    for name, most in LISTS.items():
        lines = {line for line, _ in mentions((TREE / name).read_text(encoding="utf-8"), kind)}
        assert len(lines) == most, name


def test_everything_is_described_in_words_of_one_kind() -> None:
    assert [kind for kind in KINDS if not kind.mentions] == [USUAL]
    assert USUAL.name == "Ingress"


def test_a_copy_of_a_kind_is_the_kind() -> None:
    for kind in KINDS:
        assert copy.deepcopy(kind) is kind
        assert pickle.loads(pickle.dumps(kind)) is kind  # noqa: S301
        assert kind_named(kind.name) is kind


ROUTE = kind_named("Route")
SOUND = """
'''Routes of the host: a route, `Route` and ``Route``.'''
from ingc.ir import Route
__all__ = ["Route"]
NAMES = {"Route": "ingc.ir"}
def of(route: Route) -> Route: return route  # kube-router
""".replace("Routes of", "The routes of")


def test_a_route_of_the_ir_is_no_route_of_openshift() -> None:
    assert not list(mentions(SOUND, ROUTE))


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("from ingc.frontend.openshift.annotations import X", "imports ingc.frontend.openshift"),
        ("import ingc.k8s.openshift.route", "imports ingc.k8s.openshift.route"),
        ("from ingc.frontend import openshift", "imports ingc.frontend.openshift"),
        ("from ingc.diagnostics.catalogue.openshift import X", "imports ingc.diagnostics"),
        ('TAKEN = kind == "Route"', 'has the literal "Route"'),
        ('KINDS = ("Ingress", "Route")', 'has the literal "Route"'),
        ("X = f'the {x} of a Route'", 'has the word "Route"'),
        ("# Routes have none.", 'has the word "Routes"'),
        ("X = 'as OpenShift has it'", 'has the word "OpenShift"'),
        ("def x(): '''As the router does.'''", 'has the word "router"'),
        ("def of(x: OpenshiftRoute): ...", "has the name OpenshiftRoute"),
    ],
)
def test_each_way_of_mentioning_a_kind_is_noticed(line: str, what: str) -> None:
    found = [text for _, text in mentions(f"{SOUND}\n{line}\n", ROUTE)]
    assert any(text.startswith(what) for text in found), found
    (first, *_) = _judge("ingc/merge/hosts.py", f"{SOUND}\n{line}\n", ROUTE)
    assert first.startswith("ingc/merge/hosts.py:")


@pytest.mark.parametrize("floor", list(Floor), ids=lambda floor: floor.name)
def test_each_floor_that_is_missing_is_named(floor: Floor) -> None:
    column = "of_nobody"
    without = dataclasses.replace(ROUTE, column=column, floors=(floor,), brings=())
    assert missing(without) == [f"Route: {floor.value.format(column)} is missing"]
    lost = dataclasses.replace(ROUTE, brings=(Brought(column, (floor,), read=False),))
    assert f"Route: {floor.value.format(column)} is missing" in missing(lost)


def test_a_feature_whose_reading_is_missing_is_named() -> None:
    lost = dataclasses.replace(ROUTE, brings=(Brought("of_nobody", ()),))
    assert missing(lost) == ["Route: ingc/frontend/openshift/of_nobody.py is missing"]


def test_a_feature_that_others_use_is_noticed() -> None:
    shared = Brought("load_balance", (), types=("HashBy",))
    assert "ingc/resolve/ways/clients.py names HashBy" in users(shared, ROUTE)
