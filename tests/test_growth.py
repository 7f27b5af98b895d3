"""A compile takes steps in proportion to its input: calls are counted, no time.

``bench/growth.py`` measures the time of the same shapes.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest

import ingc
from ingc.frontend.intent import IntentRoute
from ingc.merge import canary, canary_services
from ingc.syntax.pcre import Pattern, RegexMatch
from tests.objects import path, rule
from tests.shop import ingress, service

ALIAS = "nginx.ingress.kubernetes.io/server-alias"
BENCH = Path(__file__).parent.parent / "bench"
SMALL, TIMES = 60, 4
MOST = 1.05
"""Times what proportion gives. Sizes this small hold much that is done once."""


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCH / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


SHAPES = (*load("shapes").shapes(), *load("ways").ways())


def calls_of(shape: Any, size: int) -> int:
    """Return how many calls a compile makes, those of builtins included."""
    objects = list(shape.objects(size))
    calls = 0

    def counted(_: FrameType, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        result = ingc.compile(objects, shape.options, on_error="isolate")
    finally:
        sys.setprofile(None)
    assert result.ok
    return calls


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_calls_grow_with_the_input(shape: Any) -> None:
    ingc.compile(list(shape.objects(2)), shape.options)
    small, large = calls_of(shape, SMALL), calls_of(shape, TIMES * SMALL)
    assert large < MOST * TIMES * small


def test_regexes_without_ends_cost_a_bounded_number_of_searches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each name could be any of theirs; nginx itself would try all of them for each request."""
    search, searches = Pattern.search, 0

    def counted(self: Pattern, subject: bytes) -> RegexMatch | None:
        nonlocal searches
        searches += 1
        return search(self, subject)

    monkeypatch.setattr(Pattern, "search", counted)
    aliases = [",".join(f"~a{n}x{alias}" for alias in range(100)) for n in range(40)]
    objects = [
        ingress(f"w{n}", rule(f"w{n}.test", path("/", "web")), annotations={ALIAS: text})
        for n, text in enumerate(aliases)
    ]
    result = ingc.compile([*objects, service("web")])
    assert result.ok
    assert result.match("a7x3", "/").host is not None
    assert searches < 1_000_000


def test_a_canary_looks_at_few_of_many_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    service_of, calls = canary.service_of, 0

    def counted(route: IntentRoute) -> object:
        nonlocal calls
        calls += 1
        return service_of(route)

    monkeypatch.setattr(canary, "service_of", counted)
    monkeypatch.setattr(canary_services, "service_of", counted)
    shape = next(shape for shape in SHAPES if shape.name == "canaries, one host")
    assert ingc.compile(list(shape.objects(200)), shape.options).ok
    assert calls < 10 * 200
