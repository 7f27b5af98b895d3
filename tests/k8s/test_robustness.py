"""Whatever stands in an object: `ingc.compile` does not raise, and what it gives is proved."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import ingc
from ingc.diagnostics.render.text import render_text
from ingc.ir import ANY_HOST, Config, Host, Proxy, Upstream
from tests.k8s.everything import APART, FIRST, NOW, OLD, OTHERS
from tests.k8s.mutations import mutations
from tests.objects import backend, path, rule
from tests.shop import ingress

SLOW = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
OPTIONS = st.sampled_from(
    [
        ingc.Options(now=NOW, resolve_at_start=("*",)),
        ingc.Options(now=NOW, backends="cluster-ip", access_log="off", nginx_version="1.22"),
        ingc.Options(now=NOW, backends="dns", resolver=("10.0.0.1",), strict=True),
        ingc.Options(now=NOW, backends="endpoints", ingress_class=("*",), fragment=True),
        ingc.Options(now=NOW, backends="pods", resolve_at_start=("*",)),
        ingc.Options(now=NOW, backends="node-port", resolve_at_start=("*",)),
        ingc.Options(now=NOW, backends="host-port", resolve_at_start=("*",)),
        ingc.Options(now=NOW, backends="load-balancer", resolve_at_start=("*",)),
        ingc.Options(now=NOW, backends="external-ips", resolve_at_start=("*",)),
        ingc.Options(
            now=NOW,
            default_ssl_certificate="shop/a-tls",
            default_backend_service="shop/web",
            resolve_at_start=("*",),
            partial=True,
        ),
    ]
)


@SLOW
@given(mutations([FIRST, OLD, *OTHERS]), OPTIONS)
def test_nothing_in_an_object_makes_it_raise(objects: list[Any], options: ingc.Options) -> None:
    failing = ingc.compile(copy.deepcopy(objects), options)
    isolated = ingc.compile(objects, options, on_error="isolate")
    assert failing.ok == (not failing.errors)
    assert (failing.config is not None) == failing.ok
    assert failing.ok or not failing.files
    # The proof has held the text against the layout; an ING9xx would say that it failed.
    assert isolated.ok
    assert isolated.config
    assert not [d for d in isolated.diagnostics if d.code.startswith("ING9")]
    assert [d.code for d in isolated.diagnostics] == [d.code for d in failing.diagnostics]
    render_text(isolated.diagnostics, color=False).encode()
    for result in (failing, isolated):
        if result.ir is not None:
            assert result.match("a.test", "/cart", scheme="https").host is not None
            assert result.routes or result.errors


@SLOW
@given(mutations(FIRST))
def test_a_bad_ingress_takes_nothing_from_the_others(first: Any) -> None:
    """With ``isolate`` the other Ingresses are served as if the bad one were not there."""
    result = ingc.compile([first, *OTHERS, *APART], on_error="isolate")
    assume(result.errors)
    for name in ("b.test", ANY_HOST):
        found, expected = _served(result.ir, name), _served(ALONE.ir, name)
        assert found == expected, name


ALONE = ingc.compile([*OTHERS, *APART])


def _served(config: Config | None, name: str) -> tuple[Host, list[Upstream]]:
    assert config is not None
    host = next(host for host in config.hosts if host.name == name)
    used = {r.action.upstream for r in (*host.routes, host.default) if isinstance(r.action, Proxy)}
    return host, [upstream for upstream in config.upstreams if upstream.name in used]


def test_the_objects_are_valid_as_they_are() -> None:
    result = ingc.compile([FIRST, OLD, *OTHERS, *APART], ingc.Options(now=NOW))
    assert result.ok
    assert {d.code for d in result.diagnostics} == {
        "ING105",
        "ING310",
        "ING324",
        "ING507",
    }


@pytest.mark.parametrize("length", [253, 4090, 4093, 4094, 4095, 4096, 5000])
@pytest.mark.parametrize("char", ["a", "é", "\\", '"', " ", "'\""])
@pytest.mark.parametrize("path_type", ["Exact", "Prefix"])
def test_long_paths(length: int, char: str, path_type: str) -> None:
    """At every length a path is compiled or refused, whatever it becomes as a token."""
    text = ("/" + char * length).encode()[:length].decode("utf-8", "ignore")
    asked = ingress("web", rule(None, path(text, "web", path_type)))
    result = ingc.compile([asked])
    assert result.ok or [d.code for d in result.errors] == ["ING208"]
    assert result.ok == (length == 253) or length > 2000


def test_numbers_that_python_does_not_print() -> None:
    huge = 10**5000
    annotations: Any = {"a": huge}
    asked = ingress("web", default=backend("web", huge), annotations=annotations)
    codes = [d.code for d in ingc.compile([asked]).errors if d.message and d.help]
    assert codes == ["ING102", "ING305"]


def test_keys_that_are_no_strings() -> None:
    annotations: Any = {7: "a", None: "b", "c": "d"}
    asked: Any = ingress("web", rule(None), annotations=annotations)
    asked["metadata"]["labels"] = {(): 1}
    asked[9] = None
    assert [d.code for d in ingc.compile([asked]).errors] == ["ING013"] * 3


def test_what_is_no_object_at_all() -> None:
    objects: list[Any] = [
        None,
        7,
        "text",
        [],
        {},
        {"kind": {}},
        {"kind": "Ingress", "apiVersion": []},
    ]
    codes = [d.code for d in ingc.compile(objects).errors]
    assert sorted(codes) == ["ING017"] * 4 + ["ING102"] * 2 + ["ING108"]


def test_objects_that_hold_themselves() -> None:
    endless: Any = ingress("web", rule("a.test"))
    endless["status"] = endless
    other: Any = ingress("web", rule("a.test"))
    other["status"] = other
    assert ingc.compile([endless]).ok
    assert [d.code for d in ingc.compile([endless, other]).errors] == ["ING104"]
