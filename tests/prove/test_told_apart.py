"""A frame that looks for a host's name is refused, at whichever of many hosts that are alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

import ingc
from ingc import ir
from ingc.compiler import print_config
from ingc.plan.layout import Directive, Layout, Literal, Map, Server, directive
from ingc.syntax.text import Text, Variable
from tests.engine.broken import broken_frames
from tests.objects import annotated, config_map, ingress, prefix, rule, service, tls

OPTIONS = ingc.Options(
    default_ssl_certificate="/c,/k",
    nginx_version="1.22",
    allow_snippets=("*",),
    configmap="default/conf",
)
MINE = "map $host $mine { a1.test 1; default 0; }"
ASKED = "if ($host = a1.test) { return 403; }"
MOVED = {
    **annotated(permanent_redirect="https://new.test/"),
    "nginx.ingress.kubernetes.io/server-snippet": ASKED,
}


def compiled(data: dict[str, str], annotations: dict[str, str]) -> ir.Config:
    objects = [
        *(ingress(f"a{n}", rule(f"a{n}.test", prefix("/", f"s{n}")), annotations=annotations,
                  tls=[tls(f"a{n}.test")] if not annotations else [])
          for n in range(3)),
        *(service(f"s{n}", {"port": 80}, clusterIP=f"10.1.0.{n + 1}") for n in range(3)),
        config_map("conf", data),
    ]  # fmt: skip
    result = ingc.compile(objects, OPTIONS)
    assert result.ok, result.errors
    assert result.ir is not None
    return result.ir


def mapped(frame: Layout, source: Any, *entries: tuple[Any, Any]) -> Layout:
    """Return a frame in which a header of all backends is what a map gives."""
    made = Variable("ingc_planted")
    maps = (*frame.maps, Map(source, made, (*entries, ("default", Variable("remote_addr")))))
    header = ("X-Real-IP", Variable("remote_addr"))
    http = tuple(
        dataclasses.replace(
            group,
            directives=tuple(
                directive("proxy_set_header", "X-Real-IP", made) if item.args == header else item
                for item in group.directives
            ),
        )
        for group in frame.http
    )
    assert http != frame.http
    return dataclasses.replace(frame, http=http, maps=maps)


HOST = Variable("host")


def by_a_map(key: Any, source: Any = HOST) -> Callable[[Layout], Layout]:
    return lambda frame: mapped(frame, source, (key, "192.0.2.1"))


def by_a_map_of_a_map(frame: Layout) -> Layout:
    name = Variable("server_name")
    inner = Map(name, Variable("ingc_between"), (("default", name),))
    whole = dataclasses.replace(frame, maps=(*frame.maps, inner))
    return by_a_map("a1.test", Variable("ingc_between"))(whole)


def by_a_condition(frame: Layout) -> Layout:
    asked = Directive("if", (Variable("host"), "=", "a1.test"), block=(directive("return", 403),))

    def broken(server: Server) -> Server:
        if Literal("a1.test") not in [item.args[0] for item in server.directives]:
            return server
        return dataclasses.replace(server, directives=(*server.directives, asked))

    servers = tuple(map(broken, frame.servers))
    assert servers != frame.servers
    return dataclasses.replace(frame, servers=servers)


PLANTED: dict[str, Callable[[Layout], Layout]] = {
    "a map": by_a_map("a1.test"),
    "a regex": by_a_map(Literal(r"~^a1\.test$")),
    "a part of a text": by_a_map("http a1.test", Text((Variable("scheme"), " ", Variable("host")))),
    "a map of a map": by_a_map_of_a_map,
    "a condition": by_a_condition,
}


@pytest.mark.parametrize("what", PLANTED)
def test_nothing_looks_for_the_name_of_a_host(what: str) -> None:
    config = compiled({}, {})
    assert print_config(config)[2] is None
    with broken_frames(PLANTED[what]):
        unproved = print_config(config)[2]
    assert "by the name of a host" in str(unproved)


@pytest.mark.parametrize(
    "data", [{}, {"http-snippet": MINE, "server-snippet": "if ($mine) { return 403; }"}]
)
@pytest.mark.parametrize("annotations", [{}, MOVED])
def test_what_operators_and_authors_request_may(
    data: dict[str, str], annotations: dict[str, str]
) -> None:
    assert print_config(compiled(data, annotations))[2] is None
