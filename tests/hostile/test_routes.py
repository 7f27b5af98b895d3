"""Every annotation of Routes with every hostile text: its server keeps the benign shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ingc
from ingc.diagnostics import Severity
from ingc.frontend.annotations.declare import Annotation
from ingc.frontend.openshift.annotations import LIMITED, ROUTE_DECLARATIONS
from tests.frontend.hostile import PAYLOADS
from tests.hostile.corpus import NGINX
from tests.hostile.outcome import compiled
from tests.hostile.tree import around, servers_of, unasked
from tests.objects import Object, endpoint_slice, ingress, path, rule, service
from tests.resolve.pairs import NOW
from tests.routes_of import edge, route

OPTIONS = ingc.Options(now=NOW, nginx_version=NGINX, default_ssl_certificate="/c,/k")
SUPPORTED = [item for item in ROUTE_DECLARATIONS.values() if isinstance(item, Annotation)]
SILENCED = {"server/location/return"}
VICTIM = "victim.test"
HEADER = "X-From"


def site(name: str, annotations: dict[str, str], **spec: Any) -> Object:
    """Return a Route on a host of its own, below which an older Route owns the root."""
    return route(name, f"{name}.test", annotations=annotations, tls=edge("Allow"), **spec)


def surroundings() -> list[Object]:
    """Return Services, and a host of another namespace."""
    owner = rule(VICTIM, path("/", "web"))
    return [
        service("web", 80),
        endpoint_slice("web", "10.1.0.1", "10.1.0.2", port=80),
        ingress("web", owner, namespace="victim", created="2020-01-01T00:00:00Z"),
        service("web", 80, namespace="victim"),
    ]


def texts(declared: Annotation[Any]) -> Iterator[str]:
    example = declared.grammar.examples[0]
    for payload in PAYLOADS:
        yield payload
        yield example + payload


@pytest.mark.parametrize("declared", SUPPORTED, ids=lambda item: item.name)
def test_a_hostile_value_keeps_the_shape(declared: Annotation[Any]) -> None:
    beside = {LIMITED.name: "true"} if declared.needs else {}
    tried = [
        site(f"h{number}", {**beside, declared.name: text})
        for number, text in enumerate(texts(declared))
    ]
    benign = [
        site(f"g{number}", {**beside, declared.name: text})
        for number, text in enumerate((*declared.grammar.examples, "true", "5", "x"))
    ]
    fine = [*surroundings(), *benign, site("bare", {}), site("beside", beside)]
    many = [site(f"m{number}", {}) for number in range(len(tried))]
    before = compiled([*fine, *many], OPTIONS, isolate=True)
    after = compiled([*fine, *tried], OPTIONS, isolate=True)
    assert before.config is not None
    assert after.config is not None
    asked = list(servers_of(before.config).values())
    escaped = {
        name: more
        for name, tree in servers_of(after.config).items()
        if (more := [way for way in unasked(tree, asked) if way not in SILENCED])
    }
    assert not escaped
    assert not set(around(after.config)) - set(around(before.config))
    refused = {
        item.origin.object.name
        for item in after.diagnostics
        if item.origin.object and item.severity is not Severity.NOTE
    }
    assert refused, "every one of these texts was taken"


def actions(name: str, value: str) -> Object:
    setting = {"name": name, "action": {"type": "Set", "set": {"value": value}}}
    return {"actions": {"request": [setting], "response": [setting]}}


def test_a_hostile_header_keeps_the_shape() -> None:
    tried = [
        site(f"{kind}{number}", {}, httpHeaders=actions(*pair))
        for number, payload in enumerate(PAYLOADS)
        for kind, pair in (("n", (payload, "x")), ("v", (HEADER, payload)))
    ]
    benign = [site("g", {}, httpHeaders=actions(HEADER, "x")), site("bare", {})]
    many = [site(f"m{number}", {}) for number in range(len(tried))]
    before = compiled([*surroundings(), *benign, *many], OPTIONS, isolate=True)
    after = compiled([*surroundings(), *benign, *tried], OPTIONS, isolate=True)
    assert before.config is not None
    assert after.config is not None
    asked = list(servers_of(before.config).values())
    for name, tree in servers_of(after.config).items():
        assert not [way for way in unasked(tree, asked) if way not in SILENCED], name


def test_a_route_does_not_leave_its_namespace() -> None:
    """What a younger namespace's Route requests for a whole host has no effect on it."""
    tls = edge("Redirect", externalCertificate={"name": "own"})
    asked = {"haproxy.router.openshift.io/hsts_header": "max-age=1"}
    intruder = route("evil", VICTIM, namespace="evil", path="/evil", tls=tls, annotations=asked)
    passing = route("raw", VICTIM, namespace="evil", tls={"termination": "passthrough"})
    options = ingc.Options(now=NOW, nginx_version=NGINX, tls_files="/tls/{namespace}/{secret}")
    quiet = compiled(surroundings(), options, isolate=True)
    for more in ([intruder], [passing], [intruder, passing]):
        loud = compiled(
            [*surroundings(), *more, service("web", 80, namespace="evil")], options, isolate=True
        )
        assert loud.config is not None
        assert "/tls/" not in loud.config, "no certificate of another namespace"
        assert "max-age=1" not in loud.config, "no HSTS for the host of another namespace"
        assert "stream {" not in loud.config, "no TLS of another namespace is passed on"
        for target in ("/", "/x", "/evilx"):
            before, after = quiet.match(VICTIM, target), loud.match(VICTIM, target)
            assert (before.status, before.upstream) == (after.status, after.upstream)
            assert after.route is not None
            assert after.route.origin.namespace == "victim"
        assert "ING241" in {item.code for item in loud.diagnostics}


def test_a_secret_of_another_namespace_is_not_read() -> None:
    """`externalCertificate` names a Secret of the Route's namespace, whatever it says."""
    for name in ("victim/own", "../victim/own", "own"):
        tls = edge(externalCertificate={"name": name})
        stolen = route("evil", "evil.test", namespace="evil", tls=tls)
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "own", "namespace": "victim"},
            "stringData": {"tls.crt": "a", "tls.key": "b"},
        }
        options = ingc.Options(now=NOW, nginx_version=NGINX, secret_files=True)
        objects = [stolen, secret, service("web", 80, namespace="evil")]
        result = compiled(objects, options, isolate=True)
        assert not result.files
        assert result.config is not None
        assert "ssl_certificate " not in result.config
