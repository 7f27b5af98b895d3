"""The hosts of URLs that nginx asks for an annotation: Services, addresses, names."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from tests.objects import Object, config_map, path, rule
from tests.shop import ingress, service, slice_of

AUTH = service("auth", {"port": 80, "targetPort": 4180}, namespace="sso", clusterIP="10.96.0.7")
PODS: list[Object] = [AUTH, slice_of("auth", "10.1.0.1", "10.1.0.2", port=4180, namespace="sso")]
UNALLOCATED = service("auth", namespace="sso")
OUTSIDE = service("auth", namespace="sso", type="ExternalName", externalName="auth.example.com")
NAME = "auth.sso.svc.cluster.local"
IP = ["10.96.0.7:80"]
DNS = {"backends": "dns"}
RESOLVER = {"resolver": ("10.0.0.53",)}
PARTIAL = {"partial": True}
ACCEPTED = {"resolve_at_start": (f"{NAME}.", "Auth.Example.com")}


def asked(url: str, *objects: Object, by: str = "auth-url", **options: Any) -> list[str] | str:
    """Return the endpoints that are asked, or the code that says why the route is closed."""
    annotations = {f"nginx.ingress.kubernetes.io/{by}": url}
    web = ingress("web", rule("a.test", path("/", "web")), annotations=annotations)
    given = [web, service("web", clusterIP="10.96.0.1"), *objects]
    result = ingc.compile(given, ingc.Options(**options), on_error="isolate")
    assert result.ir is not None
    found = [item for item in result.ir.upstreams if not item.service.namespace]
    if not found:
        (code,) = [d.code for d in result.diagnostics if d.code.startswith("ING46")]
        return code
    (upstream,) = found
    assert "ING320" not in {d.code for d in result.diagnostics}  # the operator has accepted it
    return [f"{e.address}:{e.port}{' dns' * e.dns}" for e in upstream.endpoints]


@pytest.mark.parametrize("by", ["auth-url", "mirror-target"])
@pytest.mark.parametrize(
    ("url", "objects", "options", "found"),
    [
        (f"http://{NAME}/x", PODS, {}, ["10.1.0.1:4180", "10.1.0.2:4180"]),
        ("http://auth.sso.svc/x", PODS, {}, ["10.1.0.1:4180", "10.1.0.2:4180"]),
        (f"http://{NAME.upper()}./x", PODS, {}, ["10.1.0.1:4180", "10.1.0.2:4180"]),
        (f"http://{NAME}/x", PODS, {"backends": "cluster-ip"}, IP),
        (f"http://{NAME}/x", PODS, DNS, "ING469"),
        (f"http://{NAME}/x", PODS, DNS | RESOLVER, [f"{NAME}:80 dns"]),
        (f"http://{NAME}/x", PODS, DNS | ACCEPTED, [f"{NAME}:80 dns"]),
        (f"http://{NAME}/x", [AUTH], {}, IP),
        (f"http://{NAME}/x", [UNALLOCATED], {}, "ING469"),
        (f"http://{NAME}/x", [UNALLOCATED], PARTIAL, "ING469"),
        (f"http://{NAME}/x", [UNALLOCATED], ACCEPTED, [f"{NAME}:80 dns"]),
        (f"http://{NAME}:81/x", PODS, {}, "ING469"),
        (f"http://{NAME}/x", [AUTH], {"backends": "endpoints"}, "ING469"),
        (f"http://{NAME}/x", [OUTSIDE], {}, "ING469"),
        (f"http://{NAME}/x", [OUTSIDE], RESOLVER, ["auth.example.com:80 dns"]),
        (f"http://{NAME}/x", [OUTSIDE], ACCEPTED, ["auth.example.com:80 dns"]),
        (f"http://{NAME}/x", [OUTSIDE], {"disable_svc_external_name": True}, "ING469"),
        # The input comes from a cluster, so that what it does not hold does not exist.
        (f"http://{NAME}:4180/x", [], {}, "ING469"),
        (f"http://{NAME}:4180/x", [], RESOLVER, "ING469"),
        (f"http://{NAME}:4180/x", [], ACCEPTED, "ING469"),
        (f"http://{NAME}:4180/x", [], PARTIAL, "ING468"),
        (f"http://{NAME}:4180/x", [], PARTIAL | DNS, "ING468"),
        (f"http://{NAME}:4180/x", [], PARTIAL | ACCEPTED, [f"{NAME}:4180 dns"]),
        (f"http://{NAME}:4180/x", [], PARTIAL | RESOLVER, [f"{NAME}:4180 dns"]),
        ("http://auth.sso.svc:4180/x", [], PARTIAL | DNS, "ING468"),
        ("http://auth.sso.svc:4180/x", [], PARTIAL | RESOLVER, ["auth.sso.svc:4180 dns"]),
        ("http://auth.sso.svc.k8s.test/x", PODS, {}, "ING468"),
        ("http://auth.sso.svc.k8s.test/x", [AUTH], {"cluster_domain": "k8s.test"}, IP),
        (f"http://pod.{NAME}/x", PODS, DNS, "ING468"),
        ("http://auth.sso/x", PODS, {}, ["10.1.0.1:4180", "10.1.0.2:4180"]),
        ("http://auth.other/x", PODS, {}, "ING468"),
        ("http://auth.sso/x", [], RESOLVER, ["auth.sso:80 dns"]),
        ("http://auth.example.com/x", PODS, DNS, "ING468"),
        ("http://auth.example.com/x", PODS, RESOLVER, ["auth.example.com:80 dns"]),
        ("http://auth.example.com/x", PODS, ACCEPTED, ["auth.example.com:80 dns"]),
        ("http://10.9.9.9/x", [], {}, ["10.9.9.9:80"]),
        ("http://[fd00::9]/x", [], {}, ["fd00::9:80"]),
    ],
)
def test_what_is_asked(
    by: str, url: str, objects: list[Object], options: dict[str, Any], found: list[str] | str
) -> None:
    assert asked(url, *objects, by=by, **options) == found


@pytest.mark.parametrize("url", [f"http://{NAME}:81/", "http://no-such-name.invalid/"])
def test_a_route_without_its_auth_service_is_closed_and_one_without_its_copies_is_not(
    url: str,
) -> None:
    annotations = "nginx.ingress.kubernetes.io/"
    for by, status in (("auth-url", 503), ("mirror-target", None)):
        web = ingress(
            "web",
            rule("a.test", path("/", "web")),
            annotations={annotations + by: url},
        )
        result = ingc.compile([web, service("web", clusterIP="10.96.0.1"), *PODS])
        assert result.ok
        assert result.match("a.test", "/").status == status


def global_auth(url: str) -> list[str]:
    settings = config_map("settings", {"global-auth-url": url}, "ops")
    web = ingress("web", rule("a.test", path("/", "web")))
    given = [web, service("web", clusterIP="10.96.0.1"), settings]
    result = ingc.compile(given, ingc.Options(configmap="ops/settings"), on_error="isolate")
    return [d.code for d in result.diagnostics]


def test_the_operator_may_name_a_host_but_not_let_the_rules_do_it() -> None:
    assert global_auth("http://auth.example.com/") == ["ING320"]
    assert global_auth("http://$host/auth") == ["ING468"]
