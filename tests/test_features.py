"""Every feature x every floor: no empty cell without a reason, and no reason in words alone.

The cells are those of `tests.cells.floors`.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import ingc.ir.features
from ingc.explain.compiled import words
from ingc.explain.compiled.applied import applied
from ingc.explain.question import read_question
from ingc.ir.features.access import AccessList
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.aliases import Alias
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.canary import Canary
from ingc.ir.features.card import (
    PROVING,
    ROUTES,
    RULES_ALONE,
    SERVERS,
    Card,
    HostFeature,
    Kind,
    Proved,
    Reason,
    RouteFeature,
    UpstreamFeature,
    collect,
    column_of,
    name_of,
)
from ingc.ir.features.client_certs import HttpsOnly
from ingc.ir.features.cors import Cors
from ingc.ir.features.errors import StandIn
from ingc.ir.features.external_auth import Keepalive
from ingc.ir.features.limits import Limits
from ingc.ir.features.mirror import Mirror
from ingc.ir.features.protocols import FastCgi
from ingc.ir.features.redirects import AppRoot, HttpsRedirect
from ingc.ir.features.rewrite import UseRegex
from ingc.ir.features.table import FEATURES
from ingc.match import Oracle
from tests.cells import floors
from tests.cells.floors import FLOORS, Cell
from tests.cells.inputs import EXAMPLES, config_with
from tests.cells.source import ROOT

CELLS = {cell.__name__: cell for cell in FLOORS}


def missing(kind: Kind, cell: Cell) -> list[str]:
    """Return what is missing in a cell, each with the feature's name and the floor's."""
    found = ("tests/features.py has no example",) if kind not in EXAMPLES else _run(kind, cell)
    return [f"{kind.__name__} x {cell.__name__}: {why}" for why in found]


def _run(kind: Kind, cell: Cell) -> Iterator[str]:
    try:
        yield from cell(kind, kind.card)
    except NotImplementedError as error:
        yield str(error)


@pytest.mark.parametrize("cell", FLOORS, ids=lambda cell: cell.__name__)
@pytest.mark.parametrize("kind", FEATURES, ids=lambda kind: kind.__name__)
def test_no_cell_is_empty_without_a_reason(kind: Kind, cell: Cell) -> None:
    assert not missing(kind, cell)


def test_there_are_six_reasons() -> None:
    assert len(Reason) == 6


def test_every_feature_is_in_the_table() -> None:
    for module in pkgutil.iter_modules(ingc.ir.features.__path__):
        importlib.import_module(f"ingc.ir.features.{module.name}")
    found: set[str] = set()
    waiting: list[type] = [RouteFeature, HostFeature, UpstreamFeature]
    while waiting:
        below = [item for item in waiting.pop().__subclasses__() if item.__module__[:5] == "ingc."]
        found |= {item.__qualname__ for item in below}
        waiting += below
    assert not found ^ {item.__name__ for item in FEATURES}, "in ingc/ir/features/table.py"
    assert not set(EXAMPLES) ^ set(FEATURES), "in tests/features.py"


@pytest.mark.parametrize(
    ("place", "verb"),
    [
        ("resolve/features", "grant"),
        ("plan/features", "plan"),
        *(("prove/features", verb) for verbs in PROVING.values() for verb in verbs),
        ("explain/compiled/words.py", "say"),
    ],
)
def test_no_function_is_left_of_a_feature_that_went(place: str, verb: str) -> None:
    path = ROOT / place
    known = {(column_of(kind), f"{verb}_{name_of(kind)}") for kind in FEATURES}
    left = [
        f"ingc/{module.relative_to(ROOT)} has {name}, and no feature is called so"
        for module in ([path] if path.is_file() else sorted(path.glob("*.py")))
        for name in _functions(module.read_text(encoding="utf-8"), verb)
        if (module.stem, name) not in known
        and not (path.is_file() and name in {name for _, name in known})
    ]
    assert not left


def _functions(source: str, verb: str) -> Iterator[str]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(f"{verb}_"):
            yield node.name


class Forgotten(RouteFeature):
    """A feature that no floor knows."""

    card = Card(stands=ROUTES, alike=True, proved=Proved.READER)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("asks", "ingc/frontend/annotations/test_features.py is missing"),
        ("grants", "ingc/resolve/features/test_features.py has no grant_forgotten"),
        ("plans", "ingc/plan/features/test_features.py has no plan_forgotten"),
        ("plans", "nginx.conf is the same without it"),
        ("plans_alike", "there is no planner"),
        ("proves", "ingc/prove/features/test_features.py has no read_forgotten"),
        ("proves", "a text without it is proved where it is asked for"),
        ("explains", "ingc/explain/compiled/words.py has no say_forgotten"),
        ("goldens", "no case of golden/test_features has it"),
        ("on_nginx", "tests/nginx/test_test_features.py is missing"),
    ],
)
def test_each_cell_of_a_forgotten_feature_is_named(
    monkeypatch: pytest.MonkeyPatch, cell: str, why: str
) -> None:
    monkeypatch.setitem(EXAMPLES, Forgotten, Forgotten())
    found = missing(Forgotten, CELLS[cell])
    assert any(line.startswith(f"Forgotten x {cell}: ") and why in line for line in found), found


def test_a_forgotten_function_is_named_when_it_is_called() -> None:
    for floor, verb in (("plan", "plan"), ("prove", "check"), ("resolve", "grant")):
        found = collect(f"ingc.{floor}.features", verb, [Forgotten])
        with pytest.raises(NotImplementedError, match=f"test_features has no {verb}_forgotten"):
            found[Forgotten]()


_HERE = "is no reason here"
WRONG: list[tuple[str, Kind, dict[str, object], str]] = [
    ("asks", HttpsOnly, {"asked": None}, "no annotation"),
    ("asks", AccessList, {"asked": Reason.MADE_BY_RESOLVE}, "the frontend makes it"),
    ("asks", BasicAuth, {"asked": Reason.MADE_BY_RESOLVE}, "BasicAuthWish becomes it"),
    ("asks", AccessList, {"asked": Reason.SEEN_ELSEWHERE}, _HERE),
    ("grants", AccessList, {"granted": None}, "has no grant_access_list"),
    ("grants", FastCgi, {"granted": Reason.WHOLE_FROM_FRONTEND}, "FastCgiWish becomes it"),
    ("grants", StandIn, {"granted": Reason.WHOLE_FROM_FRONTEND}, "the frontend does not make it"),
    ("grants", AccessList, {"granted": Reason.MADE_BY_RESOLVE}, "the frontend makes it"),
    ("grants", Cors, {"granted": Reason.WITH_ANOTHER}, "no grant_"),
    ("grants", BasicAuth, {"granted": Reason.WITH_ANOTHER}, "grant_basic_auth exists"),
    ("grants", AccessList, {"granted": Reason.ACTED_ON}, _HERE),
    ("plans", Alias, {"planned": None}, "has no plan_alias"),
    ("plans", UseRegex, {"planned": None}, "nginx.conf is the same"),
    ("plans", Alias, {"planned": Reason.ACTED_ON}, "nginx.conf is another one"),
    ("plans", Cors, {"planned": Reason.OF_THE_STAGE}, "plan_cors exists"),
    ("plans", UseRegex, {"planned": Reason.OF_THE_STAGE}, "nginx.conf is the same"),
    ("plans", Alias, {"planned": Reason.SEEN_ELSEWHERE}, _HERE),
    ("plans_alike", Affinity, {"alike": True}, "looks at the place"),
    ("plans_alike", AppRoot, {"alike": True}, "no planner"),
    ("proves", AccessList, {"proved": Reason.ACTED_ON}, "nginx.conf is another one"),
    ("proves", UseRegex, {"proved": Proved.ROUTING}, "a text without it is proved"),
    ("proves", UseRegex, {"proved": Proved.READER}, "has no read_use_regex"),
    ("proves", HttpsRedirect, {"proved": Proved.ROUTING}, "read_https_redirect exists"),
    ("proves", Affinity, {"proved": Proved.ROUTING}, "read_affinity exists"),
    ("proves", Affinity, {"proved": Proved.ROUTING}, "seen_affinity exists"),
    ("proves", Limits, {"proved": Proved.READER}, "check_limits exists"),
    ("proves", BasicAuth, {"proved": Proved.CHECKS}, "forward_basic_auth exists"),
    ("proves", Cors, {"proved": Proved.ROUTING}, "answer_cors exists"),
    ("proves", AccessList, {"proved": Proved.ROUTING}, "admit_access_list exists"),
    ("proves", AccessList, {"proved": Proved.ROUTING}, "vary_access_list exists"),
    ("proves", Mirror, {"proved": Proved.VARIED}, "has no vary_mirror"),
    ("proves", AccessList, {"proved": Proved(0)}, "no way to prove it"),
    ("proves", AccessList, {"proved": Reason.OF_THE_STAGE}, _HERE),
    ("explains", Alias, {"explained": None}, "has no say_alias"),
    ("explains", Cors, {"explained": Reason.SEEN_ELSEWHERE}, "say_cors exists"),
    ("explains", UseRegex, {"explained": Reason.SEEN_ELSEWHERE}, "every answer is the same"),
    ("explains", Alias, {"explained": Reason.ACTED_ON}, "answered otherwise"),
    ("explains", Alias, {"explained": Reason.OF_THE_STAGE}, _HERE),
    ("compares", UseRegex, {"planned": None}, "diff does not see it"),
    ("compares", Cors, {"planned": Reason.ACTED_ON}, "diff reports it"),
    ("decides", Mirror, {"decides": True}, "every request is answered alike"),
    ("decides", Canary, {"decides": False}, "requests go elsewhere"),
    ("decides", Keepalive, {"decides": True}, "behind every decision"),
    ("stands", AccessList, {"stands": RULES_ALONE}, "Ingresses without rules"),
    ("stands", HttpsRedirect, {"stands": ROUTES}, "Ingresses without rules"),
    ("stands", AppRoot, {"stands": ROUTES}, "is no place for a HostFeature"),
    ("stands", Keepalive, {"stands": SERVERS}, "is no place for a UpstreamFeature"),
]


@pytest.mark.parametrize(("cell", "kind", "change", "why"), WRONG)
def test_a_card_that_is_wrong_is_found(
    cell: str, kind: Kind, change: dict[str, Any], why: str
) -> None:
    assert not missing(kind, CELLS[cell])
    card = dataclasses.replace(kind.card, **change)
    found = list(CELLS[cell](kind, card))
    assert any(why in line for line in found), found


def test_each_floor_and_each_reason_was_seen_to_fail() -> None:
    seen = {cell for cell, *_ in WRONG} | {"goldens", "on_nginx"}
    assert seen == set(CELLS)
    changed = {value for *_, change, why in WRONG if why != _HERE for value in change.values()}
    assert set(Reason) - changed == set()


def test_words_that_print_python_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def say(feature: object, _on: object) -> Iterator[words.Applied]:
        yield words.Applied("fastcgi", repr(feature))

    monkeypatch.setattr(words, "say_fast_cgi", say)
    assert "prints Python" in missing(FastCgi, floors.explains)[0]
    monkeypatch.setattr(words, "say_fast_cgi", lambda _feature, _on: iter(()))
    assert "says nothing" in missing(FastCgi, floors.explains)[0]


def test_a_feature_that_answers_is_explained_where_no_backend_is_reached() -> None:
    config = config_with(HttpsRedirect, EXAMPLES[HttpsRedirect])
    match = Oracle(config).match("a.test", "/x", scheme="http")
    assert match.upstream is None
    question = read_question("http://a.test/x")
    told = applied(question, question.request, match, config)
    assert "redirect" in {item.name for item in told}
