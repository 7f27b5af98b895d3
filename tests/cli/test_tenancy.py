"""Hosts that namespaces share, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import inside
from tests.objects import annotated, ingress, prefix, rule

INPUT = [
    ingress("web", rule("a.test", prefix("/", "web")), namespace="shop"),
    ingress(
        "blog",
        rule("a.test", prefix("/b", "web")),
        rule(None, prefix("/", "web")),
        namespace="blog",
        annotations=annotated(app_root="/b"),
    ),
]
RESOLVER = ("--resolver", "10.0.0.10")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    items = {"apiVersion": "v1", "kind": "List", "items": INPUT}
    (tmp_path / "all.json").write_text(json.dumps(items), encoding="utf-8")
    return tmp_path


def test_the_owner_is_named_and_what_others_do_not_get(here: Path) -> None:
    done = inside(
        "check", "all.json", "--tenancy", *RESOLVER, "--host-owner", "a.test=shop", cwd=here
    )
    assert done.code == 0
    assert (
        done.out
        == "a.test  belongs to shop, shared with blog\n  blog/blog: app-root has no effect\n"
    )
    assert "ING241" in done.err
    assert "ING240" not in done.err


def test_without_a_timestamp_the_first_by_name_is_the_owner(here: Path) -> None:
    done = inside("check", "all.json", "--tenancy", "--trust-namespaces", *RESOLVER, cwd=here)
    assert done.out == "a.test  belongs to blog, shared with shop\n  nothing changes\n"
    assert "--host-owner a.test=blog" in done.err


def test_options_of_the_file(here: Path) -> None:
    text = 'resolver = "10.0.0.10"\n[host-owner]\n"a.test" = "shop"\n"*" = "blog"\n'
    (here / "ingc.toml").write_text(text, encoding="utf-8")
    done = inside("check", "all.json", "--tenancy", cwd=here)
    assert done.out.startswith("a.test  belongs to shop")
    (here / "ingc.toml").write_text("trust-namespaces = true\n", encoding="utf-8")
    assert "ING24" not in inside("check", "all.json", *RESOLVER, cwd=here).err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host-owner", "a.test"],
        ["--host-owner", "a.test=Not a name"],
        ["--host-owner", "a_b=shop"],
        ["--host-owner", "=shop"],
        ["--host-owner", "a.test=shop", "--trust-namespaces"],
        ["--tenancy", "--format", "json"],
    ],
)
def test_what_makes_no_sense(here: Path, arguments: list[str]) -> None:
    assert inside("check", "all.json", *arguments, cwd=here).code == 2
