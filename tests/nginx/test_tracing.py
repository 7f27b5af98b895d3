"""Which requests get a span: by real nginx's own maps, and by its module where that is at hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import ingc
from ingc.nginx import Nginx
from tests.nginx.bare import Talk, bare
from tests.nginx.harness import serving, version_of
from tests.nginx.modules import with_module
from tests.nginx.settings import NAME, config_map
from tests.nginx.wire import get
from tests.objects import ingress, prefix, rule

PREFIX = "nginx.ingress.kubernetes.io/"
WEB = ingress("web", rule("a.test", prefix("/", "web")))
COLLECTOR = {"enable-opentelemetry": "true", "otlp-collector-host": "127.0.0.1"}
_SAMPLER = re.compile(
    r"^    (?:map|split_clients) \S+ \$ingc_otel_\w+ \{\n.*?^    \}\n", re.M | re.S
)
_TRACED = re.compile(r"^ +otel_trace (\S+);$", re.M)


@contextmanager
def sampling(nginx: Nginx, **keys: str) -> Iterator[Talk]:
    """Answer with what decides about a span; headers stand for the module's variables."""
    data = {**COLLECTOR, **{key.replace("_", "-"): value for key, value in keys.items()}}
    options = ingc.Options(
        configmap=NAME,
        with_module=("opentelemetry",),
        nginx_version=version_of(nginx),
        resolve_at_start=("*",),
    )
    text = ingc.compile([WEB, config_map("settings", data)], options).config or ""
    traced = _TRACED.search(text)
    assert traced is not None
    variables = "".join(
        f"    map $http_x_{name} $otel_{name} {{ default $http_x_{name}; }}\n"
        for name in ("trace_id", "parent_id", "parent_sampled")
    )
    maps = "".join(_SAMPLER.findall(text))
    server = f'    server {{ LISTEN location / {{ return 200 "{traced[1]}"; }} }}\n'
    with bare(nginx, variables + maps + server) as socket, Talk(socket) as talk:
        yield talk


def decision(talk: Talk, **variables: object) -> bool:
    """Return whether nginx's module would sample a request with these variables."""
    headers = [f"X-{name.replace('_', '-')}: {value}".encode() for name, value in variables.items()]
    return talk.ask(get("/", "a.test", *headers)).body in (b"on", b"1")


def test_a_parent_decides_and_else_the_sampler(nginx: Nginx) -> None:
    for sampler, own in (("AlwaysOn", True), ("AlwaysOff", False)):
        with sampling(nginx, otel_sampler=sampler) as talk:
            assert decision(talk, trace_id="a") is own
            assert decision(talk, trace_id="a", parent_id="b", parent_sampled=1) is True
            assert decision(talk, trace_id="a", parent_id="b", parent_sampled=0) is False
        with sampling(nginx, otel_sampler=sampler, otel_sampler_parent_based="false") as talk:
            assert decision(talk, trace_id="a", parent_id="b", parent_sampled=1) is own
            assert decision(talk, trace_id="a", parent_id="b", parent_sampled=0) is own


@pytest.mark.parametrize(("ratio", "least", "most"), [("0.1", 60, 140), ("0.9", 860, 940)])
def test_a_ratio_takes_its_share(nginx: Nginx, ratio: str, least: int, most: int) -> None:
    keys = {"otel_sampler": "TraceIdRatioBased", "otel_sampler_ratio": ratio}
    with sampling(nginx, **keys) as talk:
        taken = sum(decision(talk, trace_id=f"{number:032x}") for number in range(1000))
        assert least <= taken <= most
        assert decision(talk, trace_id="a", parent_id="b", parent_sampled=1)
    for whole, own in (("1", True), ("0", False)):
        with sampling(nginx, otel_sampler="TraceIdRatioBased", otel_sampler_ratio=whole) as talk:
            assert decision(talk, trace_id="a") is own


def test_backends_get_the_span(nginx: Nginx) -> None:
    """A context that is not trusted is replaced; one that is trusted keeps its trace."""
    own = {f"{PREFIX}opentelemetry-trust-incoming-span": "false"}
    off = {f"{PREFIX}enable-opentelemetry": "false"}
    wary = ingress("wary", rule("b.test", prefix("/", "wary")), annotations=own)
    out = ingress("out", rule("c.test", prefix("/", "out")), annotations=off)
    given: dict[str, Any] = {"configmap": NAME, "with_module": with_module(nginx, "opentelemetry")}
    trace = "0af7651916cd43dd8448eb211c80319c"
    sent = f"traceparent: 00-{trace}-b7ad6b7169203331-01".encode()
    objects = [WEB, wary, out, config_map("settings", COLLECTOR)]
    with serving(nginx, objects, **given) as site:

        def told(host: str) -> str:
            headers = site.received(host, "/", sent)["headers"]
            return next((value for name, value in headers if name.lower() == "traceparent"), "")

        assert trace in told("a.test")
        assert told("a.test").encode() not in sent
        assert told("b.test")
        assert trace not in told("b.test")
        assert told("c.test").encode() in sent
