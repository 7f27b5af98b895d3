"""An input with a feature and the same one without it, and what becomes of requests to each."""

from __future__ import annotations

import dataclasses
from functools import cache
from unittest import mock

from ingc import compiler, ir
from ingc.emit import render
from ingc.frontend.intent import Intent
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.features.card import (
    HostFeature,
    Kind,
    RouteFeature,
    UpstreamFeature,
    column_of,
)
from ingc.ir.features.external_auth import ExternalAuth, SignIn
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.protocols import BackendProtocol, FastCgi
from ingc.ir.modules import Exporter
from ingc.ir.stream import InnerPorts
from ingc.match import Oracle
from ingc.plan import plan
from tests.features import HOST_EXAMPLES, ROUTE_EXAMPLES, UPSTREAM, UPSTREAM_EXAMPLES
from tests.golden.case import ROOT, Case
from tests.match.by_hand import config_of, host, route

Feature = RouteFeature | HostFeature | UpstreamFeature
EXAMPLES: dict[Kind, Feature] = {
    type(item): item for item in (*ROUTE_EXAMPLES, *HOST_EXAMPLES, *UPSTREAM_EXAMPLES)
}
_AUTH = next(item for item in ROUTE_EXAMPLES if isinstance(item, ExternalAuth))
_BESIDE: dict[Kind, tuple[RouteFeature, ...]] = {
    BackendTls: (BackendProtocol("HTTPS"),),
    FastCgi: (BackendProtocol("FCGI"),),
    SignIn: (_AUTH,),
}
"""What a feature needs beside it to have an effect."""
_OWN = "default_s0_80"
"""The upstream of the route that has the feature."""

PROBES = tuple(
    (name, target, scheme, method)
    for name in ("a.test", "b.test", "www.a.test")
    for target in ("/", "/x")
    for scheme in ("http", "https")
    for method in ("GET", "OPTIONS")
)
"""The requests that an input gets with and without a feature."""


def config_with(kind: Kind, example: Feature | None) -> ir.Config:
    """Return an IR of one host, whose route, host or upstream has the example or has it not."""
    own = route(ir.Prefix("/"), "s0")
    given = (example,) if isinstance(example, RouteFeature) else ()
    own = dataclasses.replace(own, features=(*_BESIDE.get(kind, ()), *given))
    https = ir.Https(ir.Certificate("c", "k"), redirect=False)
    on_host = (example,) if isinstance(example, HostFeature) else ()
    site = dataclasses.replace(host("a.test", own), https=https, features=on_host)
    made = config_of([site, host("other.test", route(ir.Prefix("/"), "c"))])
    assert {_OWN, UPSTREAM} <= {item.name for item in made.upstreams}
    policies = dataclasses.replace(made.settings.policies, exporter=Exporter("otel.test:4317"))
    settings = dataclasses.replace(made.settings, echo=False, policies=policies)
    made = dataclasses.replace(made, settings=settings)
    if isinstance(example, UpstreamFeature):
        return _of_upstream(made, example)
    return _passed(made, example) if isinstance(example, Passthrough) else made


def _of_upstream(config: ir.Config, example: UpstreamFeature) -> ir.Config:
    upstreams = (
        dataclasses.replace(item, features=(example,)) if item.name == _OWN else item
        for item in config.upstreams
    )
    return dataclasses.replace(config, upstreams=tuple(upstreams))


def _passed(config: ir.Config, example: Passthrough) -> ir.Config:
    """Return what resolve makes of it: no https of nginx's own, ports inside, an upstream."""
    hosts = (
        dataclasses.replace(item, https=None) if item.name == "a.test" else item
        for item in config.hosts
    )
    assert example.upstream is not None
    passed = dataclasses.replace(config.upstreams[0], name=example.upstream)
    return dataclasses.replace(
        config,
        hosts=tuple(hosts),
        settings=dataclasses.replace(config.settings, inner_ports=InnerPorts(442, 441)),
        stream=dataclasses.replace(ir.Stream(), upstreams=(passed,)),
    )


def pair_of(kind: Kind) -> tuple[ir.Config, ir.Config]:
    """Return the input with the example of a feature, and without it."""
    return config_with(kind, EXAMPLES[kind]), config_with(kind, None)


@cache
def text_of(config: ir.Config) -> str:
    """Return the nginx.conf of an IR."""
    return render(plan(config))


def answers(config: ir.Config) -> list[object]:
    """Return what becomes of each probe."""
    oracle = Oracle(config)
    found: list[object] = []
    for name, target, scheme, method in PROBES:
        match = oracle.match(name, target, scheme=scheme, method=method)
        server = match.host.name if match.host else None
        found.append((match.status, match.upstream, match.redirect, match.upstream_uri, server))
        found.append(match.alternatives)
    return found


def targets(config: ir.Config) -> list[object]:
    """Return which upstream gets what target, for the probes of names that both inputs have."""
    oracle = Oracle(config)
    asked = [probe for probe in PROBES if probe[0] == "a.test"]
    matches = [oracle.match(name, t, scheme=s, method=m) for name, t, s, m in asked]
    return [(item.upstream, item.alternatives, item.upstream_uri) for item in matches]


@cache
def goldens_with(column: str) -> dict[Kind, tuple[str, ...]]:
    """Return the golden cases of a column by the features that fire in them.

    A feature fires where the IR has it, or an Ingress asks for it as it is.
    """
    found: dict[Kind, list[str]] = {}
    for path in sorted((ROOT / column).glob("*/case.toml")):
        case = Case(path.parent)
        for kind in _fired(case):
            found.setdefault(kind, []).append(case.name)
    return {kind: tuple(names) for kind, names in found.items()}


def _fired(case: Case) -> set[Kind]:
    read: list[Intent] = []

    def recorded(*given: object) -> Intent:
        read.append(_READ(*given))  # type: ignore[arg-type]
        return read[-1]

    with mock.patch.object(compiler, "read_intent", recorded):
        config = case.result.ir
    fired: set[Kind] = set()
    for intent in read:
        asked = {type(item) for each in intent.routes for item in each.asked.routes}
        fired |= {kind for kind in asked if issubclass(kind, RouteFeature)}
    for item in config.hosts if config else ():
        fired |= {type(feature) for feature in item.features}
        for each in (*item.routes, item.default):
            fired |= {type(feature) for feature in each.features}
    for upstream in config.upstreams if config else ():
        fired |= {type(feature) for feature in upstream.features}
    return fired


_READ = compiler.read_intent


def fires(kind: Kind) -> bool:
    """Tell whether a golden case in the column's folder shows a feature."""
    return kind in goldens_with(column_of(kind))
