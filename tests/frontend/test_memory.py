"""What one request may take of nginx's memory, as far as an Ingress can say."""

from __future__ import annotations

import pytest

import ingc
from tests.objects import Object, path, rule
from tests.shop import ingress, service

PREFIX = "nginx.ingress.kubernetes.io/"
GOOD = ingress("good/web", rule("good.test", path("/", "web")))


def codes(settings: dict[str, str] | None = None, **annotations: str) -> list[str]:
    """Compile in both ways; return the codes of what is an error."""
    named = {PREFIX + key.replace("_", "-"): text for key, text in annotations.items()}
    asked = ingress("shop/web", rule("a.test", path("/", "web")), annotations=named)
    services: list[Object] = [service("web", clusterIP="10.96.0.1")]
    services.append(service("web", namespace="good", clusterIP="10.96.0.2"))
    options = ingc.Options()
    if settings is not None:
        options = ingc.Options(configmap="ops/settings")
        metadata = {"name": "settings", "namespace": "ops"}
        data = {key.replace("_", "-"): text for key, text in settings.items()}
        services.append(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        )
    objects = [asked, GOOD, *services]
    found = [item.code for item in ingc.compile(objects, options).errors]
    isolated = ingc.compile(objects, options, on_error="isolate")
    assert isolated.match("good.test", "/").upstream == "good_web_80"
    assert isolated.match("a.test", "/").status == (503 if found else None)
    return found


@pytest.mark.parametrize(
    "annotations",
    [
        {"proxy_buffers_number": "4", "proxy_buffer_size": "4m"},
        {"proxy_buffers_number": "4096"},
        {"proxy_buffer_size": "4m"},
        {"client_body_buffer_size": "16m"},
        {"proxy_max_temp_file_size": "4000m"},
        {"proxy_max_temp_file_size": "0"},
    ],
    ids=str,
)
def test_as_much_as_it_may(annotations: dict[str, str]) -> None:
    assert codes(**annotations) == []


@pytest.mark.parametrize("protocol", ["HTTP", "GRPC", "FCGI"])
@pytest.mark.parametrize(
    "annotations",
    [
        {"proxy_buffers_number": "5", "proxy_buffer_size": "4m"},
        {"proxy_buffers_number": "4097"},
        {"proxy_buffers_number": "2147483647", "proxy_buffer_size": "8k"},
        {"proxy_buffer_size": "5m"},
        {"proxy_buffer_size": "1024m", "proxy_buffering": "off"},
        {"client_body_buffer_size": "17m"},
        {"client_body_buffer_size": "1024m"},
    ],
    ids=str,
)
def test_more_than_it_may(annotations: dict[str, str], protocol: str) -> None:
    more = {"ssl_redirect": "false", "backend_protocol": protocol}
    assert codes(**annotations, **more) == ["ING429"]


def test_a_file_on_the_disk_is_bounded_too() -> None:
    asked = ingress(
        "shop/web",
        rule("a.test", path("/", "web")),
        annotations={PREFIX + "proxy-max-temp-file-size": "4001m"},
    )
    result = ingc.compile([asked, service("web", clusterIP="10.96.0.1")])
    assert "ING404" in [item.code for item in result.diagnostics]
    assert "4001m" not in (result.config or "")


def test_the_configmap_may_give_more() -> None:
    settings = {"proxy_buffers_number": "64", "proxy_buffer_size": "1m"}
    assert codes(settings, proxy_buffers_number="32") == []
    assert codes(settings, proxy_buffer_size="512k") == []
    assert codes(settings, proxy_buffers_number="65") == ["ING429"]
    assert codes({"client_body_buffer_size": "100m"}, client_body_buffer_size="50m") == []
    assert codes({"client_body_buffer_size": "100m"}, client_body_buffer_size="101m") == ["ING429"]


def test_the_configmap_may_not_give_what_nobody_means() -> None:
    settings = {"proxy_buffers_number": "65000", "proxy_buffer_size": "64m"}
    assert codes(settings) == []
    assert codes(settings, proxy_buffers_number="17") == ["ING429"]
