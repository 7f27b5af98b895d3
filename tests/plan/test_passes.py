"""The passes of a layout: each by itself, and none where nothing asks for it."""

from __future__ import annotations

import re

import pytest

import ingc
from ingc.option_values import LAYOUT_PASSES
from ingc.plan.passes.table import PASSES
from tests.objects import annotated, exact, ingress, prefix, rule, specific

OBJECTS = [
    ingress("a", rule("a.test", prefix("/x", "web"), prefix("/y", "web"), exact("/z", "web"))),
    ingress("b", rule("b.test", prefix("/x", "web"), prefix("/y", "web"), exact("/z", "web"))),
    *(ingress(f"w{at}", rule(f"*.w{at}.test", prefix("/x", f"w{at}"))) for at in range(9)),
    ingress(
        "r",
        rule("r.test", *(specific(f"/s{number}(/|$)(.*)", "web") for number in range(30))),
        annotations=annotated(use_regex="true"),
    ),
]
SIGNS = {
    "prefix-regexes": r'location ~ "?\^\(\?<ingc_path>/x\|/y\)',
    "regex-groups": r"location \^~ /s1/",
    "plain-wildcards": r"server_name \*\.w1\.test;",
    "shared-servers": "server_name a.test;\n        server_name b.test;",
}


def text_of(**options: str) -> str:
    """Compile the objects."""
    text = ingc.compile(OBJECTS, ingc.Options(**options)).config  # type: ignore[arg-type]
    assert text is not None
    return text


def test_each_pass_has_a_name_and_each_name_a_pass() -> None:
    assert tuple(PASSES) == LAYOUT_PASSES == tuple(SIGNS)


@pytest.mark.parametrize("layout", [*LAYOUT_PASSES, "shared-servers,prefix-regexes"])
def test_a_pass_does_its_own_and_nothing_else(layout: str) -> None:
    text = text_of(layout=layout)
    done = {name for name, sign in SIGNS.items() if re.search(sign, text)}
    assert done == set(layout.split(","))


def test_compact_is_all_of_them_and_readable_none() -> None:
    assert text_of(layout="compact") == text_of(layout=",".join(LAYOUT_PASSES))
    assert text_of(layout="readable") == text_of()
    assert all(re.search(sign, text_of(layout="compact")) for sign in SIGNS.values())
    assert not any(re.search(sign, text_of()) for sign in SIGNS.values())


def test_nothing_is_named_by_a_map_where_nobody_reads_names() -> None:
    text = text_of(layout="compact", access_log="off")
    assert "ingc_names" not in text
    assert "ingc_path" not in text
    assert "ingc_names" in text_of(layout="compact")


def test_long_names_get_room_in_the_maps() -> None:
    hosts = [f"{'x' * 60}{number}.test" for number in range(3)]
    objects = [ingress(f"n{at}", rule(host, prefix("/", "web"))) for at, host in enumerate(hosts)]
    text = ingc.compile(objects, ingc.Options(layout="compact")).config
    assert text is not None
    assert text.count("    server {\n") == 2
    fragment = ingc.compile(objects, ingc.Options(layout="compact", fragment=True))
    assert fragment.ok, fragment.errors
