"""The proof of regexes in groups: each has every regex that may match what it takes, in order."""

from __future__ import annotations

import random
from functools import cache

import pytest

import ingc
from ingc import ir
from ingc.model.locations import find, read_level
from ingc.model.tree import Statement
from ingc.plan.layout import Comment, Literal, Location, Server, directive
from ingc.plan.passes.around import Around
from ingc.plan.passes.maps_of_names import MapsOfNames
from ingc.plan.passes.regex_groups import group_regexes
from ingc.prove import Proofs
from ingc.prove.flat import NotFlat
from ingc.prove.groups import flattened
from ingc.prove.shape import blocks_of
from ingc.syntax.regex.paths import beginnings
from tests.objects import annotated, ingress, prefix, rule, specific
from tests.prove.test_shortcuts import prove

PATHS = (*(f"/s{number}(/|$)(.*)" for number in range(26)), "/s[0-9]*x", "/t/.*")


@cache
def compiled() -> tuple[str, ir.Config]:
    """Return a host of regexes with two Services, and another host."""
    paths = [specific(text, "web") for text in PATHS]
    asked = ingress("web", rule("a.test", *paths), annotations=annotated(use_regex="true"))
    other = ingress("other", rule("b.test", prefix("/", "other")))
    result = ingc.compile([asked, other], ingc.Options(layout="compact"))
    assert result.config is not None, result.errors
    assert result.ir is not None
    assert "^~" in result.config
    return result.config, result.ir


def nested(at: int) -> str:
    """Return the text of one of the locations in others."""
    return (
        f'            location ~* "^{PATHS[at]}" {{\n'
        f'                set $ingc_route "default/web spec.rules[0].http.paths[{at}]";\n'
        "                proxy_pass http://default_web_80;\n            }\n"
    ).replace('"^/s[0-9]*x"', "^/s[0-9]*x")


OTHER = nested(26).replace("default_web_80", "default_other_80")
FAULTS = {
    "a regex less": (nested(26), ""),
    "a regex less in all": (nested(25), ""),
    "another Service in one": (nested(26), OTHER),
    "regexes beside a group": ("location ^~ /s25/", "location /s25/"),
    "a guard of one case": ("location ~* ^/s2[0-9]* {", "location ~ ^/s2 {"),
    "a group takes another beginning": ("location ^~ /s25/", "location ^~ /s"),
    "the rest is something else": ("return 404;\n\n", "return 403;\n\n"),
    "what regexes inherit": ("return 404;\n\n", "return 404;\n            deny all;\n\n"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_group_is_found(fault: str) -> None:
    text, config = compiled()
    assert prove(text, config, Proofs()) == []
    old, new = FAULTS[fault]
    begin = text.index("# a.test")
    if fault == "a guard of one case":
        old = next(line.strip() for line in text[begin:].splitlines() if "location ~* ^/s" in line)
        new = old.replace("~*", "~")
    assert old in text[begin:], text[begin : begin + 2000]
    limit = -1 if fault.endswith("all") else 1
    assert prove(text[:begin] + text[begin:].replace(old, new, limit), config, Proofs())


def test_two_regexes_in_another_order_are_found() -> None:
    text, config = compiled()
    first, second = nested(25), nested(26)
    place = text.index(first)
    between = text[place + len(first) : text.index(second, place)]
    swapped = text.replace(first + between + second, second + between + first, 1)
    assert swapped != text
    assert prove(swapped, config, Proofs())


def test_no_location_stands_in_another_where_paths_are_no_regexes() -> None:
    text, config = compiled()
    inner = "location / {\n            location ~ ^/x { return 404; }\n"
    begin = text.index("# b.test")
    changed = text[:begin] + text[begin:].replace("location / {\n", inner, 1)
    assert changed != text
    assert prove(changed, config, Proofs())


BEGINNINGS = {
    "^/Api(/|$)(.*)": (b"/api/", b"/api\0", b"/api\n"),
    r"^/a\z": (b"/a\0", b"/a\n"),
    r"^/a(?:/|\z)": (b"/a/", b"/a\0", b"/a\n"),
    "^/a?b": (b"/",),
    "^/ab*": (b"/a",),
    "^/a|/b": (b"",),
    "/a": (b"",),
    "^/a(b|c)": (b"/a",),
    "^(?=/a/)/a/[0-9]": (b"/a/",),
    r"^/a\.b": (b"/a.b",),
    "^/é": ("/é".encode(),),
    "^/a(/|$)?b": (b"/a",),
}


@pytest.mark.parametrize("regex", BEGINNINGS)
def test_what_a_regex_begins_with(regex: str) -> None:
    found = beginnings(regex)
    assert set(found) == set(BEGINNINGS[regex])


HEADS = (".*", "/", "/a", "/A", "/ab", "/ab/", "/b", "/a.", "/abc/d", "/é")
TAILS = ("", "(/|$)", "$", "(/|$)(.*)", "[0-9]", ".*", "?", "+", "x", "/y", "|/b")
ENDS = (b"", b"/", b"x", b"1", b"/y", b"\n", b"b", b".", b"a", b"?")


def test_groups_take_what_all_regexes_one_after_the_other_take() -> None:
    chance = random.Random(5)  # noqa: S311 - it has to be the same again
    grouped = 0
    for _ in range(150):
        heads = [*HEADS, *(f"/a{number}" for number in range(30))]
        names = dict.fromkeys(
            f"^{chance.choice(heads[2 if chance.random() < 0.9 else 0 :])}{chance.choice(TAILS)}"
            for _ in range(chance.randint(26, 60))
        )
        server = server_of(list(names))
        (made,) = group_regexes((server,), Around(frozenset(), MapsOfNames()))
        flat, level = read_level(statement_of(server)), read_level(statement_of(made))
        grouped += made != server
        order = [("~*", name) for name in names]
        again = flattened(level, order)
        assert [item.args for _, item in again.regexes] == order
        for _ in range(200):
            begins = chance.choice(heads).encode()
            uri = (begins if begins[:1] == b"/" else b"/") + b"".join(chance.choices(ENDS, k=2))
            uri = uri.swapcase() if chance.random() < 0.3 else uri
            one, other = find(flat, uri).location, find(level, uri).location
            assert one is not None
            assert other is not None
            assert own(one) == own(other), (uri, list(names))
    assert grouped > 20


def own(location: Statement) -> list[tuple[str, ...]]:
    """Return what a location does by itself."""
    return [item.args for item in location.block or () if item.name != "location"]


def server_of(names: list[str]) -> Server:
    """Return a server of regexes, each with a status of its own."""
    regexes = [
        Location(Comment("a regex"), "~*", Literal(name), (directive("return", 200 + at),))
        for at, name in enumerate(names)
    ]
    rest = Location(Comment("the rest"), "", Literal("/"), (directive("return", 404),))
    return Server(Comment("a.test"), (), (*regexes, rest))


def statement_of(server: Server) -> Statement:
    """Return a server as it is read."""
    layout = ingc.plan.Layout(False, (), (), (), (), (), (server,))
    return made_of(next(blocks_of(layout)))


def made_of(content: tuple[str, tuple[str, ...], object]) -> Statement:
    """Return a statement of what it has."""
    name, args, block = content
    inner = None if block is None else tuple(map(made_of, block))  # type: ignore[arg-type]
    return Statement(name, args, 0, inner)


def test_a_group_that_lacks_a_regex_is_not_flat() -> None:
    names = [f"^/a{number}" for number in range(30)]
    (made,) = group_regexes((server_of(names),), Around(frozenset(), MapsOfNames()))
    with pytest.raises(NotFlat, match="is missing"):
        flattened(read_level(statement_of(made)), [("~*", name) for name in (*names, "^/a1(x|y)")])


def test_a_regex_that_does_something_else_in_one_group_is_not_flat() -> None:
    names = [f"^/a{number}(/|$)" for number in range(30)]
    (made,) = group_regexes((server_of(names),), Around(frozenset(), MapsOfNames()))
    changed = tuple(map(changed_in_groups, made.locations))
    assert changed != made.locations
    server = statement_of(Server(made.title, made.directives, changed))
    with pytest.raises(NotFlat, match="is not the same in each group"):
        flattened(read_level(server), [("~*", name) for name in names])


def changed_in_groups(location: Location) -> Location:
    """Return a location ``^~`` with other answers of its regexes, and any other as it is."""
    if location.modifier != "^~":
        return location
    inner = tuple(
        Location(item.origin, item.modifier, item.name, (directive("return", 503),))
        for item in location.locations
    )
    return Location(location.origin, location.modifier, location.name, location.directives, inner)
