"""Whatever names authors write: nginx starts, and serves the others."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import ingc
from ingc.compiler import print_config
from ingc.ir import AtStart
from ingc.nginx import Nginx
from ingc.options import OnError
from ingc.resolve.names import AllowedNames
from ingc.serve.config_test import Rehearsal, rehearse
from tests.nginx.harness import version_of
from tests.nginx.settings import NAME, config_map
from tests.nginx.streams import stream_module
from tests.objects import Object, annotated, backend, path, rule
from tests.shop import ingress, service

NOBODY = "no-such-name.invalid"
GOOD: list[Object] = [
    ingress("good/good", rule("good.test", path("/", "web"))),
    service("web", clusterIP="10.96.0.1", namespace="good"),
]
OUTSIDE = service("out", namespace="evil", external_name=NOBODY)
WEB = service("web", clusterIP="10.96.0.2", namespace="evil")
TCP = config_map("tcp", {"9000": "evil/out:80", "9001": "evil/no-such-service:80"}, "ops")


def evil(target: str | Object = "web", default: str = "", **annotations: str) -> Object:
    given = annotated(**annotations)
    asked = rule("evil.test", path("/a", target))
    return ingress("evil/e", asked, default=default, annotations=given)


PASSED = ingress(
    "evil/e", rule("evil.test", path("/", "out")), annotations=annotated(ssl_passthrough="true")
)
ATTACKS: dict[str, tuple[list[Object], dict[str, Any]]] = {
    "an ExternalName that nobody knows": ([evil("out"), OUTSIDE], {}),
    "a Service that is not there": ([evil("no-such-service")], {}),
    "a default backend": ([evil(default="out"), OUTSIDE, WEB], {}),
    "a headless Service": (
        [evil("pods"), service("pods", clusterIP="None", namespace="evil")],
        {},
    ),
    "by --backends dns": ([evil(), WEB], {"backends": "dns"}),
    "auth-url": ([evil(auth_url=f"http://{NOBODY}/"), WEB], {}),
    "auth-url of a Service that is not there": (
        [evil(auth_url="http://gone.evil.svc.cluster.local/"), WEB],
        {},
    ),
    "auth-url of a Service that is a name": (
        [evil(auth_url="http://out.evil.svc.cluster.local/"), OUTSIDE, WEB],
        {},
    ),
    "mirror-target": ([evil(mirror_target=f"https://{NOBODY}/"), WEB], {}),
    "default-backend": (
        [evil(default_backend="out", custom_http_errors="404"), OUTSIDE, WEB],
        {},
    ),
    "a stand-in": (
        [evil("gone", default_backend="out", custom_http_errors="404"), OUTSIDE],
        {},
    ),
    "a canary": (
        [
            evil(),
            WEB,
            OUTSIDE,
            ingress(
                "evil/next",
                rule("evil.test", path("/a", "out")),
                annotations=annotated(canary="true", canary_weight="50"),
            ),
        ],
        {},
    ),
    "affinity": ([evil("out", affinity="cookie"), OUTSIDE], {}),
    "other protocols": ([evil("out", backend_protocol="GRPC"), OUTSIDE], {}),
    "ports beside http": ([TCP, OUTSIDE], {"tcp_services_configmap": "ops/tcp"}),
    "TLS that is passed on": (
        [PASSED, OUTSIDE],
        {"enable_ssl_passthrough": True},
    ),
}
NEEDS_STREAM = ("ports beside http", "TLS that is passed on")


def options_for(nginx: Nginx, name: str, asked: dict[str, Any]) -> ingc.Options:
    module = stream_module(nginx) if name in NEEDS_STREAM else None
    return ingc.Options(nginx_version=version_of(nginx), stream_module=module, **asked)


def tried(nginx: Nginx, result: ingc.Result) -> Rehearsal:
    assert result.ir is not None
    return rehearse(nginx, result.ir)


@pytest.mark.parametrize("on_error", ["fail", "isolate"])
@pytest.mark.parametrize("name", ATTACKS)
def test_no_author_names_what_is_resolved_at_the_start(
    nginx: Nginx, name: str, on_error: OnError
) -> None:
    objects, asked = ATTACKS[name]
    options = options_for(nginx, name, asked)
    # Not those of the others: by --backends dns they would be names as well.
    result = ingc.compile([*GOOD, *objects], options, on_error=on_error)
    assert result.ok, result.errors
    assert NOBODY not in (result.config or "")
    assert any("evil" in (d.object or "") + d.message for d in result.diagnostics)
    said = tried(nginx, result)
    assert said.ok, said.messages
    assert not [item for item in said.replaced if item.kind == "name"]
    if asked.get("backends") != "dns":
        assert result.match("good.test", "/").upstream == "good_web_80"


@pytest.mark.parametrize("name", ATTACKS)
def test_with_a_resolver_a_name_is_looked_up_at_run_time(nginx: Nginx, name: str) -> None:
    objects, asked = ATTACKS[name]
    options = options_for(nginx, name, {**asked, "resolver": ("127.0.0.1",)})
    result = ingc.compile([*GOOD, *objects], options)
    assert result.ok, result.errors
    said = tried(nginx, result)
    assert said.ok, said.messages
    assert not [item for item in said.replaced if item.kind == "name"]


@pytest.mark.parametrize("name", ATTACKS)
def test_a_name_is_accepted_by_the_operator_alone(nginx: Nginx, name: str) -> None:
    objects, asked = ATTACKS[name]
    options = options_for(nginx, name, {**asked, "resolve_at_start": ("*",)})
    result = ingc.compile([*GOOD, *objects], options)
    assert result.ok, result.errors
    assert tried(nginx, result).ok
    if NOBODY in (result.config or ""):
        assert result.ir is not None
        as_it_is = rehearse(nginx, result.ir, as_is=True)
        assert not as_it_is.ok
        assert any(NOBODY in line for line in as_it_is.messages)


def test_names_of_manifests_are_replaced_for_a_trial_and_listed(nginx: Nginx) -> None:
    objects = [ingress("web", rule("a.test", path("/", "web")))]
    result = ingc.compile(objects, options_for(nginx, "", {}))
    said = tried(nginx, result)
    assert said.ok, said.messages
    names = [item.what for item in said.replaced if item.kind == "name"]
    assert names == ["web.shop.svc.cluster.local"]


def test_names_of_the_operators_servers_are_replaced_for_a_trial_and_listed(nginx: Nginx) -> None:
    given = config_map("settings", {"enable-syslog": "true", "syslog-host": "logs.invalid"})
    asked: dict[str, Any] = {"configmap": NAME, "resolver": ("dns.invalid", "127.0.0.1")}
    result = ingc.compile([*GOOD, given], options_for(nginx, "", asked))
    said = tried(nginx, result)
    assert said.ok, said.messages
    names = [item.what for item in said.replaced if item.kind == "name"]
    assert names == ["dns.invalid", "logs.invalid"]


def test_a_name_that_is_forbidden_is_not_replaced_and_fails(
    nginx: Nginx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the rule were forgotten where references are resolved: the proof refuses the text."""
    monkeypatch.setattr(AllowedNames, "allowed", lambda *_args, **_kwargs: True)
    options = options_for(nginx, "", {})
    result = ingc.compile([*GOOD, evil("out"), OUTSIDE], options)
    assert [d.code for d in result.errors] == ["ING901"]
    assert result.config is None
    said = tried(nginx, result)
    assert not said.ok
    assert any(NOBODY in line for line in said.messages)
    assert not [item for item in said.replaced if item.kind == "name"]
    isolated = ingc.compile([*GOOD, evil("out"), OUTSIDE], options, on_error="isolate")
    assert [d.code for d in isolated.errors] == ["ING902"]
    assert isolated.match("evil.test", "/a").status == 503
    assert isolated.match("good.test", "/").upstream == "good_web_80"


@pytest.mark.parametrize(
    "objects",
    [
        [evil(default="gone")],
        [
            evil(default_backend="errors", custom_http_errors="404"),
            service("errors", namespace="evil"),
        ],
        [
            evil(backend("web", 81), default_backend="errors", custom_http_errors="404"),
            service("web", namespace="evil"),
            service("errors", namespace="evil"),
        ],
        [evil(auth_url="http://gone.evil.svc.cluster.local/")],
        [evil(mirror_target="http://gone.evil.svc.cluster.local/")],
    ],
)
def test_the_proof_lets_rules_alone_have_names(objects: list[Object]) -> None:
    accepted = ingc.compile(objects, ingc.Options(resolve_at_start=("*",)))
    assert accepted.ir is not None
    at_start = AtStart(services_below="cluster.local")
    settings = dataclasses.replace(accepted.ir.settings, at_start=at_start)
    unproved = print_config(dataclasses.replace(accepted.ir, settings=settings))[2]
    assert unproved is not None
    assert "host not found" in unproved.why
    assert "web.evil" not in unproved.why
