"""No value of an annotation becomes syntax: it is refused, or it stays one token."""

from __future__ import annotations

from typing import Any

import crossplane
import pytest

import ingc
from ingc.frontend.annotations.declare import Annotation, Family
from ingc.target import DIRECTIVES
from tests.frontend.hostile import ingresses, supported, surroundings
from tests.k8s.objects import Object
from tests.resolve.pairs import NOW

ENTRIES = ("map", "geo", "split_clients")
FORBIDDEN = {"include", "alias", "root", "load_module", "ssl_engine", "try_files"}


def compiled(objects: list[Object]) -> ingc.Result:
    options = ingc.Options(now=NOW, nginx_version="1.31")
    return ingc.compile(objects, options, on_error="isolate")


@pytest.mark.parametrize(
    ("family", "declared"), supported(), ids=lambda item: getattr(item, "name", "")
)
def test_no_hostile_value_becomes_a_directive(
    family: Family, declared: Annotation[Any], tmp_path: Any
) -> None:
    result = compiled([*surroundings(), *ingresses(family, declared)])
    assert not [d for d in result.diagnostics if d.code.startswith("ING9")]
    assert result.config is not None
    conf = tmp_path / "nginx.conf"
    conf.write_text(result.config, encoding="utf-8")
    parsed = crossplane.parse(str(conf), single=True)
    assert parsed["status"] == "ok"
    names = set(directives(parsed["config"][0]["parsed"]))
    assert names <= set(DIRECTIVES)
    assert not names & FORBIDDEN


def directives(statements: list[dict[str, Any]]) -> list[str]:
    found = []
    for statement in statements:
        found.append(statement["directive"])
        if statement["directive"] not in ENTRIES:
            found.extend(directives(statement.get("block") or []))
    return found
