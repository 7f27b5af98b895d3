"""Names as long as authors may choose them: nginx starts on them."""

from __future__ import annotations

import pytest

import ingc
from ingc.nginx import Nginx
from ingc.serve.config_test import rehearse
from tests.nginx.harness import version_of
from tests.objects import (
    annotated,
    config_map,
    endpoint_slice,
    ingress,
    prefix,
    rule,
    service,
)

LONGEST = "X-" + "a" * 44
MANY = [f"X-{number}-" + "a" * 40 for number in range(60)]


@pytest.mark.parametrize("protocol", ["HTTP", "GRPC", "FCGI"])
@pytest.mark.parametrize("names", [[LONGEST], MANY])
@pytest.mark.parametrize(
    "more",
    [{}, {"auth_url": "http://10.0.0.9/", "auth_response_headers": LONGEST}],
    ids=["alone", "with auth"],
)
def test_headers_of_answers(
    nginx: Nginx, names: list[str], protocol: str, more: dict[str, str]
) -> None:
    asked = {"custom_headers": "headers", "custom_http_errors": "404", "default_backend": "web"}
    objects = [
        service("web", 80),
        endpoint_slice("web", "10.0.0.1", port=80),
        config_map("headers", dict.fromkeys(names, "v")),
        config_map("settings", {"global-allowed-response-headers": ",".join(names)}),
        ingress(
            "web",
            rule("a.test", prefix("/", "web")),
            annotations=annotated(backend_protocol=protocol, **asked, **more),
        ),
    ]
    options = ingc.Options(nginx_version=version_of(nginx), configmap="default/settings")
    result = ingc.compile(objects, options)
    assert result.config is not None, result.errors
    assert result.ir is not None
    test = rehearse(nginx, result.ir)
    assert test.ok, test.messages
    assert not test.messages


@pytest.mark.parametrize("protocol", ["HTTP", "GRPC", "FCGI"])
@pytest.mark.parametrize(
    "asked",
    [
        {"custom_headers": "headers"},
        {"auth_url": "http://10.0.0.9/", "auth_response_headers": LONGEST + "a"},
        {"fastcgi_params_configmap": "params"},
    ],
    ids=["answers", "auth", "params"],
)
def test_what_is_longer_reaches_no_configuration(protocol: str, asked: dict[str, str]) -> None:
    long = LONGEST + "a"
    objects = [
        service("web", 80),
        endpoint_slice("web", "10.0.0.1", port=80),
        config_map("headers", {long: "v"}),
        config_map("params", {"HTTP_" + long: "v"}),
        config_map("settings", {"global-allowed-response-headers": long}),
        ingress(
            "web",
            rule("a.test", prefix("/", "web")),
            annotations=annotated(backend_protocol=protocol, **asked),
        ),
    ]
    result = ingc.compile(objects, ingc.Options(configmap="default/settings"), on_error="isolate")
    assert long not in (result.config or "")
