"""The proof of Prefix paths that are regexes: which paths a location takes, and as which route."""

from __future__ import annotations

import random
from functools import cache

import pytest

import ingc
from ingc import ir
from ingc.model.locations import find, read_level
from ingc.model.tree import Statement
from ingc.prove import Proofs
from ingc.prove.flat import NotFlat
from ingc.prove.prefixes import without_prefix_regexes
from ingc.syntax.regex.paths import escaped
from tests.objects import exact, ingress, prefix, rule
from tests.prove.test_shortcuts import prove

PATHS = (
    *(prefix("/a", "web"), prefix("/a/b", "api"), prefix("/a/b/c", "web"), prefix("/d", "web")),
    *(exact("/d", "api"), prefix("/e", "web"), prefix("/e/f", "web")),
)


@cache
def compiled() -> tuple[str, ir.Config]:
    """Return pairs of hosts with paths that lie below one another."""
    objects = [ingress(name, rule(f"{name}.test", *PATHS)) for name in ("a", "b")]
    below = prefix("/e", "web"), prefix("/e/f", "web")
    objects += [ingress(name, rule(f"{name}.test", *below)) for name in ("c", "d")]
    result = ingc.compile(objects, ingc.Options(layout="prefix-regexes"))
    assert result.config is not None, result.errors
    assert result.ir is not None
    return result.config, result.ir


FAULTS = {
    "a path goes before one below it": (">/e/f|/e)", ">/e|/e/f)"),
    "another end": ("^/a/b(?:/|\\\\z)", "^/a/b(?:/|$)"),
    "no end": ("^/a/b(?:/|\\\\z)", "^/a/b"),
    "another case": ('location ~ "^/a/b', 'location ~* "^/a/b'),
    "another path": ('location ~ "^/a/b', 'location ~ "^/a/x'),
    "a path less": ("|/e/f)", "|/e/g)"),
    "another name of a path": ("/a/b/c paths[2]", "/a/b/c paths[5]"),
    "no name of a path": ("/a/b/c paths[2];", ""),
    "a name by what is sent": ("map $ingc_path ", "map $uri "),
    "a plain location beside": ("location / {", "location /e/ { return 404; }\nlocation / {"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("warm", [False, True])
def test_a_fault_in_a_regex_of_paths_is_found(fault: str, warm: bool) -> None:
    text, config = compiled()
    old, new = FAULTS[fault]
    assert old in text, text
    proofs = Proofs()
    assert not prove(text, config, proofs if warm else Proofs())
    proofs.end_compile()
    assert prove(text.replace(old, new), config, proofs)
    begin = text.rindex(old)
    only_last = text[:begin] + text[begin:].replace(old, new, 1)
    assert prove(only_last, config, proofs)


def test_whole_compiles_agree_with_plain_ones() -> None:
    text, _ = compiled()
    assert text.count("location ~ ") == 10
    assert "location = /a" not in text


ELEMENTS = ("a", "b", "a.b", "A", "|", "x y", "\\", "é")


def test_regexes_take_what_plain_locations_take() -> None:
    chance = random.Random(3)  # noqa: S311 - it has to be the same again
    seen = 0
    for _ in range(600):
        paths = ["".join(f"/{item}" for item in some(chance)) for _ in range(6)]
        level = read_level(server(chance, paths))
        try:
            flat = without_prefix_regexes(level)
        except NotFlat:
            continue
        seen += 1
        assert not flat.regexes
        for path in (*paths, "/", "/q"):
            for end in ("", "/", "/x", "x", "\n", "/\n"):
                uri = (path + end).encode()
                one, other = find(level, uri).location, find(flat, uri).location
                assert one is other, (uri, [item.args for _, item in level.regexes])
                assert find(level, uri).redirect == find(flat, uri).redirect
    assert seen > 50


def some(chance: random.Random) -> list[str]:
    """Return a few elements of a path."""
    return chance.choices(ELEMENTS, k=chance.randint(1, 3))


def server(chance: random.Random, paths: list[str]) -> Statement:
    """Return a server that takes some paths by regexes, in some order, and some exactly."""
    locations = [("/",)]
    while paths:
        group, paths = paths[:2], paths[2:]
        texts = "|".join(map(escaped, group))
        opening = chance.choice(("(?:", "(?<ingc_path>"))
        locations.append(("~", rf"^{opening}{texts})(?:/|\z)"))
        if chance.random() < 0.3:
            locations += [("=", group[0]), ("~", rf"^{escaped(group[0])}/")]
        if chance.random() < 0.2:
            locations.append(("=", f"{group[-1]}/"))
    answer = Statement("proxy_pass", ("http://web",), 0)
    block = tuple(Statement("location", item, 0, (answer,)) for item in locations)
    return Statement("server", (), 0, block)
