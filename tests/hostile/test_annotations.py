"""Every supported annotation with every hostile text: its server keeps the shape of a benign one.

All texts of an annotation stand in one compile, each at a host of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import ingc
from ingc.diagnostics import Severity
from ingc.frontend.annotations.declare import Annotation, Family
from ingc.frontend.annotations.registry import PREFIX
from tests.frontend.hostile import MODULES, beside, supported, surroundings
from tests.hostile.corpus import NGINX, payloads
from tests.hostile.outcome import compiled
from tests.hostile.tree import Tree, around, room_asked, room_needed, servers_of, unasked
from tests.objects import Object, path, rule
from tests.resolve.pairs import NOW
from tests.shop import ingress
from tests.strategies import deep

OPTIONS = ingc.Options(now=NOW, nginx_version=NGINX, **MODULES)
PART = 5
"""One of so many texts is tried in an ordinary run, and the long ones."""
SILENCED = {"server/location/return", "server/return"}
SIZED = {"http/variables_hash_bucket_size", "http/variables_hash_max_size"}
"""They stand where there are many variables: each accepted value of ``x-forwarded-prefix`` makes
one, of a map. That they stand there alone, and with which sizes, is held apart."""
Given = dict[str, str]


def hostile(declared: Annotation[Any], others: Given) -> Iterator[Object]:
    """Yield an Ingress for each text: alone, and behind a value that is fine."""
    example = declared.grammar.examples[0]
    turn = len(declared.name) % PART
    for number, (what, text) in enumerate(payloads().items()):
        if number % PART != turn and not what.startswith("long") and not deep():
            continue
        for behind in (False, True) if deep() else (bool(number // PART % 2),):
            value = example + text if behind else text
            name = f"h{number}{'b' if behind else 'a'}"
            yield site(name, {**others, f"{PREFIX}/{declared.name}": value})


def benign(declared: Annotation[Any], others: Given) -> Iterator[Object]:
    """Yield Ingresses whose shapes are asked for: of fine values, without the annotation, bare."""
    for number, value in enumerate((*declared.grammar.examples, "$request_uri", "true", "5", "x")):
        yield site(f"g{number}", {**others, f"{PREFIX}/{declared.name}": value})
        yield site(f"f{number}", {f"{PREFIX}/{declared.name}": value})
    yield site("bare", {})
    yield site("others", others)


def site(name: str, annotations: Given) -> Object:
    paths = rule(f"{name}.test", path("/", "web"), path("/a", "web"))
    return ingress(f"shop/{name}", paths, annotations=annotations)


@pytest.mark.parametrize(
    ("family", "declared"), supported(), ids=lambda item: getattr(item, "name", "")
)
def test_a_hostile_value_keeps_the_shape(
    family: Family, declared: Annotation[Any], record_property: Callable[[str, object], None]
) -> None:
    others = beside(family, declared)
    tried = list(hostile(declared, others))
    # As many hosts as there will be, since nginx's hashes are sized by them.
    hosts = ingress("shop/many", *(rule(f"m{n}.test", path("/", "web")) for n in range(len(tried))))
    fine = [*surroundings(), *benign(declared, others), hosts]
    fine_config = compiled(fine, OPTIONS, isolate=True).config
    result = compiled([*fine, *tried], OPTIONS, isolate=True)
    assert fine_config is not None
    assert result.config is not None
    asked = list(servers_of(fine_config).values())
    escaped = {}
    for name, tree in servers_of(result.config).items():
        more = [way for way in unasked(tree, asked) if way not in SILENCED]
        if more:
            escaped[name] = more
    more_around = new_ways(around(result.config), around(fine_config)) - SIZED
    refused = {
        item.origin.object.name
        for item in result.diagnostics
        if item.origin.object and item.severity is not Severity.NOTE
    }
    counts = Counter("refused" if i["metadata"]["name"] in refused else "compiled" for i in tried)
    record_property(
        "hostile",
        {**counts, "cases": len(tried), "unasked": len(escaped) + len(more_around)},
    )
    assert not escaped
    assert not more_around
    for config in (fine_config, result.config):
        assert room_asked(config) == room_needed(config)


def new_ways(found: Tree, asked: Tree) -> set[str]:
    return set(found) - set(asked)
