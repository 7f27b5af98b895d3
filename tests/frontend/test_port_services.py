"""ConfigMaps of TCP and UDP services: whatever stands in them, nothing but ports comes of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ingc
from ingc.frontend.declarations.grammar import BadValue
from ingc.frontend.port_services import PORT_SERVICE
from tests.nginx.settings import config_map
from tests.objects import Object, endpoint_slice, ingress, rule, service
from tests.strategies import examples

OBJECTS = [
    ingress("web", rule("a.test")),
    service("db", 5432),
    endpoint_slice("db", "10.0.0.1", port=5432),
]
GOOD = "default/db:5432"
HOSTILE = [
    "default/db:5432; } http { server { listen 1; root /; } } #",
    "default/db:5432\n}",
    "default/db:5432 # x",
    "default/$host:80",
    "default/db:${port}",
    "unix:/run/docker.sock",
    "../../etc/passwd:80",
    "default/db:5432:PROXY; deny all",
    "default/169.254.169.254:80",
    "default/db:\u0663",
    "default/db:+5432",
    "default//db:80",
    "d" * 64 + "/db:80",
    "default/" + "d" * 64 + ":80",
]
PORTS = ["0", "-1", "+9000", "09000", "9000 ", "65536", "1e3", "\u0663", "\uff19", "9000;", "80"]
PORTS += ["443", "", "*:9000", "127.0.0.1:9000", "unix:/x", "9000 udp", "9" * 400]


def compiled(ports: dict[str, str], protocol: str = "tcp") -> ingc.Result:
    objects: list[Object] = [*OBJECTS, config_map("ports", ports)]
    named: dict[str, Any] = {f"{protocol}_services_configmap": "ingress-nginx/ports"}
    options = ingc.Options(**named)
    return ingc.compile(objects, options, on_error="isolate")


def listening(result: ingc.Result) -> list[str]:
    """Return the sockets of the stream block."""
    assert result.config is not None
    _, _, stream = result.config.partition("\nstream {\n")
    return re.findall(r"^ +listen (.*);$", stream, re.MULTILINE)


@pytest.mark.parametrize("text", PORT_SERVICE.examples)
def test_an_example_is_read_and_written(text: str) -> None:
    value = PORT_SERVICE.read(text)
    assert PORT_SERVICE.read(PORT_SERVICE.write(value)) == value


@pytest.mark.parametrize("text", [*PORT_SERVICE.wrong, *HOSTILE])
def test_what_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        PORT_SERVICE.read(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_value_loses_its_own_port(text: str) -> None:
    result = compiled({"9000": text, "9001": GOOD})
    assert [item.code for item in result.errors] == ["ING342"]
    assert listening(result) == ["9001"]


@pytest.mark.parametrize("port", PORTS)
def test_a_hostile_port_is_left_out(port: str) -> None:
    result = compiled({port: GOOD, "9001": GOOD})
    assert [item.code for item in result.errors] == ["ING341"]
    assert listening(result) == ["9001"]


def test_udp_ports_may_have_the_numbers_of_http() -> None:
    result = compiled({"443": GOOD}, "udp")
    assert not result.errors
    assert listening(result) == ["443 udp"]


@examples(100)
@given(st.dictionaries(st.text(max_size=8), st.text(max_size=40), max_size=4))
def test_nothing_else_comes_of_any_text(ports: dict[str, str]) -> None:
    result = compiled({**ports, "9001": GOOD})
    assert result.ok
    assert all(item.isdigit() for item in listening(result))


def test_an_error_in_the_settings_closes_the_ports() -> None:
    settings = config_map("settings", {"block-cidrs": "nonsense"})
    objects = [*OBJECTS, settings, config_map("ports", {"9001": GOOD})]
    options = ingc.Options(
        tcp_services_configmap="ingress-nginx/ports", configmap="ingress-nginx/settings"
    )
    result = ingc.compile(objects, options, on_error="isolate")
    assert result.config is not None
    stream = result.config.partition("\nstream {\n")[2]
    assert 'return "";' in stream
    assert "proxy_pass" not in stream
